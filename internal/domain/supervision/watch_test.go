package supervision_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

var all = []db.Room{job.Schema, event.Schema, audit.Schema, supervision.Schema}

// oneRoom is a cases room of a few cases.
type oneRoom struct {
	mu    sync.Mutex
	cases map[string]cases.Case

	numbers map[string]supervision.Measure
}

func (o *oneRoom) set(c cases.Case) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cases[c.ID] = c
}

func (o *oneRoom) Head(_ context.Context, id string) (cases.Case, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.cases[id]
	if !ok {
		return c, errs.New(errs.NotFound, "cases.not_found")
	}
	return c, nil
}

func (o *oneRoom) RegionCases(context.Context, authz.Actor, cases.Filter) (cases.Page, error) {
	return cases.Page{}, nil
}

func (o *oneRoom) Case(ctx context.Context, _ authz.Actor, id string) (cases.Detail, error) {
	c, err := o.Head(ctx, id)
	return cases.Detail{Case: c}, err
}

func (o *oneRoom) measure(_ context.Context, c cases.Case) (supervision.Measure, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.numbers[c.ID], nil
}

type world struct {
	t    *testing.T
	d    *db.DB
	s    *supervision.Service
	room *oneRoom
	mu   sync.Mutex
	time time.Time
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = now
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, d: d, room: &oneRoom{cases: map[string]cases.Case{}, numbers: map[string]supervision.Measure{}}, time: at(2, 9, 0, 0)}
	w.s = supervision.New(supervision.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Now: w.now, Cases: w.room, Calendar: func(context.Context) clock.Calendar { return clock.Embedded() }, Measure: w.room.measure,
	})
	return w
}

// accepted is a case accepted on the 2nd of March, promised for the 12th and due by law on the 16th.
func accepted(id string) cases.Case {
	return cases.Case{
		ID: id, CaseNo: "NO-" + id, State: cases.Reviewing, Agency: "market", AgencyName: "市场监督管理局", ItemKey: "food", ItemName: "食品经营许可", Region: "990102",
		Step: "review", StepName: "审查", Submitted: at(2, 8, 0, 0), Accepted: at(2, 9, 0, 0),
		Clock: cases.Clock{Phase: "decision", PromisedDue: end(12), LegalDue: end(16), StepDue: end(5)},
	}
}

// hear hands an event to its listener, as often as it is delivered.
func (w *world) hear(e event.Event, times int) {
	w.t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range w.s.Listeners() {
		for range times {
			if l.Topic != e.Topic() {
				continue
			}
			if err := w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: e.Topic(), At: w.now(), Data: data})
			}); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *world) fact(id string) cases.Fact { return cases.Fact{CaseID: id, At: w.now()} }

func (w *world) wantAlarms(level string, want map[string]int) {
	w.t.Helper()
	total := 0
	for note, n := range want {
		if got := dbtest.Count(w.t, w.d, "supervision_alarm", "note = $1", note); got != n {
			w.t.Errorf("%s: %d alarms %q, want %d", level, got, note, n)
		}
		total += n
	}
	if got := dbtest.Count(w.t, w.d, "supervision_alarm", ""); got != total {
		w.t.Errorf("%s: %d alarms, want %d", level, got, total)
	}
	if got := dbtest.Count(w.t, w.d, "event_event", "topic = 'supervision.alarm'"); got != total {
		w.t.Errorf("%s: %d events, want %d", level, got, total)
	}
}

func TestTheLifeOfALateCase(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := accepted("c1")
		w.room.set(c)
		w.hear(cases.AcceptedEvent{Fact: w.fact("c1")}, 2)
		w.wantAlarms("in time", nil)

		sweep := func(now time.Time, looked int) {
			t.Helper()
			w.set(now)
			if n, err := w.s.Sweep(t.Context()); err != nil || n != looked {
				t.Errorf("%s: looked at %d cases, want %d, %v", now, n, looked, err)
			}
		}
		sweep(at(2, 12, 0, 0), 0) // nothing can have changed the same day
		sweep(at(3, 0, 5, 0), 1)
		sweep(at(6, 0, 5, 0), 1)
		w.wantAlarms("step past", map[string]int{"step_past": 1})
		sweep(at(12, 9, 0, 0), 1)
		sweep(at(13, 0, 0, 1), 1) // the promised date passed two seconds ago
		w.wantAlarms("promised past", map[string]int{"step_past": 1, "promised_near": 1, "promised_past": 1})

		// Decided on the 13th: the phase ended late, and nothing new is found however long it is looked at.
		w.set(at(13, 10, 0, 0))
		w.hear(cases.StepDoneEvent{Fact: w.fact("c1"), Step: "review", Due: end(5)}, 2)
		c.State, c.Step, c.Decided, c.Clock = cases.Decided, "", at(13, 10, 0, 0), cases.Clock{Phase: "certificate", LegalDue: end(27)}
		w.room.set(c)
		w.hear(cases.DecidedEvent{Fact: w.fact("c1")}, 2)
		sweep(at(20, 9, 0, 0), 1)
		w.wantAlarms("decided", map[string]int{"step_past": 1, "promised_near": 1, "promised_past": 1})
		if n := dbtest.Count(t, d, "audit_entry", "act = 'supervision.alarm' AND object = 'case:c1'"); n != 3 {
			t.Errorf("%d alarms on record", n)
		}
		c.State, c.Clock = cases.Concluded, cases.Clock{Phase: "ended"}
		w.room.set(c)
		w.hear(cases.ConcludedEvent{Fact: w.fact("c1")}, 1)
		sweep(at(31, 9, 0, 0), 0)
	})
}

