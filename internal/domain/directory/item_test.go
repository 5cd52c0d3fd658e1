package directory_test

import (
	"slices"
	"testing"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/clock"
)

// TestAnItemMayNotContradictItsBase: each element on its own, and what may be narrowed.
func TestAnItemMayNotContradictItsBase(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *directory.Base, it *item.Item)
		want   string
	}{
		"as prefilled":                    {func(*directory.Base, *item.Item) {}, ""},
		"another type":                    {func(_ *directory.Base, it *item.Item) { it.ItemType = "07" }, "directory.against_type"},
		"another main item":               {func(_ *directory.Base, it *item.Item) { it.MainItem = "餐饮许可" }, "directory.against_main"},
		"a level the base does not name":  {func(_ *directory.Base, it *item.Item) { it.UseLevel = "2" }, "directory.against_level"},
		"any level of 分级管理":               {func(b *directory.Base, it *item.Item) { b.UseLevels, it.UseLevel = []string{"7"}, "2" }, ""},
		"more people":                     {func(_ *directory.Base, it *item.Item) { it.Audience = []string{"2", "1"} }, "directory.against_audience"},
		"fewer people":                    {func(_ *directory.Base, it *item.Item) { it.Audience = []string{"2"} }, ""},
		"a longer limit":                  {func(_ *directory.Base, it *item.Item) { it.Limits.Legal.N = 21 }, "directory.against_limit_workday"},
		"a limit of another unit":         {func(_ *directory.Base, it *item.Item) { it.Limits.Legal = item.Limit{N: 30, Unit: clock.NaturalDay} }, ""},
		"no law of the base":              {func(_ *directory.Base, it *item.Item) { it.Basis = []item.Basis{{Law: "清澜市规定"}} }, "directory.against_basis"},
		"the law without its first words": {func(_ *directory.Base, it *item.Item) { it.Basis = []item.Basis{{Law: "《食品安全法》"}} }, ""},
		"another result":                  {func(_ *directory.Base, it *item.Item) { it.Result.Kind = "receipt" }, "directory.against_result"},
		"a fee for what is free":          {func(b *directory.Base, it *item.Item) { b.Free, it.Fee.Charged = true, true }, "directory.against_fee"},
		"a missing core material":         {func(_ *directory.Base, it *item.Item) { it.Materials = nil }, "directory.against_material_missing"},
		"a further material": {func(_ *directory.Base, it *item.Item) {
			it.Materials = append(it.Materials, item.Material{Key: "x", Name: "证明"})
		}, ""},
		"a further material where none is allowed": {func(b *directory.Base, it *item.Item) {
			b.OnlyThese = true
			it.Materials = append(it.Materials, item.Material{Key: "x", Name: "证明"})
		}, "directory.against_material_extra"},
	} {
		b, it := food(), adopted()
		c.change(&b, it)
		got := directory.Contradicts(b, it)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Key != c.want) {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
		for _, x := range got {
			if !i18n.Has(x.Key) {
				t.Errorf("%s has no text", x.Key)
			}
		}
	}
}

