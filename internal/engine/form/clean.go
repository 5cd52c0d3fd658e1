package form

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/engine/cnid"
	"tongban/internal/engine/cond"
)

// walked is one pass over the definition: the cleaned answers and what of the form is visible with them.
type walked struct {
	d       Definition
	clean   Answers
	visible map[string]bool
}

// Visible says for every field whether it is asked, given the answers. A hidden field's own answer counts as missing for later conditions.
func (d Definition) Visible(a Answers) map[string]bool { return d.walk(a).visible }

// Clean gives the answers of visible fields only, normalised and without blanks; computed fields are computed. Wrong text stays as typed.
// Cleaning twice changes nothing.
func (d Definition) Clean(a Answers) Answers { return d.walk(a).clean }

func (d Definition) walk(a Answers) *walked {
	w := &walked{d: d, clean: Answers{}, visible: map[string]bool{}}
	for _, s := range d.Sections {
		open := s.When.Eval(w.get)
		for _, f := range s.Fields {
			if w.visible[f.Key] = open && f.When.Eval(w.get); !w.visible[f.Key] {
				continue
			}
			v := w.value(f, a[f.Key])
			if !cond.Missing(v) {
				w.clean[f.Key] = v
			}
		}
	}
	w.keepSources(a)
	return w
}

func (w *walked) get(key string) any {
	v := w.clean[key]
	if fen, ok := v.(int64); ok {
		return yuan(fen)
	}
	return v
}

func (w *walked) keepSources(a Answers) {
	kept := map[string]any{}
	for k, v := range sources(a) {
		if s, ok := v.(string); ok && w.clean[k] != nil {
			kept[k] = s
		}
	}
	if len(kept) > 0 {
		w.clean[SourceKey] = kept
	}
}

func sources(a Answers) map[string]any {
	switch m := a[SourceKey].(type) {
	case map[string]any:
		return m
	case map[string]string:
		out := map[string]any{}
		for k, v := range m {
			out[k] = v
		}
		return out
	}
	return nil
}

func (w *walked) value(f Field, v any) any {
	switch f.Kind {
	case Table:
		return w.rows(f, v)
	case Computed:
		return compute(f.Compute, w.d, w.clean)
	}
	return f.normalise(v)
}

// normalise brings a value into canonical form, or keeps it as the text that was typed.
func (f Field) normalise(v any) any {
	switch f.Kind {
	case Notice:
		return nil
	case Checkbox:
		return normalList(v)
	case DateRange:
		return normalRange(v)
	case Money:
		if fen, ok := fenNumber(v); ok {
			return fen
		}
	}
	if v == nil {
		return nil
	}
	s, ok := textOf(v)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		s = string(b) // an object where a text belongs: kept readable, refused by Validate
	}
	return f.normalText(clean(s))
}

func (f Field) normalText(s string) any {
	switch f.Kind {
	case Number:
		if d, ok := decimalOf(s); ok {
			return d
		}
	case Money:
		if fen, ok := fenOf(s); ok {
			return fen
		}
	case Date:
		if d, ok := dateOf(s); ok {
			return d
		}
	case YesNo, Declaration:
		switch strings.ToLower(s) {
		case "true", "yes", "on", "1":
			return true
		case "false", "no", "0":
			return false
		}
	case IDNumber, CreditCode:
		return strings.ToUpper(compact(s))
	case Phone:
		return phoneText(s)
	case BankCard, Region:
		return compact(s)
	case Email:
		return halfWidth(s)
	}
	if f.Level == "name" {
		if n, err := cnid.NormalName(s); err == nil {
			return n
		}
	}
	return s
}

// phoneText drops grouping from mobile numbers; landlines keep the dash after the area code.
func phoneText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(halfWidth(s), " ", ""), "－", "-")
	c := strings.TrimPrefix(compact(s), "+86")
	if len(c) == 11 && c[0] == '1' {
		return c
	}
	return s
}

// fenNumber reads fen that came as a JSON number: integers only.
func fenNumber(v any) (int64, bool) {
	if _, isText := v.(string); isText {
		return 0, false
	}
	if _, isBool := v.(bool); isBool {
		return 0, false
	}
	s, ok := textOf(v)
	if !ok || len(s) > 18 {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func normalList(v any) any {
	var raw []any
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		raw = x
	case []string:
		for _, s := range x {
			raw = append(raw, s)
		}
	default:
		raw = []any{x}
	}
	var out []string
	for _, x := range raw {
		if s, ok := textOf(x); ok {
			if s = clean(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func normalRange(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := map[string]any{}
	for _, k := range []string{"from", "to"} {
		if d := (Field{Kind: Date}).normalise(m[k]); !cond.Missing(d) {
			out[k] = d
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

var goodRowID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// rows cleans a table: rows without a usable identity get one, hidden and unknown cells go.
func (w *walked) rows(f Field, v any) any {
	var out []map[string]any
	seen := map[string]bool{}
	raw := rowsOf(v)
	for _, r := range raw {
		if id, ok := r[RowID].(string); ok && goodRowID.MatchString(id) {
			seen[id] = true
		}
	}
	used := map[string]bool{}
	for _, r := range raw {
		id, _ := r[RowID].(string)
		if !goodRowID.MatchString(id) || used[id] {
			id = freshRowID(seen)
			seen[id] = true
		}
		used[id] = true
		row := w.row(f, r)
		row[RowID] = id
		out = append(out, row)
	}
	if out == nil {
		return nil
	}
	return out
}

func (w *walked) row(f Field, r map[string]any) map[string]any {
	row := map[string]any{}
	get := rowGetter(f, row, w.get)
	for _, c := range f.Columns {
		if v := c.normalise(r[c.Key]); !cond.Missing(v) && c.When.Eval(get) {
			row[c.Key] = v
		}
	}
	return row
}

// rowGetter reads a row's cells first, then the form.
func rowGetter(f Field, row map[string]any, outer func(string) any) func(string) any {
	return func(key string) any {
		for _, c := range f.Columns {
			if c.Key == key {
				return c.condValue(row[key])
			}
		}
		return outer(key)
	}
}

func freshRowID(taken map[string]bool) string {
	for n := len(taken) + 1; ; n++ {
		if id := fmt.Sprintf("r%d", n); !taken[id] {
			return id
		}
	}
}

func rowsOf(v any) []map[string]any {
	switch x := v.(type) {
	case []map[string]any:
		return x
	case []any:
		out := make([]map[string]any, 0, len(x))
		for _, r := range x {
			if m, ok := r.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}
