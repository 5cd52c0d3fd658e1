package cases_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

func (o *offices) Posts(_ context.Context, agency string) (out []org.Post) {
	for _, p := range o.posts {
		if agency == "" || p.Agency == agency {
			out = append(out, p)
		}
	}
	return out
}

func (o *offices) StaffOfPost(_ context.Context, post string) (out []org.Staff) {
	for _, s := range o.staff {
		if slices.Contains(s.Posts, post) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b org.Staff) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// works makes the food licence run by a flow whose steps stand between acceptance and decision, with a fire service beside the market office.
func (k *kit) works(steps ...flow.Step) {
	all := append([]flow.Step{{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"}}, steps...)
	flows["asking"] = flow.Definition{Key: "asking", Name: "征求意见", Steps: append(all, flow.Step{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide"})}
	it := foodItem()
	it.Flow = "asking"
	k.items.all["food"] = it
	k.off.posts["fire"] = org.Post{Key: "fire", Agency: "fire", Name: "消防意见岗", Acts: []string{"review"}, Items: []string{"other"}}
	k.off.staff["huo"] = org.Staff{ID: "huo", Name: "工作人员huo", Posts: []string{"fire"}}
}

func consult(key, silence string) flow.Step {
	return flow.Step{Key: key, Name: "征求消防意见", Kind: flow.Consult, Post: "fire", Question: "疏散通道是否够宽？", Limit: &clock.Period{N: 2, Unit: clock.Workday}, Silence: silence, Hide: []string{"fee"}}
}

func review(key string) flow.Step {
	return flow.Step{Key: key, Name: "审查", Kind: flow.Review, Post: "review"}
}

func (k *kit) taken() string {
	k.t.Helper()
	id := k.submitted(firm, "c1").CaseID
	_, err := k.Accept(k.t.Context(), staff("zhou"), id, k.v(id))
	k.ok(err)
	return id
}

func (k *kit) see(who, id string) cases.Detail {
	k.t.Helper()
	d, err := k.Case(k.t.Context(), staff(who), id)
	k.ok(err)
	return d
}

func (k *kit) blind(who, id string) bool {
	_, err := k.Case(k.t.Context(), staff(who), id)
	return errs.KindOf(err) == errs.NotFound
}

var agrees = cases.Answer{Outcome: cases.AnswerAgree, Text: "通道够宽"}

// TestAnotherAgencyIsAskedByTheFlow: it sees the application while it can answer, and nothing that was said about it; its answer moves the flow on.
func TestAnotherAgencyIsAskedByTheFlow(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(review("review"), consult("ask", ""))
		ctx := t.Context()
		id := k.taken()
		_, err := k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "内部意见"})
		k.ok(err)
		d := k.see("huo", id)
		if !d.Consulted || len(d.Consults) != 1 || d.Consults[0].Question != "疏散通道是否够宽？" || !slices.Contains(d.May, cases.ActAnswer) || len(d.Review) == 0 {
			t.Fatalf("the fire service sees %+v, may %v", d.Consults, d.May)
		}
		if len(d.Opinions)+len(d.History)+len(d.Inspections) > 0 || d.Contact.Phone != "" || open(d.Tasks) != "ask/fire*" {
			t.Errorf("sees what was said inside: %+v %+v %s", d.Opinions, d.Contact, open(d.Tasks))
		}
		if _, err := k.Reveal(ctx, staff("huo"), id, "form.address", "核对"); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a consulted agency reveals: %v", err)
		}
		wantDue(t, d.Consults[0].Due, "2026-03-04 23:59:59")
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "可以"})
		k.refused(err, "cases.wrong_step")
		_, err = k.Answer(ctx, staff("zhou"), id, k.v(id), agrees)
		k.refused(err, "cases.not_your_part")
		_, err = k.Answer(ctx, staff("huo"), id, k.v(id), cases.Answer{Outcome: cases.AnswerObject})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("objects without a reason: %v", err)
		}
		_, err = k.TakeUp(ctx, staff("huo"), id, k.v(id), "")
		k.ok(err)
		_, err = k.Answer(ctx, staff("huo"), id, k.v(id), agrees)
		k.ok(err)
		if !k.blind("huo", id) {
			t.Error("the fire service sees the case after its answer")
		}
		if p, err := k.Inbox(ctx, staff("huo"), cases.Filter{Tab: cases.TabAll}); err != nil || len(p.Cases) > 0 {
			t.Errorf("still listed: %v", err)
		}
		d = k.see("wang", id)
		if c := d.Consults[0]; c.Outcome != "agree" || c.Answer != "通道够宽" || c.Late() || c.Open() || open(d.Tasks) != "decide/decide*" {
			t.Errorf("the answer on the case: %+v, %s", c, open(d.Tasks))
		}
		if own, err := k.Case(ctx, firm, id); err != nil || len(own.Consults) > 0 {
			t.Error("the applicant sees what agencies tell each other")
		}
		if k.events("cases.consulted") != 1 || k.events("cases.consult_answered") != 1 {
			t.Error("not told once")
		}
		k.replays()
	})
}

