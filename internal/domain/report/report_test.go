package report_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/report"
	"tongban/internal/domain/supervision"
)

// add puts a case into the room and gives the common part of its events.
func (k *kit) add(c cases.Case, took cases.Measured) cases.Fact {
	k.desk.mu.Lock()
	defer k.desk.mu.Unlock()
	k.desk.cases[c.ID], k.desk.took[c.ID] = c, took
	return cases.Fact{CaseID: c.ID, CaseNo: c.CaseNo, ItemKey: c.ItemKey, Agency: c.Agency, Region: c.Region, At: k.at}
}

// random makes the lives of some cases around March 2026 and hears of them in any order, some of it twice.
func (k *kit) random(r *rand.Rand, n int) {
	var es []event.Event
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for i := range n {
		in := day(2026, 2, 20, 9).Add(time.Duration(r.IntN(50*24)) * time.Hour)
		c := cases.Case{
			ID: fmt.Sprintf("k%04d", i), CaseNo: fmt.Sprintf("NO%04d", i), ItemKey: pick("food", "card"), Agency: pick("market", "civil", "health"), Region: pick("990102", "990103", "990201"),
			Channel: pick(cases.Online, cases.Window), Submitted: in, Accepted: in.Add(5 * time.Hour), Decided: in.Add(48 * time.Hour), Concluded: in.Add(72 * time.Hour),
		}
		p := cases.Pace{From: c.Accepted, Decided: c.Decided, Actual: r.IntN(20), Legal: r.IntN(2) * 20, PromisedDue: c.Decided.Add(time.Duration(r.IntN(5)-2) * time.Hour)}
		took := cases.Measured{Trips: r.IntN(3), Reused: r.IntN(3), Uploaded: r.IntN(3), Pace: &p}
		if r.IntN(4) == 0 {
			p.PromisedDue = time.Time{} // no date at all
		}
		f := k.add(c, took)
		f.At = in
		es = append(es, cases.SubmittedEvent{Fact: f})
		switch r.IntN(6) {
		case 0:
			es = append(es, cases.RefusedAcceptanceEvent{Fact: f})
			continue
		case 1:
			es = append(es, cases.WithdrawnEvent{Fact: f})
			continue
		case 2:
			es = append(es, cases.CorrectionRequestedEvent{Fact: f, Round: 1}, cases.CorrectionRequestedEvent{Fact: f, Round: 2}, cases.EndedEvent{Fact: f, Act: "lapse"})
			continue
		case 3:
			es = append(es, cases.DeemedAcceptedEvent{Fact: f, From: c.Accepted})
		}
		es = append(es, cases.AcceptedEvent{Fact: f}, cases.DecidedEvent{Fact: f, Outcome: cases.Outcome(pick("grant", "partly", "refuse"))}, cases.ConcludedEvent{Fact: f})
		es = append(es, rating.GivenEvent{RatingID: "r" + c.ID, Agency: c.Agency, Item: c.ItemKey, Grade: 1 + r.IntN(5)})
		card := supervision.AlarmEvent{AlarmID: "a" + c.ID, CaseID: pick("", c.ID), Rule: "overdue", Level: supervision.Level(pick("yellow", "red")), Agency: c.Agency, Region: c.Region}
		es = append(es, card, supervision.CardEvent{AlarmID: card.AlarmID, Act: supervision.CardAct(pick("urge", "confirm")), Level: card.Level, Agency: c.Agency, Region: c.Region})
	}
	r.Shuffle(len(es), func(i, j int) { es[i], es[j] = es[j], es[i] })
	k.hear(1, es...)
	k.hear(1, es[:len(es)/3]...)
}

// Every breakdown adds up to the total, and every number to the cases behind it, over all pages.
func TestFiguresAddUp(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.set(day(2026, 3, 20, 9)) // ratings and cards count on the day they are heard of
		k.random(rand.New(rand.NewPCG(3, 5)), 240)
		k.set(day(2026, 4, 2, 9))
		v := k.report(supervisor, "2026-03")
		total := line(v, report.Total, "")
		if total.Received < 60 || total.Ratings < 60 || total.Yellow < 10 || total.Cancelled < 10 || total.Deemed == 0 || total.LegalMeasured == 0 || total.OnTime == total.Timed {
			t.Fatalf("the month is too empty to show anything: %+v", total)
		}
		for _, by := range []report.By{report.ByAgency, report.ByItem, report.ByChannel} {
			var sum report.Numbers
			for _, l := range v.Lines {
				if l.By == by {
					sum.Add(l.Numbers)
				}
			}
			if fmt.Sprint(sum) != fmt.Sprint(total) {
				t.Errorf("%s adds up to %+v, the total is %+v", by, sum, total)
			}
		}
		for _, l := range v.Lines {
			k.leads(v, l)
		}
		if other := k.report(abroad, "2026-03"); line(other, report.Total, "").Received == 0 || line(other, report.ByChannel, "").Ratings != 0 {
			t.Error("the neighbour's report counts the wrong region")
		}
	})
}

