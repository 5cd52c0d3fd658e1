package lex

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Corrector puts right words that do not occur in a vocabulary. It does not change after it was made and may be used by many goroutines.
//
// Each word of the vocabulary is filed under its sound, its spelling in pinyin, its initials, and under itself with one character left open: a
// mistyped word shares one of these with the word that was meant, so that a look-up touches a few words, not all.
type Corrector struct {
	l       *Lexicon
	words   []string
	weights []int
	typed   []bool         // only turned from pinyin, never put right to
	known   map[string]int // word → place in words
	seed    maphash.Seed
	near    []entry // sorted by hash: sounds, spellings and forms with a gap
	longest int
}

type entry struct {
	hash uint64
	word uint32
}

const (
	minCorrect   = 2 // characters of words that can be put right
	maxCorrect   = 8
	maxSpelled   = 48 // letters of a run of pinyin
	phraseWeight = 5  // of an everyday phrase, in items
	// minOtherSound is how long two words must be to be the same though they sound otherwise.
	minOtherSound = 4
)

// Corrector makes a corrector over words (names and everyday words of items, cut into words and whole) with their weights (how many items have
// it; nil means 1 for all). The phrases of the lexicon are always known.
func (l *Lexicon) Corrector(words []string, weight func(i int) int) *Corrector {
	c := &Corrector{l: l, known: map[string]int{}, seed: maphash.MakeSeed()}
	for i, w := range words {
		n := 1
		if weight != nil {
			n = weight(i)
		}
		c.add(Fold(w), n)
	}
	for _, p := range l.phrases {
		for _, said := range slices.Sorted(maps.Keys(p.by)) {
			c.addPhrase(p.by[said])
		}
	}
	for i := range c.words {
		c.file(uint32(i)) // #nosec G115 -- far fewer than 2^32 words
	}
	slices.SortFunc(c.near, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.word, b.word))
	})
	c.near = slices.Clip(slices.Compact(c.near))
	return c
}

// addPhrase makes a phrase known. Phrases that are not names of things are only turned from pinyin.
func (c *Corrector) addPhrase(f *phrase) {
	n := runes(f.said)
	if f.variant || n < minCorrect || n > maxCorrect {
		return
	}
	if len(f.alts) > 0 && len(f.implied) == 0 {
		c.know(f.said, phraseWeight)
		return
	}
	if _, ok := c.known[f.said]; !ok {
		c.know(f.said, 1)
		c.typed[len(c.words)-1] = true
	}
}

// add makes a word and, if it is long, the words in it known.
func (c *Corrector) add(word string, weight int) {
	t := cut(word)
	defer t.free()
	if t.length <= maxCorrect {
		c.know(word, weight)
	}
	for i := range t.length {
		if t.kinds[i] != kindHan {
			continue
		}
		for _, w := range t.lookup(c.l.dict, i) {
			if n := int(w.Pos()[0]); n >= minCorrect && n <= maxCorrect {
				c.know(t.text(i, i+n), weight)
			}
		}
	}
}

func (c *Corrector) know(word string, weight int) {
	if i, ok := c.known[word]; ok {
		c.weights[i] += weight
		return
	}
	word = string([]byte(word)) // not the whole text that it was cut from
	c.known[word] = len(c.words)
	c.words, c.weights, c.typed = append(c.words, word), append(c.weights, weight), append(c.typed, false)
}

// file puts a word under its sound, its spelling and its forms with a gap.
func (c *Corrector) file(i uint32) {
	word := []rune(c.words[i])
	n := len(word)
	if n < minCorrect || n > maxCorrect {
		return
	}
	c.longest = max(c.longest, n)
	full, initials := spell(pinyins().read(c.words[i]))
	c.put(i, "p"+strings.Join(full, ""))
	if c.typed[i] {
		return
	}
	if n > 2 {
		c.put(i, "i"+initials)
	}
	c.put(i, "s"+c.l.sound(c.words[i]))
	if n >= minOtherSound {
		eachWritten(word, func(form string) { c.put(i, form) })
	}
}

func (c *Corrector) put(i uint32, form string) { c.near = append(c.near, entry{c.hash(form), i}) }

