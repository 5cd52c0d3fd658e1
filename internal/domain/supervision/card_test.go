package supervision_test

import (
	"sync"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
)

var second = authz.Actor{StaffID: "su2", Roles: []authz.Role{authz.Supervisor}, Region: "990102", Via: "page"}

const words = "现场核查遇暴雨改期，已与申请人说明并加派人员。"

// late raises the yellow card of a step that is past its limit, on Friday the 6th, and gives its id.
func (w *world) late(id string) string {
	w.t.Helper()
	c := accepted(id)
	c.Clock.PromisedDue, c.Clock.LegalDue = end(31), end(31)
	w.room.set(c)
	w.set(at(6, 9, 0, 0))
	w.hear(cases.DuePassedEvent{Fact: w.fact(id), Which: "step"}, 1)
	p, err := w.s.Alarms(w.t.Context(), supervisor, supervision.AlarmFilter{Limit: 100})
	for _, a := range p.Rows {
		if a.CaseID == id {
			return a.ID
		}
	}
	w.t.Fatalf("no alarm of %s: %+v, %v", id, p.Rows, err)
	return ""
}

func (w *world) card(id string) supervision.CardView {
	w.t.Helper()
	v, err := w.s.Card(w.t.Context(), supervisor, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// does takes a step and wants an error key, or none.
func (w *world) does(a authz.Actor, id string, act supervision.CardAct, want string) {
	w.t.Helper()
	err := w.s.Act(w.t.Context(), a, id, act, supervision.Said{Text: words, Days: 3})
	if (err == nil) != (want == "") || want != "" && !errs.Is(err, want) {
		w.t.Errorf("%s by %s: %v, want %q", act, a.StaffID, err, want)
	}
}

func (w *world) chase(want int) {
	w.t.Helper()
	if n, err := supervision.Chase(w.s, w.t.Context()); err != nil || n != want {
		w.t.Errorf("chased %d, want %d, %v", n, want, err)
	}
}

func TestACardFromWarningToCancelling(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.late("c1")
		if c := w.card(id); c.Level != supervision.Yellow || c.Points != 1 || !c.ExplainDue.Equal(end(13)) || len(c.Steps) != 1 {
			t.Errorf("found: %+v", c)
		}
		w.set(end(13))
		w.chase(0)
		w.set(at(14, 0, 0, 0))
		w.chase(1) // five working days are over: red
		w.chase(0)
		if c := w.card(id); c.Level != supervision.Red || c.Points != 3 || c.State != supervision.Open {
			t.Errorf("unexplained: %+v", c.Card)
		}
		w.does(officer, id, supervision.Settle, "supervision.no_region") // an officer is no supervisor
		w.does(supervisor, id, supervision.Settle, "supervision.not_now")
		w.does(supervisor, id, supervision.Explain, "supervision.only_agency")
		w.does(supervisor, id, supervision.Urge, "") // answer by Wednesday the 18th
		w.does(officer, id, supervision.Explain, "supervision.not_now")
		w.set(at(19, 9, 0, 0))
		w.chase(1)
		w.does(officer, id, supervision.Answer, "")
		if c := w.card(id); c.Points != 5 || c.Explanation != words || c.State != supervision.Explained {
			t.Errorf("answered: %+v", c)
		}
		w.does(officer, id, supervision.Appeal, "")
		w.does(supervisor, id, supervision.Cancel, "")
		w.does(supervisor, id, supervision.Confirm, "supervision.second_person")
		w.does(supervisor, id, supervision.Keep, "supervision.second_person")
		w.does(second, id, supervision.Keep, "") // the appeal stands
		w.does(second, id, supervision.Cancel, "")
		w.does(supervisor, id, supervision.Confirm, "")
		w.does(officer, id, supervision.Appeal, "supervision.not_now")
		c := w.card(id)
		if c.State != supervision.Cancelled || c.Points != 0 || len(c.Steps) != 10 {
			t.Errorf("cancelled: %+v with %d steps", c.Card, len(c.Steps))
		}
		for i, act := range []supervision.CardAct{"found", "unexplained", "urge", "unanswered", "answer", "appeal", "cancel", "keep", "cancel", "confirm"} {
			if c.Steps[i].Act != act || i > 0 && act != "unexplained" && act != "unanswered" && c.Steps[i].Text != words {
				t.Errorf("step %d: %+v, want %s", i, c.Steps[i], act)
			}
		}
		if n := dbtest.Count(t, d, "audit_entry", "object = 'case:c1' AND act LIKE 'supervision.%'"); n != 10 {
			t.Errorf("%d steps on record", n)
		}
		if n := dbtest.Count(t, d, "supervision_step", "CAST(text AS TEXT) LIKE '%暴雨%'"); n != 0 {
			t.Error("what was said is readable in the database")
		}
		if n := dbtest.Count(t, d, "event_event", "topic = 'supervision.card'"); n != 9 {
			t.Errorf("%d events of cards", n)
		}
	})
}

