package flow

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
)

// The ways a step finds who does it.
const (
	ByPost   = "post"   // the post the step names
	ByRole   = "role"   // a post of the deciding agency with a right on the item
	ByRegion = "region" // the post of the region a field of the form names, or of the nearest above it
	ByLoad   = "load"   // of the post's holders whoever has the fewest open tasks
	ByRule   = "rule"   // the first rule that holds names post or person
)

// AssignBy lists the ways.
var AssignBy = []string{ByPost, ByRole, ByRegion, ByLoad, ByRule}

// Assign says who gets a step. Where nobody fits, the step waits at its own post for whoever takes it up.
type Assign struct {
	By    string `json:"by"`
	Role  string `json:"role,omitempty"`  // of role: a right posts have, as review
	Field string `json:"field,omitempty"` // of region: a field with a region code
	Rules []Rule `json:"rules,omitempty"` // of rule
	Load  bool   `json:"load,omitempty"`  // of the post found, give it to the holder with the fewest open tasks
}

// Rule names who gets a step when its condition holds. Staff is the id of an account that holds the post.
type Rule struct {
	When  cond.Expr `json:"when,omitzero"`
	Post  string    `json:"post,omitempty"`
	Staff string    `json:"staff,omitempty"`
}

// rights are those a step can be assigned by; the room org gives them to posts.
var rights = []string{Receive, Accept, Review, Inspect, Decide, Certificate, Deliver, Extend, ExtendJoint}

// Lent is work handed over for a time.
type Lent struct {
	From   string `json:"from"`    // who lent it
	TillMS int64  `json:"till_ms"` // when it comes back, Unix milliseconds
}

// Shares reports whether the work goes to one person.
func (a *Assign) Shares() bool { return a != nil && (a.Load || a.By == ByLoad) }

func (a *Assign) check(at string, s Step) []Problem {
	if a == nil {
		return nil
	}
	var out []Problem
	add := func(path, key string, p errs.P) {
		p["step"] = s.Key
		out = append(out, Problem{Path: at + "/assign" + path, Key: key, Params: p})
	}
	switch {
	case slices.Contains([]string{Branch, Parallel, Countersign}, s.Kind):
		add("", "flow.assign_not_here", errs.P{})
	case !slices.Contains(AssignBy, a.By):
		add("/by", "flow.assign_by", errs.P{"by": a.By})
	case a.By == ByRole && !slices.Contains(rights, a.Role):
		add("/role", "flow.assign_role", errs.P{"role": a.Role})
	case a.By == ByRegion && strings.TrimSpace(a.Field) == "":
		add("/field", "flow.assign_field", errs.P{"field": a.Field})
	case a.By == ByRule && len(a.Rules) == 0:
		add("/rules", "flow.assign_no_rules", errs.P{})
	case a.By != ByRole && a.Role != "" || a.By != ByRegion && a.Field != "" || a.By != ByRule && len(a.Rules) > 0:
		add("", "flow.assign_extra", errs.P{"by": a.By})
	}
	for i, r := range a.Rules {
		path := fmt.Sprintf("/rules/%d", i)
		switch {
		case r.Post == "" && r.Staff == "":
			add(path, "flow.assign_rule_nobody", errs.P{"n": i + 1})
		case r.When.IsZero() && i < len(a.Rules)-1:
			add(path+"/when", "flow.assign_rule_unreached", errs.P{"n": i + 2})
		}
	}
	return out
}

// checkFields finds a region field the form does not have, or that holds no region.
func (a *Assign) checkFields(at string, scope cond.Scope) []Problem {
	if a.By != ByRegion || a.Field == "" {
		return nil
	}
	var out []Problem
	for _, p := range (cond.Expr{Field: a.Field, Op: cond.Empty}).Check(scope) {
		out = append(out, Problem{Path: at + "/assign/field", Key: p.Key, Params: p.Params})
	}
	return out
}

// Named reports whether a step is for the post the flow names, of whatever agency, and not for whoever has the right on the item.
func (s Step) Named() bool { return s.Kind == Consult || s.Kind == Expert || s.Kind == Countersign }

// Place puts an open step at a post and, when by is not empty, into somebody's hands. A step that is not open, or a countersign, is left alone.
func Place(d Definition, s State, step, post, by string) State {
	d = d.Line()
	lane, open := s.at(d, step)
	st, _ := d.Step(step)
	if !open || st.Kind == Countersign {
		return s
	}
	p := s.spot(lane)
	p.Post = post
	if post == st.Post {
		p.Post = ""
	}
	p.With, p.Lent = nil, nil
	if by != "" {
		p.With = []string{by}
	}
	return s.put(lane, p)
}

// Lend puts an open step into somebody's hands for a time.
func Lend(d Definition, s State, step, by string, l Lent) State {
	d = d.Line()
	lane, open := s.at(d, step)
	if st, _ := d.Step(step); !open || st.Kind == Countersign {
		return s
	}
	p := s.spot(lane)
	p.With, p.Lent = []string{by}, &l
	return s.put(lane, p)
}
