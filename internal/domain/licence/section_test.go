package licence

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/packfile"
)

func keysOf(ps []packfile.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Key)
	}
	slices.Sort(out)
	return out
}

func TestThePackCheckTellsAllAtOnce(t *testing.T) {
	s := New(Deps{})
	if ps := s.CheckSection(t.Context(), packFiles(foodYAML, elderYAML), nil); len(ps) != 0 {
		t.Fatalf("a good pack: %+v", ps)
	}
	bad := `key: Food
code: "123"
name: ""
definer: 局
holder: nobody
number: "{check}JY{colour}{seq:0}{year:4}{"
fields:
  - {key: A, label: 甲, from: form.x}
  - {key: b, label: "", from: form.x}
  - {key: b, label: 乙, from: somewhere}
validity: {years: -1}
exclusive: false
issued_here: true
trust: Z
layout:
  blocks:
    - {kind: field, text: "{{number}} {{nobody}}", x: 1, y: 1}
`
	want := []string{
		"licence.check_key", "licence.check_code", "licence.check_empty", "licence.check_holder", "licence.check_check", "licence.check_place", "licence.check_seq",
		"licence.check_place", "licence.check_place", "licence.check_field_key", "licence.check_empty", "licence.check_field_twice", "licence.check_from",
		"licence.check_validity", "licence.check_trust", "paper.check_name", "licence.check_must_show", "licence.check_must_show", "licence.check_must_show", "licence.check_must_seal",
	}
	slices.Sort(want)
	if got := keysOf(s.CheckSection(t.Context(), packFiles(bad), nil)); !slices.Equal(got, want) {
		t.Errorf("found\n%v, want\n%v", got, want)
	}
	if got := keysOf(s.CheckSection(t.Context(), packFiles(foodYAML, foodYAML), nil)); !slices.Equal(got, []string{"licence.check_twice", "licence.check_twice"}) {
		t.Errorf("twice: %v", got)
	}
	ps := s.CheckSection(t.Context(), packFiles(strings.Replace(foodYAML, "trust: A", "trusted: A", 1)), nil)
	if len(ps) != 1 || ps[0].Key != "packfile.unknown" || ps[0].Line != 16 {
		t.Errorf("unknown key: %+v", ps)
	}
}

func TestTypesAreVersions(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		old, _ := k.made(food("c1"))
		k.tx(func(ctx context.Context, tx *db.Tx) error { return k.LoadTx(ctx, tx, k.now, packFiles(foodYAML)) })
		dbtest.WantCounts(t, d, map[string]int{"licence_type": 2})
		k.tx(func(ctx context.Context, tx *db.Tx) error {
			return k.LoadTx(ctx, tx, k.now, packFiles(strings.Replace(foodYAML, "{years: 5}", "{years: 3}", 1)))
		})
		newer, _ := k.made(food("c2"))
		if old.TypeVersion != 1 || newer.TypeVersion != 2 || newer.ValidUntil != "2029-03-15" {
			t.Errorf("%d, %d %s", old.TypeVersion, newer.TypeVersion, newer.ValidUntil)
		}
		if !k.HasKey(t.Context(), Kind, "elder-card") || k.HasKey(t.Context(), Kind, "none") || !slices.Equal(k.Names(packFiles(foodYAML))[Kind], []string{"food-business"}) {
			t.Error("HasKey or Names")
		}
		ty, err := k.Type(t.Context(), "food-business")
		if err != nil || !slices.Equal(ty.Sources(), []string{"scenario.kind", "applicant.name", "form.shop_address"}) {
			t.Errorf("sources %v %v", ty.Sources(), err)
		}
	})
}
