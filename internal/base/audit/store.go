package audit

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the record's tables.
var Schema = db.Room{Name: "audit", Files: files}

const columns = `id, at_ms, actor, on_behalf, act, object, subject, what, reason, via, origin, agency`

// Tx writes an entry in the caller's transaction. An entry without an id and a time gets them from now.
func Tx(ctx context.Context, tx *db.Tx, now time.Time, e Entry) error {
	if e.ID == "" {
		e.ID = ident.New()
	}
	if e.At.IsZero() {
		e.At = now
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO audit_entry (`+columns+`, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '')`,
		e.ID, e.At.UnixMilli(), e.Actor, e.OnBehalf, e.Act, e.Object, e.Subject, e.What, e.Reason, e.Via, e.Origin, e.Agency)
	return err
}

func scan(r *db.Rows) (Entry, error) {
	var e Entry
	var at int64
	err := r.Scan(&e.ID, &at, &e.Actor, &e.OnBehalf, &e.Act, &e.Object, &e.Subject, &e.What, &e.Reason, &e.Via, &e.Origin, &e.Agency, &e.Seq, &e.Hash)
	e.At = time.UnixMilli(at)
	return e, err
}

const selectEntry = `SELECT ` + columns + `, COALESCE(seq, 0), hash FROM audit_entry `

// Filter narrows a listing; empty fields do not.
type Filter struct{ Subject, Object, Actor, Act string }

// List gives entries, newest first, keyset-paged by After (an id from the last page; ids grow with time). Only the fields that narrow stand in the
// query: SQLite would read the whole record to find that an empty one does not.
func List(ctx context.Context, q db.Q, f Filter, after string, limit int) ([]Entry, error) {
	where, args := "WHERE 1 = 1", []any{}
	for _, c := range []struct{ condition, value string }{{"subject = ", f.Subject}, {"object = ", f.Object}, {"actor = ", f.Actor}, {"act = ", f.Act}, {"id < ", after}} {
		if c.value != "" {
			args = append(args, c.value)
			where += fmt.Sprintf(" AND %s$%d", c.condition, len(args))
		}
	}
	args = append(args, limit)
	return db.All(ctx, q, scan, selectEntry+where+fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(args)), args...)
}

// sequence numbers and chains up to n new entries; it returns how many. The compare-and-set on the head lets one of several nodes win.
func sequence(ctx context.Context, d *db.DB, n int) (int, error) {
	done := 0
	err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		done = 0
		var seq int64
		var hash string
		if err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE one = 1`).Scan(&seq, &hash); err != nil {
			return err
		}
		es, err := db.All(ctx, tx, scan, selectEntry+`WHERE seq IS NULL ORDER BY at_ms, id LIMIT $1`, n)
		if err != nil || len(es) == 0 {
			return err
		}
		first := seq
		for _, e := range es {
			seq++
			hash = e.chain(hash, seq)
			if _, err := tx.ExecContext(ctx, `UPDATE audit_entry SET seq = $1, hash = $2 WHERE id = $3 AND seq IS NULL`, seq, hash, e.ID); err != nil {
				return err
			}
		}
		done = len(es)
		return tx.Exec1(ctx, errMoved, `UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1 AND seq = $3`, seq, hash, first)
	})
	return done, err
}

var errMoved = errors.New("audit: another node is numbering")

// Verify walks the whole chain and gives the number of entries in it; the error names the first place where it does not hold.
func Verify(ctx context.Context, q db.Q) (int64, error) {
	var seq, head int64
	var hash, headHash string
	if err := q.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE one = 1`).Scan(&head, &headHash); err != nil {
		return 0, db.Classify(err)
	}
	for {
		es, err := db.All(ctx, q, scan, selectEntry+`WHERE seq > $1 ORDER BY seq LIMIT 1000`, seq)
		if err != nil {
			return seq, err
		}
		for _, e := range es {
			if e.Seq != seq+1 {
				return seq, fmt.Errorf("audit: entry %d is missing", seq+1)
			}
			if seq, hash = e.Seq, e.chain(hash, e.Seq); hash != e.Hash {
				return seq, fmt.Errorf("audit: entry %d was altered", seq)
			}
			if seq == head && hash != headHash {
				return seq, errors.New("audit: the end of the chain was rewritten")
			}
		}
		if len(es) == 0 {
			break
		}
	}
	if seq < head {
		return seq, fmt.Errorf("audit: entries %d to %d are missing", seq+1, head)
	}
	return seq, nil
}
