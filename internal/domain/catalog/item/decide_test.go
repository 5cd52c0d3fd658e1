package item

import (
	"testing"

	"tongban/internal/engine/cond"
	"tongban/internal/engine/table"
)

func over(n string) cond.Expr { return cond.Expr{Field: "form.area", Op: cond.Gt, Value: n} }

func shopItem() Item {
	it := Item{Materials: []Material{{Key: "plan"}, {Key: "fire", When: cond.Expr{Field: "form.cellar", Op: cond.Eq, Value: "yes"}}, {Key: "id"}}}
	return it.Decide([]table.Definition{{Key: "shop", Rows: []table.Row{
		{Name: "太大", When: over("3000"), Refuse: "请到市局办理"},
		{Name: "大", When: over("300"), Need: []string{"plan", "fire"}, Warn: "要看现场"},
		{Name: "其余", Warn: "请留意"},
	}}})
}

// TestDecideIsTheTable: what the item asks and refuses is what the table says, row by row.
func TestDecideIsTheTable(t *testing.T) {
	for area, want := range map[string]struct {
		materials, refused, notes int
	}{"4000": {1, 1, 0}, "400": {3, 0, 1}, "40": {1, 0, 1}} {
		get := func(f string) any {
			if f == "form.area" {
				return area
			}
			return nil
		}
		it := shopItem()
		if m, r, n := len(it.MaterialsFor(get)), len(it.Failed(get)), len(it.NotesFor(get)); m != want.materials || r != want.refused || n != want.notes {
			t.Errorf("area %s: %d materials, %d refusals, %d notes; want %+v", area, m, r, n, want)
		}
	}
	if cellar := shopItem().MaterialsFor(func(f string) any { return map[string]any{"form.cellar": "yes", "form.area": "1"}[f] }); len(cellar) != 2 {
		t.Error("a material's own condition no longer counts")
	}
}

func TestTrials(t *testing.T) {
	scope := cond.Scope{"form.area": {Type: cond.Number}, "form.cellar": {Type: cond.Text}}
	for name, c := range map[string]struct {
		trial Trial
		want  string
	}{
		"right":             {Trial{Given: map[string]any{"form.area": "400"}, Materials: []string{"plan", "fire", "id"}}, ""},
		"refused":           {Trial{Given: map[string]any{"form.area": "4000"}, Materials: []string{"id"}, Refused: []string{"shop.太大"}}, ""},
		"one too few":       {Trial{Given: map[string]any{"form.area": "400"}, Materials: []string{"plan", "id"}}, "item.trial_materials"},
		"refused after all": {Trial{Given: map[string]any{"form.area": "4000"}, Materials: []string{"id"}}, "item.trial_refused"},
		"does not stop":     {Trial{Stops: true}, "item.trial_stops"},
		"no such field":     {Trial{Given: map[string]any{"form.gone": "1"}, Materials: []string{"id"}}, "item.trial_field"},
	} {
		it := shopItem()
		it.Trials = []Trial{c.trial}
		got := ""
		if ps := it.Try(scope); len(ps) > 0 {
			got = ps[0].Key
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
