package cnid

import "strings"

// ParseMobile reads a mainland mobile number and gives its eleven digits. +86, 0086 or 86 in front, blanks, dashes, brackets and
// full-width digits are put right. Errors are Invalid: cnid.mobile_empty, cnid.mobile_wrong.
func ParseMobile(s string) (string, error) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-()‐‑‒–—−", r) {
			return -1
		}
		return r
	}, plain(s))
	if s == "" {
		return "", invalid("cnid.mobile_empty")
	}
	for _, country := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(s, country); ok && len(rest) == 11 {
			s = rest
			break
		}
	}
	if len(s) != 11 || !allDigits(s) || s[0] != '1' || s[1] < '3' {
		return "", invalid("cnid.mobile_wrong")
	}
	return s, nil
}
