package flow

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

func asked(key, silence string) Step {
	return Step{Key: key, Name: "征求" + key, Kind: Consult, Post: "other", Limit: &clock.Period{N: 2, Unit: clock.Workday}, Silence: silence}
}

// asking is a flow that asks in sequence, in a lane and has experts.
func asking() Definition {
	return Definition{Key: "asking", Name: "征求意见", Steps: []Step{
		{Key: "accept", Name: "受理", Kind: Accept, Post: "p"},
		asked("first", SilenceNone),
		{Key: "both", Name: "并联", Kind: Parallel, Parallel: [][]Step{
			{asked("lane", SilenceAgree), opinion("after", 1)},
			{{Key: "experts", Name: "专家评审", Kind: Expert, Post: "p", Need: 3}},
		}},
		{Key: "decide", Name: "决定", Kind: Decide, Post: "d"},
	}}
}

func TestChecksOfOpinionsAndAssignment(t *testing.T) {
	if ps := asking().Check(promise); len(ps) > 0 {
		t.Fatal(ps)
	}
	assign := func(a Assign) func(*Definition) { return func(d *Definition) { d.Steps[0].Assign = &a } }
	for name, c := range map[string]struct {
		key    string
		change func(*Definition)
	}{
		"no deadline":              {"flow.consult_limit", func(d *Definition) { d.Steps[1].Limit = nil }},
		"no known silence":         {"flow.bad_silence", func(d *Definition) { d.Steps[1].Silence = "grant" }},
		"silence decides":          {"flow.silence_only_opinion", func(d *Definition) { d.Steps[3].Silence = SilenceAgree }},
		"nobody is asked":          {"flow.no_post", func(d *Definition) { d.Steps[1].Post = "" }},
		"asked after deciding":     {"flow.wrong_order", func(d *Definition) { d.Steps = append(d.Steps[:1:1], d.Steps[2], d.Steps[3], d.Steps[1]) }},
		"no experts":               {"flow.expert_need", func(d *Definition) { d.Steps[2].Parallel[1][0].Need = 0 }},
		"asks too long":            {"flow.over_promise", func(d *Definition) { d.Steps[1].Limit.N = 9 }},
		"unknown way of assigning": {"flow.assign_by", assign(Assign{By: "mood"})},
		"unknown role":             {"flow.assign_role", assign(Assign{By: ByRole, Role: "king"})},
		"region without a field":   {"flow.assign_field", assign(Assign{By: ByRegion})},
		"no rules":                 {"flow.assign_no_rules", assign(Assign{By: ByRule})},
		"a rule for nobody":        {"flow.assign_rule_nobody", assign(Assign{By: ByRule, Rules: []Rule{{}}})},
		"a rule nobody reaches":    {"flow.assign_rule_unreached", assign(Assign{By: ByRule, Rules: []Rule{{Post: "a"}, {Post: "b"}}})},
		"a role without its way":   {"flow.assign_extra", assign(Assign{By: ByLoad, Role: Review})},
		"assigned lanes":           {"flow.assign_not_here", func(d *Definition) { d.Steps[2].Assign = &Assign{By: ByLoad} }},
	} {
		d := asking()
		c.change(&d)
		if got := d.Check(promise); len(got) != 1 || got[0].Key != c.key {
			t.Errorf("%s: %v", name, got)
		}
	}
	d := asking()
	d.Steps[0].Assign = &Assign{By: ByRegion, Field: "form.nowhere"}
	d.Steps[1].Assign = &Assign{By: ByRule, Rules: []Rule{{When: cond.Expr{Field: "form.gone", Op: cond.Eq, Value: "1"}, Post: "a"}}}
	ps := d.CheckWhen(cond.Scope{"form.place": {Type: cond.Text}})
	if len(ps) != 2 || ps[0].Path != "/steps/0/assign/field" || ps[1].Path != "/steps/1/assign/rules/0/when/field" {
		t.Errorf("fields the form does not have: %v", ps)
	}
}

func TestAskedInSequenceAndInALane(t *testing.T) {
	d := asking()
	s, _ := run(t, d, nil, did("accept", "", "a"))
	if open(d, s) != "first/other" {
		t.Fatalf("open: %s", open(d, s))
	}
	s, _, err := Next(d, s, did("first", SilentNone, "system"), nil)
	if err != nil || open(d, s) != "lane/other experts/p" {
		t.Fatalf("after silence: %s, %v", open(d, s), err)
	}
	s = Place(d, s, "lane", "elsewhere", "x")
	if open(d, s) != "lane/elsewhere=x experts/p" {
		t.Errorf("placed: %s", open(d, s))
	}
	s = Lend(d, s, "lane", "y", Lent{From: "x", TillMS: 5})
	if got := Open(d, s)[0]; got.With[0] != "y" || got.Lent.From != "x" || got.Post != "elsewhere" {
		t.Errorf("lent: %+v", got)
	}
	if after := Place(d, s, "decide", "q", "x"); !reflect.DeepEqual(after, s) {
		t.Error("a step that is not open was placed")
	}
	s, _, _ = Next(d, s, did("lane", "object", "y"), nil)
	s, _, err = Next(d, s, Event{Kind: EventReturn, Step: "after", To: "lane", By: []string{"z"}}, nil)
	if err != nil || open(d, s) != "lane/other experts/p" {
		t.Errorf("asked again: %s, %v", open(d, s), err)
	}
	s, _, err = Next(d, s, Event{Kind: EventReturn, Step: "experts", To: "first", By: []string{"z"}}, nil)
	if err != nil || open(d, s) != "first/other" {
		t.Errorf("out of the lanes: %s, %v", open(d, s), err)
	}
}

