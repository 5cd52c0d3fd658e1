package form

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
)

var (
	goodKey   = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	goodDate  = regexp.MustCompile(`^(today([+-]\d{1,5})?|\d{4}-\d{2}-\d{2})$`)
	allKinds  = []string{Text, Textarea, Number, Money, Date, DateRange, Radio, Checkbox, YesNo, Select, Region, IDNumber, CreditCode, Phone, BankCard, Email, Address, Table, Notice, Declaration, Computed}
	notColumn = []string{Table, Notice, Declaration, Computed, Checkbox, DateRange}
	levels    = []string{"", "name", "id", "phone", "address"}
)

type checker struct {
	d     Definition
	scope cond.Scope // the fields seen so far: a condition may only read these
	keys  map[string]bool
	terms map[string]bool
	out   []Problem
}

// Check finds what is wrong with a definition before it is published: keys, kinds, labels, options, terms, limits, patterns and conditions.
// Paths are JSON pointers. A condition may only read fields that stand before it, so that nothing can go round in circles.
func (d Definition) Check() []Problem {
	c := &checker{d: d, scope: cond.Scope{}, keys: map[string]bool{}, terms: map[string]bool{}}
	if !goodKey.MatchString(d.Key) {
		c.add("/key", "form.bad_key", errs.P{"key": d.Key})
	}
	if len(d.Sections) == 0 {
		c.add("/sections", "form.no_sections", nil)
	}
	sections := map[string]bool{}
	for i, s := range d.Sections {
		at := fmt.Sprintf("/sections/%d", i)
		c.key(at, s.Key, sections)
		if strings.TrimSpace(s.Title) == "" {
			c.add(at+"/title", "form.no_label", errs.P{"key": s.Key})
		}
		c.when(at, s.When, c.scope)
		for j, f := range s.Fields {
			c.field(fmt.Sprintf("%s/fields/%d", at, j), f)
		}
	}
	c.collisions()
	return c.out
}

func (c *checker) add(path, key string, p errs.P) {
	c.out = append(c.out, Problem{Path: path, Key: key, Params: p})
}

func (c *checker) key(at, key string, taken map[string]bool) {
	switch {
	case !goodKey.MatchString(key) || len(key) > 64:
		c.add(at+"/key", "form.bad_key", errs.P{"key": key})
	case taken[key]:
		c.add(at+"/key", "form.duplicate_key", errs.P{"key": key})
	}
	taken[key] = true
}

func (c *checker) when(at string, e cond.Expr, s cond.Scope) {
	for _, p := range e.Check(s) {
		if name, _ := p.Params["field"].(string); p.Key == "cond.unknown_field" {
			if _, later := c.d.field(name); later {
				p.Key = "form.condition_later"
			}
		}
		p.Path = at + "/when" + p.Path
		c.out = append(c.out, p)
	}
}

func (c *checker) field(at string, f Field) {
	c.key(at, f.Key, c.keys)
	c.when(at, f.When, c.scope)
	c.common(at, f)
	if f.isData() && f.Kind != Declaration {
		switch {
		case strings.TrimSpace(f.Term) == "":
			c.add(at+"/term", "form.no_term", errs.P{"key": f.Key})
		case c.terms[f.Term]:
			c.add(at+"/term", "form.duplicate_term", errs.P{"key": f.Key, "term": f.Term})
		}
		c.terms[f.Term] = true
	}
	switch f.Kind {
	case Table:
		c.table(at, f)
	case Computed:
		table, _, ok := computeTarget(f.Compute, c.d)
		if _, before := c.scope[table.Key]; !ok || !before {
			c.add(at+"/compute", "form.bad_compute", errs.P{"key": f.Key})
		}
	}
	if t, ok := f.condType(); ok {
		c.scope[f.Key] = t
	}
}

// common holds for fields and columns.
func (c *checker) common(at string, f Field) {
	if !slices.Contains(allKinds, f.Kind) {
		c.add(at+"/kind", "form.unknown_kind", errs.P{"key": f.Key, "kind": f.Kind})
	}
	if strings.TrimSpace(f.Label) == "" {
		c.add(at+"/label", "form.no_label", errs.P{"key": f.Key})
	}
	if !slices.Contains(levels, f.Level) {
		c.add(at+"/level", "form.unknown_level", errs.P{"key": f.Key})
	}
	c.options(at, f)
	c.limits(at, f)
	if f.Pattern != "" {
		if _, err := regexp.Compile(f.Pattern); err != nil || strings.TrimSpace(f.PatternHint) == "" {
			c.add(at+"/pattern", "form.bad_pattern", errs.P{"key": f.Key})
		}
	}
}

func (c *checker) options(at string, f Field) {
	if (f.Kind == Radio || f.Kind == Checkbox || f.Kind == Select) && len(f.Options) == 0 {
		c.add(at+"/options", "form.no_options", errs.P{"key": f.Key})
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		if o.Value == "" || o.Value != clean(o.Value) || strings.TrimSpace(o.Label) == "" || seen[o.Value] {
			c.add(fmt.Sprintf("%s/options/%d", at, i), "form.bad_option", errs.P{"key": f.Key})
		}
		seen[o.Value] = true
	}
}

func (c *checker) limits(at string, f Field) {
	bad := f.Min != nil && f.Max != nil && *f.Min > *f.Max ||
		f.MinDate != "" && !goodDate.MatchString(f.MinDate) || f.MaxDate != "" && !goodDate.MatchString(f.MaxDate) ||
		f.MaxLength < 0 || f.MaxLength > 20_000 || f.MinRows < 0 || f.MaxRows < 0 || f.MaxRows > maxRows || f.MinRows > f.rowLimit()
	if bad {
		c.add(at, "form.bad_limits", errs.P{"key": f.Key})
	}
}

func (c *checker) table(at string, f Field) {
	if len(f.Columns) == 0 {
		c.add(at+"/columns", "form.no_columns", errs.P{"key": f.Key})
	}
	keys := map[string]bool{}
	scope := cond.Scope{}
	for k, t := range c.scope {
		scope[k] = t
	}
	for i, col := range f.Columns {
		p := fmt.Sprintf("%s/columns/%d", at, i)
		c.key(p, col.Key, keys)
		c.when(p, col.When, scope)
		c.common(p, col)
		if slices.Contains(notColumn, col.Kind) || col.ReadOnly || strings.Contains(col.Key, ".") {
			c.add(p+"/kind", "form.not_in_table", errs.P{"key": col.Key, "kind": col.Kind})
		}
		if t, ok := col.condType(); ok {
			scope[col.Key] = t
		}
	}
}

// collisions finds fields whose key is also the name of another field's input, such as birth.y beside a date called birth.
func (c *checker) collisions() {
	parts := map[string][]string{Date: {"y", "m", "d"}, DateRange: {"from", "to", "from.y", "from.m", "from.d", "to.y", "to.m", "to.d"}}
	c.d.each(func(_ Section, f Field) {
		for _, p := range parts[f.Kind] {
			if k := f.Key + "." + p; c.keys[k] {
				c.add("", "form.duplicate_key", errs.P{"key": k})
			}
		}
	})
}

// dateLimit resolves YYYY-MM-DD, today, today+n and today-n (days); "" when there is no limit.
func dateLimit(s, today string) string {
	rest, relative := strings.CutPrefix(s, "today")
	if !relative {
		return s
	}
	t, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return ""
	}
	if rest != "" {
		n, err := strconv.Atoi(rest)
		if err != nil {
			return ""
		}
		t = t.AddDate(0, 0, n)
	}
	return t.Format(time.DateOnly)
}
