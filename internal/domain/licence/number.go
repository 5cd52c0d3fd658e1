package licence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
)

// A number pattern is text with places: {region} the agency's division in six digits, {year} four digits, {seq:N} a serial of N digits with
// leading zeros that starts at 1 for each combination of all that stands around it, {check} a check character over all before it, at the
// end, and {FIELD} the stored answer of a field of the type, e.g. the digit of the 主体业态 in a food licence.

var (
	patternPlace = regexp.MustCompile(`\{([a-z_]+)(?::([0-9]+))?\}`)
	codeShape    = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)
)

// CheckFunc gives the check characters for the number before them.
type CheckFunc func(number string) string

// SampleCheck is the check used unless Deps names another: ISO 7064 MOD 11,10 (GB/T 17710) over the digits of the number; letters are passed
// over. It is a sample: where the rule of a licence type prescribes another method, the deployment gives that one.
func SampleCheck(number string) string {
	p := 10
	for _, c := range number {
		if c < '0' || c > '9' {
			continue
		}
		s := (p + int(c-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return strconv.Itoa((11 - p) % 10)
}

// numberParts are a pattern's text with everything filled but serial and check.
type numberParts struct {
	scope string // with the serial's and the check's places still in it: the series this number belongs to
	width int
	check bool
}

// fillPattern fills region, year and field codes. It returns errs.Invalid "licence.number_code" when an answer cannot stand in a number.
func fillPattern(pattern, region string, year int, codes map[string]string) (numberParts, error) {
	var np numberParts
	var failed error
	np.scope = patternPlace.ReplaceAllStringFunc(pattern, func(place string) string {
		m := patternPlace.FindStringSubmatch(place)
		switch m[1] {
		case "seq":
			np.width = atoi(m[2])
			return place
		case "check":
			np.check = true
			return place
		case "region":
			return sixDigits(region)
		case "year":
			return strconv.Itoa(year)
		}
		code := codes[m[1]]
		if !codeShape.MatchString(code) {
			failed = errs.New(errs.Invalid, "licence.number_code", errs.P{"field": m[1]})
		}
		return code
	})
	return np, failed
}

// sixDigits brings a division code to six digits: a province or city is filled up, a town or village cut to its county.
func sixDigits(region string) string { return (region + "000000")[:6] }

// number puts a serial in. It returns errs.Full when the serial has more digits than the pattern has room for.
func (np numberParts) number(serial int, check CheckFunc) (string, error) {
	digits := fmt.Sprintf("%0*d", np.width, serial)
	if len(digits) > np.width {
		return "", errs.New(errs.Full, "licence.series_full", errs.P{"pattern": np.scope})
	}
	n := strings.Replace(np.scope, fmt.Sprintf("{seq:%d}", np.width), digits, 1)
	if np.check {
		n = strings.Replace(n, "{check}", "", 1)
		n += check(n)
	}
	return n, nil
}

// checkPattern gives the text keys and parameters of what is wrong with a pattern.
func (t Type) checkPattern() []errs.Field {
	var out []errs.Field
	add := func(key string, p errs.P) { out = append(out, errs.Field{Path: "/number", Key: key, Params: p}) }
	seqs := 0
	for _, m := range patternPlace.FindAllStringSubmatch(t.Number, -1) {
		switch {
		case m[1] == "seq":
			seqs++
			if n := atoi(m[2]); n < 1 || n > 18 {
				add("licence.check_seq", nil)
			}
		case m[2] != "":
			add("licence.check_place", errs.P{"place": m[0]})
		case m[1] == "check":
			if !strings.HasSuffix(t.Number, "{check}") || strings.Count(t.Number, "{check}") != 1 {
				add("licence.check_check", nil)
			}
		case m[1] == "region", m[1] == "year":
		case !t.hasField(m[1]):
			add("licence.check_place", errs.P{"place": m[0]})
		}
	}
	if seqs != 1 {
		add("licence.check_seq", nil)
	}
	if strings.ContainsAny(patternPlace.ReplaceAllString(t.Number, ""), "{}") {
		add("licence.check_place", errs.P{"place": t.Number})
	}
	return out
}

func (t Type) hasField(key string) bool {
	for _, f := range t.Fields {
		if f.Key == key {
			return true
		}
	}
	return false
}
