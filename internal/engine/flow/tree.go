package flow

import (
	"fmt"
	"iter"

	"tongban/internal/engine/cond"
)

// place is one step of the tree with where it stands.
type place struct {
	path   string // JSON pointer
	step   Step
	inside string // kind of the step that holds it; "" on the trunk
}

// walk gives every step of the tree in reading order, those that hold others first.
func (d Definition) walk() iter.Seq[place] {
	return func(yield func(place) bool) { walkSteps("/steps", "", d.Steps, yield) }
}

func walkSteps(at, inside string, steps []Step, yield func(place) bool) bool {
	for i, s := range steps {
		here := fmt.Sprintf("%s/%d", at, i)
		if !yield(place{here, s, inside}) {
			return false
		}
		for j, w := range s.Ways {
			if !walkSteps(fmt.Sprintf("%s/ways/%d/steps", here, j), Branch, w.Steps, yield) {
				return false
			}
		}
		for j, steps := range s.Parallel {
			if !walkSteps(fmt.Sprintf("%s/parallel/%d", here, j), Parallel, steps, yield) {
				return false
			}
		}
	}
	return true
}

// Line gives the flow as it runs: each branch becomes the steps of its ways, one after the other, under the conditions that choose the way, on the trunk
// and in the lanes of parallel steps. A flow without branches is its own line.
func (d Definition) Line() Definition {
	d.Steps = line(d.Steps, nil)
	return d
}

func line(steps []Step, under []cond.Expr) []Step {
	var out []Step
	for _, s := range steps {
		if s.Kind != Branch {
			s.When = all(append(under[:len(under):len(under)], s.When))
			lanes := s.Parallel
			s.Parallel = nil
			for _, way := range lanes {
				s.Parallel = append(s.Parallel, line(way, nil))
			}
			out = append(out, s)
			continue
		}
		here := append(under[:len(under):len(under)], s.When)
		for _, w := range s.Ways {
			out = append(out, line(w.Steps, append(here[:len(here):len(here)], w.When))...)
			if !w.When.IsZero() {
				not := w.When
				here = append(here[:len(here):len(here)], cond.Expr{Not: &not})
			}
		}
	}
	return out
}

// all joins conditions; those that are always true fall away.
func all(es []cond.Expr) cond.Expr {
	var parts []cond.Expr
	for _, e := range es {
		if !e.IsZero() {
			parts = append(parts, e)
		}
	}
	switch len(parts) {
	case 0:
		return cond.Expr{}
	case 1:
		return parts[0]
	}
	return cond.Expr{All: parts}
}

// Walk gives every step of the tree with its JSON pointer, those that hold others first.
func (d Definition) Walk() iter.Seq2[string, Step] {
	return func(yield func(string, Step) bool) {
		for at := range d.walk() {
			if !yield(at.path, at.step) {
				return
			}
		}
	}
}