// TestSilenceStandsForAnOpinion: after the deadline the flow goes on by itself, what comes late is recorded, and after the decision nothing is.
func TestSilenceStandsForAnOpinion(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(consult("ask", flow.SilenceAgree), review("review"))
		ctx := t.Context()
		id := k.taken()
		k.set("2026-03-04 23:00")
		k.drain()
		if k.see("zhou", id).Step != "ask" {
			t.Fatal("silence spoke before the deadline")
		}
		k.set("2026-03-05 00:30")
		k.drain()
		d := k.see("zhou", id)
		if d.Step != "review" || d.Consults[0].Outcome != flow.SilentAgree || d.Consults[0].Silent.IsZero() || d.Outcome != "" {
			t.Fatalf("after the deadline: at %s, %+v", d.Step, d.Consults[0])
		}
		if got := open(k.see("huo", id).Tasks); !strings.HasPrefix(got, "_ask:") {
			t.Errorf("who was asked has %q", got)
		}
		_, err := k.Answer(ctx, staff("huo"), id, k.v(id), cases.Answer{Outcome: cases.AnswerObject, Text: "通道太窄"})
		k.ok(err)
		d = k.see("zhou", id)
		if c := d.Consults[0]; c.Outcome != cases.AnswerObject || !c.Late() || c.Silent.IsZero() || d.Step != "review" || open(d.Tasks) != "review/review*" {
			t.Errorf("a late answer: %+v, %s", c, open(d.Tasks))
		}
		_, err = k.Answer(ctx, staff("huo"), id, k.v(id), agrees)
		if errs.KindOf(err) != errs.NotFound { // no business with it any more
			t.Errorf("answered twice: %v", err)
		}
		k.replays()
	})
}

// TestAStopHoldsTheDeadlineOfAQuestion: the clock of the step that asks stands still with the others.
func TestAStopHoldsTheDeadlineOfAQuestion(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(consult("ask", flow.SilenceNone))
		ctx := t.Context()
		id := k.taken()
		k.set("2026-03-03 10:00")
		_, err := k.Suspend(ctx, staff("zhou"), id, k.v(id), cases.Suspension{Ground: "testing", N: 3, Unit: clock.Workday, Reason: "送检"})
		k.ok(err)
		k.set("2026-03-06 10:00")
		k.drain()
		if c := k.see("zhou", id).Consults[0]; !c.Silent.IsZero() {
			t.Fatal("silence spoke while the clock stood still")
		}
		_, err = k.Resume(ctx, staff("zhou"), id, k.v(id), "合格")
		k.ok(err)
		k.set("2026-03-11 09:00")
		k.drain()
		if d := k.see("wang", id); d.Step != "decide" || d.Consults[0].Outcome != flow.SilentNone {
			t.Errorf("after the stop: at %s, %+v", d.Step, d.Consults[0])
		}
		k.replays()
	})
}

// TestAnOfficerAsks: beside the flow, waiting or not, taken back, and never of the own agency or past the legal period.
func TestAnOfficerAsks(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(review("review"))
		ctx := t.Context()
		id := k.taken()
		q := cases.Question{Post: "fire", Text: "通道？", N: 3, Wait: true}
		for key, bad := range map[string]cases.Question{
			"cases.ask_own": {Post: "decide", Text: "？", N: 3}, "cases.choose_post": {Post: "nobody", Text: "？", N: 3}, "cases.give_question": {Post: "fire", N: 3},
			"cases.ask_length": {Post: "fire", Text: "？", N: 0}, "cases.choose_silence": {Post: "fire", Text: "？", N: 3, Silence: "grant"}, "cases.ask_beyond": {Post: "fire", Text: "？", N: 60, Wait: true},
		} {
			_, err := k.Ask(ctx, staff("zhou"), id, k.v(id), bad)
			if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != key {
				t.Errorf("%s: %v", key, err)
			}
		}
		_, err := k.Ask(ctx, staff("chen"), id, k.v(id), q)
		if err == nil {
			t.Error("who does not handle the step asks")
		}
		_, err = k.Ask(ctx, staff("zhou"), id, k.v(id), q)
		k.ok(err)
		_, err = k.Ask(ctx, staff("zhou"), id, k.v(id), q)
		if e := errs.As(err); e == nil || e.Fields[0].Key != "cases.asked_already" {
			t.Errorf("asked twice: %v", err)
		}
		if p, err := k.Inbox(ctx, staff("huo"), cases.Filter{}); err != nil || len(p.Cases) != 1 {
			t.Errorf("not in the inbox of who was asked: %v", err)
		}
		pass := cases.Opinion{Outcome: cases.OpinionPass, Text: "齐全"}
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), pass)
		k.refused(err, "cases.waits_for_answer")
		_, err = k.Recall(ctx, staff("huo"), id, k.v(id), "")
		k.refused(err, "cases.not_your_part")
		_, err = k.Recall(ctx, staff("li"), id, k.v(id), "") // a colleague of who asked
		k.ok(err)
		if !k.blind("huo", id) {
			t.Error("sees the case after the question was taken back")
		}
		q.Wait = false
		_, err = k.Ask(ctx, staff("zhou"), id, k.v(id), q)
		k.ok(err)
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), pass)
		k.ok(err)
		_, err = k.Answer(ctx, staff("huo"), id, k.v(id), agrees)
		k.ok(err)
		if d := k.see("wang", id); d.Step != "decide" || len(d.Consults) != 2 || d.Consults[1].Answer != "通道够宽" || d.Consults[0].Withdrawn.IsZero() {
			t.Errorf("at %s: %+v", d.Step, d.Consults)
		}
		_, err = k.Ask(ctx, staff("wang"), id, k.v(id), q)
		k.ok(err)
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		if d := k.see("wang", id); d.Consults[2].Open() || slices.ContainsFunc(d.Tasks, func(x cases.Task) bool { return x.Kind == cases.TaskAsk && x.Closed.IsZero() }) || !k.blind("huo", id) {
			t.Error("the question outlived the decision")
		}
		k.replays()
	})
}

