package table

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
)

// How many rows count.
const (
	First = "first" // the first row that fits
	Every = "every" // all rows that fit
)

// Problem is a fault in a definition. Path is a JSON pointer.
type Problem = cond.Problem

// Definition is one decision table. Published versions never change.
type Definition struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Hit   string `json:"hit,omitempty"` // First when empty
	Rows  []Row  `json:"rows"`
	Tests []Case `json:"tests,omitempty"`
}

// Row is one line: when the condition holds, what follows. A row without a condition always fits.
type Row struct {
	Name   string    `json:"name"` // unique in the table
	When   cond.Expr `json:"when,omitzero"`
	Refuse string    `json:"refuse,omitempty"` // the application cannot be sent; the text says why and what to do
	Warn   string    `json:"warn,omitempty"`
	Need   []string  `json:"need,omitempty"` // keys of materials
	Basis  string    `json:"basis,omitempty"`
}

// Case is one test: with these answers, exactly these rows fit.
type Case struct {
	Name  string         `json:"name"`
	Given map[string]any `json:"given,omitempty"`
	Rows  []string       `json:"rows,omitempty"` // names; none when no row fits
}

// Fitting gives the rows that fit, in order.
func (d Definition) Fitting(get func(field string) any) []Row {
	var out []Row
	for _, r := range d.Rows {
		if !r.When.Eval(get) {
			continue
		}
		out = append(out, r)
		if d.Hit != Every {
			break
		}
	}
	return out
}

var goodKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check finds what is wrong before a table is published: shape, conditions against the fields they may read, rows nobody reaches, materials the item
// does not have, cases that come out otherwise and rows no case tries.
func (d Definition) Check(s cond.Scope, materials []string) []Problem {
	c := &checker{}
	if !goodKey.MatchString(d.Key) {
		c.add("/key", "table.bad_key", errs.P{"key": d.Key})
	}
	if strings.TrimSpace(d.Name) == "" {
		c.add("/name", "table.no_name", nil)
	}
	if d.Hit != "" && d.Hit != First && d.Hit != Every {
		c.add("/hit", "table.bad_hit", nil)
	}
	if len(d.Rows) == 0 {
		c.add("/rows", "table.no_rows", nil)
	}
	c.rows(d, s, materials)
	c.cases(d, s)
	return c.out
}

type checker struct{ out []Problem }

func (c *checker) add(path, key string, p errs.P) {
	c.out = append(c.out, Problem{Path: path, Key: key, Params: p})
}

func (c *checker) rows(d Definition, s cond.Scope, materials []string) {
	seen, closed := map[string]bool{}, ""
	for i, r := range d.Rows {
		at := fmt.Sprintf("/rows/%d", i)
		name := strings.TrimSpace(r.Name)
		switch {
		case name == "":
			c.add(at+"/name", "table.row_name", errs.P{"n": i + 1})
		case seen[name]:
			c.add(at+"/name", "table.row_twice", errs.P{"row": name})
		}
		seen[name] = true
		if r.Refuse == "" && r.Warn == "" && len(r.Need) == 0 {
			c.add(at, "table.row_empty", errs.P{"row": name})
		}
		if closed != "" {
			c.add(at, "table.row_unreached", errs.P{"row": name, "before": closed})
		}
		if r.When.IsZero() && d.Hit != Every {
			closed = name
		}
		for j, m := range r.Need {
			if !slices.Contains(materials, m) {
				c.add(fmt.Sprintf("%s/need/%d", at, j), "table.no_material", errs.P{"row": name, "material": m})
			}
		}
		for _, p := range r.When.Check(s) {
			c.add(at+"/when"+p.Path, p.Key, p.Params)
		}
	}
}

// cases runs the tests. A case may only give what conditions may read, so that a misspelt field does not pass by saying nothing.
func (c *checker) cases(d Definition, s cond.Scope) {
	if len(d.Tests) == 0 {
		c.add("/tests", "table.no_tests", nil)
		return
	}
	tried := map[string]bool{}
	for i, t := range d.Tests {
		at := fmt.Sprintf("/tests/%d", i)
		for f := range t.Given {
			if _, ok := s[f]; !ok {
				c.add(at+"/given/"+f, "table.test_field", errs.P{"test": t.Name, "field": f})
			}
		}
		var got []string
		for _, r := range d.Fitting(func(f string) any { return t.Given[f] }) {
			got = append(got, r.Name)
			tried[r.Name] = true
		}
		if !slices.Equal(got, t.Rows) {
			c.add(at, "table.test_failed", errs.P{"test": t.Name, "want": words(t.Rows), "got": words(got)})
		}
	}
	for i, r := range d.Rows {
		if !tried[r.Name] {
			c.add(fmt.Sprintf("/rows/%d", i), "table.row_untested", errs.P{"row": r.Name})
		}
	}
}

func words(rows []string) string {
	if len(rows) == 0 {
		return "∅"
	}
	return strings.Join(rows, "、")
}
