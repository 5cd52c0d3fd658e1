package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/webhook"
)

// story is what happens to one case, in order.
func (h *hub) story(id string) {
	f := fact(id)
	h.publish(cases.SubmittedEvent{Fact: f}, cases.ReceivedEvent{Fact: f}, cases.AcceptedEvent{Fact: f}, cases.StepDoneEvent{Fact: f, Step: "review", Took: time.Minute},
		cases.DecidedEvent{Fact: f, Outcome: cases.Grant}, cases.ConcludedEvent{Fact: f})
}

var told = []string{"cases.submitted", "cases.received", "cases.accepted", "cases.step_done", "cases.decided", "cases.concluded"}

// inOrder fails the test unless each case's messages were taken in the order in which they happened, none missing.
func inOrder(t *testing.T, ms []got, n int, twice bool) {
	t.Helper()
	byCase, seen := map[string][]string{}, map[string]int{}
	for _, m := range ms {
		if seen[m.ID]++; seen[m.ID] == 1 {
			byCase[m.Subject] = append(byCase[m.Subject], m.Type)
		} else if !twice {
			t.Errorf("%s of %s was taken twice", m.Type, m.Subject)
		}
	}
	if len(byCase) != n {
		t.Errorf("%d cases were heard of, want %d", len(byCase), n)
	}
	for id, topics := range byCase {
		if strings.Join(topics, " ") != strings.Join(told, " ") {
			t.Errorf("%s: %v", id, topics)
		}
	}
}

// TestAShakyTargetHearsEverythingInOrder: two messages of three fail, in a pattern that differs from case to case.
func TestAShakyTargetHearsEverythingInOrder(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, func(n int, _ got) int {
			if n%3 == 0 {
				return http.StatusOK
			}
			return http.StatusInternalServerError
		})
		id, _ := h.subscribe(x.URL)
		for i := range 8 {
			h.story(fmt.Sprint("c", i))
		}
		for i := 0; i < 400 && len(x.messages()) < 8*len(told); i++ {
			h.work()
			h.add(5 * time.Minute)
		}
		inOrder(t, x.messages(), 8, false)
		if g := h.get(id); g.Waiting+g.Dead != 0 {
			t.Errorf("left over: %+v", g)
		}
	})
}

// TestTwoNodesDeliverOnceEach runs two servers over one database at the same time.
func TestTwoNodesDeliverOnceEach(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, nil)
		h.subscribe(x.URL)
		for i := range 12 {
			h.story(fmt.Sprint("c", i))
		}
		if err := h.jobs.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, s := range []*webhook.Service{h.s, h.node()} {
			wg.Go(func() {
				if err := s.Drain(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		inOrder(t, x.messages(), 12, false)
		h.work()
		if n := x.calls(); n != 12*len(told) {
			t.Errorf("%d calls", n)
		}
	})
}

// TestNothingOvertakesWhatIsNotHeardYet holds back the job that carries a case's first event: the second one, though heard of, must wait.
func TestNothingOvertakesWhatIsNotHeardYet(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, nil)
		h.subscribe(x.URL)
		h.publish(cases.SubmittedEvent{Fact: fact("c1")})
		if _, err := d.Raw().ExecContext(t.Context(), `UPDATE job_job SET due_ms = $1`, noon.Add(time.Minute).UnixMilli()); err != nil {
			t.Fatal(err)
		}
		h.publish(cases.AcceptedEvent{Fact: fact("c1")}, cases.AcceptedEvent{Fact: fact("c2")})
		h.work()
		if ms := x.messages(); len(ms) != 0 {
			t.Errorf("sent before the first was heard of: %v", ms)
		}
		h.add(time.Minute)
		h.work()
		var topics []string
		for _, m := range x.messages() {
			if m.Subject == "c1" {
				topics = append(topics, m.Type)
			}
		}
		if strings.Join(topics, " ") != "cases.submitted cases.accepted" || len(x.messages()) != 3 {
			t.Errorf("messages %v of %d", topics, len(x.messages()))
		}
	})
}

