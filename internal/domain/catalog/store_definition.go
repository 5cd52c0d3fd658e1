package catalog

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/form"
)

// The kinds of definition.
const (
	kindForm  = "form"
	kindFlow  = "flow"
	kindTable = "table" // a decision table: publishing an item makes its rows part of the item
)

// definition reads a form or flow; version 0 is the newest. It gives the version it found.
func definition(ctx context.Context, q db.Q, kind, key string, version int) (doc string, found int, err error) {
	err = q.QueryRowContext(ctx, `SELECT doc, version FROM catalog_definition WHERE kind = $1 AND key = $2 AND (version = $3 OR $3 = 0) ORDER BY version DESC LIMIT 1`,
		kind, key, version).Scan(&doc, &found)
	if db.NoRows(err) {
		return "", 0, errs.New(errs.NotFound, "catalog.no_"+kind, errs.P{"key": key})
	}
	return doc, found, db.Classify(err)
}

// putDefinition stores a form or flow as a new version unless the newest one says the same, and gives the version that holds it.
func putDefinition(ctx context.Context, tx *db.Tx, now time.Time, pack, kind, key string, v any) (int, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	var last int
	var hash, owner string
	err = tx.QueryRowContext(ctx, `SELECT version, hash, pack FROM catalog_definition WHERE kind = $1 AND key = $2 ORDER BY version DESC LIMIT 1`, kind, key).Scan(&last, &hash, &owner)
	switch {
	case err != nil && !db.NoRows(err):
		return 0, err
	case err == nil && owner != pack:
		return 0, errs.New(errs.Conflict, "catalog.other_pack", errs.P{"key": key, "pack": owner})
	case err == nil && hash == digest(b):
		return last, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalog_definition (kind, key, version, pack, doc, hash, published_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		kind, key, last+1, pack, string(b), digest(b), now.UnixMilli())
	return last + 1, err
}

// File is a sample or a blank form.
type File struct {
	Pack, Path, Mime, Hash string
	Content                []byte
}

func putFile(ctx context.Context, tx *db.Tx, f File) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO catalog_file (pack, path, mime, hash, content) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (pack, path) DO UPDATE SET mime = $3, hash = $4, content = $5 WHERE catalog_file.hash <> $4`, f.Pack, f.Path, f.Mime, f.Hash, f.Content)
	return err
}

// fileOf finds a file of a pack, or else of another pack: a pack may use what one it requires brings along.
func fileOf(ctx context.Context, q db.Q, pack, path string) (File, error) {
	missing := errs.New(errs.NotFound, "catalog.no_file", errs.P{"path": path})
	return db.One(ctx, q, missing, func(r *db.Rows) (File, error) {
		var f File
		err := r.Scan(&f.Pack, &f.Path, &f.Mime, &f.Hash, &f.Content)
		return f, err
	}, `SELECT pack, path, mime, hash, content FROM catalog_file WHERE path = $1 ORDER BY CASE WHEN pack = $2 THEN 0 ELSE 1 END, pack LIMIT 1`, path, pack)
}

func hasKey(ctx context.Context, q db.Q, kind, key string) (bool, error) {
	query := map[string]string{
		"item":  `SELECT COUNT(*) FROM catalog_item WHERE key = $1`,
		"form":  `SELECT COUNT(*) FROM catalog_definition WHERE kind = 'form' AND key = $1`,
		"flow":  `SELECT COUNT(*) FROM catalog_definition WHERE kind = 'flow' AND key = $1`,
		"table": `SELECT COUNT(*) FROM catalog_definition WHERE kind = 'table' AND key = $1`,
		"file":  `SELECT COUNT(*) FROM catalog_file WHERE path = $1`,
	}[kind]
	if query == "" {
		return false, nil
	}
	var n int
	err := q.QueryRowContext(ctx, query, key).Scan(&n)
	return n > 0, db.Classify(err)
}

func definitionOwner(ctx context.Context, q db.Q, kind, key string) (string, error) {
	var pack string
	err := q.QueryRowContext(ctx, `SELECT pack FROM catalog_definition WHERE kind = $1 AND key = $2 ORDER BY version DESC LIMIT 1`, kind, key).Scan(&pack)
	if db.NoRows(err) {
		return "", nil
	}
	return pack, db.Classify(err)
}

// Forms gives the newest version of every form, by key.
func (s *Service) Forms(ctx context.Context) ([]form.Definition, error) {
	return db.All(ctx, s.db.R(), func(r *db.Rows) (form.Definition, error) {
		var doc string
		var d form.Definition
		if err := r.Scan(&doc); err != nil {
			return d, err
		}
		return d, json.Unmarshal([]byte(doc), &d)
	}, `SELECT doc FROM catalog_definition d WHERE kind = 'form' AND version = (SELECT MAX(version) FROM catalog_definition WHERE kind = d.kind AND key = d.key) ORDER BY key`)
}
