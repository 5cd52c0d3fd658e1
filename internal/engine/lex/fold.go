package lex

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed data/simplified.txt
var simplifiedText string

// simplified maps traditional characters to simplified ones; 0 means no change. All of them lie in the basic plane or above it, so a map takes
// the rare rest.
var simplified = sync.OnceValue(func() *simplifiedTable {
	t := &simplifiedTable{high: map[rune]rune{}}
	for line := range strings.Lines(simplifiedText) {
		from, n := utf8.DecodeRuneInString(line)
		to, _ := utf8.DecodeRuneInString(line[n:])
		if from == '#' || to <= ' ' {
			continue
		}
		if int(from) < len(t.low) && to < 1<<16 {
			t.low[from] = uint16(to)
		} else {
			t.high[from] = to
		}
	}
	return t
})

type simplifiedTable struct {
	low  [1 << 16]uint16
	high map[rune]rune
}

func (t *simplifiedTable) rune(r rune) rune {
	if r < 0x80 {
		return r
	}
	if int(r) < len(t.low) {
		if to := t.low[r]; to != 0 {
			return rune(to)
		}
		return r
	}
	if to, ok := t.high[r]; ok {
		return to
	}
	return r
}

// Fold brings a text to one form: full width to half width, upper case to lower, traditional characters to simplified, invalid bytes and
// control characters to blanks, so that the length of a text in characters stays what it was.
func Fold(s string) string {
	t := simplified()
	if folded(s, t) {
		return s
	}
	return strings.Map(func(r rune) rune { return foldRune(r, t) }, s)
}

func foldRune(r rune, t *simplifiedTable) rune {
	switch {
	case r < ' ', r == 0x7f, r == utf8.RuneError, r == 0x3000, r == 0xa0:
		return ' '
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case 0xff01 <= r && r <= 0xff5e:
		return foldRune(r-0xfee0, t)
	case isHan(r):
		return t.rune(r)
	default:
		return unicode.ToLower(r)
	}
}

// folded tells whether folding would change nothing, so that most texts are not copied.
func folded(s string, t *simplifiedTable) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n <= 1 {
				return false
			}
		}
		if foldRune(r, t) != r {
			return false
		}
	}
	return true
}

func isHan(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3400 <= r && r <= 0x4dbf || 0x20000 <= r && r <= 0x3ffff || r == 0x3007
}

// isWord tells whether a character that is not Chinese belongs to a Latin word, a number or a code.
func isWord(r rune) bool { return !isHan(r) && (unicode.IsLetter(r) || unicode.IsNumber(r)) }
