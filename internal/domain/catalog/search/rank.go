package search

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/engine/lex"
)

// What speaks for a head, beside the words it has. A question that all words meet in the name is worth wordsWorth.
const (
	wordsWorth    = 12.0
	sameName      = 8.0 // the question is the name
	sameAlias     = 7.0 // the question is what people call it
	partOfName    = 3.0 // it stands in the name as a whole, for the share it makes up
	beginsName    = 1.0
	partOfAlias   = 2.0
	holdsAlias    = 3.0  // what people call it stands in the question
	tightName     = 2.0  // how much of the name the question says
	allWords      = 1.5  // every word of the question is met
	pairsShared   = 2.0  // pairs of characters of the name that stand in the question
	online        = 0.25 // for each step of Rank
	manyAgencies  = 0.6
	otherAudience = -1.5
)

// ranking is what ranking needs of a question.
type ranking struct {
	m        *memory
	q        question
	near     []uint8
	province int64
	audience int64            // bits of who asks, 0 if not known
	acts     uint16           // that the question names
	kinds    uint64           // special cases that it names
	text     string           // the question, folded, without blanks
	words    [][]string       // by which each term can be met
	pairs    map[[2]rune]bool // of neighbouring characters of the question
}

func (s *Service) ranking(m *memory, q question, region, audience string, near []uint8) *ranking {
	r := &ranking{m: m, q: q, near: near, province: province(region), acts: saidActs(q.text, q.intent), kinds: saidKinds(q), text: compact(q.text), words: wordsOfTerms(q.must), pairs: map[[2]rune]bool{}}
	if audience == "" {
		audience = q.audience
	}
	r.audience = audienceBits(audience)
	rs := []rune(r.text)
	for i := 1; i < len(rs); i++ {
		r.pairs[[2]rune{rs[i-1], rs[i]}] = true
	}
	return r
}

// rough is what a head is worth without looking at its names; it decides which heads are looked at closely, on the scale of met words (0 to 1).
func (r *ranking) rough(slot int32) float64 {
	return r.static(slot) / wordsWorth
}

func (r *ranking) static(slot int32) float64 {
	k := &r.m.quick[slot]
	level := levelAt(r.near, slot)
	if level == elsewhere && r.province != 0 && k.provinces&r.province != 0 {
		level = sameProvince
	}
	x := closeness[level] + float64(k.static)
	if r.audience != 0 && int64(k.audience)&r.audience == 0 {
		x += otherAudience
	}
	return x
}

// looked is how many of the candidates are compared with the question name by name; the rest follow in the order they came.
const looked = 300

// finish gives candidates their final score. Callers hold m.mu.
func (r *ranking) finish(all []candidate, need float64) {
	if len(all) > looked {
		r.m.order(all)
	}
	first := all[:min(len(all), looked)]
	worst := math.Inf(1)
	for i := range first {
		c := &first[i]
		c.score = wordsWorth*c.total/max(need, 1e-9) + r.static(c.slot) + r.names(&r.m.heads[c.slot])
		if r.full(*c) {
			c.score += allWords
		}
		c.score = round(c.score)
		worst = min(worst, c.score)
	}
	r.m.order(first)
	for i := range all[len(first):] {
		c := &all[len(first)+i]
		c.score = round(worst - 1 - float64(i)/100)
	}
}

// full reports whether a candidate meets every term.
func (r *ranking) full(c candidate) bool {
	return len(r.q.must) > 0 && c.met == uint16(1)<<len(r.q.must)-1
}

// names compares the question with the names of a head as wholes.
func (r *ranking) names(h *head) float64 {
	name := h.folded[0]
	best := 0.0
	for _, said := range [2]string{r.text, r.q.core} {
		if said == "" {
			continue
		}
		x := 0.0
		switch {
		case name == said:
			x = sameName
		case strings.HasPrefix(name, said):
			x = beginsName + partOfName*share(said, name)
		case strings.Contains(name, said):
			x = partOfName * share(said, name)
		case strings.Contains(said, name):
			x = holdsAlias * share(name, said)
		}
		for _, a := range h.folded[1:] {
			switch {
			case a == said:
				x = max(x, sameAlias)
			case strings.Contains(a, said):
				x = max(x, partOfAlias*share(said, a))
			case strings.Contains(said, a) && utf8.RuneCountInString(a) > 1:
				x = max(x, holdsAlias*share(a, said))
			}
		}
		best = max(best, x)
	}
	return best + tightName*r.tight(name) + pairsShared*r.shared(name) + actWorth(h, r.acts, r.q.intent == lex.IntentNew) + kindWorth(h, r.kinds)
}

// tight is the share of a name that the terms of the question make up.
func (r *ranking) tight(name string) float64 {
	said := 0
	for _, words := range r.words {
		for _, w := range words {
			if strings.Contains(name, w) {
				said += len(w)
				break
			}
		}
	}
	return min(1, float64(said)/float64(max(len(name), 1)))
}

// wordsOfTerms are the words that each term can be met with, longest first.
func wordsOfTerms(must []wanted) [][]string {
	out := make([][]string, len(must))
	for i, w := range must {
		for _, way := range w.ways {
			if word := compact(fold(way.word)); word != "" {
				out[i] = append(out[i], word)
			}
		}
		slices.SortStableFunc(out[i], func(a, b string) int { return len(b) - len(a) })
	}
	return out
}

// shared is the share of the pairs of characters of a name that stand in the question.
func (r *ranking) shared(name string) float64 {
	n, hits, last := 0, 0, rune(0)
	for _, c := range name {
		if last != 0 {
			n++
			if r.pairs[[2]rune{last, c}] {
				hits++
			}
		}
		last = c
	}
	return float64(hits) / float64(max(n, 1))
}

func compact(s string) string { return strings.ReplaceAll(s, " ", "") }

func share(part, whole string) float64 { return float64(len(part)) / float64(max(len(whole), 1)) }
