package formweb

import (
	"context"
	"encoding/json"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// Sections turns sections of a form into what the design system draws. regions are the choices of region fields; without any the code is typed.
// A condition goes to the browser only if all it reads stands on the same page; what depends on other pages is decided here.
func Sections(ctx context.Context, svs []form.SectionView, regions []ui.Option) []ui.FormSection {
	here := map[string]bool{}
	for _, s := range svs {
		for _, f := range s.Fields {
			here[f.Key] = true
		}
	}
	var out []ui.FormSection
	for _, s := range svs {
		v := ui.FormSection{ID: "s-" + s.Key, Title: s.Title, Hint: s.Hint, Hidden: !s.Visible, WhenJSON: s.WhenJSON}
		if on, shown := onPage(s.WhenJSON, here, s.Visible); !on {
			if !shown {
				continue
			}
			v.WhenJSON, v.Hidden = "", false
		}
		for _, f := range s.Fields {
			if ff, ok := field(ctx, f, here, regions); ok {
				v.Fields = append(v.Fields, ff)
			}
		}
		out = append(out, v)
	}
	return out
}

// onPage reports whether the browser can judge a condition; if not, shown says whether to show what hangs on it: a condition that reads both this
// page and others shows, and the server drops the answer if it does not hold.
func onPage(when string, here map[string]bool, visible bool) (on, shown bool) {
	if when == "" {
		return true, visible
	}
	var e cond.Expr
	if err := json.Unmarshal([]byte(when), &e); err != nil {
		return false, true
	}
	some := false
	on = true
	for _, name := range e.Fields() {
		on = on && here[name]
		some = some || here[name]
	}
	return on, visible || some
}

func field(ctx context.Context, f form.FieldView, here map[string]bool, regions []ui.Option) (ui.FormField, bool) {
	v := plainField(ctx, f)
	if on, shown := onPage(f.WhenJSON, here, f.Visible); !on {
		if !shown {
			return v, false
		}
		v.WhenJSON, v.Hidden = "", false
	}
	switch f.Kind {
	case form.Region:
		v.Options = places(regions, f.Value)
		if len(regions) == 0 {
			v.Kind = form.Text
		}
	case form.DateRange:
		v.Values = nil
		for i, d := range f.Dates {
			v.Values = append(v.Values, d.Value)
			if i < len(v.Partial) {
				v.Partial[i] = problem(ctx, d.Error)
			}
		}
	case form.Table:
		table(ctx, &v, f, here, regions)
	}
	return v, true
}

func plainField(ctx context.Context, f form.FieldView) ui.FormField {
	v := ui.FormField{
		Name: f.Name, Kind: f.Kind, Label: f.Label, Hint: f.Hint, Value: f.Value, Values: f.Values, Required: f.Required,
		ReadOnly: f.ReadOnly, Source: SourceName(ctx, f.Source), WhenJSON: f.WhenJSON, Hidden: !f.Visible, Unit: f.Unit, Autocomplete: f.Autocomplete, MaxLength: roomy(f.MaxLength),
		Error: problem(ctx, f.Error),
	}
	if f.Kind == form.Notice {
		v.Label, v.Value = f.Label, f.Hint
	}
	for _, o := range f.Options {
		v.Options = append(v.Options, ui.Option{Value: o.Value, Label: o.Label, Hint: o.Hint, Selected: o.Selected})
	}
	return v
}

func table(ctx context.Context, v *ui.FormField, f form.FieldView, here map[string]bool, regions []ui.Option) {
	cells := map[string]bool{}
	for k := range here {
		cells[k] = true
	}
	for _, c := range f.Columns {
		v.Columns = append(v.Columns, ui.FormColumn{Key: c.Key, Label: c.Label, Kind: c.Kind, Required: c.Required})
		cells[c.Key] = true
	}
	for _, r := range f.Rows {
		row := ui.FormRow{ID: r.ID}
		for _, c := range r.Cells {
			if cell, ok := field(ctx, c, cells, regions); ok {
				row.Cells = append(row.Cells, cell)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	if !f.CanAdd {
		v.MaxRows = len(f.Rows)
	}
}

func problem(ctx context.Context, f *errs.Field) string {
	if f == nil {
		return ""
	}
	return i18n.T(ctx, f.Key, f.Params)
}

// roomy lets the browser take somewhat more than the limit: a longer text that was pasted is told of, not cut off unseen.
func roomy(limit int) int {
	if limit <= 0 {
		return 0
	}
	return limit * 2
}

// places are the regions to choose from; a code that is none of them stays choosable, so that nothing typed is lost.
func places(regions []ui.Option, value string) []ui.Option {
	out := make([]ui.Option, 0, len(regions)+1)
	found := value == "" || len(regions) == 0
	for _, r := range regions {
		r.Selected = r.Value == value
		found = found || r.Selected
		out = append(out, r)
	}
	if !found {
		out = append(out, ui.Option{Value: value, Label: value, Selected: true})
	}
	return out
}

// SourceName says where a prefilled value came from: a text key, the short name of a source, or words.
func SourceName(ctx context.Context, s string) string {
	switch {
	case s == "":
		return ""
	case i18n.Has(s):
		return i18n.T(ctx, s)
	case i18n.Has("cases.source_" + s):
		return i18n.T(ctx, "cases.source_"+s)
	}
	return s
}
