package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// credential gives a staff member's, or none.
func (s *Service) credential(ctx context.Context, staffID string) (credential, error) {
	all, err := db.All(ctx, s.d.R(), func(r *db.Rows) (credential, error) {
		var c credential
		err := r.Scan(&c.hash, &c.mustChange)
		return c, err
	}, `SELECT hash, must_change FROM identity_credential WHERE staff_id = $1`, staffID)
	if err != nil || len(all) == 0 {
		return credential{}, err
	}
	return all[0], nil
}

// saveCredential also ends the staff member's other sessions and all tokens: whoever stole the old password is out.
func saveCredential(ctx context.Context, tx *db.Tx, now time.Time, staffID, hash string, mustChange bool, keepSession string) error {
	ms := now.UnixMilli()
	if _, err := tx.ExecContext(ctx, `INSERT INTO identity_credential (staff_id, hash, must_change, set_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (staff_id) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change, set_ms = excluded.set_ms`, staffID, hash, mustChange, ms); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE identity_session SET ended_ms = $1 WHERE staff_id = $2 AND id <> $3 AND ended_ms = 0`, ms, staffID, keepSession); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE identity_token SET ended_ms = $1 WHERE staff_id = $2 AND ended_ms = 0`, ms, staffID)
	return err
}
