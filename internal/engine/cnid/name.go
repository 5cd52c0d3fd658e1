package cnid

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// maxName is the longest name accepted, in characters.
const maxName = 100

// middleDot is the only separator stored in names such as 买买提·艾力.
const middleDot = '·' // U+00B7

// dotVariants are written for the middle dot: • ・ ‧ · (Greek) ∙ ⋅ ･.
const dotVariants = "\u2022\u30fb\u2027\u0387\u2219\u22c5\uff65"

// NormalName puts a person's name into the form it is stored in: variants of the middle dot become U+00B7 (a full stop does so
// only between letters that are not Latin: "J. Smith" keeps its own), blanks at the ends and around the dot go, blanks within become one. Characters
// outside the basic plane and the private use area are kept, because names are written with them. Errors are Invalid: cnid.name_empty, cnid.name_long
// (over 100 characters), cnid.name_chars (control and invisible characters, < and >, broken encoding).
func NormalName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || strings.ContainsFunc(s, notInName) {
		return "", invalid("cnid.name_chars")
	}
	rs := []rune(strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " "))
	for i, r := range rs {
		fullStop := narrow(r) == '.' && i > 0 && i < len(rs)-1 && isLetterNotLatin(rs[i-1]) && isLetterNotLatin(rs[i+1])
		if fullStop || strings.ContainsRune(dotVariants, r) {
			rs[i] = middleDot
		}
	}
	s = strings.ReplaceAll(strings.ReplaceAll(string(rs), " ·", "·"), "· ", "·")
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPunct(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) }) {
		return "", invalid("cnid.name_empty")
	}
	if utf8.RuneCountInString(s) > maxName {
		return "", errs.New(errs.Invalid, "cnid.name_long", errs.P{"max": maxName})
	}
	return s, nil
}

// notInName reports characters that could hide text or reach into a page. Variation selectors pass: they choose the form of rare characters.
func notInName(r rune) bool {
	switch r {
	case '<', '>', '＜', '＞', utf8.RuneError, '\u2028', '\u2029':
		return true
	case '\t': // from a pasted table; becomes a blank
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func isLetterNotLatin(r rune) bool {
	return r > unicode.MaxLatin1 && !unicode.Is(unicode.Latin, r) && !unicode.IsSpace(r) && !unicode.IsPunct(r)
}
