package form

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tongban/internal/engine/cond"
)

// clean repairs what pasting spoils: broken UTF-8, line ends, zero-width spaces and blanks around.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = invisible.Replace(s)
	return strings.TrimSpace(s)
}

var invisible = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u200B", "", "\uFEFF", "")

// halfWidth turns full-width ASCII (digits typed with a Chinese input method) into ASCII.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		if r == '\u3000' {
			return ' '
		}
		return r
	}, s)
}

// compact is halfWidth without blanks and dashes inside, for numbers people group when they type.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '－' {
			return -1
		}
		return r
	}, halfWidth(s))
}

// unsafe reports characters no answer may hold: controls and those that reorder text. Line feeds and tabs are fine in a textarea.
func unsafe(s string, lines bool) bool {
	for _, r := range s {
		switch {
		case (r == '\n' || r == '\t') && lines:
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\u2028', r == '\u2029', r == unicode.ReplacementChar:
			return true
		}
	}
	return false
}

// textOf gives a JSON scalar as text; ok is false for objects, lists and null.
func textOf(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return plain(x.String()), true
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "", false
		}
		return plain(strconv.FormatFloat(x, 'f', -1, 64)), true
	case int:
		return strconv.Itoa(x), true
	case int64:
		return strconv.FormatInt(x, 10), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}

// plain writes 1e3 as 1000; numbers too long for that stay as they came.
func plain(s string) string {
	if !strings.ContainsAny(s, "eE") || len(s) > 40 {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) >= 1e15 || f != 0 && math.Abs(f) < 1e-9 {
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

var thousands = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+(\.\d+)?$`)

// decimalOf reads a typed number: full-width digits and thousands commas are understood.
func decimalOf(s string) (string, bool) {
	s = strings.TrimSpace(halfWidth(s))
	if thousands.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	return cond.Decimal(s)
}

// fenOf reads yuan with at most two decimals, e.g. "1,200.5" or "￥3".
func fenOf(s string) (int64, bool) {
	s = strings.TrimSpace(halfWidth(s))
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimLeft(s, "¥￥"), "元"))
	d, ok := decimalOf(s)
	if !ok {
		return 0, false
	}
	whole, frac, _ := strings.Cut(d, ".")
	if len(frac) > 2 || len(whole) > 15 {
		return 0, false
	}
	for len(frac) < 2 {
		frac += "0"
	}
	fen, err := strconv.ParseInt(whole+frac, 10, 64)
	return fen, err == nil
}

var typedDate = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$`)

// dateOf reads 2026-02-03, 2026/2/3, 2026年2月3日 and 20260203 as YYYY-MM-DD; ok is false for days that do not exist.
func dateOf(s string) (string, bool) {
	s = strings.TrimSpace(halfWidth(s))
	if len(s) == 8 && !strings.ContainsAny(s, "-/.") {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	m := typedDate.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	for i := 2; i < 4; i++ {
		if len(m[i]) == 1 {
			m[i] = "0" + m[i]
		}
	}
	s = m[1] + "-" + m[2] + "-" + m[3]
	_, err := time.Parse(time.DateOnly, s)
	return s, err == nil && m[1] >= "1000"
}

// luhn checks the last digit of a bank card number of 13 to 19 digits (GB/T 15694.1, ISO/IEC 7812-1 annex B).
func luhn(s string) bool {
	if len(s) < 13 || len(s) > 19 {
		return false
	}
	sum := 0
	for i := range len(s) {
		c := s[len(s)-1-i]
		if c < '0' || c > '9' {
			return false
		}
		n := int(c - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
