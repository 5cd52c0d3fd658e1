package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
)

func assigned(a flow.Assign) flow.Step {
	st := review("review")
	st.Assign = &a
	return st
}

// TestAStepFindsWhoDoesIt: each way of assigning with somebody who fits and with nobody, and the reason on the case.
func TestAStepFindsWhoDoesIt(t *testing.T) {
	small := cond.Expr{Field: "form.area", Op: cond.Lt, Value: "100"}
	huge := cond.Expr{Field: "form.area", Op: cond.Gt, Value: "100"}
	for _, c := range []struct {
		name   string
		assign flow.Assign
		want   string // post, taker, reason, share
	}{
		{"post", flow.Assign{By: flow.ByPost}, "review - post -"},
		{"load", flow.Assign{By: flow.ByLoad}, "review li load load"},
		{"role", flow.Assign{By: flow.ByRole, Role: "decide"}, "decide - role -"},
		{"role and load", flow.Assign{By: flow.ByRole, Role: "decide", Load: true}, "decide wang role load"},
		{"a role nobody has", flow.Assign{By: flow.ByRole, Role: "deliver"}, "review - nobody -"},
		{"region", flow.Assign{By: flow.ByRegion, Field: "case.region"}, "town - region -"},
		{"a region that is not answered", flow.Assign{By: flow.ByRegion, Field: "form.nothing", Load: true}, "review li nobody load"},
		{"rule", flow.Assign{By: flow.ByRule, Rules: []flow.Rule{{When: huge, Post: "decide"}, {When: small, Post: "town"}}}, "town - rule -"},
		{"a rule with a person", flow.Assign{By: flow.ByRule, Rules: []flow.Rule{{When: small, Staff: "zhou"}}}, "review zhou rule rule"},
		{"a person without the post", flow.Assign{By: flow.ByRule, Rules: []flow.Rule{{When: small, Staff: "wang"}}}, "review - rule nobody"},
		{"no rule holds", flow.Assign{By: flow.ByRule, Rules: []flow.Rule{{When: huge, Post: "decide"}}}, "review - nobody -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, k *kit) {
				k.works(assigned(c.assign))
				k.off.regions = map[string]string{"town": "580102001"}
				k.off.posts["town"] = org.Post{Key: "town", Agency: "town", Acts: []string{"review"}, Items: []string{"food"}}
				k.off.staff["zhen"] = org.Staff{ID: "zhen", Posts: []string{"town"}}
				if c.name == "region" { // of the town, not of the county above it
					it := k.items.all["food"]
					it.Region = "580102001"
					k.items.all["food"] = it
				}
				id := k.taken()
				d := k.see("zhou", id)
				p := d.Placed["review"]
				dash := func(s string) string {
					if s == "" {
						return "-"
					}
					return s
				}
				got := strings.Join([]string{d.Post, dash(d.TakenBy), p.Reason, dash(p.Share)}, " ")
				if got != c.want {
					t.Errorf("%s, want %s (%+v)", got, c.want, p)
				}
				if got := strings.Replace(open(d.Tasks), "*", "", 1); got != "review/"+p.Post+p.Staff {
					t.Errorf("task %s", got)
				}
				if p.Post == "town" {
					_, err := k.Opinion(t.Context(), staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
					k.refused(err, "cases.not_your_part")
					_, err = k.Opinion(t.Context(), staff("zhen"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
					k.ok(err)
				}
				k.replays()
			})
		})
	}
}

// TestLoadIsShared: of the holders whoever has the fewest open tasks, of equals the one idle for longest, and nobody who is kept away.
func TestLoadIsShared(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(assigned(flow.Assign{By: flow.ByLoad}))
		var got []string
		for i := range 5 {
			id := k.submitted(firm, fmt.Sprint("c", i)).CaseID
			k.set(fmt.Sprintf("2026-03-02 1%d:00", i))
			_, err := k.Accept(t.Context(), staff("zhou"), id, k.v(id))
			k.ok(err)
			d := k.see("zhou", id)
			got = append(got, d.TakenBy)
			if i == 2 { // li is done with the first one
				_, err := k.Opinion(t.Context(), staff("li"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
				k.ok(err)
			}
		}
		if strings.Join(got, " ") != "li zhou li zhou li" {
			t.Errorf("shared %v", got)
		}
		def := flows["asking"]
		def.Steps[1].NotBy = []string{"accept"}
		flows["asking"] = def
		for range 3 {
			id := k.submitted(firm, fmt.Sprint("n", k.v(k.ids()[0]), len(k.ids()))).CaseID
			_, err := k.Accept(t.Context(), staff("li"), id, k.v(id))
			k.ok(err)
			if d := k.see("zhou", id); d.TakenBy != "zhou" {
				t.Errorf("given to %q, who accepted it", d.TakenBy)
			}
		}
	})
}

