package catalog_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/directory"
)

// tables are dictionaries with a province of their own, a local code and one that may be retired.
type tables struct{ ended string }

func (tables) Systems(context.Context) ([]directory.System, error) {
	return []directory.System{{Key: "lanzhou"}, {Key: directory.SystemNational}}, nil
}

func (tables) Mappings(_ context.Context, system, _ string) ([]directory.Mapping, error) {
	out := slices.DeleteFunc(directory.Shipped(), func(m directory.Mapping) bool { return m.System != system })
	if system == "lanzhou" {
		out = append(out, directory.Mapping{System: system, List: "case_kind", There: "快", Here: "1", Takes: true, Gives: true},
			directory.Mapping{System: system, List: "type", There: "77", Here: "20", Takes: true, Gives: true})
	}
	return out, nil
}

func (t *tables) Newest(context.Context) (map[string]map[string]directory.Code, error) {
	return map[string]map[string]directory.Code{
		"case_kind": {"9": {List: "case_kind", Code: "9", To: t.ended}},
		"area":      {"5": {List: "area", Code: "5", Name: "都市圈通办", Local: true}},
	}, nil
}

const lanzhou = "事项名称,事项编码,事项类型,办件类型,服务对象,通办范围\n甲备案,a-1,77,快,自然人,5\n乙备案,a-2,77,慢,自然人,都市圈通办\n丙备案,a-3,77,9,自然人,1\n"

// TestListsOfOtherSystems: their codes are translated, unknown ones are told by row and column, and what is exported for them has their codes again.
func TestListsOfOtherSystems(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx, codes := t.Context(), &tables{}
		s := catalog.New(catalog.Deps{DB: d, Org: offices{}, Codes: codes, Now: func() time.Time { return start }})
		if _, err := s.Import(ctx, strings.NewReader(lanzhou), catalog.ImportOptions{From: "elsewhere"}); !errs.Is(err, "list.system_unknown") {
			t.Errorf("a system nobody knows: %v", err)
		}
		if got, err := s.Systems(ctx); err != nil || !slices.Equal(got, []string{"national", "lanzhou"}) {
			t.Errorf("systems = %v %v", got, err)
		}
		rep, err := s.Import(ctx, strings.NewReader(lanzhou), catalog.ImportOptions{From: "lanzhou"})
		if err != nil || rep.Count.Added != 3 || rep.From != "lanzhou" {
			t.Fatalf("%+v %v", rep.Count, err)
		}
		if !slices.ContainsFunc(rep.Kinds, func(k catalog.Kind) bool {
			return k.Key == "item.not_in_list" && k.Where() == "3" && k.Column == "办件类型"
		}) {
			t.Errorf("the unknown code is not told: %+v", rep.Kinds)
		}
		a, err := s.Item(ctx, "a-1")
		if err != nil || a.CaseKind != "1" || a.ItemType != "20" {
			t.Errorf("a-1 = %s %s %v", a.CaseKind, a.ItemType, err)
		}
		b, err := s.Item(ctx, "a-2")
		if e, _ := item.ByKey("area"); err != nil || !slices.Equal(e.Get(&b), []string{"5"}) {
			t.Errorf("the local code is lost: %v %v", e.Get(&b), err)
		}
		var out bytes.Buffer
		if _, err := s.Export(ctx, &out, catalog.ExportOptions{For: "lanzhou", WriteOptions: list.WriteOptions{Format: list.CSV}}); err != nil || !strings.Contains(out.String(), "快") || !strings.Contains(out.String(), "77") {
			t.Errorf("export: %s %v", out.String(), err)
		}
		again, err := s.Import(ctx, &out, catalog.ImportOptions{From: "lanzhou"})
		if a, readErr := s.Item(ctx, "a-1"); err != nil || readErr != nil || again.Count.Imported() != 3 || a.CaseKind != "1" || a.ItemType != "20" {
			t.Errorf("imported again: %+v %+v %v", again.Count, a, err)
		}
	})
}

// TestARetiredCodeIsFoundAnew: at a new import and on editing; an item that was stored with it is read as before.
func TestARetiredCodeIsFoundAnew(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx, codes := t.Context(), &tables{}
		s := catalog.New(catalog.Deps{DB: d, Org: offices{}, Codes: codes, Now: func() time.Time { return start }})
		first, err := s.Import(ctx, strings.NewReader(lanzhou), catalog.ImportOptions{From: "lanzhou"})
		if err != nil || slices.ContainsFunc(first.Kinds, func(k catalog.Kind) bool { return k.Key == "rule.code_retired" }) {
			t.Fatalf("%+v %v", first.Kinds, err)
		}
		codes.ended = start.AddDate(0, 0, -1).Format(time.DateOnly)
		it, err := s.Item(ctx, "a-3")
		if err != nil || it.CaseKind != "9" {
			t.Fatalf("the stored item = %s %v", it.CaseKind, err)
		}
		fs, _ := s.Judge(ctx, &it)
		if !slices.ContainsFunc(fs, func(f rule.Finding) bool {
			return f.Rule == "code_retired" && f.Element == "case_kind" && f.Level == rule.Block
		}) {
			t.Error("an edit may keep a retired code")
		}
		rep, err := s.Import(ctx, strings.NewReader(strings.ReplaceAll(lanzhou, "a-", "b-")), catalog.ImportOptions{From: "lanzhou", DryRun: true})
		if err != nil || !slices.ContainsFunc(rep.Kinds, func(k catalog.Kind) bool { return k.Key == "rule.code_retired" && k.Where() == "4" }) {
			t.Errorf("a new import may bring a retired code: %+v %v", rep.Kinds, err)
		}
		codes.ended = start.AddDate(0, 0, 1).Format(time.DateOnly)
		if fs, _ := s.Judge(ctx, &it); slices.ContainsFunc(fs, func(f rule.Finding) bool { return f.Rule == "code_retired" }) {
			t.Error("a code that ends tomorrow is refused today")
		}
	})
}
