package deskweb

import (
	"context"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/org"
	"tongban/internal/engine/form"
)

// toSections turns the form engine's view into what the design system renders; regions are the choices of region fields.
func toSections(ctx context.Context, vs []form.SectionView, regions []org.Region) []ui.FormSection {
	out := make([]ui.FormSection, 0, len(vs))
	for _, s := range vs {
		u := ui.FormSection{ID: "s-" + s.Key, Title: s.Title, Hint: s.Hint, WhenJSON: s.WhenJSON, Hidden: !s.Visible}
		for _, f := range s.Fields {
			u.Fields = append(u.Fields, toField(ctx, f, regions))
		}
		out = append(out, u)
	}
	return out
}

func toField(ctx context.Context, f form.FieldView, regions []org.Region) ui.FormField {
	u := ui.FormField{
		Name: f.Name, Kind: f.Kind, Label: f.Label, Hint: f.Hint, Value: f.Value, Values: f.Values, Required: f.Required, ReadOnly: f.ReadOnly,
		Source: sourceName(ctx, f.Source), WhenJSON: f.WhenJSON, Hidden: !f.Visible, Unit: f.Unit, MaxLength: roomy(f.MaxLength), Autocomplete: f.Autocomplete,
		Error: wordsOf(ctx, f.Error),
	}
	for _, o := range f.Options {
		u.Options = append(u.Options, ui.Option{Value: o.Value, Label: o.Label, Hint: o.Hint, Selected: o.Selected})
	}
	switch f.Kind {
	case form.Region:
		u.Options = append(u.Options, regionOptions(regions, f.Value)...)
	case form.DateRange:
		u.Values = nil
		for i, d := range f.Dates {
			u.Values = append(u.Values, d.Value)
			if i < len(u.Partial) {
				u.Partial[i] = wordsOf(ctx, d.Error)
			}
		}
	case form.Table:
		toTable(ctx, &u, f, regions)
	}
	return u
}

func toTable(ctx context.Context, u *ui.FormField, f form.FieldView, regions []org.Region) {
	for _, c := range f.Columns {
		u.Columns = append(u.Columns, ui.FormColumn{Key: c.Key, Label: c.Label, Kind: c.Kind, Required: c.Required})
	}
	for _, r := range f.Rows {
		row := ui.FormRow{ID: r.ID}
		for _, c := range r.Cells {
			row.Cells = append(row.Cells, toField(ctx, c, regions))
		}
		u.Rows = append(u.Rows, row)
	}
	if !f.CanAdd {
		u.MaxRows = len(f.Rows)
	}
}

// roomy lets the browser take somewhat more than the limit: a longer text that was pasted is told of, not cut off unseen.
func roomy(limit int) int {
	if limit <= 0 {
		return 0
	}
	return limit * 2
}

// regionOptions lists counties and what lies below; a code that is none of them stays choosable, so that nothing typed is lost.
func regionOptions(regions []org.Region, value string) []ui.Option {
	var out []ui.Option
	found := value == ""
	for _, r := range regions {
		if len(r.Code) < 6 {
			continue
		}
		found = found || r.Code == value
		out = append(out, ui.Option{Value: r.Code, Label: r.Name, Selected: r.Code == value})
	}
	if !found {
		out = append(out, ui.Option{Value: value, Label: value, Selected: true})
	}
	return out
}

func wordsOf(ctx context.Context, f *errs.Field) string {
	if f == nil {
		return ""
	}
	return finding(ctx, *f)
}

// sourceName says where a prefilled value came from: a text key, the short name of a source, or words.
func sourceName(ctx context.Context, s string) string {
	switch {
	case s == "":
		return ""
	case i18n.Has(s):
		return i18n.T(ctx, s)
	}
	return word(ctx, "cases.source_"+s, s)
}
