package catalog

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
)

// filter are conditions on rows of catalog_item.
type filter struct {
	where  []string // with ? for arguments
	args   []any
	narrow bool // few rows meet them: they are sorted; otherwise the list is walked in its order
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
	err := r.Scan(&p.rank, &p.sort, &p.key)
	return p, err
}

// listRows gives the next rows behind a place. What meets narrow conditions is sorted; otherwise each rank is walked along the index of the order, so that
// a page costs the rows it passes and not the rows there are.
func listRows(ctx context.Context, q db.Q, f filter, from spot, limit int) ([]spot, error) {
	if f.narrow || f.halted {
		return db.All(ctx, q, scanSpot, `SELECT rank, sort, key FROM catalog_item WHERE `+f.sql(5)+` AND (rank < $1 OR rank = $1 AND (sort, key) > ($2, $3))
			ORDER BY rank + 0 DESC, sort, key LIMIT $4`, append([]any{from.rank, from.sort, from.key, limit}, f.args...)...)
	}
	var out []spot
	for rank := from.rank; rank >= 0 && len(out) < limit; rank-- {
		part, err := db.All(ctx, q, scanSpot, `SELECT rank, sort, key FROM catalog_item WHERE `+f.sql(5)+` AND rank = $1 AND (sort, key) > ($2, $3)
			ORDER BY sort, key LIMIT $4`, append([]any{rank, from.sort, from.key, limit - len(out)}, f.args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
		from = spot{} // the next rank from its beginning
	}
	return out, nil
}

// countRows counts rows, at most so many.
func countRows(ctx context.Context, q db.Q, f filter, most int) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM catalog_item WHERE `+f.sql(2)+` LIMIT $1) AS part`, append([]any{most}, f.args...)...).Scan(&n)
	return n, db.Classify(err)
}

// adopterKeys gives keys of the items of a base code, in any state, after a key.
func adopterKeys(ctx context.Context, q db.Q, base, after string, limit int) ([]string, error) {
	return db.All(ctx, q, scanString, `SELECT key FROM catalog_item WHERE base_code = $1 AND base_code <> '' AND key > $2 ORDER BY key LIMIT $3`, base, after, limit)
}