func TestADecisionInSecondsAndASecondCorrectionShowAtOnce(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := accepted("c1")
		c.State, c.Step, c.Decided, c.Clock = cases.Decided, "", at(2, 9, 0, 7), cases.Clock{Phase: "certificate"}
		w.room.set(c)
		w.set(at(2, 9, 0, 7))
		w.hear(cases.DecidedEvent{Fact: w.fact("c1")}, 3)
		w.hear(cases.CertifiedEvent{Fact: w.fact("c1")}, 1)
		w.wantAlarms("seconds", map[string]int{"seconds": 1})

		w.room.set(accepted("c2"))
		w.hear(cases.CorrectionRequestedEvent{Fact: w.fact("c2"), Round: 1}, 2)
		w.wantAlarms("told once", map[string]int{"seconds": 1})
		w.hear(cases.CorrectionTwiceEvent{Fact: w.fact("c2")}, 2)
		w.hear(cases.CorrectionRequestedEvent{Fact: w.fact("c2"), Round: 2}, 2)
		w.wantAlarms("told twice", map[string]int{"seconds": 1, "told_again": 1, "new_refused": 1})

		// What was done on the spot stays so when later events are judged.
		spot := accepted("c3")
		spot.State, spot.Decided, spot.Clock = cases.Decided, at(2, 9, 0, 1), cases.Clock{}
		w.room.set(spot)
		w.hear(cases.DecidedEvent{Fact: w.fact("c3"), OnTheSpot: true}, 1)
		w.hear(cases.DeliveredEvent{Fact: w.fact("c3")}, 1)
		w.wantAlarms("on the spot", map[string]int{"seconds": 1, "told_again": 1, "new_refused": 1})
	})
}

// A decision in time stays in time, and an acceptance nobody gave (dated back to the day of receipt) shows as late.
func TestWhenAPhaseEndedCounts(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	c := accepted("c1")
	c.Clock.StepDue = time.Time{}
	w.room.set(c)
	w.hear(cases.AcceptedEvent{Fact: w.fact("c1")}, 1)
	c.State, c.Decided, c.Clock = cases.Decided, at(12, 17, 0, 0), cases.Clock{Phase: cases.PhaseDelivery}
	w.room.set(c)
	w.set(at(20, 9, 0, 0))
	if _, err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantAlarms("decided in time, looked at late", nil)

	d := accepted("c2")
	d.State, d.Accepted, d.Step, d.Clock = cases.Received, time.Time{}, "", cases.Clock{Phase: cases.PhaseReceipt, LegalDue: end(24)}
	w.room.set(d)
	w.hear(cases.SubmittedEvent{Fact: w.fact("c2")}, 1)
	w.set(at(25, 0, 0, 0))
	d.State, d.Accepted, d.Clock = cases.Accepted, at(18, 9, 0, 0), cases.Clock{Phase: cases.PhaseDecision, LegalDue: end(31)}
	w.room.set(d)
	w.hear(cases.DeemedAcceptedEvent{Fact: w.fact("c2"), From: at(18, 9, 0, 0)}, 2)
	w.wantAlarms("deemed accepted", map[string]int{"legal_past": 1})
}

// A licence that counts as renewed because nobody decided (行政许可法 50) is a red card, once, however often it is heard of.
func TestRenewedBySilenceIsRed(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := accepted("c1")
		c.Clock.StepDue = time.Time{}
		w.room.set(c)
		w.hear(cases.AcceptedEvent{Fact: w.fact("c1")}, 1)
		w.wantAlarms("before", nil)
		w.hear(cases.DeemedRenewedEvent{Fact: w.fact("c1"), From: at(6, 9, 0, 0)}, 2)
		w.wantAlarms("renewed by silence", map[string]int{"renewed_by_silence": 1})
		found := supervision.Judge(supervision.Facts{Submitted: at(1, 9, 0, 0), Renewed: at(6, 9, 0, 0)}, supervision.Env{Now: at(6, 9, 0, 0)})
		if len(found) != 1 || found[0].Rule != "renewed" || found[0].Level != supervision.Red || found[0].Facts["date"] != "2026-03-06" {
			t.Errorf("%+v", found)
		}
	})
}

