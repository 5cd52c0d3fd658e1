package lex

import "unicode/utf8"

// Near tells whether two words may be one another mistyped, and how far apart they are: 0 the same, 1 for characters that sound alike or one
// other error, 2 for two errors. Words of two characters must sound alike; words of three to five may have one error, longer ones two.
func (l *Lexicon) Near(a, b string) (distance int, near bool) {
	x, y := []rune(Fold(a)), []rune(Fold(b))
	if string(x) == string(y) {
		return 0, true
	}
	shorter := min(len(x), len(y))
	if shorter < 2 || max(len(x), len(y))-shorter > 2 {
		return 0, false
	}
	if len(x) == len(y) && l.sound(string(x)) == l.sound(string(y)) {
		return 1, true
	}
	d := distanceOf(x, y)
	return d, d <= errorsAllowed(shorter)
}

// errorsAllowed is how many characters of a word may be wrong.
func errorsAllowed(length int) int {
	switch {
	case length < 3:
		return 0
	case length < 6:
		return 1
	default:
		return 2
	}
}

// distanceOf counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
func distanceOf(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next[0] = i + 1
		for j := range b {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

// sound is the pinyin of a word in a form where syllables that many people do not tell apart are the same: zh z, ch c, sh s, ng n, l n.
func (l *Lexicon) sound(word string) string {
	syllables := pinyins().read(word)
	out := make([]byte, 0, 6*len(syllables))
	for _, s := range syllables {
		if s.han {
			out = appendSound(out, s.text)
		} else {
			out = append(out, s.text...)
		}
		out = append(out, ' ')
	}
	return string(out)
}

func appendSound(out []byte, s string) []byte {
	first, n := s[0], 1
	switch {
	case first == 'l':
		first = 'n'
	case len(s) > 1 && s[1] == 'h':
		n = 2
	}
	end := len(s)
	if end > 2 && s[end-1] == 'g' && s[end-2] == 'n' && s[end-3] != 'o' {
		end--
	}
	return append(append(out, first), s[min(n, end):end]...)
}

func runes(s string) int { return utf8.RuneCountInString(s) }
