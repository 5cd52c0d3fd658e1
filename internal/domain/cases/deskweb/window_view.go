package deskweb

import (
	"context"
	"slices"

	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// stepsOf are the pages of an application at the window. Questions stand among them only when the item asks any, materials only when one is to be
// handed in or looked at.
func stepsOf(ctx context.Context, now string, d cases.Detail) []ui.Step {
	names := []string{"person"}
	if len(d.Item.Scenario) > 0 {
		names = append(names, "questions")
	}
	names = append(names, "form")
	if now == "materials" || slices.ContainsFunc(d.Slots, uploads) {
		names = append(names, "materials")
	}
	names = append(names, "check", "done")
	var out []ui.Step
	at := slices.Index(names, now)
	for i, n := range names {
		s := ui.Step{Label: tr(ctx, "deskweb.step_"+n), State: ui.Next}
		switch {
		case i == at:
			s.State = ui.Now
		case i < at:
			s.State = ui.Done
			if n != "person" && d.ID != "" {
				s.Href = draftURL(d.ID, n)
			}
		}
		out = append(out, s)
	}
	return out
}

func uploads(s cases.Slot) bool { return s.Material.Source == catalog.FromApplicant }

func kindOptions(ctx context.Context, ks []string) []ui.Option {
	var out []ui.Option
	for _, k := range ks {
		out = append(out, ui.Option{Value: k, Label: tr(ctx, "deskweb.kind_"+k)})
	}
	return out
}

func numberKindOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range numberKinds {
		out = append(out, ui.Option{Value: k, Label: tr(ctx, "deskweb.number_kind_"+k)})
	}
	return out
}

func questionOptions(q catalog.Question) []ui.Option {
	var out []ui.Option
	for _, o := range q.Options {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label, Hint: o.Hint})
	}
	return out
}

func uses(m materialView, ref string) bool {
	return slices.ContainsFunc(m.Files, func(f cases.File) bool { return !f.Removed && f.Proof != nil && f.Proof.Ref == ref })
}

func materialErrors(v materialsView) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, m := range v.Materials {
		if m.Error != "" {
			out = append(out, ui.ErrorItem{Field: m.Material.Key, Text: m.Material.Name + "：" + m.Error})
		}
	}
	return out
}
