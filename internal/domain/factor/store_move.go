package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// moveAll: first what would meet its like goes, then the rest changes hands.
func moveAll(ctx context.Context, tx *db.Tx, from, into string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM factor_signature WHERE owner = $1 AND state <> 'signed'`, from); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM factor_password WHERE owner = $1 AND use_for IN (SELECT use_for FROM factor_password WHERE owner = $2)`,
		`DELETE FROM factor_totp WHERE owner = $1 AND state IN (SELECT state FROM factor_totp WHERE owner = $2)`,
		`DELETE FROM factor_recovery WHERE owner = $1 AND EXISTS (SELECT 1 FROM factor_recovery WHERE owner = $2)`,
		`DELETE FROM factor_try WHERE owner = $1 AND kind IN (SELECT kind FROM factor_try WHERE owner = $2)`,
		`UPDATE factor_password SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_totp SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_recovery SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_try SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_handle SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_passkey SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_certificate SET owner = $2 WHERE owner = $1`,
		`UPDATE factor_signature SET owner = $2 WHERE owner = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, from, into); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM factor_challenge WHERE owner = $1`, from)
	return err
}

func endAll(ctx context.Context, tx *db.Tx, owner string) error {
	for _, q := range []string{
		`DELETE FROM factor_password WHERE owner = $1`, `DELETE FROM factor_totp WHERE owner = $1`, `DELETE FROM factor_recovery WHERE owner = $1`,
		`DELETE FROM factor_try WHERE owner = $1`, `DELETE FROM factor_handle WHERE owner = $1`, `DELETE FROM factor_passkey WHERE owner = $1`,
		`DELETE FROM factor_certificate WHERE owner = $1`, `DELETE FROM factor_challenge WHERE owner = $1`,
		`DELETE FROM factor_signature WHERE owner = $1 AND state <> 'signed'`,
	} {
		if _, err := tx.ExecContext(ctx, q, owner); err != nil {
			return err
		}
	}
	return nil
}

// endBefore counts only what somebody could sign in or sign with.
func endBefore(ctx context.Context, tx *db.Tx, owner string, before time.Time) (gone int64, err error) {
	for _, q := range []string{
		`DELETE FROM factor_password WHERE owner = $1 AND changed_ms < $2`, `DELETE FROM factor_totp WHERE owner = $1 AND made_ms < $2`,
		`DELETE FROM factor_recovery WHERE owner = $1 AND made_ms < $2`, `DELETE FROM factor_passkey WHERE owner = $1 AND made_ms < $2`,
		`DELETE FROM factor_certificate WHERE owner = $1 AND made_ms < $2`,
	} {
		r, err := tx.ExecContext(ctx, q, owner, before.UnixMilli())
		if err != nil {
			return 0, err
		}
		n, err := r.RowsAffected()
		if err != nil {
			return 0, err
		}
		gone += n
	}
	return gone, nil
}
