package search

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// board is where the heads of a question are scored: one place for each slot. Boards are reused.
type board struct {
	total   []float32 // what the met terms are worth
	met     []uint16  // bits of the terms of must that are met
	now     []float32 // the best way of the term at hand
	touched []int32   // slots with a total, each once
	fresh   []int32   // slots with a now
	need    float64   // what all terms together are worth
	vague   bool      // no name holds a word of the matter: only words that the question makes likely were found
	worth   [maxTerms]float64
}

var boards = sync.Pool{New: func() any { return &board{} }}

func newBoard(slots int) *board {
	b := boards.Get().(*board)
	if cap(b.total) < slots {
		n := slots + slots/8 + 64
		b.total, b.met, b.now = make([]float32, n), make([]uint16, n), make([]float32, n)
	}
	b.total, b.met, b.now = b.total[:cap(b.total)], b.met[:cap(b.met)], b.now[:cap(b.now)]
	b.need = 0
	return b
}

// free clears what was touched and gives the board back.
func (b *board) free() {
	for _, s := range b.touched {
		b.total[s], b.met[s] = 0, 0
	}
	b.touched = b.touched[:0]
	boards.Put(b)
}

// agencyWeight is what a head is worth for a term that names the agency offering it.
const agencyWeight = 0.5

// A word that is not of the field (it stands for nothing else) tells less than its rarity says; words that a question only makes likely count for a part.
const (
	plainWord  = 0.9
	likelyPart = 0.8
	pairWeight = 0.2 // of two characters side by side that a name has in common with the question, whatever the words are
	commonPart = 10
	charWeight = 0.35 // of a character of a word that no name holds
	commonChar = 25   // a character that more than one name in so many has tells nothing
	leastNeed  = 1.0  // so that what next to nothing was found for is not worth everything
	needLikely = 0.4  // of what likely words are worth, that is needed beside the words of the matter
)

// ownRarity is how much of what a word tells comes from its own rarity, against that of all ways to meet the term: 驾照 means 机动车驾驶证 rather than
// every 换领 that it may also stand for.
const ownRarity = 0.3

// score lets every term count for every head that meets it in a name. What no head can meet is not needed. Callers hold m.mu.
func (b *board) score(m *memory, q question) {
	var lost []rune // of words that no name holds
	for i, w := range q.must {
		weight := w.weight
		if weight < 1 && len(w.ways) == 1 && len(q.must) > 1 {
			weight *= plainWord
		}
		b.worth[i] = b.term(m, w, weight, 1<<i)
		b.need += b.worth[i]
		if b.worth[i] == 0 {
			lost = appendChars(lost, w.text)
		}
	}
	likely, nothing := 0.0, b.need == 0
	for _, w := range q.should {
		if nothing && w.guessed() {
			continue
		}
		likely += b.term(m, w, likelyPart*w.weight, 0)
	}
	for _, p := range q.pairs {
		if len(m.posts[p]) <= m.live/commonPart { // a common pair tells nothing and costs much
			b.term(m, wanted{ways: []way{{tokens: []string{p}, weight: 1}}}, pairWeight, 0)
		}
	}
	likely += b.parts(m, lost)
	b.need += needLikely * likely
	b.vague = nothing
	if b.vague {
		b.need = max(likely, leastNeed)
	}
}

// parts lets words that no name holds count by their characters: 光缆 is near 电缆, 取出 near 支取. It returns what all of them are worth.
func (b *board) parts(m *memory, chars []rune) float64 {
	all := 0.0
	for _, c := range chars {
		slots := m.chars[c]
		if len(slots) == 0 || len(slots) > m.live/commonChar {
			continue
		}
		worth := charWeight * m.rare(len(slots))
		all += worth
		for _, slot := range slots {
			if b.total[slot] == 0 {
				b.touched = append(b.touched, slot)
			}
			b.total[slot] += float32(worth)
		}
	}
	return all
}

// term adds what a term is worth to the heads that meet it; 0 if none does.
func (b *board) term(m *memory, w wanted, weight float64, bit uint16) float64 {
	b.gather(m, w)
	if len(w.heads) > 0 {
		offered := float32(agencyWeight * math.Pow(m.rare(len(w.heads)), ownRarity))
		for _, slot := range w.heads {
			b.note(slot, offered)
		}
	}
	if len(b.fresh) == 0 {
		return 0
	}
	worth := weight * math.Pow(m.rare(len(b.fresh)), 1-ownRarity)
	best := float32(0)
	for _, slot := range b.fresh {
		best = max(best, b.now[slot])
	}
	for _, slot := range b.fresh {
		if b.total[slot] == 0 {
			b.touched = append(b.touched, slot)
		}
		b.total[slot] += float32(worth) * b.now[slot]
		b.met[slot] |= bit
		b.now[slot] = 0
	}
	b.fresh = b.fresh[:0]
	return worth * float64(best)
}

