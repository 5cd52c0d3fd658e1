package supervision

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// fresh says whether a statement with ON CONFLICT DO NOTHING wrote its row.
func fresh(r db.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func insertStay(ctx context.Context, tx *db.Tx, s stay) (bool, error) {
	return fresh(tx.ExecContext(ctx, `INSERT INTO supervision_stay (case_id, step, entered_ms, left_ms, took_ms, late, month, case_no, region, agency, item, step_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (case_id, step, entered_ms) DO NOTHING`,
		s.CaseID, s.Step, db.Millis(s.Entered), db.Millis(s.Left), s.Took.Milliseconds(), s.Late, monthOf(s.Left), s.CaseNo, s.Region, s.Agency, s.Item, s.StepName))
}

// addStay adds a stay to its month. What it read stands in the WHERE clause: of two at once the second is tried again with its transaction.
func addStay(ctx context.Context, tx *db.Tx, s stay) error {
	month := monthOf(s.Left)
	if _, err := tx.ExecContext(ctx, `INSERT INTO supervision_tally (month, region, agency, item, step, step_name, n, late, took_ms, spread)
		VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, '') ON CONFLICT (month, region, agency, item, step) DO NOTHING`, month, s.Region, s.Agency, s.Item, s.Step); err != nil {
		return err
	}
	var n int64
	var text string
	if err := tx.QueryRowContext(ctx, `SELECT n, spread FROM supervision_tally WHERE month = $1 AND region = $2 AND agency = $3 AND item = $4 AND step = $5`,
		month, s.Region, s.Agency, s.Item, s.Step).Scan(&n, &text); err != nil {
		return err
	}
	sp := spread{hoursUp(s.Took): 1}
	sp.addText(text)
	return tx.Exec1(ctx, errs.New(errs.Conflict, "supervision.moved"), `UPDATE supervision_tally SET n = n + 1, late = late + $1, took_ms = took_ms + $2, spread = $3,
		step_name = CASE WHEN $4 = '' THEN step_name ELSE $4 END WHERE month = $5 AND region = $6 AND agency = $7 AND item = $8 AND step = $9 AND n = $10`,
		s.Late, s.Took.Milliseconds(), sp.String(), s.StepName, month, s.Region, s.Agency, s.Item, s.Step, n)
}

func insertClose(ctx context.Context, tx *db.Tx, c closing) (bool, error) {
	return fresh(tx.ExecContext(ctx, `INSERT INTO supervision_close (case_id, case_no, month, at_ms, region, agency, item, timed, promised, actual, longer, planned, trips, more, reused, uploaded)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (case_id) DO NOTHING`,
		c.CaseID, c.CaseNo, monthOf(c.At), db.Millis(c.At), c.Region, c.Agency, c.Item, c.Timed, c.Promised, c.Actual, c.Longer, c.Planned, c.Trips, c.More, c.Reused, c.Uploaded))
}

func addClose(ctx context.Context, tx *db.Tx, c closing) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_closed (month, region, agency, item, n, timed, promised, actual, longer, planned, trips, more, reused, uploaded)
		VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (month, region, agency, item) DO UPDATE SET n = supervision_closed.n + 1, timed = supervision_closed.timed + excluded.timed,
			promised = supervision_closed.promised + excluded.promised, actual = supervision_closed.actual + excluded.actual, longer = supervision_closed.longer + excluded.longer,
			planned = supervision_closed.planned + excluded.planned, trips = supervision_closed.trips + excluded.trips, more = supervision_closed.more + excluded.more,
			reused = supervision_closed.reused + excluded.reused, uploaded = supervision_closed.uploaded + excluded.uploaded`,
		monthOf(c.At), c.Region, c.Agency, c.Item, c.Timed, c.Promised, c.Actual, c.Longer, c.Planned, c.Trips, c.More, c.Reused, c.Uploaded)
	return err
}

func insertDeed(ctx context.Context, tx *db.Tx, d Day, x Deed) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_deed (staff, day, agency, case_id, at_ms, what, case_no) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (staff, day, agency, case_id, at_ms, what) DO NOTHING`, d.Staff, d.Date, d.Agency, x.CaseID, x.At.UnixMilli(), x.What, x.CaseNo)
	return err
}

func deedsOf(ctx context.Context, q db.Q, d Day) ([]Deed, error) {
	return db.All(ctx, q, func(r *db.Rows) (Deed, error) {
		var x Deed
		var at int64
		err := r.Scan(&x.CaseID, &x.CaseNo, &x.What, &at)
		x.At = db.Instant(at)
		return x, err
	}, `SELECT case_id, case_no, what, at_ms FROM supervision_deed WHERE staff = $1 AND day = $2 AND agency = $3 ORDER BY at_ms, case_id, what`, d.Staff, d.Date, d.Agency)
}

func insertRated(ctx context.Context, tx *db.Tx, d Day, x Rated) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_rating (rating_id, agency, day, item, grade, at_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (rating_id) DO NOTHING`,
		x.RatingID, d.Agency, d.Date, x.Item, x.Grade, x.At.UnixMilli())
	return err
}

func ratingsOf(ctx context.Context, q db.Q, d Day) ([]Rated, error) {
	return db.All(ctx, q, func(r *db.Rows) (Rated, error) {
		var x Rated
		var at int64
		err := r.Scan(&x.RatingID, &x.Item, &x.Grade, &at)
		x.At = time.UnixMilli(at)
		return x, err
	}, `SELECT rating_id, item, grade, at_ms FROM supervision_rating WHERE agency = $1 AND day = $2 ORDER BY at_ms, rating_id`, d.Agency, d.Date)
}

// officeOf gives an agency's name and region as its cases have them, for an alarm that is not about one case; errs.NotFound for one without any.
func officeOf(ctx context.Context, q db.Q, agency string) (watch, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "supervision.no_case"), func(r *db.Rows) (watch, error) {
		var w watch
		return w, r.Scan(&w.Agency, &w.AgencyName, &w.Region)
	}, `SELECT agency, agency_name, region FROM supervision_watch WHERE agency = $1 ORDER BY region LIMIT 1`, agency)
}
