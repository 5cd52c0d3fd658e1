package cases_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// randomSteps makes steps between acceptance and decision: consultations, experts, countersigns and reviews, also in lanes, some assigned by load.
func randomSteps(r *rand.Rand) []flow.Step {
	n := 0
	leaf := func() flow.Step {
		n++
		key := fmt.Sprint("s", n)
		switch r.IntN(5) {
		case 0, 1:
			return consult(key, []string{"", flow.SilenceAgree, flow.SilenceNone}[r.IntN(3)])
		case 2:
			return flow.Step{Key: key, Name: key, Kind: flow.Expert, Post: "review", Need: 1}
		case 3:
			return flow.Step{Key: key, Name: key, Kind: flow.Countersign, Posts: []string{"review", "fire"}, Need: 1}
		}
		st := review(key)
		if r.IntN(2) == 0 {
			st.Assign = &flow.Assign{By: flow.ByLoad}
		}
		return st
	}
	var out []flow.Step
	for range 1 + r.IntN(3) {
		if r.IntN(2) == 0 {
			out = append(out, leaf())
			continue
		}
		n++
		out = append(out, flow.Step{Key: fmt.Sprint("par", n), Name: "并行", Kind: flow.Parallel, Parallel: [][]flow.Step{{leaf()}, {leaf(), leaf()}}})
	}
	return out
}

// anyAct does something to a case, whether it may be done or not.
func (k *kit) anyAct(r *rand.Rand, id string, who string) error {
	ctx, a, v := k.t.Context(), staff(who), k.v(id)
	d, err := k.Case(ctx, a, id)
	if err != nil {
		return err
	}
	var mine []cases.Task
	for _, t := range d.Tasks {
		if t.Mine && t.Kind != cases.TaskAsk {
			mine = append(mine, t)
		}
	}
	step, kind := "", ""
	if len(mine) > 0 {
		t := mine[r.IntN(len(mine))]
		step, kind = t.Step, t.Kind
	}
	var back []string
	for _, st := range d.Flow.Walk() {
		back = append(back, st.Key)
	}
	switch r.IntN(12) {
	case 0:
		_, err = k.Opinion(ctx, a, id, v, cases.Opinion{Step: step, Outcome: cases.OpinionReturn, To: back[r.IntN(len(back))], Text: "退回"})
	case 1:
		_, err = k.Ask(ctx, a, id, v, cases.Question{Step: step, Post: "fire", Text: "？", N: 1 + r.IntN(3), Silence: []string{"", "agree", "none"}[r.IntN(3)], Wait: r.IntN(2) == 0})
	case 2:
		_, err = k.Recall(ctx, a, id, v, "")
	case 3:
		_, err = k.TakeUp(ctx, a, id, v, step)
	case 4:
		_, err = k.Release(ctx, a, id, v, step)
	case 5:
		_, err = k.Delegate(ctx, a, id, v, cases.Delegation{Step: step, Staff: []string{"zhou", "li", "ma"}[r.IntN(3)], Until: k.now().In(clock.Shanghai).AddDate(0, 0, r.IntN(3)).Format(time.DateOnly)})
	case 6, 7:
		_, err = k.Answer(ctx, a, id, v, agrees)
	default:
		switch kind {
		case flow.Expert:
			if _, err = k.NameExperts(ctx, a, id, v, step, []cases.Expert{{Name: "甲", Unit: "大学", Declared: true}}); err == nil {
				_, err = k.ConcludeExperts(ctx, a, id, k.v(id), cases.Expertise{Step: step, Outcome: "pass", Conclusion: "可行", Opinions: map[int]cases.Expert{0: {Outcome: "pass", Opinion: "可"}}})
			}
		case flow.Decide:
			_, err = k.Decide(ctx, a, id, v, cases.Decision{Outcome: cases.Grant})
		default:
			_, err = k.Opinion(ctx, a, id, v, cases.Opinion{Step: step, Outcome: cases.OpinionPass, Text: "可以"})
		}
	}
	return err
}

