package cases_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongban/examples/vertical/bureau"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/elsewhere"
	"tongban/internal/domain/elsewhere/elsewhereweb"
	"tongban/internal/domain/elsewhere/line"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// world is the case engine, the border and the example system of examples/vertical, talking over real HTTP on a line that can be cut.
type world struct {
	*kit
	e    *elsewhere.Service
	b    *bureau.Server
	work *job.Runner
	cut  atomic.Bool
}

var errCut = errors.New("the line is cut")

type wire struct {
	w    *world
	line *line.Client
}

func (l wire) Post(ctx context.Context, s elsewhere.System, path string, body []byte) (int, []byte, error) {
	if l.w.cut.Load() {
		return 0, nil, errCut
	}
	return l.line.Post(ctx, s, path, body)
}

// RoundTrip is the bureau's end of the line.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.cut.Load() {
		return nil, errCut
	}
	return http.DefaultTransport.RoundTrip(r)
}

var security = authz.Actor{StaffID: "sec", Roles: []authz.Role{authz.Security}, Via: "page"}

func eachWorld(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	flows["plain"] = flow.Definition{Key: "plain", Steps: []flow.Step{
		{Key: "receive", Name: "收件", Kind: flow.Receive, Post: "window"},
		{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
		{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide"},
		{Key: "certificate", Name: "制证", Kind: flow.Certificate, Post: "window"},
		{Key: "deliver", Name: "送达", Kind: flow.Deliver, Post: "window"},
	}}
	dbtest.Each(t, append(append([]db.Room{}, rooms...), elsewhere.Schema), func(t *testing.T, d *db.DB) {
		w := &world{kit: newKit(t, d)}
		plain := foodItem()
		plain.Key, plain.Flow = "plain", "plain"
		pushed := foodItem()
		pushed.Integration.Mode, pushed.Integration.System, pushed.Integration.Clock = "pushed", "市级审批系统", "system"
		w.items.all["food"], w.items.all["plain"] = pushed, plain
		for _, key := range []string{"review", "decide"} {
			p := w.off.posts[key]
			p.Items = append(p.Items, "plain")
			w.off.posts[key] = p
		}
		log := slog.New(slog.DiscardHandler)
		w.e = elsewhere.New(elsewhere.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: w.now, Log: log, Cases: w.Service, Line: wire{w, line.New(w.now)}})
		w.Systems = w.e
		w.work = job.NewRunner(d, w.now, log)
		for _, ws := range []map[string]job.Worker{w.Workers(), w.e.Workers()} {
			for kind, worker := range ws {
				w.work.Handle(kind, worker)
			}
		}
		w.work.Handle(event.DeliverKind, event.NewBus(d, append(w.Listeners(), w.e.Listeners()...)...).Deliver)
		site := web.New(web.Config{Log: log, Now: w.now, Actor: func(*http.Request) (authz.Actor, error) { return authz.Actor{}, nil }})
		site.Add(elsewhereweb.Routes(elsewhereweb.Config{Elsewhere: w.e, File: w.HandFile, Now: w.now})...)
		platform := httptest.NewServer(site.Handler())
		t.Cleanup(platform.Close)
		there := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.b.ServeHTTP(rw, r) }))
		t.Cleanup(there.Close)
		secret, err := w.e.Register(t.Context(), security, elsewhere.System{Key: "bureau", Name: "市级审批系统", URL: there.URL + "/api/"})
		w.ok(err)
		w.b, err = bureau.Open(t.Context(), filepath.Join(t.TempDir(), "bureau.db"), bureau.Config{Key: "bureau", Secret: secret, Platform: platform.URL, Now: w.now, Client: &http.Client{Transport: w}})
		w.ok(err)
		t.Cleanup(func() { _ = w.b.Close() })
		f(t, w)
	})
}

func (w *world) settle() { w.t.Helper(); w.ok(w.work.Drain(w.t.Context())) }

func (w *world) state(id string) cases.State {
	w.t.Helper()
	c, err := w.Head(w.t.Context(), id)
	w.ok(err)
	return c.State
}

