package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongban/internal/engine/lex"
)

// sounds finds names by how they are typed: characters, full pinyin, initials, and mixtures such as 食品jyxk. Every place of a name at which typing may
// begin is filed under the first letters of the two syllables that stand there.
type sounds struct {
	names []sound
	pairs map[uint16][]start // places inside names
	first map[uint16][]start // places at their beginning
	syll  map[string]uint16  // syllables are kept once
	texts []string
}

// sound is a name as it is typed: for each unit (a Chinese character, or a run of letters and digits) the character, 0 for a run, and what it sounds like.
type sound struct {
	slot  int32
	alias bool
	units []unit
}

type unit struct {
	char rune
	syll uint16
}

// start is a place in a name: the number of the name and the unit, of which only the first 64 are filed.
type start uint32

func newStart(name, at int) start { return start(uint32(name)<<6 | uint32(at)) } //nolint:gosec // both are small

func (s start) split() (name, at int) { return int(s >> 6), int(s & 63) }

func newSounds() *sounds {
	return &sounds{pairs: map[uint16][]start{}, first: map[uint16][]start{}, syll: map[string]uint16{}}
}

func letters(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

func (s *sounds) syllable(text string) uint16 {
	if n, ok := s.syll[text]; ok {
		return n
	}
	n := uint16(len(s.texts)) //nolint:gosec // there are some 400 syllables and few runs of letters
	if len(s.texts) == 1<<16-1 {
		return n
	}
	text = strings.Clone(text)
	s.texts = append(s.texts, text)
	s.syll[text] = n
	return n
}

// add files a name and its aliases.
func (s *sounds) add(l *lex.Lexicon, slot int32, name string, aliases []string) {
	s.addOne(l, slot, name, false)
	for _, a := range aliases {
		s.addOne(l, slot, a, true)
	}
}

func (s *sounds) addOne(l *lex.Lexicon, slot int32, text string, alias bool) {
	syll, _ := l.Pinyin(text)
	units := unitsOf(text)
	if len(units) != len(syll) || len(units) == 0 {
		return // a character without a reading: it is found by its words
	}
	x := sound{slot: slot, alias: alias, units: make([]unit, len(units))}
	n := len(s.names)
	for i, r := range units {
		x.units[i] = unit{r, s.syllable(syll[i])}
	}
	for i := range min(len(units), 64) {
		second := byte(0)
		if i+1 < len(units) && syll[i+1] != "" {
			second = syll[i+1][0]
		}
		if syll[i] != "" {
			p := letters(syll[i][0], second)
			if i == 0 {
				s.first[p] = append(s.first[p], newStart(n, i))
			} else {
				s.pairs[p] = append(s.pairs[p], newStart(n, i))
			}
		}
	}
	s.names = append(s.names, x)
}

// unitsOf takes a text apart as lex.Pinyin does: each Chinese character, and each run of letters and digits as 0.
func unitsOf(text string) []rune {
	var out []rune
	run := false
	for _, r := range lex.Fold(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			out, run = append(out, r), false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !run {
				out, run = append(out, 0), true
			}
		default:
			run = false
		}
	}
	return out
}

// matches reports whether what was typed can be read from a place of a name on, and how many units it took.
func (s *sounds) matches(typed string, units []unit) (n int, ok bool) {
	if typed == "" {
		return 0, true
	}
	if len(units) == 0 {
		return 0, false
	}
	u := units[0]
	r, size := utf8.DecodeRuneInString(typed)
	if u.char != 0 && r == u.char {
		n, ok = s.matches(typed[size:], units[1:])
		return n + 1, ok
	}
	if r >= utf8.RuneSelf || int(u.syll) >= len(s.texts) {
		return 0, false
	}
	syll := s.texts[u.syll]
	if strings.HasPrefix(typed, syll) {
		if n, ok = s.matches(typed[len(syll):], units[1:]); ok {
			return n + 1, true
		}
	}
	if strings.HasPrefix(syll, typed) {
		return 1, true // the last syllable is still being typed
	}
	if u.char == 0 {
		return 0, false // a run of letters has no initials
	}
	for _, k := range []int{2, 1} {
		if k == 2 && (len(syll) < 2 || syll[1] != 'h') || len(typed) < k || typed[:k] != syll[:k] {
			continue
		}
		if n, ok = s.matches(typed[k:], units[1:]); ok {
			return n + 1, true
		}
	}
	return 0, false
}

// typed brings input to the form it is matched in: folded, without blanks and signs, ü as v.
func typedText(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(fold(text), " ", ""), "ü", "v")
}

// maxSyllable is the length of the longest syllable: zhuang.
const maxSyllable = 6

