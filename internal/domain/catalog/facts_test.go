package catalog_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
)

func TestRulesKnowAgenciesAndTheDirectory(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	load(t, d, s, vectorDir(t, "food-licence"))
	it, err := s.Item(t.Context(), "food-licence-new")
	if err != nil {
		t.Fatal(err)
	}
	it.Region, it.BaseVersion, it.ItemType = "589999", 1, "07"
	base := func(_ context.Context, code string) (directory.Base, bool, error) {
		return directory.Base{
			Code: code, Name: "食品经营许可", ItemType: "01", UseLevels: []string{"4"}, Basis: []item.Basis{{Law: "某法"}}, Version: 3, State: "1",
		}, code == it.BaseCode, nil
	}
	rules := func(fs []rule.Finding) (out []string) {
		for _, f := range fs {
			out = append(out, f.Rule)
			if text := f.Text(i18n.English); text == f.Key() {
				t.Errorf("%s has no text", f.Key())
			}
		}
		return out
	}
	kept := catalog.New(catalog.Deps{DB: d, Org: offices{}, Base: base, Now: func() time.Time { return start }})
	with, score := kept.Judge(t.Context(), &it)
	without, better := s.Judge(t.Context(), &it)
	for _, want := range []string{"base_contradiction", "base_basis", "base_outdated"} {
		if !slices.Contains(rules(with), want) || slices.Contains(rules(without), want) {
			t.Errorf("%s: with the directory %v, without %v", want, rules(with), rules(without))
		}
	}
	for _, want := range []string{"region", "remedies"} { // the region is unknown; the agency of the test names neither government nor court
		if !slices.Contains(rules(without), want) {
			t.Errorf("%s not in %v", want, rules(without))
		}
	}
	if score >= better {
		t.Errorf("score with the directory %d, without %d", score, better)
	}
}

func TestAgencyFactsFollowTheAgency(t *testing.T) {
	a := org.Agency{Code: "c", Level: "county", Nature: "3", Region: "580102", Government: "区政府", Court: "法院", ValidTo: "2026-03-31"}
	if f := catalog.AgencyFacts(a, "2026-04-01"); f.Level != "4" || f.Nature != "3" || !f.Review || !f.Court || !f.Retired {
		t.Errorf("%+v", f)
	}
	if catalog.AgencyFacts(a, "2026-03-31").Retired {
		t.Error("the last day still counts")
	}
}

func TestQualityPutsTheWorstFirst(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	load(t, d, s, vectorDir(t, "elder-card"))
	load(t, d, s, swap(t, vectorDir(t, "food-licence"), "items/food-licence-new.yaml", "summary: 在清江区", "summary: <b>在清江区"))
	p, err := s.Quality(t.Context(), catalog.QualityQuery{Limit: 50})
	all := p.Items
	if err != nil || p.Waiting != 0 || len(all) != 2 || all[0].Item.Key != "food-licence-new" || all[0].Score >= all[1].Score || p.Sum.Items != 2 || p.Sum.ByRule["markup"] != 1 {
		t.Errorf("%d items, %+v, %v", len(all), p, err)
	}
	one, _ := s.Quality(t.Context(), catalog.QualityQuery{Limit: 1})
	if len(one.Items) != 1 || one.Next == "" {
		t.Errorf("at most one: %+v", one)
	}
	two, err := s.Quality(t.Context(), catalog.QualityQuery{Limit: 1, After: one.Next})
	if err != nil || len(two.Items) != 1 || two.Items[0].Item.Key != all[1].Item.Key || two.Next != "" {
		t.Errorf("the page after: %+v, %v", two, err)
	}
	if _, err := s.Quality(t.Context(), catalog.QualityQuery{After: "x"}); errs.KindOf(err) != errs.BadRequest {
		t.Errorf("a cursor that is none: %v", err)
	}
}
