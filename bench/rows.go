package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tongban/internal/base/db"
)

// table is one table of a database: its columns in order, which of them are its key and which must be unique.
type table struct {
	name    string
	columns []string
	key     []int   // places of the primary key
	unique  [][]int // places of each unique index, the primary key among them
}

// row is one row's values, in the order of the columns.
type row []any

// written is one row that a transaction wrote.
type written struct {
	t      *table
	values row
	update bool // the row was there before
}

// queries that describe tables, for each engine.
var describe = map[db.Dialect]struct{ tables, columns, unique string }{
	db.SQLite: {
		`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_schema_version' AND name NOT LIKE 'bare_%' ORDER BY name`,
		`SELECT name FROM pragma_table_info($1) ORDER BY cid`,
		`SELECT CASE WHEN l.origin = 'pk' THEN 'pk' ELSE l.name END, i.name FROM pragma_index_list($1) l, pragma_index_info(l.name) i WHERE l."unique" = 1
			UNION SELECT 'pk', name FROM pragma_table_info($1) WHERE pk > 0`,
	},
	db.Postgres: {
		`SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%\_schema\_version' AND tablename NOT LIKE 'bare\_%' ORDER BY tablename`,
		`SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
		`SELECT CASE WHEN i.indisprimary THEN 'pk' ELSE i.indexrelid::regclass::text END, a.attname FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = $1::text::regclass AND i.indisunique`,
	},
}

func text(r *db.Rows) (string, error) { var s string; return s, r.Scan(&s) }

func pair(r *db.Rows) (p [2]string, err error) { return p, r.Scan(&p[0], &p[1]) }

// tables describes every table of the rooms.
func tables(ctx context.Context, d *db.DB) ([]*table, error) {
	q := describe[d.Dialect()]
	names, err := db.All(ctx, d.R(), text, q.tables)
	if err != nil {
		return nil, err
	}
	var out []*table
	for _, name := range names {
		t := &table{name: name}
		if t.columns, err = db.All(ctx, d.R(), text, q.columns, name); err != nil {
			return nil, err
		}
		pairs, err := db.All(ctx, d.R(), pair, q.unique, name)
		if err != nil {
			return nil, err
		}
		places := map[string][]int{}
		for _, p := range pairs {
			places[p[0]] = append(places[p[0]], slices.Index(t.columns, p[1]))
		}
		t.key, t.unique = places["pk"], slices.Collect(maps.Values(places))
		slices.Sort(t.key)
		out = append(out, t)
	}
	return out, nil
}

func (t *table) rows(ctx context.Context, d *db.DB) ([]row, error) {
	return db.All(ctx, d.R(), func(r *db.Rows) (row, error) {
		out, at := make(row, len(t.columns)), make([]any, len(t.columns))
		for i := range out {
			at[i] = &out[i]
		}
		return out, r.Scan(at...)
	}, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name)
}

func (t *table) keyOf(r row) string {
	var b strings.Builder
	for _, i := range t.key {
		fmt.Fprintf(&b, "%v\x00", r[i])
	}
	return b.String()
}

// state is every row of the rooms' tables, by table and key.
type state map[string]map[string]row

func look(ctx context.Context, d *db.DB, ts []*table) (state, error) {
	out := state{}
	for _, t := range ts {
		rs, err := t.rows(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		out[t.name] = map[string]row{}
		for _, r := range rs {
			out[t.name][t.keyOf(r)] = r
		}
	}
	return out, nil
}

// between lists the rows that are new or different in the later state.
func between(ts []*table, before, after state) []written {
	var out []written
	for _, t := range ts {
		for key, r := range after[t.name] {
			old, was := before[t.name][key]
			if !was || fmt.Sprintf("%v", old) != fmt.Sprintf("%v", r) {
				out = append(out, written{t, r, was})
			}
		}
	}
	return out
}

// bytes counts what the values of a row hold.
func (r row) bytes() int {
	n := 0
	for _, v := range r {
		switch x := v.(type) {
		case string:
			n += len(x)
		case []byte:
			n += len(x)
		case bool:
			n++
		case nil:
		default:
			n += 8
		}
	}
	return n
}

// fresh gives the row with other unique values of the same length, so that it can be written again.
func (w written) fresh(serial int) row {
	out := slices.Clone(w.values)
	for _, index := range w.t.unique {
		longest, at := 0, -1
		for _, i := range index {
			if s, ok := w.values[i].(string); ok && len(s) > longest {
				longest, at = len(s), i
			}
		}
		if at >= 0 {
			out[at] = renumber(w.values[at].(string), serial)
		}
	}
	return out
}

// renumber puts a serial number at the end of a text; a text with more than ASCII is replaced by one of as many bytes.
func renumber(s string, serial int) string {
	n := fmt.Sprintf("%09d", serial)
	if len(s) < len(n) {
		return n
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return strings.Repeat("x", len(s)-len(n)) + n
		}
	}
	return s[:len(s)-len(n)] + n
}