// TestWorkIsHandedOverForATime: what the colleague does is written down as done for the other, and it comes back.
func TestWorkIsHandedOverForATime(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(review("review"))
		ctx := t.Context()
		id := k.taken()
		for key, bad := range map[string]cases.Delegation{
			"cases.not_a_colleague": {Staff: "huo", Until: "2026-03-04"}, "cases.lend_until": {Staff: "li", Until: "2026-03-01"},
		} {
			_, err := k.Delegate(ctx, staff("zhou"), id, k.v(id), bad)
			if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != key {
				t.Errorf("%s: %v", key, err)
			}
		}
		_, err := k.Delegate(ctx, staff("zhou"), id, k.v(id), cases.Delegation{Staff: "li", Until: "2026-03-04"})
		k.ok(err)
		if d := k.see("zhou", id); d.TakenBy != "li" {
			t.Fatalf("with %s", d.TakenBy)
		}
		_, err = k.Delegate(ctx, staff("li"), id, k.v(id), cases.Delegation{Staff: "zhou", Until: "2026-03-04"})
		k.refused(err, "cases.lent_already")
		k.set("2026-03-05 00:10")
		k.drain()
		if d := k.see("zhou", id); d.TakenBy != "zhou" {
			t.Fatalf("after its time with %q", d.TakenBy)
		}
		_, err = k.Delegate(ctx, staff("zhou"), id, k.v(id), cases.Delegation{Staff: "li", Until: "2026-03-06"})
		k.ok(err)
		_, err = k.Opinion(ctx, staff("li"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
		k.ok(err)
		d := k.see("wang", id)
		if o := d.Opinions[0]; o.By != "staff:li" || o.For != "staff:zhou" {
			t.Errorf("said by %s for %s", o.By, o.For)
		}
		k.set("2026-03-07 00:10")
		k.drain() // what is over comes back to nobody
		if d := k.see("wang", id); d.Step != "decide" || d.TakenBy != "" {
			t.Errorf("at %s with %q", d.Step, d.TakenBy)
		}
		k.replays()
	})
}

// versioned makes these the versions of the food licence, the last one the newest.
func (k *kit) versioned(all map[int]catalog.Item) {
	for v, it := range all {
		k.items.all[fmt.Sprint("food@", v)] = it
	}
	k.items.all["food"] = all[len(all)]
}

// TestARunningCaseGoesOver: planned without being done, done with a reason by who decides, never with a later deadline, and refused where the present
// step is gone or the case is decided.
func TestARunningCaseGoesOver(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(review("review"), consult("ask", ""))
		ctx := t.Context()
		it := k.items.all["food"]
		it.Version = 1
		k.items.all["food"] = it
		id := k.taken()
		before := k.see("zhou", id)
		_, err := k.PlanMigration(ctx, staff("wang"), id, 0)
		k.refused(err, "cases.same_version")
		next := it
		next.Version, next.Flow = 2, "asking2"
		next.Limits.Promised.N, next.Limits.Legal.N = it.Limits.Promised.N+5, it.Limits.Legal.N+5
		next.Materials = append(slices.Clone(it.Materials), catalog.Material{Key: "new", Name: "新材料", Required: catalog.RequiredYes})
		def := flows["asking"]
		def.Key = "asking2"
		def.Steps = []flow.Step{def.Steps[0], {Key: "look", Name: "初审", Kind: flow.Review, Post: "review"}, def.Steps[1], def.Steps[3]}
		def.Steps[2].Name = "复审"
		flows["asking2"] = def
		k.versioned(map[int]catalog.Item{1: it, 2: next})
		_, err = k.PlanMigration(ctx, staff("zhou"), id, 0)
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("who only examines plans: %v", err)
		}
		p, err := k.PlanMigration(ctx, staff("wang"), id, 0)
		k.ok(err)
		if len(p.Steps) != 1 || p.Steps[0].Is != "复审" || strings.Join(p.Missed, "") != "初审" || strings.Join(p.Wanted, "") != "新材料" || !p.Due.Equal(p.DueAfter) {
			t.Errorf("plan %+v", p)
		}
		if d := k.see("zhou", id); d.ItemVersion != 1 || d.StepName != "审查" {
			t.Error("planning did it")
		}
		_, err = k.Migrate(ctx, staff("wang"), id, k.v(id), cases.Migration{})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		_, err = k.Migrate(ctx, staff("wang"), id, k.v(id), cases.Migration{Reason: "新规施行"})
		k.ok(err)
		d := k.see("zhou", id)
		if d.ItemVersion != 2 || d.StepName != "复审" || open(d.Tasks) != "review/review*" || len(d.Migrations) != 1 || d.Migrations[0].Reason != "新规施行" {
			t.Errorf("went over: %+v %s", d.Case, open(d.Tasks))
		}
		if !d.Clock.LegalDue.Equal(before.Clock.LegalDue) || !d.Clock.PromisedDue.Equal(before.Clock.PromisedDue) {
			t.Errorf("deadlines moved: %v, %v", before.Clock, d.Clock)
		}
		k.replays()
		shorter := next
		shorter.Version, shorter.Limits.Promised.N = 3, 2
		k.versioned(map[int]catalog.Item{1: it, 2: next, 3: shorter})
		_, err = k.Migrate(ctx, staff("wang"), id, k.v(id), cases.Migration{Reason: "承诺提速"})
		k.ok(err)
		if d := k.see("zhou", id); !d.Clock.PromisedDue.Before(before.Clock.PromisedDue) {
			t.Error("a shorter promise does not hold")
		}
		gone := shorter
		gone.Version, gone.Flow = 4, "asking4"
		flows["asking4"] = flow.Definition{Key: "asking4", Steps: []flow.Step{def.Steps[0], def.Steps[3]}}
		k.versioned(map[int]catalog.Item{1: it, 2: next, 3: shorter, 4: gone})
		_, err = k.Migrate(ctx, staff("wang"), id, k.v(id), cases.Migration{Reason: "试试"})
		k.refused(err, "flow.carry_gone")
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
		k.ok(err)
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		_, err = k.Migrate(ctx, staff("wang"), id, k.v(id), cases.Migration{Reason: "晚了"})
		k.refused(err, "cases.not_now")
		if k.events("cases.migrated") != 2 {
			t.Error("not told")
		}
		k.replays()
	})
}
