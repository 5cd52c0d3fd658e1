package flow

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// joint is a flow with a parallel step of three lanes (the third only for large shops), one holding a branch and one a countersign, and a countersign
// of two out of three on the trunk.
func joint() Definition {
	return Definition{Key: "joint", Name: "联审", Separate: true, Steps: []Step{
		{Key: "accept", Name: "受理", Kind: Accept, Post: "p"},
		{Key: "both", Name: "并联审查", Kind: Parallel, Parallel: [][]Step{
			{opinion("fire", 1), {Key: "sign", Name: "消防会签", Kind: Countersign, Posts: []string{"f1", "f2"}}},
			{{Key: "fork", Name: "看面积", Kind: Branch, Ways: []Way{
				large("大", opinion("health", 1)), {Name: "其余", Steps: []Step{opinion("quick", 1)}},
			}}},
			{{Key: "traffic", Name: "交通", Kind: Inspect, Post: "t", Officers: 2, When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: "300"}}},
		}},
		{Key: "panel", Name: "会审", Kind: Countersign, Posts: []string{"x", "y", "z"}, Need: 2},
		{Key: "decide", Name: "决定", Kind: Decide, Post: "d"},
	}}
}

func area(n string) func(string) any {
	return func(f string) any {
		if f == "form.area" {
			return json.Number(n)
		}
		return nil
	}
}

func signs(step, post, outcome, by string) Event {
	return Event{Kind: EventDone, Step: step, Post: post, Outcome: outcome, By: []string{by}}
}

func open(d Definition, s State) string {
	var out []string
	for _, t := range Open(d, s) {
		out = append(out, t.Step.Key+"/"+t.Post+strings.Join(append([]string{""}, t.With...), "="))
	}
	return strings.Join(out, " ")
}

