package cond

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Eval says whether the condition holds. get gives a field's value (nil when it is missing): string, bool, any number, json.Number or a list.
// A missing value makes only empty, ne and not_in true. Numbers compare as decimals, text exactly. A malformed node is false. Eval never panics.
func (e Expr) Eval(get func(field string) any) bool {
	switch {
	case e.Field != "":
		return compare(e.Op, get(e.Field), e.Value)
	case len(e.All) > 0:
		for _, x := range e.All {
			if !x.Eval(get) {
				return false
			}
		}
		return true
	case len(e.Any) > 0:
		for _, x := range e.Any {
			if x.Eval(get) {
				return true
			}
		}
		return false
	case e.Not != nil:
		return !e.Not.Eval(get)
	}
	return e.IsZero()
}

func compare(op string, have, want any) bool {
	switch op {
	case Empty:
		return Missing(have)
	case NotEmpty:
		return !Missing(have)
	case Eq, Ne:
		return (op == Eq) == (!Missing(have) && equal(have, want))
	case In, NotIn:
		return (op == In) == (!Missing(have) && anyOf(have, want))
	case Contains:
		return !Missing(have) && anyOf(have, []any{want})
	case Before, After:
		a, b := isoDate(have), isoDate(want)
		if a == "" || b == "" {
			return false
		}
		return (op == Before && a < b) || (op == After && a > b)
	case Gt, Ge, Lt, Le:
		c, ok := Compare(text(have), text(want))
		return ok && (op == Gt && c > 0 || op == Ge && c >= 0 || op == Lt && c < 0 || op == Le && c <= 0)
	}
	return false
}

// Missing reports whether a value counts as not given: nil, blank text or an empty list. false and 0 are values.
func Missing(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.Trim(x, " \t\r\n\u3000") == ""
	case []string:
		return len(x) == 0
	case []any:
		return len(x) == 0
	case []map[string]any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// equal compares scalars: as numbers when either side is a number, as bool when want is one, else as exact text. Lists equal nothing.
func equal(have, want any) bool {
	a, b := text(have), text(want)
	if a == nil || b == nil {
		return false
	}
	if isNumber(have) || isNumber(want) {
		c, ok := Compare(a, b)
		return ok && c == 0
	}
	return *a == *b
}

func anyOf(have, want any) bool {
	for _, h := range list(have) {
		for _, w := range list(want) {
			if equal(h, w) {
				return true
			}
		}
	}
	return false
}

func list(v any) []any {
	switch x := v.(type) {
	case []any:
		return x
	case []string:
		out := make([]any, len(x))
		for i, s := range x {
			out[i] = s
		}
		return out
	}
	return []any{v}
}

func isNumber(v any) bool {
	switch v.(type) {
	case json.Number, float64, float32, int, int32, int64:
		return true
	}
	return false
}

// text gives a scalar as text, nil for anything else. Floats beyond what JavaScript prints without an exponent are no numbers here either.
func text(v any) *string {
	var s string
	switch x := v.(type) {
	case string:
		s = x
	case bool:
		s = strconv.FormatBool(x)
	case json.Number:
		s = x.String()
	case int:
		s = strconv.Itoa(x)
	case int32:
		s = strconv.FormatInt(int64(x), 10)
	case int64:
		s = strconv.FormatInt(x, 10)
	case float32:
		return text(float64(x))
	case float64:
		if a := math.Abs(x); math.IsNaN(x) || a >= 1e21 || a > 0 && a < 1e-6 {
			return nil
		}
		s = strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return nil
	}
	return &s
}

func isoDate(v any) string {
	s, ok := v.(string)
	if !ok || len(s) != 10 {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}
