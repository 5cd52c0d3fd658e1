package item

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/table"
)

// Decide gives the item with what decision tables say: rows that refuse become check rules, rows that warn notes, and a material that rows name is
// needed when one of them fits or its own condition holds. The item given is left alone.
func (it Item) Decide(tables []table.Definition) Item {
	it.CheckRules, it.Notes, it.Materials = slices.Clip(it.CheckRules), slices.Clip(it.Notes), slices.Clone(it.Materials)
	need := map[string][]cond.Expr{}
	for _, d := range tables {
		var before []cond.Expr
		for _, r := range d.Rows {
			when := fits(r.When, before)
			if d.Hit != table.Every && !r.When.IsZero() {
				before = append(before, r.When)
			}
			if r.Refuse != "" {
				it.CheckRules = append(it.CheckRules, CheckRule{Name: d.Key + "." + r.Name, When: when, Text: r.Refuse})
			}
			if r.Warn != "" {
				it.Notes = append(it.Notes, Warn{When: when, Text: r.Warn})
			}
			for _, m := range r.Need {
				need[m] = append(need[m], when)
			}
		}
	}
	for i, m := range it.Materials {
		if ws := need[m.Key]; len(ws) > 0 {
			if !m.When.IsZero() {
				ws = append([]cond.Expr{m.When}, ws...)
			}
			it.Materials[i].When = either(ws)
		}
	}
	return it
}

// fits is a row's condition when none of the rows before it fits.
func fits(when cond.Expr, before []cond.Expr) cond.Expr {
	if len(before) == 0 {
		return when
	}
	earlier := either(slices.Clone(before))
	not := cond.Expr{Not: &earlier}
	if when.IsZero() {
		return not
	}
	return cond.Expr{All: []cond.Expr{when, not}}
}

// either joins conditions by or; one that is always true makes all of it so.
func either(es []cond.Expr) cond.Expr {
	if len(es) == 1 || slices.ContainsFunc(es, cond.Expr.IsZero) {
		i := max(0, slices.IndexFunc(es, cond.Expr.IsZero))
		return es[i]
	}
	return cond.Expr{Any: es}
}

// NotesFor gives what the person should know before sending, given the answers.
func (it Item) NotesFor(get func(name string) any) []Warn {
	seen := it.scenario(get)
	var out []Warn
	for _, n := range it.Notes {
		if n.When.Eval(seen) {
			out = append(out, n)
		}
	}
	return out
}

// Trial is one case an item office tries its scenario with: with these answers exactly these materials are asked, and the way ends or an application
// is refused exactly as said. Names in Given are those of conditions (scenario.kind, form.area, applicant.age).
type Trial struct {
	Name      string         `json:"name"`
	Given     map[string]any `json:"given,omitempty"`
	Materials []string       `json:"materials,omitempty"` // keys, in the order of the item
	Stops     bool           `json:"stops,omitempty"`     // a question ends the way
	Refused   []string       `json:"refused,omitempty"`   // names of the check rules that forbid to send
}

// Try runs the trials over the item with its tables applied, and gives what came out otherwise. Paths are JSON pointers.
func (it Item) Try(scope cond.Scope) []cond.Problem {
	var out []cond.Problem
	for i, t := range it.Trials {
		at := fmt.Sprintf("/trials/%d", i)
		bad := func(key string, p errs.P) {
			p["trial"] = t.Name
			out = append(out, cond.Problem{Path: at, Key: key, Params: p})
		}
		for f := range t.Given {
			if _, ok := scope[f]; !ok {
				bad("item.trial_field", errs.P{"field": f})
			}
		}
		get := func(name string) any { return t.Given[name] }
		if o := it.Outcome(get); (len(o.Stops) > 0) != t.Stops {
			bad("item.trial_stops", errs.P{"want": mark(t.Stops), "got": mark(!t.Stops)})
			continue
		}
		if t.Stops {
			continue
		}
		var asked, refused []string
		for _, m := range it.MaterialsFor(get) {
			asked = append(asked, m.Key)
		}
		for _, r := range it.Failed(get) {
			refused = append(refused, r.Name)
		}
		if !slices.Equal(asked, t.Materials) {
			bad("item.trial_materials", errs.P{"want": list(t.Materials), "got": list(asked)})
		}
		if !slices.Equal(refused, t.Refused) {
			bad("item.trial_refused", errs.P{"want": list(t.Refused), "got": list(refused)})
		}
	}
	return out
}

func list(keys []string) string {
	if len(keys) == 0 {
		return "∅"
	}
	return strings.Join(keys, "、")
}

func mark(b bool) string {
	if b {
		return "✓"
	}
	return "✗"
}
