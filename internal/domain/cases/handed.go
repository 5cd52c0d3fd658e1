package cases

import (
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/job"
	"tongban/internal/engine/form"
)

// Handed is one submission as the system that handles the case gets it.
type Handed struct {
	CaseID    string            `json:"case_id"`
	CaseNo    string            `json:"case_no"`
	Item      string            `json:"item"`
	ItemName  string            `json:"item_name"`
	ItemCode  string            `json:"item_code,omitempty"`
	Agency    string            `json:"agency"`
	Region    string            `json:"region"`
	Round     int               `json:"round"`
	Submitted time.Time         `json:"submitted"` // this round
	AnswerBy  time.Time         `json:"answer_by,omitzero"`
	Applicant HandedApplicant   `json:"applicant"`
	Scenario  map[string]string `json:"scenario,omitempty"`
	Form      form.Answers      `json:"form"`
	Files     []HandedFile      `json:"files,omitempty"`
}

// HandedApplicant is who applies.
type HandedApplicant struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"`
	Number     string  `json:"number"`
	NumberKind string  `json:"number_kind,omitempty"`
	Agent      string  `json:"agent,omitempty"`
	Contact    Contact `json:"contact"`
}

// HandedFile is a material; a file is fetched by its id, a document of a register is named.
type HandedFile struct {
	ID       string `json:"id"`
	Material string `json:"material"`
	Name     string `json:"name"`
	Size     int64  `json:"size,omitempty"`
	MIME     string `json:"mime,omitempty"`
	SM3      string `json:"sm3,omitempty"`
	Proof    *Proof `json:"proof,omitempty"`
}

// Hand gives a round of a case to the system that handles it; the hand-over is on record with the person's data.
func (s *Service) Hand(ctx context.Context, system, id string, round int) (Handed, error) {
	w, err := s.theirs(ctx, system, id)
	if err != nil {
		return Handed{}, err
	}
	snaps, err := s.asHeld(ctx, id)
	if err != nil {
		return Handed{}, err
	}
	i := slices.IndexFunc(snaps, func(p snapshot) bool { return p.Round == round })
	if i < 0 {
		return Handed{}, notFound()
	}
	files, err := s.findFiles(ctx, s.DB.R(), id)
	if err != nil {
		return Handed{}, err
	}
	c, snap := w.c, snaps[i]
	h := Handed{
		CaseID: id, CaseNo: c.CaseNo, Item: c.ItemKey, ItemName: c.ItemName, ItemCode: first(w.item.VariantCode, w.item.Code), Agency: c.Agency, Region: c.Region, Round: round,
		Submitted: snap.At, Scenario: snap.Content.Scenario, Form: maps.Clone(snap.Content.Form),
		Applicant: HandedApplicant{Kind: c.ApplicantKind, Name: c.summary.Name, Number: c.summary.Number, NumberKind: c.summary.NumberKind, Agent: agent(c, true), Contact: snap.Content.Contact},
	}
	if c.Clock.Phase == PhaseReceipt {
		h.AnswerBy = c.Clock.LegalDue
	}
	delete(h.Form, form.SourceKey)
	for _, f := range files {
		if slices.Contains(snap.Files, f.ID) {
			h.Files = append(h.Files, HandedFile{ID: f.ID, Material: f.Material, Name: f.Name, Size: f.Size, MIME: f.MIME, SM3: f.digest, Proof: f.Proof})
		}
	}
	return h, s.Audit.Read(ctx, w.handedEntry("cases.handed_over"))
}

// HandFile opens a file that was part of a submission for the system that handles the case; the caller closes it.
func (s *Service) HandFile(ctx context.Context, system, id, fileID string) (File, io.ReadCloser, error) {
	w, err := s.theirs(ctx, system, id)
	if err != nil {
		return File{}, nil, err
	}
	f, err := s.file(ctx, id, fileID)
	if err != nil {
		return File{}, nil, err
	}
	snaps, err := s.snapshots(ctx, id)
	if err != nil {
		return File{}, nil, err
	}
	if f.blobID == "" || !slices.ContainsFunc(snaps, func(p snapshot) bool { return slices.Contains(p.Files, f.ID) }) {
		return File{}, nil, notFound()
	}
	if err := s.Audit.Read(ctx, w.handedEntry("cases.read_file")); err != nil {
		return File{}, nil, err
	}
	r, err := s.Blobs.Get(f.blobID)
	return f, r, err
}

// theirs loads a case for the system that handles it.
func (s *Service) theirs(ctx context.Context, system, id string) (*work, error) {
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return nil, err
	}
	if w.was.HandledBy == "" || w.was.HandledBy != system || w.was.State == Draft {
		return nil, notFound()
	}
	w.by = foreignActor(system)
	return w, nil
}

func (w *work) handedEntry(what string) audit.Entry {
	e := w.s.readEntry(w.actor, w.c.Case, what)
	e.Actor, e.Via = w.by, "api"
	return e
}

// HandledIn lists the cases a system handles that are open or have changed since a time, by id; for comparing both sides. The applicants are masked.
func (s *Service) HandledIn(ctx context.Context, system string, since time.Time, after string, limit int) ([]Case, error) {
	rs, err := s.handledIn(ctx, system, db.Millis(since), after, limit)
	out := make([]Case, 0, len(rs))
	for _, r := range rs {
		c := r.Case
		c.Applicant = applicant(r, false)
		out = append(out, c)
	}
	return out, err
}

// OfNumber gives the id of the case with a number; errs.NotFound when there is none.
func (s *Service) OfNumber(ctx context.Context, caseNo string) (string, error) {
	return s.idOfNumber(ctx, caseNo)
}

// silenceTx sets the timer that takes the other system's silence for acceptance.
func silenceTx(ctx context.Context, tx *db.Tx, now time.Time, id string, due time.Time) error {
	at := due.Add(silence + time.Second)
	args := timerArgs{Case: id, Which: "receipt", Due: due.UnixMilli()}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobReceiptLimit, Key: id + ":silence:" + due.UTC().Format("20060102T150405"), Args: args, Due: at, Tries: 50})
}
