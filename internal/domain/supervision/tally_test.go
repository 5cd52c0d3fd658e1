package supervision_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

func TestASuspensionIsFollowedToItsEnd(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := accepted("c1")
		c.State, c.Clock.StepDue = cases.Suspended, time.Time{}
		c.Clock.Paused, c.Clock.SpecialDue = true, end(5)
		w.room.set(c)
		w.hear(cases.SuspendedEvent{Fact: w.fact("c1"), Ground: "testing", Until: end(5)}, 2)
		w.wantAlarms("told", nil)
		w.set(end(5).Add(time.Second))
		if n, err := w.s.Sweep(t.Context()); n != 1 || err != nil { // nobody acts: the sweep finds it
			t.Errorf("looked at %d, %v", n, err)
		}
		w.wantAlarms("too long", map[string]int{"stop_too_long": 1})
		w.set(at(9, 9, 0, 0))
		c.State, c.Clock.Paused, c.Clock.SpecialDue = cases.Reviewing, false, time.Time{}
		w.room.set(c)
		w.hear(cases.ResumedEvent{Fact: w.fact("c1")}, 2)
		w.wantAlarms("resumed", map[string]int{"stop_too_long": 1})
	})
}

func TestACaseThatIsOverIsJudgedAndCounted(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.room.numbers["c1"] = supervision.Measure{
			PlannedTrips: new(1), Trips: 3, Reused: 2, Uploaded: 4, Limits: promise(4), MakesLicence: true,
			Said: []supervision.Saying{{Where: "correction", Text: "请缴纳检测费300元", At: at(3, 9, 0, 0)}},
		}
		c := accepted("c1")
		c.Clock = cases.Clock{Phase: cases.PhaseDecision}
		w.room.set(c)
		w.hear(cases.SuspendedEvent{Fact: cases.Fact{CaseID: "c1", At: at(3, 9, 0, 0)}, Ground: "testing", Until: end(20)}, 1)
		w.hear(cases.ResumedEvent{Fact: cases.Fact{CaseID: "c1", At: at(5, 9, 0, 0)}}, 1)
		w.set(at(12, 9, 0, 0))
		c.State, c.Outcome, c.Step, c.Clock = cases.Concluded, cases.Grant, "", cases.Clock{Phase: cases.PhaseEnded}
		c.Decided, c.Delivered, c.Concluded = at(11, 9, 0, 0), at(12, 9, 0, 0), at(12, 9, 0, 0)
		w.room.set(c)
		w.hear(cases.DecidedEvent{Fact: w.fact("c1")}, 1)
		w.hear(cases.ConcludedEvent{Fact: w.fact("c1")}, 2)
		w.hear(cases.ArchivedEvent{Fact: w.fact("c1")}, 1)
		w.wantAlarms("over", map[string]int{"no_licence": 1, "fee_not_listed": 1, "more_trips": 1})
		// Accepted on Monday the 2nd, decided on Wednesday the 11th: seven working days, of which the 4th and 5th stood still.
		b, err := w.s.Bottlenecks(t.Context(), supervisor, supervision.ByAgency, supervision.Figured{})
		want := supervision.CloseFigure{Cases: 1, Timed: 1, Promised: 4, Actual: 5, Longer: 1, Planned: 1, Trips: 3, More: 1, Reused: 2, Uploaded: 4}
		if err != nil || b.Sum != want {
			t.Errorf("%+v, %v", b.Sum, err)
		}
	})
}

func TestBulkWorkAtNightAndRatingsInBulk(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 21 {
			id := fmt.Sprintf("n%02d", i)
			c := accepted(id)
			c.Clock, c.Step = cases.Clock{Phase: cases.PhaseDecision}, ""
			w.room.set(c)
			w.set(at(3, 20, i, 0))
			f := w.fact(id)
			f.By, f.Agency, f.Region, f.CaseNo = "staff:of", "market", "990102", c.CaseNo
			w.hear(cases.ReceivedEvent{Fact: f}, 2)
		}
		w.wantAlarms("at night", map[string]int{"after_hours": 1})
		p, err := w.s.Alarms(t.Context(), supervisor, supervision.AlarmFilter{Rule: "after_hours"})
		if err != nil || len(p.Rows) != 1 || p.Rows[0].Facts["n"] != "20" || p.Rows[0].CaseID != "" {
			t.Fatalf("%+v, %v", p.Rows, err)
		}
		if v := w.card(p.Rows[0].ID); len(v.Evidence) != 21 || v.Evidence[20].Ref != "n20" { // what comes later is added
			t.Errorf("%d pieces of evidence", len(v.Evidence))
		}
		for i := range 16 {
			w.set(at(4, 10, 0, i))
			w.hear(rating.GivenEvent{RatingID: fmt.Sprint("r", i), Agency: "market", Item: "food", Grade: 1}, 2)
		}
		w.wantAlarms("ratings", map[string]int{"after_hours": 1, "ratings_in_bulk": 1})
		w.hear(rating.GivenEvent{RatingID: "elsewhere", Agency: "unknown", Item: "food", Grade: 1}, 1)
	})
}

