package item

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// Also knows codes beside those of Lists: the local ones of an installation, by code or by name. Nil knows of none.
type Also func(list, written string) (code string, known bool)

// read brings values into the form they are stored in.
func (e *Element) read(values []string, also Also) ([]string, error) {
	vs, err := readKind(e.Kind, e.List, values, also)
	if x := errs.As(err); x != nil {
		x.Params["name"], x.Params["en"] = e.Chinese, e.English
	}
	return vs, err
}

func wrong(key, value string, more ...string) error {
	p := errs.P{"value": value, "name": ""}
	for i := 0; i+1 < len(more); i += 2 {
		p[more[i]] = more[i+1]
	}
	return errs.New(errs.Invalid, key, p)
}

func readKind(k Kind, list string, values []string, also Also) ([]string, error) {
	var vs []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			vs = append(vs, v)
		}
	}
	if k == KindLimit {
		return readSpan(vs)
	}
	if k != KindCodes && k != KindTexts && len(vs) > 1 {
		return nil, wrong("item.one_only", strings.Join(vs, "、"))
	}
	for i, v := range vs {
		var err error
		if vs[i], err = readOne(k, list, v, also); err != nil {
			return nil, err
		}
	}
	if k == KindCodes {
		return distinct(vs), nil
	}
	return vs, nil
}

func distinct(vs []string) []string {
	var out []string
	for _, v := range vs {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func readOne(k Kind, list, v string, also Also) (string, error) {
	switch k {
	case KindCode, KindCodes:
		code, ok := CodeOf(list, v)
		if !ok && also != nil {
			code, ok = also(list, v)
		}
		if !ok {
			return "", wrong("item.not_in_list", v, "list", codeWords(i18n.Chinese, list, Lists[list]), "list_en", codeWords(i18n.English, list, Lists[list]))
		}
		return code, nil
	case KindYesNo:
		b, ok := yesWords[strings.ToLower(v)]
		if !ok {
			return "", wrong("item.not_yes_no", v)
		}
		return b, nil
	case KindNumber:
		n, err := strconv.Atoi(strings.TrimSuffix(narrow(v), "次"))
		if err != nil || n < 0 || n > maxNumber {
			return "", wrong("item.not_a_number", v)
		}
		return strconv.Itoa(n), nil
	case KindDate:
		d, ok := readDate(v)
		if !ok {
			return "", wrong("item.not_a_date", v)
		}
		return d, nil
	case KindURL:
		if !webAddress.MatchString(v) {
			return "", wrong("item.not_an_address", v)
		}
	case KindMoney:
		if _, ok := fen(v); !ok {
			return "", wrong("item.not_money", v)
		}
	case KindCond:
		var e cond.Expr
		if err := json.Unmarshal([]byte(v), &e); err != nil {
			return "", wrong("item.not_a_condition", v)
		}
	}
	return v, nil
}

// maxNumber is the largest number an element may have.
const maxNumber = 1_000_000_000

var webAddress = regexp.MustCompile(`^https?://[^\s"<>]+$`)

var yesWords = map[string]string{
	"1": "1", "是": "1", "有": "1", "支持": "1", "yes": "1", "y": "1", "true": "1", "√": "1",
	"0": "0", "否": "0", "无": "0", "不支持": "0", "no": "0", "n": "0", "false": "0", "×": "0",
}

var spanShape = regexp.MustCompile(`^(\d{1,5})\s*个?\s*(\S*)$`)

// readSpan reads number and unit from one or two values; 即办 is nought.
func readSpan(vs []string) ([]string, error) {
	if len(vs) == 0 {
		return nil, nil
	}
	whole := narrow(strings.Join(vs, ""))
	if slices.Contains([]string{"即办", "当场办结", "即时办结", "即来即办", "当日办结"}, whole) {
		return []string{"0", string(clock.Workday)}, nil
	}
	m := spanShape.FindStringSubmatch(whole)
	if len(vs) > 2 || m == nil {
		return nil, wrong("item.not_a_limit", strings.Join(vs, " "))
	}
	unit := string(clock.Workday)
	if m[2] != "" {
		var ok bool
		if unit, ok = CodeOf("unit", m[2]); !ok {
			return nil, wrong("item.not_a_limit", strings.Join(vs, " "))
		}
	}
	n, _ := strconv.Atoi(m[1])
	return []string{strconv.Itoa(n), unit}, nil
}

// dateShapes are how lists write days; a time of day after them is cut off.
var dateShapes = []string{"2006-01-02", "20060102", "2006/1/2", "2006.1.2", "2006-1-2", "2006年1月2日"}

func readDate(v string) (string, bool) {
	v = narrow(v)
	if i := strings.IndexAny(v, " T"); i > 0 {
		v = v[:i]
	}
	if len(v) == 14 && strings.Trim(v, "0123456789") == "" {
		v = v[:8]
	}
	for _, shape := range dateShapes {
		if t, err := time.Parse(shape, v); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// fen reads an amount in yuan: 10, 10.5, ￥10.50, 10元.
func fen(v string) (int64, bool) {
	v = strings.TrimSuffix(strings.TrimLeft(strings.ReplaceAll(narrow(v), ",", ""), "¥￥"), "元")
	whole, cents, _ := strings.Cut(v, ".")
	if len(cents) > 2 || whole == "" || len(whole) > 12 || strings.Trim(whole+cents, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	return n, err == nil
}

// yuan writes an amount of fen in yuan.
func yuan(n int64) string {
	s := strconv.FormatInt(n/100, 10)
	if n%100 == 0 {
		return s
	}
	return s + "." + strconv.FormatInt(100+n%100, 10)[1:]
}

// narrow takes full-width forms, which spreadsheets are full of, for plain ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　':
			return ' '
		}
		return r
	}, strings.TrimSpace(s))
}
