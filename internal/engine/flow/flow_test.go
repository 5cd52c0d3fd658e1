package flow

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

var promise = clock.Period{N: 10, Unit: clock.Workday}

const foodFlow = `{"key":"food","name":"食品经营许可","separate":true,"steps":[
 {"key":"receive","name":"收件","kind":"receive","post":"window"},
 {"key":"accept","name":"受理","kind":"accept","post":"window","limit":{"n":5,"unit":"workday"}},
 {"key":"review","name":"资料审查","kind":"review","post":"reviewer","limit":{"n":3,"unit":"workday"}},
 {"key":"inspect","name":"现场核查","kind":"inspect","post":"inspector","officers":2,"limit":{"n":5,"unit":"workday"},"not_by":["accept"],
  "when":{"field":"shop.kind","op":"ne","value":"store"},"checklist":[{"key":"layout","text":"布局合理，无交叉污染","basis":"食品安全法 第三十三条","critical":true}]},
 {"key":"decide","name":"决定","kind":"decide","post":"chief","limit":{"n":2,"unit":"workday"}},
 {"key":"cert","name":"制证","kind":"certificate","post":"window"},
 {"key":"deliver","name":"送达","kind":"deliver","post":"window"}]}`

func food(t *testing.T) Definition {
	t.Helper()
	d, err := Parse([]byte(foodFlow))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func kind(k string) func(string) any {
	return func(f string) any {
		if f == "shop.kind" {
			return k
		}
		return nil
	}
}

func runs(d *Definition, s Step) { d.Steps[2] = s }

func opinion(key string, days int) Step {
	return Step{Key: key, Name: "审查" + key, Kind: Review, Post: "p", Limit: &clock.Period{N: days, Unit: clock.Workday}}
}

func both(a, b Step) Step {
	return Step{Key: "both", Name: "并行审查", Kind: Parallel, Parallel: [][]Step{{a}, {b}}}
}

func fork(ways ...Way) Step { return Step{Key: "fork", Name: "看面积", Kind: Branch, Ways: ways} }

func large(name string, steps ...Step) Way {
	return Way{Name: name, When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: "300"}, Steps: steps}
}

