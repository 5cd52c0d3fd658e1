package flow

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

var goodKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// maxNotice is how long a notice may be, in runes: it goes out as a text message too.
const maxNotice = 200

// Check finds what is wrong with a definition before it is published. total is what the item promises from acceptance to decision; the zero
// Period means that nothing is promised. Conditions are only checked for their shape; CheckWhen checks them against a form. Paths are JSON pointers.
func (d Definition) Check(total clock.Period) []Problem {
	var out []Problem
	add := func(path, key string, p errs.P) { out = append(out, Problem{Path: path, Key: key, Params: p}) }
	if !goodKey.MatchString(d.Key) {
		add("/key", "flow.bad_key", errs.P{"key": d.Key})
	}
	out = append(out, d.structure()...)
	for at := range d.walk() {
		s := at.step
		holds := s.Kind == Branch || s.Kind == Parallel
		if strings.TrimSpace(s.Name) == "" {
			add(at.path+"/name", "flow.no_name", errs.P{"step": s.Key})
		}
		if !holds && s.Kind != Countersign && strings.TrimSpace(s.Post) == "" {
			add(at.path+"/post", "flow.no_post", errs.P{"step": s.Key})
		}
		if s.Officers < 0 || s.Kind == Inspect && s.Officers < minInspectors {
			add(at.path+"/officers", "flow.two_officers", errs.P{"step": s.Key, "need": minInspectors})
		}
		if s.OnTheSpot && d.Separate && s.Kind == Decide {
			add(at.path+"/on_the_spot", "flow.separate_on_the_spot", errs.P{"step": s.Key})
		}
		out = append(out, checklist(at.path, s)...)
		out = append(out, notices(at.path, s)...)
		out = append(out, s.Assign.check(at.path, s)...)
	}
	return append(out, d.limits(total)...)
}

// CheckWhen checks the conditions of all steps against the fields they may read, mostly form.Definition.Scope.
func (d Definition) CheckWhen(s cond.Scope) []Problem {
	var out []Problem
	add := func(at string, e cond.Expr) {
		for _, p := range e.Check(s) {
			p.Path = at + "/when" + p.Path
			out = append(out, p)
		}
	}
	for at := range d.walk() {
		add(at.path, at.step.When)
		for i, w := range at.step.Ways {
			add(fmt.Sprintf("%s/ways/%d", at.path, i), w.When)
		}
		if a := at.step.Assign; a != nil {
			out = append(out, a.checkFields(at.path, s)...)
			for i, r := range a.Rules {
				add(fmt.Sprintf("%s/assign/rules/%d", at.path, i), r.When)
			}
		}
	}
	return out
}

// structure finds what the engine could not run: it is checked again before a flow starts.
func (d Definition) structure() []Problem {
	c := &shape{seen: map[string]bool{}, count: map[string]int{}}
	for at := range d.walk() {
		c.step(at)
	}
	for _, kind := range []string{Accept, Decide} {
		if c.count[kind] == 0 {
			c.add("/steps", "flow.missing_"+kind, nil)
		}
	}
	for at := range d.walk() {
		for j, other := range at.step.NotBy {
			if other == at.step.Key || !c.seen[other] {
				c.add(fmt.Sprintf("%s/not_by/%d", at.path, j), "flow.unknown_step", errs.P{"step": other})
			}
		}
	}
	return c.out
}

// shape gathers what is wrong with the tree.
type shape struct {
	seen  map[string]bool
	count map[string]int
	last  int // rank of the steps so far
	out   []Problem
}

func (c *shape) add(path, key string, p errs.P) {
	c.out = append(c.out, Problem{Path: path, Key: key, Params: p})
}

func (c *shape) step(at place) {
	s := at.step
	if !goodKey.MatchString(s.Key) {
		c.add(at.path+"/key", "flow.bad_key", errs.P{"key": s.Key})
	} else if c.seen[s.Key] {
		c.add(at.path+"/key", "flow.duplicate_key", errs.P{"key": s.Key})
	}
	c.seen[s.Key] = true
	c.count[s.Kind]++
	switch s.Kind {
	case Branch:
		c.branch(at)
		return
	case Parallel:
		c.parallel(at)
		return
	case Countersign:
		c.countersign(at)
		s.Posts, s.Need = nil, 0
	case Expert:
		if s.Need < 1 {
			c.add(at.path+"/need", "flow.expert_need", errs.P{"step": s.Key})
		}
		s.Need = 0
	}
	c.silence(at)
	if len(s.Ways)+len(s.Parallel)+len(s.Posts)+s.Need > 0 {
		c.add(at.path, "flow.not_for_kind", errs.P{"step": s.Key, "kind": s.Kind})
	}
	r := rank(s.Kind)
	switch {
	case r < 0:
		c.add(at.path+"/kind", "flow.unknown_kind", errs.P{"step": s.Key, "kind": s.Kind})
		return
	case at.inside == Parallel && r != rank(Review):
		c.add(at.path, "flow.not_in_parallel", errs.P{"step": s.Key})
		c.count[s.Kind]--
		return
	case at.inside != "" && (s.Kind == Accept || s.Kind == Decide):
		c.add(at.path, "flow.always_needed", errs.P{"step": s.Key})
	case r < c.last:
		c.add(at.path, "flow.wrong_order", errs.P{"step": s.Key})
	case r != rank(Review) && c.count[s.Kind] > 1:
		c.add(at.path, "flow.only_once", errs.P{"step": s.Key, "kind": s.Kind})
	}
	c.last = max(c.last, r)
	if (s.Kind == Accept || s.Kind == Decide) && !s.When.IsZero() {
		c.add(at.path+"/when", "flow.always_needed", errs.P{"step": s.Key})
	}
}

