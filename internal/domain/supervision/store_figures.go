package supervision

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// where collects conditions and their arguments; only those that narrow stand in the query.
type where struct {
	text []string
	args []any
}

func (w *where) and(condition string, value any) {
	w.args = append(w.args, value)
	w.text = append(w.text, fmt.Sprintf(condition, len(w.args)))
}

func (w *where) plain(condition string) { w.text = append(w.text, condition) }

func (w *where) String() string { return " WHERE " + strings.Join(w.text, " AND ") }

// months narrows to the months, region, agency, item and, where a table has it, step.
func (f Figured) months(step bool) *where {
	w := &where{}
	w.and("month >= $%d", f.From)
	w.and("month <= $%d", f.To)
	f.place(w, step)
	return w
}

func (f Figured) place(w *where, step bool) {
	w.and("region LIKE $%d", f.under)
	if f.Agency != "" {
		w.and("agency = $%d", f.Agency)
	}
	if f.Item != "" {
		w.and("item = $%d", f.Item)
	}
	if step && f.Step != "" {
		w.and("step = $%d", f.Step)
	}
}

type tally struct {
	agency, item, step, name string
	n, late                  int
	took                     time.Duration
	spread                   string
}

func tallied(ctx context.Context, q db.Q, f Figured) ([]tally, error) {
	w := f.months(true)
	return db.All(ctx, q, func(r *db.Rows) (tally, error) {
		var t tally
		var took int64
		err := r.Scan(&t.agency, &t.item, &t.step, &t.name, &t.n, &t.late, &took, &t.spread)
		t.took = time.Duration(took) * time.Millisecond
		return t, err
	}, `SELECT agency, item, step, step_name, n, late, took_ms, spread FROM supervision_tally`+w.String()+` ORDER BY month, agency, item, step`, w.args...)
}

type wait struct {
	agency, item, step, name string
	n, overdue               int
}

// now narrows to cases that wait at a step.
func (f Figured) now() *where {
	w := &where{}
	w.plain("status <> 'ended' AND step <> ''")
	f.place(w, true)
	return w
}

const pastStep = "status = 'running' AND step_due_ms > 0 AND step_due_ms < $%d"

func waiting(ctx context.Context, q db.Q, f Figured, now time.Time) ([]wait, error) {
	w := f.now()
	n := len(w.args) + 1
	query := fmt.Sprintf(`SELECT agency, item, step, MAX(step_name), COUNT(*), SUM(CASE WHEN `+pastStep+` THEN 1 ELSE 0 END) FROM supervision_watch`, n) + w.String() + ` GROUP BY agency, item, step`
	return db.All(ctx, q, func(r *db.Rows) (wait, error) {
		var x wait
		return x, r.Scan(&x.agency, &x.item, &x.step, &x.name, &x.n, &x.overdue)
	}, query, append(w.args, now.UnixMilli())...)
}

type closed struct {
	agency, item string
	CloseFigure
}

// closeSums are the sums both tables of cases that are over have, in the order of CloseFigure.sums; 0 over nothing.
const closeSums = `COALESCE(SUM(timed), 0), COALESCE(SUM(promised), 0), COALESCE(SUM(actual), 0), COALESCE(SUM(longer), 0), COALESCE(SUM(planned), 0), COALESCE(SUM(trips), 0),
	COALESCE(SUM(more), 0), COALESCE(SUM(reused), 0), COALESCE(SUM(uploaded), 0)`

func (f *CloseFigure) sums() []any {
	return []any{&f.Timed, &f.Promised, &f.Actual, &f.Longer, &f.Planned, &f.Trips, &f.More, &f.Reused, &f.Uploaded}
}

func closedIn(ctx context.Context, q db.Q, f Figured) ([]closed, error) {
	w := f.months(false)
	return db.All(ctx, q, func(r *db.Rows) (closed, error) {
		var c closed
		return c, r.Scan(append([]any{&c.agency, &c.item, &c.Cases}, c.sums()...)...)
	}, `SELECT agency, item, SUM(n), `+closeSums+` FROM supervision_closed`+w.String()+` GROUP BY agency, item ORDER BY agency, item`, w.args...)
}

// onPage is how many cases behind a figure stand on one page.
const onPage = 50

// page cuts the row too many off and makes the cursor of the last one.
func (p *FigureCases) page(key func(FigureCase) []string) {
	if len(p.Rows) > onPage {
		p.Rows = p.Rows[:onPage]
		p.Next = db.Cursor(key(p.Rows[onPage-1])...)
	}
}

// beyond adds the cursor: rows come in descending order of a number, a case id and, where more tells them apart, a step and a number.
func (w *where) beyond(after, columns string, n int) error {
	keys, err := db.ParseCursor(after, n)
	if err != nil || keys == nil {
		return err
	}
	first, err := strconv.ParseInt(keys[0], 10, 64)
	if err != nil {
		return errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
	}
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(len(w.args)+1+i)
	}
	w.plain("(" + columns + ") < (" + strings.Join(marks, ", ") + ")")
	w.args = append(w.args, first)
	for i, k := range keys[1:] {
		if i != 2 {
			w.args = append(w.args, k)
			continue
		}
		last, err := strconv.ParseInt(k, 10, 64)
		if err != nil {
			return errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
		}
		w.args = append(w.args, last)
	}
	return nil
}