// randomFlow makes a lawful flow of random steps between acceptance and decision.
func randomFlow(r *rand.Rand) Definition {
	n := 0
	leaf := func() Step {
		n++
		key := fmt.Sprint("s", n)
		var when cond.Expr
		if r.IntN(5) == 0 {
			when = cond.Expr{Field: "form.area", Op: cond.Gt, Value: "300"}
		}
		switch r.IntN(5) {
		case 0:
			s := asked(key, []string{SilenceWaits, SilenceAgree, SilenceNone}[r.IntN(3)])
			s.When = when
			return s
		case 1:
			return Step{Key: key, Name: key, Kind: Expert, Post: "p", Need: 1 + r.IntN(3), When: when}
		case 2:
			return Step{Key: key, Name: key, Kind: Countersign, Posts: []string{"x", "y", "z"}, Need: r.IntN(4), When: when}
		case 3:
			return Step{Key: key, Name: key, Kind: Inspect, Post: "p", Officers: 2, When: when}
		}
		return Step{Key: key, Name: key, Kind: Review, Post: "p", When: when}
	}
	d := Definition{Key: "random", Name: "随机", Steps: []Step{{Key: "accept", Name: "受理", Kind: Accept, Post: "p"}}}
	for range r.IntN(5) {
		if r.IntN(3) > 0 {
			d.Steps = append(d.Steps, leaf())
			continue
		}
		n++
		p := Step{Key: fmt.Sprint("par", n), Name: "并行", Kind: Parallel}
		for range 2 + r.IntN(2) {
			way := []Step{leaf()}
			for range r.IntN(3) {
				way = append(way, leaf())
			}
			p.Parallel = append(p.Parallel, way)
		}
		d.Steps = append(d.Steps, p)
	}
	return Definition{Key: d.Key, Name: d.Name, Steps: append(d.Steps, Step{Key: "decide", Name: "决定", Kind: Decide, Post: "d"}, Step{Key: "deliver", Name: "送达", Kind: Deliver, Post: "p"})}
}

// TestRandomFlows throws random events, sending back into and out of lanes among them, at random flows with consultations and experts in lanes. No act,
// no move: what is open changes only by an event; every piece of open work can be done; a return opens exactly what it names; every flow can be brought
// to its end; and carrying a flow over to itself changes nothing.
func TestRandomFlows(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	returns := map[string]int{}
	for range 600 {
		d := randomFlow(r)
		if ps := d.Check(clock.Period{}); len(ps) > 0 {
			t.Fatal(ps)
		}
		answers := area([]string{"80", "800"}[r.IntN(2)])
		var keys []string
		for at := range d.walk() {
			keys = append(keys, at.step.Key)
		}
		s, _, err := Start(d, answers)
		if err != nil {
			t.Fatal(err)
		}
		people := 0
		for range 40 {
			tasks := Open(d, s)
			if len(tasks) == 0 {
				break
			}
			task := tasks[r.IntN(len(tasks))]
			people += 2
			by := []string{fmt.Sprint("p", people), fmt.Sprint("p", people+1)}
			e := Event{Kind: EventDone, Step: task.Step.Key, Post: task.Post, By: by, Outcome: []string{"pass", Against, SilentAgree}[r.IntN(3)]}
			if r.IntN(3) == 0 {
				e = Event{Kind: EventReturn, Step: task.Step.Key, By: by, To: keys[r.IntN(len(keys))]}
			}
			next, fx, err := Next(d, s, e, answers)
			if err != nil && e.Kind == EventDone {
				t.Fatalf("open work cannot be done: %+v: %v", e, err)
			}
			if err == nil && e.Kind == EventReturn {
				returned(t, d, s, next, e)
				returns[where(d, e.Step)+" to "+where(d, e.To)]++
			}
			if err == nil && len(fx) == 0 && !reflect.DeepEqual(stepsOf(Open(d, next)), stepsOf(slices.DeleteFunc(tasks, func(x Task) bool { return x.Step.Kind == Countersign && x.Step.Key == e.Step && x.Post == e.Post }))) {
				t.Fatalf("work came or went unsaid after %+v", e)
			}
			if s = next; !s.Ended {
				same, c, err := Carry(d, d, s, answers)
				a, _ := json.Marshal(s)
				b, _ := json.Marshal(same)
				if err != nil || string(a) != string(b) || len(c.Begun)+len(c.Lost) > 0 {
					t.Fatalf("carried to itself: %s became %s (%v)", a, b, err)
				}
			}
		}
		for i := 0; !s.Ended; i++ {
			task := Open(d, s)[0]
			by := []string{fmt.Sprint("e", 2*i), fmt.Sprint("e", 2*i+1)}
			if s, _, err = Next(d, s, Event{Kind: EventDone, Step: task.Step.Key, Post: task.Post, By: by, Outcome: "pass"}, answers); err != nil || i > 80 {
				t.Fatalf("stuck at %s: %v", open(d, s), err)
			}
		}
	}
	for _, w := range []string{"trunk to trunk", "trunk to lane", "lane to trunk", "lane to lane"} {
		if returns[w] < 20 {
			t.Errorf("sent back from %s only %d times: the test shows little", w, returns[w])
		}
	}
}

