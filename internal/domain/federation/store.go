package federation

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "federation", Files: files}

const selectProvider = `SELECT key, CAST(settings AS TEXT), secret, version, at_ms, proposed_by, approved_by FROM federation_provider `

func (s *Service) scanProvider(r *db.Rows) (Provider, error) {
	var p Provider
	var key, doc string
	var secret []byte
	var at int64
	err := r.Scan(&key, &doc, &secret, &p.Version, &at, &p.By, &p.With)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &p.Settings)
	}
	if err != nil {
		return p, err
	}
	p.Key, p.At = key, time.UnixMilli(at)
	p.Secret, err = s.d.Vault.OpenText("federation_provider.secret."+key, secret)
	return p, err
}

func (s *Service) providers(ctx context.Context, q db.Q) ([]Provider, error) {
	return db.All(ctx, q, s.scanProvider, selectProvider+`ORDER BY key`)
}

func (s *Service) provider(ctx context.Context, q db.Q, key string) (Provider, error) {
	return db.One(ctx, q, errUnknown, s.scanProvider, selectProvider+`WHERE key = $1`, key)
}

// putProvider writes approved settings over the version they were made for.
func (s *Service) putProvider(ctx context.Context, tx *db.Tx, p Proposal, by string, now time.Time) error {
	doc, err := json.Marshal(p.Settings)
	if err != nil {
		return err
	}
	secret := s.d.Vault.SealText("federation_provider.secret."+p.Key, p.Secret)
	return tx.Exec1(ctx, errMoved, `INSERT INTO federation_provider (key, settings, secret, version, at_ms, proposed_by, approved_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO UPDATE SET settings = excluded.settings, secret = excluded.secret, version = excluded.version,
		at_ms = excluded.at_ms, proposed_by = excluded.proposed_by, approved_by = excluded.approved_by WHERE federation_provider.version = $8`,
		p.Key, string(doc), secret, p.Base+1, now.UnixMilli(), p.By, by, p.Base)
}