func (w *world) wants(id string, want cases.State) {
	w.t.Helper()
	if got := w.state(id); got != want {
		w.t.Errorf("the case is %s, want %s", got, want)
	}
}

func (w *world) does(id, kind string, data map[string]any) {
	w.t.Helper()
	w.ok(w.b.Do(w.t.Context(), id, bureau.Act{Kind: kind, By: "甲", Data: data}))
}

// applied makes a ready draft of an item and sends it in.
func (w *world) applied(item, key string) cases.Receipt {
	w.t.Helper()
	ctx := w.t.Context()
	d, err := w.CreateDraft(ctx, person, item, key)
	w.ok(err)
	_, err = w.SaveDraft(ctx, person, d.ID, d.Version, answers)
	w.ok(err)
	w.upload(person, d.ID, "plan", "u-"+key)
	_, err = w.UseLicence(ctx, person, d.ID, "biz", "register:business-licence")
	w.ok(err)
	r, err := w.Submit(ctx, person, d.ID, w.v(d.ID))
	w.ok(err)
	return r
}

var special = map[string]any{"ground": "expert_review", "n": 5, "unit": "workday", "reason": "组织专家评审"}

// TestADayWithoutALine hands one case over and works on a twin of it here, at the same times. The line is cut for a day; what was done there meanwhile
// comes late, out of order, twice, and partly never, until both sides are compared. In the end nobody can tell the two cases apart.
func TestADayWithoutALine(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		there, here := w.applied("food", "there"), w.applied("plain", "here")
		w.settle()
		if st := w.b.State(ctx, there.CaseID); st != "submitted" {
			t.Fatalf("the bureau has %q", st)
		}
		files, err := w.Hand(ctx, "bureau", there.CaseID, 1)
		w.ok(err)
		if b, err := w.b.File(ctx, there.CaseID, files.Files[0].ID); err != nil || len(b) != len(png) {
			t.Errorf("a material of %d bytes: %v", len(b), err)
		}
		w.nobodyHereWorksOn(there.CaseID)

		w.set("2026-03-02 11:00")
		w.does(there.CaseID, "received", nil)
		w.ok(w.b.SendAll(ctx))
		w.settle()
		c, err := w.Receive(ctx, staff("chen"), here.CaseID, w.v(here.CaseID))
		w.ok(err)
		w.wants(there.CaseID, cases.Received)

		w.cut.Store(true)
		lost := w.applied("food", "while-cut")
		w.settle()
		w.set("2026-03-03 09:00")
		w.does(there.CaseID, "accepted", nil)
		c, err = w.Accept(ctx, staff("zhou"), c.ID, c.Version)
		w.ok(err)
		w.set("2026-03-03 14:00")
		w.does(there.CaseID, "suspended", special)
		c, err = w.Suspend(ctx, staff("wang"), c.ID, c.Version, cases.Suspension{Ground: "expert_review", N: 5, Unit: clock.Workday, Reason: "组织专家评审"})
		w.ok(err)
		_, err = w.Withdraw(ctx, person, lost.CaseID, w.v(lost.CaseID))
		w.ok(err)
		w.settle()
		if err := w.b.SendAll(ctx); !errors.Is(err, errCut) {
			t.Errorf("sent over a cut line: %v", err)
		}

		w.set("2026-03-04 09:30")
		w.cut.Store(false)
		late, err := w.b.Unsent(ctx)
		w.ok(err)
		w.ok(w.b.MarkSent(ctx, late[0])) // the acceptance is lost on the way
		for range 2 {                    // the suspension comes first, and twice
			w.ok(w.b.Post(ctx, late[1]))
		}
		w.settle()
		w.wants(there.CaseID, cases.Received) // it waits for what came before it
		if st := w.b.State(ctx, lost.CaseID); st != "withdrawn" {
			t.Errorf("what was sent in while the line was cut is %q there", st)
		}
		run, err := w.e.Reconcile(ctx, security, "bureau")
		w.ok(err)
		w.settle()
		if run.Found != 1 || run.Asked != 1 || run.Ours != 2 || run.Theirs != 2 {
			t.Errorf("compared: %+v", run)
		}
		w.wants(there.CaseID, cases.Suspended)
		if again, err := w.e.Reconcile(ctx, security, "bureau"); err != nil || again.Found != 0 {
			t.Errorf("compared again: %+v %v", again, err)
		}

		w.set("2026-03-06 10:00")
		w.does(there.CaseID, "resumed", map[string]any{"result": "评审通过"})
		c, err = w.Resume(ctx, staff("wang"), c.ID, c.Version, "评审通过")
		w.ok(err)
		w.ok(w.b.SendAll(ctx))
		w.settle()
		w.same(there.CaseID, here.CaseID)
		w.set("2026-03-09 10:00")
		w.does(there.CaseID, "decided", map[string]any{"outcome": "grant"})
		c, err = w.Decide(ctx, staff("wang"), c.ID, c.Version, cases.Decision{Outcome: cases.Grant})
		w.ok(err)
		w.ok(w.b.SendAll(ctx))
		w.settle()
		w.same(there.CaseID, here.CaseID)
		w.does(there.CaseID, "delivered", nil)
		_, err = w.Deliver(ctx, staff("chen"), c.ID, c.Version, cases.Delivery{How: cases.DeliverWindow, To: "罗小满"})
		w.ok(err)
		w.ok(w.b.SendAll(ctx))
		w.settle()
		w.same(there.CaseID, here.CaseID)
		w.wants(there.CaseID, cases.Concluded)

		for _, topic := range []string{"received", "accepted", "suspended", "resumed", "decided", "certified", "delivered", "concluded"} {
			if n := w.events("cases." + topic); n != 2 {
				t.Errorf("%d events %s, want one of each case", n, topic)
			}
		}
		for _, act := range []string{"accept", "suspend", "grant", "delivery"} {
			if n := w.told("paper", act); n != 2 {
				t.Errorf("%d papers %s, want one of each case", n, act)
			}
		}
		w.recordedAsTheyCame(there.CaseID)
		w.replays()
		if n := dbtest.Count(t, w.d, "elsewhere_in", "state <> 'applied'"); n != 0 {
			t.Errorf("%d events are not applied", n)
		}
	})
}

