package catalog

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
)

// bulk writes a batch of judged rows: what is new, what changed. It is put for thousands of items at once, with one change number and one event.
type bulk struct {
	*writer
	now  time.Time
	rows []*judged
}

// lockCatalog makes writers of the catalogue wait for each other before anything is read, and gives the number of the last change. A transaction at READ
// COMMITTED then sees what the one before wrote. Who does not write does not wait.
func lockCatalog(ctx context.Context, tx *db.Tx, write bool) (int64, error) {
	if !write || tx.Dialect() == db.SQLite { // which has one writer
		return changeSeq(ctx, tx)
	}
	var seq int64
	err := tx.QueryRowContext(ctx, `SELECT seq FROM catalog_change WHERE id = 1 FOR UPDATE`).Scan(&seq)
	return seq, db.Classify(err)
}

// outcomes finds what the rows would do: their status. A key of a pack is refused.
func outcomes(was map[string]line, rows []*judged) {
	for _, j := range rows {
		if j.rejected {
			continue
		}
		old, have := was[j.item.Key]
		switch {
		case have && old.pack != "":
			j.status, j.taken = Rejected, old.pack
		case !have:
			j.status = Added
		case old.hash == j.hash:
			j.status = Unchanged
		default:
			j.status = Changed
		}
	}
}

// known is what a long list remembers of a small catalogue, so that a first import looks nothing up. It holds as long as nobody else changes the
// catalogue; keys that the list itself wrote do not come again, for repetitions are found before.
type known struct {
	asked bool
	rows  map[string]line // nil when it is not small
	seq   int64           // of the catalogue this was read from, with our own changes since
	next  int64           // the same once the transaction is committed
}

// mostKnown is the largest catalogue that is remembered.
const mostKnown = 5000

// lines gives the rows of the catalogue that have the keys of those of a batch.
func (k *known) lines(ctx context.Context, tx *db.Tx, seq int64, b judgedBatch) (map[string]line, error) {
	if k.rows != nil && seq == k.seq {
		return k.rows, nil
	}
	k.rows = nil
	if !k.asked && b.long {
		k.asked = true
		all, err := db.All(ctx, tx, scanLine, `SELECT `+lineNames+` FROM catalog_item LIMIT $1`, mostKnown+1)
		if err != nil {
			return nil, err
		}
		if len(all) <= mostKnown {
			k.rows, k.seq = make(map[string]line, len(all)), seq
			for _, l := range all {
				if l.hash == "" { // of an earlier release
					k.rows = nil
					break
				}
				k.rows[l.key] = l
			}
		}
		if k.rows != nil {
			return k.rows, nil
		}
	}
	keys := make([]string, 0, len(b.rows))
	for _, j := range b.rows {
		if !j.rejected {
			keys = append(keys, j.item.Key)
		}
	}
	return linesOfMany(ctx, tx, tx.Dialect(), keys)
}

// lookAtOnce is how many rows one statement looks for.
const lookAtOnce = 500

func linesOfMany(ctx context.Context, q db.Q, d db.Dialect, keys []string) (map[string]line, error) {
	out := make(map[string]line, 16)
	if d == db.Postgres && len(keys) > lookAtOnce {
		all, err := db.All(ctx, q, scanLine, `SELECT `+lineNames+` FROM catalog_item WHERE key = ANY($1)`, keys)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			if err := l.hashOfVersion(ctx, q); err != nil {
				return nil, err
			}
			out[l.key] = l
		}
		return out, nil
	}
	for from := 0; from < len(keys); from += lookAtOnce {
		part, err := linesOf(ctx, q, keys[from:min(from+lookAtOnce, len(keys))])
		if err != nil {
			return nil, err
		}
		for k, l := range part {
			out[k] = l
		}
	}
	return out, nil
}

// write stores the rows that are new or changed.
func (b *bulk) write(ctx context.Context, was map[string]line) error {
	var fresh, changed []*judged
	for _, j := range b.rows {
		switch j.status {
		case Added:
			fresh = append(fresh, j)
		case Changed:
			changed = append(changed, j)
		}
	}
	if len(fresh)+len(changed) == 0 {
		return nil
	}
	seq, err := b.nextSeq(ctx)
	if err != nil {
		return err
	}
	ms := b.now.UnixMilli()
	for _, j := range b.rows {
		if j.status != Added && j.status != Changed {
			continue
		}
		old := was[j.item.Key]
		l := j.line0
		l.version, l.publishedMS = old.version+1, ms
		if old.version > 0 {
			l.state, l.reason, l.stateMS, l.instead = old.state, old.reason, old.stateMS, old.instead
			b.tally.count(old, -1)
		}
		b.tally.count(l, 1)
		b.found(old, l)
		j.now = l
	}
	if err := b.versions(ctx, append(append([]*judged{}, fresh...), changed...), ms); err != nil {
		return err
	}
	if err := b.lines(ctx, fresh, seq); err != nil {
		return err
	}
	for _, j := range changed {
		if err := putLine(ctx, b.tx, j.now, seq); err != nil {
			return err
		}
	}
	if err := b.finish(ctx); err != nil {
		return err
	}
	return event.Publish(ctx, b.tx, b.now, ListLoaded{Seq: seq, Added: len(fresh), Changed: len(changed)})
}

var versionColumns = []string{"key", "version", "doc", "hash", "form_version", "flow_version", "published_ms"}

func (b *bulk) versions(ctx context.Context, rows []*judged, ms int64) error {
	return b.insert(ctx, "catalog_version", versionColumns, len(rows), func(i int) []any {
		j := rows[i]
		return []any{j.item.Key, j.now.version, j.doc, j.hash, 0, 0, ms}
	})
}

func (b *bulk) lines(ctx context.Context, rows []*judged, seq int64) error {
	return b.insert(ctx, "catalog_item", lineColumns, len(rows), func(i int) []any { return rows[i].now.values(seq) })
}

// insert adds rows: by COPY on PostgreSQL, by statements of many rows on SQLite.
func (b *bulk) insert(ctx context.Context, table string, columns []string, n int, row func(i int) []any) error {
	if b.tx.Dialect() == db.Postgres {
		return b.tx.Copy(ctx, table, columns, n, func(i int) ([]any, error) { return row(i), nil })
	}
	const most = 200
	full := ""
	for from := 0; from < n; from += most {
		to := min(from+most, n)
		q := full
		if to-from < most || full == "" {
			q = insertSQL(table, columns, to-from)
			if to-from == most {
				full = q
			}
		}
		args := make([]any, 0, (to-from)*len(columns))
		for i := from; i < to; i++ {
			args = append(args, row(i)...)
		}
		if _, err := b.tx.ExecContext(ctx, q, args...); err != nil {
			return err
		}
	}
	return nil
}

// insertSQL has question marks: SQLite takes $1 for a name and looks thousands of names up one by one.
func insertSQL(table string, columns []string, rows int) string {
	var q strings.Builder
	q.WriteString(`INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES `)
	for i := range rows {
		if i > 0 {
			q.WriteByte(',')
		}
		q.WriteString("(?" + strings.Repeat(",?", len(columns)-1) + ")")
	}
	return q.String()
}
