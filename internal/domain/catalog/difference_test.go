package catalog_test

import (
	"fmt"
	"slices"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// brief writes differences the way a test can read them.
func brief(ds []catalog.Difference) []string {
	var out []string
	for _, d := range ds {
		s := d.What + " " + d.Kind + " " + d.Key
		if d.What == catalog.Differs {
			for _, p := range d.Parts {
				s += fmt.Sprintf(" %s[%s→%s]", p.Name, p.Was, p.Is)
			}
		}
		out = append(out, s)
	}
	return out
}

func TestDifferenceOfForms(t *testing.T) {
	area := form.Field{Key: "shop.area", Kind: form.Number, Label: "面积"}
	old := form.Definition{Sections: []form.Section{
		{Key: "shop", Title: "店铺", Fields: []form.Field{area, {Key: "shop.kind", Kind: form.Radio, Label: "业态", Options: []form.Option{{Value: "a", Label: "餐饮"}}}}},
		{Key: "gone", Title: "旧部分"},
		{Key: "staff", Title: "人员", Fields: []form.Field{{Key: "people", Kind: form.Table, Label: "人员", Columns: []form.Field{{Key: "name", Kind: form.Text, Label: "姓名"}}}}},
	}}
	area.Required, area.Label, area.When = true, "经营面积", cond.Expr{Field: "shop.kind", Op: cond.Eq, Value: "a"}
	is := form.Definition{Sections: []form.Section{
		{Key: "shop", Title: "店铺", Fields: []form.Field{{Key: "shop.kind", Kind: form.Select, Label: "业态", Options: []form.Option{{Value: "a", Label: "餐饮"}, {Value: "b", Label: "食堂"}}}}},
		{Key: "more", Title: "其他", Fields: []form.Field{area}},
		{Key: "staff", Title: "人员", Fields: []form.Field{{Key: "people", Kind: form.Table, Label: "人员", Columns: []form.Field{{Key: "name", Kind: form.Text, Label: "姓名", MaxLength: 20}}}}},
	}}
	want := []string{
		"changed field shop.kind kind[radio→select] options[餐饮→餐饮；食堂]",
		"added section more",
		"changed field shop.area label[面积→经营面积] in[店铺→其他] required[→✓] when[→(shop.kind = \"a\")]",
		"changed column people/name max_length[→20]",
		"removed section gone",
	}
	if got := brief(catalog.FormDifference(old, is)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := catalog.FormDifference(is, is); len(got) > 0 {
		t.Errorf("with itself: %+v", got)
	}
}

func TestDifferenceOfFlows(t *testing.T) {
	accept := flow.Step{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "window"}
	review := flow.Step{Key: "review", Name: "审查", Kind: flow.Review, Post: "r1", Limit: &clock.Period{N: 3, Unit: clock.Workday}}
	decide := flow.Step{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "d"}
	old := flow.Definition{Name: "办理", Steps: []flow.Step{accept, review, decide}}
	review.Limit = &clock.Period{N: 2, Unit: clock.Workday}
	branch := flow.Step{Key: "which", Name: "分情形", Kind: flow.Branch, Ways: []flow.Way{{Name: "现场核查", Steps: []flow.Step{review}}, {Name: "其他"}}}
	is := flow.Definition{Name: "办理", Separate: true, Steps: []flow.Step{accept, branch, decide}}
	want := []string{
		"changed step flow separate[→✓]",
		"added step which",
		"changed step review in[→分情形 › 现场核查] after[受理→] limit[3 workday→2 workday]",
		"changed step decide after[审查→分情形]",
	}
	if got := brief(catalog.FlowDifference(old, is)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestBetweenTwoVersions(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	load(t, d, s, vectorDir(t, "elder-card"))
	load(t, d, s, changed(t, "elder-card", "items/elder-card.yaml", "老年人优待证申领", "老年人优待证申领（新）"))
	b, err := s.Between(t.Context(), "elder-card", 2, 1) // the order of the numbers does not matter
	if err != nil || b.Old.Version != 1 || b.New.Version != 2 || len(b.Elements) == 0 || b.Elements[0].New != "老年人优待证申领（新）" || len(b.Form)+len(b.Flow) != 0 {
		t.Errorf("%+v %v", b.Elements, err)
	}
	if _, err := s.Between(t.Context(), "elder-card", 1, 3); errs.KindOf(err) != errs.NotFound {
		t.Errorf("no such version: %v", err)
	}
}
