package factor

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

type certRow struct {
	id, owner, key string
	facts          []byte
	notAfter, made time.Time
}

func insertCertificate(ctx context.Context, tx *db.Tx, c certRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_certificate (id, owner, cert_key, facts, not_after_ms, made_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.id, c.owner, c.key, c.facts, c.notAfter.UnixMilli(), c.made.UnixMilli())
	return err
}

func countCertificates(ctx context.Context, q db.Q, owner string) (n int, err error) {
	return n, q.QueryRowContext(ctx, `SELECT COUNT(*) FROM factor_certificate WHERE owner = $1`, owner).Scan(&n)
}

func (s *Service) certificates(ctx context.Context, q db.Q, owner string) ([]Certificate, error) {
	return db.All(ctx, q, func(r *db.Rows) (c Certificate, err error) {
		var id string
		var facts []byte
		if err := r.Scan(&id, &facts); err != nil {
			return c, err
		}
		b, err := s.v.Open("factor_certificate.facts."+id, facts)
		if err == nil {
			err = json.Unmarshal(b, &c)
		}
		c.ID = id
		return c, err
	}, `SELECT id, facts FROM factor_certificate WHERE owner = $1 ORDER BY made_ms, id`, owner)
}

func certOwner(ctx context.Context, q db.Q, key string) (string, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "factor.not_there"), func(r *db.Rows) (o string, err error) { return o, r.Scan(&o) },
		`SELECT owner FROM factor_certificate WHERE cert_key = $1`, key)
}

func deleteCertificate(ctx context.Context, tx *db.Tx, owner, id string) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `DELETE FROM factor_certificate WHERE id = $1 AND owner = $2`, id, owner)
}
