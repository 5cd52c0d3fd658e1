package identity

import (
	"context"

	"tongban/internal/base/db"
)

// credential is a staff password that was set before passwords moved to the room of factors.
type credential struct {
	hash       string
	mustChange bool
}

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

func dropCredential(ctx context.Context, tx *db.Tx, staffID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM identity_credential WHERE staff_id = $1`, staffID)
	return err
}
