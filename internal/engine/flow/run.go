package flow

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
)

// State is where a flow stands; it is stored as JSON. The zero State has not been started.
type State struct {
	Step  string     `json:"step"`           // the step being handled; "" when ended
	With  []string   `json:"with,omitempty"` // who has taken it up
	Done  []DoneStep `json:"done,omitempty"` // in order; sending back adds to it, nothing is ever removed
	Ended bool       `json:"ended,omitempty"`
}

// DoneStep is one handling of a step.
type DoneStep struct {
	Step    string   `json:"step"`
	By      []string `json:"by"` // ids of the people who acted
	Outcome string   `json:"outcome,omitempty"`
}

// The kinds of an event.
const (
	EventStart  = "start"  // somebody takes the step up
	EventDone   = "done"   // the step is done with an outcome
	EventReturn = "return" // the step sends back to an earlier one
)

// Event is what people did to the current step.
type Event struct {
	Kind    string
	Step    string // must be the current step
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
// flow.same_officer{step}, flow.bad_outcome, flow.not_earlier, flow.act_stands. On an error the state is returned unchanged. s is never written to.
func Next(d Definition, s State, e Event, answers func(string) any) (State, []Effect, error) {
	d = d.Line()
	at := d.index(e.Step)
	switch {
	case s.Ended:
		return s, nil, errs.New(errs.Conflict, "flow.ended")
	case at < 0:
		return s, nil, errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": e.Step})
	case e.Step != s.Step:
		return s, nil, errs.New(errs.Conflict, "flow.wrong_step", errs.P{"step": d.Steps[at].Name})
	}
	if err := MayAct(d, s, e.By); err != nil {
		return s, nil, err
	}
	switch e.Kind {
	case EventStart:
		s.With = slices.Clone(e.By)
		return s, nil, nil
	case EventDone:
		return done(d, s, at, e, answers)
	case EventReturn:
		return sendBack(d, s, at, e, answers)
	}
	return s, nil, errs.New(errs.Invalid, "flow.unknown_event")
}

// MayAct says whether these people may together handle the current step: enough of them, none twice, and none kept away by NotBy or Separate
// because of any step they handled before, also one that was sent back. Errors: flow.ended, flow.unknown_step, flow.nobody, flow.too_few_officers,
// flow.same_officer.
func MayAct(d Definition, s State, by []string) error {
	d = d.Line()
	if s.Ended {
		return errs.New(errs.Conflict, "flow.ended")
	}
	step, ok := d.Step(s.Step)
	if !ok {
		return errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": s.Step})
	}
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

func done(d Definition, s State, at int, e Event, answers func(string) any) (State, []Effect, error) {
	step := d.Steps[at]
	if e.Outcome == Returned {
		return s, nil, errs.New(errs.Invalid, "flow.bad_outcome")
	}
	s = s.record(e, e.Outcome)
	leave := Effect{EffectLeave, step}
	if step.Kind == Accept && e.Outcome == Refuse {
		s.Step, s.Ended = "", true
		return s, []Effect{leave, {EffectEnd, step}}, nil
	}
	refused := refusedBy(d, s)
	s, effects := enter(d, s, at+1, refused, answers)
	return s, append([]Effect{leave}, effects...), nil
}

// refusedBy reports whether the decision was a refusal: then there is no certificate to make.
func refusedBy(d Definition, s State) bool {
	return slices.ContainsFunc(s.Done, func(x DoneStep) bool {
		st, _ := d.Step(x.Step)
		return st.Kind == Decide && x.Outcome == Refuse
	})
}

func sendBack(d Definition, s State, at int, e Event, answers func(string) any) (State, []Effect, error) {
	to := d.index(e.To)
	switch {
	case to < 0:
		return s, nil, errs.New(errs.NotFound, "flow.unknown_step", errs.P{"step": e.To})
	case to >= at || !d.Steps[to].applies(answers):
		return s, nil, errs.New(errs.Conflict, "flow.not_earlier", errs.P{"step": d.Steps[to].Name})
	}
	for _, st := range d.Steps[to:at] {
		if st.Kind == Accept || st.Kind == Decide {
			return s, nil, errs.New(errs.Conflict, "flow.act_stands", errs.P{"step": st.Name})
		}
	}
	s = s.record(e, Returned)
	s.Step = e.To
	return s, []Effect{{EffectLeave, d.Steps[at]}, {EffectEnter, d.Steps[to]}}, nil
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
	s.Done = append(slices.Clip(s.Done), DoneStep{Step: e.Step, By: slices.Clone(e.By), Outcome: outcome})
	s.With = nil
	return s
}

// enter moves to the first step from index i that applies, or ends.
func enter(d Definition, s State, i int, refused bool, answers func(string) any) (State, []Effect) {
	for ; i < len(d.Steps); i++ {
		step := d.Steps[i]
		if step.Kind == Certificate && refused || !step.applies(answers) {
			continue
		}
		s.Step, s.With = step.Key, nil
		return s, []Effect{{EffectEnter, step}}
	}
	last := Step{}
	if n := len(s.Done); n > 0 {
		last, _ = d.Step(s.Done[n-1].Step)
	}
	s.Step, s.Ended = "", true
	return s, []Effect{{EffectEnd, last}}
}
