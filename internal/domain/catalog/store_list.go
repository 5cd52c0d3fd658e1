package catalog

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/search"
)

// filter are conditions on rows of catalog_item.
type filter struct {
	where  []string // with ? for arguments
	args   []any
	narrow bool // few rows meet them: they are sorted; otherwise the list goes from name to name
	halted bool // suspended or cancelled items
}

func (f *filter) and(cond string, args ...any) {
	f.where = append(f.where, cond)
	f.args = append(f.args, args...)
}

// sql numbers the arguments behind those of the query itself.
func (f *filter) sql(from int) string {
	all := f.where
	if !f.halted {
		all = append([]string{"state = '1'"}, all...) // word for word as in the index
	} else {
		all = append([]string{"state <> '1'"}, all...)
	}
	var b strings.Builder
	for _, r := range strings.Join(all, " AND ") {
		if r == '?' {
			b.WriteString("$" + strconv.Itoa(from))
			from++
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func scanSpot(r *db.Rows) (spot, error) {
	var p spot
	err := r.Scan(&p.rank, &p.sort, &p.head, &p.region, &p.key)
	return p, err
}

// listRows gives the next rows behind a place where few rows meet the conditions: they are sorted.
func listRows(ctx context.Context, q db.Q, f filter, from spot, limit int) ([]spot, error) {
	return db.All(ctx, q, scanSpot, `SELECT rank, sort, head, region, key FROM catalog_item WHERE `+f.sql(7)+`
		AND (rank < $1 OR rank = $1 AND (sort, head, region, key) > ($2, $3, $4, $5)) ORDER BY rank + 0 DESC, sort, head, region, key LIMIT $6`,
		append([]any{from.rank, from.sort, from.head, from.region, from.key, limit}, f.args...)...)
}

// rowsOfNames gives rows of a rank, in the order of their names. Where the place is in the middle of a name, that is the only one.
func rowsOfNames(ctx context.Context, q db.Q, f filter, at spot, names []search.Name, limit int) ([]spot, error) {
	if len(names) == 1 { // may have more items than can be sorted: along the index
		return db.All(ctx, q, func(r *db.Rows) (spot, error) {
			p := spot{rank: at.rank, sort: names[0].Sort, head: names[0].Head}
			err := r.Scan(&p.region, &p.key)
			return p, err
		}, `SELECT region, key FROM catalog_item WHERE `+f.sql(6)+` AND head = $1 AND rank = $2 AND (region, key) > ($3, $4) ORDER BY region, key LIMIT $5`,
			append([]any{names[0].Head, at.rank, at.region, at.key, limit}, f.args...)...)
	}
	return db.All(ctx, q, func(r *db.Rows) (spot, error) {
		p, i := spot{rank: at.rank}, 0
		err := r.Scan(&i, &p.region, &p.key)
		p.sort, p.head = names[i].Sort, names[i].Head
		return p, err
	}, `WITH h(name, place) AS (VALUES `+placesOf(names)+`) SELECT h.place, region, key FROM h JOIN catalog_item ON head = h.name
		WHERE `+f.sql(3)+` AND rank = $1 ORDER BY h.place, region, key LIMIT $2`, append([]any{at.rank, limit}, f.args...)...)
}

// placesOf writes numbers of our own making, each with its place.
func placesOf(names []search.Name) string {
	var b []byte
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '('), n.Head, 10)
		b = append(strconv.AppendInt(append(b, ','), int64(i), 10), ')')
	}
	return string(b)
}

// countOfNames counts rows of names, at most so many.
func countOfNames(ctx context.Context, q db.Q, f filter, names []search.Name, most int) (int, error) {
	return countIn(ctx, q, `WITH h(name, place) AS (VALUES `+placesOf(names)+`) SELECT COUNT(*) FROM (SELECT 1 FROM h JOIN catalog_item ON head = h.name WHERE `, f, most)
}

// countSome counts rows, at most so many.
func countSome(ctx context.Context, q db.Q, f filter, most int) (int, error) {
	return countIn(ctx, q, `SELECT COUNT(*) FROM (SELECT 1 FROM catalog_item WHERE `, f, most)
}

func countIn(ctx context.Context, q db.Q, text string, f filter, most int) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, text+f.sql(2)+` LIMIT $1) AS part`, append([]any{most}, f.args...)...).Scan(&n)
	return n, db.Classify(err)
}

func scanHead(r *db.Rows) (int64, error) {
	var n int64
	err := r.Scan(&n)
	return n, err
}

// headOf gives the head of an item, which has none before it is filled in; never nil.
func headOf(ctx context.Context, q db.Q, key string) ([]int64, error) {
	all, err := db.All(ctx, q, scanHead, `SELECT head FROM catalog_item WHERE key = $1`, key)
	return append([]int64{}, all...), err
}

// headsOfLife gives the heads that stand at a life event; never nil. Few items name one: they have an index of their own.
func headsOfLife(ctx context.Context, q db.Q, code string) ([]int64, error) {
	all, err := db.All(ctx, q, scanHead, `SELECT DISTINCT head FROM catalog_item WHERE life <> '' AND life LIKE $1`, "%|"+code+"|%")
	return append([]int64{}, all...), err
}

// adopterKeys gives keys of the items of a base code, in any state, after a key.
func adopterKeys(ctx context.Context, q db.Q, base, after string, limit int) ([]string, error) {
	return db.All(ctx, q, scanString, `SELECT key FROM catalog_item WHERE base_code = $1 AND base_code <> '' AND key > $2 ORDER BY key LIMIT $3`, base, after, limit)
}
