package form

import (
	"encoding/json"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
)

// SectionView is a section ready for a template.
type SectionView struct {
	Key, Title, Hint string
	Visible          bool
	WhenJSON         string // the section's condition for the browser, "" when there is none
	Fields           []FieldView
}

// FieldView is a field ready for a template: it renders Name and Value and links errors to Name.
type FieldView struct {
	Key          string // field key, or the column's in a table
	Name         string // input name: key, or table.N.column
	Kind         string
	Label        string
	Hint         string
	Unit         string
	Autocomplete string
	Level        string
	Value        string   // as to be typed: money in yuan; true or false for yesno and declaration
	Values       []string // checkbox: what is ticked
	Options      []OptionView
	Dates        []DateView // one for a date, two for a range
	Columns      []Field    // table head
	Rows         []RowView
	MaxLength    int
	CanAdd       bool // a table has room for another row
	Required     bool
	ReadOnly     bool
	Visible      bool
	WhenJSON     string
	Source       string // where a prefilled value came from
	Error        *errs.Field
}

// OptionView is one choice.
type OptionView struct {
	Option
	Selected bool
}

// DateView is a date in three inputs called Name.y, Name.m and Name.d; wrong parts come back as they were typed.
type DateView struct {
	Name, Value, Year, Month, Day string
	Error                         *errs.Field
}

// RowView is one row of a table. ID goes into the hidden input table.N._id.
type RowView struct {
	ID    string
	Index int
	Cells []FieldView
}

// ToView gives what a template renders: all sections and fields, the hidden ones marked, with the answers as typed and the findings beside
// their fields. Values of hidden fields are left out.
func (d Definition) ToView(a Answers, findings []errs.Field) []SectionView {
	w := d.walk(a)
	at := map[string]*errs.Field{}
	for i, f := range findings {
		if at[f.Path] == nil {
			at[f.Path] = &findings[i]
		}
	}
	src := sources(w.clean)
	var out []SectionView
	open := map[string]bool{}
	d.each(func(s Section, f Field) { open[s.Key] = open[s.Key] || w.visible[f.Key] })
	for _, s := range d.Sections {
		sv := SectionView{Key: s.Key, Title: s.Title, Hint: s.Hint, Visible: open[s.Key], WhenJSON: conditionJSON(s.When)}
		for _, f := range s.Fields {
			fv := f.view(f.Key, w.clean[f.Key], at)
			fv.Visible = w.visible[f.Key]
			fv.Source, _ = src[f.Key].(string)
			if f.Kind == Table {
				fv.Columns = f.Columns
				fv.Rows = tableView(f, rowsOf(w.clean[f.Key]), w.get, at)
				fv.CanAdd = len(fv.Rows) < f.rowLimit()
			}
			sv.Fields = append(sv.Fields, fv)
		}
		out = append(out, sv)
	}
	return out
}

func (f Field) view(name string, x any, at map[string]*errs.Field) FieldView {
	v := FieldView{
		Key: f.Key, Name: name, Kind: f.Kind, Label: f.Label, Hint: f.Hint, Unit: f.unit(), Autocomplete: f.Autocomplete, Level: f.MaskLevel(),
		Required: f.Required || f.Kind == Declaration, ReadOnly: f.ReadOnly || f.Kind == Computed, Visible: true,
		WhenJSON: conditionJSON(f.When), MaxLength: f.limit(), Value: typed(x), Error: at[name],
	}
	v.Values, _ = x.([]string)
	for _, o := range f.Options {
		v.Options = append(v.Options, OptionView{o, o.Value == v.Value || has(v.Values, o.Value)})
	}
	switch f.Kind {
	case Date:
		v.Dates = []DateView{dateView(name, v.Value, at)}
	case DateRange:
		m, _ := x.(map[string]any)
		v.Dates = []DateView{dateView(name+".from", typed(m["from"]), at), dateView(name+".to", typed(m["to"]), at)}
	}
	return v
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func typed(x any) string {
	if fen, ok := x.(int64); ok {
		return yuan(fen)
	}
	s, _ := textOf(x)
	return s
}

func dateView(name, value string, at map[string]*errs.Field) DateView {
	v := DateView{Name: name, Value: value, Error: at[name]}
	parts := strings.SplitN(value, "-", 3)
	for i, p := range []*string{&v.Year, &v.Month, &v.Day} {
		if i < len(parts) {
			*p = parts[i]
		}
	}
	return v
}

// tableView pads a table to the rows it must have; padding rows have no ID and vanish again when left blank.
func tableView(f Field, rows []map[string]any, outer func(string) any, at map[string]*errs.Field) []RowView {
	var out []RowView
	for i := range max(len(rows), f.MinRows, 1) {
		row := map[string]any{}
		if i < len(rows) {
			row = rows[i]
		}
		get := rowGetter(f, row, outer)
		r := RowView{Index: i}
		r.ID, _ = row[RowID].(string)
		for _, c := range f.Columns {
			cell := c.view(f.Key+"."+strconv.Itoa(i)+"."+c.Key, row[c.Key], at)
			cell.Visible = c.When.Eval(get)
			r.Cells = append(r.Cells, cell)
		}
		out = append(out, r)
	}
	return out
}

func conditionJSON(e cond.Expr) string {
	if e.IsZero() {
		return ""
	}
	b, err := json.Marshal(e)
	if err != nil {
		return ""
	}
	return string(b)
}
