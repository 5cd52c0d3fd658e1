package licence

import (
	"slices"
	"time"

	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/seal"
)

// State is what a licence is worth.
type State string

// The states. They differ in law (行政许可法 8, 69, 70) and are never mixed up: withdrawn because law or facts changed, revoked because it
// should never have been granted, cancelled as its formal end, forfeited as a penalty.
const (
	Valid     State = seal.StateValid
	Suspended State = "suspended" // 暂扣
	Withdrawn State = "withdrawn" // 撤回
	Revoked   State = "revoked"   // 撤销
	Cancelled State = "cancelled" // 注销
	Forfeited State = "forfeited" // 吊销
	Expired   State = "expired"   // 有效期届满
	// Superseded is a licence in whose place another was issued: changed, renewed or corrected.
	Superseded State = "superseded" // 已换发
)

// next are the states an act may move a licence to; the last ones are final. Superseded is reached by ReplaceTx alone.
var next = map[State][]State{
	Valid:     {Suspended, Withdrawn, Revoked, Cancelled, Forfeited},
	Suspended: {Valid, Withdrawn, Revoked, Cancelled, Forfeited},
	Expired:   {Cancelled, Revoked, Forfeited},
	Withdrawn: {Cancelled}, Revoked: {Cancelled}, Forfeited: {Cancelled}, // 行政许可法 70: what was taken back is then struck off
}

// CanBecome reports whether an act may move a licence from one state to another.
func (s State) CanBecome(to State) bool { return slices.Contains(next[s], to) }

// FileState is where the file of a licence stands.
type FileState string

// The states of the file.
const (
	Making FileState = "making"
	Ready  FileState = "ready"
	Failed FileState = "failed"
)

// Licence is one issued licence, opened.
type Licence struct {
	ID           string
	Identifier   string // 证照标识 with its check character
	Number       string
	Type         string // key
	TypeVersion  int
	TypeName     string
	HolderKind   string // person or firm
	HolderName   string
	HolderNumber string
	Subject      string // blind index of the holder's number
	PersonID     string
	FirmID       string
	AgencyKey    string
	AgencyName   string
	CaseID       string
	ItemKey      string
	State        State // as stored: see On
	Reason       string
	StateAt      time.Time
	ValidFrom    string // YYYY-MM-DD
	ValidUntil   string // last day; empty: no end
	Trust        string
	Test         bool
	File         FileState
	Failure      string // text key, when the file failed
	BlobID       string
	Digest       string // hex SM3 of the signed file
	Issued       time.Time
	Fields       map[string]string // by field key of the type, as printed
	Edition      int               // of its number: 1 as issued first, one more each time another takes its place
	Previous     string            // id of the licence it took the place of
	seal         sealing
}

// On gives the state on a day (YYYY-MM-DD in China): a valid licence whose last day is over has expired.
func (l Licence) On(day string) State {
	if l.State == Valid && l.ValidUntil != "" && l.ValidUntil < day {
		return Expired
	}
	return l.State
}

// MaskedHolder is the holder's name as strangers see it.
func (l Licence) MaskedHolder() string { return cnid.MaskName(l.HolderName) }

// FileName is the name the licence is downloaded under; it holds no personal data.
func (l Licence) FileName() string { return l.TypeName + ".pdf" }

// Issue says which licence to issue. Values are the answers as they are printed (choices by their label), keyed by the type's field or by its
// source (Type.Sources); Codes are the same answers as they are stored, for number patterns that name a field: the digit, not its label.
type Issue struct {
	TypeKey    string
	Agency     org.Agency
	CaseID     string
	ItemKey    string
	HolderKind string // person or firm; must be the type's

	HolderName   string
	HolderNumber string
	PersonID     string
	FirmID       string
	Values       map[string]string
	Codes        map[string]string
	Test         bool
	By           string // authz Actor.Name(); empty: system
}

// Use is one line of a licence's history, as its holder sees it.
type Use struct {
	LicenceID string
	How       string // one of the constants below
	Detail    string // state, result, or case id
	By        string
	At        time.Time
}

// What may stand in a history.
const (
	UseIssued = "issued"
	UseState  = "state"
	UseFile   = "verified_file"
	UseNumber = "verified_number"
	UseCase   = "used"
)

// PublicView is what anyone may know of a licence by its identifier.
type PublicView struct {
	Identifier, TypeName, AgencyName string
	Number                           string // masked
	Holder                           string // masked
	State                            State  // on the day asked
	StateAt                          time.Time
	ValidFrom, ValidUntil            string
	Test                             bool
	Next                             string // identifier of the licence that took its place
	Previous                         string // identifier of the one whose place it took
}

func (l Licence) public(day string) PublicView {
	v := PublicView{
		Identifier: l.Identifier, TypeName: l.TypeName, AgencyName: l.AgencyName, Number: cnid.MaskID(l.Number), Holder: l.MaskedHolder(),
		State: l.On(day), ValidFrom: l.ValidFrom, ValidUntil: l.ValidUntil, Test: l.Test,
	}
	if v.State != Valid && v.State != Expired {
		v.StateAt = l.StateAt
	}
	return v
}

// sealing is what stands on the agency's seal.
type sealing struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose"`
}

// content is what a licence keeps sealed.
type content struct {
	HolderName   string            `json:"holder_name"`
	HolderNumber string            `json:"holder_number"`
	Agency       string            `json:"agency"`
	Seal         sealing           `json:"seal"`
	Fields       map[string]string `json:"fields"`
}
