package report

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectReport = `SELECT id, month, region, version, state, same_as, previous, cut_ms, final, staff, created_ms, sealed_ms, digest, late FROM report_report `

func scanReport(r *db.Rows) (Report, error) {
	var x Report
	var cut, created, sealed int64
	err := r.Scan(&x.ID, &x.Month, &x.Region, &x.Version, &x.State, &x.SameAs, &x.Previous, &cut, &x.Final, &x.Staff, &created, &sealed, &x.SM3, &x.Late)
	x.Cut, x.Created, x.Sealed = db.Instant(cut), db.Instant(created), db.Instant(sealed)
	return x, err
}

// beginReport writes a report that is to be made, and gives its id; one of the same month and region that is being made is given instead.
func beginReport(ctx context.Context, tx *db.Tx, r Report) (id string, fresh bool, err error) {
	res, err := tx.ExecContext(ctx, `INSERT INTO report_report (id, month, region, version, state, same_as, previous, cut_ms, final, staff, created_ms, sealed_ms, digest, late)
		VALUES ($1, $2, $3, 0, 'making', '', '', $4, $5, $6, $7, 0, '', 0) ON CONFLICT (month, region) WHERE state = 'making' DO NOTHING`,
		r.ID, r.Month, r.Region, r.Cut.UnixMilli(), r.Final, r.Staff, r.Created.UnixMilli())
	if err != nil {
		return "", false, err
	}
	if n, err := res.RowsAffected(); n == 1 || err != nil {
		return r.ID, true, err
	}
	made, err := db.One(ctx, tx, errs.New(errs.Conflict, "report.moved"), scanReport, selectReport+`WHERE month = $1 AND region = $2 AND state = 'making'`, r.Month, r.Region)
	return made.ID, false, err
}

func reportOf(ctx context.Context, q db.Q, id string) (Report, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "report.not_found"), scanReport, selectReport+`WHERE id = $1`, id)
}

// lastSealed gives the newest version of a month and region; the zero Report when there is none.
func lastSealed(ctx context.Context, q db.Q, month, region string) (Report, error) {
	rs, err := db.All(ctx, q, scanReport, selectReport+`WHERE region = $1 AND month = $2 AND state = 'sealed' ORDER BY version DESC LIMIT 1`, region, month)
	if err != nil || len(rs) == 0 {
		return Report{}, err
	}
	return rs[0], nil
}

func reportsOf(ctx context.Context, q db.Q, region string, limit int) ([]Report, error) {
	return db.All(ctx, q, scanReport, selectReport+`WHERE region = $1 ORDER BY month DESC, created_ms DESC, id DESC LIMIT `+strconv.Itoa(limit), region)
}

func sealReport(ctx context.Context, tx *db.Tx, r Report) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "report.moved"), `UPDATE report_report SET state = $1, version = $2, same_as = $3, previous = $4, sealed_ms = $5, digest = $6, late = $7
		WHERE id = $8 AND state = 'making'`, r.State, r.Version, r.SameAs, r.Previous, r.Sealed.UnixMilli(), r.SM3, r.Late, r.ID)
}

func insertLine(ctx context.Context, tx *db.Tx, id string, l Line) error {
	b, err := json.Marshal(l.Numbers)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO report_line (report_id, breakdown, key, name, numbers) VALUES ($1, $2, $3, $4, $5)`, id, string(l.By), l.Key, l.Name, string(b))
	return err
}

func linesOf(ctx context.Context, q db.Q, id string) ([]Line, error) {
	lines, err := db.All(ctx, q, func(r *db.Rows) (Line, error) {
		var l Line
		var b string
		if err := r.Scan(&l.By, &l.Key, &l.Name, &b); err != nil {
			return l, err
		}
		return l, json.Unmarshal([]byte(b), &l.Numbers)
	}, `SELECT breakdown, key, name, CAST(numbers AS TEXT) FROM report_line WHERE report_id = $1`, id)
	sortLines(lines)
	return lines, err
}

// lateFacts are those of a report that were noted after an earlier cut.
func lateFacts(r Report, cut time.Time) *where {
	w := counted(r.Month, r.Region6(), r.Cut)
	w.and("noted_ms > %s", cut.UnixMilli())
	return w
}

func countFacts(ctx context.Context, q db.Q, w *where) (int, error) {
	n := 0
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM report_fact`+w.String(), w.args...).Scan(&n)
	return n, db.Classify(err)
}

// factPage gives one page of facts, latest first.
func factPage(ctx context.Context, q db.Q, w *where, after string, limit int) ([]Behind, string, error) {
	keys, err := db.ParseCursor(after, 3)
	if err != nil {
		return nil, "", err
	}
	w = &where{append([]string{}, w.text...), append([]any{}, w.args...)}
	if keys != nil {
		at, err := strconv.ParseInt(keys[0], 10, 64)
		if err != nil {
			return nil, "", errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
		}
		w.and("(at_ms, kind, ref) < (%s, %s, %s)", at, keys[1], keys[2])
	}
	rows, err := db.All(ctx, q, func(r *db.Rows) (Behind, error) {
		var b Behind
		var at, noted int64
		err := r.Scan(&b.CaseID, &b.CaseNo, &b.Kind, &b.Outcome, &b.Agency, &b.Item, &b.Channel, &at, &noted, &b.Days, &b.Legal, &b.Planned, &b.Trips, &b.Reused, &b.Uploaded, &b.ref)
		b.At, b.Noted = time.UnixMilli(at), time.UnixMilli(noted)
		return b, err
	}, `SELECT case_id, case_no, kind, outcome, agency, item, channel, at_ms, noted_ms, days, legal, planned, trips, reused, uploaded, ref FROM report_fact`+w.String()+
		` ORDER BY at_ms DESC, kind DESC, ref DESC LIMIT `+strconv.Itoa(limit+1), w.args...)
	if err != nil || len(rows) <= limit {
		return rows, "", err
	}
	last := rows[limit-1]
	return rows[:limit], db.Cursor(strconv.FormatInt(last.At.UnixMilli(), 10), last.Kind, last.ref), nil
}

// regionsOf gives the regions that have facts of a month.
func regionsOf(ctx context.Context, q db.Q, month string) ([]string, error) {
	return db.All(ctx, q, func(r *db.Rows) (string, error) {
		var s string
		return s, r.Scan(&s)
	}, `SELECT DISTINCT region FROM report_fact WHERE month = $1 AND region <> '' ORDER BY region`, month)
}