// TestATargetThatIsDownForFourDays: it is paused and only probed, what is three days old is parked, and everything can be had again.
func TestATargetThatIsDownForFourDays(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, always(http.StatusServiceUnavailable))
		id, _ := h.subscribe(x.URL)
		for i := range 6 {
			h.story(fmt.Sprint("c", i))
		}
		for i := range 4 * 24 {
			if i == 48 {
				h.story("late")
			}
			h.work()
			h.add(time.Hour)
		}
		g := h.get(id)
		if g.Health.PausedSince.IsZero() || g.Health.FailingSince.After(noon.Add(time.Minute)) || g.Health.Why != "status" {
			t.Errorf("health %+v", g.Health)
		}
		if g.Dead != 6*len(told) || g.Waiting != len(told) {
			t.Errorf("%d dead, %d waiting", g.Dead, g.Waiting)
		}
		if n := x.calls(); n < 20 || n > 130 { // before it was paused, then one probe an hour of this test
			t.Errorf("%d calls in four days", n)
		}
		x.answers(nil)
		h.work()
		if g = h.get(id); !g.Health.PausedSince.IsZero() || g.Health.Failures != 0 || g.Waiting != 0 {
			t.Errorf("after the probe: %+v", g)
		}
		if _, err := h.s.Replay(t.Context(), admin, id, time.Time{}, true); err != nil {
			t.Fatal(err)
		}
		h.work()
		inOrder(t, x.messages(), 7, false)
		if g = h.get(id); g.Dead != 0 {
			t.Errorf("%d still parked", g.Dead)
		}
		rs, err := h.s.Replays(t.Context(), admin, id)
		if err != nil || len(rs) != 1 || rs[0].State != "done" || rs[0].Found != 6*len(told) {
			t.Errorf("replays %+v %v", rs, err)
		}
	})
}

// TestCrashAfterTheCall: a message whose outcome was never written goes out again when its lease has ended.
func TestCrashAfterTheCall(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, nil)
		h.subscribe(x.URL)
		h.publish(cases.AcceptedEvent{Fact: fact("c1")})
		h.work()
		if _, err := d.Raw().ExecContext(t.Context(), `UPDATE webhook_delivery SET state = 'sending', lease_ms = $1`, noon.Add(2*time.Minute).UnixMilli()); err != nil {
			t.Fatal(err)
		}
		h.work()
		if n := x.calls(); n != 1 {
			t.Fatalf("%d calls under the lease", n)
		}
		h.add(3 * time.Minute)
		h.work()
		ms := x.messages()
		if len(ms) != 2 || ms[0].Header.Get("webhook-id") != ms[1].Header.Get("webhook-id") || ms[0].Header.Get("webhook-id") != ms[0].ID {
			t.Errorf("messages %v", ms)
		}
	})
}

func TestResumeByHandAndSwitch(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h, ctx := open(t, d), t.Context()
		x := listen(t, always(http.StatusInternalServerError))
		id, _ := h.subscribe(x.URL)
		for i := range 12 {
			h.publish(cases.AcceptedEvent{Fact: fact(fmt.Sprint("c", i))})
		}
		h.work()
		n := x.calls()
		if g := h.get(id); g.Health.PausedSince.IsZero() || n < 10 || n > 12 {
			t.Fatalf("not paused after %d calls: %+v", n, g.Health)
		}
		x.answers(nil)
		h.add(10 * time.Second)
		h.work()
		if x.calls() != n {
			t.Errorf("a paused target was called before its probe")
		}
		if err := h.s.Resume(ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		h.work()
		if len(x.messages()) != 12 {
			t.Errorf("%d taken after resuming", len(x.messages()))
		}
		if err := h.s.Resume(ctx, admin, id); errs.KindOf(err) != errs.Conflict {
			t.Errorf("resume again = %v", err)
		}
		if err := h.s.Switch(ctx, admin, id, false); err != nil {
			t.Fatal(err)
		}
		off := h.now()
		h.add(time.Minute)
		h.publish(cases.DecidedEvent{Fact: fact("c1")})
		h.work()
		if err := h.s.Switch(ctx, admin, id, true); err != nil {
			t.Fatal(err)
		}
		h.work()
		if len(x.messages()) != 12 {
			t.Errorf("something was sent while it was off")
		}
		h.add(time.Second)
		if _, err := h.s.Replay(ctx, admin, id, off, false); err != nil {
			t.Fatal(err)
		}
		h.work()
		if ms := x.messages(); len(ms) != 13 || ms[12].Type != "cases.decided" {
			t.Errorf("the replay brought %d", len(ms)-12)
		}
	})
}

