package bench

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/db"
)

// bare is the yardstick: a transaction that writes the same rows and bytes as one submission into tables of the same shape, indexes and filling,
// in the same database, and does nothing else. No two of them want the same row.
type bare struct {
	d      *db.DB
	sample []written
	insert map[*table]string
	update map[*table]string
	serial int
}

// newBare makes the tables, filled as the real ones are now.
func newBare(ctx context.Context, d *db.DB, sample []written) (*bare, error) {
	b := &bare{d: d, sample: sample, insert: map[*table]string{}, update: map[*table]string{}}
	for _, w := range sample {
		if b.insert[w.t] != "" {
			continue
		}
		b.insert[w.t] = "INSERT INTO bare_" + w.t.name + " (" + strings.Join(w.t.columns, ", ") + ") VALUES (" + db.In(1, len(w.t.columns)) + ")"
		b.update[w.t] = w.t.updateText()
		if err := b.make(ctx, w.t.name); err != nil {
			return nil, fmt.Errorf("table bare_%s: %w", w.t.name, err)
		}
	}
	return b, nil
}

// updateText sets every column but the key, as the rooms' own updates do.
func (t *table) updateText() string {
	var set, where []string
	for i, c := range t.columns {
		if slices.Contains(t.key, i) {
			where = append(where, c+" = $"+strconv.Itoa(i+1))
		} else {
			set = append(set, c+" = $"+strconv.Itoa(i+1))
		}
	}
	return "UPDATE bare_" + t.name + " SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(where, " AND ")
}

var created = regexp.MustCompile(`(?i)^(CREATE TABLE |CREATE UNIQUE INDEX |CREATE INDEX )"?(\w+)"?( ON "?)?`)

// make copies a table with its indexes and rows.
func (b *bare) make(ctx context.Context, name string) error {
	ddl := []string{"CREATE TABLE bare_" + name + " (LIKE " + name + " INCLUDING ALL)"}
	if b.d.Dialect() == db.SQLite {
		var err error
		if ddl, err = db.All(ctx, b.d.R(), text, `SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type DESC`, name); err != nil {
			return err
		}
		for i, s := range ddl {
			ddl[i] = created.ReplaceAllString(s, "${1}bare_$2${3}")
			if strings.Contains(created.FindString(s), " ON ") {
				ddl[i] = created.ReplaceAllString(s, "${1}bare_$2${3}bare_")
			}
		}
	}
	for _, s := range append(ddl, "INSERT INTO bare_"+name+" SELECT * FROM "+name) {
		if _, err := b.d.Raw().ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// statement is one row ready to be written.
type statement struct {
	text string
	args []any
}

// prepare gives a transaction's statements. The rows it will change are put there now.
func (b *bare) prepare(ctx context.Context) ([]statement, error) {
	var out, there []statement
	for _, w := range b.sample {
		b.serial++
		args := []any(w.fresh(b.serial))
		if !w.update {
			out = append(out, statement{b.insert[w.t], args})
			continue
		}
		there = append(there, statement{b.insert[w.t], args})
		out = append(out, statement{b.update[w.t], args})
	}
	return out, b.run(ctx, there)
}

// run writes the statements in one transaction, at READ COMMITTED on PostgreSQL.
func (b *bare) run(ctx context.Context, all []statement) error {
	return b.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, s := range all {
			if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
				return fmt.Errorf("%s: %w", s.text, err)
			}
		}
		return nil
	})
}
