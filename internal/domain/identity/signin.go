package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// SignInWithCode opens a session for the phone whose code was typed, making the account the first time. Errors: Invalid (fields "phone",
// "code": identity.code_wrong, code_expired, code_tries), Forbidden "identity.dead".
func (s *Service) SignInWithCode(ctx context.Context, phone, code, origin string) (token string, err error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return "", invalid(finding(nil, "phone", err))
	}
	var refused error
	var personID string
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		now := s.now()
		if refused, err = s.useCode(ctx, tx, now, "phone:"+mobile, code); err != nil || refused != nil {
			return err
		}
		if personID, err = s.accountPerson(ctx, tx, now, mobile); err != nil {
			return err
		}
		token, err = s.personSession(ctx, tx, now, personID, origin)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return "", err
	}
	return token, s.refresh(ctx, personID, token)
}

// accountPerson gives the person of a phone's account; a new account gets a shell, a person of whom only the phone is known.
func (s *Service) accountPerson(ctx context.Context, tx *db.Tx, now time.Time, phone string) (string, error) {
	a, err := s.accountOf(ctx, tx, phone)
	if err != nil || a.id != "" {
		return a.personID, err
	}
	p := Person{ID: ident.New(), Phone: phone, Level: LevelPhone, Alive: true}
	if err := s.savePerson(ctx, tx, now, p); err != nil {
		return "", err
	}
	return p.ID, s.addAccount(ctx, tx, now, ident.New(), phone, p.ID)
}

func (s *Service) personSession(ctx context.Context, tx *db.Tx, now time.Time, personID, origin string) (token string, err error) {
	p, err := s.findPerson(ctx, tx, "id", personID)
	if err != nil {
		return "", err
	}
	if token, err = openSession(ctx, tx, now, personID, ""); err != nil {
		return "", err
	}
	a := authz.Actor{PersonID: personID, Via: "page", Origin: origin}
	return token, s.record(ctx, tx, now, a, "identity.sign_in", "person:"+personID, p.Number)
}

// refresh asks the registry about a known person who has just signed in: what changed is kept, and the session of one who died is ended. While
// the registry is away people go on.
func (s *Service) refresh(ctx context.Context, personID, token string) error {
	p, err := s.Person(ctx, personID)
	if err != nil || p.Number == "" {
		return err
	}
	if p.Alive {
		r, err := s.deps.Registry.PersonData(ctx, p.Number, "identity.sign_in", "")
		if err != nil {
			if !away(err) {
				s.log.Warn("registry at sign-in", "err", err)
			}
			return nil
		}
		if err := s.keepChanges(ctx, p, r); err != nil {
			return err
		}
		if r.Alive {
			return nil
		}
	}
	if err := s.SignOut(ctx, token); err != nil {
		return err
	}
	return errs.New(errs.Forbidden, "identity.dead")
}

// keepChanges writes what the registry says now. A death ends every session and token of the person, because Actor asks.
func (s *Service) keepChanges(ctx context.Context, was Person, r RegisteredPerson) error {
	is := was
	is.take(r)
	is.Alive = r.Alive
	if is == was {
		return nil
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.findPerson(ctx, tx, "id", was.ID)
		if err != nil {
			return err
		}
		p.take(r)
		p.Alive = r.Alive
		return s.savePerson(ctx, tx, s.now(), p)
	})
}
