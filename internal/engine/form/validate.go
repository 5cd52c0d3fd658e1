package form

import (
	"encoding/json"
	"fmt"
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/cond"
)

// Validate says what is still wrong with the answers. today is YYYY-MM-DD in Asia/Shanghai. Field paths are input names: key, table.N.column,
// key.from, key.to; "" concerns the whole form. Hidden fields are not judged. Params name the field's label, never what was typed.
func (d Definition) Validate(a Answers, today string) []errs.Field { return d.judge(a, today).out }

// Doubts says what is probably a slip of the pen and yet may be right: credit codes whose check character is wrong, as some in use are (GB 32100). They
// are shown and keep nobody from going on.
func (d Definition) Doubts(a Answers, today string) []errs.Field { return d.judge(a, today).doubts }

func (d Definition) judge(a Answers, today string) *validator {
	w := d.walk(a)
	v := &validator{today: today}
	d.each(func(_ Section, f Field) {
		if !w.visible[f.Key] || !f.isData() {
			return
		}
		if wrongShape(f, a[f.Key]) {
			v.add(f.Key, "form.wrong_type", f, nil)
			return
		}
		if f.Kind == Table {
			v.table(f, rowsOf(w.clean[f.Key]), w.get)
			return
		}
		v.field(f.Key, f, w.clean[f.Key])
	})
	if b, err := json.Marshal(w.clean); err != nil || len(b) > maxBytes {
		v.out = append(v.out, errs.Field{Key: "form.too_large", Params: errs.P{"max": maxBytes >> 10}})
	}
	return v
}

type validator struct {
	today       string
	out, doubts []errs.Field
}

func (v *validator) add(path, key string, f Field, p errs.P) {
	params := errs.P{"label": f.Label}
	for k, x := range p {
		params[k] = x
	}
	v.out = append(v.out, errs.Field{Path: path, Key: key, Params: params})
}

// wrongShape reports a JSON value that is no answer of the kind at all, which only a program can send.
func wrongShape(f Field, x any) bool {
	if x == nil {
		return false
	}
	switch f.Kind {
	case Table:
		raw, isList := x.([]any)
		_, isRows := x.([]map[string]any)
		return !isRows && (!isList || len(rowsOf(x)) != len(raw))
	case DateRange:
		_, ok := x.(map[string]any)
		return !ok && !cond.Missing(x)
	case Checkbox:
		if list, ok := x.([]any); ok {
			return slices.ContainsFunc(list, func(e any) bool { _, ok := textOf(e); return !ok })
		}
		if _, ok := x.([]string); ok {
			return false
		}
	case Money:
		if n, ok := x.(float64); ok && n != math.Trunc(n) {
			return true
		}
	}
	_, ok := textOf(x)
	return !ok
}

func (v *validator) table(f Field, rows []map[string]any, outer func(string) any) {
	least := f.MinRows
	if f.Required && least == 0 {
		least = 1
	}
	switch {
	case len(rows) < least:
		v.add(f.Key, "form.too_few_rows", f, errs.P{"min": least})
	case len(rows) > f.rowLimit():
		v.add(f.Key, "form.too_many_rows", f, errs.P{"max": f.rowLimit()})
		return
	}
	for i, r := range rows {
		get := rowGetter(f, r, outer)
		for _, c := range f.Columns {
			if c.When.Eval(get) {
				v.field(fmt.Sprintf("%s.%d.%s", f.Key, i, c.Key), c, r[c.Key])
			}
		}
	}
}

func (v *validator) field(path string, f Field, x any) {
	if f.Kind == Declaration {
		if x != true {
			v.add(path, "form.declare", f, nil)
		}
		return
	}
	if cond.Missing(x) {
		if f.Required {
			v.add(path, requiredKey(f.Kind), f, nil)
		}
		return
	}
	switch x := x.(type) {
	case string:
		v.text(path, f, x)
	case int64:
		v.between(path, f, yuan(x))
	case []string:
		v.choices(path, f, x)
	case map[string]any:
		v.dates(path, f, x)
	}
}

func requiredKey(kind string) string {
	switch kind {
	case Radio, Checkbox, YesNo, Select, Region:
		return "form.choose_one"
	}
	return "form.required"
}

var regionCode = regexp.MustCompile(`^(\d{6}|\d{9}|\d{12})$`)

