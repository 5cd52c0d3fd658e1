package search_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// schema is the catalog's, read from its folder: the package above imports this one.
var schema = []db.Room{audit.Schema, {Name: "catalog", Files: os.DirFS("..")}}

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))

func service(t testing.TB, d *db.DB) *search.Service {
	t.Helper()
	s, err := search.New(search.Deps{DB: d, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// row is an item as package catalog would write it.
type row struct {
	item.Item
	region, agencyName, agencyShort, code, state string
}

// write puts items into catalog_item and the index, in one transaction.
func write(t testing.TB, d *db.DB, s *search.Service, rows ...row) {
	t.Helper()
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
			return err
		}
		var entries []search.Entry
		for i := range rows {
			e, err := writeRow(ctx, tx, seq, &rows[i])
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		_, err := s.PutTx(ctx, tx, seq, entries)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func writeRow(ctx context.Context, tx *db.Tx, seq int64, r *row) (search.Entry, error) {
	it := &r.Item
	e := search.Entry{Key: it.Key, Item: it, Agency: it.Agency, AgencyName: r.agencyName, AgencyShort: r.agencyShort, Region: r.region}
	if err := tx.QueryRowContext(ctx, `SELECT head FROM catalog_item WHERE key = $1`, it.Key).Scan(&e.Was); err != nil && !db.NoRows(err) {
		return e, err
	}
	state := r.state
	if state == "" {
		state = "1"
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO catalog_item (key, version, pack, unreviewed, published_ms, seq, name, head, region, agency, code, item_type, online, audience,
			themes_person, themes_firm, rank, state) VALUES ($1, 1, '', $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (key) DO UPDATE SET name = excluded.name, head = excluded.head, region = excluded.region, state = excluded.state, seq = excluded.seq`,
		it.Key, it.Unreviewed, seq, it.Name, search.HeadID(it), r.region, it.Agency, r.code, it.ItemType, it.Online, search.AudienceMask(it.Audience),
		search.ThemeMask("person", it.Themes.Person), search.ThemeMask("firm", it.Themes.Firm), search.Rank(it), state)
	return e, err
}

func named(key, name, region string, everyday ...string) row {
	return row{Item: item.Item{Key: key, Name: name, Everyday: everyday, Agency: "a-" + region, ItemType: "01"}, region: region}
}

func keysOf(r search.Result) []string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, h.Key)
	}
	return out
}

func find(t testing.TB, s *search.Service, q search.Query) search.Result {
	t.Helper()
	r, err := s.Find(t.Context(), q)
	if err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return r
}

func wantKeys(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
