package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// VerifyName raises the signed-in person to level 2 if the population registry says that name and number belong together, and gives the
// session's new token. If the number's person is known already (from a window, or from another phone), the account becomes theirs.
//
// Name and number alone are known to many, so an account is moved to a person who already has one on another phone only when the registry
// says that this phone is theirs too, or a clerk noted it with the person present.
//
// Errors: Invalid (fields "name", "number"), Invalid "identity.name_mismatch" (not saying which is wrong), Forbidden "identity.dead",
// TooMany "identity.verify_day" (five a day), Conflict "identity.other_number" and "identity.other_phone", Unavailable "identity.registry_away".
func (s *Service) VerifyName(ctx context.Context, a authz.Actor, name, number string) (token string, err error) {
	if a.PersonID == "" || a.SessionID == "" {
		return "", errEnded
	}
	name, id, err := namedPerson(name, number, s.today())
	if err != nil {
		return "", err
	}
	self, err := s.Person(ctx, a.PersonID)
	if err != nil {
		return "", err
	}
	if self.Number != "" && self.Number != id.Number {
		return "", errs.New(errs.Conflict, "identity.other_number")
	}
	seen, m, err := s.confirm(ctx, "verify:"+self.ID, name, id, self.Phone)
	if err != nil {
		return "", err
	}
	return s.raise(ctx, a, self, seen, m.Phone == matches)
}

// confirm asks the registry, counting against a limit of tries, and gives the person it knows (without an id of ours).
func (s *Service) confirm(ctx context.Context, key, name string, id cnid.ID, phone string) (Person, Match, error) {
	var wait time.Duration
	err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		wait, err = take(ctx, tx, s.now(), key, verifyTries)
		return err
	})
	if err != nil {
		return Person{}, Match{}, err
	}
	if wait > 0 {
		return Person{}, Match{}, errs.New(errs.TooMany, "identity.verify_day", errs.P{"seconds": seconds(wait)})
	}
	m, err := s.deps.Registry.Verify(ctx, name, id.Number, phone)
	settle := forget // an answer that names and numbers fit ends the count
	switch {
	case err != nil:
		settle = giveBack // nobody looked: it was no try
	case m.Result == matchDead:
		err = s.foundDead(ctx, id.Number)
	case m.Result != matches:
		return Person{}, m, errs.New(errs.Invalid, "identity.name_mismatch")
	}
	if e := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return settle(ctx, tx, key) }); err == nil {
		err = e
	}
	p := Person{Name: name, Level: LevelChecked, Alive: true, VerifiedAt: s.now()}
	p.known(id)
	if err != nil {
		return p, m, err
	}
	r, err := s.deps.Registry.PersonData(ctx, id.Number, "identity.verify", "")
	if err == nil {
		p.take(r)
	}
	if away(err) { // it went away between two questions; what the number itself tells is enough
		err = nil
	}
	return p, m, err
}

// raise writes the confirmed person: onto the account's shell, or by moving the account to the person who is known already.
func (s *Service) raise(ctx context.Context, a authz.Actor, self, seen Person, phoneFits bool) (token string, err error) {
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		is := self
		if err := s.ownedBefore(ctx, tx, now, a, self); err != nil {
			return err
		}
		known, err := s.findPerson(ctx, tx, "number_key", s.SubjectOf(seen.Number))
		switch {
		case err == nil && known.ID != self.ID:
			if err := mayMove(ctx, tx, known, self, phoneFits); err != nil {
				return err
			}
			if err := s.merge(ctx, tx, now, a, self.ID, known); err != nil {
				return err
			}
			is = known
		case err != nil && errs.KindOf(err) != errs.NotFound:
			return err
		}
		is = is.confirmed(seen, self.Phone)
		if err := s.savePerson(ctx, tx, now, is); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, Verified{is.ID}); err != nil {
			return err
		}
		if err := s.record(ctx, tx, now, a, "identity.verify", "person:"+is.ID, is.Number); err != nil {
			return err
		}
		if se, e := s.findSession(ctx, tx, "id", a.SessionID); e != nil {
			return e
		} else if se.federated() { // where standing proofs do not count
			own := Proof{Level: LevelChecked, Method: ByRegistry, VerifiedAt: now, Session: se.id}
			if err := addProof(ctx, tx, is.ID, own); err != nil {
				return err
			}
		}
		token, err = rotate(ctx, tx, a.SessionID)
		return err
	})
	if db.Unique(err) { // the same number on two phones at the same moment
		return "", errs.New(errs.Conflict, "identity.other_phone")
	}
	return token, err
}

// ownedBefore takes away, when an account first gets a name, what an earlier holder of the phone may have left in it: other sessions and older keys.
// Whoever signed in with one of these keys, or through the provider that is linked, is that holder.
func (s *Service) ownedBefore(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, self Person) error {
	se, err := s.findSession(ctx, tx, "id", a.SessionID)
	if err != nil || self.Number != "" || se.amr != "sms" {
		return err
	}
	if err := s.endAll(ctx, tx, now, personOwner(self.ID), se.id); err != nil {
		return err
	}
	had, err := s.deps.Factors.EndBeforeTx(ctx, tx, now, personOwner(self.ID), se.created)
	if err != nil || !had {
		return err
	}
	return dropLinks(ctx, tx, self.ID)
}

// confirmed gives the person with what the registry confirmed.
func (p Person) confirmed(seen Person, phone string) Person {
	out := seen
	out.ID, out.Phone = p.ID, p.Phone
	if out.Phone == "" {
		out.Phone = phone
	}
	if out.Address == "" {
		out.Address = p.Address
	}
	if out.Birth == "" {
		out.Birth, out.Sex = p.Birth, p.Sex
	}
	return out
}

func mayMove(ctx context.Context, tx *db.Tx, known, self Person, phoneFits bool) error {
	n, err := accountsOf(ctx, tx, known.ID)
	if err != nil {
		return err
	}
	if n > 0 && !phoneFits && known.Phone != self.Phone {
		return errs.New(errs.Conflict, "identity.other_phone")
	}
	return nil
}

// foundDead ends what a dead person has here and gives the error to answer with.
func (s *Service) foundDead(ctx context.Context, number string) error {
	p, err := s.PersonByNumber(ctx, number)
	if err == nil {
		err = s.died(ctx, p.ID)
	}
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	return errs.New(errs.Forbidden, "identity.dead")
}

// addConfirmed adds a person whom the registry confirmed, or confirms one who was only declared.
func (s *Service) addConfirmed(ctx context.Context, seen Person) (p Person, err error) {
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		known, err := s.findPerson(ctx, tx, "number_key", s.SubjectOf(seen.Number))
		switch {
		case errs.KindOf(err) == errs.NotFound:
			p = seen
			p.ID = ident.New()
		case err != nil:
			return err
		default:
			p = known.confirmed(seen, "")
		}
		if err := s.savePerson(ctx, tx, now, p); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, Verified{p.ID}); err != nil {
			return err
		}
		return s.record(ctx, tx, now, authz.Actor{PersonID: p.ID, Via: "page"}, "identity.verify", personOwner(p.ID), p.Number)
	})
	return p, err
}

func (s *Service) merge(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, shell string, known Person) error {
	if err := moveAccounts(ctx, tx, now, shell, known.ID); err != nil {
		return err
	}
	if err := s.deps.Factors.MoveTx(ctx, tx, personOwner(shell), personOwner(known.ID)); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, Merged{From: shell, Into: known.ID}); err != nil {
		return err
	}
	return s.record(ctx, tx, now, a, "identity.link", "person:"+known.ID, known.Number)
}