func stays(ctx context.Context, q db.Q, f Figured, of Of, after string) (FigureCases, error) {
	var p FigureCases
	w := f.months(true)
	if of == OfLate {
		w.plain("late = 1")
	}
	var took int64
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(took_ms), 0) AS BIGINT) FROM supervision_stay`+w.String(), w.args...).Scan(&p.N, &took); err != nil {
		return p, db.Classify(err)
	}
	p.Took = time.Duration(took) * time.Millisecond
	if f.Agency == "" && f.Item == "" && f.Step == "" {
		w.text[0], w.text[1] = "month || '' >= $1", "month || '' <= $2" // or SQLite finds all of the months first and sorts them
	}
	if err := w.beyond(after, "took_ms, case_id, step, entered_ms", 4); err != nil {
		return p, err
	}
	var entered []int64
	rows, err := db.All(ctx, q, func(r *db.Rows) (FigureCase, error) {
		var c FigureCase
		var took, left, late, in int64
		err := r.Scan(&c.CaseID, &c.CaseNo, &c.Agency, &c.Item, &c.Step, &c.StepName, &took, &left, &late, &in)
		c.Took, c.At, c.Late = time.Duration(took)*time.Millisecond, db.Instant(left), late == 1
		entered = append(entered, in)
		return c, err
	}, `SELECT case_id, case_no, agency, item, step, step_name, took_ms, left_ms, late, entered_ms FROM supervision_stay`+w.String()+
		` ORDER BY took_ms DESC, case_id DESC, step DESC, entered_ms DESC LIMIT `+strconv.Itoa(onPage+1), w.args...)
	p.Rows = rows
	p.page(func(c FigureCase) []string {
		return []string{strconv.FormatInt(c.Took.Milliseconds(), 10), c.CaseID, c.Step, strconv.FormatInt(entered[onPage-1], 10)}
	})
	return p, err
}

// waiters are cases that wait now: what has no limit comes first, then what must leave its step last; overdue ones from the newest to the oldest.
func waiters(ctx context.Context, q db.Q, f Figured, of Of, now time.Time, after string) (FigureCases, error) {
	var p FigureCases
	w := f.now()
	if of == OfOverdue {
		w.and(pastStep, now.UnixMilli())
	}
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM supervision_watch`+w.String(), w.args...).Scan(&p.N); err != nil {
		return p, db.Classify(err)
	}
	if err := w.beyond(after, "step_due_ms, case_id", 2); err != nil {
		return p, err
	}
	var err error
	p.Rows, err = db.All(ctx, q, func(r *db.Rows) (FigureCase, error) {
		var c FigureCase
		var due int64
		err := r.Scan(&c.CaseID, &c.CaseNo, &c.Agency, &c.Item, &c.Step, &c.StepName, &due)
		c.At = db.Instant(due)
		c.Late = due > 0 && c.At.Before(now)
		return c, err
	}, `SELECT case_id, case_no, agency, item, step, step_name, step_due_ms FROM supervision_watch`+w.String()+` ORDER BY step_due_ms DESC, case_id DESC LIMIT `+strconv.Itoa(onPage+1), w.args...)
	p.page(func(c FigureCase) []string { return []string{strconv.FormatInt(db.Millis(c.At), 10), c.CaseID} })
	return p, err
}

// behind says which cases that are over a figure counts.
var behind = map[Of]string{OfTimed: "timed = 1", OfLonger: "longer = 1", OfTrips: "trips > 0", OfMore: "more = 1", OfReused: "reused > 0", OfUploaded: "uploaded > 0"}

func closings(ctx context.Context, q db.Q, f Figured, of Of, after string) (FigureCases, error) {
	var p FigureCases
	w := f.months(false)
	if c, ok := behind[of]; ok {
		w.plain(c)
	}
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*), `+closeSums+` FROM supervision_close`+w.String(), w.args...).Scan(slices.Concat([]any{&p.N}, p.sums())...); err != nil {
		return p, db.Classify(err)
	}
	p.Cases = p.N
	if err := w.beyond(after, "at_ms, case_id", 2); err != nil {
		return p, err
	}
	var err error
	p.Rows, err = db.All(ctx, q, func(r *db.Rows) (FigureCase, error) {
		var c FigureCase
		var at, longer int64
		err := r.Scan(&c.CaseID, &c.CaseNo, &c.Agency, &c.Item, &at, &longer, &c.Promised, &c.Actual, &c.Planned, &c.Trips, &c.Reused, &c.Uploaded)
		c.At, c.Late = db.Instant(at), longer == 1
		return c, err
	}, `SELECT case_id, case_no, agency, item, at_ms, longer, promised, actual, planned, trips, reused, uploaded FROM supervision_close`+w.String()+
		` ORDER BY at_ms DESC, case_id DESC LIMIT `+strconv.Itoa(onPage+1), w.args...)
	p.page(func(c FigureCase) []string { return []string{strconv.FormatInt(db.Millis(c.At), 10), c.CaseID} })
	return p, err
}
