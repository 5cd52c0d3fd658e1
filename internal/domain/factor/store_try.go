package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

func tries(ctx context.Context, q db.Q, owner, kind string) (failed int64, wait time.Time, err error) {
	var ms int64
	err = q.QueryRowContext(ctx, `SELECT failed, wait_ms FROM factor_try WHERE owner = $1 AND kind = $2`, owner, kind).Scan(&failed, &ms)
	if db.NoRows(err) {
		return 0, time.Time{}, nil
	}
	return failed, time.UnixMilli(ms), err
}

func putTries(ctx context.Context, tx *db.Tx, owner, kind string, failed int64, wait time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_try (owner, kind, failed, wait_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (owner, kind) DO UPDATE SET failed = excluded.failed, wait_ms = excluded.wait_ms`, owner, kind, failed, wait.UnixMilli())
	return err
}

func forget(ctx context.Context, tx *db.Tx, owner, kind string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM factor_try WHERE owner = $1 AND kind = $2`, owner, kind)
	return err
}