// gather notes for each head the best way in which it meets a term.
func (b *board) gather(m *memory, w wanted) {
	for _, way := range w.ways {
		list := m.all(way.tokens)
		weight := way.weight * math.Pow(m.rare(len(list)), ownRarity)
		for _, p := range list {
			b.note(p.slot(), float32(weight*fields[p.field()].weight))
		}
	}
}

func (b *board) note(slot int32, v float32) {
	if b.now[slot] == 0 {
		b.fresh = append(b.fresh, slot)
	}
	b.now[slot] = max(b.now[slot], v)
}

// body lets heads count that the text index found: what their names do not say, the rest of an item does.
func (b *board) body(m *memory, slots []int32, must []wanted) {
	for i := range must {
		if b.worth[i] == 0 && len(slots) > 0 && len(must[i].ways) > 0 { // no name holds it: the bodies that do make it worth something
			b.worth[i] = must[i].weight * m.rare(len(slots))
			b.need += b.worth[i]
		}
	}
	for _, slot := range slots {
		if int(slot) >= len(b.total) {
			continue // a head that came while the text index was asked
		}
		if b.total[slot] == 0 {
			b.touched = append(b.touched, slot)
		}
		for i := range must {
			if b.met[slot]&(1<<i) == 0 && len(must[i].ways) > 0 {
				b.total[slot] += float32(b.worth[i] * fields[inBody].weight)
				b.met[slot] |= 1 << i
			}
		}
	}
}

// candidate is a head on its way to a result.
type candidate struct {
	slot  int32
	met   uint16
	total float64
	score float64
}

// mostCandidates is how many heads are looked at closely, and how far one can page.
const mostCandidates = 1000

// leastCover is how much of the best one's words a head must have to stand in a result.
const leastCover = 0.4

// pick gives the best of the heads that meet enough of the terms. keep rules out by what a filter asks.
func (b *board) pick(keep func(slot int32) bool, rough func(slot int32) float64) []candidate {
	least := float32(0)
	for _, slot := range b.touched {
		if b.total[slot] > least && keep(slot) {
			least = b.total[slot]
		}
	}
	least *= leastCover
	heap := make([]candidate, 0, 256)
	for _, slot := range b.touched {
		if b.total[slot] < least || !keep(slot) {
			continue
		}
		c := candidate{slot: slot, met: b.met[slot], total: float64(b.total[slot])}
		c.score = c.total/max(b.need, 1e-9) + rough(slot)
		heap = push(heap, c)
	}
	return heap
}

// fully reports whether at least n heads meet all terms.
func (b *board) fully(terms, n int, keep func(slot int32) bool) bool {
	if terms == 0 {
		return false
	}
	all := uint16(1)<<terms - 1
	for _, slot := range b.touched {
		if b.met[slot] == all && keep(slot) {
			if n--; n <= 0 {
				return true
			}
		}
	}
	return false
}

// push keeps the best candidates in a heap whose root is the worst of them.
func push(h []candidate, c candidate) []candidate {
	if len(h) < mostCandidates {
		h = append(h, c)
		for i := len(h) - 1; i > 0; {
			up := (i - 1) / 2
			if h[up].score <= h[i].score {
				break
			}
			h[up], h[i] = h[i], h[up]
			i = up
		}
		return h
	}
	if c.score <= h[0].score {
		return h
	}
	h[0] = c
	for i := 0; ; {
		small := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < len(h) && h[k].score < h[small].score {
				small = k
			}
		}
		if small == i {
			return h
		}
		h[i], h[small] = h[small], h[i]
		i = small
	}
}

// order sorts candidates, best first; ties by the number of the head, which no node chooses.
func (m *memory) order(all []candidate) {
	slices.SortFunc(all, func(a, b candidate) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		return cmp.Compare(m.heads[a.slot].head, m.heads[b.slot].head)
	})
}

// round keeps scores short enough to stand in a cursor.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
