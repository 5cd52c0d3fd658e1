package search

import (
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"sync"

	"tongban/internal/engine/lex"
)

// posting is a head that holds a token, and the best field it stands in.
type posting uint32

func newPosting(slot int32, f field) posting { return posting(uint32(slot)<<2 | uint32(f)) } //nolint:gosec // slots count up from 0

func (p posting) slot() int32  { return int32(p >> 2) }
func (p posting) field() field { return field(p & 3) }

// head is what a node keeps of a head in memory. Its names never change; what its items have in common does.
type head struct {
	use
	name    string
	aliases []string
	folded  []string // name and aliases as they are compared: folded, without blanks
	sum     uint32   // of its tokens, which a new dictionary changes
	acts    uint16   // that the name says
	kinds   uint64   // special cases that the name says
	first   bool     // the name says that something begins
}

// quick is what every met head is asked, packed so that thousands of them cost little.
type quick struct {
	provinces int64
	static    float32 // what it is worth whoever asks
	audience  uint16
	live      bool // an item bears it
}

type agency struct {
	key, name, short, region string
	folded, foldedShort      string
}

// memory holds all heads with the tokens of their names. Readers hold mu for the time of a question; followers write for moments.
type memory struct {
	mu     sync.RWMutex
	heads  []head
	slots  map[int64]int32
	posts  map[string][]posting
	chars  map[rune][]int32    // slots of heads whose name has a Chinese character
	offic  map[string]*agency  // by key; replaced, never changed
	called map[string][]string // keys of agencies by what they are called
	sounds *sounds
	quick  []quick
	live   int // heads that items bear
	intern map[string]string
}

func newMemory() *memory {
	return &memory{slots: map[int64]int32{}, posts: map[string][]posting{}, chars: map[rune][]int32{}, offic: map[string]*agency{}, called: map[string][]string{}, intern: map[string]string{}, sounds: newSounds()}
}

// agencies gives the agencies by key. The map is replaced, never changed.
func (m *memory) agencies() map[string]*agency {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.offic
}

// addHead takes a head in. A head that is there stays as it is: false if its words are others now. Callers hold mu.
func (m *memory) addHead(l *lex.Lexicon, r headRow) bool {
	sum := crc32.ChecksumIEEE([]byte(r.words))
	if slot, ok := m.slots[r.id]; ok {
		return m.heads[slot].sum == sum
	}
	slot := int32(len(m.heads)) //nolint:gosec // heads are counted in hundred thousands
	h := head{name: r.name, sum: sum, use: use{head: r.id}}
	if r.aliases != "" {
		h.aliases = strings.Split(r.aliases, "\n")
	}
	h.folded = append(h.folded, compact(fold(h.name)))
	for _, a := range h.aliases {
		h.folded = append(h.folded, compact(fold(a)))
	}
	h.acts, h.first = actsIn(h.folded[0]), holdsAny(h.folded[0], firstIssue)
	h.kinds = kindsIn(h.folded[0])
	words := splitWords(r.words)
	for f, ws := range words {
		for _, w := range ws {
			m.posts[m.own(w)] = append(m.posts[w], newPosting(slot, field(f))) //nolint:gosec // three fields
		}
	}
	for _, c := range charsOf(h.folded[0]) {
		m.chars[c] = append(m.chars[c], slot)
	}
	m.slots[r.id] = slot
	m.heads = append(m.heads, h)
	m.quick = append(m.quick, quick{})
	m.sounds.add(l, slot, h.name, h.aliases)
	return true
}

// own gives a copy of a token that does not hold the row it came from; a token is kept once.
func (m *memory) own(w string) string {
	if k, ok := m.intern[w]; ok {
		return k
	}
	k := strings.Clone(w)
	m.intern[k] = k
	return k
}

// setUse takes over what the items of a head have in common. Callers hold mu.
func (m *memory) setUse(u use) {
	slot, ok := m.slots[u.head]
	if !ok {
		return
	}
	h := &m.heads[slot]
	if (h.n > 0) != (u.n > 0) {
		if u.n > 0 {
			m.live++
		} else {
			m.live--
		}
	}
	h.use = u
	worth := online*float64(u.top) + manyAgencies*math.Log(1+float64(max(u.n, 0)))/math.Log(10_000)
	m.quick[slot] = quick{provinces: u.provinces, static: float32(worth), audience: uint16(u.audience), live: u.n > 0} //nolint:gosec // ten bits
}

// rare is how much a token tells: the fewer heads have it, the more.
func (m *memory) rare(df int) float64 {
	return math.Log(1 + float64(max(m.live, 1))/float64(df+1))
}

// all gives the heads that hold all tokens, by slot, each with the worst of the fields they stand in.
func (m *memory) all(tokens []string) []posting {
	if len(tokens) == 0 {
		return nil
	}
	lists := make([][]posting, len(tokens))
	for i, t := range tokens {
		if lists[i] = m.posts[t]; len(lists[i]) == 0 {
			return nil
		}
	}
	slices.SortFunc(lists, func(a, b []posting) int { return len(a) - len(b) })
	out := lists[0]
	for _, next := range lists[1:] {
		out = intersect(out, next)
	}
	return out
}

func intersect(a, b []posting) []posting {
	var out []posting
	if len(b) > 16*len(a) { // few against many: look each up
		for _, p := range a {
			i, _ := slices.BinarySearchFunc(b, p.slot(), func(x posting, s int32) int { return int(x.slot() - s) })
			if i < len(b) && b[i].slot() == p.slot() {
				out = append(out, max(p, b[i]))
			}
			if i >= len(b) {
				break
			}
		}
		return out
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch x, y := a[i].slot(), b[j].slot(); {
		case x < y:
			i++
		case x > y:
			j++
		default:
			out = append(out, max(a[i], b[j]))
			i++
			j++
		}
	}
	return out
}