// nobodyHereWorksOn checks that the desk offers nothing and refuses everything.
func (w *world) nobodyHereWorksOn(id string) {
	w.t.Helper()
	ctx := w.t.Context()
	d, err := w.Case(ctx, staff("zhou"), id)
	w.ok(err)
	if len(d.May) != 0 || d.HandledBy != "bureau" {
		w.t.Errorf("the desk offers %v; handled by %q", d.May, d.HandledBy)
	}
	_, err = w.Accept(ctx, staff("zhou"), id, d.Version)
	w.refused(err, "cases.handled_elsewhere")
	p, err := w.Inbox(ctx, staff("zhou"), cases.Filter{Tab: cases.TabTodo})
	w.ok(err)
	for _, c := range p.Cases {
		if c.ID == id {
			w.t.Error("it stands in an inbox as work to do")
		}
	}
}

// same compares what the applicant sees of two cases: stages, dates, clock.
func (w *world) same(a, b string) {
	w.t.Helper()
	show := func(id string) string {
		d, err := w.Case(w.t.Context(), person, id)
		w.ok(err)
		p := d.Progress
		p.CaseNo = ""
		d.Clock.Skipped = nil
		out, err := json.Marshal([]any{p, d.Clock, d.State, d.Accepted, d.Decided, d.Delivered})
		w.ok(err)
		return string(out)
	}
	if x, y := show(a), show(b); x != y {
		w.t.Errorf("elsewhere %s\nhere      %s", x, y)
	}
}

