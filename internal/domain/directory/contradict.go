package directory

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// Contradiction is one element of an implementing item that says other than its base item. Element is the item's element key, Row the material it
// concerns, else -1; Key and Params are its text.
type Contradiction struct {
	Element string
	Row     int
	Key     string
	Params  errs.P
}

// Contradicts gives every element in which an implementing item goes against the base it adopts. What the base leaves open contradicts nothing; what
// it fixes may be narrowed where that serves people (a shorter limit, a material less needed to be brought), never widened.
func Contradicts(b Base, it *item.Item) []Contradiction {
	var out []Contradiction
	add := func(element, key string, p errs.P) { out = append(out, Contradiction{element, -1, key, p}) }
	if it.ItemType != b.ItemType {
		add("item_type", "directory.against_type", item.Named(item.Named(errs.P{}, "base", "type", b.ItemType), "type", "type", it.ItemType))
	}
	if it.MainItem != "" && it.MainItem != b.Main() {
		add("main_item", "directory.against_main", errs.P{"base": b.Main(), "name": it.MainItem})
	}
	if b.SubItem != "" && it.SubItem != "" && it.SubItem != b.SubItem {
		add("sub_item", "directory.against_sub", errs.P{"base": b.SubItem, "name": it.SubItem})
	}
	if !exercises(b.UseLevels, it.UseLevel) {
		add("use_level", "directory.against_level", item.Named(item.Named(errs.P{}, "base", "use_level", b.UseLevels...), "level", "use_level", it.UseLevel))
	}
	if len(b.Audience) > 0 {
		if more := without(it.Audience, b.Audience); len(more) > 0 {
			add("audience", "directory.against_audience", item.Named(errs.P{}, "codes", "audience", more...))
		}
	}
	if len(b.Basis) > 0 && !slices.ContainsFunc(it.Basis, func(x item.Basis) bool { return names(b.Basis, x.Law) }) {
		add("basis", "directory.against_basis", errs.P{"law": b.Basis[0].Law})
	}
	if longer(it.Limits.Legal, b.Legal) {
		add("legal", "directory.against_limit_"+string(b.Legal.Unit), errs.P{"base": b.Legal.N, "n": it.Limits.Legal.N})
	}
	if b.ResultKind != "" && it.Result.Kind != b.ResultKind && !it.On(item.LicenceCancel) { // what gives a licence up ends in a written decision
		add("result", "directory.against_result", item.Named(item.Named(errs.P{}, "base", "result", b.ResultKind), "kind", "result", it.Result.Kind))
	}
	if b.Free && it.Fee.Charged {
		add("fee", "directory.against_fee", nil)
	}
	return append(out, b.againstMaterials(it)...)
}

// exercises reports whether a level is one of a base item's; 7 (分级管理) is every level.
func exercises(levels []string, level string) bool {
	return len(levels) == 0 || slices.Contains(levels, "7") || slices.Contains(levels, level)
}

func (b Base) againstMaterials(it *item.Item) []Contradiction {
	var out []Contradiction
	for _, m := range b.Materials {
		if m.Required == item.RequiredYes && material(it.Materials, m) < 0 {
			out = append(out, Contradiction{"materials", -1, "directory.against_material_missing", errs.P{"name": m.Name}})
		}
	}
	if !b.OnlyThese {
		return out
	}
	for i, m := range it.Materials {
		if m.Source != item.FromPlatform && material(b.Materials, m) < 0 {
			out = append(out, Contradiction{"materials", i, "directory.against_material_extra", errs.P{"name": m.Name}})
		}
	}
	return out
}

// material finds a material in a list: by its key, else by its name.
func material(all []item.Material, m item.Material) int {
	if i := slices.IndexFunc(all, func(o item.Material) bool { return m.Key != "" && o.Key == m.Key }); i >= 0 {
		return i
	}
	return slices.IndexFunc(all, func(o item.Material) bool { return o.Name == m.Name })
}

// longer reports whether a legal limit exceeds the base's; limits of different units are left to people.
func longer(l, base item.Limit) bool {
	return base.N > 0 && l.Unit == base.Unit && l.N > base.N
}

func names(all []item.Basis, law string) bool {
	return slices.ContainsFunc(all, func(x item.Basis) bool { return sameLaw(x.Law, law) })
}

// sameLaw compares names of laws with and without 中华人民共和国 and book title marks.
func sameLaw(a, b string) bool { return bareLaw(a) == bareLaw(b) }

func bareLaw(s string) string {
	return strings.TrimPrefix(strings.Trim(strings.TrimSpace(s), "《》"), "中华人民共和国")
}

// without gives what stands in all and not in others.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(others, s) })
}
