package identity

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"

	"tongban/internal/base/ident"
)

// linkAnd writes the person if new, the link, what the shell of earlier visits held, and the session.
func (s *Service) linkAnd(ctx context.Context, o Outside, shell string, p Person, open opening) (SignedIn, error) {
	isNew := p.ID == ""
	if isNew {
		p.ID = ident.New()
		open.personID = p.ID
	}
	var token string
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		a := authz.Actor{PersonID: p.ID, Via: "page", Origin: open.origin}
		if err := s.settleLinked(ctx, tx, now, a, shell, p, isNew); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO identity_outside (id, subject_key, issuer, person_id, created_ms, used_ms) VALUES ($1, $2, $3, $4, $5, $5)
			ON CONFLICT (subject_key) DO UPDATE SET person_id = excluded.person_id, used_ms = excluded.used_ms`, ident.New(), s.outsideKey(o), o.Issuer, p.ID, now.UnixMilli()); err != nil {
			return err
		}
		var err error
		token, err = s.open(ctx, tx, now, open)
		return err
	})
	if err == nil {
		err = s.refresh(ctx, p.ID)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, PersonID: p.ID}, nil
}

// linkedPerson gives the person a subject is linked to, or none.
func (s *Service) linkedPerson(ctx context.Context, o Outside) (Person, error) {
	ids, err := db.All(ctx, s.d.R(), scanText, `SELECT person_id FROM identity_outside WHERE subject_key = $1`, s.outsideKey(o))
	if err != nil || len(ids) == 0 {
		return Person{}, err
	}
	return s.Person(ctx, ids[0])
}