// recordedAsTheyCame checks that the legal time is theirs and the time of recording ours.
func (w *world) recordedAsTheyCame(id string) {
	w.t.Helper()
	d, err := w.Case(w.t.Context(), person, id)
	w.ok(err)
	for _, e := range d.Events {
		if e.Kind == cases.EventAccepted {
			wantDue(w.t, e.At, "2026-03-03 09:00:00")
			wantDue(w.t, e.Recorded, "2026-03-04 09:30:00")
			if e.By != "system:bureau" {
				w.t.Errorf("accepted by %s", e.By)
			}
		}
	}
}

func (w *world) says(m map[string]any) elsewhere.Taken {
	w.t.Helper()
	b, err := json.Marshal(m)
	w.ok(err)
	return w.saysRaw(string(b))
}

func (w *world) saysRaw(s string) elsewhere.Taken {
	w.t.Helper()
	sys, err := w.e.System(w.t.Context(), "bureau")
	w.ok(err)
	got, err := w.e.Take(w.t.Context(), sys, []byte(s))
	w.ok(err)
	return got
}

// TestWhatCannotBeAppliedIsParked: nothing another system says is lost or does harm.
func TestWhatCannotBeAppliedIsParked(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r, plain := w.applied("food", "a"), w.applied("plain", "b")
		w.settle()
		w.set("2026-03-02 12:00")
		at := w.now()
		w.says(map[string]any{"message_id": "m1", "case_id": plain.CaseID, "kind": "accepted", "at": at})
		w.says(map[string]any{"message_id": "m2", "case_no": "没有这个号", "kind": "accepted", "at": at})
		w.says(map[string]any{"message_id": "m3", "case_id": r.CaseID, "seq": 1, "kind": "exploded", "at": at})
		w.saysRaw("{not json")
		w.says(map[string]any{"message_id": "m4", "case_id": r.CaseID, "kind": "accepted", "at": at.AddDate(1, 0, 0)})
		w.says(map[string]any{"message_id": "m5", "case_id": r.CaseID, "seq": 4, "kind": "decided", "at": at, "data": map[string]any{"outcome": "grant"}})
		w.settle()
		want := map[string]string{"m1": "elsewhere.unknown_case", "m2": "elsewhere.unknown_case", "m3": "cases.foreign_kind", "m4": "cases.foreign_time"}
		x, err := w.e.Stuck(ctx)
		w.ok(err)
		for _, m := range x.In {
			if key, ok := want[m.MessageID]; ok && key != m.Reason || m.ReasonZH == "" || m.ReasonEN == "" || strings.Contains(m.ReasonZH, "{") {
				t.Errorf("%s is parked for %s: %s", m.MessageID, m.Reason, m.ReasonZH)
			}
		}
		if len(x.In) != 5 || len(x.Early) != 1 {
			t.Errorf("%d parked and %d waiting, want 5 and 1", len(x.In), len(x.Early))
		}
		w.wants(r.CaseID, cases.Submitted)
		w.wants(plain.CaseID, cases.Submitted)

		w.set("2026-03-03 13:00") // what came too early has waited long enough; it cannot be applied
		w.settle()
		if n := dbtest.Count(t, w.d, "elsewhere_in", "message_id = 'm5' AND state = 'parked' AND reason = 'cases.not_now'"); n != 1 {
			t.Error("a decision without acceptance is not parked")
		}
		w.says(map[string]any{"message_id": "m6", "case_no": r.CaseNo, "kind": "accepted", "at": at.Add(-30 * time.Minute)})
		w.settle()
		w.wants(r.CaseID, cases.Accepted)
		x, err = w.e.Stuck(ctx)
		w.ok(err)
		for _, m := range x.In {
			switch m.MessageID {
			case "m1":
				w.ok(w.e.DropIn(ctx, security, m.ID))
			case "m2":
				w.refused(w.e.AgainIn(ctx, security, m.ID, ""), "elsewhere.unknown_case")
			case "m5":
				w.ok(w.e.AgainIn(ctx, security, m.ID, ""))
				w.refused(w.e.AgainIn(ctx, security, m.ID, ""), "elsewhere.not_parked")
			}
		}
		w.wants(r.CaseID, cases.Certified)
		if n := dbtest.Count(t, w.d, "elsewhere_in", "message_id = 'm5' AND gap = '1-3'"); n != 1 {
			t.Error("the gap is not noted")
		}
		w.replays()
	})
}