// sound checks that the work on a case is what its flow says, and that no question or task is left over.
func (k *kit) sound(id string) {
	k.t.Helper()
	d := k.see("zhou", id)
	var has, want []string
	for _, t := range d.Tasks {
		if t.Closed.IsZero() && t.Kind != cases.TaskAsk {
			has = append(has, t.Step+"/"+t.Post+"="+t.TakenBy)
		}
	}
	if d.State.Open() {
		for _, t := range flow.Open(d.Flow, d.Flowing) {
			want = append(want, t.Step.Key+"/"+t.Post+"="+strings.Join(t.With, ""))
		}
	}
	slices.Sort(has)
	slices.Sort(want)
	if !slices.Equal(has, want) {
		k.t.Fatalf("work %v, the flow says %v", has, want)
	}
	asks := 0
	for _, t := range d.Tasks {
		if t.Kind == cases.TaskAsk && t.Closed.IsZero() {
			asks++
		}
	}
	for _, c := range d.Consults {
		if c.Open() && d.Outcome != "" {
			k.t.Fatalf("a question outlived the decision: %+v", c)
		}
		inFlow := c.InFlow && c.Silent.IsZero()
		if c.Open() && !inFlow {
			asks--
		}
		if c.Open() && inFlow && !slices.ContainsFunc(flow.Open(d.Flow, d.Flowing), func(t flow.Task) bool { return t.Step.Key == c.Step }) {
			k.t.Fatalf("the flow asks nothing any more, the question is open: %+v", c)
		}
	}
	if asks != 0 {
		k.t.Fatalf("%d tasks of answering without a question, or the other way round", asks)
	}
}

// TestRandomFlowsWithOthers drives random flows with consultations in lanes by random acts of random people, with silence, stops of time and returns:
// after every act the work is what the flow says, every case can be decided, and nothing is left over.
func TestRandomFlowsWithOthers(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		r := rand.New(rand.NewPCG(21, 22))
		done := map[string]int{}
		for i := range 12 {
			k.set("2026-03-02 10:00")
			k.works(randomSteps(r)...)
			k.off.staff["ma"] = org.Staff{ID: "ma", Posts: []string{"fire", "review"}}
			id := k.submitted(firm, fmt.Sprint("c", i)).CaseID
			_, err := k.Accept(t.Context(), staff("zhou"), id, k.v(id))
			k.ok(err)
			for range 25 {
				err := k.anyAct(r, id, []string{"zhou", "li", "huo", "ma"}[r.IntN(4)])
				if err != nil && errs.KindOf(err) == errs.Internal {
					t.Fatal(err)
				}
				done[map[bool]string{true: "done", false: "refused"}[err == nil]]++
				if r.IntN(8) == 0 {
					k.mu.Lock()
					k.at = k.at.AddDate(0, 0, 1+r.IntN(3))
					k.mu.Unlock()
					k.drain()
				}
				k.sound(id)
			}
			k.bringToEnd(r, id)
			k.sound(id)
			k.replays()
		}
		if done["done"] < 60 || done["refused"] < 60 {
			t.Errorf("%v: the test shows little", done)
		}
	})
}

// bringToEnd answers what is asked and does what is open until the case is decided.
func (k *kit) bringToEnd(r *rand.Rand, id string) {
	k.t.Helper()
	ctx := k.t.Context()
	for range 400 {
		d := k.see("zhou", id)
		if d.Outcome != "" {
			return
		}
		if d.StepKind == flow.Decide {
			for _, c := range d.Consults {
				if c.Open() {
					_, err := k.Answer(ctx, staff("huo"), id, k.v(id), cases.Answer{ID: c.ID, Outcome: cases.AnswerAgree})
					k.ok(err)
				}
			}
			_, err := k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
			k.ok(err)
			continue
		}
		who := []string{"zhou", "li", "huo", "ma"}[r.IntN(4)]
		d, err := k.Case(ctx, staff(who), id)
		if err != nil {
			continue
		}
		for _, c := range d.Consults {
			if c.Mine && c.Open() {
				_, err := k.Answer(ctx, staff(who), id, k.v(id), cases.Answer{ID: c.ID, Outcome: cases.AnswerAgree})
				k.ok(err)
			}
		}
		for _, t := range d.Tasks {
			switch {
			case !t.Mine || !t.Closed.IsZero():
			case t.Kind == flow.Expert:
				if _, err = k.NameExperts(ctx, staff(who), id, k.v(id), t.Step, []cases.Expert{{Name: "甲", Unit: "大学", Declared: true}}); err == nil {
					_, _ = k.ConcludeExperts(ctx, staff(who), id, k.v(id), cases.Expertise{Step: t.Step, Outcome: "pass", Conclusion: "可行", Opinions: map[int]cases.Expert{0: {Outcome: "pass", Opinion: "可"}}})
				}
			case t.Kind == flow.Review || t.Kind == flow.Countersign:
				_, _ = k.Opinion(ctx, staff(who), id, k.v(id), cases.Opinion{Step: t.Step, Outcome: cases.OpinionPass, Text: "可以"})
			}
		}
	}
	d := k.see("zhou", id)
	k.t.Fatalf("stuck at %s: %s", open(d.Tasks), d.State)
}
