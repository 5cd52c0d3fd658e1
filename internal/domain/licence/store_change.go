package licence

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// words are what a change keeps sealed.
type words struct {
	Reason string `json:"reason,omitempty"`
	Basis  string `json:"basis,omitempty"`
}

func (s *Service) putChange(ctx context.Context, tx *db.Tx, now time.Time, c Change) error {
	c.ID = ident.New()
	b, err := json.Marshal(words{c.Reason, c.Basis})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO licence_change (id, licence_id, kind, from_state, to_state, at_ms, recorded_ms, by_actor, ground, words, case_id, paper_id, other)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, c.ID, c.LicenceID, c.Kind, string(c.From), string(c.To), c.At.UnixMilli(), now.UnixMilli(), c.By,
		c.Ground, s.d.Vault.Seal("licence_change.words."+c.ID, b), c.CaseID, c.PaperID, c.Other)
	return err
}

// Changes gives the dated steps of a licence's life, oldest first. The caller has checked who is asking.
func (s *Service) Changes(ctx context.Context, id string) ([]Change, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Change, error) {
		var c Change
		var sealed []byte
		var at, recorded int64
		if err := r.Scan(&c.ID, &c.LicenceID, &c.Kind, &c.From, &c.To, &at, &recorded, &c.By, &c.Ground, &sealed, &c.CaseID, &c.PaperID, &c.Other); err != nil {
			return c, err
		}
		c.At, c.Recorded = time.UnixMilli(at), time.UnixMilli(recorded)
		b, err := s.d.Vault.Open("licence_change.words."+c.ID, sealed)
		if err != nil {
			return c, err
		}
		var w words
		err = json.Unmarshal(b, &w)
		c.Reason, c.Basis = w.Reason, w.Basis
		return c, err
	}, `SELECT id, licence_id, kind, from_state, to_state, at_ms, recorded_ms, by_actor, ground, words, case_id, paper_id, other FROM licence_change
		WHERE licence_id = $1 ORDER BY recorded_ms, id`, id)
}

// InForce gives the holder's licences of a type that are in force today, whether their file is made yet or not: those that can be changed, renewed or
// given up.
func (s *Service) InForce(ctx context.Context, number, typeKey string) ([]Licence, error) {
	return s.list(ctx, `WHERE subject = $1 AND type_key = $2 AND state = 'valid' AND (valid_until = '' OR valid_until >= $3) ORDER BY issued_ms DESC, id DESC`,
		s.subject(number), typeKey, Today(s.d.Now()))
}

func (s *Service) follower(ctx context.Context, q db.Q, id string) (Licence, error) {
	return s.one(ctx, q, `WHERE previous = $1`, id)
}

// neighbours gives the identifiers of the licence that took this one's place, and of that whose place it took; "" where there is none.
func neighbours(ctx context.Context, q db.Q, l Licence) (after, before string, err error) {
	after, err = identifier(ctx, q, `SELECT identifier FROM licence_licence WHERE previous = $1`, l.ID)
	if err != nil || l.Previous == "" {
		return after, "", err
	}
	before, err = identifier(ctx, q, `SELECT identifier FROM licence_licence WHERE id = $1`, l.Previous)
	return after, before, err
}

// follower gives the 证照标识 of the licence that took the place of one; empty when none did.
func follower(ctx context.Context, q db.Q, id string) (string, error) {
	return identifier(ctx, q, `SELECT identifier FROM licence_licence WHERE previous = $1`, id)
}

func identifier(ctx context.Context, q db.Q, query, id string) (string, error) {
	out, err := db.One(ctx, q, errs.New(errs.NotFound, "licence.not_found"), func(r *db.Rows) (string, error) {
		var s string
		return s, r.Scan(&s)
	}, query, id)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	return out, err
}

func threeDigits(n int) string { return fmt.Sprintf("%03d", n) }
