package directory

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "directory", Files: files}

// bump tells every node's snapshot that something changed.
func bump(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE directory_state SET version = version + 1 WHERE one = 1`)
	return err
}

func stateOf(ctx context.Context, q db.Q) (int64, error) {
	var v int64
	err := q.QueryRowContext(ctx, `SELECT version FROM directory_state WHERE one = 1`).Scan(&v)
	return v, db.Classify(err)
}

func load(ctx context.Context, q db.Q) (*snapshot, error) {
	n := &snapshot{base: map[string]int{}, codes: map[string][]Code{}, newest: map[string]map[string]Code{}}
	var err error
	n.bases, err = db.All(ctx, q, scanBase, baseColumns+`JOIN directory_base b ON b.code = v.code AND b.version = v.version ORDER BY v.code`)
	if err != nil {
		return nil, err
	}
	for i, b := range n.bases {
		n.base[b.Code] = i
	}
	codes, err := allCodes(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		n.codes[c.List] = append(n.codes[c.List], c)
		if n.newest[c.List] == nil {
			n.newest[c.List] = map[string]Code{}
		}
		if was, ok := n.newest[c.List][c.Code]; !ok || c.From > was.From {
			n.newest[c.List][c.Code] = c
		}
	}
	n.mappings, err = allMappings(ctx, q)
	return n, err
}

const baseColumns = `SELECT v.version, v.kind, v.state, v.effective, v.follow_by, v.change_id, v.pack, v.doc FROM directory_version v `

func scanBase(r *db.Rows) (Base, error) {
	var b Base
	var version int
	var kind Kind
	var state, effective, by, change, pack, doc string
	if err := r.Scan(&version, &kind, &state, &effective, &by, &change, &pack, &doc); err != nil {
		return b, err
	}
	err := json.Unmarshal([]byte(doc), &b)
	b.Version, b.Kind, b.State, b.Effective, b.FollowBy, b.ChangeID, b.Pack = version, kind, state, effective, by, change, pack
	return b, err
}

func baseVersion(ctx context.Context, q db.Q, code string, version int) (Base, error) {
	return db.One(ctx, q, errNoBase(code), scanBase, baseColumns+`WHERE v.code = $1 AND v.version = $2`, code, version)
}

func versionsOf(ctx context.Context, q db.Q, code string) ([]Base, error) {
	return db.All(ctx, q, scanBase, baseColumns+`WHERE v.code = $1 ORDER BY v.version DESC`, code)
}

// baseSum gives the current version and pack sum of a base item; version 0 if there is none.
func baseSum(ctx context.Context, q db.Q, code string) (version int, sum string, err error) {
	err = q.QueryRowContext(ctx, `SELECT version, pack_sum FROM directory_base WHERE code = $1`, code).Scan(&version, &sum)
	if db.NoRows(err) {
		return 0, "", nil
	}
	return version, sum, db.Classify(err)
}

// putBase writes the next version of a base item. errs.Conflict "directory.base_moved" if another version came in between. An empty sum keeps the row's.
func putBase(ctx context.Context, tx *db.Tx, now time.Time, b Base, sum string) error {
	doc, err := json.Marshal(b)
	if err != nil {
		return err
	}
	moved := errs.New(errs.Conflict, "directory.base_moved", errs.P{"code": b.Code, "version": b.Version})
	if b.Version == 1 {
		err = tx.Exec1(ctx, moved, `INSERT INTO directory_base (code, version, pack_sum, words, item_type, state, levels) VALUES ($1, 1, $2, $3, $4, $5, $6)
			ON CONFLICT (code) DO NOTHING`, b.Code, sum, b.words(), b.ItemType, b.State, b.levels())
	} else {
		err = tx.Exec1(ctx, moved, `UPDATE directory_base SET version = $1, pack_sum = CASE WHEN CAST($2 AS TEXT) = '' THEN pack_sum ELSE CAST($2 AS TEXT) END,
			words = $5, item_type = $6, state = $7, levels = $8 WHERE code = $3 AND version = $4`, b.Version, sum, b.Code, b.Version-1, b.words(), b.ItemType, b.State, b.levels())
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO directory_version (code, version, kind, state, effective, follow_by, change_id, pack, doc, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, b.Code, b.Version, string(b.Kind), b.State, b.Effective, b.FollowBy, b.ChangeID, b.Pack, string(doc), now.UnixMilli())
	return err
}