// TestSilence: where their clock counts, a late answer that was given in time is in time; without any, the law speaks after three more days.
func TestSilence(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		answered, silent, late := w.applied("food", "a"), w.applied("food", "b"), w.applied("food", "c")
		w.settle()
		due := answered.Clock.LegalDue
		w.set("2026-03-09 10:00")
		w.does(answered.CaseID, "accepted", nil)
		w.set("2026-03-10 10:00")
		w.does(late.CaseID, "accepted", nil)
		w.settle()
		if !w.now().After(due) {
			t.Fatalf("the five days end at %v", due)
		}
		w.wants(answered.CaseID, cases.Submitted)
		w.set("2026-03-11 10:00")
		w.ok(w.b.SendAll(t.Context()))
		w.settle()
		w.wants(answered.CaseID, cases.Accepted)
		w.wants(silent.CaseID, cases.Submitted)
		w.wants(late.CaseID, cases.Accepted) // but by law, and their own acceptance is parked
		if n := w.events("cases.deemed_accepted"); n != 1 {
			t.Errorf("%d deemed accepted", n)
		}
		w.set("2026-03-13 10:00")
		w.settle()
		w.wants(silent.CaseID, cases.Accepted)
		if n := w.events("cases.deemed_accepted"); n != 2 || dbtest.Count(t, w.d, "elsewhere_in", "state = 'parked'") != 1 {
			t.Errorf("%d deemed accepted", n)
		}
		w.replays()
	})
}

// TestAMessageThatIsNotTakenIsParked and sent by hand later, and what comes after it does not overtake it.
func TestAMessageThatIsNotTakenIsParked(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.cut.Store(true)
		r := w.applied("food", "a")
		for day := range 5 {
			w.set("2026-03-0" + string(rune('2'+day)) + " 10:30")
			w.settle()
		}
		_, err := w.Withdraw(ctx, person, r.CaseID, w.v(r.CaseID))
		w.ok(err)
		w.cut.Store(false)
		w.settle()
		x, err := w.e.Stuck(ctx)
		w.ok(err)
		if len(x.Out) != 1 || x.Out[0].Reason != "elsewhere.line_down" || len(x.Pending) != 1 || w.b.State(ctx, r.CaseID) != "" {
			t.Fatalf("%+v", x)
		}
		w.ok(w.e.AgainOut(ctx, security, x.Out[0].ID))
		w.settle()
		if st := w.b.State(ctx, r.CaseID); st != "withdrawn" {
			t.Errorf("the bureau has %q", st)
		}
	})
}

// TestOnlyTheSystemItselfIsHeard: without its signature, or for a case it does not handle, nothing.
func TestOnlyTheSystemItselfIsHeard(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		r := w.applied("plain", "a")
		_, err := w.Hand(t.Context(), "bureau", r.CaseID, 1)
		w.refused(err, "cases.not_found")
		_, err = w.Elsewhere(t.Context(), cases.Foreign{System: "", CaseID: r.CaseID, Kind: "accepted", At: time.Now(), MessageID: "x"})
		w.refused(err, "cases.not_found")
		if _, err := w.b.File(t.Context(), r.CaseID, "none"); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("a file of another case: %v", err)
		}
		_, err = w.e.Rekey(t.Context(), security, "bureau")
		w.ok(err)
		if _, err := w.b.File(t.Context(), r.CaseID, "none"); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("with the old key: %v", err)
		}
		if _, err := w.e.Register(t.Context(), security, elsewhere.System{Key: "X", Name: "", URL: "ftp://x"}); errs.As(err) == nil || len(errs.As(err).Fields) != 3 {
			t.Errorf("registered nonsense: %v", err)
		}
	})
}

