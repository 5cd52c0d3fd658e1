package lex

import "unicode/utf8"

// part is a stretch of a question on its best path: a phrase, a word or a single character.
type part struct {
	from, to int // characters
	phrase   *phrase
	class    byte // of a word; 0 for a character that is no word
	common   bool // of a word that is often said
}

// step is the best way to reach a character.
type step struct {
	cost float64
	part part
}

const (
	commonFreq     = 2500.0
	phraseCost     = 7.0  // a phrase is preferred to nearly all words that it is made of
	phraseRuneCost = 0.3  // less for each character: longer phrases win
	charCost       = 11.0 // of a phrase of one character at most; it does not break words: 的 and 地 are in many
)

// cost is that of a phrase of n characters; alone is what its first character costs by itself.
func (f *phrase) cost(n int, alone float64) float64 {
	if n == 1 {
		return alone - phraseRuneCost
	}
	return phraseCost - phraseRuneCost*float64(n)
}

// path cuts a question into phrases and words: the shortest path, where frequent words are short and phrases shorter.
func (l *Lexicon) path(c *cutText) []part {
	steps := make([]step, c.length+1)
	for i := range c.length {
		base, alone := steps[i].cost, charCost
		if c.kinds[i] != kindHan {
			steps[i+1].take(base+latinCost, part{from: i, to: i + 1})
			alone = latinCost
		} else {
			steps[i+1].take(base+unknownCost, part{from: i, to: i + 1})
			for _, t := range c.lookup(l.dict, i) {
				mark := t.Pos()
				n := int(mark[0])
				way := cost(t.Freq())
				if n == 1 {
					alone = min(alone, way)
				}
				steps[i+n].take(base+way, part{from: i, to: i + n, class: mark[1], common: t.Freq() > commonFreq})
			}
		}
		for _, p := range l.phrases {
			p.at(c, i, func(f *phrase, n int) {
				steps[i+n].take(base+f.cost(n, alone), part{from: i, to: i + n, phrase: f})
			})
		}
	}
	return back(steps)
}

func (s *step) take(cost float64, p part) {
	if s.part.to == 0 || cost < s.cost {
		s.cost, s.part = cost, p
	}
}

func back(steps []step) []part {
	n := 0
	for i := len(steps) - 1; i > 0; i = steps[i].part.from {
		n++
	}
	parts := make([]part, n)
	for i := len(steps) - 1; i > 0; i = steps[i].part.from {
		n--
		parts[n] = steps[i].part
	}
	return parts
}

// pieces are the tokens that together cover a text, so that a text which contains it has them all: its words of two and three characters, and
// pairs where there is no word.
func (d *dictionary) pieces(text string) []string {
	c := cut(Fold(text))
	defer c.free()
	steps := make([]step, c.length+1)
	for i := range c.length {
		base := steps[i].cost
		steps[i+1].take(base+unknownCost, part{from: i, to: i + 1})
		if c.kinds[i] != kindHan {
			continue
		}
		for _, t := range c.lookup(d, i) {
			if n := int(t.Pos()[0]); n == 2 || n == 3 {
				steps[i+n].take(base+cost(t.Freq()), part{from: i, to: i + n, class: t.Pos()[1]})
			}
		}
	}
	var tokens []string
	for _, p := range back(steps) {
		tokens = d.pieceTokens(tokens, c, p)
	}
	return tokens
}

// pieceTokens adds the tokens of a part. A character that is no word goes with its neighbour, before it if there is one.
func (d *dictionary) pieceTokens(tokens []string, c *cutText, p part) []string {
	switch {
	case c.kinds[p.from] == kindOther:
		return tokens
	case c.kinds[p.from] == kindLatin || p.to-p.from > 1:
		return append(tokens, c.text(p.from, p.to))
	}
	r, _ := utf8.DecodeRune(c.chars[p.from])
	switch {
	case p.from > 0 && c.kinds[p.from-1] == kindHan:
		return appendNew(tokens, c.text(p.from-1, p.to))
	case p.to < c.length && c.kinds[p.to] == kindHan:
		return appendNew(tokens, c.text(p.from, p.to+1))
	case d.singles[r] || c.length == 1:
		return append(tokens, c.text(p.from, p.to))
	}
	return tokens
}

func appendNew(tokens []string, t string) []string {
	for _, have := range tokens {
		if have == t {
			return tokens
		}
	}
	return append(tokens, t)
}
