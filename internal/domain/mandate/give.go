package mandate

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// Given is what became of giving: the mandate, or where the declaration is to be signed first.
type Given struct {
	MandateID string
	SignURL   string
}

// Give sends a finished draft to the one who is to act; it works when they accept. agreed says that the giver ticked the declaration; where signatures are
// to be had a person signs it, and Give is called again afterwards. A firm's legal representative is asked of the firm registry once more.
//
// Errors: Invalid (what is missing, with fields), Forbidden "mandate.only_representative", Conflict "mandate.duplicate", Unavailable.
func (s *Service) Give(ctx context.Context, a authz.Actor, draftID string, agreed bool) (Given, error) {
	d, err := s.Draft(ctx, a, draftID)
	if err != nil {
		return Given{}, err
	}
	if err := s.complete(ctx, d, agreed); err != nil {
		return Given{}, err
	}
	now := s.now()
	m := Mandate{
		ID: d.ID, Kind: d.Kind, ForKind: d.ForKind, ForID: d.ForID, HolderID: d.HolderID, Scope: d.Scope, Term: d.Term, State: Asked, Ground: BySelf, By: a.Name(),
		Named: d.Named, AskedAt: now, AnswerBy: now.AddDate(0, 0, s.cfg.AnswerDays),
	}
	if m.HolderID == "" {
		m.phoneKey = s.phoneKey(d.Named.Phone)
	}
	if d.Kind == Agent {
		f, err := s.represented(ctx, a)
		if err != nil {
			return Given{}, err
		}
		m.legalKey = s.subject(f.LegalPersonNumber)
	} else if s.deps.Signed != nil {
		sig, url, err := s.signature(ctx, a, d)
		if err != nil || url != "" {
			return Given{SignURL: url}, err
		}
		m.Ground, m.Signature = BySigned, sig
	}
	return Given{MandateID: m.ID}, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropDraft(ctx, tx, d.ID, a.Name()); err != nil {
			return err
		}
		return s.ask(ctx, tx, now, a, m)
	})
}

// ask writes a mandate that waits for its holder.
func (s *Service) ask(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, m Mandate) error {
	if err := s.free(ctx, tx, now, m); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, m); err != nil {
		return err
	}
	by := "giver"
	if a.StaffID != "" {
		by = "desk"
	}
	if err := insertStep(ctx, tx, now, m.ID, "asked", by); err != nil {
		return err
	}
	if err := s.record(ctx, tx, now, a, "mandate.ask", m.ID, m.Named.Number); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, now, m.ID, toHolder, "mandate.asked"); err != nil {
		return err
	}
	return s.lapseAt(ctx, tx, now, m.ID, "answer", m.AnswerBy)
}

func (s *Service) complete(ctx context.Context, d Draft, agreed bool) error {
	var fs []errs.Field
	for _, step := range []struct {
		done bool
		path string
		key  string
	}{{d.Who(), "who", "mandate.step_who_missing"}, {d.What(), "what", "mandate.step_what_missing"}, {d.Till(), "until", "mandate.step_term_missing"}} {
		if !step.done {
			fs = append(fs, errs.Field{Path: step.path, Key: step.key})
		}
	}
	if len(fs) > 0 {
		return invalid(fs)
	}
	known, err := s.Items(ctx, d.ForKind)
	if err != nil {
		return err
	}
	_, fs = checkScope(d.Scope, known)
	fs = append(fs, d.Term.findings(s.today(), s.cfg)...)
	if !agreed {
		fs = append(fs, errs.Field{Path: "agree", Key: "mandate.agree_missing"})
	}
	return invalid(fs)
}

// represented asks the firm registry live for the firm the actor is the legal representative of and acts for.
func (s *Service) represented(ctx context.Context, a authz.Actor) (identity.Firm, error) {
	fs, err := s.deps.People.FirmsOf(ctx, a.PersonID)
	if err != nil {
		return identity.Firm{}, err
	}
	for _, f := range fs {
		if f.ID == a.FirmID {
			return f, nil
		}
	}
	return identity.Firm{}, errs.New(errs.Forbidden, "mandate.only_representative")
}

// signature gives the signature over the declaration, or where to make it.
func (s *Service) signature(ctx context.Context, a authz.Actor, d Draft) (id, url string, err error) {
	text, err := s.Declaration(ctx, d)
	if err != nil {
		return "", "", err
	}
	object := "mandate:" + d.ID
	sig, ok, err := s.deps.Signed.SignatureOf(ctx, a.Name(), object, text)
	if err != nil || ok {
		return sig.ID, "", err
	}
	ask, err := s.deps.Signed.AskSignature(ctx, a, factor.Ask{Object: object, Title: words("mandate.declaration_title"), Text: text, Back: "/my/mandates/new/" + d.ID + "/check"})
	return "", "/my/sign/" + ask, err
}

// free refuses a second mandate between the same two for days that are taken, whatever its kind. The holder's row is touched first, so that two
// that are given at the same moment are decided one after the other.
func (s *Service) free(ctx context.Context, tx *db.Tx, now time.Time, m Mandate) error {
	if err := touch(ctx, tx, m.HolderID, m.phoneKey); err != nil {
		return err
	}
	others, err := alike(ctx, tx, m)
	if err != nil {
		return err
	}
	for _, o := range others {
		if !Now(o, Facts{}, now).over() && o.Term.overlaps(m.Term) {
			return errs.New(errs.Conflict, "mandate.duplicate", errs.P{"from": o.Term.From, "until": o.Term.Until})
		}
	}
	return nil
}

// mayHelp refuses to help more people than one person can. Only whom the mandate covers now or later counts, each once.
func (s *Service) mayHelp(ctx context.Context, tx *db.Tx, now time.Time, m Mandate) error {
	if m.Kind != Family && m.Kind != Care {
		return nil
	}
	held, err := helping(ctx, tx, m.HolderID)
	if err != nil {
		return err
	}
	people := map[string]bool{m.ForID: true}
	for _, h := range held {
		if !Now(h, Facts{}, now).over() {
			people[h.ForID] = true
		}
	}
	if len(people) > s.cfg.HelpsAtMost {
		return errs.New(errs.Conflict, "mandate.helps_many", errs.P{"n": s.cfg.HelpsAtMost})
	}
	return nil
}
