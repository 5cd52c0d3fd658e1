package pack

import (
	"context"
	"embed"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's table.
var Schema = db.Room{Name: "pack", Files: files}

// Loaded is a pack in the database.
type Loaded struct {
	Key     string
	Version int64
	Hash    string
	At      time.Time
}

// List gives the loaded packs.
func (s *Service) List(ctx context.Context) ([]Loaded, error) {
	return db.All(ctx, s.d.R(), func(r *db.Rows) (Loaded, error) {
		var l Loaded
		var at int64
		err := r.Scan(&l.Key, &l.Version, &l.Hash, &at)
		l.At = time.UnixMilli(at)
		return l, err
	}, `SELECT key, version, hash, loaded_ms FROM pack_pack ORDER BY key`)
}

// version is the loaded version of a pack, 0 for none.
func (s *Service) version(ctx context.Context, key string) (int64, error) {
	var v int64
	err := s.d.R().QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM pack_pack WHERE key = $1`, key).Scan(&v)
	return v, db.Classify(err)
}

// loaded reports whether this very content is in the database.
func (s *Service) loaded(ctx context.Context, p Pack) (bool, error) {
	var n int
	err := s.d.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM pack_pack WHERE key = $1 AND hash = $2`, p.Key, p.Hash()).Scan(&n)
	return n > 0, db.Classify(err)
}

func noteTx(ctx context.Context, tx *db.Tx, now time.Time, p Pack) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO pack_pack (key, version, hash, loaded_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET version = excluded.version, hash = excluded.hash, loaded_ms = excluded.loaded_ms`, p.Key, p.Version, p.Hash(), now.UnixMilli())
	return err
}