// TestExperts: named with declarations, who has an interest stands aside, and without enough opinions there is no conclusion.
func TestExperts(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.works(flow.Step{Key: "panel", Name: "专家评审", Kind: flow.Expert, Post: "review", Need: 2})
		ctx := t.Context()
		id := k.taken()
		x := func(name string, conflict bool) cases.Expert {
			return cases.Expert{Name: name, Unit: "清澜大学", Declared: true, Conflict: conflict, Note: map[bool]string{true: "申请人的老师"}[conflict]}
		}
		say := func(outcome string) cases.Expert { return cases.Expert{Outcome: outcome, Opinion: "符合"} }
		done := cases.Expertise{Outcome: cases.OpinionPass, Conclusion: "可行", Opinions: map[int]cases.Expert{0: say("pass"), 2: say("fail")}}
		_, err := k.ConcludeExperts(ctx, staff("zhou"), id, k.v(id), done)
		k.refused(err, "cases.experts_first")
		_, err = k.NameExperts(ctx, staff("zhou"), id, k.v(id), "", []cases.Expert{x("甲", false), x("乙", true)})
		if e := errs.As(err); e == nil || e.Fields[0].Key != "cases.too_few_experts" {
			t.Errorf("one without an interest: %v", err)
		}
		_, err = k.NameExperts(ctx, staff("zhou"), id, k.v(id), "", []cases.Expert{{Name: "甲", Unit: "大学"}, x("丙", false)})
		if e := errs.As(err); e == nil || e.Fields[0].Key != "cases.expert_declare" {
			t.Errorf("no declaration: %v", err)
		}
		_, err = k.Suspend(ctx, staff("zhou"), id, k.v(id), cases.Suspension{Ground: "expert_review", N: 10, Unit: clock.Workday, Reason: "组织评审"})
		k.ok(err)
		_, err = k.NameExperts(ctx, staff("zhou"), id, k.v(id), "", []cases.Expert{x("甲", false), x("乙", true), x("丙", false)})
		k.ok(err)
		for key, bad := range map[string]cases.Expertise{
			"cases.expert_conflict":   {Outcome: "pass", Conclusion: "可", Opinions: map[int]cases.Expert{0: say("pass"), 1: say("pass")}},
			"cases.too_few_opinions":  {Outcome: "pass", Conclusion: "可", Opinions: map[int]cases.Expert{0: say("pass")}},
			"cases.expert_conclusion": {Outcome: "pass", Opinions: done.Opinions},
			"cases.unknown_photo":     {Outcome: "pass", Opinions: done.Opinions, Files: []string{"another"}},
		} {
			_, err := k.ConcludeExperts(ctx, staff("zhou"), id, k.v(id), bad)
			if e := errs.As(err); e == nil || !slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Key == key }) {
				t.Errorf("%s: %v", key, err)
			}
		}
		f, err := k.AttachExpertise(ctx, staff("zhou"), id, cases.Upload{ClientKey: "e1", Name: "结论.png", Size: int64(len(png)), Body: strings.NewReader(string(png))})
		k.ok(err)
		done.Conclusion, done.Files = "", []string{f.ID}
		_, err = k.ConcludeExperts(ctx, staff("zhou"), id, k.v(id), done)
		k.ok(err)
		d := k.see("wang", id)
		if d.Step != "decide" || d.State != cases.Suspended || len(d.Panels) != 1 || d.Panels[0].Concluded.IsZero() || len(d.ExpertFiles) != 1 || len(d.Photos) != 0 {
			t.Errorf("at %s, %s: %+v", d.Step, d.State, d.Panels)
		}
		if _, r, err := k.MaterialFile(ctx, staff("wang"), id, f.ID); err != nil {
			t.Error(err)
		} else {
			_ = r.Close()
		}
		if n := dbtest.Count(t, k.d, "cases_opinion", "CAST(body AS TEXT) LIKE $1", "%清澜大学%"); n > 0 {
			t.Error("experts stand readable in the database")
		}
		_, err = k.Resume(ctx, staff("wang"), id, k.v(id), "评审结束")
		k.ok(err)
		k.replays()
	})
}
