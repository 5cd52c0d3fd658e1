package cnid

import (
	"strings"
	"unicode"
)

// plain takes out blanks and invisible marks, turns full-width forms (U+FF01–FF5E) into ASCII, and lower case into upper.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		r = narrow(r)
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, s)
}

func narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	return r
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits(s string) bool { return onlyOf(s, isDigit) }

// allAlnum reports whether s holds only 0–9 and A–Z.
func allAlnum(s string) bool {
	return onlyOf(s, func(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' })
}

func onlyOf(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
