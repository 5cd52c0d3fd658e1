package cnid

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Masks say as much as an owner needs to know his own entry, and no more. They work on any text, never show a short value whole, and
// are to be applied on the server. Two masks of one person must not be shown together where they complete each other.

// keep shows the first and last characters of rs and a star for each of the others.
func keep(rs []rune, first, last int) string {
	return string(rs[:first]) + strings.Repeat("*", len(rs)-first-last) + string(rs[len(rs)-last:])
}

// MaskID shows the first three and last four characters of an ID number, 330***********1224; of a certificate number too short to hide
// half of it that way, the first and the last, and of one below six characters none.
func MaskID(s string) string {
	rs := []rune(strings.TrimSpace(s))
	switch n := len(rs); {
	case n >= 14:
		return keep(rs, 3, 4)
	case n >= 6:
		return keep(rs, 1, 1)
	default:
		return keep(rs, 0, 0)
	}
}

// MaskPhone shows the first three and last four digits of a mobile number, 138****5678, and the last two of any other.
func MaskPhone(s string) string {
	if m, err := ParseMobile(s); err == nil {
		return m[:3] + "****" + m[7:]
	}
	rs := []rune(strings.TrimSpace(s))
	if len(rs) < 7 {
		return keep(rs, 0, 0)
	}
	return keep(rs, 0, 2)
}

// MaskName shows the first and the last character of a name, 王*梅, of two characters the first, 王*, and of one none.
func MaskName(s string) string {
	rs := []rune(strings.TrimSpace(s))
	switch len(rs) {
	case 0, 1:
		return keep(rs, 0, 0)
	case 2:
		return keep(rs, 1, 0)
	default:
		return keep(rs, 1, 1)
	}
}

var (
	// regionHead is the province, city and county at the head of an address, whose names may hold the characters of streetEnd (路桥区, 镇江市).
	regionHead = regexp.MustCompile(`^(?:[^\d０-９]{2,7}?(?:省|自治区))?(?:[^\d０-９]{2,7}?(?:市|自治州|盟|地区))?(?:[^\d０-９]{1,7}?[区县市旗])?`)
	streetEnd  = regexp.MustCompile(`^[^\d０-９]*?(?:街道|路|街|道|巷|镇|乡|村)`)
)

// MaskAddress shows an address up to the street, town or village, then ***: 西湖区文三路***. Without one it shows the region at most.
func MaskAddress(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	head := regionHead.FindString(s)
	street := streetEnd.FindString(s[len(head):])
	if shown := head + street; shown != s || street != "" {
		return shown + "***"
	}
	return "***"
}

// MaskEmail shows the first character and the domain: z***@example.com.
func MaskEmail(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	i := strings.LastIndexByte(s, '@')
	if i < 1 {
		return "***"
	}
	_, w := utf8.DecodeRuneInString(s)
	if w == i { // a single character in front would be shown whole
		return "***" + s[i:]
	}
	return s[:w] + "***" + s[i:]
}