func TestCheck(t *testing.T) {
	if ps := food(t).Check(promise); len(ps) > 0 {
		t.Fatalf("the food flow: %v", ps)
	}
	for _, c := range []struct {
		name, key string
		change    func(*Definition)
	}{
		{"no acceptance", "flow.missing_accept", func(d *Definition) { d.Steps = append(d.Steps[:1:1], d.Steps[2:]...); d.Steps[2].NotBy = nil }},
		{"no decision", "flow.missing_decide", func(d *Definition) { d.Steps = append(d.Steps[:4:4], d.Steps[5:]...) }},
		{"two decisions", "flow.only_once", func(d *Definition) { d.Steps[5].Kind = Decide }},
		{"review after decision", "flow.wrong_order", func(d *Definition) { d.Steps[5].Kind = Review }},
		{"key twice", "flow.duplicate_key", func(d *Definition) { d.Steps[5].Key = "deliver" }},
		{"bad key", "flow.bad_key", func(d *Definition) { d.Steps[5].Key = "制证" }},
		{"unknown kind", "flow.unknown_kind", func(d *Definition) { d.Steps[5].Kind = "pray" }},
		{"conditional decision", "flow.always_needed", func(d *Definition) { d.Steps[4].When = cond.Expr{Field: "a", Op: cond.Empty} }},
		{"countersign alone", "flow.countersign_posts", func(d *Definition) { runs(d, Step{Key: "x", Name: "会签", Kind: Countersign, Posts: []string{"a"}}) }},
		{"countersign by too many", "flow.countersign_need", func(d *Definition) {
			runs(d, Step{Key: "x", Name: "会签", Kind: Countersign, Posts: []string{"a", "b"}, Need: 3})
		}},
		{"parallel inside parallel", "flow.not_in_parallel", func(d *Definition) {
			runs(d, both(opinion("a", 1), Step{Key: "in", Name: "再并行", Kind: Parallel, Parallel: [][]Step{{opinion("b", 1)}, {opinion("c", 1)}}}))
		}},
		{"countersign before acceptance", "flow.wrong_order", func(d *Definition) {
			d.Steps = append([]Step{{Key: "x", Name: "会签", Kind: Countersign, Posts: []string{"a", "b"}}}, d.Steps[1:]...)
		}},
		{"decision in parallel", "flow.not_in_parallel", func(d *Definition) {
			runs(d, both(opinion("a", 1), Step{Key: "b", Name: "发证", Kind: Deliver, Post: "p"}))
		}},
		{"parallel that leads nowhere", "flow.dead_end", func(d *Definition) { runs(d, Step{Key: "x", Name: "并行", Kind: Parallel, Parallel: [][]Step{{}}}) }},
		{"ways of a review", "flow.not_for_kind", func(d *Definition) { d.Steps[2].Need = 1 }},
		{"one way", "flow.too_few_ways", func(d *Definition) { d.Steps[2] = fork(Way{Name: "其余"}) }},
		{"no way for the rest", "flow.no_default", func(d *Definition) {
			d.Steps[2] = fork(large("大", opinion("a", 1)), large("更大", opinion("b", 1)))
		}},
		{"a way nobody reaches", "flow.way_unreached", func(d *Definition) { d.Steps[2] = fork(Way{Name: "都走"}, Way{Name: "其余"}) }},
		{"accept in a way", "flow.always_needed", func(d *Definition) {
			d.Steps[1] = fork(large("大", d.Steps[1]), Way{Name: "其余"})
		}},
		{"the longest way over the promise", "flow.over_promise", func(d *Definition) {
			d.Steps[2] = fork(large("大", opinion("a", 9)), Way{Name: "其余", Steps: []Step{opinion("b", 1)}})
		}},
		{"notice", "flow.bad_notice", func(d *Definition) { d.Steps[2].Notices = []Notice{{On: "never", Text: "好"}} }},
		{"unknown other", "flow.unknown_step", func(d *Definition) { d.Steps[3].NotBy = []string{"nowhere"} }},
		{"one inspector", "flow.two_officers", func(d *Definition) { d.Steps[3].Officers = 1 }},
		{"no post", "flow.no_post", func(d *Definition) { d.Steps[3].Post = "" }},
		{"no name", "flow.no_name", func(d *Definition) { d.Steps[3].Name = " " }},
		{"over the promise", "flow.over_promise", func(d *Definition) { d.Steps[2].Limit = &clock.Period{N: 4, Unit: clock.Workday} }},
		{"other unit", "flow.limit_unit", func(d *Definition) { d.Steps[2].Limit = &clock.Period{N: 1, Unit: clock.Hour} }},
		{"no length", "flow.bad_limit", func(d *Definition) { d.Steps[2].Limit = &clock.Period{} }},
		{"on the spot but separate", "flow.separate_on_the_spot", func(d *Definition) { d.Steps[4].OnTheSpot = true }},
		{"check item", "flow.bad_check_item", func(d *Definition) { d.Steps[3].Checklist[0].Text = "" }},
	} {
		d := food(t)
		c.change(&d)
		got := d.Check(promise)
		if len(got) != 1 || got[0].Key != c.key || !strings.HasPrefix(got[0].Path, "/steps") {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if ps := food(t).Check(clock.Period{}); len(ps) > 0 {
		t.Errorf("without a promise: %v", ps)
	}
	if ps := food(t).CheckWhen(cond.Scope{}); len(ps) != 1 || ps[0].Path != "/steps/3/when/field" {
		t.Errorf("CheckWhen: %v", ps)
	}
	if _, err := Parse([]byte(`{"key":"x","stpes":[]}`)); err == nil {
		t.Error("unknown key parsed")
	}
}

// run plays "step by by outcome" lines and gives the effects as text.
func run(t *testing.T, d Definition, answers func(string) any, script ...Event) (State, string) {
	t.Helper()
	s, fx, err := Start(d, answers)
	if err != nil {
		t.Fatal(err)
	}
	trace := effects(fx)
	for _, e := range script {
		var err error
		if s, fx, err = Next(d, s, e, answers); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		trace += effects(fx)
	}
	return s, trace
}

func effects(fx []Effect) string {
	var out string
	for _, f := range fx {
		out += f.Kind + ":" + f.Step.Key + " "
	}
	return out
}

func did(step, outcome string, by ...string) Event {
	return Event{Kind: EventDone, Step: step, Outcome: outcome, By: by}
}

func TestRuns(t *testing.T) {
	d := food(t)
	for _, c := range []struct {
		name    string
		answers func(string) any
		script  []Event
		want    string
	}{
		{
			"granted", kind("canteen"),
			[]Event{did("receive", "", "a"), did("accept", "", "a"), did("review", "", "b"), did("inspect", "pass", "b", "c"), did("decide", "grant", "d"), did("cert", "", "a"), did("deliver", "", "a")},
			"enter:receive leave:receive enter:accept leave:accept enter:review leave:review enter:inspect leave:inspect enter:decide leave:decide enter:cert leave:cert enter:deliver leave:deliver end:deliver ",
		},
		{
			"no inspection of a store, refused", kind("store"),
			[]Event{did("receive", "", "a"), did("accept", "", "a"), did("review", "", "b"), did("decide", Refuse, "d"), did("deliver", "", "a")},
			"enter:receive leave:receive enter:accept leave:accept enter:review leave:review enter:decide leave:decide enter:deliver leave:deliver end:deliver ",
		},
		{"not accepted", kind("store"), []Event{did("receive", "", "a"), did("accept", Refuse, "a")}, "enter:receive leave:receive enter:accept leave:accept end:accept "},
		{
			"sent back once", kind("store"),
			[]Event{did("receive", "", "a"), did("accept", "", "a"), did("review", "", "b"), {Kind: EventReturn, Step: "decide", To: "review", By: []string{"d"}}, {Kind: EventStart, Step: "review", By: []string{"b"}}, did("review", "", "b")},
			"enter:receive leave:receive enter:accept leave:accept enter:review leave:review enter:decide leave:decide enter:review leave:review enter:decide ",
		},
	} {
		s, got := run(t, d, c.answers, c.script...)
		if got != c.want || s.Ended != strings.Contains(c.want, "end:") {
			t.Errorf("%s: %s\n%+v", c.name, got, s)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(s, back) {
			t.Errorf("%s: stored as %s", c.name, b)
		}
	}
}

func TestRefusals(t *testing.T) {
	d := food(t)
	accepted := []Event{did("receive", "", "a"), did("accept", "", "a")}
	reviewed := append(accepted[:2:2], did("review", "", "b"))
	inspected := append(reviewed[:3:3], did("inspect", "", "b", "c"))
	decided := append(inspected[:4:4], did("decide", "grant", "d"))
	for _, c := range []struct {
		name   string
		script []Event
		e      Event
		key    string
	}{
		{"not the current step", accepted, did("decide", "", "d"), "flow.wrong_step"},
		{"no such step", accepted, did("pray", "", "d"), "flow.unknown_step"},
		{"nobody", accepted, did("review", ""), "flow.nobody"},
		{"a blank name", accepted, did("review", "", " "), "flow.nobody"},
		{"one inspector", reviewed, did("inspect", "", "b"), "flow.too_few_officers"},
		{"the same inspector twice", reviewed, did("inspect", "", "b", "b"), "flow.too_few_officers"},
		{"not by who accepted", reviewed, did("inspect", "", "a", "c"), "flow.same_officer"},
		{"already when taking up", reviewed, Event{Kind: EventStart, Step: "inspect", By: []string{"a", "c"}}, "flow.same_officer"},
		{"reviewer decides", inspected, did("decide", "grant", "b"), "flow.same_officer"},
		{"inspector decides", inspected, did("decide", "grant", "c"), "flow.same_officer"},
		{"back across the decision", decided, Event{Kind: EventReturn, Step: "cert", To: "review", By: []string{"a"}}, "flow.act_stands"},
		{"back across the acceptance", accepted, Event{Kind: EventReturn, Step: "review", To: "receive", By: []string{"b"}}, "flow.act_stands"},
		{"back to itself", reviewed, Event{Kind: EventReturn, Step: "inspect", To: "inspect", By: []string{"b", "c"}}, "flow.not_earlier"},
		{"forward by return", accepted, Event{Kind: EventReturn, Step: "review", To: "decide", By: []string{"b"}}, "flow.not_earlier"},
		{"back to nowhere", accepted, Event{Kind: EventReturn, Step: "review", To: "x", By: []string{"b"}}, "flow.unknown_step"},
		{"unknown event", accepted, Event{Kind: "skip", Step: "review", By: []string{"b"}}, "flow.unknown_event"},
		{"a pretended return", accepted, did("review", Returned, "b"), "flow.bad_outcome"},
		{"after the end", append(decided[:5:5], did("cert", "", "a"), did("deliver", "", "a")), did("deliver", "", "a"), "flow.ended"},
	} {
		s, _ := run(t, d, kind("canteen"), c.script...)
		after, fx, err := Next(d, s, c.e, kind("canteen"))
		if !errs.Is(err, c.key) || len(fx) > 0 || !reflect.DeepEqual(s, after) {
			t.Errorf("%s: %v, effects %v", c.name, err, fx)
		}
	}
	s, _ := run(t, d, kind("canteen"), append(inspected[:4:4], Event{Kind: EventReturn, Step: "decide", To: "review", By: []string{"d"}})...)
	if _, _, err := Next(d, s, did("review", "", "d"), kind("canteen")); !errs.Is(err, "flow.same_officer") {
		t.Errorf("who sent it back from deciding reviews: %v", err)
	}
}

func TestWithoutReviewAcceptanceCounts(t *testing.T) {
	d := Definition{Key: "x", Separate: true, Steps: []Step{{Key: "accept", Kind: Accept}, {Key: "decide", Kind: Decide}}}
	s, _ := run(t, d, kind(""), did("accept", "", "a"))
	if err := MayAct(d, s, "decide", []string{"a"}); !errs.Is(err, "flow.same_officer") {
		t.Errorf("one person accepts and decides: %v", err)
	}
	d.Separate = false
	if err := MayAct(d, s, "decide", []string{"a"}); err != nil {
		t.Errorf("one post on the spot: %v", err)
	}
	d.Steps[1].Kind = Review
	if _, _, err := Start(d, kind("")); !errs.Is(err, "flow.not_runnable") {
		t.Errorf("Start of what cannot run: %v", err)
	}
}

func TestNotByHoldsBothWays(t *testing.T) {
	d := Definition{Key: "x", Steps: []Step{{Key: "accept", Kind: Accept}, {Key: "first", Kind: Review}, {Key: "second", Kind: Review, NotBy: []string{"first"}}, {Key: "decide", Kind: Decide}}}
	s, _ := run(t, d, nil, did("accept", "", "a"), did("first", "", "a"), Event{Kind: EventReturn, Step: "second", To: "first", By: []string{"b"}})
	if err := MayAct(d, s, "first", []string{"b"}); !errs.Is(err, "flow.same_officer") {
		t.Errorf("who handled the second review takes over the first: %v", err)
	}
	if err := MayAct(d, s, "first", []string{"a"}); err != nil {
		t.Errorf("the first reviewer again: %v", err)
	}
}

// TestAnyEventsKeepTheLaw throws random events at the flow: whatever is accepted must keep the invariants.
func TestAnyEventsKeepTheLaw(t *testing.T) {
	d, r := food(t), rand.New(rand.NewPCG(5, 6))
	people := []string{"a", "b", "c", "d", "e", "f", ""}
	ended := 0
	for range 2000 {
		answers := kind([]string{"store", "canteen"}[r.IntN(2)])
		s, _, err := Start(d, answers)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			e := Event{Kind: []string{EventDone, EventDone, EventDone, EventStart, EventReturn}[r.IntN(5)], Step: s.Step, To: d.Steps[r.IntN(7)].Key, Outcome: []string{"", "grant", "grant", Refuse}[r.IntN(4)]}
			if r.IntN(8) == 0 {
				e.Step = d.Steps[r.IntN(7)].Key
			}
			for range 1 + r.IntN(2) {
				e.By = append(e.By, people[r.IntN(len(people))])
			}
			before, _ := json.Marshal(s)
			next, _, err := Next(d, s, e, answers)
			if after, _ := json.Marshal(s); string(before) != string(after) {
				t.Fatalf("%+v changed the state it was given", e)
			}
			if s.Ended && err == nil {
				t.Fatal("an ended flow went on")
			}
			s = next
		}
		lawful(t, d, s)
		if s.Ended {
			ended++
		}
	}
	if ended < 500 {
		t.Errorf("only %d of 2000 runs ended: the test shows little", ended)
	}
}

func lawful(t *testing.T, d Definition, s State) {
	t.Helper()
	hands := map[string]map[string]bool{}
	accepted, decisions := false, 0
	for _, x := range s.Done {
		if hands[x.Step] == nil {
			hands[x.Step] = map[string]bool{}
		}
		for _, p := range x.By {
			hands[x.Step][p] = true
		}
		if x.Step == "inspect" && len(x.By) < 2 {
			t.Fatalf("inspected by %v", x.By)
		}
		if x.Outcome == Returned {
			continue
		}
		if x.Step == "decide" {
			decisions++
		}
		if x.Step == "decide" && !accepted || x.Step == "cert" && decisions != 1 {
			t.Fatalf("out of order: %+v", s.Done)
		}
		accepted = accepted || x.Step == "accept" && x.Outcome != Refuse
	}
	if decisions > 1 {
		t.Fatalf("decided twice: %+v", s.Done)
	}
	for _, pair := range [][2]string{{"review", "decide"}, {"inspect", "decide"}, {"accept", "inspect"}} {
		for p := range hands[pair[0]] {
			if hands[pair[1]][p] {
				t.Fatalf("%s handled %v: %+v", p, pair, s.Done)
			}
		}
	}
}

// TestABranchTakesOneWay walks a branch inside a branch with each answer.
func TestABranchTakesOneWay(t *testing.T) {
	is := func(v string) cond.Expr { return cond.Expr{Field: "k", Op: cond.Eq, Value: v} }
	d := Definition{Key: "f", Name: "分支", Steps: []Step{
		{Key: "accept", Name: "受理", Kind: Accept, Post: "p"},
		fork(Way{Name: "甲", When: is("a"), Steps: []Step{opinion("ra", 1), opinion("rb", 1)}},
			Way{Name: "乙", When: is("b")},
			Way{Name: "其余", Steps: []Step{{Key: "inner", Name: "再看", Kind: Branch, Ways: []Way{
				{Name: "丙", When: is("c"), Steps: []Step{opinion("rc", 1)}}, {Name: "其余", Steps: []Step{opinion("rd", 1)}},
			}}}}),
		{Key: "decide", Name: "决定", Kind: Decide, Post: "p"},
	}}
	if ps := d.Check(clock.Period{}); len(ps) > 0 {
		t.Fatal(ps)
	}
	for k, want := range map[string]string{"a": "accept ra rb decide", "b": "accept decide", "c": "accept rc decide", "z": "accept rd decide"} {
		answers := func(string) any { return k }
		s, _, err := Start(d, answers)
		var way []string
		for err == nil && !s.Ended {
			way = append(way, s.Step)
			s, _, err = Next(d, s, Event{Kind: EventDone, Step: s.Step, By: []string{"x"}}, answers)
		}
		if got := strings.Join(way, " "); err != nil || got != want {
			t.Errorf("%s goes %q, want %q (%v)", k, got, want, err)
		}
	}
}
