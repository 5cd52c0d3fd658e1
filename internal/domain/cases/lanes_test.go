package cases_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// jointFlow lets two posts of other agencies examine side by side, one of them with two officers on the spot, and then two of three countersign.
var jointFlow = flow.Definition{Key: "joint", Separate: true, Steps: []flow.Step{
	{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
	{Key: "both", Name: "并联审查", Kind: flow.Parallel, Parallel: [][]flow.Step{
		{{Key: "fire", Name: "消防意见", Kind: flow.Review, Post: "fire", Limit: &clock.Period{N: 1, Unit: clock.Workday}, Hide: []string{"fee"}}},
		{{Key: "site", Name: "现场核查", Kind: flow.Inspect, Post: "health", Officers: 2, Limit: &clock.Period{N: 3, Unit: clock.Workday}}},
	}},
	{Key: "panel", Name: "会审", Kind: flow.Countersign, Posts: []string{"fire", "health", "review"}, Need: 2},
	{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide"},
}}

func (k *kit) joint() {
	flows["joint"] = jointFlow
	it := foodItem()
	it.Flow = "joint"
	k.items.all["food"] = it
	for _, p := range []struct{ key, agency, act string }{{"fire", "fire", "review"}, {"health", "health", "inspect"}} {
		k.off.posts[p.key] = org.Post{Key: p.key, Agency: p.agency, Acts: []string{p.act}, Items: []string{"other"}}
	}
	for id, post := range map[string]string{"huo": "fire", "yan": "fire", "jian": "health", "kang": "health"} {
		k.off.staff[id] = org.Staff{ID: id, Name: "工作人员" + id, Posts: []string{post}}
	}
}

func open(ts []cases.Task) string {
	var out []string
	for _, t := range ts {
		if t.Closed.IsZero() {
			out = append(out, t.Step+"/"+t.Post+strings.Repeat("*", map[bool]int{true: 1}[t.Mine])+t.TakenBy)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestPostsWorkSideBySide(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.joint()
		ctx := t.Context()
		id := k.submitted(firm, "c1").CaseID
		seen := func(who string) string {
			d, err := k.Case(ctx, staff(who), id)
			k.ok(err)
			return open(d.Tasks)
		}
		inboxed := func(who string) bool {
			p, err := k.Inbox(ctx, staff(who), cases.Filter{})
			k.ok(err)
			return len(p.Cases) == 1
		}
		if _, err := k.Case(ctx, staff("huo"), id); err == nil || inboxed("huo") {
			t.Fatal("the fire service reads a case nobody has asked it about")
		}
		_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		if got := seen("huo"); got != "fire/fire* site/health" || !inboxed("huo") || !inboxed("jian") || inboxed("wang") {
			t.Fatalf("after acceptance: %s", got)
		}
		d, err := k.Case(ctx, staff("huo"), id)
		k.ok(err)
		if slices.ContainsFunc(d.Review[0].Rows, func(r form.ReviewRow) bool { return r.Key == "fee" }) {
			t.Error("the fire service sees what its step hides")
		}
		wantDue(t, d.Clock.StepDue, "2026-03-03 23:59:59") // of the two, the nearer
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
		k.refused(err, "cases.not_your_part")
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.wrong_step")
		_, err = k.TakeUp(ctx, staff("huo"), id, k.v(id), "")
		k.ok(err)
		_, err = k.Assign(ctx, staff("huo"), id, k.v(id), "fire", "jian")
		k.refused(err, "cases.not_a_colleague")
		_, err = k.Assign(ctx, staff("huo"), id, k.v(id), "fire", "yan")
		k.ok(err)
		if got := seen("yan"); got != "fire/fire*yan site/health" {
			t.Errorf("given to a colleague: %s", got)
		}
		_, err = k.Release(ctx, staff("huo"), id, k.v(id), "fire")
		k.ok(err)
		_, err = k.Release(ctx, staff("huo"), id, k.v(id), "fire")
		k.refused(err, "cases.not_taken")
		_, err = k.Opinion(ctx, staff("yan"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合要求"})
		k.ok(err)
		d, err = k.Case(ctx, staff("jian"), id)
		k.ok(err)
		wantDue(t, d.Clock.StepDue, "2026-03-05 23:59:59")
		if open(d.Tasks) != "site/health*" {
			t.Errorf("one lane over: %s", open(d.Tasks))
		}
		_, err = k.RecordInspection(ctx, staff("jian"), id, k.v(id), cases.Inspection{Officers: []string{"jian", "kang"}, Conclusion: "合格"})
		k.ok(err)
		if got := seen("zhou"); got != "panel/fire panel/health panel/review*" {
			t.Fatalf("lanes met: %s", got)
		}
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "同意"})
		k.ok(err)
		_, err = k.Opinion(ctx, staff("li"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "同意"})
		k.refused(err, "cases.not_your_part") // the post has spoken
		_, err = k.Opinion(ctx, staff("huo"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionFail, Text: "通道太窄"})
		k.ok(err)
		if got := seen("kang"); got != "panel/health*" {
			t.Errorf("one for, one against: %s", got)
		}
		_, err = k.Opinion(ctx, staff("kang"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "同意"})
		k.ok(err)
		for _, who := range []string{"zhou", "huo", "kang"} {
			if d, err := k.Case(ctx, staff(who), id); err != nil || slices.Contains(d.May, cases.ActDecide) {
				t.Errorf("%s examined and may decide (%v)", who, err)
			}
		}
		if _, err := k.Case(ctx, staff("yan"), id); err != nil {
			t.Error("whoever had a part cannot read it any more")
		}
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		k.replays()
	})
}

// TestSentBackEndsWhatRanBeside sends a joint case back from the countersign into one lane, and withdraws it: no task is left over.
func TestSentBackEndsWhatRanBeside(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.joint()
		ctx := t.Context()
		id := k.submitted(firm, "c1").CaseID
		_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		_, err = k.Opinion(ctx, staff("huo"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
		k.ok(err)
		_, err = k.RecordInspection(ctx, staff("jian"), id, k.v(id), cases.Inspection{Officers: []string{"jian", "kang"}, Conclusion: "合格"})
		k.ok(err)
		_, err = k.Opinion(ctx, staff("huo"), id, k.v(id), cases.Opinion{Step: "panel", Outcome: cases.OpinionReturn, To: "site", Text: "再看一次"})
		k.ok(err)
		d, err := k.Case(ctx, staff("zhou"), id)
		k.ok(err)
		ends := map[string]int{}
		for _, x := range d.Tasks {
			ends[x.Step+":"+x.Outcome]++
		}
		if open(d.Tasks) != "site/health" || ends["panel:cancelled"] != 3 {
			t.Errorf("sent back: open %s, ended %v", open(d.Tasks), ends)
		}
		_, err = k.Withdraw(ctx, firm, id, k.v(id))
		k.ok(err)
		if d, err = k.Case(ctx, staff("zhou"), id); err != nil || open(d.Tasks) != "" {
			t.Errorf("withdrawn: %s, %v", open(d.Tasks), err)
		}
		k.replays()
	})
}

// TestAJointFlowIsPublished: what the engine runs is no longer refused.
func TestAJointFlowIsPublished(t *testing.T) {
	d := jointFlow
	d.Name = "联审"
	if ps := d.Check(catalog.Limit{N: 8, Unit: clock.Workday}.Period()); len(ps) > 0 {
		t.Error(ps)
	}
}
