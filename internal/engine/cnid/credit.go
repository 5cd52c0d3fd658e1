package cnid

import (
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// creditAlphabet are the characters of a credit code in the order of their values; I, O, S, V and Z are not used (GB 32100).
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseCreditCode reads a unified social credit code: blanks, full-width and small letters are put right. Errors are Invalid:
// cnid.credit_length, cnid.credit_chars and cnid.credit_check. Some codes in use fail their check, so with cnid.credit_check the
// normalised code is given back too, and the caller may treat the error as a warning. The organisation code within is not checked.
func ParseCreditCode(s string) (string, error) {
	s = plain(s)
	if n := utf8.RuneCountInString(s); n != 18 {
		return "", errs.New(errs.Invalid, "cnid.credit_length", errs.P{"length": n})
	}
	if !isCreditShape(s) {
		return "", invalid("cnid.credit_chars")
	}
	if CreditCodeCheck(s[:17]) != s[17] {
		return s, invalid("cnid.credit_check")
	}
	return s, nil
}

// isCreditShape reports whether s has eighteen characters of the alphabet with digits (a region) at places 3–8.
func isCreditShape(s string) bool {
	return len(s) == 18 && allDigits(s[2:8]) && onlyOf(s, func(c byte) bool { return strings.IndexByte(creditAlphabet, c) >= 0 })
}

// CreditCodeCheck gives the eighteenth character for the first seventeen (GB 32100, MOD 31-3), or 0 when they are not seventeen
// characters of the alphabet.
func CreditCodeCheck(first17 string) byte {
	if len(first17) != 17 {
		return 0
	}
	sum, w := 0, 1
	for i := range len(first17) {
		v := strings.IndexByte(creditAlphabet, first17[i])
		if v < 0 {
			return 0
		}
		sum += v * w
		w = w * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}

// OrgCodeCheck gives the ninth character of an organisation code for the first eight (GB 11714, MOD 11), or 0 when they are not eight
// of 0–9 and A–Z. It is place 17 of a credit code, and counts with all 26 letters.
func OrgCodeCheck(first8 string) byte {
	if len(first8) != 8 || !allAlnum(first8) {
		return 0
	}
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * value36(first8[i])
	}
	return "0X987654321"[sum%11]
}

// value36 gives 0–35 for 0–9 and A–Z.
func value36(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c-'A') + 10
}
