package flow

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
)

// The kinds of an event.
const (
	EventStart   = "start"   // somebody takes the step up
	EventRelease = "release" // what was taken up is put down
	EventDone    = "done"    // the step is done with an outcome
	EventReturn  = "return"  // the step sends back to an earlier one
)

// Event is what people did to a step that is open.
type Event struct {
	Kind    string
	Step    string // must be open
	Post    string // of a countersign: for which post By speaks
	By      []string
	Outcome string
	To      string // of a return
}

// The kinds of an effect.
const (
	EffectLeave = "leave"
	EffectEnter = "enter"
	EffectEnd   = "end" // Step is the last one
)

// Effect tells the caller what to do: give work to a post, stop a step's timer, conclude.
type Effect struct {
	Kind string
	Step Step
}

// Start enters the first step that applies. It returns flow.not_runnable for a definition the engine cannot run lawfully.
func Start(d Definition, answers func(string) any) (State, []Effect, error) {
	if len(d.structure()) > 0 {
		return State{}, nil, errs.New(errs.Conflict, "flow.not_runnable", errs.P{"step": d.Key})
	}
	s, effects := enter(d.Line(), State{}, 0, false, answers)
	return s, effects, nil
}

// Next applies an event. Errors: flow.ended, flow.wrong_step, flow.unknown_step, flow.unknown_event, flow.nobody, flow.too_few_officers{need},
// flow.same_officer{step}, flow.not_asked{step}, flow.signed_already{step}, flow.bad_outcome, flow.not_earlier, flow.act_stands. On an error the state is
// returned unchanged. s is never written to.
func Next(d Definition, s State, e Event, answers func(string) any) (State, []Effect, error) {
	d = d.Line()
	step, known := d.Step(e.Step)
	lane, open := s.at(d, e.Step)
	switch {
	case s.Ended:
		return s, nil, errs.New(errs.Conflict, "flow.ended")
	case !known:
		return s, nil, errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": e.Step})
	case !open:
		return s, nil, errs.New(errs.Conflict, "flow.wrong_step", errs.P{"step": step.Name})
	}
	// One officer takes an inspection up for two, and anybody may put down what a colleague cannot do.
	if err := mayAct(d, s, step, e.By); err != nil && e.Kind != EventRelease && !(e.Kind == EventStart && errs.Is(err, "flow.too_few_officers")) {
		return s, nil, err
	}
	if step.Kind == Countersign && e.Kind != EventReturn {
		if err := s.spot(lane).asked(step, e.Post); err != nil {
			return s, nil, err
		}
	}
	switch e.Kind {
	case EventStart:
		return s.put(lane, s.spot(lane).taken(step, e.Post, e.By)), nil, nil
	case EventRelease:
		return s.put(lane, s.spot(lane).taken(step, e.Post, nil)), nil, nil
	case EventDone:
		return done(d, s, lane, step, e, answers)
	case EventReturn:
		return sendBack(d, s, lane, step, e, answers)
	}
	return s, nil, errs.New(errs.Invalid, "flow.unknown_event")
}

// MayAct says whether these people may together handle an open step: enough of them, none twice, and none kept away by NotBy or Separate because of any
// step they handled before, also one that was sent back; in a countersign nobody speaks twice. Errors: flow.ended, flow.unknown_step, flow.wrong_step,
// flow.nobody, flow.too_few_officers, flow.same_officer, flow.signed_already.
func MayAct(d Definition, s State, key string, by []string) error {
	if s.Ended {
		return errs.New(errs.Conflict, "flow.ended")
	}
	d = d.Line()
	step, ok := d.Step(key)
	if !ok {
		return errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": key})
	}
	if _, open := s.at(d, key); !open {
		return errs.New(errs.Conflict, "flow.wrong_step", errs.P{"step": step.Name})
	}
	return mayAct(d, s, step, by)
}

func mayAct(d Definition, s State, step Step, by []string) error {
	people := map[string]bool{}
	for _, p := range by {
		if strings.TrimSpace(p) == "" {
			return errs.New(errs.Invalid, "flow.nobody")
		}
		people[p] = true
	}
	switch need := step.officers(); {
	case len(people) == 0:
		return errs.New(errs.Invalid, "flow.nobody")
	case len(people) < need:
		return errs.New(errs.Invalid, "flow.too_few_officers", errs.P{"need": need})
	}
	for _, before := range s.Done {
		other, ok := d.Step(before.Step)
		if !ok || !d.apart(s, step, other) {
			continue
		}
		for _, p := range before.By {
			if people[p] {
				return errs.New(errs.Forbidden, "flow.same_officer", errs.P{"step": other.Name})
			}
		}
	}
	lane, _ := s.at(d, step.Key)
	for _, x := range s.spot(lane).Signs {
		if people[x.By] {
			return errs.New(errs.Forbidden, "flow.signed_already", errs.P{"step": step.Name})
		}
	}
	return nil
}

// apart reports whether two steps must be in different hands.
func (d Definition) apart(s State, a, b Step) bool {
	if slices.Contains(a.NotBy, b.Key) || slices.Contains(b.NotBy, a.Key) {
		return true
	}
	if !d.Separate || a.Kind != Decide && b.Kind != Decide {
		return false
	}
	if b.Kind == Decide {
		a, b = b, a
	}
	return rank(b.Kind) == rank(Review) || b.Kind == Accept && !reviewed(d, s)
}

// reviewed reports whether any review or inspection has taken place.
func reviewed(d Definition, s State) bool {
	return slices.ContainsFunc(s.Done, func(x DoneStep) bool {
		st, ok := d.Step(x.Step)
		return ok && rank(st.Kind) == rank(Review)
	})
}

