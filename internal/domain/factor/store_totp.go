package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

type totpRow struct {
	id       string
	secret   []byte
	lastStep int64
}

func totpOf(ctx context.Context, q db.Q, owner, state string) (totpRow, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "factor.not_there"), func(r *db.Rows) (t totpRow, err error) {
		return t, r.Scan(&t.id, &t.secret, &t.lastStep)
	}, `SELECT id, secret, last_step FROM factor_totp WHERE owner = $1 AND state = $2`, owner, state)
}

// askTOTP keeps a secret that waits to be confirmed; an earlier one that waited is gone.
func askTOTP(ctx context.Context, tx *db.Tx, now time.Time, id, owner string, secret []byte) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM factor_totp WHERE owner = $1 AND state = $2`, owner, totpAsked)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO factor_totp (id, owner, state, secret, last_step, made_ms) VALUES ($1, $2, $3, $4, 0, $5)`,
		id, owner, totpAsked, secret, now.UnixMilli())
	return err
}

func confirmTOTP(ctx context.Context, tx *db.Tx, owner, id string, step int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM factor_totp WHERE owner = $1 AND state = $2`, owner, totpOn); err != nil {
		return err
	}
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `UPDATE factor_totp SET state = $1, last_step = $2 WHERE id = $3 AND state = $4`,
		totpOn, step, id, totpAsked)
}

// useStep marks a time step as used; of two that use the same one, one fails with factor.totp_used.
func useStep(ctx context.Context, tx *db.Tx, id string, step int64) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "factor.totp_used"), `UPDATE factor_totp SET last_step = $1 WHERE id = $2 AND last_step < $1`, step, id)
}

func deleteTOTP(ctx context.Context, tx *db.Tx, owner string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM factor_totp WHERE owner = $1 AND state = $2`, owner, totpAsked); err != nil {
		return err
	}
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `DELETE FROM factor_totp WHERE owner = $1 AND state = $2`, owner, totpOn)
}
