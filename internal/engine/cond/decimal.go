package cond

import "strings"

// decimal is a plain decimal number as digit strings, without leading zeros in whole and trailing zeros in frac; zero is "" and "".
type decimal struct {
	neg         bool
	whole, frac string
}

// parseDecimal reads -?digits[.digits] of at most 64 characters; anything else, exponents too, is no number.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if len(s) > 64 {
		return d, false
	}
	s, d.neg = strings.CutPrefix(s, "-")
	whole, frac, dot := strings.Cut(s, ".")
	if !digits(whole) || dot && !digits(frac) {
		return d, false
	}
	d.whole, d.frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	if d.whole == "" && d.frac == "" {
		d.neg = false
	}
	return d, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Decimal gives the canonical form of a plain decimal number: "007.50" is "7.5", "-0" is "0". ok is false when s is none.
func Decimal(s string) (canonical string, ok bool) {
	d, ok := parseDecimal(s)
	if !ok {
		return "", false
	}
	if d.whole == "" {
		d.whole = "0"
	}
	out := d.whole
	if d.frac != "" {
		out += "." + d.frac
	}
	if d.neg {
		out = "-" + out
	}
	return out, true
}

// Compare compares two plain decimal numbers exactly; ok is false when either is nil or no number.
func Compare(a, b *string) (c int, ok bool) {
	if a == nil || b == nil {
		return 0, false
	}
	x, okX := parseDecimal(*a)
	y, okY := parseDecimal(*b)
	if !okX || !okY {
		return 0, false
	}
	switch {
	case x.neg && !y.neg:
		return -1, true
	case !x.neg && y.neg:
		return 1, true
	case x.neg:
		return magnitude(y, x), true
	}
	return magnitude(x, y), true
}

func magnitude(x, y decimal) int {
	if len(x.whole) != len(y.whole) {
		return sign(len(x.whole) - len(y.whole))
	}
	if c := strings.Compare(x.whole, y.whole); c != 0 {
		return c
	}
	return strings.Compare(x.frac, y.frac)
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}
