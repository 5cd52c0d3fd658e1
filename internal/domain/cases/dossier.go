package cases

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

// Dossier is everything that was handed in, done and said about a case, unmasked, as its archive package needs it.
type Dossier struct {
	Case        Case               `json:"case"`
	Item        catalog.Item       `json:"-"` // of the version it was filed on
	Form        form.Definition    `json:"-"`
	Applicant   DossierApplicant   `json:"applicant"`
	Behalf      *Behalf            `json:"behalf,omitempty"`
	HandOut     *DossierHandOut    `json:"hand_out,omitempty"`
	Rounds      []DossierRound     `json:"rounds"` // what was sent, oldest first
	Files       []DossierFile      `json:"-"`      // removed ones too
	Corrections []CorrectionNotice `json:"corrections,omitempty"`
	Opinions    []Opinion          `json:"opinions,omitempty"`
	Inspections []Inspection       `json:"inspections,omitempty"`
	Decision    *Decision          `json:"decision,omitempty"`
	Refusal     *Refusal           `json:"refusal,omitempty"`
	Suspensions []Suspension       `json:"suspensions,omitempty"`
	Extension   *Extension         `json:"extension,omitempty"`
	Ending      *Ending            `json:"ending,omitempty"`
	Signatures  []Signature        `json:"signatures,omitempty"`
	Tasks       []Task             `json:"tasks,omitempty"`
	Visits      []Visit            `json:"visits,omitempty"`
	Events      []Event            `json:"events"`
	History     []HistoryEntry     `json:"history"`
	Spots       []Spot             `json:"corrections_on_the_spot,omitempty"` // with the answers as they were and as they are
	Prechecks   []Precheck         `json:"pre_reviews,omitempty"`
}

// DossierApplicant is who applied.
type DossierApplicant struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Number     string `json:"number"`
	NumberKind string `json:"number_kind,omitempty"`
	Actor      string `json:"actor,omitempty"` // name of the acting person
	Phone      string `json:"phone,omitempty"`
}

// DossierRound is what was sent in one round. Files are ids.
type DossierRound struct {
	Round    int               `json:"round"`
	At       time.Time         `json:"at"`
	By       string            `json:"by"`
	Scenario map[string]string `json:"scenario,omitempty"`
	Form     form.Answers      `json:"form"`
	Contact  Contact           `json:"contact"`
	Files    []string          `json:"files"`
}

// DossierFile is a file with where its bytes are kept. BlobID is empty for a licence or register document; Digest (hex SM3) for an upload from
// before digests were kept.
type DossierFile struct {
	File
	Label  string // name of the material
	BlobID string
	Digest string
}

// DossierHandOut is who fetched the result for the applicant.
type DossierHandOut struct {
	Behalf
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Dossier gives a whole case, unmasked. It asks nobody's right: only package app passes it on, to the archive. The reading is on record before
// anything is given. errs.NotFound for a draft and for a case that does not exist.
func (s *Service) Dossier(ctx context.Context, id string) (Dossier, error) {
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return Dossier{}, err
	}
	if w.c.State == Draft {
		return Dossier{}, notFound()
	}
	reader := authz.From(ctx)
	if !reader.Signed() {
		reader = authz.System
	}
	if err := s.Audit.Read(ctx, s.readEntry(reader, w.c.Case, "archive.dossier")); err != nil {
		return Dossier{}, err
	}
	d := Dossier{Case: w.c.Case, Item: w.item, Form: w.form, Events: w.events, Behalf: w.c.behalf, Applicant: DossierApplicant{
		Kind: w.c.ApplicantKind, Name: w.c.summary.Name, Number: w.c.summary.Number, NumberKind: w.c.summary.NumberKind, Actor: w.c.summary.Actor, Phone: w.c.summary.Phone,
	}}
	d.Case.Applicant = w.c.summary.Name
	if err := w.dossierFiles(ctx, &d); err != nil {
		return Dossier{}, err
	}
	return d, w.dossierRecords(ctx, &d)
}

func (w *work) dossierFiles(ctx context.Context, d *Dossier) error {
	snaps, err := w.s.snapshots(ctx, w.c.ID)
	if err != nil {
		return err
	}
	for _, p := range snaps {
		d.Rounds = append(d.Rounds, DossierRound{
			Round: p.Round, At: p.At, By: p.By, Scenario: p.Content.Scenario, Form: p.Content.Form, Contact: p.Content.Contact, Files: p.Files,
		})
	}
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	for _, f := range files {
		m, _ := w.item.Material(f.Material)
		d.Files = append(d.Files, DossierFile{File: f, Label: m.Name, BlobID: f.blobID, Digest: f.digest})
	}
	return err
}

// dossierRecords adds what officers said and what the program wrote down.
func (w *work) dossierRecords(ctx context.Context, d *Dossier) (err error) {
	s, id := w.s, w.c.ID
	if d.Corrections, err = s.corrections(ctx, id); err != nil {
		return err
	}
	x, err := s.sayings(ctx, id)
	if err != nil {
		return err
	}
	d.Spots, d.Prechecks = x.spots, x.prechecks
	d.Opinions, d.Decision, d.Refusal, d.Suspensions, d.Extension, d.Ending = x.opinions, x.decision, x.refusal, x.suspensions, x.extension, x.ending
	if d.Inspections, err = s.inspections(ctx, id); err != nil {
		return err
	}
	if d.Signatures, err = s.signatures(ctx, id); err != nil {
		return err
	}
	h, err := s.handOut(ctx, id)
	if err != nil {
		return err
	}
	if h != nil {
		d.HandOut = &DossierHandOut{Behalf: h.Behalf, By: h.By, At: h.At}
	}
	if d.Tasks, err = allTasks(ctx, s.DB.R(), id); err != nil {
		return err
	}
	if d.Visits, err = visits(ctx, s.DB.R(), id); err != nil {
		return err
	}
	d.History, err = findHistory(ctx, s.DB.R(), id)
	return err
}