func TestMergeFollowsWhatTheOfficeLeftAlone(t *testing.T) {
	was, is := food(), food()
	is.Version = 2
	is.MainItem, is.Legal.N, is.Audience = "食品经营许可（新）", 5, []string{"2", "3", "6"}
	is.Basis = []item.Basis{{Law: "中华人民共和国食品安全法", Article: "第三十五条", Text: "新条文", Status: "read"}, {Law: "食品经营许可和备案管理办法", Article: "第三条", Status: "read"}}
	is.Materials = []item.Material{
		{Key: "application", Name: "食品经营许可申请书", Required: item.RequiredYes, Source: item.FromPlatform}, {Key: "layout", Name: "布局图", Required: item.RequiredYes},
	}
	mine := adopted()
	mine.Basis = append(mine.Basis, item.Basis{Law: "清澜市规定", Article: "第一条", Status: "fictional"})
	mine.Materials = append(mine.Materials, item.Material{Key: "lease", Name: "租赁合同", Required: item.RequiredNo})
	mine.Materials[0].Accept = "盖章"
	mine.Audience = []string{"2"} // the office serves fewer

	out, conflicts := directory.Merge(was, is, mine)
	if out.BaseVersion != 2 || out.MainItem != is.MainItem || out.Limits.Legal.N != 5 {
		t.Errorf("fixed elements did not follow: %+v %+v", out.MainItem, out.Limits.Legal)
	}
	if !slices.Equal(out.Audience, []string{"2"}) {
		t.Errorf("the office's own choice within the base was lost: %v", out.Audience)
	}
	var laws, mats []string
	for _, b := range out.Basis {
		laws = append(laws, b.Law+b.Text)
	}
	for _, m := range out.Materials {
		mats = append(mats, m.Name+m.Accept)
	}
	if !slices.Equal(laws, []string{"中华人民共和国食品安全法新条文", "清澜市规定", "食品经营许可和备案管理办法"}) {
		t.Errorf("laws = %v", laws)
	}
	if !slices.Equal(mats, []string{"食品经营许可申请书盖章", "租赁合同", "布局图"}) {
		t.Errorf("materials = %v", mats)
	}
	// 10 was the office's own shorter limit; the base now says 5, so it gives way and is named.
	if len(conflicts) != 1 || conflicts[0].Element != "legal" || conflicts[0].Mine != "10 workday" || conflicts[0].New != "5 workday" {
		t.Errorf("conflicts = %+v", conflicts)
	}
	if mine.BaseVersion != 1 || mine.Materials[0].Name != "申请书" {
		t.Error("the item itself was changed")
	}
	if cs := directory.Contradicts(is, out); len(cs) > 0 {
		t.Errorf("the merged item contradicts the new base: %+v", cs)
	}
}

func TestMergeNamesWhatGaveWay(t *testing.T) {
	was, is := food(), food()
	was.Materials = append(was.Materials, item.Material{Key: "lease", Name: "租赁合同", Required: item.RequiredYes})
	is.OnlyThese = true
	mine := adopted()
	mine.Materials = append(mine.Materials, item.Material{Key: "lease", Name: "房产证或租赁合同", Required: item.RequiredYes}, item.Material{Key: "extra", Name: "证明"})
	out, cs := directory.Merge(was, is, mine)
	if len(out.Materials) != 1 || len(cs) != 2 || cs[0].Row != "房产证或租赁合同" || cs[1].Row != "证明" {
		t.Errorf("materials %+v, conflicts %+v", out.Materials, cs)
	}
}

// TestWhatIsPrefilledContradictsNothing, whatever of a base is fixed.
func TestWhatIsPrefilledContradictsNothing(t *testing.T) {
	full, bare := food(), directory.Base{Code: "000120001000", Name: "事项", ItemType: "20", UseLevels: []string{"5"}, Basis: []item.Basis{{Law: "法"}}}
	full.Free, full.OnlyThese, full.MainItem, full.SubItem, full.LifeEvents = true, true, "主项", "子项", []string{"open"}
	for _, b := range []directory.Base{full, bare, food()} {
		if cs := directory.Contradicts(b, directory.Prefill(b)); len(cs) > 0 {
			t.Errorf("%s: %+v", b.Name, cs)
		}
	}
}

func TestDiffNamesWhatChanged(t *testing.T) {
	was, is := food(), food()
	is.Legal.N, is.Free, is.State = 5, true, directory.Suspended
	is.Materials = nil
	var got []string
	for _, d := range directory.Diff(i18n.Chinese, was, is) {
		got = append(got, d.Element+":"+d.Old+">"+d.New)
		if d.Label(i18n.Chinese) == "directory.part_"+d.Element {
			t.Errorf("%s has no label", d.Element)
		}
	}
	want := []string{"legal:20 工作日>5 工作日", "fee:>一律不收费", "state:>暂停", "materials:申请书（必须）>"}
	if !slices.Equal(got, want) {
		t.Errorf("differences = %v", got)
	}
}
