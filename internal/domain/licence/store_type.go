package licence

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectType = `SELECT doc, version, digest FROM licence_type `

type storedType struct {
	Type
	digest string
}

func scanType(r *db.Rows) (storedType, error) {
	var t storedType
	var doc string
	var version int
	if err := r.Scan(&doc, &version, &t.digest); err != nil {
		return t, err
	}
	err := json.Unmarshal([]byte(doc), &t.Type)
	t.Version = version
	return t, err
}

func stored(ctx context.Context, q db.Q, key string) (storedType, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "licence.type_not_found", errs.P{"key": key}), scanType, selectType+`WHERE key = $1 ORDER BY version DESC LIMIT 1`, key)
}

func newest(ctx context.Context, q db.Q, key string) (Type, error) {
	t, err := stored(ctx, q, key)
	return t.Type, err
}

func version(ctx context.Context, q db.Q, key string, n int) (Type, error) {
	t, err := db.One(ctx, q, errs.New(errs.NotFound, "licence.type_not_found", errs.P{"key": key}), scanType, selectType+`WHERE key = $1 AND version = $2`, key, n)
	return t.Type, err
}

// putType stores a type as a new version unless the newest one reads the same.
func putType(ctx context.Context, tx *db.Tx, now time.Time, t Type) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	sum := sm3.Sum(doc)
	digest := hex.EncodeToString(sum[:])
	old, err := stored(ctx, tx, t.Key)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if old.digest == digest {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO licence_type (key, version, name, doc, digest, loaded_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.Key, old.Version+1, t.Name, string(doc), digest, now.UnixMilli())
	return err
}

// Types gives the newest version of every type, by key.
func (s *Service) Types(ctx context.Context) ([]Type, error) {
	all, err := db.All(ctx, s.d.DB.R(), scanType, selectType+`AS t WHERE version = (SELECT MAX(version) FROM licence_type WHERE key = t.key) ORDER BY key`)
	out := make([]Type, 0, len(all))
	for _, t := range all {
		out = append(out, t.Type)
	}
	return out, err
}