// eachWritten yields the forms that a word shares with one in which a character is another one, or two neighbours are swapped.
func eachWritten(word []rune, yield func(form string)) {
	form := make([]rune, len(word))
	for i := range word {
		copy(form, word)
		form[i] = '?'
		yield("w" + string(form))
	}
	copy(form, word)
	slices.Sort(form)
	yield("x" + string(form))
}

func (c *Corrector) hash(s string) uint64 { return maphash.String(c.seed, s) }

// filed finds the words under a form.
func (c *Corrector) filed(form string) []entry {
	h := c.hash(form)
	i, _ := slices.BinarySearchFunc(c.near, h, func(e entry, h uint64) int { return cmp.Compare(e.hash, h) })
	j := i
	for j < len(c.near) && c.near[j].hash == h {
		j++
	}
	return c.near[i:j]
}

// Correct returns the question with its mistyped parts put right and Latin letters that are pinyin or initials (zanzhuzheng, sfz) turned into the
// words; ok is false when there is nothing to correct.
func (c *Corrector) Correct(text string) (corrected string, ok bool) {
	text = Fold(text)
	t := cut(text)
	defer t.free()
	doubts := c.doubts(t)
	var out []byte
	for i := 0; i < t.length; {
		n, word := 0, ""
		if t.kinds[i] == kindLatin {
			n, word = c.spelled(t.text(i, i+1))
		} else if doubts != nil {
			n, word = c.best(t, i, doubts)
		}
		if n == 0 {
			out = append(out, t.chars[i]...)
			i++
			continue
		}
		out, ok = append(out, word...), true
		i += n
	}
	return string(out), ok
}

// Doubts about a character of a question.
const (
	sure     = iota // in a phrase or in a word of the vocabulary
	doubtful        // a word of the language that the vocabulary does not have
	loose           // a rare character by itself: likely mistyped
)

// doubt is the judgement of one character.
type doubt struct {
	mark   byte
	begins bool // a word, phrase or single character begins here: corrections begin and end only there
}

// doubts judges the characters of a question; nil if all are sure.
func (c *Corrector) doubts(t *cutText) []doubt {
	marks, some := make([]doubt, t.length), false
	for _, p := range c.l.path(t) {
		n := p.to - p.from
		marks[p.from].begins = true
		if t.kinds[p.from] != kindHan || p.phrase != nil || p.class == classFunction {
			continue
		}
		if _, known := c.known[t.text(p.from, p.to)]; known && n > 1 {
			continue
		}
		mark := byte(doubtful)
		if n == 1 && !p.common {
			mark = loose
		}
		some = true
		for i := p.from; i < p.to; i++ {
			marks[i].mark = mark
		}
	}
	if !some {
		return nil
	}
	return marks
}

// best finds the word that a stretch beginning at i was meant to be: the longest stretch, with the fewest errors, the weightiest word.
func (c *Corrector) best(t *cutText, i int, doubts []doubt) (length int, word string) {
	for n := min(c.longest+1, t.length-i); n >= minCorrect; n-- {
		if !c.worth(t, i, n, doubts) {
			continue
		}
		if w, ok := c.meant(t, i, n, doubts); ok {
			return n, w
		}
	}
	return 0, ""
}

// worth tells whether a stretch is Chinese, is not known, and has a character that is not sure.
func (c *Corrector) worth(t *cutText, i, n int, doubts []doubt) bool {
	if !doubts[i].begins || i+n < t.length && !doubts[i+n].begins {
		return false
	}
	some := false
	for j := i; j < i+n; j++ {
		if t.kinds[j] != kindHan {
			return false
		}
		some = some || doubts[j].mark != sure
	}
	_, known := c.known[t.text(i, i+n)]
	return some && !known
}

