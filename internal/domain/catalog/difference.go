package catalog

import (
	"fmt"
	"strings"

	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// The kinds of difference.
const (
	Appeared = "added"
	Vanished = "removed"
	Differs  = "changed"
)

// Difference is one thing in which two versions of a form or flow differ. Kind is section, field, column or step; Parts say what was changed.
type Difference struct {
	What, Kind string
	Key, Name  string
	In         string // the section, table or branch it stands in
	Parts      []Part
}

// Part is one property that changed. Name is the key of its text: catalog.part_of_<name>. Was and Is are words, empty for nothing.
type Part struct{ Name, Was, Is string }

// FormDifference compares two versions of a form by the keys of its sections, fields and columns, in the order of the newer one; what was removed
// stands at the end.
func FormDifference(old, is form.Definition) []Difference {
	var a, b pieces
	a.form(old)
	b.form(is)
	return compare(a, b)
}

// FlowDifference compares two versions of a flow by the keys of its steps.
func FlowDifference(old, is flow.Definition) []Difference {
	var a, b pieces
	a.text("step", "flow", "", old.Name, "", Part{Name: "separate", Is: yes(old.Separate)})
	b.text("step", "flow", "", is.Name, "", Part{Name: "separate", Is: yes(is.Separate)})
	a.steps(old.Steps, "")
	b.steps(is.Steps, "")
	return compare(a, b)
}

// piece is one thing with its properties, whose values stand in Is.
type piece struct {
	kind, key, name, in string
	props               []Part
}

// pieces are those of a definition in reading order.
type pieces []piece

func (p *pieces) text(kind, key, in, name, hint string, more ...Part) {
	props := append([]Part{{Name: "label", Is: name}, {Name: "hint", Is: hint}}, more...)
	*p = append(*p, piece{kind, key, name, in, props})
}

func (p *pieces) form(d form.Definition) {
	for _, s := range d.Sections {
		p.text("section", s.Key, "", s.Title, s.Hint, Part{Name: "when", Is: s.When.String()})
		for _, f := range s.Fields {
			p.field("field", s.Title, f.Key, f)
			for _, c := range f.Columns {
				p.field("column", f.Label, f.Key+"/"+c.Key, c)
			}
		}
	}
}

func (p *pieces) field(kind, in, key string, f form.Field) {
	p.text(kind, key, in, f.Label, f.Hint,
		Part{Name: "kind", Is: f.Kind}, Part{Name: "in", Is: in}, Part{Name: "required", Is: yes(f.Required)}, Part{Name: "when", Is: f.When.String()},
		Part{Name: "options", Is: options(f.Options)}, Part{Name: "min", Is: number(f.Min)}, Part{Name: "max", Is: number(f.Max)}, Part{Name: "min_date", Is: f.MinDate},
		Part{Name: "max_date", Is: f.MaxDate}, Part{Name: "max_length", Is: count(f.MaxLength)}, Part{Name: "pattern", Is: f.Pattern},
		Part{Name: "pattern_hint", Is: f.PatternHint}, Part{Name: "min_rows", Is: count(f.MinRows)}, Part{Name: "max_rows", Is: count(f.MaxRows)}, Part{Name: "unit", Is: f.Unit},
		Part{Name: "read_only", Is: yes(f.ReadOnly)}, Part{Name: "compute", Is: f.Compute}, Part{Name: "level", Is: f.Level})
}

func (p *pieces) steps(all []flow.Step, in string) {
	for i, s := range all {
		limit := ""
		if s.Limit != nil {
			limit = fmt.Sprintf("%d %s", s.Limit.N, s.Limit.Unit)
		}
		before := ""
		if i > 0 {
			before = all[i-1].Name
		}
		p.text("step", s.Key, in, s.Name, "",
			Part{Name: "kind", Is: s.Kind}, Part{Name: "in", Is: in}, Part{Name: "after", Is: before}, Part{Name: "post", Is: strings.Join(append(s.Posts[:len(s.Posts):len(s.Posts)], nonEmpty(s.Post)...), "、")},
			Part{Name: "limit", Is: limit}, Part{Name: "when", Is: s.When.String()}, Part{Name: "officers", Is: count(s.Officers)}, Part{Name: "need", Is: count(s.Need)},
			Part{Name: "not_by", Is: strings.Join(s.NotBy, "、")}, Part{Name: "papers", Is: strings.Join(s.Acts, "、")}, Part{Name: "on_the_spot", Is: yes(s.OnTheSpot)},
			Part{Name: "hide", Is: strings.Join(s.Hide, "、")}, Part{Name: "checklist", Is: checklist(s.Checklist)}, Part{Name: "notices", Is: notices(s.Notices)}, Part{Name: "ways", Is: ways(s.Ways)},
			Part{Name: "question", Is: s.Question}, Part{Name: "silence", Is: s.Silence}, Part{Name: "assign", Is: assigned(s.Assign)})
		for _, w := range s.Ways {
			p.steps(w.Steps, s.Name+" › "+w.Name)
		}
		for _, branch := range s.Parallel {
			p.steps(branch, s.Name)
		}
	}
}

// compare finds what stands in one only and what changed.
func compare(old, is pieces) []Difference {
	before := map[string]piece{}
	for _, p := range old {
		before[p.kind+" "+p.key] = p
	}
	var out []Difference
	for _, p := range is {
		was, ok := before[p.kind+" "+p.key]
		delete(before, p.kind+" "+p.key)
		d := Difference{What: Differs, Kind: p.kind, Key: p.key, Name: p.name, In: p.in}
		if !ok {
			d.What = Appeared
		}
		for i, q := range p.props {
			if w := propOf(was, i); w != q.Is {
				d.Parts = append(d.Parts, Part{q.Name, w, q.Is})
			}
		}
		if d.What == Appeared || len(d.Parts) > 0 {
			out = append(out, d)
		}
	}
	for _, p := range old {
		if _, gone := before[p.kind+" "+p.key]; gone {
			out = append(out, Difference{What: Vanished, Kind: p.kind, Key: p.key, Name: p.name, In: p.in})
		}
	}
	return out
}

func propOf(p piece, i int) string {
	if i < len(p.props) {
		return p.props[i].Is
	}
	return ""
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// On is the value of a switch that is on; one that is off is nothing.
const On = "✓"

func yes(b bool) string {
	if b {
		return On
	}
	return ""
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func number(n *float64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func options(all []form.Option) string {
	return joined(all, func(o form.Option) string {
		if o.Hint != "" {
			return o.Label + "（" + o.Hint + "）"
		}
		return o.Label
	})
}

func checklist(all []flow.CheckItem) string {
	return joined(all, func(c flow.CheckItem) string { return strings.TrimSpace(c.Text + " " + c.Basis) })
}

func assigned(a *flow.Assign) string {
	if a == nil {
		return ""
	}
	share := ""
	if a.Load {
		share = flow.ByLoad
	}
	rules := joined(a.Rules, func(r flow.Rule) string { return strings.TrimSpace(r.When.String() + " → " + r.Post + " " + r.Staff) })
	return strings.Join(strings.Fields(strings.Join([]string{a.By, a.Role + a.Field, rules, share}, " ")), " ")
}

func notices(all []flow.Notice) string {
	return joined(all, func(n flow.Notice) string { return n.Text })
}

func ways(all []flow.Way) string {
	return joined(all, func(w flow.Way) string { return strings.TrimSpace(w.Name + " " + w.When.String()) })
}

func joined[T any](all []T, text func(T) string) string {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = text(x)
	}
	return strings.Join(parts, "；")
}
