package cases_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func ev(kind, when string, data any) cases.Event {
	b, _ := json.Marshal(data)
	return cases.Event{Kind: kind, At: at(when), Data: b}
}

func TestClockOf(t *testing.T) {
	limits := foodItem().Limits
	sub, acc := ev(cases.EventSubmitted, "2026-02-10 15:00", nil), ev(cases.EventAccepted, "2026-02-10 15:00", nil)
	stop := func(from, to string) []cases.Event {
		out := []cases.Event{sub, acc, ev(cases.EventSuspended, from, nil)}
		if to != "" {
			out = append(out, ev(cases.EventResumed, to, nil))
		}
		return out
	}
	for name, c := range map[string]struct {
		events                       []cases.Event
		limits                       catalog.Limits
		phase, legal, promised, step string
		paused                       bool
		left                         int
	}{
		"nothing yet": {nil, limits, "none", "", "", "", false, 0},
		// Wed 11, Thu 12, Fri 13, make-up Saturday 14, then Spring Festival 15–23; Tue 24.
		"receipt over Spring Festival":   {[]cases.Event{sub}, limits, "receipt", "2026-02-24", "", "", false, 0},
		"23:59 is still the day":         {[]cases.Event{ev(cases.EventSubmitted, "2026-03-02 23:59", nil)}, limits, "receipt", "2026-03-09", "", "", false, 0},
		"one minute later is the next":   {[]cases.Event{ev(cases.EventSubmitted, "2026-03-03 00:00", nil)}, limits, "receipt", "2026-03-10", "", "", false, 0},
		"a correction holds everything":  {[]cases.Event{sub, ev(cases.EventCorrection, "2026-02-11 09:00", nil)}, limits, "correction", "", "", "", false, 0},
		"five days again after it":       {[]cases.Event{sub, ev(cases.EventCorrection, "2026-02-11 09:00", nil), ev(cases.EventResubmitted, "2026-03-02 09:00", nil)}, limits, "receipt", "2026-03-09", "", "", false, 0},
		"11 12 13 14, 24 25 26 27 28, 2": {[]cases.Event{sub, acc}, limits, "decision", "2026-03-02", "2026-02-27", "", false, 0},
		"deemed counts from the receipt": {[]cases.Event{sub, ev(cases.EventDeemed, "2026-02-10 15:00", nil)}, limits, "decision", "2026-03-02", "2026-02-27", "", false, 0},
		"an open stop":                   {stop("2026-02-12 09:00", ""), limits, "decision", "", "", "", true, 8},
		"a stop of two working days":     {stop("2026-02-24 09:00", "2026-02-26 17:00"), limits, "decision", "2026-03-04", "2026-03-02", "", false, 0},
		"a step's own limit":             {[]cases.Event{sub, acc, ev(cases.EventEntered, "2026-02-12 09:00", map[string]any{"step": "review", "n": 2, "unit": "workday"})}, limits, "decision", "2026-03-02", "2026-02-27", "2026-02-14", false, 0},
		"a certificate: ten days":        {[]cases.Event{sub, acc, ev(cases.EventDecided, "2026-03-02 09:00", map[string]any{"outcome": "grant", "licence": true})}, limits, "certificate", "2026-03-16", "", "", false, 0},
		"a refusal waits for delivery":   {[]cases.Event{sub, acc, ev(cases.EventDecided, "2026-03-02 09:00", map[string]any{"outcome": "refuse"})}, limits, "delivery", "", "", "", false, 0},
		"withdrawn":                      {[]cases.Event{sub, acc, ev(cases.EventWithdrawn, "2026-03-02 09:00", nil)}, limits, "ended", "", "", "", false, 0},
		"extended":                       {[]cases.Event{sub, acc, ev(cases.EventExtended, "2026-02-25 09:00", nil)}, withExtension(limits), "decision", "2026-03-09", "2026-03-05", "", false, 0},
		"no rule, no limit":              {[]cases.Event{sub}, catalog.Limits{AcceptanceRule: catalog.AcceptNone}, "receipt", "", "", "", false, 0},
		"market entities: their own":     {[]cases.Event{sub}, catalog.Limits{AcceptanceRule: catalog.AcceptMarketEntity, Correction: &catalog.Limit{N: 3, Unit: clock.Workday}}, "receipt", "2026-02-13", "", "", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := cases.ClockOf(c.events, c.limits, clock.Embedded())
			if got.Phase != c.phase || got.Paused != c.paused || got.Left != c.left {
				t.Errorf("%+v", got)
			}
			for want, due := range map[string]time.Time{"legal " + c.legal: got.LegalDue, "promised " + c.promised: got.PromisedDue, "step " + c.step: got.StepDue} {
				s := ""
				if !due.IsZero() {
					s = due.In(clock.Shanghai).Format(time.DateOnly)
				}
				if have := want[:len(want)-len(want[lastSpace(want)+1:])] + s; have != want {
					t.Errorf("%s, want %s", have, want)
				}
			}
		})
	}
}