// meant finds the word that a stretch was meant to be: one that sounds the same or, for stretches of four characters or more, that differs in
// characters that are no words.
func (c *Corrector) meant(t *cutText, i, n int, doubts []doubt) (string, bool) {
	said := t.text(i, i+n)
	best, found := rank{}, ""
	consider := func(w uint32, errors int) {
		r := rank{errors, c.weights[w]}
		if found == "" || r.before(best) {
			best, found = r, c.words[w]
		}
	}
	exact := c.spelling(said)
	for _, e := range c.filed("s" + c.l.sound(said)) {
		w := c.words[e.word]
		if w == said || runes(w) != n {
			continue
		}
		differ, least := changed(said, w, doubts[i:])
		same := c.spelling(w) == exact
		if same && n > minCorrect && differ < n && least != sure || 2*differ <= n && least == loose && (same || n > minCorrect) {
			consider(e.word, 1)
		}
	}
	if found != "" || n < minOtherSound {
		return found, found != ""
	}
	eachWritten([]rune(said), func(form string) {
		for _, e := range c.filed(form) {
			w := c.words[e.word]
			if w == said || runes(w) != n || distanceOf([]rune(said), []rune(w)) > 1 {
				continue
			}
			swapped := form[0] == 'x'
			if _, least := changed(said, w, doubts[i:]); swapped && least != sure || least == loose && !c.apart(said, w) {
				consider(e.word, 2)
			}
		}
	})
	return found, found != ""
}

// changed tells in how many characters two words of the same length differ, and the least doubt of these.
func changed(said, word string, doubts []doubt) (n int, least byte) {
	least = loose
	other := []rune(word)
	for i, r := range []rune(said) {
		if r != other[i] {
			n++
			least = min(least, doubts[i].mark)
		}
	}
	return n, least
}

// apart tells whether two words differ only in the first or last character and the rest is a word by itself: 交养老保险 is not 转养老保险.
func (c *Corrector) apart(said, word string) bool {
	_, first := utf8.DecodeRuneInString(said)
	_, last := utf8.DecodeLastRuneInString(said)
	tail, head := said[first:], said[:len(said)-last]
	_, knownTail := c.known[tail]
	_, knownHead := c.known[head]
	return knownTail && strings.HasSuffix(word, tail) || knownHead && strings.HasPrefix(word, head)
}

// spelling is the pinyin of a word as one types it.
func (c *Corrector) spelling(word string) string {
	full, _ := spell(pinyins().read(word))
	return strings.Join(full, "")
}

// spelled turns a run of letters into the words whose pinyin or initials it is.
func (c *Corrector) spelled(run string) (length int, words string) {
	if len(run) < 3 || len(run) > maxSpelled {
		return 0, ""
	}
	if _, known := c.known[run]; known {
		return 0, ""
	}
	for i := range len(run) {
		if run[i] < 'a' || run[i] > 'z' {
			return 0, ""
		}
	}
	if w, ok := c.heaviest("p" + run); ok {
		return 1, w
	}
	if len(run) <= maxCorrect {
		if w, ok := c.heaviest("i" + run); ok {
			return 1, w
		}
	}
	if words := c.spelledParts(run); words != "" {
		return 1, words
	}
	return 0, ""
}

// spelledParts cuts a run of pinyin into as few words as possible; "" if it is not made of words.
func (c *Corrector) spelledParts(run string) string {
	type reached struct {
		parts int
		text  string
	}
	best := make([]reached, len(run)+1)
	for i := range run {
		if i > 0 && best[i].parts == 0 {
			continue
		}
		for j := i + 2; j <= len(run); j++ {
			w, ok := c.heaviest("p" + run[i:j])
			if ok && (best[j].parts == 0 || best[i].parts+1 < best[j].parts) {
				best[j] = reached{best[i].parts + 1, best[i].text + w}
			}
		}
	}
	return best[len(run)].text
}

func (c *Corrector) heaviest(form string) (string, bool) {
	found, weight := "", -1
	for _, e := range c.filed(form) {
		if c.weights[e.word] > weight {
			found, weight = c.words[e.word], c.weights[e.word]
		}
	}
	return found, found != ""
}

// rank orders candidates: fewer errors, then more items that have the word.
type rank struct{ errors, weight int }

func (r rank) before(o rank) bool {
	if r.errors != o.errors {
		return r.errors < o.errors
	}
	return r.weight > o.weight
}
