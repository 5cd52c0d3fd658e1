package mandate

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

func insertAct(ctx context.Context, tx *db.Tx, now time.Time, id string, a Act, what []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO mandate_act (id, mandate_id, by_person, act, object, what, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, a.MandateID, a.ByPerson, a.Act, a.Object, what, now.UnixMilli())
	return err
}

const selectAct = `SELECT id, by_person, act, object, what, at_ms FROM mandate_act `

func (s *Service) scanAct(r *db.Rows) (Done, error) {
	var d Done
	var what []byte
	var at int64
	if err := r.Scan(&d.ID, &d.ByPerson, &d.Act, &d.Object, &what, &at); err != nil {
		return d, err
	}
	d.At = time.UnixMilli(at)
	text, err := s.v.OpenText("mandate_act.what."+d.ID, what)
	d.What = text
	return d, err
}

func (s *Service) act(ctx context.Context, q db.Q, id string) (Done, error) {
	return db.One(ctx, q, errNone, s.scanAct, selectAct+`WHERE id = $1`, id)
}

func (s *Service) acts(ctx context.Context, q db.Q, mandate, after string, limit int) ([]Done, error) {
	return db.All(ctx, q, s.scanAct, selectAct+`WHERE mandate_id = $1 AND (CAST($2 AS TEXT) = '' OR id < $2) ORDER BY id DESC LIMIT $3`,
		mandate, after, limit)
}

// Step is one line of a mandate's history; its words are the text mandate.step_<what>.
type Step struct {
	What, By string // by: giver, holder, desk, system
	At       time.Time
}

func insertStep(ctx context.Context, tx *db.Tx, now time.Time, mandate, what, by string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO mandate_step (id, mandate_id, what, by_whom, at_ms) VALUES ($1, $2, $3, $4, $5)`, ident.New(), mandate, what, by, now.UnixMilli())
	return err
}

func steps(ctx context.Context, q db.Q, mandate string) ([]Step, error) {
	scan := func(r *db.Rows) (Step, error) {
		var st Step
		var at int64
		err := r.Scan(&st.What, &st.By, &at)
		st.At = time.UnixMilli(at)
		return st, err
	}
	return db.All(ctx, q, scan, `SELECT what, by_whom, at_ms FROM mandate_step WHERE mandate_id = $1 ORDER BY at_ms, id`, mandate)
}

// taken counts one more try of somebody on a day and gives how many there were.
func taken(ctx context.Context, tx *db.Tx, who, day string) (n int, err error) {
	if _, err = tx.ExecContext(ctx, `INSERT INTO mandate_try (key, n, day) VALUES ($1, 1, $2) ON CONFLICT (key) DO UPDATE SET n = mandate_try.n + 1`, who+" "+day, day); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT n FROM mandate_try WHERE key = $1`, who+" "+day).Scan(&n)
	return n, err
}

// sweepOld deletes what nobody needs any more: drafts and counts of earlier days.
func sweepOld(ctx context.Context, d *db.DB, drafts time.Time, today string) error {
	return d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM mandate_draft WHERE updated_ms < $1`, drafts.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM mandate_try WHERE day < $1`, today)
		return err
	})
}
