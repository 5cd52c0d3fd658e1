package cases_test

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// accepted makes a case that zhou has accepted, of an item whose period may be prolonged by five days.
func (k *kit) accepted(key string) string {
	k.t.Helper()
	it := foodItem()
	it.Limits.Extension = &catalog.Limit{N: 5, Unit: clock.Workday}
	k.items.all["food"] = it
	k.off.posts["head"] = org.Post{Key: "head", Agency: "market", Acts: []string{"extend"}, Items: []string{"food"}}
	k.off.staff["jia"] = org.Staff{ID: "jia", Name: "局长", Posts: []string{"head"}}
	id := k.submitted(firm, key).CaseID
	_, err := k.Accept(k.t.Context(), staff("zhou"), id, k.v(id))
	k.ok(err)
	return id
}

func TestASpecialProcedureStopsTheClock(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.accepted("c1")
		d, err := k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		wantDue(t, d.Clock.LegalDue, "2026-03-16 23:59:59")
		good := cases.Suspension{Ground: "testing", N: 3, Unit: clock.Workday, Reason: "后厨用水送检"}
		for name, in := range map[string]cases.Suspension{
			"a ground the law does not know": {Ground: "holiday", N: 3, Unit: clock.Workday, Reason: "x"},
			"no length":                      {Ground: "testing", Unit: clock.Workday, Reason: "x"},
			"years":                          {Ground: "testing", N: 13, Unit: clock.Month, Reason: "x"},
			"no reason":                      {Ground: "testing", N: 3, Unit: clock.Workday},
		} {
			if _, err := k.Suspend(ctx, staff("zhou"), id, k.v(id), in); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		_, err = k.Suspend(ctx, staff("chen"), id, k.v(id), good)
		k.refused(err, "cases.no_right") // the review is open, and not theirs
		k.set("2026-03-04 10:00")
		c, err := k.Suspend(ctx, staff("zhou"), id, k.v(id), good)
		k.ok(err)
		if c.State != cases.Suspended || !c.Clock.Paused || c.Clock.Left != 8 || !c.Clock.LegalDue.IsZero() || k.told("paper", "suspend") != 1 || k.told("notice", "case.suspended") != 1 {
			t.Errorf("suspended: %+v", c.Clock)
		}
		wantDue(t, c.Clock.SpecialDue, "2026-03-09 23:59:59")
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.not_now")
		k.set("2026-03-10 00:00")
		k.drain() // the announced length has passed: told once
		if n := dbtest.Count(t, k.d, "cases_alarm", "kind = $1", "passed.special"); n != 1 {
			t.Errorf("a special procedure that takes longer than told: %d alarms", n)
		}
		k.set("2026-03-11 10:00")
		_, err = k.Resume(ctx, staff("zhou"), id, k.v(id), " ")
		k.refused(err, "cases.incomplete")
		c, err = k.Resume(ctx, staff("li"), id, k.v(id), "水质合格")
		k.ok(err)
		if c.State != cases.Reviewing || c.Clock.Paused || !c.Clock.SpecialDue.IsZero() {
			t.Errorf("resumed: %+v", c)
		}
		wantDue(t, c.Clock.LegalDue, "2026-03-23 23:59:59") // 5 to 11 March, five working days, are not counted
		d, err = k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		if len(d.Suspensions) != 1 || d.Suspensions[0].Result != "水质合格" || d.Suspensions[0].Ended.IsZero() || d.Suspensions[0].By != "staff:zhou" {
			t.Errorf("kept: %+v", d.Suspensions)
		}
		k.replays()
	})
}

func TestExtensionOnceByTheHead(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.accepted("c1")
		why := cases.Extension{Reason: "案情复杂"}
		_, err := k.Extend(ctx, staff("zhou"), id, k.v(id), why)
		k.refused(err, "cases.no_right")
		_, err = k.Extend(ctx, staff("jia"), id, k.v(id), cases.Extension{})
		k.refused(err, "cases.incomplete")
		c, err := k.Extend(ctx, staff("jia"), id, k.v(id), why)
		k.ok(err)
		wantDue(t, c.Clock.LegalDue, "2026-03-23 23:59:59")
		wantDue(t, c.Clock.PromisedDue, "2026-03-19 23:59:59")
		_, err = k.Extend(ctx, staff("jia"), id, k.v(id), why)
		k.refused(err, "cases.extended_already")
		id = k.accepted("c2")
		k.set("2026-03-17 00:00")
		_, err = k.Extend(ctx, staff("jia"), id, k.v(id), why)
		k.refused(err, "cases.too_late_to_extend")
		it := k.items.all["food"]
		it.Limits.Joint = true
		k.items.all["food"] = it
		_, err = k.Extend(ctx, staff("jia"), id, k.v(id), why)
		k.refused(err, "cases.no_right") // joint handling: the head of the government
		k.replays()
	})
}