func TestAnAppealStopsTheTimeAndItStartsAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	id := w.late("c1")
	w.does(officer, id, supervision.Appeal, "")
	w.set(at(20, 9, 0, 0))
	w.chase(0)
	w.does(supervisor, id, supervision.Reject, "")
	if c := w.card(id); c.State != supervision.Open || !c.ExplainDue.Equal(end(27)) || c.Level != supervision.Yellow {
		t.Errorf("%+v", c.Card)
	}
	w.does(officer, id, supervision.Explain, "")
	w.does(supervisor, id, supervision.Settle, "")
	if c := w.card(id); c.State != supervision.Settled || c.Points != 1 {
		t.Errorf("%+v", c.Card)
	}
	abroad := supervisor
	abroad.Region = "990200"
	w.does(abroad, id, supervision.Cancel, "supervision.no_alarm")
}

func TestOfTwoStepsAtOnceOneWins(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.late("c1")
		var mu sync.Mutex
		var wg sync.WaitGroup
		won := 0
		for _, act := range []supervision.CardAct{supervision.Explain, supervision.Appeal, supervision.Explain, supervision.Appeal} {
			wg.Go(func() {
				if err := w.s.Act(t.Context(), officer, id, act, supervision.Said{Text: words}); err == nil {
					mu.Lock()
					won++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		// Explained and then appealed is a right order too, so one or two may win, and each has its line.
		if n := dbtest.Count(t, d, "supervision_step", "alarm_id = $1", id); won < 1 || won > 2 || n != won+1 {
			t.Errorf("%d won, %d lines", won, n)
		}
	})
}

func TestPointsOfAMonthAreThoseOfItsCards(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, _ := w.late("c1"), w.late("c2")
		w.late("c3")
		w.does(supervisor, first, supervision.Cancel, "")
		w.does(second, first, supervision.Confirm, "")
		ps, months, err := w.s.Points(t.Context(), supervisor, "2026-03")
		want := supervision.AgencyPoints{Agency: "market", Name: "市场监督管理局", Yellow: 2, Cancelled: 1, Open: 2, Points: 2}
		if err != nil || len(ps) != 1 || ps[0] != want || len(months) != 1 {
			t.Fatalf("%+v %v, %v", ps, months, err)
		}
		p, err := w.s.Alarms(t.Context(), supervisor, supervision.AlarmFilter{Month: "2026-03", Agency: "market"})
		sum := 0
		for _, a := range p.Rows {
			sum += a.Points
		}
		if err != nil || len(p.Rows) != 3 || sum != want.Points {
			t.Errorf("%d cards with %d points, %v", len(p.Rows), sum, err)
		}
	})
}

func TestAlarmsFromBeforeGetTheirMonthAndDate(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if _, err := d.Raw().ExecContext(t.Context(), `INSERT INTO supervision_alarm (id, rule, case_id, occurrence, level, note, facts, at_ms, found_ms, case_no, region, agency, agency_name,
			item_name, state, explained_ms, explained_by) VALUES ('old', 'overdue', 'c0', 'x', 'red', 'legal_past', '{}', $1, $1, 'NO-0', '990102', 'market', '市场监督管理局', '食品经营许可', 'open', 0, '')`,
			at(2, 9, 0, 0).UnixMilli()); err != nil {
			t.Fatal(err)
		}
		w.set(at(16, 9, 0, 0))
		w.chase(1)
		w.chase(0)
		if c := w.card("old"); c.Points != 3 || !c.ExplainDue.Equal(end(23)) || c.State != supervision.Open {
			t.Errorf("%+v", c.Card)
		}
		w.does(officer, "old", supervision.Explain, "")
	})
}

func TestThresholdsOfARegionCountFromTheirDay(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.set(at(4, 9, 0, 0))
		for _, c := range []struct {
			in   supervision.Threshold
			want string
		}{
			{supervision.Threshold{Key: "explain_days", Value: 2, From: "2026-03-03", Reason: "提高时效"}, "supervision.invalid"}, // yesterday
			{supervision.Threshold{Key: "explain_days", Value: 0, From: "2026-03-04", Reason: "提高时效"}, "supervision.invalid"},
			{supervision.Threshold{Key: "nothing", Value: 2, From: "2026-03-04", Reason: "提高时效"}, "supervision.invalid"},
			{supervision.Threshold{Key: "explain_days", Value: 2, From: "2026-03-04", Reason: "提高时效"}, ""},
			{supervision.Threshold{Key: "points_yellow", Value: 4, From: "2026-03-04", Reason: "提高时效"}, ""},
		} {
			if err := w.s.SetThreshold(t.Context(), supervisor, c.in); (err == nil) != (c.want == "") || c.want != "" && !errs.Is(err, c.want) {
				t.Errorf("%+v: %v", c.in, err)
			}
		}
		id := w.late("c1")
		if c := w.card(id); c.Points != 4 || !c.ExplainDue.Equal(end(10)) {
			t.Errorf("%+v", c.Card)
		}
		ts, l, err := w.s.Thresholds(t.Context(), second)
		if err != nil || len(ts) != 2 || l.ExplainDays != 2 {
			t.Errorf("%+v, %d, %v", ts, l.ExplainDays, err)
		}
	})
}
