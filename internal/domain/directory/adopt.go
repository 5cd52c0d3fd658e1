package directory

import (
	"slices"
	"strconv"
	"strings"

	"tongban/internal/domain/catalog/item"
)

// part is one element a base item fixes for its adopters: how it reads on the base and on an item, and how it is put into an item.
type part struct {
	key  string // element key of items; its label is directory.part_<key>
	base func(Base) []string
	of   func(*item.Item) []string
	put  func(*item.Item, Base)
}

func single(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// fixed are the elements a base fixes, but for legal bases and materials, which are lists of their own.
var fixed = []part{
	{"main_item", func(b Base) []string { return single(b.Main()) }, func(it *item.Item) []string { return single(it.MainItem) }, func(it *item.Item, b Base) { it.MainItem = b.Main() }},
	{"sub_item", func(b Base) []string { return single(b.SubItem) }, func(it *item.Item) []string { return single(it.SubItem) }, func(it *item.Item, b Base) { it.SubItem = b.SubItem }},
	{"item_type", func(b Base) []string { return single(b.ItemType) }, func(it *item.Item) []string { return single(it.ItemType) }, func(it *item.Item, b Base) { it.ItemType = b.ItemType }},
	{"use_level", func(b Base) []string { return b.UseLevels }, func(it *item.Item) []string { return single(it.UseLevel) }, func(it *item.Item, b Base) {
		if !exercises(b.UseLevels, it.UseLevel) {
			it.UseLevel = b.UseLevels[0]
		}
	}},
	{"audience", func(b Base) []string { return b.Audience }, func(it *item.Item) []string { return it.Audience }, func(it *item.Item, b Base) { it.Audience = slices.Clone(b.Audience) }},
	{"legal", func(b Base) []string { return limitText(b.Legal) }, func(it *item.Item) []string { return limitText(it.Limits.Legal) }, putLegal},
	{"result", func(b Base) []string { return single(b.ResultKind) }, func(it *item.Item) []string { return single(it.Result.Kind) }, func(it *item.Item, b Base) { it.Result.Kind = b.ResultKind }},
	{"fee", func(b Base) []string { return free(b.Free) }, func(it *item.Item) []string { return free(!it.Fee.Charged) }, func(it *item.Item, b Base) {
		if b.Free {
			it.Fee = item.Fee{}
		}
	}},
	{"life_events", func(b Base) []string { return b.LifeEvents }, func(it *item.Item) []string { return it.LifeEvents }, func(it *item.Item, b Base) {
		it.LifeEvents = union(it.LifeEvents, b.LifeEvents)
	}},
}

func free(yes bool) []string {
	if yes {
		return []string{"free"}
	}
	return nil
}

// limitText writes a limit as number and unit; Text of a difference names the unit.
func limitText(l item.Limit) []string {
	if l.N == 0 {
		return nil
	}
	return []string{strconv.Itoa(l.N) + " " + string(l.Unit)}
}

func union(a, b []string) []string {
	return append(slices.Clone(a), without(b, a)...)
}

// Prefill makes a new implementing item of a base item: everything the base fixes or suggests is filled in. The key, the agency and the agency's own
// elements are left to whoever adopts it.
func Prefill(b Base) *item.Item {
	it := &item.Item{
		BaseCode: b.Code, BaseVersion: b.Version, LocalBaseCode: b.LocalCode, Name: b.Name, Basis: slices.Clone(b.Basis), Materials: cloneMaterials(b.Materials),
		Who: slices.Clone(b.Conditions), Serial: 1, Online: item.OnlineGuide,
	}
	for _, p := range fixed {
		if len(p.base(b)) > 0 {
			p.put(it, b)
		}
	}
	it.Result.Name = b.ResultName
	return it
}

func cloneMaterials(ms []item.Material) []item.Material {
	out := slices.Clone(ms)
	for i := range out {
		out[i].Formats = slices.Clone(out[i].Formats)
	}
	return out
}

// Conflict is an element that both the base and the office changed, where the base's word now stands: what the item said before (Mine), what the base
// said and says.
type Conflict struct {
	Element        string
	Row            string // the law or material it concerns
	Old, New, Mine string // codes or words, as Rows of a Difference
}

// putLegal takes over what the base says of the limit and leaves what the office wrote beside it: from when it runs, and what it rests on.
func putLegal(it *item.Item, b Base) {
	l := &it.Limits.Legal
	l.N, l.Unit = b.Legal.N, b.Legal.Unit
	if b.Legal.Explain != "" {
		l.Explain = b.Legal.Explain
	}
	if b.Legal.Basis != "" {
		l.Basis = b.Legal.Basis
	}
}

// Merge follows a change of the base: a copy of the item in which everything that the base changed and the office had left alone is changed too. What
// the office wrote itself stays unless it goes against the new base; then the base's word stands and the office's is listed as a conflict.
func Merge(oldBase, newBase Base, it *item.Item) (*item.Item, []Conflict) {
	out := *it
	out.BaseVersion = newBase.Version
	if it.BaseCode == oldBase.Code {
		out.BaseCode = newBase.Code
	}
	var cs []Conflict
	against := map[string]bool{}
	for _, c := range Contradicts(newBase, it) {
		against[c.Element] = true
	}
	for _, p := range fixed {
		was, is, mine := p.base(oldBase), p.base(newBase), p.of(it)
		switch {
		case slices.Equal(was, is) && !against[p.key]:
		case slices.Equal(mine, was) || len(mine) == 0:
			if len(is) > 0 {
				p.put(&out, newBase)
			}
		case against[p.key]:
			p.put(&out, newBase)
			cs = append(cs, Conflict{Element: p.key, Old: join(was), New: join(is), Mine: join(mine)})
		}
	}
	out.Basis = mergeBasis(oldBase.Basis, newBase.Basis, it.Basis, &cs)
	out.Materials = mergeMaterials(oldBase.Materials, newBase.Materials, it.Materials, newBase.OnlyThese, &cs)
	return &out, cs
}

func join(vs []string) string { return strings.Join(vs, "、") }

func basisKey(x item.Basis) string { return bareLaw(x.Law) + " " + x.Article }

// mergeBasis takes out what the base dropped, brings in what it added, and replaces what it changed; the office's own local rules stay.
func mergeBasis(was, is, mine []item.Basis, cs *[]Conflict) []item.Basis {
	find := func(all []item.Basis, x item.Basis) int {
		return slices.IndexFunc(all, func(o item.Basis) bool { return basisKey(o) == basisKey(x) })
	}
	var out []item.Basis
	for _, x := range mine {
		i, j := find(was, x), find(is, x)
		switch {
		case i >= 0 && j < 0: // the base no longer rests on it
			if x != was[i] {
				*cs = append(*cs, Conflict{Element: "basis", Row: x.Law + x.Article, Old: was[i].Text, Mine: x.Text})
			}
			continue
		case i >= 0 && j >= 0 && was[i] != is[j]:
			if x != was[i] && x != is[j] {
				*cs = append(*cs, Conflict{Element: "basis", Row: x.Law + x.Article, Old: was[i].Text, New: is[j].Text, Mine: x.Text})
			}
			x = is[j]
		}
		out = append(out, x)
	}
	for _, x := range is {
		if find(was, x) < 0 && find(out, x) < 0 {
			out = append(out, x)
		}
	}
	return out
}

// mergeMaterials does the same with the core materials: name, need and source follow the base, whatever else the office wrote of a material stays.
func mergeMaterials(was, is, mine []item.Material, only bool, cs *[]Conflict) []item.Material {
	var out []item.Material
	for _, m := range cloneMaterials(mine) {
		i, j := material(was, m), material(is, m)
		if i >= 0 && j < 0 { // the base no longer asks for it
			if !core(m, was[i]) {
				*cs = append(*cs, Conflict{Element: "materials", Row: m.Name, Old: was[i].Name, Mine: m.Name})
			}
			continue
		}
		if j < 0 && only && m.Source != item.FromPlatform {
			*cs = append(*cs, Conflict{Element: "materials", Row: m.Name, Mine: m.Name})
			continue
		}
		if i >= 0 && j >= 0 && !core(was[i], is[j]) {
			if !core(m, was[i]) && !core(m, is[j]) {
				*cs = append(*cs, Conflict{Element: "materials", Row: m.Name, Old: coreText(was[i]), New: coreText(is[j]), Mine: coreText(m)})
			}
			m.Name, m.Required, m.Source = is[j].Name, is[j].Required, is[j].Source
		}
		out = append(out, m)
	}
	for _, m := range cloneMaterials(is) {
		if material(was, m) < 0 && material(out, m) < 0 {
			out = append(out, m)
		}
	}
	return out
}

// core reports whether two materials agree in what a base fixes of them.
func core(a, b item.Material) bool {
	return a.Name == b.Name && a.Required == b.Required && a.Source == b.Source
}

func coreText(m item.Material) string { return m.Name + " " + m.Required }
