package directory

import (
	"slices"
	"strings"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// Difference is one element in which two versions of a base item differ, in words.
type Difference struct {
	Element  string // label: directory.part_<element>
	Row      string // the law or material, for lists
	Old, New string
}

// Label names the element in a language.
func (d Difference) Label(l i18n.Lang) string {
	name := i18n.In(l, "directory.part_"+d.Element)
	if d.Row == "" {
		return name
	}
	return name + " · " + d.Row
}

// shown are all elements of a base item in words, in the order of its page; lists come afterwards.
var shown = []struct {
	key  string
	list string
	of   func(Base) []string
}{
	{"name", "", func(b Base) []string { return single(b.Name) }},
	{"main_item", "", func(b Base) []string { return single(b.Main()) }},
	{"sub_item", "", func(b Base) []string { return single(b.SubItem) }},
	{"local_code", "", func(b Base) []string { return single(b.LocalCode) }},
	{"item_type", "type", func(b Base) []string { return single(b.ItemType) }},
	{"department", "", func(b Base) []string { return single(b.Department) }},
	{"use_level", "use_level", func(b Base) []string { return b.UseLevels }},
	{"audience", "audience", func(b Base) []string { return b.Audience }},
	{"legal", "", func(b Base) []string { return limitText(b.Legal) }},
	{"result", "result", func(b Base) []string { return single(b.ResultKind) }},
	{"result_name", "", func(b Base) []string { return single(b.ResultName) }},
	{"fee", "", func(b Base) []string { return free(b.Free) }},
	{"conditions", "", func(b Base) []string { return b.Conditions }},
	{"life_events", "life_event", func(b Base) []string { return b.LifeEvents }},
	{"explain", "", func(b Base) []string { return single(b.Explain) }},
	{"predecessors", "", func(b Base) []string { return b.Predecessor }},
	{"successors", "", func(b Base) []string { return b.Successor }},
	{"state", "state", func(b Base) []string { return single(b.State) }},
}

// Fact is one element of a base item in words.
type Fact struct{ Element, Text string }

// Facts gives the elements of a base item that have a value, but for bases and materials.
func Facts(l i18n.Lang, b Base) []Fact {
	var out []Fact
	for _, s := range shown {
		if vs := s.of(b); len(vs) > 0 {
			out = append(out, Fact{s.key, Words(l, s.key, s.list, vs)})
		}
	}
	return out
}

// Words puts codes of an element into words; limits name their unit.
func Words(l i18n.Lang, key, list string, vs []string) string {
	sep := "、"
	if l == i18n.English {
		sep = ", "
	}
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		switch key {
		case "legal":
			n, unit, _ := strings.Cut(v, " ")
			v = n + " " + item.CodeName(l, "unit", unit)
		case "fee":
			v = i18n.In(l, "directory.fee_free")
		case "state":
			v = i18n.In(l, "directory.state_"+v)
		default:
			if list != "" {
				v = item.CodeName(l, list, v)
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, sep)
}

// Diff gives what changed between two versions of a base item, in words.
func Diff(l i18n.Lang, was, is Base) []Difference {
	var out []Difference
	for _, s := range shown {
		if a, b := s.of(was), s.of(is); !slices.Equal(a, b) {
			out = append(out, Difference{Element: s.key, Old: Words(l, s.key, s.list, a), New: Words(l, s.key, s.list, b)})
		}
	}
	out = append(out, diffRows("basis", was.Basis, is.Basis, basisKey, basisText)...)
	return append(out, diffRows("materials", was.Materials, is.Materials, func(m item.Material) string { return m.Key }, func(m item.Material) string {
		return m.Name + "（" + item.CodeName(l, "required", m.Required) + "）"
	})...)
}

func basisText(x item.Basis) string {
	return strings.TrimSpace(strings.Join([]string{x.Law, x.Article, x.Number, x.Effective, x.Text}, " "))
}

func diffRows[T any](element string, was, is []T, key func(T) string, text func(T) string) []Difference {
	var out []Difference
	find := func(all []T, k string) int { return slices.IndexFunc(all, func(o T) bool { return key(o) == k }) }
	for _, x := range was {
		j := find(is, key(x))
		if j < 0 {
			out = append(out, Difference{Element: element, Row: key(x), Old: text(x)})
		} else if text(x) != text(is[j]) {
			out = append(out, Difference{Element: element, Row: key(x), Old: text(x), New: text(is[j])})
		}
	}
	for _, x := range is {
		if find(was, key(x)) < 0 {
			out = append(out, Difference{Element: element, Row: key(x), New: text(x)})
		}
	}
	return out
}
