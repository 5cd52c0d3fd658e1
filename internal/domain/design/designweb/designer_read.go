package designweb

import (
	"context"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// readable is a question conditions may read, as the designers' pickers list it.
type readable struct {
	Name    string        `json:"name"`
	Label   string        `json:"label"`
	Group   string        `json:"group,omitempty"`
	Type    cond.Type     `json:"type"`
	Options []form.Option `json:"options,omitempty"`
	Unit    string        `json:"unit,omitempty"`
}

// readables are what conditions of an item, its flow and its tables may read: the applicant, the scenario, the form.
func readables(ctx context.Context, it item.Item, d form.Definition) []readable {
	about := t(ctx, "designer_flow.group_applicant")
	out := []readable{
		{Name: item.ApplicantKind, Label: t(ctx, "designer_flow.applicant_kind"), Group: about, Type: cond.Choice, Options: []form.Option{
			{Value: "person", Label: t(ctx, "designer_flow.applicant_person")}, {Value: "firm", Label: t(ctx, "designer_flow.applicant_firm")},
		}},
		{Name: item.ApplicantAge, Label: t(ctx, "designer_flow.applicant_age"), Group: about, Type: cond.Number},
	}
	for _, q := range it.Scenario {
		out = append(out, readable{Name: item.ScenarioPrefix + q.Key, Label: q.Ask, Group: t(ctx, "designer_flow.group_scenario"), Type: cond.Choice, Options: q.Options})
	}
	scope := d.Scope()
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if ft, ok := scope[f.Key]; ok {
				out = append(out, readable{Name: item.FormPrefix + f.Key, Label: f.Label, Group: s.Title, Type: ft.Type, Options: f.Options, Unit: f.Unit})
			}
		}
	}
	return out
}