// promise is so many working days for the decision.
func promise(n int) catalog.Limits {
	return catalog.Limits{Promised: catalog.Limit{N: n, Unit: clock.Workday}}
}

// made is a made-up event of a made-up year.
type made struct {
	e  event.Event
	at time.Time
}

var agencies, items, steps = []string{"market", "civil", "health"}, []string{"food", "card", "clinic"}, []string{"accept", "review", "decide"}

// year makes stays and cases that are over, spread over a year, some of them heard twice.
func year(r *rand.Rand, w *world, n int) (out []made) {
	for i := range n {
		id := fmt.Sprintf("k%05d", i)
		agency, item := agencies[r.IntN(3)], items[r.IntN(3)]
		in := time.Date(2026, 1, 5, 9, 0, 0, 0, clock.Shanghai).Add(time.Duration(r.IntN(330*24)) * time.Hour)
		c := cases.Case{
			ID: id, CaseNo: "NO-" + id, State: cases.Reviewing, Agency: agency, AgencyName: agency, ItemKey: item, ItemName: item, Region: []string{"990102", "990103", "990201"}[r.IntN(3)],
			Submitted: in, Accepted: in, Step: "decide", StepName: "决定", Clock: cases.Clock{Phase: cases.PhaseDecision, StepDue: in.Add(time.Duration(r.IntN(200)) * time.Hour)},
		}
		f := cases.Fact{CaseID: id, CaseNo: c.CaseNo, ItemKey: item, Agency: agency, Region: c.Region, By: "system"}
		when := in
		for _, step := range steps[:1+r.IntN(3)] {
			took := time.Duration(r.Int64N(int64(40 * 24 * time.Hour)))
			f.At = when.Add(took)
			out = append(out, made{cases.StepDoneEvent{Fact: f, Step: step, Entered: when, Took: took, Due: when.Add(time.Duration(r.IntN(40*24)) * time.Hour)}, f.At})
			when = f.At
		}
		if r.IntN(3) > 0 {
			c.State, c.Step, c.Outcome, c.Clock = cases.Concluded, "", cases.Refuse, cases.Clock{Phase: cases.PhaseEnded}
			c.Decided, c.Delivered, c.Concluded = when, when, when
			f.At = when
			out = append(out, made{cases.ConcludedEvent{Fact: f}, when})
		}
		w.room.set(c)
		w.room.numbers[id] = supervision.Measure{PlannedTrips: new(r.IntN(2)), Trips: r.IntN(3), Reused: r.IntN(4), Uploaded: r.IntN(4), Limits: promise(r.IntN(20))}
	}
	return out
}

