package search

import (
	"slices"
	"strings"
	"unicode/utf8"
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
		if y, ok := m.heads[slot].calledSo(said); ok {
			return y, true
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

// moreThanSaid is how many characters more than was said an everyday word may have to be shown; a sentence that holds the word is no name for the item.
const moreThanSaid = 4

// calledSo finds what was said among the names an item has beside its name: the shortest that holds it, or the word alone where only a whole sentence
// does, such as 老年证怎么办.
func (h *head) calledSo(said string) (Why, bool) {
	best := -1
	for i, a := range h.folded[1:] {
		if strings.Contains(a, said) && (best < 0 || len(a) < len(h.folded[1+best])) {
			best = i
		}
	}
	switch {
	case best < 0:
		return Why{}, false
	case utf8.RuneCountInString(h.folded[1+best]) > utf8.RuneCountInString(said)+moreThanSaid:
		return Why{Field: FieldShort, Word: said}, true
	}
	return Why{Field: FieldEveryday, Word: h.aliases[best]}, true
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
