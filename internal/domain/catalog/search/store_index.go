package search

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
)

// The text index is the one thing the engines do not share. Both are fed tokens that lex made; neither parses text of its own, and neither ranks.

// headText is a row of the text index.
type headText struct {
	head  int64
	words headWords
	body  []string
}

// putText writes rows of the text index, in place of older ones.
func putText(ctx context.Context, tx *db.Tx, rows []headText) error {
	if tx.Dialect() == db.Postgres {
		return putVectors(ctx, tx, rows)
	}
	for _, r := range rows {
		if _, err := tx.ExecContext(ctx, `DELETE FROM catalog_head_text WHERE rowid = $1`, r.head); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_head_text (rowid, name, everyday, short, body) VALUES ($1, $2, $3, $4, $5)`,
			r.head, strings.Join(r.words[0], " "), strings.Join(r.words[1], " "), strings.Join(r.words[2], " "), strings.Join(r.body, " ")); err != nil {
			return err
		}
	}
	return nil
}

func putVectors(ctx context.Context, tx *db.Tx, rows []headText) error {
	for len(rows) > 0 {
		n := min(len(rows), 500)
		var q strings.Builder
		q.WriteString(`INSERT INTO catalog_head_text (head, doc) VALUES `)
		args := make([]any, 0, 2*n)
		for i, r := range rows[:n] {
			if i > 0 {
				q.WriteByte(',')
			}
			q.WriteString("($" + strconv.Itoa(2*i+1) + ", CAST($" + strconv.Itoa(2*i+2) + " AS TSVECTOR))")
			args = append(args, r.head, r.vector())
		}
		q.WriteString(` ON CONFLICT (head) DO UPDATE SET doc = excluded.doc`)
		if _, err := tx.ExecContext(ctx, q.String(), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// vector writes the row in PostgreSQL's own form, so that no parser of a locale stands between the tokens and the index.
func (r headText) vector() string {
	var b strings.Builder
	seen := map[string]bool{}
	for f, words := range [][]string{r.words[0], r.words[1], r.words[2], r.body} {
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				b.WriteString("'" + w + "':1" + "ABCD"[f:f+1] + " ")
			}
		}
	}
	return b.String()
}

// A clause is satisfied by a head that has all tokens of one of its ways. A head matches that satisfies all clauses.
type clause [][]string

// liteMatch and pgMatch write clauses in the language of each engine. Tokens hold letters and digits only (plain), so quoting is enough.
func liteMatch(all []clause) string { return writeMatch(all, `"`, " AND ", " OR ") }
func pgMatch(all []clause) string   { return writeMatch(all, `'`, " & ", " | ") }

func writeMatch(all []clause, quote, and, or string) string {
	parts := make([]string, 0, len(all))
	for _, c := range all {
		ways := make([]string, 0, len(c))
		for _, way := range c {
			ways = append(ways, "("+quote+strings.Join(way, quote+and+quote)+quote+")")
		}
		parts = append(parts, "("+strings.Join(ways, or)+")")
	}
	return strings.Join(parts, and)
}

// matchText asks the text index; at most limit heads, in no order.
func matchText(ctx context.Context, d *db.DB, all []clause, limit int) ([]int64, error) {
	query, match := `SELECT rowid FROM catalog_head_text WHERE catalog_head_text MATCH $1 LIMIT $2`, liteMatch(all)
	if d.Dialect() == db.Postgres {
		query, match = `SELECT head FROM catalog_head_text WHERE doc @@ CAST($1 AS TSQUERY) LIMIT $2`, pgMatch(all)
	}
	return db.All(ctx, d.R(), func(r *db.Rows) (int64, error) {
		var id int64
		err := r.Scan(&id)
		return id, err
	}, query, match, limit)
}