// play hands events over in the given order.
func (w *world) play(ms []made) {
	w.t.Helper()
	listeners := map[string]event.Listener{}
	for _, l := range w.s.Listeners() {
		listeners[l.Topic] = l
	}
	for _, part := range slices.Collect(slices.Chunk(ms, 200)) {
		if err := w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for _, m := range part {
				data, err := json.Marshal(m.e)
				if err != nil {
					return err
				}
				if err := listeners[m.e.Topic()].Handle(ctx, tx, event.Stored{Topic: m.e.Topic(), At: m.at, Data: data}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ledger is everything the tallies hold, in order.
func (w *world) ledger() string {
	w.t.Helper()
	var out []string
	for _, q := range []string{
		`SELECT month || region || agency || item || step || ' ' || n || ' ' || late || ' ' || took_ms || ' ' || spread FROM supervision_tally ORDER BY 1`,
		`SELECT month || region || agency || item || ' ' || n || ' ' || timed || ' ' || promised || ' ' || actual || ' ' || longer || ' ' || planned || ' ' || trips || ' ' || more || ' ' || reused
			|| ' ' || uploaded FROM supervision_closed ORDER BY 1`,
	} {
		rows, err := db.All(w.t.Context(), w.d.R(), func(r *db.Rows) (string, error) {
			var s string
			return s, r.Scan(&s)
		}, q)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, rows...)
	}
	return strings.Join(out, "\n")
}

// The same events again, twice and in another order give the same tallies; and every figure is the sum of the cases behind it.
func TestFiguresAddUpAndReplaysGiveTheSame(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		r := rand.New(rand.NewPCG(7, 11))
		w := newWorld(t, d)
		w.set(time.Date(2026, 12, 20, 9, 0, 0, 0, clock.Shanghai))
		events := year(r, w, 250)
		w.play(events)
		first := w.ledger()
		w.play(events[:40]) // delivered again
		if w.ledger() != first {
			t.Error("what was heard twice counts twice")
		}
		again := newWorld(t, dbtest.SQLite(t, all...))
		again.set(w.now())
		again.room.cases, again.room.numbers = w.room.cases, w.room.numbers
		mixed := slices.Clone(events)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		again.play(mixed)
		if got := again.ledger(); got != first || len(first) < 1000 {
			t.Errorf("in another order the tallies differ:\n%s\n---\n%s", first, got)
		}
		for _, by := range []supervision.By{supervision.ByStep, supervision.ByAgency, supervision.ByItem} {
			for _, f := range []supervision.Figured{{}, {From: "2026-03", To: "2026-05"}, {Agency: "civil"}, {Item: "food", From: "2026-11"}, {Agency: "market", Item: "card"}} {
				w.wantSums(by, f)
			}
		}
	})
}

func (w *world) wantSums(by supervision.By, f supervision.Figured) {
	w.t.Helper()
	b, err := w.s.Bottlenecks(w.t.Context(), supervisor, by, f)
	if err != nil {
		w.t.Fatal(err)
	}
	total := supervision.StepFigure{Name: "", Median: b.Total.Median, P90: b.Total.P90}
	for _, line := range b.Steps {
		total.Done, total.Late, total.Took, total.Waiting, total.Overdue = total.Done+line.Done, total.Late+line.Late, total.Took+line.Took, total.Waiting+line.Waiting, total.Overdue+line.Overdue
		w.wantBehind(b.Figured, by, line)
	}
	if total != b.Total {
		w.t.Errorf("%s %+v: lines come to %+v, total %+v", by, f, total, b.Total)
	}
	if by == supervision.ByStep {
		by = supervision.ByItem
	}
	sum := supervision.CloseFigure{}
	for _, line := range b.Closed {
		sum.Cases, sum.Timed, sum.Promised, sum.Actual, sum.Longer = sum.Cases+line.Cases, sum.Timed+line.Timed, sum.Promised+line.Promised, sum.Actual+line.Actual, sum.Longer+line.Longer
		sum.Planned, sum.Trips, sum.More, sum.Reused, sum.Uploaded = sum.Planned+line.Planned, sum.Trips+line.Trips, sum.More+line.More, sum.Reused+line.Reused, sum.Uploaded+line.Uploaded
		w.wantClosed(b.Figured, by, line)
	}
	if sum != b.Sum {
		w.t.Errorf("%s %+v: lines of what is over come to %+v, total %+v", by, f, sum, b.Sum)
	}
	if b.Sum.Cases > 0 {
		w.wantClosed(f, "", b.Sum) // the total leads to the very cases too
	}
}

func narrowed(f supervision.Figured, by supervision.By, key string) supervision.Figured {
	switch by {
	case supervision.ByStep:
		f.Step = key
	case supervision.ByAgency:
		f.Agency = key
	case supervision.ByItem:
		f.Item = key
	}
	return f
}

// behind reads all pages of the cases behind a figure.
func (w *world) behind(of supervision.Of, f supervision.Figured) (rows []supervision.FigureCase, head supervision.FigureCases) {
	w.t.Helper()
	after, seen := "", map[string]bool{}
	for {
		p, err := w.s.CasesOf(w.t.Context(), supervisor, of, f, after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range p.Rows {
			if key := c.CaseID + c.Step + c.At.String(); seen[key] {
				w.t.Errorf("%s: %s stands on two pages", of, key)
			} else {
				seen[key] = true
			}
		}
		if rows = append(rows, p.Rows...); p.Next == "" {
			if len(rows) != p.N {
				w.t.Errorf("%s: %d rows, said %d", of, len(rows), p.N)
			}
			return rows, p
		}
		after = p.Next
	}
}

func (w *world) wantBehind(f supervision.Figured, by supervision.By, line supervision.StepFigure) {
	w.t.Helper()
	f = narrowed(f, by, line.Key)
	done, head := w.behind(supervision.OfDone, f)
	var sum time.Duration
	var hours []int
	late := 0
	for _, c := range done {
		sum += c.Took
		hours = append(hours, supervision.HoursUp(c.Took))
		if c.Late {
			late++
		}
	}
	slices.Sort(hours)
	if len(hours) > 0 && (hours[(len(hours)+1)/2-1] != line.Median || hours[(len(hours)*9+9)/10-1] != line.P90) {
		w.t.Errorf("%s: median %d and p90 %d of %d stays %v", line.Key, line.Median, line.P90, len(hours), hours)
	}
	lates, _ := w.behind(supervision.OfLate, f)
	waits, _ := w.behind(supervision.OfWaiting, f)
	overdue, _ := w.behind(supervision.OfOverdue, f)
	if len(done) != line.Done || sum != line.Took || head.Took != sum || late != line.Late || len(lates) != late || len(waits) != line.Waiting || len(overdue) != line.Overdue {
		w.t.Errorf("%s: figure %+v, behind it %d done in %s, %d late, %d wait, %d overdue", line.Key, line, len(done), sum, len(lates), len(waits), len(overdue))
	}
}

func (w *world) wantClosed(f supervision.Figured, by supervision.By, line supervision.CloseFigure) {
	w.t.Helper()
	f = narrowed(f, by, line.Key)
	var got supervision.CloseFigure
	all, head := w.behind(supervision.OfClosed, f)
	got.Cases = len(all)
	for _, c := range all {
		got.Promised, got.Actual, got.Planned, got.Trips, got.Reused, got.Uploaded = got.Promised+c.Promised, got.Actual+c.Actual, got.Planned+c.Planned, got.Trips+c.Trips, got.Reused+c.Reused, got.Uploaded+c.Uploaded
	}
	for of, n := range map[supervision.Of]*int{supervision.OfTimed: &got.Timed, supervision.OfLonger: &got.Longer, supervision.OfMore: &got.More} {
		rows, _ := w.behind(of, f)
		*n = len(rows)
	}
	trips, _ := w.behind(supervision.OfTrips, f)
	sum := 0
	for _, c := range trips {
		sum += c.Trips
	}
	got.Key, got.Name, head.CloseFigure.Key, head.CloseFigure.Name = line.Key, line.Name, line.Key, line.Name
	if got != line || head.CloseFigure != line || sum != line.Trips {
		w.t.Errorf("%s: figure %+v, behind it %+v, said %+v", line.Key, line, got, head.CloseFigure)
	}
}

// BenchmarkBottlenecks reads the page's figures of a year of 200,000 stays in steps.
func BenchmarkBottlenecks(b *testing.B) {
	d := dbtest.SQLite(b, all...)
	fillYear(b, d, 200_000)
	s := supervision.New(supervision.Deps{DB: d, Now: func() time.Time { return time.Date(2026, 12, 20, 9, 0, 0, 0, clock.Shanghai) }})
	for _, by := range []supervision.By{supervision.ByStep, supervision.ByAgency, supervision.ByItem} {
		b.Run(string(by), func(b *testing.B) {
			for b.Loop() {
				v, err := s.Bottlenecks(b.Context(), supervisor, by, supervision.Figured{})
				if err != nil || v.Total.Done != 200_000 {
					b.Fatalf("%d stays, %v", v.Total.Done, err)
				}
			}
		})
	}
	b.Run("cases behind", func(b *testing.B) {
		for b.Loop() {
			if p, err := s.CasesOf(b.Context(), supervisor, supervision.OfDone, supervision.Figured{}, ""); err != nil || p.N != 200_000 {
				b.Fatalf("%d, %v", p.N, err)
			}
		}
	})
}
