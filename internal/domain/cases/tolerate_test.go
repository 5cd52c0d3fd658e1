package cases_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// laterItem is the food licence whose layout plan may follow.
func (k *kit) laterItem(l catalog.Later) {
	it := foodItem()
	it.Materials[0].Required, it.Later = catalog.RequiredLater, l
	k.items.all["food"] = it
}

// owing makes an application without the plan, promised for later, signed and sent.
func (k *kit) owing(a authz.Actor, key string) string {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.CreateDraft(ctx, a, "food", key)
	k.ok(err)
	_, err = k.SaveDraft(ctx, a, d.ID, d.Version, answers)
	k.ok(err)
	_, err = k.UseLicence(ctx, a, d.ID, "biz", "register:business-licence")
	k.ok(err)
	k.ok(k.Choose(ctx, a, d.ID, cases.Choices{Later: []string{"plan"}}))
	_, err = k.AskSignature(ctx, a, d.ID, "/back")
	k.ok(err)
	_, err = k.Submit(ctx, a, d.ID, k.v(d.ID))
	k.ok(err)
	return d.ID
}

// owingAccepted is one that zhou has accepted.
func (k *kit) owingAccepted(key string) string {
	k.t.Helper()
	id := k.owing(firm, key)
	_, err := k.Accept(k.t.Context(), staff("zhou"), id, k.v(id))
	k.ok(err)
	return id
}

func (k *kit) decideFood(id string) error {
	k.t.Helper()
	_, err := k.Decide(k.t.Context(), staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
	return err
}

// reviewed passes review and inspection, so that the decision is prepared.
func (k *kit) reviewed(id string) {
	k.t.Helper()
	ctx := k.t.Context()
	_, err := k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
	k.ok(err)
	_, err = k.RecordInspection(ctx, staff("zhou"), id, k.v(id), cases.Inspection{Officers: []string{"zhou", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}, "light": {Pass: true}}, Conclusion: "符合"})
	k.ok(err)
}

func TestWhatFollowsIsChosenPromisedAndSigned(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{})
		d := k.filled(firm, "c1")
		k.ok(k.RemoveMaterial(ctx, firm, d.ID, d.Slots[0].Files[0].ID))
		_, err := k.Submit(ctx, firm, d.ID, k.v(d.ID))
		k.refused(err, "cases.not_ready") // nothing follows by itself: who does not choose has to hand in
		for _, key := range []string{"biz", "note", "nothing"} {
			k.refused(k.Choose(ctx, firm, d.ID, cases.Choices{Later: []string{key}}), "cases.incomplete")
		}
		k.refused(k.Choose(ctx, stranger, d.ID, cases.Choices{Later: []string{"plan"}}), "cases.not_found")
		demanded := k.items.all["food"]
		demanded.Materials[0].LegalDemand = true
		k.items.all["food"] = demanded
		k.refused(k.Choose(ctx, firm, d.ID, cases.Choices{Later: []string{"plan"}}), "cases.incomplete") // a condition the law demands
		k.laterItem(catalog.Later{})
		k.ok(k.Choose(ctx, firm, d.ID, cases.Choices{Later: []string{"plan", "plan"}}))
		_, err = k.Submit(ctx, firm, d.ID, k.v(d.ID))
		k.refused(err, "cases.sign_needed")
		sg, needed, err := k.ToSign(ctx, firm, d.ID)
		k.ok(err)
		if !needed || !strings.Contains(sg.Text, "自受理之日起10个工作日内补交：布局图") {
			t.Errorf("signed: %v %s", needed, sg.Text)
		}
		_, err = k.AskSignature(ctx, firm, d.ID, "/back")
		k.ok(err)
		_, err = k.Submit(ctx, firm, d.ID, k.v(d.ID))
		k.ok(err)
		d, err = k.Case(ctx, firm, d.ID)
		k.ok(err)
		if len(d.Owed) != 1 || d.Owed[0].Name != "布局图" || !d.Owed[0].Due.IsZero() || len(d.Signatures) != 1 {
			t.Errorf("promised: %+v, %d signatures", d.Owed, len(d.Signatures))
		}
		k.refused(k.Choose(ctx, firm, d.ID, cases.Choices{}), "cases.not_now")
	})
}

