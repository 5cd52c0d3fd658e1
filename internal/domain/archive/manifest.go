package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// The entries of a package that the manifest does not list.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig" // SM2 over the bytes of manifest.json, DER (r, s), user id 1234567812345678
	signerName    = "signer.pem"   // the agency's certificate and those between it and the root
)

const format = "tongban-archive-1"

// standard names what the metadata follow. The text of the standard was not at hand: the elements are those that are generally known.
const standard = "DA/T 85-2019"

// Manifest is manifest.json: the metadata of the package and what is in it. Its one form is what encode gives.
type Manifest struct {
	Format         string    `json:"format"`
	Standard       string    `json:"standard"`
	ArchiveNo      string    `json:"archive_no"`     // 档号
	Fonds          Fonds     `json:"fonds"`          // 全宗
	Title          string    `json:"title"`          // 题名
	Responsible    string    `json:"responsible"`    // 责任者
	Date           string    `json:"date"`           // 文件日期: the day the case ended, YYYY-MM-DD
	Year           int       `json:"year"`           // 年度
	Retention      Retention `json:"retention"`      // 保管期限
	Classification string    `json:"classification"` // 密级
	Case           CaseFacts `json:"case"`
	Made           time.Time `json:"made"` // 归档时间
	Software       string    `json:"software"`
	Test           bool      `json:"test,omitempty"` // signed with test keys
	Signer         Signer    `json:"signer"`
	Chain          Chain     `json:"chain"`
	Entries        []Entry   `json:"entries"`
}

// Fonds is whose archive it is: the agency by its unified social credit code, until an archive office gives a 全宗号.
type Fonds struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// CaseFacts are the facts of the case that a catalogue names.
type CaseFacts struct {
	ID          string `json:"id"`
	No          string `json:"case_no"`
	Item        string `json:"item"`
	ItemCode    string `json:"item_code,omitempty"`
	ItemName    string `json:"item_name"`
	ItemVersion int    `json:"item_version"`
	ItemType    string `json:"item_type,omitempty"`
	Agency      string `json:"agency"`
	Region      string `json:"region"`
	State       string `json:"state"`
	Result      string `json:"result"`
	Rounds      int    `json:"rounds"`
	Submitted   string `json:"submitted,omitempty"`
	Accepted    string `json:"accepted,omitempty"`
	Decided     string `json:"decided,omitempty"`
	Ended       string `json:"ended"`
}

// Signer names who signed; Certificates is the hex SM3 of signer.pem.
type Signer struct {
	Name         string `json:"name"`
	Algorithm    string `json:"algorithm"`
	Certificates string `json:"certificates_sm3"`
}

// Chain is the chain of the case's events (chain.go).
type Chain struct {
	Algorithm string `json:"algorithm"`
	Count     int    `json:"count"`
	Head      string `json:"head"`
}

// The kinds of an entry.
const (
	KindForm       = "form"
	KindMaterial   = "material"
	KindPaper      = "paper"
	KindOpinion    = "opinion"
	KindInspection = "inspection"
	KindDecision   = "decision"
	KindLicence    = "licence"
	KindSignature  = "signature"
	KindRecord     = "record" // head, corrections, tasks, visits
	KindLog        = "log"
)

// Entry is one file of the package. Path is of plain ASCII; File is the name it was uploaded under.
type Entry struct {
	Path   string `json:"path"`
	Title  string `json:"title"`
	File   string `json:"file,omitempty"`
	Kind   string `json:"kind"`
	Origin string `json:"origin"` // who made it: applicant, agency, register, platform
	MIME   string `json:"mime"`
	Size   int64  `json:"size"`
	SM3    string `json:"sm3"`
	Round  int    `json:"round,omitempty"`
	Ref    string `json:"ref,omitempty"` // id in the system it comes from
	Taken  bool   `json:"taken_out,omitempty"`
}

// The origins of an entry.
const (
	OriginApplicant = "applicant"
	OriginAgency    = "agency"
	OriginRegister  = "register"
	OriginPlatform  = "platform"
)

// encode gives the one form of a manifest.
func (m Manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

var errManifest = errors.New("the manifest is not in its form")

// decode reads a manifest and proves that it is in its one form.
func decode(b []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, errManifest
	}
	again, err := m.encode()
	if err != nil || !bytes.Equal(again, b) || m.Format != format {
		return m, errManifest
	}
	return m, nil
}