func TestEndsWithoutADecision(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		type end func(cases.Ending) (cases.Case, error)
		try := func(name string, do end, good cases.Ending, state cases.State, paper string) {
			t.Helper()
			for _, bad := range []cases.Ending{{Reason: good.Reason, To: good.To}, {Ground: "whim", Reason: good.Reason, To: good.To}, {Ground: good.Ground, To: good.To}} {
				if _, err := do(bad); err == nil {
					t.Errorf("%s with %+v", name, bad)
				}
			}
			c, err := do(good)
			k.ok(err)
			if c.State != state || c.Clock.Phase != cases.PhaseEnded || paper != "" && k.told("paper", paper) != 1 || k.told("notice", "case."+string(state)) != 1 {
				t.Errorf("%s: %s, %+v", name, c.State, c.Clock)
			}
		}
		id := k.accepted("c1")
		try("terminate", func(in cases.Ending) (cases.Case, error) { return k.Terminate(ctx, staff("wang"), id, k.v(id), in) }, cases.Ending{Ground: "dissolved", Reason: "已注销"}, cases.Terminated, "terminate")
		_, err := k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.not_now")
		d, err := k.Case(ctx, staff("wang"), id)
		k.ok(err)
		if d.Ending == nil || d.Ending.Ground != "dissolved" || slices.ContainsFunc(d.Tasks, func(x cases.Task) bool { return x.Closed.IsZero() }) {
			t.Errorf("terminated: %+v %+v", d.Ending, d.Tasks)
		}
		id = k.accepted("c2")
		if _, err := k.Transfer(ctx, staff("zhou"), id, k.v(id), cases.Ending{Ground: "upper_agency", Reason: "属于市级权限"}); err == nil {
			t.Error("transferred to nobody")
		}
		try("transfer", func(in cases.Ending) (cases.Case, error) { return k.Transfer(ctx, staff("zhou"), id, k.v(id), in) }, cases.Ending{Ground: "upper_agency", Reason: "属于市级权限", To: "清澜市市场监督管理局"}, cases.Transferred, "transfer")
		id = k.submitted(firm, "c3").CaseID
		try("void", func(in cases.Ending) (cases.Case, error) { return k.Void(ctx, staff("zhou"), id, k.v(id), in) }, cases.Ending{Ground: "duplicate", Reason: "和另一件相同"}, cases.Voided, "")
		id = k.submitted(firm, "c4").CaseID
		_, err = k.RequestCorrection(ctx, staff("zhou"), id, k.v(id), []cases.Defect{{Kind: cases.OnMaterial, Key: "plan", Text: "看不清"}})
		k.ok(err)
		lapse := cases.Ending{Ground: "not_corrected", Reason: "一直没有收到"}
		_, err = k.Lapse(ctx, staff("zhou"), id, k.v(id), lapse)
		k.refused(err, "cases.not_lapsed")
		k.mu.Lock()
		k.at = k.at.Add(31 * 24 * time.Hour)
		k.mu.Unlock()
		try("lapse", func(in cases.Ending) (cases.Case, error) { return k.Lapse(ctx, staff("zhou"), id, k.v(id), in) }, lapse, cases.Lapsed, "lapse")
		k.mu.Lock()
		k.at = k.at.Add(31 * 24 * time.Hour)
		k.mu.Unlock()
		k.ok(k.Schedule(ctx))
		k.drain()
		for _, id := range k.ids() {
			if h, err := k.Head(ctx, id); err != nil || h.State != cases.Archived {
				t.Errorf("a case that ended is not archived: %s, %v", h.State, err)
			}
		}
		k.replays()
	})
}