func TestManyLooksAtOnceRaiseOneAlarm(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.room.set(accepted("c1"))
		w.set(at(17, 9, 0, 0))
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() { w.hear(cases.DuePassedEvent{Fact: w.fact("c1"), Which: "legal"}, 1) })
		}
		wg.Wait()
		w.wantAlarms("at once", map[string]int{"step_past": 1, "promised_past": 1, "legal_past": 1})
	})
}

func TestAChangedCalendarMakesEveryOpenCaseDue(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	w.room.set(accepted("c1"))
	w.hear(cases.AcceptedEvent{Fact: w.fact("c1")}, 1)
	w.hear(org.CalendarChanged{From: "2026-03-03", To: "2026-03-03"}, 1)
	if n, err := w.s.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("looked at %d, %v", n, err)
	}
}

func TestTheSweepGoesOnByItself(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	for range 2 { // two nodes
		if err := w.s.Arm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r := job.NewRunner(w.d, w.now, nil)
	for kind, worker := range w.s.Workers() {
		r.Handle(kind, worker)
	}
	for i := range 3 {
		w.set(at(2, 9, 0, 0).Add(time.Duration(i) * 10 * time.Minute))
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if done, ready := dbtest.Count(t, w.d, "job_job", "state = 'done'"), dbtest.Count(t, w.d, "job_job", "state = 'ready'"); done != i+1 || ready != 1 {
			t.Errorf("round %d: %d done, %d waiting", i, done, ready)
		}
	}
}

var (
	supervisor = authz.Actor{StaffID: "su", Roles: []authz.Role{authz.Supervisor}, Region: "990100", Via: "page"}
	officer    = authz.Actor{StaffID: "of", Roles: []authz.Role{authz.Officer}, AgencyID: "market", Via: "page"}
)

func TestTheDepartmentExplainsAndTheRegionSees(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.room.set(accepted("c1"))
		w.set(at(13, 9, 0, 0))
		w.hear(cases.DuePassedEvent{Fact: w.fact("c1")}, 1)
		p, err := w.s.Alarms(t.Context(), supervisor, supervision.AlarmFilter{Level: supervision.Red})
		if err != nil || len(p.Rows) != 1 || p.Rows[0].Facts["due"] != "2026-03-12" {
			t.Fatalf("%+v, %v", p.Rows, err)
		}
		id, text := p.Rows[0].ID, "现场核查遇暴雨改期，已与申请人说明并加派人员。"
		other := officer
		other.AgencyID = "civil"
		for i, c := range []struct {
			who  authz.Actor
			text string
			want string
		}{
			{officer, "好", "supervision.invalid"},
			{other, text, "supervision.no_alarm"},
			{supervisor, text, "supervision.only_agency"},
			{officer, text, ""},
			{officer, text, "supervision.explained_before"},
		} {
			if err := w.s.Explain(t.Context(), c.who, id, c.text); (err == nil) != (c.want == "") || c.want != "" && !errs.Is(err, c.want) {
				t.Errorf("step %d: %v, want %q", i, err, c.want)
			}
		}
		v, err := w.s.Case(t.Context(), supervisor, "c1")
		if err != nil || len(v.Alarms) != 2 || v.Alarms[0].Explanation+v.Alarms[1].Explanation != text {
			t.Errorf("%+v, %v", v.Alarms, err)
		}
		if n := dbtest.Count(t, d, "supervision_alarm", "CAST(explanation AS TEXT) LIKE '%暴雨%'"); n != 0 {
			t.Error("the explanation is readable in the database")
		}
		if f, err := w.s.Figures(t.Context(), supervisor); err != nil || f != (supervision.Figures{Open: 1, Overdue: 1, Alarms: 1}) {
			t.Errorf("%+v, %v", f, err)
		}
		abroad := supervisor
		abroad.Region = "990200"
		if p, err := w.s.Alarms(t.Context(), abroad, supervision.AlarmFilter{}); err != nil || len(p.Rows) != 0 {
			t.Errorf("another city sees %d alarms, %v", len(p.Rows), err)
		}
		if _, err := w.s.Case(t.Context(), abroad, "c1"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("another city's case: %v", err)
		}
		abroad.Region = ""
		if _, err := w.s.Figures(t.Context(), abroad); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("no region: %v", err)
		}
	})
}

func TestAlarmsArePagedByKey(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	w.set(at(13, 9, 0, 0))
	for i := range 5 {
		c := accepted(string(rune('a' + i)))
		c.Clock.StepDue, c.Step = time.Time{}, ""
		w.room.set(c)
		w.hear(cases.DuePassedEvent{Fact: w.fact(c.ID)}, 1)
	}
	seen, after := map[string]bool{}, ""
	for range 3 {
		p, err := w.s.AgencyAlarms(t.Context(), officer, supervision.AlarmFilter{After: after, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Rows {
			seen[a.ID] = true
		}
		after = p.Next
	}
	if len(seen) != 5 || after != "" {
		t.Errorf("%d alarms on three pages, next %q", len(seen), after)
	}
}
