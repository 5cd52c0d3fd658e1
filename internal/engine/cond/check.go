package cond

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
)

// Type is the type of a field that conditions can read.
type Type string

// The types. Rows is a repeating table, of which only emptiness can be asked.
const (
	Text    Type = "text"
	Number  Type = "number"
	Date    Type = "date"
	Bool    Type = "bool"
	Choice  Type = "choice"
	Choices Type = "choices"
	Rows    Type = "rows"
)

// FieldType is what a scope knows of a field. Options are the permitted values of a choice; none means any.
type FieldType struct {
	Type    Type
	Options []string
}

// Scope names the fields a condition may read.
type Scope map[string]FieldType

// Problem is a fault in a definition. Path is a JSON pointer to the place, Key a text key.
type Problem struct {
	Path   string
	Key    string
	Params errs.P
}

var opsOf = map[Type][]string{
	Text:    {Eq, Ne, In, NotIn, Empty, NotEmpty},
	Number:  {Eq, Ne, Gt, Ge, Lt, Le, In, NotIn, Empty, NotEmpty},
	Date:    {Eq, Ne, Before, After, In, NotIn, Empty, NotEmpty},
	Bool:    {Eq, Ne, Empty, NotEmpty},
	Choice:  {Eq, Ne, In, NotIn, Empty, NotEmpty},
	Choices: {Contains, In, NotIn, Empty, NotEmpty},
	Rows:    {Empty, NotEmpty},
}

func knownOp(op string) bool {
	_, ok := opText[op]
	return ok
}

// Check finds what would never work when the condition is evaluated in a scope: cond.malformed, cond.unknown_field, cond.unknown_op,
// cond.op_not_for_type, cond.wrong_value, cond.unknown_option.
func (e Expr) Check(s Scope) []Problem { return e.check(s, "") }

func (e Expr) check(s Scope, path string) []Problem {
	if !e.wellFormed() {
		return []Problem{{path, "cond.malformed", nil}}
	}
	var out []Problem
	for i, x := range e.All {
		out = append(out, x.check(s, fmt.Sprintf("%s/all/%d", path, i))...)
	}
	for i, x := range e.Any {
		out = append(out, x.check(s, fmt.Sprintf("%s/any/%d", path, i))...)
	}
	if e.Not != nil {
		out = append(out, e.Not.check(s, path+"/not")...)
	}
	if e.Field != "" {
		out = append(out, e.checkComparison(s, path)...)
	}
	return out
}

func (e Expr) wellFormed() bool {
	n := 0
	for _, set := range []bool{e.Field != "", len(e.All) > 0, len(e.Any) > 0, e.Not != nil} {
		if set {
			n++
		}
	}
	return e.IsZero() || n == 1 && (e.Field != "" || e.Op == "" && e.Value == nil)
}

func (e Expr) checkComparison(s Scope, path string) []Problem {
	f, ok := s[e.Field]
	switch {
	case !ok:
		return []Problem{{path + "/field", "cond.unknown_field", errs.P{"field": e.Field}}}
	case !knownOp(e.Op):
		return []Problem{{path + "/op", "cond.unknown_op", errs.P{"op": e.Op}}}
	case !slices.Contains(opsOf[f.Type], e.Op):
		return []Problem{{path + "/op", "cond.op_not_for_type", errs.P{"field": e.Field, "op": e.Op, "type": string(f.Type)}}}
	case e.Op == Empty || e.Op == NotEmpty:
		return nil
	}
	var out []Problem
	for _, v := range list(e.Value) {
		if key := f.accepts(v); key != "" {
			out = append(out, Problem{path + "/value", key, errs.P{"field": e.Field, "value": show(v), "type": string(f.Type)}})
		}
	}
	return out
}

func (f FieldType) accepts(v any) (problem string) {
	str, isText := v.(string)
	_, isBool := v.(bool)
	ok := isText
	switch f.Type {
	case Number:
		t := text(v)
		if ok = t != nil && !isBool; ok {
			_, ok = parseDecimal(*t)
		}
	case Bool:
		ok = isBool
	case Date:
		ok = isoDate(v) != ""
	case Choice, Choices:
		if isText && len(f.Options) > 0 && !slices.Contains(f.Options, str) {
			return "cond.unknown_option"
		}
	}
	if !ok {
		return "cond.wrong_value"
	}
	return ""
}

var opText = map[string]string{
	Eq: "=", Ne: "≠", Gt: ">", Ge: "≥", Lt: "<", Le: "≤", In: "∈", NotIn: "∉", Contains: "∋", Before: "<", After: ">", Empty: "= ∅", NotEmpty: "≠ ∅",
}

// String gives a form for guides that needs no language: (shop.area > 300), (a = "x" ∧ ¬(b = ∅)). The zero Expr is "".
func (e Expr) String() string {
	switch {
	case e.Field != "" && (e.Op == Empty || e.Op == NotEmpty):
		return "(" + e.Field + " " + opText[e.Op] + ")"
	case e.Field != "":
		return "(" + e.Field + " " + opText[e.Op] + " " + show(e.Value) + ")"
	case len(e.All) > 0:
		return join(e.All, " ∧ ")
	case len(e.Any) > 0:
		return join(e.Any, " ∨ ")
	case e.Not != nil:
		return "¬" + e.Not.String()
	}
	return ""
}

func join(es []Expr, sep string) string {
	parts := make([]string, len(es))
	for i, x := range es {
		parts[i] = x.String()
	}
	return "(" + strings.Join(parts, sep) + ")"
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}