func TestAcceptedWithTheMissingListAndWithheldUntilItCame(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}})
		id := k.owing(firm, "c1")
		_, err := k.Attach(ctx, firm, id, cases.Upload{Material: "plan", ClientKey: "early", Name: "a.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.not_now") // not accepted yet: nothing is asked for
		_, err = k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		if k.told("paper", "accept") != 0 || k.told("paper", "accept_later") != 1 || k.told("notice", "case.accepted_later") != 1 {
			t.Error("the acceptance does not name what is missing")
		}
		d, err := k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		wantDue(t, d.Clock.LaterDue, "2026-03-09 23:59:59")
		wantDue(t, d.Clock.LegalDue, "2026-03-16 23:59:59") // the clock runs
		k.reviewed(id)
		k.refused(k.decideFood(id), "cases.withheld")
		_, err = k.Attach(ctx, firm, id, cases.Upload{Material: "note", ClientKey: "n", Name: "a.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.not_now") // just these materials
		_, err = k.Supply(ctx, firm, id, k.v(id), nil)
		k.refused(err, "cases.incomplete")
		f := k.upload(firm, id, "plan", "s1")
		seen, err := k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		if n := len(seen.Slots[0].Files); n != 0 {
			t.Errorf("the desk sees %d files that are not handed in", n)
		}
		if _, _, err := k.MaterialFile(ctx, staff("zhou"), id, f.ID); err == nil {
			t.Error("the desk opens a file that is not handed in")
		}
		k.refused(k.decideFood(id), "cases.withheld")
		_, err = k.Supply(ctx, stranger, id, k.v(id), nil)
		k.refused(err, "cases.not_found")
		v := k.v(id)
		c, err := k.Supply(ctx, firm, id, v, nil)
		k.ok(err)
		if _, err = k.Supply(ctx, firm, id, v, nil); err != nil {
			t.Errorf("the same click again: %v", err)
		}
		if c.Round != 1 || !c.Clock.LaterDue.IsZero() || k.told("notice", "case.supplied") != 1 || k.events("cases.supplied") != 1 {
			t.Errorf("supplied: %+v", c)
		}
		_, err = k.Attach(ctx, firm, id, cases.Upload{Material: "plan", ClientKey: "s2", Name: "a.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.not_now")
		seen, err = k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		if len(seen.Slots[0].Files) != 1 || seen.Owed[0].Supplied.IsZero() {
			t.Errorf("handed in: %+v %+v", seen.Slots[0].Files, seen.Owed)
		}
		k.ok(k.decideFood(id))
		k.replays()
	})
}

func TestTheWindowTakesWhatFollows(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{})
		id := k.owingAccepted("c1")
		_, err := k.Attach(ctx, staff("qian"), id, cases.Upload{Material: "plan", ClientKey: "w0", Name: "a.png", Body: bytes.NewReader(png)})
		if err == nil {
			t.Error("another agency adds a file")
		}
		k.upload(staff("chen"), id, "plan", "w1")
		_, err = k.Supply(ctx, staff("chen"), id, k.v(id), []string{"plan", "biz"})
		k.refused(err, "cases.incomplete") // biz was never promised
		_, err = k.Supply(ctx, staff("chen"), id, k.v(id), []string{"plan"})
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_visit", "case_id = $1", id); n != 1 {
			t.Errorf("%d visits", n)
		}
	})
}

func TestTheClockWaitsWhereTheRegionSaysSo(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		file := func(text string) []packfile.File {
			return []packfile.File{{Path: "later.yaml", Data: []byte(text)}}
		}
		bad := file("later:\n  - {region: \"58\", n: 0, unit: month, clock: maybe}\n")
		if ps := k.CheckSection(ctx, bad, nil); len(ps) != 3 {
			t.Errorf("%+v", ps)
		}
		good := file("later:\n  - {region: \"580000\", n: 3, unit: naturalday, clock: runs}\n  - {region: \"580100\", n: 6, unit: workday, clock: waits}\n  - {region: \"590000\", n: 9, unit: workday, clock: runs}\n")
		if ps := k.CheckSection(ctx, good, nil); len(ps) != 0 {
			t.Fatalf("%+v", ps)
		}
		for range 2 {
			k.ok(k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return k.LoadTx(ctx, tx, k.now(), good) }))
		}
		k.laterItem(catalog.Later{})
		id := k.owingAccepted("c1")
		d, err := k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		wantDue(t, d.Clock.LaterDue, "2026-03-10 23:59:59") // six working days of the city, not of the province
		if !d.Clock.Paused || d.Clock.Left != 10 || !d.Clock.LegalDue.IsZero() {
			t.Errorf("the clock runs: %+v", d.Clock)
		}
		k.set("2026-03-04 10:00")
		_, err = k.Suspend(ctx, staff("zhou"), id, k.v(id), cases.Suspension{Ground: "testing", N: 3, Unit: clock.Workday, Reason: "送检"})
		k.ok(err)
		k.upload(firm, id, "plan", "s1")
		c, err := k.Supply(ctx, firm, id, k.v(id), nil) // while it is suspended: the other stop goes on
		k.ok(err)
		if !c.Clock.Paused {
			t.Error("the special procedure no longer stops the clock")
		}
		k.set("2026-03-05 10:00")
		c, err = k.Resume(ctx, staff("zhou"), id, k.v(id), "合格")
		k.ok(err)
		wantDue(t, c.Clock.LegalDue, "2026-03-19 23:59:59") // 3, 4 and 5 March are not counted, each once
		k.replays()
	})
}

