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

const itemColumns = `i.key, v.version, i.pack, i.unreviewed, v.form_version, v.flow_version, v.published_ms, v.doc`

func scanItem(r *db.Rows) (*Item, error) {
	it := &Item{}
	var key, doc string
	var ms int64
	if err := r.Scan(&key, &it.Version, &it.Pack, &it.Unreviewed, &it.FormVersion, &it.FlowVersion, &ms, &doc); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(doc), it); err != nil {
		return nil, fmt.Errorf("item %s: %w", key, err)
	}
	it.ID, it.Published = key, time.UnixMilli(ms)
	return it, nil
}

// itemsSince gives the current version of items that changed after a number.
func itemsSince(ctx context.Context, q db.Q, seq int64) ([]*Item, error) {
	return db.All(ctx, q, scanItem, `SELECT `+itemColumns+` FROM catalog_item i JOIN catalog_version v ON v.key = i.key AND v.version = i.version WHERE i.seq > $1`, seq)
}

func itemVersion(ctx context.Context, q db.Q, key string, version int) (*Item, error) {
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

// current is what a writer needs to know of an item's newest version.
type current struct {
	version    int
	pack, hash string
	unreviewed bool
}

func currentOf(ctx context.Context, q db.Q, key string) (current, error) {
	var c current
	err := q.QueryRowContext(ctx, `SELECT i.version, i.pack, v.hash, i.unreviewed FROM catalog_item i JOIN catalog_version v ON v.key = i.key AND v.version = i.version
		WHERE i.key = $1`, key).Scan(&c.version, &c.pack, &c.hash, &c.unreviewed)
	if db.NoRows(err) {
		return current{}, nil
	}
	return c, err
}

// publishing is one item on its way into the tables.
type publishing struct {
	item       Item
	pack       string
	form, flow int // versions, 0 for none
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

// put writes an item as a new version and makes it current; nothing happens when the content is what it was. seq is asked for only when needed.
func put(ctx context.Context, tx *db.Tx, now time.Time, p publishing, seq func() (int64, error)) (version int, changed bool, err error) {
	doc, hash, err := p.hash()
	if err != nil {
		return 0, false, err
	}
	c, err := currentOf(ctx, tx, p.item.Key)
	if err != nil || c.hash == hash && c.pack == p.pack {
		return c.version, false, err
	}
	if c.version > 0 && c.pack != p.pack {
		return 0, false, errs.New(errs.Conflict, "catalog.other_pack", errs.P{"key": p.item.Key, "pack": c.pack})
	}
	n, err := seq()
	if err != nil {
		return 0, false, err
	}
	version = c.version + 1
	if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_version (key, version, doc, hash, form_version, flow_version, published_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.item.Key, version, doc, hash, p.form, p.flow, now.UnixMilli()); err != nil {
		return 0, false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalog_item (key, version, pack, unreviewed, published_ms, seq) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (key) DO UPDATE SET version = $2, unreviewed = $4, published_ms = $5, seq = $6`,
		p.item.Key, version, p.pack, p.unreviewed, now.UnixMilli(), n)
	return version, err == nil, err
}

// markReviewed notes that the item office has looked at the version it was shown.
func markReviewed(ctx context.Context, tx *db.Tx, key string, version int) error {
	n, err := nextSeq(ctx, tx)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, errs.New(errs.Conflict, "catalog.moved"), `UPDATE catalog_item SET unreviewed = false, seq = $3 WHERE key = $1 AND version = $2 AND unreviewed`, key, version, n)
}