// starts gives the places of a file (first or pairs) at which what was typed may begin.
func (s *sounds) starts(l *lex.Lexicon, file map[uint16][]start, typed string) [][]start {
	first, size := utf8.DecodeRuneInString(typed)
	if first >= utf8.RuneSelf {
		syll, _ := l.Pinyin(string(first))
		if len(syll) != 1 || syll[0] == "" {
			return nil
		}
		return s.pairsOf(l, file, syll[0][0], typed[size:])
	}
	var out [][]start
	// The first syllable may be a letter or a whole one: what follows it differs.
	next := map[byte]bool{}
	for n := 1; n <= min(len(typed), maxSyllable); n++ {
		if n > 2 || n == 2 && typed[1] != 'h' {
			if _, ok := s.syll[typed[:n]]; !ok {
				continue
			}
		}
		if n == len(typed) {
			return s.pairsOf(l, file, typed[0], "")
		}
		for _, b := range s.initials(l, typed[n:]) {
			if !next[b] {
				next[b] = true
				out = append(out, file[letters(typed[0], b)])
			}
		}
	}
	if len(typed) <= maxSyllable { // a syllable that is not finished
		return append(out, s.pairsOf(l, file, typed[0], "")...)
	}
	return out
}

func (s *sounds) initials(l *lex.Lexicon, rest string) []byte {
	r, _ := utf8.DecodeRuneInString(rest)
	if r < utf8.RuneSelf {
		return []byte{rest[0]}
	}
	if syll, _ := l.Pinyin(string(r)); len(syll) == 1 && syll[0] != "" {
		return []byte{syll[0][0]}
	}
	return nil
}

func (s *sounds) pairsOf(l *lex.Lexicon, file map[uint16][]start, first byte, rest string) [][]start {
	var out [][]start
	if rest != "" {
		for _, b := range s.initials(l, rest) {
			out = append(out, file[letters(first, b)])
		}
		return out
	}
	for b := range 256 {
		if p := file[letters(first, byte(b))]; len(p) > 0 { //nolint:gosec // a byte
			out = append(out, p)
		}
	}
	return out
}

// typedHit is a name that can be what is being typed.
type typedHit struct {
	slot  int32
	score float64
}

// mostPlaces is how many places of a common beginning are looked at once enough names were found: whoever types 许可 or x goes on typing.
const mostPlaces = 10_000

// find gives the best n heads for what was typed; worth adds what the heads themselves are worth. Names that begin with it come first; the insides of names
// are looked at when there are too few.
func (s *sounds) find(l *lex.Lexicon, typed string, n int, worth func(slot int32) (float64, bool)) []typedHit {
	best := map[int32]float64{}
	s.look(l, s.first, typed, n, best, worth)
	if short := utf8.RuneCountInString(typed) == 1 && typed[0] < utf8.RuneSelf; !short && len(best) < n {
		s.look(l, s.pairs, typed, n, best, worth)
	}
	out := make([]typedHit, 0, len(best))
	for slot, score := range best {
		out = append(out, typedHit{slot, score})
	}
	slices.SortFunc(out, func(a, b typedHit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.slot, b.slot)) })
	return out[:min(n, len(out))]
}

// look goes through one file and notes the best names.
func (s *sounds) look(l *lex.Lexicon, file map[uint16][]start, typed string, n int, best map[int32]float64, worth func(slot int32) (float64, bool)) {
	low, seen := -1.0, 0
	for _, list := range s.starts(l, file, typed) {
		for _, st := range list {
			if seen++; seen > mostPlaces && len(best) >= n {
				return
			}
			name, at := st.split()
			x := &s.names[name]
			took, ok := s.matches(typed, x.units[at:])
			if !ok {
				continue
			}
			score := typedScore(x, at, took)
			if score+mostWorth <= low {
				continue
			}
			w, ok := worth(x.slot)
			if score += w; !ok || score <= low {
				continue
			}
			if old, ok := best[x.slot]; !ok || score > old {
				best[x.slot] = score
			}
			if len(best) >= 16*n {
				low = cutLow(best, 4*n)
			}
		}
	}
}

// mostWorth is more than any head is worth by itself.
const mostWorth = 3.5

// typedScore prefers names that begin with what was typed, and short ones.
func typedScore(x *sound, at, took int) float64 {
	score := 3 * float64(took) / float64(len(x.units))
	if at == 0 {
		score += 2
	}
	if x.alias {
		score -= 0.3
	}
	return score
}

// cutLow keeps the best n and gives the score of the last of them.
func cutLow(best map[int32]float64, n int) float64 {
	all := make([]float64, 0, len(best))
	for _, v := range best {
		all = append(all, v)
	}
	slices.Sort(all)
	low := all[len(all)-n]
	for k, v := range best {
		if v < low {
			delete(best, k)
		}
	}
	return low
}