func lastSpace(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ' ' {
			return i
		}
	}
	return -1
}

func withExtension(l catalog.Limits) catalog.Limits {
	l.Extension = &catalog.Limit{N: 5, Unit: clock.Workday}
	return l
}

func TestSilenceCountsAsAcceptanceFromTheDayOfReceipt(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1") // Monday 2 March: the fifth working day is Monday 9 March
		k.set("2026-03-09 23:59")
		k.drain()
		if h, _ := k.Head(ctx, r.CaseID); h.State != cases.Submitted {
			t.Fatalf("before the end of the fifth day: %s", h.State)
		}
		k.set("2026-03-10 00:00")
		k.drain()
		k.drain()
		h, err := k.Head(ctx, r.CaseID)
		k.ok(err)
		if h.State != cases.Accepted || !h.Accepted.Equal(at("2026-03-02 10:00")) || h.Step != "review" {
			t.Errorf("%+v", h)
		}
		wantDue(t, h.Clock.LegalDue, "2026-03-16 23:59:59") // ten working days after 2 March
		if n := k.events("cases.deemed_accepted"); n != 1 || dbtest.Count(t, k.d, "cases_event", "kind = 'deemed_accepted' AND at_ms < recorded_ms") != 1 {
			t.Errorf("%d events of deemed acceptance", n)
		}
		k.replays()
	})
}

func TestAnAnswerThatComesTooLateFindsTheCaseAccepted(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		r := k.submitted(person, "c1")
		k.set("2026-03-10 09:00") // the timer has not rung yet
		_, err := k.RefuseAcceptance(t.Context(), staff("zhou"), r.CaseID, r.Version, cases.Refusal{Ground: cases.GroundNotNeeded, Reason: "不需要"})
		k.refused(err, "cases.not_now")
		if h, _ := k.Head(t.Context(), r.CaseID); h.State != cases.Accepted {
			t.Errorf("%s", h.State)
		}
	})
}

func TestOtherLawsHaveNoDeemedAcceptance(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		it := foodItem()
		it.Limits.AcceptanceRule, it.Limits.Correction = catalog.AcceptMarketEntity, &catalog.Limit{N: 3, Unit: clock.Workday}
		k.items.all["food"] = it
		r := k.submitted(person, "c1")
		k.set("2026-03-12 09:00")
		k.drain()
		if h, _ := k.Head(ctx, r.CaseID); h.State != cases.Submitted || !h.Overdue || k.events("cases.due_passed") != 1 {
			t.Errorf("%+v", h)
		}
		k.replays()
		it.Limits.AcceptanceRule, it.Limits.Correction = catalog.AcceptRealEstate, nil
		k.items.all["food"] = it
		if r := k.submitted(person, "c2"); r.State != cases.Accepted || k.told("paper", "accept") != 1 {
			t.Errorf("real estate is accepted at once: %+v", r)
		}
	})
}