// TestReplay brings back what happened before a subscription was made, but nothing of others, and one delivery at a wish.
func TestReplay(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h, ctx := open(t, d), t.Context()
		x := listen(t, nil)
		h.story("early")
		other := fact("other")
		other.Agency = "civil"
		h.publish(cases.AcceptedEvent{Fact: other})
		h.add(3 * time.Hour)
		h.story("c1")
		h.work()
		h.add(time.Hour)
		id, _ := h.subscribe(x.URL)
		if _, err := h.s.Replay(ctx, admin, id, noon.Add(time.Hour), false); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Replay(ctx, admin, id, noon, false); !errs.Is(err, "webhook.replay_running") {
			t.Errorf("a second replay = %v", err)
		}
		h.work()
		inOrder(t, x.messages(), 1, false)
		if _, err := h.s.Replay(ctx, admin, id, noon, false); err != nil {
			t.Fatal(err)
		}
		h.work()
		inOrder(t, x.messages(), 2, true)
		p, err := h.s.Deliveries(ctx, admin, id, webhook.Filter{State: webhook.Done, CaseNo: "No-early", Limit: 4})
		if err != nil || len(p.Deliveries) != 4 || p.Next == "" {
			t.Fatalf("page %+v %v", p, err)
		}
		if p, err = h.s.Deliveries(ctx, admin, id, webhook.Filter{State: webhook.Done, CaseNo: "No-early", Limit: 4, After: p.Next}); err != nil || len(p.Deliveries) != 2 || p.Next != "" {
			t.Fatalf("second page %+v %v", p, err)
		}
		before := len(x.messages())
		if err := h.s.Again(ctx, admin, id, p.Deliveries[0].ID); err != nil {
			t.Fatal(err)
		}
		h.work()
		ms := x.messages()
		if len(ms) != before+1 || ms[before].ID != p.Deliveries[0].EventID {
			t.Errorf("sent again: %d", len(ms)-before)
		}
		for _, from := range []time.Time{h.now().Add(time.Minute), h.now().Add(-91 * 24 * time.Hour), {}} {
			if _, err := h.s.Replay(ctx, admin, id, from, false); errs.KindOf(err) != errs.Invalid {
				t.Errorf("replay from %v = %v", from, err)
			}
		}
	})
}

// TestWhatATargetDoes: each way to misbehave is told apart, costs little time, and the message waits.
func TestWhatATargetDoes(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	inner := 0
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		secret := listen(t, func(int, got) int { inner++; return http.StatusOK })
		for name, c := range map[string]struct {
			answer func(w http.ResponseWriter, r *http.Request)
			status int
			why    string
			text   string
		}{
			"fails": {func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "数据库\x00不可用 110101199003074514 13800138000", http.StatusInternalServerError)
			}, 500, "status", "数据库 不可用 *** ***"},
			"gone": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, 410, "status", ""},
			"redirects": {func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, secret.URL, http.StatusTemporaryRedirect)
			}, 307, "redirect", ""},
			"hangs":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "timeout", ""},
			"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "connect", ""},
			"drips for ever": {func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					_, _ = w.Write([]byte(strings.Repeat("慢", 10)))
					w.(http.Flusher).Flush()
					select {
					case <-r.Context().Done():
					case <-release:
						return
					case <-time.After(20 * time.Millisecond):
					}
				}
			}, 200, "", "慢"},
			"floods": {func(w http.ResponseWriter, _ *http.Request) {
				for range 4096 {
					if _, err := w.Write([]byte(strings.Repeat("大", 4096))); err != nil {
						return
					}
				}
			}, 200, "", strings.Repeat("大", 200)},
		} {
			t.Run(name, func(t *testing.T) {
				x := serve(t, c.answer)
				id, _ := h.subscribe(x)
				h.publish(cases.AcceptedEvent{Fact: fact("c-" + name)})
				h.work()
				p, err := h.s.Deliveries(t.Context(), admin, id, webhook.Filter{})
				if err != nil || len(p.Deliveries) != 1 {
					t.Fatalf("%+v %v", p, err)
				}
				dl, as, err := h.s.Delivery(t.Context(), admin, id, p.Deliveries[0].ID)
				if err != nil || len(as) != 1 {
					t.Fatalf("%+v %v", as, err)
				}
				state := webhook.Waiting
				if c.why == "" {
					state = webhook.Done
				}
				a := as[0]
				if dl.State != state || dl.Status != c.status || a.Status != c.status || a.Why != c.why || !strings.HasPrefix(a.Text, c.text) || len([]rune(a.Text)) > 200 {
					t.Errorf("delivery %+v, attempt %+v", dl, a)
				}
				if err := h.s.Switch(t.Context(), admin, id, false); err != nil { // the next case is alone again
					t.Fatal(err)
				}
			})
		}
	})
	if inner > 0 {
		t.Errorf("a redirect was followed")
	}
}

// TestSuspendedClient: while its sign-in client is stopped, a system hears nothing, and no attempt is counted.
func TestSuspendedClient(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, nil)
		id, _ := h.subscribe(x.URL, func(s *webhook.Subscription) { s.Client = "stopped" })
		h.publish(cases.AcceptedEvent{Fact: fact("c1")})
		h.work()
		p, err := h.s.Deliveries(t.Context(), admin, id, webhook.Filter{})
		if err != nil || len(p.Deliveries) != 1 || p.Deliveries[0].Attempts != 0 || p.Deliveries[0].Why != "client" || x.calls() != 0 {
			t.Errorf("%+v %v, %d calls", p, err, x.calls())
		}
	})
}
