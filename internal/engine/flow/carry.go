package flow

import (
	"slices"

	"tongban/internal/base/errs"
)

// Carried says what becomes of a running flow under another definition. Steps are matched by key and kind.
type Carried struct {
	Here   []Pair     // open work and where it stands afterwards
	Lost   []DoneStep // what was done in steps the other definition does not have; it stays on record
	Missed []Step     // steps of the other definition before the open ones that this case was never asked for
	Begun  []Step     // of a parallel step: first steps of lanes that begin anew
}

// Pair is an open step in both definitions.
type Pair struct{ Was, Is Step }

// Carry gives the state of a running flow under another definition, without doing anything: no step is passed and nothing that was done is taken back.
// Errors: flow.ended; flow.carry_gone{step} when an open step does not exist there in the same kind; flow.carry_lane{step} when it stands in another
// place (in a lane, or out of it); flow.carry_posts{step} when a countersign asks other posts; flow.not_runnable.
func Carry(was, is Definition, s State, answers func(string) any) (State, Carried, error) {
	var c Carried
	if s.Ended || s.Step == "" {
		return s, c, errs.New(errs.Conflict, "flow.ended")
	}
	if len(is.structure()) > 0 {
		return s, c, errs.New(errs.Conflict, "flow.not_runnable", errs.P{"step": is.Key})
	}
	was, is = was.Line(), is.Line()
	trunk, err := c.same(was, is, s.Step)
	if err != nil {
		return s, c, err
	}
	if p := is.locate(s.Step); p.lane >= 0 {
		return s, c, errs.New(errs.Conflict, "flow.carry_lane", errs.P{"step": trunk.Was.Name})
	}
	out := s
	if trunk.Is.Kind == Parallel {
		if out, err = c.lanes(was, is, s, trunk, answers); err != nil {
			return s, c, err
		}
	} else if out.Spot, err = c.spot(s.Spot, trunk); err != nil {
		return s, c, err
	}
	c.compare(was, is, out, answers)
	return out, c, nil
}

func (c *Carried) same(was, is Definition, key string) (Pair, error) {
	old, _ := was.Step(key)
	st, ok := is.Step(key)
	if !ok || st.Kind != old.Kind {
		return Pair{}, errs.New(errs.Conflict, "flow.carry_gone", errs.P{"step": old.Name})
	}
	return Pair{old, st}, nil
}

// spot carries one open step. Whoever has it in hand keeps it where its post stays; of a countersign what was said counts only among the same posts.
func (c *Carried) spot(p Spot, at Pair) (Spot, error) {
	if at.Is.Kind == Countersign {
		a, b := slices.Sorted(slices.Values(at.Was.Posts)), slices.Sorted(slices.Values(at.Is.Posts))
		if !slices.Equal(a, b) || at.Was.Need != at.Is.Need && len(p.Signs) > 0 {
			return p, errs.New(errs.Conflict, "flow.carry_posts", errs.P{"step": at.Was.Name})
		}
	}
	if at.Was.Post != at.Is.Post {
		p.With, p.Post, p.Lent = nil, "", nil
	}
	c.Here = append(c.Here, at)
	return p, nil
}

// lanes carries what stands in the lanes of a parallel step. A lane without a counterpart begins anew, unless its steps were all done.
func (c *Carried) lanes(was, is Definition, s State, around Pair, answers func(string) any) (State, error) {
	out := s
	out.Lanes = make([]Spot, len(around.Is.Parallel))
	taken := make([]bool, len(out.Lanes))
	for _, p := range s.Lanes {
		if p.Step == "" {
			continue
		}
		at, err := c.same(was, is, p.Step)
		if err != nil {
			return s, err
		}
		place := is.locate(p.Step)
		if place.lane < 0 || is.Steps[place.trunk].Key != around.Is.Key || taken[place.lane] {
			return s, errs.New(errs.Conflict, "flow.carry_lane", errs.P{"step": at.Was.Name})
		}
		if out.Lanes[place.lane], err = c.spot(p, at); err != nil {
			return s, err
		}
		taken[place.lane] = true
	}
	for j, way := range around.Is.Parallel {
		if taken[j] {
			continue
		}
		for _, st := range way {
			if st.applies(answers) && !s.did(st.Key) {
				out.Lanes[j] = Spot{Step: st.Key}
				c.Begun = append(c.Begun, st)
				break
			}
		}
	}
	return out, nil
}

// did reports whether a step was done, and not only sent back.
func (s State) did(key string) bool {
	return slices.ContainsFunc(s.Done, func(x DoneStep) bool { return x.Step == key && x.Outcome != Returned })
}

// compare finds what was done in vain and what lies behind the case without having been asked for.
func (c *Carried) compare(was, is Definition, s State, answers func(string) any) {
	for _, x := range s.Done {
		if _, ok := is.Step(x.Step); !ok {
			c.Lost = append(c.Lost, x)
		}
	}
	missed := func(steps []Step, until string) {
		for _, st := range steps {
			if st.Key == until {
				return
			}
			if st.Kind != Parallel && st.applies(answers) && !s.did(st.Key) {
				c.Missed = append(c.Missed, st)
			}
		}
	}
	missed(is.Steps, s.Step)
	for i := range is.index(s.Step) {
		if is.Steps[i].applies(answers) {
			for _, way := range is.Steps[i].Parallel {
				missed(way, "")
			}
		}
	}
	for j, p := range s.Lanes {
		if p.Step != "" && !slices.ContainsFunc(c.Begun, func(x Step) bool { return x.Key == p.Step }) {
			missed(is.Steps[is.index(s.Step)].Parallel[j], p.Step)
		}
	}
}
