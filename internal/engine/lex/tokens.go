package lex

// Tokens returns the tokens of a text for the index, in the order of the text and with repetitions: the words, the shorter words inside them,
// every pair of neighbouring Chinese characters, telling single characters, and Latin words, numbers and codes as wholes, all folded.
// Whatever two characters stand side by side are therefore found, be they in the dictionary or not. Extra synonyms do not change it.
func (l *Lexicon) Tokens(text string) []string {
	c := cut(Fold(text))
	defer c.free()
	tokens := make([]string, 0, 2*c.length)
	for i, kind := range c.kinds {
		switch kind {
		case kindLatin:
			tokens = append(tokens, c.text(i, i+1))
		case kindHan:
			tokens = l.dict.tokensAt(tokens, c, i)
		}
	}
	return tokens
}

func (d *dictionary) tokensAt(tokens []string, c *cutText, i int) []string {
	next := i+1 < c.length && c.kinds[i+1] == kindHan
	alone := !next && (i == 0 || c.kinds[i-1] != kindHan)
	if alone || d.singles[c.rune(i)] {
		tokens = append(tokens, c.text(i, i+1))
	}
	if !next {
		return tokens
	}
	tokens = append(tokens, c.text(i, i+2))
	for _, t := range c.lookup(d, i) {
		if n := int(t.Pos()[0]); n > 2 {
			tokens = append(tokens, c.text(i, i+n))
		}
	}
	return tokens
}
