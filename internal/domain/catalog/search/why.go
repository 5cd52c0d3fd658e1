package search

import (
	"slices"
	"strings"
)

// why tells what a head was found by: for each term of the question the best way in which it is met. Callers hold m.mu.
func (f found) why(h *head, slot int32, text string) []Why {
	if f.sound {
		return []Why{{Field: FieldPinyin, Word: h.name, Via: text}}
	}
	var out []Why
	for _, w := range f.q.must {
		y, ok := f.m.whyTerm(slot, w)
		if _, body := slices.BinarySearch(f.bodies, slot); !ok && body {
			y, ok = Why{Field: FieldBody, Word: w.text}, true
		}
		if ok && !slices.ContainsFunc(out, func(o Why) bool { return o.Field == y.Field && o.Word == y.Word }) {
			out = append(out, y)
		}
	}
	return out
}

func (m *memory) whyTerm(slot int32, w wanted) (Why, bool) {
	best, y := 0.0, Why{}
	for _, way := range w.ways {
		f, ok := m.holds(slot, way.tokens)
		if !ok {
			continue
		}
		if v := way.weight * fields[f].weight; v > best {
			best, y = v, Why{Field: fields[f].name, Word: way.word}
			if way.via != "" && way.via != way.word {
				y.Field, y.Via = FieldSynonym, way.via
			}
		}
	}
	if y.Field == FieldName {
		return y, true
	}
	if said := compact(fold(w.text)); len(said) > 0 {
		for i, a := range m.heads[slot].folded[1:] {
			if strings.Contains(a, said) {
				return Why{Field: FieldEveryday, Word: m.heads[slot].aliases[i]}, true
			}
		}
	}
	if best > 0 {
		return y, true
	}
	if _, ok := slices.BinarySearch(w.heads, slot); ok {
		return Why{Field: FieldAgency, Word: w.text}, true
	}
	return Why{}, false
}

// holds reports whether a head has all tokens in its names, and the worst field they stand in.
func (m *memory) holds(slot int32, tokens []string) (field, bool) {
	worst := inName
	for _, t := range tokens {
		list := m.posts[t]
		i, ok := slices.BinarySearchFunc(list, slot, func(p posting, s int32) int { return int(p.slot() - s) })
		if !ok {
			return 0, false
		}
		worst = max(worst, list[i].field())
	}
	return worst, len(tokens) > 0
}
