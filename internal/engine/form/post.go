package form

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/engine/cond"
)

// FieldsInput is the name of a hidden input that lists, once for each, the fields a page asks. A listed field of which nothing arrives (no box
// ticked, no row left) becomes empty; without the list only fields of which something arrives change.
const FieldsInput = "_fields"

// FromForm merges a posted HTML form into the answers held so far and keeps what was typed; Clean and Validate come after. Names are the field's
// key; dates also key.y, key.m, key.d; ranges key.from and key.to, each also in three; tables key.N.column and key.N._id. The buttons key._add
// and key._remove (value: the row's _id) add and remove a row. Read-only and unknown fields are ignored.
func (d Definition) FromForm(v url.Values, existing Answers) Answers {
	out := Answers{}
	for k, x := range existing {
		out[k] = x
	}
	names := groups(v)
	d.each(func(_ Section, f Field) {
		if f.ReadOnly || !f.isData() || !slices.Contains(v[FieldsInput], f.Key) && !names.posted(f, v) {
			return
		}
		var x any
		if f.Kind == Table {
			x = names.rows(v, f)
		} else {
			x = posted(v, f.Key, f)
		}
		out.replace(f, x)
	})
	return out
}

// FromAPI merges answers a program sent: like FromForm it takes only fields the applicant may fill in.
func (d Definition) FromAPI(sent, existing Answers) Answers {
	out := Answers{}
	for k, x := range existing {
		out[k] = x
	}
	d.each(func(_ Section, f Field) {
		if x, ok := sent[f.Key]; ok && !f.ReadOnly && f.isData() {
			out.replace(f, x)
		}
	})
	return out
}

// replace sets a value; where it differs from what was prefilled, the mark of its source goes.
func (a Answers) replace(f Field, x any) {
	if src := sources(a); src[f.Key] != nil && (f.Kind == Table || show(f, f.normalise(a[f.Key])) != show(f, f.normalise(x))) {
		kept := map[string]any{}
		for k, s := range src {
			if k != f.Key {
				kept[k] = s
			}
		}
		a[SourceKey] = kept
	}
	if cond.Missing(x) {
		delete(a, f.Key)
		return
	}
	a[f.Key] = x
}

// posted reads one field or cell whose inputs are called name; nil when nothing was typed.
func posted(v url.Values, name string, f Field) any {
	switch f.Kind {
	case Checkbox:
		if len(v[name]) == 0 {
			return nil
		}
		return slices.Clone(v[name])
	case Date:
		return blankToNil(postedDate(v, name))
	case DateRange:
		m := map[string]any{}
		for _, k := range []string{"from", "to"} {
			if s := postedDate(v, name+"."+k); s != "" {
				m[k] = s
			}
		}
		if len(m) == 0 {
			return nil
		}
		return m
	}
	if f.Kind == YesNo || f.Kind == Declaration {
		return f.normalise(v.Get(name))
	}
	return blankToNil(v.Get(name))
}

func blankToNil(s string) any {
	if clean(s) == "" {
		return nil
	}
	return s
}

// postedDate joins three inputs as year-month-day, also when some are blank or wrong, so that each can be shown again.
func postedDate(v url.Values, name string) string {
	if v.Has(name) && !v.Has(name+".y") {
		return v.Get(name)
	}
	part := func(p string) string {
		return strings.ReplaceAll(clean(halfWidth(v.Get(name+"."+p))), "-", "")
	}
	y, m, day := part("y"), part("m"), part("d")
	if y+m+day == "" {
		return ""
	}
	typed := y + "-" + m + "-" + day
	if iso, ok := dateOf(typed); ok {
		return iso
	}
	return typed
}

// postedNames sorts the names of a post: the inputs that arrived, also by the field they are part of, and the row numbers of tables.
type postedNames struct {
	parts   map[string]bool
	numbers map[string]map[int]bool
}

var rowName = regexp.MustCompile(`^(.+)\.(\d{1,4})\.[a-z_][a-z0-9_]*$`)

func groups(v url.Values) postedNames {
	p := postedNames{parts: map[string]bool{}, numbers: map[string]map[int]bool{}}
	for name := range v {
		p.mark(name)
	}
	return p
}

// mark notes a name and, for parts such as key.from.y, what it is part of.
func (p postedNames) mark(name string) {
	p.parts[name] = true
	if m := rowName.FindStringSubmatch(name); m != nil {
		p.row(m[1], m[2])
	}
	for _, suffix := range []string{".y", ".m", ".d", ".from", ".to", "._add", "._remove"} {
		if s, ok := strings.CutSuffix(name, suffix); ok {
			p.mark(s)
			return
		}
	}
}

func (p postedNames) row(table, number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	p.parts[table] = true
	if p.numbers[table] == nil {
		p.numbers[table] = map[int]bool{}
	}
	p.numbers[table][n] = true
}

// posted reports whether something arrived for a field. Only kinds with several inputs look at parts, since a key may itself end in .y.
func (p postedNames) posted(f Field, v url.Values) bool {
	switch f.Kind {
	case Date, DateRange, Table:
		return p.parts[f.Key]
	}
	return v.Has(f.Key)
}

func (p postedNames) rows(v url.Values, f Field) any {
	var order []int
	for n := range p.numbers[f.Key] {
		order = append(order, n)
	}
	slices.Sort(order)
	if len(order) > maxPosted {
		order = order[:maxPosted]
	}
	seen := map[string]bool{}
	var out []map[string]any
	for _, n := range order {
		name := f.Key + "." + strconv.Itoa(n) + "."
		row := map[string]any{}
		for _, c := range f.Columns {
			if x := posted(v, name+c.Key, c); x != nil {
				row[c.Key] = x
			}
		}
		id := v.Get(name + RowID)
		if !goodRowID.MatchString(id) || seen[id] {
			id = ""
		}
		if len(row) == 0 && id == "" || id != "" && slices.Contains(v[f.Key+"._remove"], id) {
			continue // a blank row nobody kept, or one taken out
		}
		seen[id] = true
		row[RowID] = id
		out = append(out, row)
	}
	if v.Has(f.Key+"._add") && len(out) < f.rowLimit() {
		out = append(out, map[string]any{RowID: ""})
	}
	return named(out, seen)
}

// named gives rows without an identity a fresh one.
func named(rows []map[string]any, taken map[string]bool) any {
	if len(rows) == 0 {
		return nil
	}
	delete(taken, "")
	for _, r := range rows {
		if r[RowID] == "" {
			id := freshRowID(taken)
			taken[id] = true
			r[RowID] = id
		}
	}
	return rows
}
