package identity

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Demo signs people in without codes. It exists only in demo mode.
type Demo struct{ s *Service }

// Demo gives the demo's ways in, or nil when the service was not made for the demo.
func (s *Service) Demo() *Demo {
	if !s.deps.Demo {
		return nil
	}
	return &Demo{s}
}

// Account makes an account whose holder the registry has confirmed, as if they had signed in before; it may be called again. It gives the
// person's id.
func (d *Demo) Account(ctx context.Context, phone, name, number string) (personID string, err error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return "", err
	}
	a, err := d.s.accountOf(ctx, d.s.d.R(), mobile)
	if err != nil {
		return "", err
	}
	if a.id != "" {
		if p, err := d.s.Person(ctx, a.personID); err != nil || p.Number != "" {
			return a.personID, err
		}
	}
	token, err := d.SignIn(ctx, "person", mobile, "")
	if err != nil {
		return "", err
	}
	actor, err := d.s.Actor(ctx, token)
	if err != nil {
		return "", err
	}
	if token, err = d.s.VerifyName(ctx, actor, name, number); err != nil {
		return "", err
	}
	if actor, err = d.s.Actor(ctx, token); err != nil {
		return "", err
	}
	return actor.PersonID, d.s.SignOut(ctx, token)
}

// SignIn opens a session: kind "person" with the phone of an account, kind "staff" with a staff id.
func (d *Demo) SignIn(ctx context.Context, kind, id, origin string) (token string, err error) {
	switch kind {
	case "staff":
		var a authz.Actor
		if a, err = d.s.staffActor(ctx, id); err != nil {
			return "", err
		}
		if !a.Signed() {
			return "", errs.New(errs.NotFound, "identity.person_unknown")
		}
		err = d.s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			token, err = d.s.open(ctx, tx, d.s.now(), opening{staffID: a.StaffID, amr: "demo", origin: origin, demo: true})
			return err
		})
		return token, err
	case "person":
		return d.person(ctx, id, origin)
	}
	return "", errs.New(errs.NotFound, "identity.person_unknown")
}

func (d *Demo) person(ctx context.Context, phone, origin string) (token string, err error) {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return "", invalid(finding(nil, "phone", err))
	}
	var personID string
	err = d.s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		now := d.s.now()
		if personID, err = d.s.accountPerson(ctx, tx, now, mobile); err != nil {
			return err
		}
		token, err = d.s.open(ctx, tx, now, opening{personID: personID, amr: "demo", origin: origin, demo: true})
		return err
	})
	if err != nil {
		return "", err
	}
	return token, d.s.refresh(ctx, personID)
}
