package flow

import (
	"fmt"
	"regexp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

var goodKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// Check finds what is wrong with a definition before it is published. total is what the item promises from acceptance to decision; the zero
// Period means that nothing is promised. Conditions are only checked for their shape; CheckWhen checks them against a form. Paths are JSON pointers.
func (d Definition) Check(total clock.Period) []Problem {
	var out []Problem
	add := func(path, key string, p errs.P) { out = append(out, Problem{Path: path, Key: key, Params: p}) }
	if !goodKey.MatchString(d.Key) {
		add("/key", "flow.bad_key", errs.P{"key": d.Key})
	}
	out = append(out, d.structure()...)
	for i, s := range d.Steps {
		at := fmt.Sprintf("/steps/%d", i)
		if strings.TrimSpace(s.Name) == "" {
			add(at+"/name", "flow.no_name", errs.P{"step": s.Key})
		}
		if strings.TrimSpace(s.Post) == "" {
			add(at+"/post", "flow.no_post", errs.P{"step": s.Key})
		}
		if s.Officers < 0 || s.Kind == Inspect && s.Officers < minInspectors {
			add(at+"/officers", "flow.two_officers", errs.P{"step": s.Key, "need": minInspectors})
		}
		if s.OnTheSpot && d.Separate && s.Kind == Decide {
			add(at+"/on_the_spot", "flow.separate_on_the_spot", errs.P{"step": s.Key})
		}
		out = append(out, checklist(at, s)...)
	}
	return append(out, d.limits(total)...)
}

// CheckWhen checks the conditions of all steps against the fields they may read, mostly form.Definition.Scope.
func (d Definition) CheckWhen(s cond.Scope) []Problem {
	var out []Problem
	for i, st := range d.Steps {
		for _, p := range st.When.Check(s) {
			p.Path = fmt.Sprintf("/steps/%d/when%s", i, p.Path)
			out = append(out, p)
		}
	}
	return out
}

// structure finds what the engine could not run: it is checked again before a flow starts.
func (d Definition) structure() []Problem {
	var out []Problem
	add := func(path, key string, p errs.P) { out = append(out, Problem{Path: path, Key: key, Params: p}) }
	seen, count, last := map[string]bool{}, map[string]int{}, 0
	for i, s := range d.Steps {
		at := fmt.Sprintf("/steps/%d", i)
		if !goodKey.MatchString(s.Key) {
			add(at+"/key", "flow.bad_key", errs.P{"key": s.Key})
		} else if seen[s.Key] {
			add(at+"/key", "flow.duplicate_key", errs.P{"key": s.Key})
		}
		seen[s.Key] = true
		count[s.Kind]++
		r := rank(s.Kind)
		switch {
		case s.Kind == Parallel || s.Kind == Countersign || len(s.Parallel) > 0:
			add(at, "flow.not_runnable", errs.P{"step": s.Key})
			continue
		case r < 0:
			add(at+"/kind", "flow.unknown_kind", errs.P{"step": s.Key, "kind": s.Kind})
			continue
		case r < last:
			add(at, "flow.wrong_order", errs.P{"step": s.Key})
		case r != rank(Review) && count[s.Kind] > 1:
			add(at, "flow.only_once", errs.P{"step": s.Key, "kind": s.Kind})
		}
		last = max(last, r)
		if (s.Kind == Accept || s.Kind == Decide) && !s.When.IsZero() {
			add(at+"/when", "flow.always_needed", errs.P{"step": s.Key})
		}
	}
	for _, kind := range []string{Accept, Decide} {
		if count[kind] == 0 {
			add("/steps", "flow.missing_"+kind, nil)
		}
	}
	return append(out, d.notBy()...)
}

func (d Definition) notBy() []Problem {
	var out []Problem
	for i, s := range d.Steps {
		for j, other := range s.NotBy {
			if other == s.Key || d.index(other) < 0 {
				out = append(out, Problem{Path: fmt.Sprintf("/steps/%d/not_by/%d", i, j), Key: "flow.unknown_step", Params: errs.P{"step": other}})
			}
		}
	}
	return out
}

func checklist(at string, s Step) []Problem {
	var out []Problem
	seen := map[string]bool{}
	for i, c := range s.Checklist {
		if !goodKey.MatchString(c.Key) || seen[c.Key] || strings.TrimSpace(c.Text) == "" {
			out = append(out, Problem{Path: fmt.Sprintf("%s/checklist/%d", at, i), Key: "flow.bad_check_item", Params: errs.P{"step": s.Key, "key": c.Key}})
		}
		seen[c.Key] = true
	}
	return out
}

// limits sums the steps between acceptance and decision: only they use up the promise.
func (d Definition) limits(total clock.Period) []Problem {
	var out []Problem
	sum := 0
	for i, s := range d.Steps {
		if s.Limit == nil {
			continue
		}
		at := fmt.Sprintf("/steps/%d/limit", i)
		if s.Limit.Check() != nil {
			out = append(out, Problem{Path: at, Key: "flow.bad_limit", Params: errs.P{"step": s.Key}})
			continue
		}
		if r := rank(s.Kind); r != rank(Review) && r != rank(Decide) || total == (clock.Period{}) {
			continue
		}
		if s.Limit.Unit != total.Unit {
			out = append(out, Problem{Path: at, Key: "flow.limit_unit", Params: errs.P{"step": s.Key}})
			continue
		}
		sum += s.Limit.N
	}
	if sum > total.N && total != (clock.Period{}) {
		out = append(out, Problem{Path: "/steps", Key: "flow.over_promise", Params: errs.P{"sum": sum, "promised": total.N}})
	}
	return out
}
