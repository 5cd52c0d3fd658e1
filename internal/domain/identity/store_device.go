package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// knownDevice gives the id of a device with which the owner has signed in before, or nothing.
func (s *Service) knownDevice(ctx context.Context, q db.Q, owner, device string) (string, error) {
	if owner == "" || device == "" {
		return "", nil
	}
	all, err := db.All(ctx, q, scanText, `SELECT id FROM identity_device WHERE owner = $1 AND device_key = $2 AND last_ms > $3`,
		owner, s.deviceKey(device), s.now().Add(-deviceLife).UnixMilli())
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

func scanText(r *db.Rows) (string, error) {
	var text string
	err := r.Scan(&text)
	return text, err
}

// keepDevice notes that an owner signed in with a device, by its blind key. fresh tells that it is new and not the owner's first.
func keepDevice(ctx context.Context, tx *db.Tx, now time.Time, owner, key string) (id string, fresh bool, err error) {
	if key == "" {
		return "", false, nil
	}
	had, err := db.All(ctx, tx, scanText, `SELECT device_key FROM identity_device WHERE owner = $1`, owner)
	if err != nil {
		return "", false, err
	}
	fresh = len(had) > 0
	for _, k := range had {
		fresh = fresh && k != key
	}
	ids, err := db.All(ctx, tx, scanText, `INSERT INTO identity_device (id, owner, device_key, first_ms, last_ms) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (owner, device_key) DO UPDATE SET last_ms = $4 RETURNING id`, ident.New(), owner, key, now.UnixMilli())
	if err != nil {
		return "", false, err
	}
	return ids[0], fresh, nil
}
