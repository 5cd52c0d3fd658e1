package catalog_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog"
)

// A list goes from name to name. This one has 40 names in 120 counties of 4 provinces, and one name that 1,500 offices bear.
const (
	listNames    = 40
	listCounties = 120
	listCommon   = 1500
)

func countyOf(i int) string { return strconv.Itoa((51+i%4)*10000 + (1+i/4%5)*100 + 1 + i/20) }

func fillLists(t *testing.T, d *db.DB) *catalog.Service {
	t.Helper()
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"item_name", "local_item_code", "agency_code", "department", "region_code", "item_type"}) // a buffer takes everything
	for n := range listNames {
		for i := n % 7; i < listCounties; i += 1 + n%5 {
			_ = c.Write([]string{fmt.Sprintf("%c类许可第%d号", '甲'+rune(n%9)*11, n), fmt.Sprintf("N%d-%d", n, i), "", "区局" + countyOf(i), countyOf(i), fmt.Sprintf("%02d", 1+n%10)})
		}
	}
	for i := range listCommon {
		_ = c.Write([]string{"人人都有的事项", fmt.Sprintf("C-%d", i), "", "街道" + strconv.Itoa(i), countyOf(i % listCounties), map[bool]string{true: "20", false: "07"}[i == listCommon-1]})
	}
	c.Flush()
	s := service(d)
	importing(t, s, b.Bytes())
	return s
}

// everyPage reads a list to its end, page by page.
func everyPage(t *testing.T, s *catalog.Service, q catalog.Query) (keys []string, count string) {
	t.Helper()
	for range 500 {
		p, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range p.Items {
			keys = append(keys, it.Key)
		}
		if count = p.Count; p.Next == "" {
			return keys, count
		}
		q.After = p.Next
	}
	t.Fatal("the list does not end")
	return nil, ""
}

func TestAListGoesFromNameToNameAndLeavesNothingOut(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := fillLists(t, d)
		for name, c := range map[string]struct {
			q     catalog.Query
			where string
			limit []int
		}{
			"everything":     {catalog.Query{}, "1 = 1", []int{100, 37}},
			"type":           {catalog.Query{Type: "03"}, "item_type = '03'", []int{100, 7}},
			"rare type":      {catalog.Query{Type: "20"}, "item_type = '20'", []int{20}},
			"type and place": {catalog.Query{Type: "07", Region: "520000"}, "item_type = '07' AND region LIKE '52%'", []int{50}},
			"county":         {catalog.Query{Region: countyOf(5), Audience: "person"}, "region = '" + countyOf(5) + "'", []int{9}},
			"same":           {catalog.Query{Same: firstKey(t, d)}, "name = '人人都有的事项'", []int{100}},
			"text":           {catalog.Query{Text: "第3", Exact: true}, "name LIKE '%第3%'", []int{30}},
			"nothing":        {catalog.Query{Type: "19"}, "item_type = '19'", []int{20}},
		} {
			rows, err := db.All(t.Context(), d.R(), func(r *db.Rows) (string, error) { var k string; err := r.Scan(&k); return k, err },
				`SELECT key FROM catalog_item WHERE state = '1' AND `+c.where+` ORDER BY rank DESC, sort, head, region, key`)
			if err != nil {
				t.Fatal(err)
			}
			for _, limit := range c.limit {
				c.q.Limit = limit
				keys, count := everyPage(t, s, c.q)
				if !slices.Equal(keys, rows) {
					t.Errorf("%s by %d: %d keys, want %d, or in another order", name, limit, len(keys), len(rows))
				}
				if want := strconv.Itoa(len(rows)); count != want && (len(rows) < 1000 || count != "1,000+") {
					t.Errorf("%s: counted %s, want %s", name, count, want)
				}
			}
		}
	})
}

func firstKey(t *testing.T, d *db.DB) (key string) {
	t.Helper()
	if err := d.R().QueryRowContext(t.Context(), `SELECT MIN(key) FROM catalog_item WHERE name = '人人都有的事项'`).Scan(&key); err != nil {
		t.Fatal(err)
	}
	return key
}

// fetched is how many rows of catalog_item were read so far, as PostgreSQL counts them.
func fetched(ctx context.Context, t *testing.T, d *db.DB) (n int) {
	t.Helper()
	err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'catalog_item'`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A page of a list without a region touches a bounded number of rows, however many there are.
func TestAPageTouchesFewRows(t *testing.T) {
	if os.Getenv(dbtest.ServerVar) == "" {
		t.Skip("PostgreSQL counts the rows")
	}
	d := dbtest.Postgres(t, schema...)
	s := scaled(t, d, 40_000)
	settled := func() int { // backends report what they read after a moment
		last := -1
		for n := fetched(t.Context(), t, d); n != last; n = fetched(t.Context(), t, d) {
			last = n
			if _, err := db.All(t.Context(), d.R(), func(*db.Rows) (bool, error) { return true, nil }, `SELECT pg_stat_force_next_flush(), pg_sleep(0.3)`); err != nil {
				t.Fatal(err)
			}
		}
		return last
	}
	if _, err := s.Search(t.Context(), catalog.Query{Type: "01"}); err != nil { // what is read once is read now
		t.Fatal(err)
	}
	for _, q := range []catalog.Query{{}, {Theme: "person:040"}, {Region: "110000", Type: "03"}, {Type: "02", Theme: "person:065"}} {
		before := settled()
		if p, err := s.Search(t.Context(), q); err != nil || len(p.Items) == 0 {
			t.Fatalf("%+v: %d items, %v", q, len(p.Items), err)
		}
		if n := settled() - before; n > 13_000 {
			t.Errorf("%+v: %d rows touched", q, n)
		}
	}
}