func stepsOf(ts []Task) string {
	var out []string
	for _, x := range ts {
		out = append(out, x.Step.Key+"/"+x.Post)
	}
	return strings.Join(out, " ")
}

func where(d Definition, key string) string {
	if d.Line().locate(key).lane >= 0 {
		return "lane"
	}
	return "trunk"
}

// returned checks what a return leaves open: the step it names; of other lanes those of the same parallel step when it stayed in its lane, else none.
func returned(t *testing.T, d Definition, was, is State, e Event) {
	t.Helper()
	line := d.Line()
	from, to := line.locate(e.Step), line.locate(e.To)
	stayed := from.trunk == to.trunk && from.lane == to.lane && to.lane >= 0
	if got := Open(d, is); !slices.ContainsFunc(got, func(x Task) bool { return x.Step.Key == e.To }) {
		t.Fatalf("returned to %s, open is %s", e.To, open(d, is))
	}
	for _, x := range Open(d, is) {
		was := slices.ContainsFunc(Open(d, was), func(y Task) bool { return y.Step.Key == x.Step.Key })
		if x.Step.Key != e.To && !(stayed && was) {
			t.Fatalf("returned from %s to %s, and %s is open", e.Step, e.To, x.Step.Key)
		}
	}
}

func TestCarriedToAnotherFlow(t *testing.T) {
	was := asking()
	at := func(events ...Event) State { s, _ := run(t, was, nil, events...); return s }
	inLanes := at(did("accept", "", "a"), did("first", "agree", "b"))
	for _, c := range []struct {
		name   string
		s      State
		change func(*Definition)
		want   string // error, or what is open; what is lost, missed and begun
	}{
		{"renamed", at(did("accept", "", "a")), func(d *Definition) { d.Steps[1].Name = "问消防"; d.Steps[1].Post = "fire" }, "first/fire | lost missed begun"},
		{"the present step is gone", at(did("accept", "", "a")), func(d *Definition) { d.Steps = append(d.Steps[:1:1], d.Steps[2:]...) }, "flow.carry_gone"},
		{"a step behind is gone", inLanes, func(d *Definition) { d.Steps = append(d.Steps[:1:1], d.Steps[2:]...) }, "lane/other experts/p | lost first missed begun"},
		{"a step behind is new", inLanes, func(d *Definition) { d.Steps = slices.Insert(d.Steps, 1, opinion("new", 1)) }, "lane/other experts/p | lost missed new begun"},
		{"a lane more", inLanes, func(d *Definition) { d.Steps[2].Parallel = append(d.Steps[2].Parallel, []Step{opinion("new", 1)}) }, "lane/other experts/p new/p | lost missed begun new"},
		{"lanes change places", inLanes, func(d *Definition) { slices.Reverse(d.Steps[2].Parallel) }, "experts/p lane/other | lost missed begun"},
		{"a lane became the trunk", inLanes, func(d *Definition) {
			d.Steps[2] = Step{Key: "both", Name: "并联", Kind: Parallel, Parallel: [][]Step{{opinion("q", 1)}, {d.Steps[2].Parallel[1][0]}}}
			d.Steps = slices.Insert(d.Steps, 3, asked("lane", ""))
		}, "flow.carry_lane"},
		{"another kind", at(did("accept", "", "a")), func(d *Definition) { d.Steps[1] = opinion("first", 1) }, "flow.carry_gone"},
		{"not runnable", inLanes, func(d *Definition) { d.Steps = d.Steps[:3] }, "flow.not_runnable"},
		{"over", State{Ended: true}, func(*Definition) {}, "flow.ended"},
	} {
		is := asking()
		c.change(&is)
		s, got, err := Carry(was, is, c.s, nil)
		if err != nil {
			if !errs.Is(err, c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		words := open(is, s) + " | lost"
		for _, x := range got.Lost {
			words += " " + x.Step
		}
		words += " missed"
		for _, x := range got.Missed {
			words += " " + x.Key
		}
		words += " begun"
		for _, x := range got.Begun {
			words += " " + x.Key
		}
		if words != c.want {
			t.Errorf("%s: %s, want %s", c.name, words, c.want)
		}
	}
}