func done(d Definition, s State, lane int, step Step, e Event, answers func(string) any) (State, []Effect, error) {
	if e.Outcome == Returned {
		return s, nil, errs.New(errs.Invalid, "flow.bad_outcome")
	}
	if step.Kind != Countersign {
		e.Post = ""
	}
	s = s.record(e, e.Outcome)
	if step.Kind == Countersign {
		p := s.spot(lane).signed(e)
		if s = s.put(lane, p); !p.settled(step) {
			return s, nil, nil
		}
	}
	leave := Effect{EffectLeave, step}
	if step.Kind == Accept && e.Outcome == Refuse {
		s.Spot, s.Lanes, s.Ended = Spot{}, nil, true
		return s, []Effect{leave, {EffectEnd, step}}, nil
	}
	s, effects := goOn(d, s, lane, step, answers)
	return s, append([]Effect{leave}, effects...), nil
}

// goOn goes on after a step that is done: in its lane, or on the trunk when it stood there or all lanes are over.
func goOn(d Definition, s State, lane int, step Step, answers func(string) any) (State, []Effect) {
	if lane < 0 {
		return enter(d, s, d.index(step.Key)+1, refusedBy(d, s), answers)
	}
	around := d.index(s.Step)
	way := d.Steps[around].Parallel[lane]
	p, effects := enterLane(way, slices.IndexFunc(way, func(x Step) bool { return x.Key == step.Key })+1, answers)
	s = s.put(lane, p)
	if slices.ContainsFunc(s.Lanes, func(x Spot) bool { return x.Step != "" }) {
		return s, effects
	}
	s.Lanes = nil
	s, after := enter(d, s, around+1, refusedBy(d, s), answers)
	return s, append([]Effect{{EffectLeave, d.Steps[around]}}, after...)
}

// refusedBy reports whether the decision was a refusal: then there is no certificate to make.
func refusedBy(d Definition, s State) bool {
	return slices.ContainsFunc(s.Done, func(x DoneStep) bool {
		st, _ := d.Step(x.Step)
		return st.Kind == Decide && x.Outcome == Refuse
	})
}

// sendBack goes back to a step before this one: of the same lane, or of the trunk, which ends all lanes. Into a parallel step that is over, only the
// lane of the step asked for opens again.
func sendBack(d Definition, s State, lane int, step Step, e Event, answers func(string) any) (State, []Effect, error) {
	target, ok := d.Step(e.To)
	if !ok {
		return s, nil, errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": e.To})
	}
	from, to := d.locate(step.Key), d.locate(e.To)
	same := lane >= 0 && to.lane == lane && to.trunk == from.trunk
	earlier := to.trunk < from.trunk || same && to.step < from.step
	if !earlier || target.Kind == Parallel || !target.applies(answers) || !d.Steps[to.trunk].applies(answers) {
		return s, nil, errs.New(errs.Conflict, "flow.not_earlier", errs.P{"step": target.Name})
	}
	for _, st := range d.Steps[to.trunk:from.trunk] {
		if st.Kind == Accept || st.Kind == Decide {
			return s, nil, errs.New(errs.Conflict, "flow.act_stands", errs.P{"step": st.Name})
		}
	}
	e.Post = ""
	s = s.record(e, Returned)
	effects := []Effect{{EffectLeave, step}, {EffectEnter, target}}
	switch {
	case same:
		return s.put(lane, Spot{Step: e.To}), effects, nil
	case to.lane >= 0:
		s.Lanes = make([]Spot, len(d.Steps[to.trunk].Parallel))
		s.Spot, s.Lanes[to.lane] = Spot{Step: d.Steps[to.trunk].Key}, Spot{Step: e.To}
	default:
		s.Spot, s.Lanes = Spot{Step: e.To}, nil
	}
	return s, effects, nil
}

// applies says whether the step is part of this application's way; without answers everything is missing.
func (s Step) applies(answers func(string) any) bool {
	if answers == nil {
		answers = func(string) any { return nil }
	}
	return s.When.Eval(answers)
}

// record notes who did the step; the slices of the state given are left alone.
func (s State) record(e Event, outcome string) State {
	s.Done = append(slices.Clip(s.Done), DoneStep{Step: e.Step, Post: e.Post, By: slices.Clone(e.By), Outcome: outcome})
	return s
}

// enter moves to the first step from index i that applies, or ends. Of a parallel step all lanes begin; one without a step that applies is over at once.
func enter(d Definition, s State, i int, refused bool, answers func(string) any) (State, []Effect) {
	for ; i < len(d.Steps); i++ {
		step := d.Steps[i]
		if step.Kind == Certificate && refused || !step.applies(answers) {
			continue
		}
		if step.Kind != Parallel {
			s.Spot = Spot{Step: step.Key}
			return s, []Effect{{EffectEnter, step}}
		}
		effects := []Effect{{EffectEnter, step}}
		lanes := make([]Spot, len(step.Parallel))
		for j, way := range step.Parallel {
			var fx []Effect
			lanes[j], fx = enterLane(way, 0, answers)
			effects = append(effects, fx...)
		}
		if len(effects) > 1 {
			s.Spot, s.Lanes = Spot{Step: step.Key}, lanes
			return s, effects
		}
	}
	last := Step{}
	if n := len(s.Done); n > 0 {
		last, _ = d.Step(s.Done[n-1].Step)
	}
	s.Spot, s.Ended = Spot{}, true
	return s, []Effect{{EffectEnd, last}}
}

// enterLane moves to the first step of a lane from index i that applies; without one the lane is over.
func enterLane(way []Step, i int, answers func(string) any) (Spot, []Effect) {
	for ; i < len(way); i++ {
		if way[i].applies(answers) {
			return Spot{Step: way[i].Key}, []Effect{{EffectEnter, way[i]}}
		}
	}
	return Spot{}, nil
}
