package report

import (
	"context"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "report", Files: files}

func insertFact(ctx context.Context, tx *db.Tx, f fact) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO report_fact (kind, ref, case_id, case_no, month, at_ms, noted_ms, region, agency, item, channel, outcome, on_time, days, legal, planned, trips, reused, uploaded, grade)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT (kind, ref) DO NOTHING`,
		f.Kind, f.Ref, f.CaseID, f.CaseNo, monthOf(f.At), f.At.UnixMilli(), f.Noted.UnixMilli(), f.Region, f.Agency, f.Item, f.Channel, f.Outcome, f.OnTime, f.Days, f.Legal, f.Planned,
		f.Trips, f.Reused, f.Uploaded, f.Grade)
	return err
}

// cardOf gives the case of a card that was noted; an empty fact when it was not.
func cardOf(ctx context.Context, q db.Q, alarm string) (fact, error) {
	fs, err := db.All(ctx, q, func(r *db.Rows) (fact, error) {
		var f fact
		return f, r.Scan(&f.CaseID, &f.CaseNo, &f.Item, &f.Channel)
	}, `SELECT case_id, case_no, item, channel FROM report_fact WHERE kind = $1 AND ref = $2`, factCard, alarm)
	if err != nil || len(fs) == 0 {
		return fact{}, err
	}
	return fs[0], nil
}

// where collects conditions and their arguments.
type where struct {
	text []string
	args []any
}

func (w *where) and(condition string, values ...any) {
	marks := make([]any, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		marks[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.text = append(w.text, fmt.Sprintf(condition, marks...))
}

func (w *where) String() string { return " WHERE " + strings.Join(w.text, " AND ") }

// counted are the facts a report counts.
func counted(month, region string, cut time.Time) *where {
	w := &where{}
	w.and("month = %s", month)
	w.and("region LIKE %s", region+"%")
	w.and("noted_ms <= %s", cut.UnixMilli())
	return w
}

// group is the facts of one kind of one agency, item and channel that took so many days.
type group struct {
	agency, item, channel string
	Numbers
}

// groups adds up the facts of a report. Days are part of the group because the median is read from them.
func groups(ctx context.Context, q db.Q, w *where) ([]group, error) {
	const measured = "kind = 'decided' AND days >= 0"
	sum := func(of string) string { return ", COALESCE(SUM(CASE WHEN " + of + " THEN 1 ELSE 0 END), 0)" }
	total := func(of, what string) string {
		return ", COALESCE(SUM(CASE WHEN " + of + " THEN " + what + " ELSE 0 END), 0)"
	}
	const legal = measured + " AND legal > 0"
	columns := sum(Conditions["received"]) + sum(Conditions["accepted"]) + sum(Conditions["deemed"]) + sum(Conditions["unaccepted"]) + sum(Conditions["corrections"]) +
		sum(Conditions["granted"]) + sum(Conditions["partly"]) + sum(Conditions["refused"]) + sum(Conditions["concluded"]) + sum(Conditions["withdrawn"]) + sum(Conditions["ended"]) +
		sum(Conditions["timed"]) + sum(Conditions["on_time"]) + sum(measured) + total(measured, "days") + sum(legal) + total(legal, "legal") + total(legal, "legal - days") +
		total("kind = 'concluded' AND planned > 0", "planned") + total("kind = 'concluded'", "trips") + sum(Conditions["more_trips"]) +
		total("kind = 'concluded'", "reused") + total("kind = 'concluded'", "uploaded") +
		sum(Conditions["ratings"]) + sum(Conditions["bad_ratings"]) + sum(Conditions["yellow_cards"]) + sum(Conditions["red_cards"]) + sum(Conditions["cancelled_cards"])
	return db.All(ctx, q, func(r *db.Rows) (group, error) {
		var g group
		days := 0
		to := []any{&g.agency, &g.item, &g.channel, &days}
		for _, f := range Fields {
			to = append(to, f.of(&g.Numbers))
		}
		err := r.Scan(to...)
		if g.Measured > 0 {
			g.Spread = map[int]int{days: g.Measured}
		}
		return g, err
	}, `SELECT agency, item, channel, days`+columns+` FROM report_fact`+w.String()+` GROUP BY agency, item, channel, days ORDER BY agency, item, channel, days`, w.args...)
}

// Conditions say which facts a number counts or, for trips and materials, which cases have any; in the words of the database. Numbers about days have
// the decisions they are taken of.
var Conditions = map[string]string{
	"received":        "kind = 'received'",
	"accepted":        "kind = 'accepted'",
	"deemed":          "kind = 'deemed'",
	"unaccepted":      "kind = 'unaccepted'",
	"corrections":     "kind = 'correction'",
	"granted":         "kind = 'decided' AND outcome = 'grant'",
	"partly":          "kind = 'decided' AND outcome = 'partly'",
	"refused":         "kind = 'decided' AND outcome = 'refuse'",
	"concluded":       "kind = 'concluded'",
	"withdrawn":       "kind = 'withdrawn'",
	"ended":           "kind = 'ended'",
	"timed":           "kind = 'decided' AND on_time >= 0",
	"on_time":         "kind = 'decided' AND on_time = 1",
	"late":            "kind = 'decided' AND on_time = 0",
	"measured":        "kind = 'decided' AND days >= 0",
	"days":            "kind = 'decided' AND days >= 0",
	"legal_measured":  "kind = 'decided' AND days >= 0 AND legal > 0",
	"legal_days":      "kind = 'decided' AND days >= 0 AND legal > 0",
	"saved":           "kind = 'decided' AND days >= 0 AND legal > 0",
	"planned_trips":   "kind = 'concluded' AND planned > 0",
	"trips":           "kind = 'concluded' AND trips > 0",
	"more_trips":      "kind = 'concluded' AND planned >= 0 AND trips > planned",
	"reused":          "kind = 'concluded' AND reused > 0",
	"uploaded":        "kind = 'concluded' AND uploaded > 0",
	"ratings":         "kind = 'rating'",
	"bad_ratings":     "kind = 'rating' AND grade >= 4",
	"yellow_cards":    "kind = 'card' AND outcome = 'yellow'",
	"red_cards":       "kind = 'card' AND outcome = 'red'",
	"cancelled_cards": "kind = 'cancelled'",
}
