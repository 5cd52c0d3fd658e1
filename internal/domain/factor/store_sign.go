package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// insertPaper keeps a text to be signed and clears away those nobody signed in time.
func insertPaper(ctx context.Context, tx *db.Tx, now time.Time, p Paper, textKey string, envelope []byte) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM factor_signature WHERE state <> $1 AND ends_ms < $2 AND owner = $3`,
		Signed, now.Add(-24*time.Hour).UnixMilli(), p.Envelope.Owner); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_signature (id, owner, object, text_key, state, envelope, back, digest, method, evidence, made_ms, ends_ms, signed_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', NULL, $9, $10, 0)`,
		p.ID, p.Envelope.Owner, p.Envelope.Object, textKey, p.State, envelope, p.Back, digestOf(p), now.UnixMilli(), p.Ends.UnixMilli())
	return err
}

var errNoPaper = errs.New(errs.NotFound, "factor.no_paper")

func (s *Service) paper(ctx context.Context, q db.Q, owner, id string) (Paper, error) {
	return db.One(ctx, q, errNoPaper, func(r *db.Rows) (Paper, error) {
		p := Paper{owner: owner}
		var sealed []byte
		var ends, signed int64
		if err := r.Scan(&p.ID, &p.State, &sealed, &p.Back, &p.Digest, &p.Method, &ends, &signed); err != nil {
			return p, err
		}
		p.Signature.ID, p.Ends, p.At = p.ID, time.UnixMilli(ends), db.Instant(signed)
		b, err := s.v.Open("factor_signature.envelope."+p.ID, sealed)
		if err == nil {
			p.Envelope, err = ParseEnvelope(b)
		}
		return p, err
	}, `SELECT id, state, envelope, back, digest, method, ends_ms, signed_ms FROM factor_signature WHERE id = $1 AND owner = $2`, id, owner)
}

func signatureOf(ctx context.Context, q db.Q, owner, object, textKey string) (Signature, bool, error) {
	rows, err := db.All(ctx, q, func(r *db.Rows) (g Signature, err error) {
		var at int64
		err = r.Scan(&g.ID, &g.Method, &at, &g.Digest)
		g.At = time.UnixMilli(at)
		return g, err
	}, `SELECT id, method, signed_ms, digest FROM factor_signature WHERE owner = $1 AND object = $2 AND text_key = $3 AND state = $4
		ORDER BY signed_ms DESC LIMIT 1`, owner, object, textKey, Signed)
	if err != nil || len(rows) == 0 {
		return Signature{}, false, err
	}
	return rows[0], true, nil
}

func evidenceOf(ctx context.Context, q db.Q, id string) ([]byte, error) {
	return db.One(ctx, q, errNoPaper, func(r *db.Rows) (b []byte, err error) { return b, r.Scan(&b) },
		`SELECT evidence FROM factor_signature WHERE id = $1 AND state = $2`, id, Signed)
}

func setSigned(ctx context.Context, tx *db.Tx, now time.Time, id, method string, evidence []byte) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "factor.paper_done"), `UPDATE factor_signature SET state = $1, method = $2, evidence = $3, signed_ms = $4
		WHERE id = $5 AND state = $6`, Signed, method, evidence, now.UnixMilli(), id, Asked)
}

func setRefused(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "factor.paper_done"), `UPDATE factor_signature SET state = $1 WHERE id = $2 AND state = $3`, Refused, id, Asked)
}
