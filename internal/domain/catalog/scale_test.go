package catalog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// perPlace is how many items a county has in the made-up catalogue: every base item once.
const perPlace = 1700

// scaled fills the tables with n made-up items, 1,700 for each of up to 12,400 counties, with their names but without the words of search.
func scaled(b testing.TB, d *db.DB, n int) *catalog.Service {
	b.Helper()
	doc := `'{"key":"k' || i || '","name":"事项' || base || '","item_type":"01","online":"guide","summary":"说明"}'`
	if d.Dialect() == db.Postgres {
		doc = "CAST(" + doc + " AS JSONB)"
	}
	from := ` WITH RECURSIVE g(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM g WHERE i + 1 < ` + strconv.Itoa(n) + `),
		h AS (SELECT i, i % 1700 AS base, i / 1700 AS place FROM g)`
	fill := []string{
		`INSERT INTO catalog_version (key, version, doc, hash, form_version, flow_version, published_ms)` + from + ` SELECT 'k' || i, 1, ` + doc + `, 'h', 0, 0, 1 FROM h`,
		`INSERT INTO catalog_item (key, version, pack, unreviewed, published_ms, seq, name, sort, head, region, agency, item_type, online, audience, themes_person, rank, hash)` + from + `
			SELECT 'k' || i, 1, '', base % 3 = 0, 1, 0, '事项' || base, 's' || (10000 + base * 7919 % 1700), base + 1,
			CAST((11 + place % 31) * 10000 + (1 + place / 31 % 20) * 100 + 1 + place / 620 % 20 AS TEXT), 'a' || place || '-' || base % 30, '0' || (1 + base % 9),
			CASE WHEN base % 20 = 0 THEN 'full' ELSE 'guide' END, 2, CAST(1 AS BIGINT) << (1 + base % 31), CASE WHEN base % 20 = 0 THEN 3 ELSE base % 2 END, 'h' FROM h`,
		`INSERT INTO catalog_tally (kind, key, region, n, name, seq) SELECT 'region', '', region, COUNT(*), '', 0 FROM catalog_item GROUP BY region`,
		`INSERT INTO catalog_tally (kind, key, region, n, name, seq) SELECT 'agency', agency, region, COUNT(*), agency, 0 FROM catalog_item GROUP BY agency, region`,
		`INSERT INTO catalog_tally (kind, key, region, n, name, seq) SELECT 'online', online, region, COUNT(*), '', 0 FROM catalog_item GROUP BY online, region`,
	}
	fill = append(fill,
		`INSERT INTO catalog_head (id, name, aliases, words, lex, seq) SELECT head, MIN(name), '', '', '', 1 FROM catalog_item GROUP BY head`,
		`INSERT INTO catalog_head_use (head, n, key, audience, person, firm, types, online, provinces, top, seq) SELECT head, COUNT(*), MIN(key), MAX(audience), MAX(themes_person), 0,
			1 << CAST(MIN(item_type) AS INTEGER), CASE WHEN MIN(online) = 'full' THEN 1 ELSE 2 END, -1, MAX(rank), 1 FROM catalog_item GROUP BY head`,
		`UPDATE catalog_change SET seq = 1`)
	for _, c := range item.ThemeCodes("person") {
		fill = append(fill, fmt.Sprintf(`INSERT INTO catalog_tally (kind, key, region, n, name, seq) SELECT 'person', '%s', region, COUNT(*), '', 0 FROM catalog_item WHERE themes_person & %d <> 0 GROUP BY region`,
			c, search.ThemeMask("person", []string{c})))
	}
	if d.Dialect() == db.Postgres {
		fill = append(fill, "ANALYZE catalog_item", "ANALYZE catalog_version")
	}
	for _, q := range fill {
		if err := d.Tx(b.Context(), func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, q); return err }); err != nil {
			b.Fatal(err)
		}
	}
	s := service(d)
	if err := s.Ready(b.Context()); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkBrowse measures lists without a question and guides that nobody asked for before, in a catalogue of TONGBAN_BENCH_ITEMS items (100,000 by default).
// Every list is another one, so that none comes from memory.
func BenchmarkBrowse(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("TONGBAN_BENCH_ITEMS"))
	if err != nil {
		n = 100_000
	}
	open := map[string]func() *db.DB{"sqlite": func() *db.DB { return dbtest.SQLite(b, schema...) }}
	if os.Getenv(dbtest.ServerVar) != "" {
		open["postgres"] = func() *db.DB { return dbtest.Postgres(b, schema...) }
	}
	for name, on := range open {
		b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { benchBrowse(b, scaled(b, on(), n), n) })
	}
}

func benchBrowse(b *testing.B, s *catalog.Service, n int) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same queries every time
	places := (n + perPlace - 1) / perPlace
	county := func() string {
		p := r.IntN(places)
		return strconv.Itoa((11+p%31)*10000 + (1+p/31%20)*100 + 1 + p/620%20)
	}
	theme := func() string { c := item.ThemeCodes("person"); return "person:" + c[r.IntN(len(c)-2)] }
	for _, kind := range []struct {
		name string
		make func() catalog.Query
	}{
		{"everything", func() catalog.Query { return catalog.Query{} }},
		{"deep", func() catalog.Query {
			return catalog.Query{After: db.Cursor("0", fmt.Sprintf("shi xiang %d ", r.IntN(1700)), "0", "", "")}
		}},
		{"county", func() catalog.Query { return catalog.Query{Near: county()} }},
		{"county theme", func() catalog.Query { return catalog.Query{Near: county(), Theme: theme()} }},
		{"province", func() catalog.Query { return catalog.Query{Region: county()[:2] + "0000"} }},
		{"province online", func() catalog.Query { return catalog.Query{Region: county()[:2] + "0000", Online: "full"} }},
		{"province theme", func() catalog.Query { return catalog.Query{Region: county()[:2] + "0000", Theme: theme()} }},
		{"theme", func() catalog.Query { return catalog.Query{Theme: theme()} }},
		{"agency", func() catalog.Query { return catalog.Query{Agency: fmt.Sprintf("a%d-%d", r.IntN(places), r.IntN(30))} }},
		{"same", func() catalog.Query { return catalog.Query{Same: fmt.Sprintf("k%d", r.IntN(n))} }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			quantiles(b, func(i int) error {
				q := kind.make()
				q.Limit = 5 + i%96 // another list each time
				_, err := s.Search(b.Context(), q)
				return err
			})
		})
	}
	b.Run("guide", func(b *testing.B) {
		quantiles(b, func(int) error { _, err := s.Item(b.Context(), fmt.Sprintf("k%d", r.IntN(n))); return err })
	})
}

func quantiles(b *testing.B, do func(i int) error) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now() //nolint:forbidigo // it measures
		if err := do(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}