func TestLanesAndCountersigns(t *testing.T) {
	d := joint()
	if ps := d.Check(clock.Period{}); len(ps) > 0 {
		t.Fatal(ps)
	}
	small, large := area("80"), area("800")
	accepted := did("accept", "", "a")
	reviewed := []Event{accepted, did("quick", "", "q"), did("fire", "", "f"), signs("sign", "f2", "pass", "s2"), signs("sign", "f1", Against, "s1")}
	for _, c := range []struct {
		name    string
		answers func(string) any
		script  []Event
		open    string
		trace   string // of the last event
	}{
		{"all lanes begin", large, []Event{accepted}, "fire/p health/p traffic/t", "leave:accept enter:both enter:fire enter:health enter:traffic "},
		{"a lane nobody needs", small, []Event{accepted}, "fire/p quick/p", "leave:accept enter:both enter:fire enter:quick "},
		{"a lane over", small, []Event{accepted, did("quick", "", "q")}, "fire/p", "leave:quick "},
		{"taken up in a lane", small, []Event{accepted, {Kind: EventStart, Step: "fire", By: []string{"f"}}}, "fire/p=f quick/p", ""},
		{"given back", small, []Event{accepted, {Kind: EventStart, Step: "fire", By: []string{"f"}}, {Kind: EventRelease, Step: "fire", By: []string{"g"}}}, "fire/p quick/p", ""},
		{"on in a lane", small, []Event{accepted, did("fire", "", "f")}, "sign/f1 sign/f2 quick/p", "leave:fire enter:sign "},
		{"a part of a countersign taken up", small, []Event{accepted, did("fire", "", "f"), {Kind: EventStart, Step: "sign", Post: "f2", By: []string{"s"}}}, "sign/f1 sign/f2=s quick/p", ""},
		{"one has signed", small, []Event{accepted, did("fire", "", "f"), signs("sign", "f2", "pass", "s2")}, "sign/f1 quick/p", ""},
		{"all must agree: one against settles it", small, []Event{accepted, did("fire", "", "f"), signs("sign", "f2", Against, "s2")}, "quick/p", "leave:sign "},
		{"lanes meet", small, reviewed, "panel/x panel/y panel/z", "leave:sign leave:both enter:panel "},
		{"one of two", small, append(reviewed[:5:5], signs("panel", "x", "pass", "1")), "panel/y panel/z", ""},
		{"two of three agree", small, append(reviewed[:5:5], signs("panel", "x", "pass", "1"), signs("panel", "z", "pass", "2")), "decide/d", "leave:panel enter:decide "},
		{"two can no longer agree", small, append(reviewed[:5:5], signs("panel", "x", Against, "1"), signs("panel", "z", Against, "2")), "decide/d", "leave:panel enter:decide "},
		{"back into one lane", small, append(reviewed[:5:5], Event{Kind: EventReturn, Step: "panel", To: "quick", By: []string{"9"}}), "quick/p", "leave:panel enter:quick "},
		{"and on from there", small, append(reviewed[:5:5], Event{Kind: EventReturn, Step: "panel", To: "quick", By: []string{"9"}}, did("quick", "", "q")), "panel/x panel/y panel/z", "leave:quick leave:both enter:panel "},
		{"back within a lane", small, append(reviewed[:3:3], Event{Kind: EventReturn, Step: "sign", To: "fire", By: []string{"9"}}), "fire/p", "leave:sign enter:fire "},
	} {
		s, _ := run(t, d, c.answers, c.script[:len(c.script)-1]...)
		s, fx, err := Next(d, s, c.script[len(c.script)-1], c.answers)
		if got := open(d, s); err != nil || got != c.open || effects(fx) != c.trace {
			t.Errorf("%s: open %q, trace %q, %v", c.name, got, effects(fx), err)
		}
	}
	s, _ := run(t, d, small, reviewed...)
	for name, c := range map[string]struct {
		e   Event
		key string
	}{
		"a lane that is over":            {did("quick", "", "q"), "flow.wrong_step"},
		"the parallel step itself":       {did("both", "", "q"), "flow.wrong_step"},
		"a post nobody asked":            {signs("panel", "q", "pass", "1"), "flow.not_asked"},
		"no post":                        {did("panel", "pass", "1"), "flow.not_asked"},
		"back across the acceptance":     {Event{Kind: EventReturn, Step: "panel", To: "accept", By: []string{"1"}}, "flow.act_stands"},
		"back to the parallel as such":   {Event{Kind: EventReturn, Step: "panel", To: "both", By: []string{"1"}}, "flow.not_earlier"},
		"back to a lane nobody went":     {Event{Kind: EventReturn, Step: "panel", To: "traffic", By: []string{"1", "2"}}, "flow.not_earlier"},
		"a branch's way that is not his": {Event{Kind: EventReturn, Step: "panel", To: "health", By: []string{"1"}}, "flow.not_earlier"},
	} {
		if after, _, err := Next(d, s, c.e, small); !errs.Is(err, c.key) || !reflect.DeepEqual(s, after) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, _ = run(t, d, small, append(reviewed[:5:5], signs("panel", "x", "pass", "1"))...)
	if _, _, err := Next(d, s, signs("panel", "y", "pass", "1"), small); !errs.Is(err, "flow.signed_already") {
		t.Errorf("one person speaks for two posts: %v", err)
	}
	if _, _, err := Next(d, s, signs("panel", "x", "pass", "2"), small); !errs.Is(err, "flow.not_asked") {
		t.Errorf("a post speaks twice: %v", err)
	}
	s, _, _ = Next(d, s, signs("panel", "y", "pass", "2"), small)
	for _, who := range []string{"q", "f", "s1", "1"} {
		if err := MayAct(d, s, "decide", []string{who}); !errs.Is(err, "flow.same_officer") {
			t.Errorf("%s examined and decides: %v", who, err)
		}
	}
}

// TestAnyEventsInLanes throws random events at the joint flow: what is open is always what nobody has done since it was entered, the trunk waits for
// every lane, nothing is lost when stored, and every flow can be brought to its end.
func TestAnyEventsInLanes(t *testing.T) {
	d, r := joint(), rand.New(rand.NewPCG(7, 8))
	people := []string{"a", "b", "c", "d", "e", "f", "g"}
	keys := []string{"accept", "both", "fire", "sign", "fork", "health", "quick", "traffic", "panel", "decide"}
	ended := 0
	for range 400 {
		answers := area([]string{"80", "800"}[r.IntN(2)])
		s, _, err := Start(d, answers)
		if err != nil {
			t.Fatal(err)
		}
		for range 80 {
			tasks := Open(d, s)
			e := Event{Kind: []string{EventDone, EventDone, EventDone, EventStart, EventRelease, EventReturn}[r.IntN(6)], To: keys[r.IntN(len(keys))], Outcome: []string{"", "pass", Against}[r.IntN(3)]}
			if len(tasks) > 0 && r.IntN(8) > 0 {
				task := tasks[r.IntN(len(tasks))]
				e.Step, e.Post = task.Step.Key, task.Post
			} else {
				e.Step = keys[r.IntN(len(keys))]
			}
			for range 1 + r.IntN(2) {
				e.By = append(e.By, people[r.IntN(len(people))])
			}
			before, _ := json.Marshal(s)
			next, _, err := Next(d, s, e, answers)
			if after, _ := json.Marshal(s); string(before) != string(after) {
				t.Fatalf("%+v changed the state it was given", e)
			}
			if err == nil && (s.Ended || !slices.ContainsFunc(tasks, func(x Task) bool { return x.Step.Key == e.Step })) {
				t.Fatalf("%+v was done though only %s was open", e, open(d, s))
			}
			s = next
			b, _ := json.Marshal(s)
			var back State
			if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, s) {
				t.Fatalf("stored as %s", b)
			}
			if s.Ended != (len(Open(d, s)) == 0) {
				t.Fatalf("nothing is open and it has not ended, or the other way round: %s", b)
			}
		}
		for i := 0; !s.Ended; i++ { // whatever happened, new people bring it to an end
			task := Open(d, s)[0]
			fresh := []string{"new" + string(rune('0'+i%60)), "two" + string(rune('0'+i%60))}
			if s, _, err = Next(d, s, Event{Kind: EventDone, Step: task.Step.Key, Post: task.Post, By: fresh, Outcome: "pass"}, answers); err != nil || i > 40 {
				t.Fatalf("stuck at %s: %v", open(d, s), err)
			}
		}
		for _, x := range s.Done {
			if x.Step == "decide" && x.Outcome != Returned {
				ended++
			}
		}
	}
	if ended != 400 {
		t.Errorf("%d of 400 were decided", ended)
	}
}
