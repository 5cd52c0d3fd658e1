package factor

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"

	"tongban/internal/base/errs"
)

// What a password must be. Length does more than rules about characters (NIST SP 800-63B, 5.1.1.2); two kinds of characters are what GB/T 22239
// calls complexity at the least.
const (
	passwordMin = 12
	passwordMax = 128
	// passwordOwn is how many characters must be left when everything is taken away that others would guess.
	passwordOwn = 6
)

// goodPassword refuses what is too short, too long, leaked, or easy to guess for somebody who knows the owner or the site.
func (s *Service) goodPassword(password string, related []string) error {
	password = normal(password)
	lower := strings.ToLower(password)
	n := utf8.RuneCountInString(password)
	switch {
	case n < passwordMin:
		return errs.New(errs.Invalid, "factor.password_short", errs.P{"min": passwordMin})
	case n > passwordMax || len(password) > 4*passwordMax:
		return errs.New(errs.Invalid, "factor.password_long", errs.P{"max": passwordMax})
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return errs.New(errs.Invalid, "factor.password_broken")
	case leansOn(lower, related):
		return errs.New(errs.Invalid, "factor.password_related")
	case kindsOf(password) < 2:
		return errs.New(errs.Invalid, "factor.password_plain")
	}
	leaked, err := s.leaked(password, lower)
	switch {
	case err != nil:
		return err
	case leaked:
		return errs.New(errs.Invalid, "factor.password_breached")
	case guessable(lower, s.words):
		return errs.New(errs.Invalid, "factor.password_guess")
	}
	return nil
}

func (s *Service) leaked(password, lower string) (bool, error) {
	if isCommon(lower) {
		return true, nil
	}
	if s.deps.Breached == nil {
		return false, nil
	}
	return s.deps.Breached.Has(password)
}

// kindsOf counts the kinds of characters: letters, digits, everything else.
func kindsOf(s string) int {
	var letter, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letter = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return letter + digit + other
}

// leansOn reports whether a password holds one of the owner's own words: login name, name, name in pinyin, phone or its last eight digits.
func leansOn(lower string, related []string) bool {
	for _, w := range related {
		w = strings.ToLower(strings.TrimSpace(normal(w)))
		if syllables := pinyin.LazyConvert(w, nil); len(syllables) >= 2 && strings.Contains(lower, strings.Join(syllables, "")) {
			return true
		}
		if len(w) > 8 && strings.Trim(w, "0123456789") == "" {
			w = w[len(w)-8:]
		}
		if len(w) >= 4 && strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// siteWords are words everybody would try here: the product's, the site's address and name, also in pinyin, and what the deployment adds.
func siteWords(host, name string, more []string) []string {
	out := []string{"tongban", "zhengwu", "fuwu", "password", "passw0rd", "admin", "root", "test", "welcome", "mima", "woaini", strings.ToLower(name)}
	syllables := pinyin.LazyConvert(name, nil)
	for i := 0; i+2 <= len(syllables); i += 2 {
		out = append(out, syllables[i]+syllables[i+1])
	}
	for _, label := range strings.Split(host, ".") {
		out = append(out, strings.ToLower(label))
	}
	for _, w := range more {
		out = append(out, strings.ToLower(w))
	}
	return out
}

func hostOf(public string) string {
	u, err := url.Parse(public)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// rows are what a hand types without thinking.
var rows = []string{"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "!@#$%^&*()"}

var yearOrDate = regexp.MustCompile(`(19|20)\d\d([-/.]?(0[1-9]|1[0-2])([-/.]?(0[1-9]|[12]\d|3[01]))?)?`)

// guessable takes away known words, years, dates, runs and repeats; what is left must still be a secret.
func guessable(lower string, words []string) bool {
	left := lower
	for _, w := range words {
		if len(w) >= 4 {
			left = strings.ReplaceAll(left, w, " ")
		}
	}
	left = withoutRuns(yearOrDate.ReplaceAllString(left, " "))
	own := strings.Join(strings.FieldsFunc(left, unicode.IsSpace), "")
	if distinct(own) < passwordOwn {
		return true
	}
	// A common password with a few digits or signs around it is tried right after the common one.
	core := strings.TrimFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })
	return len(core) >= 4 && utf8.RuneCountInString(lower)-utf8.RuneCountInString(core) <= 6 && (isCommon(core) || twice(core))
}

// twice reports whether s is a shorter text repeated.
func twice(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	return false
}

// withoutRuns cuts out four or more neighbours of a row of keys, forwards or backwards.
func withoutRuns(s string) string {
	for _, row := range rows {
		for _, r := range []string{row, reversed(row)} {
			for n := min(len(r), len(s)); n >= 4; n-- {
				for i := 0; i+n <= len(r); i++ {
					s = strings.ReplaceAll(s, r[i:i+n], " ")
				}
			}
		}
	}
	return s
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