// branch: at least two ways, every way but the last under a condition, the last for everybody else. A way without steps goes straight on.
func (c *shape) branch(at place) {
	s := at.step
	if len(s.Ways) < 2 {
		c.add(at.path+"/ways", "flow.too_few_ways", errs.P{"step": s.Key})
		return
	}
	for i, w := range s.Ways {
		path := fmt.Sprintf("%s/ways/%d", at.path, i)
		last := i == len(s.Ways)-1
		if strings.TrimSpace(w.Name) == "" {
			c.add(path+"/name", "flow.no_name", errs.P{"step": s.Key})
		}
		switch {
		case last && !w.When.IsZero():
			c.add(path+"/when", "flow.no_default", errs.P{"step": s.Key})
		case !last && w.When.IsZero():
			c.add(path+"/when", "flow.way_unreached", errs.P{"step": s.Key, "way": w.Name})
		}
	}
}

func (c *shape) parallel(at place) {
	s := at.step
	if len(s.Parallel) < 2 || slices.ContainsFunc(s.Parallel, func(w []Step) bool { return len(w) == 0 }) {
		c.add(at.path+"/parallel", "flow.dead_end", errs.P{"step": s.Key})
	}
	if at.inside == Parallel {
		c.add(at.path, "flow.not_in_parallel", errs.P{"step": s.Key})
	}
}

// silence: only an opinion can be replaced by silence, and only after a deadline (a licence is never granted or refused by it).
func (c *shape) silence(at place) {
	s := at.step
	switch {
	case s.Kind != Consult && (s.Silence != "" || s.Question != ""):
		c.add(at.path+"/silence", "flow.silence_only_opinion", errs.P{"step": s.Key})
	case s.Kind != Consult:
	case !slices.Contains([]string{SilenceWaits, SilenceAgree, SilenceNone}, s.Silence):
		c.add(at.path+"/silence", "flow.bad_silence", errs.P{"step": s.Key})
	case s.Limit == nil:
		c.add(at.path+"/limit", "flow.consult_limit", errs.P{"step": s.Key})
	}
}

func (c *shape) countersign(at place) {
	s := at.step
	distinct := map[string]bool{}
	for _, p := range s.Posts {
		distinct[strings.TrimSpace(p)] = true
	}
	if len(distinct) < 2 || distinct[""] || len(distinct) < len(s.Posts) {
		c.add(at.path+"/posts", "flow.countersign_posts", errs.P{"step": s.Key})
	}
	if s.Need < 0 || s.Need > len(s.Posts) {
		c.add(at.path+"/need", "flow.countersign_need", errs.P{"step": s.Key, "n": len(s.Posts)})
	}
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

func notices(at string, s Step) []Problem {
	var out []Problem
	for i, n := range s.Notices {
		if n.On != OnEnter && n.On != OnLeave || strings.TrimSpace(n.Text) == "" || len([]rune(n.Text)) > maxNotice {
			out = append(out, Problem{Path: fmt.Sprintf("%s/notices/%d", at, i), Key: "flow.bad_notice", Params: errs.P{"step": s.Key, "max": maxNotice}})
		}
	}
	return out
}

// limits adds up the longest way between acceptance and decision: only its steps use up the promise.
func (d Definition) limits(total clock.Period) []Problem {
	var out []Problem
	for at := range d.walk() {
		s := at.step
		switch {
		case s.Limit == nil:
		case s.Limit.Check() != nil:
			out = append(out, Problem{Path: at.path + "/limit", Key: "flow.bad_limit", Params: errs.P{"step": s.Key}})
		case s.counts() && total != (clock.Period{}) && s.Limit.Unit != total.Unit:
			out = append(out, Problem{Path: at.path + "/limit", Key: "flow.limit_unit", Params: errs.P{"step": s.Key}})
		}
	}
	if sum := longest(d.Steps, total.Unit); sum > total.N && total != (clock.Period{}) {
		out = append(out, Problem{Path: "/steps", Key: "flow.over_promise", Params: errs.P{"sum": sum, "promised": total.N}})
	}
	return out
}

// counts reports whether the step's limit is part of what was promised.
func (s Step) counts() bool {
	r := rank(s.Kind)
	return r == rank(Review) || r == rank(Decide)
}

func longest(steps []Step, unit clock.Unit) int {
	sum := 0
	for _, s := range steps {
		most := 0
		for _, w := range s.Ways {
			most = max(most, longest(w.Steps, unit))
		}
		for _, w := range s.Parallel {
			most = max(most, longest(w, unit))
		}
		if s.Limit != nil && s.counts() && s.Limit.Check() == nil && s.Limit.Unit == unit {
			most += s.Limit.N
		}
		sum += most
	}
	return sum
}
