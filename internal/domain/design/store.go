package design

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "design", Files: files}

func errMoved() error { return errs.New(errs.Conflict, "design.moved_meanwhile") }

const changeColumns = `id, act, pack, pack_name, pack_version, title, item, agency, region, state, author, sender, second, legal, effective_ms, reason, instead, rev, seal, created_ms, changed_ms`

func scanChange(r *db.Rows) (Change, error) {
	var c Change
	var effective, created, changed int64
	err := r.Scan(&c.ID, &c.Act, &c.Pack, &c.PackName, &c.PackVersion, &c.Title, &c.Item, &c.Agency, &c.Region, &c.State, &c.Author, &c.Sender,
		&c.Second, &c.Legal, &effective, &c.Reason, &c.Instead, &c.Rev, &c.Seal, &created, &changed)
	c.Effective, c.Created, c.Changed = db.Instant(effective), db.Instant(created), db.Instant(changed)
	return c, err
}

func changeOf(ctx context.Context, q db.Q, id string) (Change, error) {
	c, err := db.One(ctx, q, errs.New(errs.NotFound, "design.no_change"), scanChange, `SELECT `+changeColumns+` FROM design_change WHERE id = $1`, id)
	if err != nil {
		return c, err
	}
	c.Authors, err = db.All(ctx, q, func(r *db.Rows) (string, error) {
		var s string
		err := r.Scan(&s)
		return s, err
	}, `SELECT staff FROM design_author WHERE change_id = $1 ORDER BY staff`, id)
	return c, err
}

func insertChange(ctx context.Context, tx *db.Tx, c Change) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO design_change (`+changeColumns+`) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		c.ID, string(c.Act), c.Pack, c.PackName, c.PackVersion, c.Title, c.Item, c.Agency, c.Region, string(c.State), c.Author, c.Sender, c.Second, c.Legal,
		db.Millis(c.Effective), c.Reason, c.Instead, c.Rev, c.Seal, db.Millis(c.Created), db.Millis(c.Changed)); err != nil {
		return err
	}
	return addAuthor(ctx, tx, c.ID, c.Author)
}

func addAuthor(ctx context.Context, tx *db.Tx, id, staff string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO design_author (change_id, staff) VALUES ($1, $2) ON CONFLICT (change_id, staff) DO NOTHING`, id, staff)
	return err
}

// turn writes a change over the revision and state it was read with; errs.Conflict when somebody was faster.
func turn(ctx context.Context, tx *db.Tx, was, is Change) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE design_change SET title = $1, state = $2, sender = $3, second = $4, legal = $5, effective_ms = $6, reason = $7,
		seal = $8, changed_ms = $9, pack_name = $10, pack_version = $11, item = $12, rev = rev + 1 WHERE id = $13 AND state = $14 AND rev = $15`,
		is.Title, string(is.State), is.Sender, is.Second, is.Legal, db.Millis(is.Effective), is.Reason, is.Seal, db.Millis(is.Changed), is.PackName, is.PackVersion, is.Item,
		is.ID, string(was.State), was.Rev)
}

// touch notes that a file of a draft was written; errs.Conflict when the change is no draft any more.
func touch(ctx context.Context, tx *db.Tx, id string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "design.closed"), `UPDATE design_change SET rev = rev + 1, changed_ms = $1 WHERE id = $2 AND state = $3`,
		db.Millis(now), id, string(Draft))
}

func addStep(ctx context.Context, tx *db.Tx, id string, st Step) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) + 1 FROM design_step WHERE change_id = $1`, id).Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO design_step (change_id, n, act, by_staff, at_ms, from_state, to_state, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, n, st.Act, st.By, db.Millis(st.At), string(st.From), string(st.To), st.Reason)
	return err
}

func stepsOf(ctx context.Context, q db.Q, id string) ([]Step, error) {
	return db.All(ctx, q, func(r *db.Rows) (Step, error) {
		var s Step
		var when int64
		err := r.Scan(&s.N, &s.Act, &s.By, &when, &s.From, &s.To, &s.Reason)
		s.At = db.Instant(when)
		return s, err
	}, `SELECT n, act, by_staff, at_ms, from_state, to_state, reason FROM design_step WHERE change_id = $1 ORDER BY n`, id)
}

// scope is who an actor's list may show: changes of agencies, and of everything in regions.
type scope struct {
	agencies, regions []string
}

func listChanges(ctx context.Context, q db.Q, sc scope, f Filter, limit int) ([]Change, error) {
	var where []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	in := func(column string, vs []string) string {
		from := len(args) + 1
		for _, v := range vs {
			args = append(args, v)
		}
		return column + ` IN (` + db.In(from, len(vs)) + `)`
	}
	where = append(where, `(`+in("agency", sc.agencies)+` OR `+in("region", sc.regions)+`)`)
	if len(f.States) > 0 {
		names := make([]string, len(f.States))
		for i, s := range f.States {
			names[i] = string(s)
		}
		where = append(where, in("state", names))
	}
	if f.Mine != "" {
		a := arg(f.Mine)
		where = append(where, `(author = `+a+` OR id IN (SELECT change_id FROM design_author WHERE staff = `+a+`))`)
	}
	if f.Item != "" {
		where = append(where, `item = `+arg(f.Item))
	}
	if f.Before != "" {
		where = append(where, `id < `+arg(f.Before))
	}
	return db.All(ctx, q, scanChange, `SELECT `+changeColumns+` FROM design_change WHERE `+strings.Join(where, " AND ")+` ORDER BY id DESC LIMIT `+strconv.Itoa(limit), args...)
}

// openOn gives the changes of an item that have not ended.
func openOn(ctx context.Context, q db.Q, item string) ([]Change, error) {
	return db.All(ctx, q, scanChange, `SELECT `+changeColumns+` FROM design_change WHERE item = $1 AND state NOT IN ('published', 'dropped') ORDER BY id`, item)
}
