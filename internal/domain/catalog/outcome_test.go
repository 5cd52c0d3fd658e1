package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog"
)

// answers turns "kind=2 special_room=room applicant.age=70" into a getter; names without a dot are questions.
func answers(s string) func(string) any {
	m := map[string]any{}
	for _, f := range strings.Fields(s) {
		k, v, _ := strings.Cut(f, "=")
		if !strings.Contains(k, ".") {
			k = "scenario." + k
		}
		m[k] = v
	}
	return func(name string) any { return m[name] }
}

func TestScenarioChoosesMaterials(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	load(t, d, s, vectorDir(t, "food-licence"))
	it, err := s.Item(t.Context(), "food-licence-new")
	if err != nil {
		t.Fatal(err)
	}
	always := []string{"application", "business-licence", "identity", "layout-plan", "rules-list"}
	for given, more := range map[string][]string{
		"":                       nil,
		"kind=2 special_room=no": nil,
		"kind=2 special_room=room central=kitchen":       {"special-room-plan", "delivery-plan"},
		"kind=1 special_room=room":                       nil, // not asked of sellers: the old answer counts for nothing
		"kind=1 prepacked_only=no bulk=dry promise=yes":  {"promise-letter"},
		"kind=1 prepacked_only=yes bulk=dry promise=yes": nil,
		"kind=2 agent=agent vending=yes":                 {"vending-places", "mandate"},
		"kind=9 agent=agent":                             {"mandate"},
	} {
		var got []string
		for _, m := range it.MaterialsFor(answers(given)) {
			if !slices.Contains(always, m.Key) {
				got = append(got, m.Key)
			}
		}
		if !slices.Equal(got, more) {
			t.Errorf("%q: %v, want %v", given, got, more)
		}
	}
}

func TestOutcomeStopsAndWarns(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	for _, p := range []string{"food-licence", "elder-card"} {
		load(t, d, s, vectorDir(t, p))
	}
	food, _ := s.Item(t.Context(), "food-licence-new")
	elder, _ := s.Item(t.Context(), "elder-card")
	for _, c := range []struct {
		it    catalog.Item
		given string
		stops int
		warns int
		open  string
	}{
		{elder, "", 0, 0, "residence photo"},
		{elder, "residence=none photo=upload", 1, 0, ""},
		{elder, "residence=household photo=id-card", 0, 0, ""},
		{elder, "residence=moon photo=id-card", 0, 0, "residence"},
		{food, "kind=1 prepacked_only=yes vending=no size=small chain=no agent=self", 1, 0, ""},
		{food, "kind=2 special_room=no central=no vending=no building=residential size=large chain=no agent=self", 0, 2, ""},
		{food, "kind=2 special_room=no central=no vending=no building=business size=small chain=no", 0, 0, "agent"},
	} {
		o := c.it.Outcome(answers(c.given))
		if len(o.Stops) != c.stops || len(o.Warns) != c.warns || strings.Join(o.Unanswered, " ") != c.open || o.Ready() != (c.stops == 0 && c.open == "") {
			t.Errorf("%s %q: %d stops %d warns open %v", c.it.Key, c.given, len(o.Stops), len(o.Warns), o.Unanswered)
		}
	}
	if o := food.Outcome(answers("kind=1 prepacked_only=yes")); o.Stops[0].Item != "prepacked-filing" {
		t.Errorf("leads to %q", o.Stops[0].Item)
	}
}

func TestFailedRules(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	load(t, d, s, vectorDir(t, "elder-card"))
	it, _ := s.Item(t.Context(), "elder-card")
	for given, want := range map[string]string{
		"applicant.kind=person applicant.age=65 residence=household": "",
		"applicant.kind=person applicant.age=64 residence=household": "age",
		"applicant.kind=firm applicant.age=70 residence=none":        "person-only residence",
	} {
		var got []string
		for _, r := range it.Failed(answers(given)) {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", given, got, want)
		}
	}
	if !it.Applicable() {
		t.Error("the elder card can be applied for")
	}
	if _, ok := it.Material("photo"); !ok {
		t.Error("material photo")
	}
}