// TestEnteredAfterwards: a case handled on paper has the clocks of its dates, and says that it was recorded later.
func TestEnteredAfterwards(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		it := foodItem()
		it.Integration.Mode = "entered"
		k.items.all["food"] = it
		on := func(s string) time.Time {
			at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
			k.ok(err)
			return at.UTC()
		}
		k.set("2026-03-20 10:00")
		in := cases.Entered{
			Item: "food", Applicant: cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x", NumberKind: "citizen"},
			Submitted: on("2026-03-02 09:00"), Accepted: on("2026-03-04 09:00"), Decided: on("2026-03-02 12:00"), Decision: cases.Decision{Outcome: cases.Grant},
		}
		_, err := k.Enter(ctx, staff("zhou"), "e1", in)
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != "decided" {
			t.Errorf("decided before accepted: %v", err)
		}
		in.Decided = on("2026-03-12 12:00")
		_, err = k.Enter(ctx, staff("chen"), "e1", in)
		k.refused(err, "cases.no_right")
		c, err := k.Enter(ctx, staff("zhou"), "e1", in)
		k.ok(err)
		again, err := k.Enter(ctx, staff("zhou"), "e1", in)
		k.ok(err)
		if c.State != cases.Decided || c.Channel != cases.Afterwards || c.CaseNo == "" || again.ID != c.ID || again.Version != c.Version {
			t.Errorf("%+v\n%+v", c, again)
		}
		d, err := k.Case(ctx, staff("zhou"), c.ID)
		k.ok(err)
		for _, e := range d.Events {
			if e.Kind == cases.EventDecided {
				wantDue(t, e.At, "2026-03-12 12:00:00")
				wantDue(t, e.Recorded, "2026-03-20 10:00:00")
			}
		}
		in.Delivered = on("2026-03-13 12:00")
		c, err = k.Enter(ctx, staff("zhou"), "e2", in)
		k.ok(err)
		if c.State != cases.Concluded || k.told("notice", "case.accepted")+k.told("paper", "accept") != 0 {
			t.Errorf("%+v", c)
		}
		in.Item = "elder"
		_, err = k.Enter(ctx, staff("sun"), "e3", in)
		k.refused(err, "cases.not_entered")
		k.replays()
	})
}

// TestAJumpComesBackAsACase: an application made in the other system files one case here, which is then handled there like any other.
func TestAJumpComesBackAsACase(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		it := foodItem()
		it.Key, it.Form, it.Flow, it.Result = "far", "", "", catalog.Result{Kind: "approval"}
		it.Integration.Mode, it.Integration.System, it.Integration.Clock = "jump", "bureau", "system"
		w.items.all["far"] = it
		w.set("2026-03-03 10:00")
		filed := map[string]any{
			"message_id": "f1", "kind": "filed", "at": w.now().Add(-time.Hour),
			"data": map[string]any{"item": "far", "applicant": map[string]any{"kind": "person", "name": "罗小满", "number": "x", "number_kind": "citizen"}},
		}
		got := w.says(filed)
		again := w.says(filed)
		if got.CaseID == "" || got.CaseNo == "" || again.CaseID != got.CaseID || !again.Again || got.State != elsewhere.Applied {
			t.Fatalf("%+v %+v", got, again)
		}
		w.settle()
		if n := dbtest.Count(t, w.d, "elsewhere_out", "1 = 1"); n != 0 {
			t.Errorf("%d messages tell them what they did", n)
		}
		for i, kind := range []string{"accepted", "decided", "delivered"} {
			w.says(map[string]any{"message_id": "e" + kind, "case_id": got.CaseID, "seq": i + 1, "kind": kind, "at": w.now(), "data": map[string]any{"outcome": "grant"}})
		}
		w.settle()
		w.wants(got.CaseID, cases.Concluded)
		d, err := w.Case(ctx, elder, got.CaseID)
		w.ok(err)
		wantDue(t, d.Submitted, "2026-03-03 09:00:00")
		filed["message_id"], filed["data"] = "f2", map[string]any{"item": "plain"}
		if x := w.says(filed); x.State != elsewhere.Parked {
			t.Errorf("an application for an item that does not lead there: %+v", x)
		}
		w.replays()
	})
}
