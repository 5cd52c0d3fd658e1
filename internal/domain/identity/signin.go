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
// "code": identity.code_wrong, code_expired, code_tries), TooMany, Forbidden "identity.dead".
func (s *Service) SignInWithCode(ctx context.Context, phone, code string, from From) (SignedIn, error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return SignedIn{}, invalid(finding(nil, "phone", err))
	}
	t, err := s.attempt(ctx, "", "", from)
	if err != nil {
		return SignedIn{}, err
	}
	var refused error
	var token, personID string
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		now := s.now()
		if refused, err = s.useCode(ctx, tx, now, s.signInOpens(mobile, from), code); err != nil || refused != nil {
			return err
		}
		if personID, err = s.accountPerson(ctx, tx, now, mobile); err != nil {
			return err
		}
		token, err = s.open(ctx, tx, now, opening{personID: personID, amr: "sms"}.from(s, from))
		return err
	})
	if err == nil {
		err = refused
	}
	if err == nil {
		err = s.passed(ctx, t)
	}
	if err == nil {
		err = s.codeWorked(ctx, mobile, personOwner(personID), from)
	}
	if err == nil {
		err = s.refresh(ctx, personID)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, PersonID: personID}, nil
}

// SignInWithPassword signs a person in by phone and password. On a device they have not used before it gives a ticket for a second step: the
// authenticator app if one is set up, else a text message, which has been sent; a passkey does too. It takes as long and says the same whether or
// not there is such an account. Errors: Invalid "identity.login_wrong", TooMany, Forbidden "identity.dead".
func (s *Service) SignInWithPassword(ctx context.Context, phone, password string, from From) (SignedIn, error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return SignedIn{}, invalid(finding(nil, "phone", err))
	}
	a, err := s.accountOf(ctx, s.d.R(), mobile)
	if err != nil {
		return SignedIn{}, err
	}
	owner := ""
	if a.id != "" {
		owner = personOwner(a.personID)
	}
	t, err := s.attempt(ctx, "phone:"+mobile, owner, from)
	if err != nil {
		return SignedIn{}, err
	}
	ok, change, err := s.deps.Factors.CheckPassword(ctx, owner, password)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !ok || owner == "":
		return SignedIn{}, s.failed(ctx, owner, "identity.sign_in_failed", from, errs.New(errs.Invalid, "identity.login_wrong"))
	}
	if err := s.passed(ctx, t); err != nil {
		return SignedIn{}, err
	}
	known, err := s.knownDevice(ctx, s.d.R(), owner, from.Device)
	if err != nil {
		return SignedIn{}, err
	}
	if known != "" {
		o := opening{personID: a.personID, amr: "pwd"}
		if change {
			o.limited = mustChange
		}
		return s.openPerson(ctx, o.from(s, from))
	}
	m, err := s.deps.Factors.Methods(ctx, owner)
	if err != nil {
		return SignedIn{}, err
	}
	first := step{kind: stepPerson, owner: owner, amr: "pwd", needs: personNeeds(m)}
	if change {
		first.limited = mustChange
	}
	return s.ask(ctx, first, mobile, from)
}

// failed records a try that came to nothing and gives the error to answer with.
func (s *Service) failed(ctx context.Context, owner, act string, from From, answer error) error {
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.record(ctx, tx, s.now(), authz.Actor{Via: "page", Origin: from.Origin}, act, owner, "")
	})
	if err != nil {
		return err
	}
	return answer
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

// refresh asks the registry about a known person who has just signed in: what changed is kept, and everything of one who died is ended. While
// the registry is away people go on. Errors: Forbidden "identity.dead".
func (s *Service) refresh(ctx context.Context, personID string) error {
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
		if r.Alive {
			return s.keepChanges(ctx, p, r)
		}
	}
	if err := s.died(ctx, p.ID); err != nil {
		return err
	}
	return errs.New(errs.Forbidden, "identity.dead")
}

// keepChanges writes what the registry says now.
func (s *Service) keepChanges(ctx context.Context, was Person, r RegisteredPerson) error {
	is := was
	if is.take(r); is == was {
		return nil
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := s.findPerson(ctx, tx, "id", was.ID)
		if err != nil {
			return err
		}
		p.take(r)
		return s.savePerson(ctx, tx, s.now(), p)
	})
}
