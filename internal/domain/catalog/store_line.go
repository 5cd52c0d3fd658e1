package catalog

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
)

// lineColumns are the columns of catalog_item a line fills, in the order of its values.
var lineColumns = []string{
	"key", "version", "pack", "unreviewed", "published_ms", "seq", "name", "sort", "head", "region", "agency", "base_code", "code", "item_type", "online", "audience",
	"themes_person", "themes_firm", "life", "flags", "rank", "state", "state_reason", "state_ms", "instead", "hash",
}

// values are those of a row of catalog_item, in the order of lineColumns.
func (l line) values(seq int64) []any {
	return []any{
		l.key, l.version, l.pack, l.unreviewed, l.publishedMS, seq, l.name, l.sort, l.head, l.region, l.agency, l.base, l.code, l.itemType, l.online, l.audience,
		l.person, l.firm, l.life, l.flags, l.rank, l.state, l.reason, l.stateMS, l.instead, l.hash,
	}
}

var lineNames = strings.Join(lineColumns, ", ")

// putLineSQL writes a row, or writes it anew.
var putLineSQL = func() string {
	set := make([]string, 0, len(lineColumns))
	for _, c := range lineColumns[1:] {
		set = append(set, c+" = excluded."+c)
	}
	return `INSERT INTO catalog_item (` + lineNames + `) VALUES (` + db.In(1, len(lineColumns)) + `) ON CONFLICT (key) DO UPDATE SET ` + strings.Join(set, ", ")
}()

func putLine(ctx context.Context, tx *db.Tx, l line, seq int64) error {
	_, err := tx.ExecContext(ctx, putLineSQL, l.values(seq)...)
	return err
}

func scanLine(r *db.Rows) (line, error) {
	var l line
	var seq int64
	err := r.Scan(&l.key, &l.version, &l.pack, &l.unreviewed, &l.publishedMS, &seq, &l.name, &l.sort, &l.head, &l.region, &l.agency, &l.base, &l.code, &l.itemType, &l.online,
		&l.audience, &l.person, &l.firm, &l.life, &l.flags, &l.rank, &l.state, &l.reason, &l.stateMS, &l.instead, &l.hash)
	return l, err
}

// linesOf gives the rows of items by key; those that are not there are left out. A row of an earlier release, which is not filled in yet, has its
// hash with its version.
func linesOf(ctx context.Context, q db.Q, keys []string) (map[string]line, error) {
	out := map[string]line{}
	if len(keys) == 0 {
		return out, nil
	}
	all, err := db.All(ctx, q, scanLine, `SELECT `+lineNames+` FROM catalog_item WHERE key IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
	for _, l := range all {
		if err := l.hashOfVersion(ctx, q); err != nil {
			return nil, err
		}
		out[l.key] = l
	}
	return out, err
}

// hashOfVersion looks the hash up where the row is of an earlier release and does not have it.
func (l *line) hashOfVersion(ctx context.Context, q db.Q) error {
	if l.hash != "" {
		return nil
	}
	return db.Classify(q.QueryRowContext(ctx, `SELECT hash FROM catalog_version WHERE key = $1 AND version = $2`, l.key, l.version).Scan(&l.hash))
}

// lineOfKey gives the row of an item; its version is 0 when there is none.
func lineOfKey(ctx context.Context, q db.Q, key string) (line, error) {
	m, err := linesOf(ctx, q, []string{key})
	return m[key], err
}

// tallyRows is how many counts one statement writes.
const tallyRows = 100

// writeTally adds what changed to the stored counts.
func writeTally(ctx context.Context, tx *db.Tx, d delta, seq int64) error {
	all := d.changed()
	for from := 0; from < len(all); from += tallyRows {
		part := all[from:min(from+tallyRows, len(all))]
		var b strings.Builder
		args := make([]any, 0, 6*len(part))
		for i, t := range part {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("(" + db.In(6*i+1, 6) + ")")
			args = append(args, t.kind, t.key, t.region, d.n[t], d.name[t], seq)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_tally (kind, key, region, n, name, seq) VALUES `+b.String()+`
			ON CONFLICT (kind, key, region) DO UPDATE SET n = catalog_tally.n + excluded.n, seq = excluded.seq,
			name = CASE WHEN excluded.name = '' THEN catalog_tally.name ELSE excluded.name END`, args...); err != nil {
			return err
		}
	}
	return nil
}

// tallySince gives the counts that changed after a number.
func tallySince(ctx context.Context, q db.Q, seq int64) ([]counted, error) {
	return db.All(ctx, q, func(r *db.Rows) (counted, error) {
		var c counted
		err := r.Scan(&c.kind, &c.key, &c.region, &c.n, &c.name)
		return c, err
	}, `SELECT kind, key, region, n, name FROM catalog_tally WHERE seq > $1`, seq)
}

// keysToSettle gives some keys of rows that are not as they would be written now: of earlier releases, or of an agency ("" for none).
func keysToSettle(ctx context.Context, q db.Q, agency, after string, most int) ([]string, error) {
	if agency == "" {
		return db.All(ctx, q, scanString, `SELECT key FROM catalog_item WHERE sort = '' AND key > $1 ORDER BY key LIMIT `+strconv.Itoa(most), after)
	}
	return db.All(ctx, q, scanString, `SELECT key FROM catalog_item WHERE agency = $1 AND key > $2 ORDER BY key LIMIT `+strconv.Itoa(most), agency, after)
}
