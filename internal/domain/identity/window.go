package identity

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// EnsurePerson gives the person who stands at the window with a document, adding them if they are new. The clerk is the actor of ctx. kind may
// be empty, or must fit the number; phone may be empty. While the registry is away a new person is kept as declared (level 0) and is checked
// the next time. Errors: Invalid (fields "name", "number", "kind", "phone"), Invalid "identity.name_mismatch", Forbidden "identity.dead".
func (s *Service) EnsurePerson(ctx context.Context, name, number, kind, phone string) (Person, error) {
	name, id, mobile, err := present(name, number, kind, phone, s.today())
	if err != nil {
		return Person{}, err
	}
	clerk := authz.From(ctx)
	seen, _, err := s.confirm(ctx, "window:"+clerk.Name()+":"+s.SubjectOf(id.Number), name, id, mobile)
	isAway := away(err)
	if err != nil && !isAway {
		return Person{}, err
	}
	if isAway {
		seen.Level = LevelDeclared
	}
	return s.keepPresent(ctx, clerk, seen, mobile)
}

func (s *Service) keepPresent(ctx context.Context, clerk authz.Actor, seen Person, mobile string) (p Person, err error) {
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		known, err := s.findPerson(ctx, tx, "number_key", s.SubjectOf(seen.Number))
		switch {
		case errs.KindOf(err) == errs.NotFound:
			p = seen
			p.ID = ident.New()
		case err != nil:
			return err
		case seen.Level == LevelDeclared && known.Level >= LevelChecked:
			if known.Name != seen.Name {
				return errs.New(errs.Invalid, "identity.name_mismatch")
			}
			p = known
		default:
			p = known.confirmed(seen, "")
		}
		if mobile != "" {
			p.Phone = mobile
		}
		if err := s.savePerson(ctx, tx, now, p); err != nil {
			return err
		}
		return s.record(ctx, tx, now, clerk, "identity.present", "person:"+p.ID, p.Number)
	})
	if db.Unique(err) { // two windows added the person at the same moment
		return s.PersonByNumber(ctx, seen.Number)
	}
	return p, err
}

// present reads what the clerk typed.
func present(name, number, kind, phone, today string) (string, cnid.ID, string, error) {
	var fs []errs.Field
	name, id, err := namedPerson(name, number, today)
	if e := errs.As(err); e != nil {
		fs = append(fs, e.Fields...)
	} else if kind != "" && kind != string(id.Kind) {
		fs = append(fs, errs.Field{Path: "kind", Key: "identity.kind_differs"})
	}
	mobile := ""
	if phone != "" {
		mobile, err = cnid.ParseMobile(phone)
		fs = finding(fs, "phone", err)
	}
	return name, id, mobile, invalid(fs)
}
