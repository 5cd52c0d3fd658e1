package identity

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/notify"
	"tongban/internal/engine/cnid"
)

// phoneFresh is how old the last proof may be when a phone is changed.
const phoneFresh = 10 * time.Minute

func changeOpens(a authz.Actor, phone string) string {
	return "phone_change:" + a.PersonID + ":" + phone
}

// SendPhoneCode sends a code to the new phone of the signed-in person. Errors: Invalid (field "phone"), Forbidden "identity.fresh_needed", TooMany.
func (s *Service) SendPhoneCode(ctx context.Context, a authz.Actor, phone string, from From) error {
	mobile, err := s.newPhone(ctx, a, phone)
	if err != nil {
		return err
	}
	return s.textCode(ctx, changeOpens(a, mobile), mobile, personOwner(a.PersonID), from)
}

func (s *Service) newPhone(ctx context.Context, a authz.Actor, phone string) (string, error) {
	if _, err := s.actorSession(ctx, a); err != nil {
		return "", err
	}
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return "", invalid(finding(nil, "phone", err))
	}
	return mobile, s.Fresh(a, phoneFresh)
}

// ChangePhone gives the person's account the new phone whose code was typed, instead of all earlier ones, which may have been given to others since.
// The old phone is told. Errors: Invalid (fields "phone", "code"), Forbidden "identity.fresh_needed", Conflict "identity.phone_taken".
func (s *Service) ChangePhone(ctx context.Context, a authz.Actor, phone, code string, from From) error {
	mobile, err := s.newPhone(ctx, a, phone)
	if err != nil {
		return err
	}
	t, err := s.attempt(ctx, "", "", from)
	if err != nil {
		return err
	}
	if err := s.checkCode(ctx, changeOpens(a, mobile), code); err != nil {
		return err
	}
	if err := s.passed(ctx, t); err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.setPhone(ctx, tx, s.now(), a, a.PersonID, mobile, "")
	})
}

// setPhone makes a phone the person's only way in by text message. What was done with a phone whose holder never said who they are comes along, but
// nothing with which that holder could sign in; a phone of somebody else does not.
func (s *Service) setPhone(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, personID, mobile, reason string) error {
	p, err := s.findPerson(ctx, tx, "id", personID)
	if err != nil {
		return err
	}
	if err := s.freePhone(ctx, tx, now, a, p, mobile); err != nil {
		return err
	}
	if err := dropAccounts(ctx, tx, p.ID); err != nil {
		return err
	}
	if err := s.addAccount(ctx, tx, now, ident.New(), mobile, p.ID); err != nil {
		return err
	}
	old := p.Phone
	p.Phone = mobile
	if err := s.savePerson(ctx, tx, now, p); err != nil {
		return err
	}
	if err := s.deps.Send(ctx, tx, now, notify.Message{
		Template: "identity.phone_changed", Key: "identity.phone_changed:" + p.ID + ":" + ident.New(), To: notify.To{Person: p.ID, Phone: old}, Link: "/my/devices",
		Data: map[string]string{"when": now.In(china).Format("2006-01-02 15:04"), "phone": cnid.MaskPhone(mobile)},
	}); err != nil {
		return err
	}
	return s.recordWhy(ctx, tx, now, a, "identity.phone_set", personOwner(p.ID), p.Number, reason)
}

func (s *Service) freePhone(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, p Person, mobile string) error {
	other, err := s.accountOf(ctx, tx, mobile)
	if err != nil || other.id == "" || other.personID == p.ID {
		return err
	}
	holder, err := s.findPerson(ctx, tx, "id", other.personID)
	if err != nil {
		return err
	}
	if holder.Number != "" {
		return errs.New(errs.Conflict, "identity.phone_taken")
	}
	if err := s.dropShell(ctx, tx, now, holder.ID); err != nil {
		return err
	}
	return s.merge(ctx, tx, now, a, holder.ID, p)
}

// dropShell takes away every way in of an account whose phone is now somebody else's: numbers are given out again, and whoever had it before may still
// hold a session, a passkey or an account elsewhere.
func (s *Service) dropShell(ctx context.Context, tx *db.Tx, now time.Time, shell string) error {
	if err := s.endAll(ctx, tx, now, personOwner(shell), ""); err != nil {
		return err
	}
	if err := s.deps.Factors.EndTx(ctx, tx, now, personOwner(shell)); err != nil {
		return err
	}
	return dropLinks(ctx, tx, shell)
}

const (
	basisMin = 4 // characters
	basisMax = 500
)

// atCounter checks that a clerk at a window says on what basis they act.
func atCounter(clerk authz.Actor, basis string) (string, error) {
	if !clerk.May(authz.WindowDesk) {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	basis = strings.TrimSpace(basis)
	if n := utf8.RuneCountInString(basis); n < basisMin || n > basisMax {
		return "", fieldError("basis", "identity.basis_needed", errs.P{"min": basisMin, "max": basisMax})
	}
	return basis, nil
}

// RecoverAtCounter gives a person who stands at the window with their document a new phone; what was signed in before ends. Errors: Forbidden,
// Invalid (fields "phone", "basis"), NotFound, Conflict "identity.phone_taken", Forbidden "identity.dead".
func (s *Service) RecoverAtCounter(ctx context.Context, clerk authz.Actor, personID, phone, basis string) error {
	basis, err := atCounter(clerk, basis)
	if err != nil {
		return err
	}
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return invalid(finding(nil, "phone", err))
	}
	p, err := s.confirmedPerson(ctx, personID)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := s.endAll(ctx, tx, now, personOwner(p.ID), ""); err != nil {
			return err
		}
		return s.setPhone(ctx, tx, now, clerk, p.ID, mobile, basis)
	})
}

// counterLife is how long a proof of a counter stands.
const counterLife = 5 * 365 * 24 * time.Hour

// AddCounterProof notes that a clerk saw the person with their document: level 3 for five years, and 4 in sessions with a passkey. Errors:
// Forbidden, Invalid (field "basis"), NotFound, Forbidden "identity.dead", Forbidden "identity.need_level" (the registry has not confirmed them).
func (s *Service) AddCounterProof(ctx context.Context, clerk authz.Actor, personID, basis string) error {
	basis, err := atCounter(clerk, basis)
	if err != nil {
		return err
	}
	p, err := s.confirmedPerson(ctx, personID)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		proof := Proof{Level: LevelFace, Method: ByCounter, VerifiedAt: now, Expires: now.Add(counterLife), Issuer: clerk.AgencyID}
		if err := addProof(ctx, tx, p.ID, proof); err != nil {
			return err
		}
		return s.recordWhy(ctx, tx, now, clerk, "identity.counter_proof", personOwner(p.ID), p.Number, basis)
	})
}

// confirmedPerson gives a living person whom the registry has confirmed.
func (s *Service) confirmedPerson(ctx context.Context, id string) (Person, error) {
	p, err := s.Person(ctx, id)
	switch {
	case err != nil:
		return p, err
	case !p.Alive:
		return p, errs.New(errs.Forbidden, "identity.dead")
	case p.Level < LevelChecked:
		return p, errs.New(errs.Forbidden, "identity.need_level")
	}
	return p, nil
}
