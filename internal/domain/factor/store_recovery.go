package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

type recoveryRow struct{ id, hash string }

func recoveryOf(ctx context.Context, q db.Q, owner string) ([]recoveryRow, error) {
	return db.All(ctx, q, func(r *db.Rows) (c recoveryRow, err error) { return c, r.Scan(&c.id, &c.hash) },
		`SELECT id, hash FROM factor_recovery WHERE owner = $1`, owner)
}

func insertRecovery(ctx context.Context, tx *db.Tx, now time.Time, id, owner, hash string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_recovery (id, owner, hash, made_ms) VALUES ($1, $2, $3, $4)`, id, owner, hash, now.UnixMilli())
	return err
}

// useRecovery removes a code; of two who use the same one at once, one gets false.
func useRecovery(ctx context.Context, tx *db.Tx, id string) (bool, error) {
	r, err := tx.ExecContext(ctx, `DELETE FROM factor_recovery WHERE id = $1`, id)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func deleteRecovery(ctx context.Context, tx *db.Tx, owner string) (int64, error) {
	r, err := tx.ExecContext(ctx, `DELETE FROM factor_recovery WHERE owner = $1`, owner)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
