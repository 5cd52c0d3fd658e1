package directory

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func errMoved() error { return errs.New(errs.Conflict, "directory.moved_meanwhile") }

const changeColumns = `SELECT id, state, doc, rev FROM directory_change `

func scanChange(r *db.Rows) (Change, error) {
	var c Change
	var id, state, doc string
	var rev int64
	if err := r.Scan(&id, &state, &doc, &rev); err != nil {
		return c, err
	}
	err := json.Unmarshal([]byte(doc), &c)
	c.ID, c.State, c.Rev = id, state, rev
	return c, err
}

func changeOf(ctx context.Context, q db.Q, id string) (Change, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "directory.no_change"), scanChange, changeColumns+`WHERE id = $1`, id)
}

// changesIn lists changes of a state (or all), newest first, after an id.
func changesIn(ctx context.Context, q db.Q, state, after string, limit int) ([]Change, error) {
	where, args := `WHERE id < $1`, []any{after}
	if after == "" {
		args[0] = "g" // beyond every hexadecimal id
	}
	if state != "" {
		where += ` AND state = $2`
		args = append(args, state)
	}
	return db.All(ctx, q, scanChange, changeColumns+where+` ORDER BY id DESC LIMIT `+itoa(limit), args...)
}

// countChanges counts the changes of a state.
func countChanges(ctx context.Context, q db.Q, state string) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM directory_change WHERE state = $1`, state).Scan(&n)
	return n, db.Classify(err)
}

// putChange writes a change: rev 0 makes it; another must be the row's.
func putChange(ctx context.Context, tx *db.Tx, now time.Time, c Change) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if c.Rev == 0 {
		return tx.Exec1(ctx, errMoved(), `INSERT INTO directory_change (id, kind, state, doc, rev, at_ms) VALUES ($1, $2, $3, $4, 1, $5)`,
			c.ID, string(c.Kind), c.State, string(doc), now.UnixMilli())
	}
	return tx.Exec1(ctx, errMoved(), `UPDATE directory_change SET kind = $1, state = $2, doc = $3, rev = rev + 1 WHERE id = $4 AND rev = $5`,
		string(c.Kind), c.State, string(doc), c.ID, c.Rev)
}

// Ack is a follow that was found to need no change of the item.
type Ack struct {
	Item, Code       string
	Version          int
	Reason, By, Area string
	At               time.Time
}

func acksOf(ctx context.Context, q db.Q, code string, version int) ([]Ack, error) {
	return db.All(ctx, q, func(r *db.Rows) (Ack, error) {
		var a Ack
		var ms int64
		err := r.Scan(&a.Item, &a.Code, &a.Version, &a.Reason, &a.By, &a.Area, &ms)
		a.At = time.UnixMilli(ms)
		return a, err
	}, `SELECT item, code, version, reason, by_staff, agency, at_ms FROM directory_follow WHERE code = $1 AND version = $2 ORDER BY item`, code, version)
}

func putAck(ctx context.Context, tx *db.Tx, a Ack) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "directory.followed_already"), `INSERT INTO directory_follow (item, code, version, reason, by_staff, agency, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (item, code, version) DO NOTHING`, a.Item, a.Code, a.Version, a.Reason, a.By, a.Area, a.At.UnixMilli())
}
