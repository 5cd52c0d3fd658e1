package catalog

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "catalog", Files: files}

// changeSeq is the number of the last change of the catalog.
func changeSeq(ctx context.Context, q db.Q) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT seq FROM catalog_change WHERE id = 1`).Scan(&n)
	return n, db.Classify(err)
}

// nextSeq numbers a change. Its row makes writers wait for each other, so that numbers become visible in order.
func nextSeq(ctx context.Context, tx *db.Tx) (int64, error) {
	var n int64
	err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&n)
	return n, err
}

// held is the current version of an item with its state, as answers are made of it. Nobody changes it.
type held struct {
	Item
	state State
}

const itemColumns = `i.key, v.version, i.pack, i.unreviewed, v.form_version, v.flow_version, v.published_ms, i.state, i.state_reason, i.state_ms, i.instead, v.doc`

func scanItem(r *db.Rows) (*held, error) {
	h := &held{}
	var key, doc string
	var ms, stateMS int64
	if err := r.Scan(&key, &h.Version, &h.Pack, &h.Unreviewed, &h.FormVersion, &h.FlowVersion, &ms, &h.state.Code, &h.state.Reason, &stateMS, &h.state.Instead, &doc); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(doc), &h.Item); err != nil {
		return nil, fmt.Errorf("item %s: %w", key, err)
	}
	h.ID, h.Published, h.State = key, time.UnixMilli(ms), h.state.Code
	if stateMS > 0 {
		h.state.Since = time.UnixMilli(stateMS)
	}
	return h, nil
}

// itemsOf gives the current versions of items; those that are not there are left out.
func itemsOf(ctx context.Context, q db.Q, keys []string) ([]*held, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return db.All(ctx, q, scanItem, `SELECT `+itemColumns+` FROM catalog_item i JOIN catalog_version v ON v.key = i.key AND v.version = i.version
		WHERE i.key IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
}

// changedSince gives the keys of items that changed after a number; all is false when there are more than most.
func changedSince(ctx context.Context, q db.Q, seq int64, most int) (keys []string, all bool, err error) {
	keys, err = db.All(ctx, q, scanString, `SELECT key FROM catalog_item WHERE seq > $1 LIMIT $2`, seq, most+1)
	return keys, len(keys) <= most, err
}

func scanString(r *db.Rows) (string, error) {
	var s string
	err := r.Scan(&s)
	return s, err
}

func itemVersion(ctx context.Context, q db.Q, key string, version int) (*held, error) {
	missing := errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	return db.One(ctx, q, missing, scanItem,
		`SELECT `+itemColumns+` FROM catalog_item i JOIN catalog_version v ON v.key = i.key WHERE i.key = $1 AND v.version = $2`, key, version)
}

// VersionInfo is one version of an item.
type VersionInfo struct {
	Version, FormVersion, FlowVersion int
	Published                         time.Time
	Hash                              string
}

func versions(ctx context.Context, q db.Q, key string) ([]VersionInfo, error) {
	return db.All(ctx, q, func(r *db.Rows) (VersionInfo, error) {
		var v VersionInfo
		var ms int64
		err := r.Scan(&v.Version, &v.FormVersion, &v.FlowVersion, &ms, &v.Hash)
		v.Published = time.UnixMilli(ms)
		return v, err
	}, `SELECT version, form_version, flow_version, published_ms, hash FROM catalog_version WHERE key = $1 ORDER BY version DESC`, key)
}

// publishing is one item on its way into the tables.
type publishing struct {
	item       Item
	pack       string // "" for an item of a list
	form, flow int    // versions, 0 for none
	unreviewed bool
}

// hash is that of the document as Go writes it and of the definitions it goes with: a new form makes a new version of the item.
func (p publishing) hash() (doc, hash string, err error) {
	b, err := json.Marshal(p.item)
	if err != nil {
		return "", "", err
	}
	return string(b), digest(fmt.Appendf(b, "\nform %d flow %d", p.form, p.flow)), nil
}

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// markReviewed notes that the item office has looked at the version it was shown.
func markReviewed(ctx context.Context, tx *db.Tx, key string, version int, seq int64) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "catalog.moved"), `UPDATE catalog_item SET unreviewed = false, rank = CASE WHEN rank = $4 THEN $5 ELSE rank END, seq = $3
		WHERE key = $1 AND version = $2 AND unreviewed`, key, version, seq, rankUnreviewed, rankGuide)
}
