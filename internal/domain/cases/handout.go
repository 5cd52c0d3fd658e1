package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/flow"
)

// TakenKey is the material key of the copies of a basis that are kept when a result is handed out.
const TakenKey = "_taken"

// HandOut is who fetched the result at a window for the applicant, on what, and who handed it out. Where the applicant fetched it there is none.
type HandOut struct {
	Behalf
	By       string // staff:<id>
	At       time.Time
	personID string
}

// AttachTaken keeps a copy of the basis of who fetches a result, before it is handed out. Errors: cases.no_right, cases.files_closed, and those of
// Attach about the file.
func (s *Service) AttachTaken(ctx context.Context, a authz.Actor, id string, u Upload) (File, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if err := w.officer(flow.Deliver); err != nil {
		return File{}, err
	}
	if _, err := next(w.was.State, ActDeliver); err != nil {
		return File{}, err
	}
	if f, ok, err := s.uploaded(ctx, w, u.ClientKey); err != nil || ok {
		return f, err
	}
	m := catalog.Material{Key: TakenKey, Name: cn("cases.behalf_copy"), Source: catalog.FromApplicant, MaxMB: defaultMB, MaxFiles: mostBasisFiles}
	return s.store(ctx, w, m, SourceWindow, u)
}

// taker checks who takes the result at the window. Nil is the applicant; anybody else leaves name, number, relation and basis, and the basis is
// seen or a copy kept. Errors: errs.Fields cases.behalf_missing with the path to or behalf.<field>, and what identity says about name and number.
func (w *work) taker(ctx context.Context, in Delivery) (*HandOut, error) {
	if in.Behalf == nil && w.c.ApplicantKind == ByPerson {
		if to := strings.TrimSpace(in.To); to != "" && to != w.c.summary.Name {
			return nil, errs.Fields("cases.behalf_missing", []Finding{{Path: "to", Key: "cases.taker_other"}})
		}
		return nil, nil
	}
	var b Behalf
	if in.Behalf != nil {
		b = *in.Behalf
	}
	b.Name, b.Number, b.Relation = strings.TrimSpace(first(b.Name, in.To)), strings.ToUpper(strings.TrimSpace(b.Number)), strings.TrimSpace(b.Relation)
	var f identity.Firm
	if w.c.ApplicantKind == ByFirm {
		var err error
		if f, err = w.s.People.Firm(ctx, w.c.FirmID); err != nil {
			return nil, err
		}
	}
	byRegister := f.LegalPersonNumber != "" && f.LegalPersonNumber == b.Number && (b.Basis == "" || b.Basis == BasisLegalPerson)
	if byRegister { // the register names who stands here
		b.Basis, b.Seen = BasisLegalPerson, true
	}
	if err := b.checkTaker(w.c.ApplicantKind, f); err != nil {
		return nil, err
	}
	p, err := w.s.People.EnsurePerson(ctx, b.Name, b.Number, b.NumberKind, b.Phone)
	if err != nil {
		return nil, behalfError(err)
	}
	if w.c.ApplicantKind == ByPerson && p.ID == w.c.PersonID {
		return nil, errs.Fields("cases.behalf_missing", []Finding{{Path: "behalf.number", Key: "cases.behalf_self"}})
	}
	b.Name, b.Number, b.NumberKind = p.Name, p.Number, p.NumberKind
	if ok, err := w.takerProved(ctx, b); err != nil || !ok {
		return nil, orErr(err, errs.Fields("cases.behalf_missing", []Finding{{Path: "behalf.seen", Key: "cases.taker_unproved"}}))
	}
	return &HandOut{Behalf: b, By: w.by, At: w.now, personID: p.ID}, nil
}

// checkTaker is check for who is not named by an application: name and number are always asked.
func (b Behalf) checkTaker(kind string, f identity.Firm) error {
	var fs []Finding
	if kind == ByFirm && b.Name == "" {
		fs = append(fs, Finding{Path: "behalf.name", Key: "cases.behalf_name"})
	}
	if kind == ByFirm && b.Number == "" {
		fs = append(fs, Finding{Path: "behalf.number", Key: "cases.behalf_number"})
	}
	if err := b.check(kind, identity.Person{Number: b.Number}, f); err != nil {
		fs = append(fs, errs.As(err).Fields...)
	}
	return errs.Fields("cases.behalf_missing", fs)
}

// takerProved reports whether the original was seen, a copy is kept, or the same person's same basis is on record since the application.
func (w *work) takerProved(ctx context.Context, b Behalf) (bool, error) {
	if b.Seen {
		return true, nil
	}
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return false, err
	}
	known := w.c.behalf != nil && w.c.behalf.Number == b.Number && w.c.behalf.Basis == b.Basis
	return slices.ContainsFunc(files, func(f File) bool {
		return !f.Removed && (f.Material == TakenKey || f.Material == BasisKey && known)
	}), nil
}

// words name who took the result as the proof of delivery writes it.
func (h *HandOut) words() string {
	parts := []string{h.Relation, cn("cases.basis_" + h.Basis), cn("cases.taker_copied")}
	if h.Seen {
		parts[2] = cn("cases.taker_seen")
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return h.Name + "（" + strings.Join(parts, "，") + "）"
}

// takerOnline names who opened the result on line: nobody but the applicant, or who acts for them.
func (w *work) takerOnline(ctx context.Context) (string, error) {
	if w.c.ApplicantKind == ByPerson && !w.mandated {
		return cn("cases.taker_self"), nil
	}
	p, err := w.s.People.Person(ctx, w.actor.PersonID)
	if err != nil {
		return "", err
	}
	capacity := cn("cases.taker_legal_person")
	if w.mandated {
		capacity = cn("cases.taker_mandate")
	}
	return p.Name + "（" + capacity + "）", nil
}

// shownHandOut masks it for a reader: the number for all, the name too for staff.
func (w *work) shownHandOut(ctx context.Context) (*HandOut, error) {
	h, err := w.s.handOut(ctx, w.c.ID)
	if err != nil || h == nil {
		return nil, err
	}
	h.Number, h.Phone = cnid.MaskID(h.Number), cnid.MaskPhone(h.Phone)
	if w.actor.StaffID != "" {
		h.Name = cnid.MaskName(h.Name)
	}
	return h, nil
}
