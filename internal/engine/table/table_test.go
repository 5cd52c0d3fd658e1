package table

import (
	"slices"
	"testing"

	"tongban/internal/engine/cond"
)

var scope = cond.Scope{"scenario.kind": {Type: cond.Choice, Options: []string{"a", "b"}}, "form.area": {Type: cond.Number}}

func shop() Definition {
	return Definition{
		Key: "shop", Name: "面积", Rows: []Row{
			{Name: "太大", When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: "3000"}, Refuse: "请到市局办理"},
			{Name: "大", When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: "300"}, Need: []string{"plan"}},
			{Name: "其余", Warn: "请留意"},
		},
		Tests: []Case{
			{Name: "三千零一", Given: map[string]any{"form.area": "3001"}, Rows: []string{"太大"}},
			{Name: "三百零一", Given: map[string]any{"form.area": "301"}, Rows: []string{"大"}},
			{Name: "没填", Rows: []string{"其余"}},
		},
	}
}

func TestFitting(t *testing.T) {
	for hit, want := range map[string]int{First: 1, Every: 3} {
		d := shop()
		d.Hit = hit
		if got := d.Fitting(func(string) any { return "4000" }); len(got) != want || got[0].Name != "太大" {
			t.Errorf("%s: %+v", hit, got)
		}
	}
}

func TestCheck(t *testing.T) {
	if ps := shop().Check(scope, []string{"plan"}); len(ps) > 0 {
		t.Fatal(ps)
	}
	for _, c := range []struct {
		want   []string
		change func(*Definition)
	}{
		{[]string{"table.bad_key"}, func(d *Definition) { d.Key = "店" }},
		{[]string{"table.no_name"}, func(d *Definition) { d.Name = " " }},
		{[]string{"table.bad_hit"}, func(d *Definition) { d.Hit = "last" }},
		{[]string{"table.row_twice"}, func(d *Definition) { d.Rows[1].Name = "太大"; d.Tests[1].Rows[0] = "太大" }},
		{[]string{"table.row_empty"}, func(d *Definition) { d.Rows[2].Warn = "" }},
		{[]string{"table.row_unreached", "table.row_untested"}, func(d *Definition) { d.Rows = append(d.Rows, Row{Name: "再", Warn: "x"}) }},
		{[]string{"table.no_material"}, func(d *Definition) { d.Rows[1].Need = []string{"none"} }},
		{[]string{"cond.unknown_field"}, func(d *Definition) {
			d.Rows[0].When.Field = "form.gone"
			d.Tests = d.Tests[1:]
			d.Tests = append(d.Tests, Case{Rows: []string{"其余"}})
		}},
		{[]string{"table.test_failed"}, func(d *Definition) { d.Tests[2].Rows = nil }},
		{[]string{"table.test_field"}, func(d *Definition) { d.Tests[0].Given["form.aera"] = "1" }},
		{[]string{"table.row_untested"}, func(d *Definition) { d.Tests = d.Tests[1:] }},
		{[]string{"table.no_tests"}, func(d *Definition) { d.Tests = nil }},
	} {
		d := shop()
		c.change(&d)
		var got []string
		for _, p := range d.Check(scope, []string{"plan"}) {
			got = append(got, p.Key)
		}
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("want %v, got %v", c.want, got)
			}
		}
	}
}
