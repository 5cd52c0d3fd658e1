package cases

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
)

// scopedTasks lists tasks a system may see. Both halves go by an index: what it sent, and what the posts had.
func (s *Service) scopedTasks(ctx context.Context, sc ExchangeScope, f TaskFilter, id string) ([]Task, error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	list := func(vs []string) string {
		var out []string
		for _, v := range vs {
			out = append(out, arg(v))
		}
		return strings.Join(out, ", ")
	}
	more := ""
	for col, v := range map[string]string{"t.id": id, "t.case_id": f.CaseID, "t.staff": f.Staff} {
		if v != "" {
			more += " AND " + col + " = " + arg(v)
		}
	}
	const cols = "t.id, t.case_id, t.step, t.step_name, t.kind, t.post, t.staff, t.at_ms, t.due_ms, t.closed_ms, t.outcome"
	half := "SELECT " + cols + " FROM cases_task t JOIN cases_case c ON c.id = t.case_id WHERE "
	q := half + "c.owner = " + arg(foreignActor(sc.Member)) + " AND c.channel = " + arg(Exchange) + more
	if len(sc.Posts) > 0 {
		q += " UNION " + half + "t.post IN (" + list(sc.Posts) + ")" + more
		if sc.Items != nil {
			q += " AND c.item_key IN (" + list(append([]string{""}, sc.Items...)) + ")"
		}
	}
	order := ""
	if f.Desc {
		order = " DESC"
	}
	q = "SELECT id, case_id, step, step_name, kind, post, staff, at_ms, due_ms, closed_ms, outcome FROM (" + q + ") x ORDER BY at_ms" + order + ", id" + order + " LIMIT " + arg(f.Limit) + " OFFSET " + arg(f.Offset)
	return db.All(ctx, s.DB.R(), scanTask, q, args...)
}

// shanghaiOffset is UTC+8 in milliseconds: China has had one time without daylight saving since 1992.
const (
	shanghaiOffset = 8 * 3600 * 1000
	dayMillis      = 24 * 3600 * 1000
)

func (s *Service) outcomes(ctx context.Context, f OutcomeFilter) ([]DayOutcomes, error) {
	var c conditions
	c.add("e.at_ms >= ?", db.Millis(f.From))
	c.add("e.at_ms < ?", db.Millis(f.To))
	kinds, args := in("e.kind", []string{EventDecided, EventRefused, EventCorrection})
	c.add(kinds, args...)
	if f.Items != nil {
		cond, args := in("c.item_key", f.Items)
		c.add(cond, args...)
	}
	if f.Staff != nil {
		var who []string
		for _, id := range f.Staff {
			who = append(who, "staff:"+id)
		}
		cond, args := in("e.actor", who)
		c.add(cond, args...)
	}
	q := `SELECT (e.at_ms + 28800000) / 86400000, e.kind, c.outcome, COUNT(*) FROM cases_event e JOIN cases_case c ON c.id = e.case_id` + c.where() +
		` GROUP BY (e.at_ms + 28800000) / 86400000, e.kind, c.outcome ORDER BY 1`
	type row struct {
		day, n        int64
		kind, outcome string
	}
	rows, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (row, error) {
		var x row
		return x, r.Scan(&x.day, &x.kind, &x.outcome, &x.n)
	}, q, c.args...)
	var out []DayOutcomes
	for _, x := range rows {
		day := time.UnixMilli(x.day*dayMillis - shanghaiOffset).UTC()
		if len(out) == 0 || !out[len(out)-1].Day.Equal(day) {
			out = append(out, DayOutcomes{Day: day})
		}
		d := &out[len(out)-1]
		switch {
		case x.kind == EventCorrection:
			d.SentBack += int(x.n)
		case x.kind == EventRefused || Outcome(x.outcome) == Refuse:
			d.Rejected += int(x.n)
		default:
			d.Approved += int(x.n)
		}
	}
	return out, err
}
