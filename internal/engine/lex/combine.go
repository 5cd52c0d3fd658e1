package lex

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// combination is what words of a question mean together though they stand apart: 医保 and 外省 mean 异地就医备案.
type combination struct {
	groups [][]string // one word of each is said
	ids    [][]int    // their numbers in pairWords
	alts   []Alt
}

// readCombination: groups of words parted by +, terms. A word may say what must not follow it: 社保!卡 is not found in 社保卡.
func (p *phrases) readCombination(d *dictionary, cols []string) error {
	if len(cols) != 2 {
		return errColumns
	}
	var c combination
	for group := range strings.SplitSeq(cols[0], " + ") {
		words := strings.Fields(group)
		ids := make([]int, len(words))
		for i, w := range words {
			ids[i] = p.words.id(w)
			words[i], _, _ = strings.Cut(w, "!")
		}
		c.groups, c.ids = append(c.groups, words), append(c.ids, ids)
	}
	var f phrase
	for i, t := range strings.Fields(cols[1]) {
		f.addAlt(d, t, max(firstAlt-nextAlt*float64(i), leastAlt))
	}
	c.alts = f.alts
	p.pairs = append(p.pairs, c)
	return nil
}

// said returns the words of a text that make the combination, nil if one is missing.
func (c *combination) said(found []bool) []string {
	var words []string
	for _, group := range c.ids {
		word := ""
		for i, id := range group {
			if found[id] && len(c.groups[len(words)][i]) > len(word) {
				word = c.groups[len(words)][i]
			}
		}
		if word == "" {
			return nil
		}
		words = append(words, word)
	}
	return words
}

// pairWords are the words of all combinations by their first character, so that a question is read once for all of them.
type pairWords struct {
	ids   map[string]int
	first map[rune][]pairWord
}

type pairWord struct {
	id        int
	word, not string // not may not follow the word
}

func (w *pairWords) id(word string) int {
	if id, ok := w.ids[word]; ok {
		return id
	}
	if w.ids == nil {
		w.ids, w.first = map[string]int{}, map[rune][]pairWord{}
	}
	id := len(w.ids)
	w.ids[word] = id
	r, _ := utf8.DecodeRuneInString(word)
	said, not, _ := strings.Cut(word, "!")
	w.first[r] = append(w.first[r], pairWord{id, said, not})
	return id
}

// found marks the words that a text has.
func (w *pairWords) found(text string) []bool {
	marks := make([]bool, len(w.ids))
	for i, r := range text {
		for _, p := range w.first[r] {
			rest, ok := strings.CutPrefix(text[i:], p.word)
			if ok && (p.not == "" || !strings.HasPrefix(rest, p.not)) {
				marks[p.id] = true
			}
		}
	}
	return marks
}

// combine adds the terms of the combinations that a question has. They stand for each of the words that make them, and make a hit likelier.
func (b *builder) combine() {
	p := b.l.phrases[len(b.l.phrases)-1] // the embedded ones
	found := p.words.found(b.q.Text)
	for i := range p.pairs {
		words := p.pairs[i].said(found)
		if words == nil || b.inOnePhrase(words) {
			continue
		}
		said := strings.Join(words, " ")
		alts := slices.Clone(p.pairs[i].alts)
		for j := range alts {
			alts[j].Via = said
		}
		t := Term{Text: said, Weight: weightCombined, Alts: alts, Via: said}
		if b.standFor(words, alts) {
			b.should(t)
		} else {
			b.q.Must = append(b.q.Must, t)
		}
	}
}

// inOnePhrase tells whether a phrase of the question has all the words: it knows better what they mean.
func (b *builder) inOnePhrase(words []string) bool {
	return slices.ContainsFunc(b.q.Must, func(t Term) bool {
		return len(t.Alts) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(t.Text, w) })
	})
}

// standFor lets alts stand for the terms of the question that say one of the words, and tells whether there are any.
func (b *builder) standFor(words []string, alts []Alt) bool {
	some := false
	for i, m := range b.q.Must {
		for _, w := range words {
			if strings.Contains(m.Text, w) || strings.Contains(w, m.Text) {
				b.q.Must[i].Alts = slices.Concat(m.Alts, alts)
				some = true
				break
			}
		}
	}
	return some
}