// leads reads the cases behind every number of a line.
func (k *kit) leads(v report.View, l report.Line) {
	k.t.Helper()
	for _, f := range report.Fields {
		rows := k.behind(v.ID, report.Asked{By: l.By, Key: l.Key, Of: f.Key})
		n := len(rows)
		switch f.Key {
		case "days", "legal_days", "saved", "planned_trips", "trips", "reused", "uploaded":
			n = 0
			for _, b := range rows {
				n += map[string]int{"days": b.Days, "legal_days": b.Legal, "saved": b.Legal - b.Days, "planned_trips": b.Planned, "trips": b.Trips, "reused": b.Reused, "uploaded": b.Uploaded}[f.Key]
			}
		}
		if n != f.Get(l.Numbers) {
			k.t.Errorf("%s %s: %s is %d, behind it %d", l.By, l.Key, f.Key, f.Get(l.Numbers), n)
		}
	}
	var days []int
	for _, b := range k.behind(v.ID, report.Asked{By: l.By, Key: l.Key, Of: "measured"}) {
		days = append(days, b.Days)
	}
	slices.Sort(days)
	if n := len(days); n > 0 && (l.At(50) != days[(n+1)/2-1] || l.At(90) != days[(n*9+9)/10-1]) {
		k.t.Errorf("%s %s: median %d, nine tenths %d of %v", l.By, l.Key, l.At(50), l.At(90), days)
	}
}

func (k *kit) behind(id string, q report.Asked) (rows []report.Behind) {
	k.t.Helper()
	for after := ""; ; {
		p, err := k.Behind(k.t.Context(), supervisor, id, q, after)
		k.ok(err)
		if rows = append(rows, p.Rows...); p.Next == "" {
			if len(rows) != p.N {
				k.t.Errorf("%+v: %d rows, said %d", q, len(rows), p.N)
			}
			return rows
		}
		after = p.Next
	}
}

func TestAMonthEndsAtMidnightInShanghai(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	for id, at := range map[string]time.Time{"last": day(2026, 3, 31, 23).Add(59*time.Minute + 59*time.Second), "next": day(2026, 4, 1, 0), "first": day(2026, 3, 1, 0), "before": day(2026, 3, 1, 0).Add(-time.Millisecond)} {
		k.hear(1, cases.SubmittedEvent{Fact: k.add(cases.Case{ID: id, Region: "990102", Submitted: at.UTC()}, cases.Measured{})})
	}
	k.set(day(2026, 4, 2, 9).Add(time.Hour))
	if n := line(k.report(supervisor, "2026-03"), report.Total, "").Received; n != 2 {
		t.Errorf("March has %d", n)
	}
	for month, key := range map[string]string{"2026-05": "report.month_ahead", "2026-13": "report.month", "26-1": "report.month"} {
		if _, err := k.Run(t.Context(), supervisor, month); !errs.Is(err, key) {
			t.Errorf("%s: %v", month, err)
		}
	}
}