func TestRemindedThenOverdueThenTerminated(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}})
		id := k.owingAccepted("c1") // due on Monday 9 March
		other := k.owingAccepted("c2")
		k.upload(firm, other, "plan", "s1")
		_, err := k.Supply(ctx, firm, other, k.v(other), nil)
		k.ok(err)
		end := cases.Ending{Ground: "not_supplied", Reason: "一直没有补交"}
		_, err = k.Terminate(ctx, staff("wang"), id, k.v(id), end)
		k.refused(err, "cases.not_overdue")
		for _, x := range []struct {
			at                   string
			before, today, after int
		}{{"2026-03-06 08:59", 0, 0, 0}, {"2026-03-06 09:00", 1, 0, 0}, {"2026-03-09 09:00", 1, 1, 0}, {"2026-03-10 08:00", 1, 1, 0}, {"2026-03-10 09:00", 1, 1, 1}} {
			k.set(x.at)
			k.drain()
			k.drain() // a runner that rings twice
			if a, b, c := k.told("notice", "case.later_before"), k.told("notice", "case.later_today"), k.told("notice", "case.later_overdue"); a != x.before || b != x.today || c != x.after {
				t.Errorf("%s: told %d %d %d", x.at, a, b, c)
			}
		}
		if k.events("cases.later_overdue") != 1 {
			t.Error("nobody was told that it is overdue")
		}
		d, err := k.Case(ctx, staff("wang"), id)
		k.ok(err)
		var mine bool
		for _, x := range d.Tasks {
			mine = mine || x.Kind == cases.TaskLater && x.Mine && x.Closed.IsZero() && x.Post == "decide"
		}
		p, err := k.Inbox(ctx, staff("wang"), cases.Filter{Tab: cases.TabTodo})
		k.ok(err)
		if !mine || len(p.Cases) != 1 || p.Cases[0].ID != id || !d.Owed[0].Overdue {
			t.Errorf("not on the officer's list: %+v %+v", d.Tasks, p.Cases)
		}
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_task", "case_id = $1 AND kind = 'later' AND closed_ms = 0", id); n != 1 {
			t.Errorf("a step of the flow closed it: %d", n)
		}
		_, err = k.Terminate(ctx, staff("wang"), id, k.v(id), end)
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_task", "case_id = $1 AND closed_ms = 0", id); n != 0 || k.told("paper", "terminate") != 1 {
			t.Errorf("%d tasks are left", n)
		}
		h, err := k.Head(ctx, id)
		k.ok(err)
		if h.State != cases.Terminated || !h.Clock.LaterDue.IsZero() {
			t.Errorf("%+v", h)
		}
		k.replays()
	})
}

func TestSuppliedLateIsSuppliedAndOffTheList(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}})
		id := k.owingAccepted("c1")
		k.set("2026-03-10 09:00")
		k.drain()
		k.upload(firm, id, "plan", "s1")
		_, err := k.Supply(ctx, firm, id, k.v(id), nil)
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_task", "case_id = $1 AND kind = 'later' AND outcome = 'supplied'", id); n != 1 {
			t.Error("it is still on the officer's list")
		}
		_, err = k.Terminate(ctx, staff("wang"), id, k.v(id), cases.Ending{Ground: "not_supplied", Reason: "x"})
		k.refused(err, "cases.not_overdue")
	})
}

func TestAHolidayMovesTheDayToSupply(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}})
		id := k.owingAccepted("c1")
		k.off.cal = clock.Embedded().With([]clock.Row{{Date: "2026-03-05", Note: "本地假日"}})
		k.ok(k.Recompute(t.Context()))
		h, err := k.Head(t.Context(), id)
		k.ok(err)
		wantDue(t, h.Clock.LaterDue, "2026-03-10 23:59:59")
		k.set("2026-03-10 09:00") // the reminders of the old date ring for nothing
		k.drain()
		if k.told("notice", "case.later_today") != 1 || k.told("notice", "case.later_overdue") != 0 {
			t.Error("told by the old date")
		}
	})
}

func TestAfterTheResult(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}, AfterResult: true})
		id := k.owingAccepted("c1")
		k.reviewed(id)
		k.ok(k.decideFood(id))
		_, err := k.Deliver(ctx, firm, id, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		h, err := k.Head(ctx, id)
		k.ok(err)
		wantDue(t, h.Clock.LaterDue, "2026-03-09 23:59:59")
		k.mu.Lock()
		k.at = k.at.Add(60 * 24 * time.Hour)
		k.mu.Unlock()
		k.ok(k.Schedule(ctx))
		k.drain()
		if h, err = k.Head(ctx, id); err != nil || h.State != cases.Concluded {
			t.Fatalf("archived while something is missing: %s %v", h.State, err)
		}
		k.upload(firm, id, "plan", "s1")
		_, err = k.Supply(ctx, firm, id, k.v(id), nil)
		k.ok(err)
		k.mu.Lock()
		k.at = k.at.Add(60 * 24 * time.Hour)
		k.mu.Unlock()
		k.ok(k.Schedule(ctx))
		k.drain()
		if h, err = k.Head(ctx, id); err != nil || h.State != cases.Archived {
			t.Errorf("not archived: %s %v", h.State, err)
		}
	})
}