func (v *validator) text(path string, f Field, s string) {
	if unsafe(s, f.Kind == Textarea) {
		v.add(path, "form.control_chars", f, nil)
		return
	}
	if n := utf8.RuneCountInString(s); n > f.limit() {
		v.add(path, "form.too_long", f, errs.P{"max": f.limit(), "over": n - f.limit()})
		return
	}
	switch f.Kind {
	case Number:
		if _, ok := cond.Decimal(s); !ok {
			v.add(path, "form.number", f, nil)
			return
		}
		v.between(path, f, s)
	case Money:
		v.add(path, "form.money", f, nil)
	case YesNo:
		v.add(path, "form.choose", f, nil)
	case Date:
		v.date(path, f, s)
	case Radio, Select:
		v.choices(path, f, []string{s})
	case Region:
		if !regionCode.MatchString(s) || len(f.Options) > 0 && !slices.Contains(f.optionValues(), s) {
			v.add(path, "form.choose", f, nil)
		}
	default:
		key, p := parse(f, s, v.today)
		if key == "cnid.credit_check" {
			v.doubts = append(v.doubts, errs.Field{Path: path, Key: key, Params: errs.P{"label": f.Label}})
		} else if key != "" {
			v.add(path, key, f, p)
			return
		}
		v.pattern(path, f, s)
	}
}

// parse lets the parsers of numbers with check digits judge; their own text keys pass through.
func parse(f Field, s, today string) (string, errs.P) {
	var err error
	switch {
	case f.Kind == IDNumber:
		_, err = cnid.ParseID(s, today)
	case f.Kind == CreditCode:
		_, err = cnid.ParseCreditCode(s)
	case f.Kind == Phone:
		if !landline.MatchString(s) {
			_, err = cnid.ParseMobile(s)
		}
	case f.Kind == BankCard:
		if !luhn(s) {
			return "form.bank_card", nil
		}
	case f.Kind == Email:
		if a, e := mail.ParseAddress(s); e != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
			return "form.email", nil
		}
	case f.Level == "name":
		_, err = cnid.NormalName(s)
	}
	if err == nil {
		return "", nil
	}
	if e := errs.As(err); e != nil {
		return e.Key, e.Params
	}
	return "form.wrong_format", nil
}

// landline is an area code, 7 or 8 digits and perhaps an extension: 0571-87654321-801.
var landline = regexp.MustCompile(`^0\d{2,3}-\d{7,8}(-\d{1,6})?$`)

func (v *validator) pattern(path string, f Field, s string) {
	if f.Pattern == "" {
		return
	}
	re, err := regexp.Compile(`^(?:` + f.Pattern + `)$`)
	if err == nil && !re.MatchString(s) {
		v.add(path, "form.pattern", f, errs.P{"hint": f.PatternHint})
	}
}

func (v *validator) between(path string, f Field, s string) {
	if f.Min != nil {
		if least := decimalText(*f.Min); less(s, least) {
			v.add(path, "form.min", f, errs.P{"min": least + f.unit()})
		}
	}
	if f.Max != nil {
		if most := decimalText(*f.Max); less(most, s) {
			v.add(path, "form.max", f, errs.P{"max": most + f.unit()})
		}
	}
}

func less(a, b string) bool {
	c, ok := cond.Compare(&a, &b)
	return ok && c < 0
}

func decimalText(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (f Field) unit() string {
	if f.Unit == "" && f.Kind == Money {
		return "元"
	}
	return f.Unit
}

func (v *validator) date(path string, f Field, s string) {
	if d, ok := dateOf(s); !ok || d != s {
		v.add(path, "form.date", f, nil)
		return
	}
	if least := dateLimit(f.MinDate, v.today); least != "" && s < least {
		v.add(path, "form.min_date", f, errs.P{"min": showDate(least)})
	}
	if most := dateLimit(f.MaxDate, v.today); most != "" && s > most {
		v.add(path, "form.max_date", f, errs.P{"max": showDate(most)})
	}
}

func (v *validator) dates(path string, f Field, m map[string]any) {
	before := len(v.out)
	for _, k := range []string{"from", "to"} {
		if s, _ := m[k].(string); s != "" {
			v.text(path+"."+k, Field{Kind: Date, Label: f.Label, MinDate: f.MinDate, MaxDate: f.MaxDate}, s)
		} else {
			v.add(path+"."+k, "form.range_incomplete", f, nil)
		}
	}
	from, _ := m["from"].(string)
	if to, _ := m["to"].(string); len(v.out) == before && from > to {
		v.add(path+".to", "form.range_order", f, nil)
	}
}

func (v *validator) choices(path string, f Field, chosen []string) {
	for _, s := range chosen {
		if !slices.Contains(f.optionValues(), s) {
			v.add(path, "form.choose", f, nil)
			return
		}
	}
}