// The same month again is the same; what was entered later makes the next version, which shows it; and a number that was altered shows too.
func TestLateEntriesMakeTheNextVersion(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.random(rand.New(rand.NewPCG(1, 2)), 60)
		k.set(day(2026, 4, 2, 10))
		first := k.report(supervisor, "2026-03")
		k.set(day(2026, 4, 5, 10))
		again := k.report(supervisor, "2026-03")
		if first.State != report.Sealed || first.Version != 1 || !first.Final || again.State != report.Same || again.SM3 != first.SM3 || again.SameAs != first.ID || len(again.Lines) != len(first.Lines) {
			t.Fatalf("%+v, again %+v", first.Report, again.Report)
		}
		k.hear(2, cases.SubmittedEvent{Fact: k.add(cases.Case{ID: "late", CaseNo: "LATE", ItemKey: "food", Agency: "market", Region: "990102", Channel: cases.Afterwards, Submitted: day(2026, 3, 9, 9)}, cases.Measured{})})
		k.set(day(2026, 4, 6, 10))
		second := k.report(supervisor, "2026-03")
		if second.Version != 2 || second.Previous != first.ID || second.Late != 1 || second.SM3 == first.SM3 {
			t.Fatalf("%+v", second.Report)
		}
		want := []report.Change{
			{By: report.Total, Field: "received", Was: line(first, report.Total, "").Received, Now: line(first, report.Total, "").Received + 1},
			{By: report.ByAgency, Key: "market", Name: "agency market", Field: "received", Was: line(first, report.ByAgency, "market").Received, Now: line(first, report.ByAgency, "market").Received + 1},
			{By: report.ByItem, Key: "food", Name: "item food", Field: "received", Was: line(first, report.ByItem, "food").Received, Now: line(first, report.ByItem, "food").Received + 1},
			{By: report.ByChannel, Key: cases.Afterwards, Field: "received", Was: 0, Now: 1},
		}
		if !slices.Equal(second.Changes, want) {
			t.Errorf("changes %+v", second.Changes)
		}
		if rows := k.behind(second.ID, report.Asked{Of: report.Added}); len(rows) != 1 || rows[0].CaseNo != "LATE" {
			t.Errorf("late: %+v", rows)
		}
		for name, v := range map[string]report.View{"first": first, "second": second} { // each as it was sealed, whatever came later
			if ok, err := k.Check(ctx, supervisor, v.ID); !ok || err != nil {
				t.Errorf("%s: %v, %v", name, ok, err)
			}
		}
		if _, err := k.d.Raw().ExecContext(ctx, `UPDATE report_line SET key = 'health2' WHERE report_id = $1 AND breakdown = 'agency' AND key = 'health'`, second.ID); err != nil {
			t.Fatal(err)
		}
		if ok, err := k.Check(ctx, supervisor, second.ID); ok || err != nil {
			t.Errorf("altered: %v, %v", ok, err)
		}
	})
}

func TestOnlyTheRegionsSupervisor(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	v := k.report(supervisor, "2026-03")
	county := authz.Actor{StaffID: "co", Roles: []authz.Role{authz.Supervisor}, Region: "990102"}
	for name, c := range map[string]struct {
		a    authz.Actor
		want errs.Kind
	}{
		"another city": {abroad, errs.NotFound}, "a county below": {county, errs.NotFound}, "an officer": {officer, errs.Forbidden},
		"no region": {authz.Actor{StaffID: "x", Roles: []authz.Role{authz.Supervisor}}, errs.Forbidden},
	} {
		if _, err := k.Report(t.Context(), c.a, v.ID); errs.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := k.Behind(t.Context(), c.a, v.ID, report.Asked{Of: "received"}, ""); errs.KindOf(err) != c.want {
			t.Errorf("%s, cases: %v", name, err)
		}
		if _, err := k.Check(t.Context(), c.a, v.ID); errs.KindOf(err) != c.want {
			t.Errorf("%s, check: %v", name, err)
		}
	}
	if _, err := k.Run(t.Context(), officer, "2026-03"); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer runs a report: %v", err)
	}
}

// The month is reported on by itself for counties, their city and province, once.
func TestEveryMonthIsReportedOn(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	k.set(day(2026, 3, 10, 9))
	k.ok(k.Schedule(t.Context()))
	k.hear(1, cases.SubmittedEvent{Fact: k.add(cases.Case{ID: "c", Region: "990102001", Submitted: day(2026, 3, 9, 9)}, cases.Measured{})})
	k.drain()
	k.set(day(2026, 4, 2, 4))
	k.drain()
	for _, region := range []string{"990102", "990100", "990000"} {
		a := supervisor
		a.Region = region
		rs, err := k.Reports(t.Context(), a)
		if err != nil || len(rs) != 1 || rs[0].Month != "2026-03" || rs[0].State != report.Sealed {
			t.Errorf("%s: %+v, %v", region, rs, err)
		}
	}
	if n := dbtest.Count(t, k.d, "job_job", "kind = 'report.month' AND state = 'ready'"); n != 1 {
		t.Errorf("%d jobs for the next month", n)
	}
}
