package pack

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "pack", Files: files}

// Loaded is a pack in the database. Name is empty for packs loaded by a program that did not keep it.
type Loaded struct {
	Key      string
	Version  int64
	Hash     string
	At       time.Time
	Name     string
	NameEn   string
	Requires []string
}

// List gives the loaded packs.
func (s *Service) List(ctx context.Context) ([]Loaded, error) {
	return db.All(ctx, s.d.R(), func(r *db.Rows) (Loaded, error) {
		var l Loaded
		var at int64
		var requires string
		if err := r.Scan(&l.Key, &l.Version, &l.Hash, &at, &l.Name, &l.NameEn, &requires); err != nil {
			return l, err
		}
		l.At = time.UnixMilli(at)
		return l, json.Unmarshal([]byte(requires), &l.Requires)
	}, `SELECT key, version, hash, loaded_ms, name, name_en, requires FROM pack_pack ORDER BY key`)
}

// version is the loaded version of a pack, 0 for none.
func (s *Service) version(ctx context.Context, key string) (int64, error) {
	var v int64
	err := s.d.R().QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM pack_pack WHERE key = $1`, key).Scan(&v)
	return v, db.Classify(err)
}

// loaded reports whether this very content is in the database, with its files.
func (s *Service) loaded(ctx context.Context, p Pack) (bool, error) {
	var n int
	err := s.d.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM pack_pack k WHERE k.key = $1 AND k.hash = $2
		AND EXISTS (SELECT 1 FROM pack_file f WHERE f.pack = k.key AND f.version = k.version)`, p.Key, p.Hash()).Scan(&n)
	return n > 0, db.Classify(err)
}

// place names a file for the vault.
func place(pack, path string) string { return "pack_file.content." + pack + "/" + path }

// scanFile reads pack, path and sealed content: staff stand in agencies.yaml.
func (s *Service) scanFile(r *db.Rows) (packfile.File, error) {
	var f packfile.File
	var sealed []byte
	if err := r.Scan(&f.Pack, &f.Path, &sealed); err != nil {
		return f, err
	}
	data, err := s.vault.Open(place(f.Pack, f.Path), sealed)
	f.Data = data
	return f, err
}

// content reads the files of a loaded pack; none when a program that kept no files loaded it last.
func (s *Service) content(ctx context.Context, q db.Q, key string) ([]packfile.File, error) {
	return db.All(ctx, q, s.scanFile, `SELECT f.pack, f.path, f.content FROM pack_file f JOIN pack_pack k ON k.key = f.pack AND k.version = f.version WHERE f.pack = $1 ORDER BY f.path`, key)
}

// Holder names the first loaded pack of which a file under a path's beginning ("papers/", "agencies.yaml") satisfies is; "" when there is none.
func (s *Service) Holder(ctx context.Context, begins string, is func(f packfile.File) bool) (string, error) {
	fs, err := db.All(ctx, s.d.R(), s.scanFile, `SELECT pack, path, content FROM pack_file WHERE path >= $1 AND path < $2 ORDER BY pack, path`, begins, begins+"\U0010ffff")
	if err != nil {
		return "", err
	}
	for _, f := range fs {
		if is(f) {
			return f.Pack, nil
		}
	}
	return "", nil
}

func errMoved(key string) error { return errs.New(errs.Conflict, "pack.moved", errs.P{"key": key}) }

// kept reports whether a version made in the browser, as new as v or newer, is loaded: a folder must not take its place unnoticed.
func (s *Service) kept(ctx context.Context, key string, v int64) (version int64, yes bool, err error) {
	err = s.d.R().QueryRowContext(ctx, `SELECT version FROM pack_pack WHERE key = $1 AND edited AND version >= $2`, key, v).Scan(&version)
	if db.NoRows(err) {
		return 0, false, nil
	}
	return version, err == nil, db.Classify(err)
}

// noteTx notes what is loaded now. was is the version a change in the browser was laid over, which must still be there, 0 for none; below 0 it is a folder.
func (s *Service) noteTx(ctx context.Context, tx *db.Tx, now time.Time, p Pack, was int64) error {
	requires, err := json.Marshal(append([]string{}, p.Requires...))
	if err != nil {
		return err
	}
	query := `INSERT INTO pack_pack (key, version, hash, loaded_ms, name, name_en, requires, edited) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO `
	args := []any{p.Key, p.Version, p.Hash(), now.UnixMilli(), p.Name, p.NameEn, string(requires), was >= 0}
	switch {
	case was == 0:
		query += `NOTHING`
	default:
		query += `UPDATE SET version = excluded.version, hash = excluded.hash, loaded_ms = excluded.loaded_ms, name = excluded.name,
			name_en = excluded.name_en, requires = excluded.requires, edited = excluded.edited`
		if was > 0 {
			query += ` WHERE pack_pack.version = $9`
			args = append(args, was)
		}
	}
	if err := tx.Exec1(ctx, errMoved(p.Key), query, args...); err != nil {
		return err
	}
	return s.keepFiles(ctx, tx, p)
}

func (s *Service) keepFiles(ctx context.Context, tx *db.Tx, p Pack) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM pack_file WHERE pack = $1`, p.Key); err != nil {
		return err
	}
	for _, f := range p.Files {
		sum := sha256.Sum256(f.Data)
		if _, err := tx.ExecContext(ctx, `INSERT INTO pack_file (pack, path, version, hash, content) VALUES ($1, $2, $3, $4, $5)`,
			p.Key, f.Path, p.Version, hex.EncodeToString(sum[:]), s.vault.Seal(place(p.Key, f.Path), f.Data)); err != nil {
			return err
		}
	}
	return nil
}
