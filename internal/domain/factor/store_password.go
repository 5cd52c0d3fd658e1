package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

type passwordRow struct {
	hash       string
	mustChange bool
}

// passwordOf gives an owner's hash; empty when there is none.
func passwordOf(ctx context.Context, q db.Q, owner, use string) (passwordRow, error) {
	rows, err := db.All(ctx, q, func(r *db.Rows) (p passwordRow, err error) {
		return p, r.Scan(&p.hash, &p.mustChange)
	}, `SELECT hash, must_change FROM factor_password WHERE owner = $1 AND use_for = $2`, owner, use)
	if err != nil || len(rows) == 0 {
		return passwordRow{}, err
	}
	return rows[0], nil
}

func putPassword(ctx context.Context, tx *db.Tx, now time.Time, owner, use, hash string, mustChange bool) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_password (owner, use_for, hash, must_change, changed_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner, use_for) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change, changed_ms = excluded.changed_ms`,
		owner, use, hash, mustChange, now.UnixMilli())
	return err
}

func adoptPassword(ctx context.Context, tx *db.Tx, now time.Time, owner, hash string, mustChange bool) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_password (owner, use_for, hash, must_change, changed_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner, use_for) DO NOTHING`, owner, useSignIn, hash, mustChange, now.UnixMilli())
	return err
}

func swapHash(ctx context.Context, tx *db.Tx, owner, use, old, hash string) error {
	_, err := tx.ExecContext(ctx, `UPDATE factor_password SET hash = $1 WHERE owner = $2 AND use_for = $3 AND hash = $4`, hash, owner, use, old)
	return err
}

func deletePassword(ctx context.Context, tx *db.Tx, owner, use string) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `DELETE FROM factor_password WHERE owner = $1 AND use_for = $2`, owner, use)
}
