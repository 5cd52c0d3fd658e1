package deskweb

import (
	"context"
	"slices"

	"tongban/internal/base/errs"
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
	if now == "materials" || slices.ContainsFunc(d.Slots, uploads) || d.Behalf != nil && !d.Behalf.Seen {
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

// basisOptions are all bases; the service knows which fit a person and which a firm.
func basisOptions(ctx context.Context, ks []string) []ui.Option {
	var out []ui.Option
	for _, k := range ks {
		for _, b := range cases.Bases[k] {
			if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == b }) {
				out = append(out, ui.Option{Value: b, Label: tr(ctx, "cases.basis_"+b)})
			}
		}
	}
	return out
}

func presentOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "self", Label: tr(ctx, "deskweb.present_self")}, {Value: "other", Label: tr(ctx, "deskweb.present_other")}}
}

func presentValue(v personView) string {
	if v.Other {
		return "other"
	}
	return "self"
}

// standsIn is when the basis is asked, for what may apply.
func standsIn(ks []string) string {
	switch {
	case len(ks) > 1:
		return whenStandsIn
	case ks[0] == cases.ByPerson:
		return whenOther
	}
	return ""
}

// whenOther and whenStandsIn are when fields about a representative are asked; without JavaScript all of them show.
const (
	whenOther    = `{"field":"present","op":"eq","value":"other"}`
	whenStandsIn = `{"any":[{"field":"present","op":"eq","value":"other"},{"field":"kind","op":"eq","value":"firm"}]}`
)

// behalfRows say who stands there for the applicant, and on what.
func behalfRows(ctx context.Context, d cases.Detail) []ui.KVRow {
	b := d.Behalf
	if b == nil {
		return nil
	}
	seen := tr(ctx, "deskweb.behalf_copied", errs.P{"n": len(d.BasisFiles)})
	if b.Seen {
		seen = tr(ctx, "deskweb.behalf_seen_yes")
	}
	out := []ui.KVRow{{Key: tr(ctx, "deskweb.behalf_"+kindOf(d.Case)), Value: b.Name}}
	for _, f := range [][2]string{{"deskweb.behalf_number", b.Number}, {"deskweb.behalf_relation", b.Relation}, {"deskweb.behalf_basis", tr(ctx, "cases.basis_"+b.Basis)}, {"deskweb.behalf_proof", seen}} {
		if f[1] != "" {
			out = append(out, ui.KVRow{Key: tr(ctx, f[0]), Value: f[1]})
		}
	}
	return out
}

// basisSlot is the place for copies of a basis among the materials.
func basisSlot(ctx context.Context, d cases.Detail) cases.Slot {
	m := catalog.Material{Key: cases.BasisKey, Name: tr(ctx, "cases.behalf_copy"), Fill: tr(ctx, "deskweb.behalf_copy_hint"), Source: catalog.FromApplicant, Formats: []string{"pdf", "jpg", "png"}, MaxMB: 20, MaxFiles: 5}
	return cases.Slot{Material: m, Required: !d.Behalf.Seen, Files: d.BasisFiles}
}

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