func TestAChangedCalendarMovesDeadlines(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		k.off.cal = clock.Embedded().With([]clock.Row{{Date: "2026-03-05", Note: "本地假日"}})
		k.ok(k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return event.Publish(ctx, tx, k.now(), org.CalendarChanged{From: "2026-03-05", To: "2026-03-05"})
		}))
		k.drain()
		h, err := k.Head(ctx, r.CaseID)
		k.ok(err)
		wantDue(t, h.Clock.LegalDue, "2026-03-10 23:59:59")
		if h.Version != r.Version {
			t.Error("a calendar is no act on the case")
		}
		k.set("2026-03-10 08:00")
		k.drain() // the timer of the old deadline rings for nothing
		if h, _ := k.Head(ctx, r.CaseID); h.State != cases.Submitted || k.events("cases.due_passed") != 0 {
			t.Errorf("%+v", h)
		}
		k.set("2026-03-11 00:00")
		k.drain()
		if h, _ := k.Head(ctx, r.CaseID); h.State != cases.Accepted || k.events("cases.due_near") != 1 {
			t.Errorf("%+v, %d warnings", h, k.events("cases.due_near"))
		}
		k.replays()
	})
}

func TestAnUncoveredYearIsProvisionalAndNeverBlocks(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.set("2026-12-31 23:59")
		a := k.submitted(person, "c1")
		k.set("2027-01-01 00:00")
		b := k.submitted(person, "c2")
		if a.CaseNo != code33+"202612310001" || b.CaseNo != code33+"202701010001" || !a.Clock.Provisional {
			t.Errorf("%s %s %+v", a.CaseNo, b.CaseNo, a.Clock)
		}
	})
}

// TestAnyActsReplay does random acts by everyone, mostly refused, and demands that every stored clock is the one its events give.
func TestAnyActsReplay(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, rnd := t.Context(), rand.New(rand.NewPCG(3, 4))
		var ids []string
		for _, key := range []string{"a", "b", "c", "d"} {
			ids = append(ids, k.submitted(person, key).CaseID)
		}
		now := at("2026-03-02 10:00")
		done := 0
		for range 120 {
			now = now.Add(time.Duration(rnd.IntN(9)) * time.Hour)
			k.set(now.In(clock.Shanghai).Format("2006-01-02 15:04"))
			id := ids[rnd.IntN(len(ids))]
			if err := randomAct(ctx, k, rnd.IntN(9), id); err == nil {
				done++
			}
			if rnd.IntN(10) == 0 {
				k.drain()
			}
		}
		if done < 12 {
			t.Errorf("only %d acts were done: the test shows little", done)
		}
		k.replays()
	})
}

func randomAct(ctx context.Context, k *kit, n int, id string) (err error) {
	v := k.v(id)
	switch n {
	case 0:
		_, err = k.Receive(ctx, staff("chen"), id, v)
	case 1:
		_, err = k.RequestCorrection(ctx, staff("zhou"), id, v, []cases.Defect{{Kind: cases.OnField, Key: "area", Text: "x"}})
	case 2, 3:
		_, err = k.Resubmit(ctx, person, id, v)
	case 4:
		_, err = k.Accept(ctx, staff("zhou"), id, v)
	case 5:
		_, err = k.Opinion(ctx, staff("li"), id, v, cases.Opinion{Outcome: cases.OpinionPass})
	case 6:
		_, err = k.RecordInspection(ctx, staff("zhou"), id, v, cases.Inspection{Officers: []string{"zhou", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}}, Conclusion: "符合"})
	case 7:
		_, err = k.Decide(ctx, staff("wang"), id, v, cases.Decision{Outcome: cases.Grant})
	case 8:
		_, err = k.Deliver(ctx, staff("chen"), id, v, cases.Delivery{How: cases.DeliverWindow})
	}
	return err
}
