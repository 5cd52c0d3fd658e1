package cond

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The operators of a comparison.
const (
	Eq       = "eq"
	Ne       = "ne"
	Gt       = "gt"
	Ge       = "ge"
	Lt       = "lt"
	Le       = "le"
	In       = "in"
	NotIn    = "not_in"
	Contains = "contains" // a multiple choice holds the value
	Before   = "before"   // dates, YYYY-MM-DD
	After    = "after"
	Empty    = "empty"
	NotEmpty = "not_empty"
)

// Limits of one tree: more than these is a mistake or an attack.
const (
	maxDepth = 20
	maxNodes = 500
)

// Expr is one condition. Exactly one of Field (with Op and mostly Value), All, Any and Not is set; the zero Expr is always true.
// Value is a string, a number, a bool or, for in and not_in, a list of these; numbers read from JSON are json.Number.
type Expr struct {
	Field string
	Op    string
	Value any
	All   []Expr
	Any   []Expr
	Not   *Expr
}

// IsZero reports whether e is the condition that is always true; it makes the json tag omitzero work.
func (e Expr) IsZero() bool {
	return e.Field == "" && e.Op == "" && e.Value == nil && len(e.All) == 0 && len(e.Any) == 0 && e.Not == nil
}

// Fields gives the fields the condition reads, each once, in order of appearance.
func (e Expr) Fields() []string {
	var out []string
	seen := map[string]bool{}
	e.walk(func(x Expr) {
		if x.Field != "" && !seen[x.Field] {
			seen[x.Field] = true
			out = append(out, x.Field)
		}
	})
	return out
}

func (e Expr) walk(visit func(Expr)) {
	visit(e)
	for _, x := range e.All {
		x.walk(visit)
	}
	for _, x := range e.Any {
		x.walk(visit)
	}
	if e.Not != nil {
		e.Not.walk(visit)
	}
}

// Parse reads one condition from JSON; see UnmarshalJSON.
func Parse(b []byte) (Expr, error) {
	var e Expr
	err := json.Unmarshal(b, &e)
	return e, err
}

type wire struct {
	Field string `json:"field,omitempty"`
	Op    string `json:"op,omitempty"`
	Value any    `json:"value,omitempty"`
	All   []Expr `json:"all,omitempty"`
	Any   []Expr `json:"any,omitempty"`
	Not   *Expr  `json:"not,omitempty"`
}

// MarshalJSON writes the tree; the zero Expr is {}.
func (e Expr) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire(e))
}

// UnmarshalJSON reads a tree strictly: unknown keys, mixed nodes, empty lists, unknown operators, values of the wrong shape and numbers that a
// browser would round (more than 15 digits, exponents) are errors. null and {} are the condition that is always true.
func (e *Expr) UnmarshalJSON(b []byte) error {
	nodes := 0
	x, err := decode(b, 1, &nodes)
	if err != nil {
		return err
	}
	*e = x
	return nil
}

func decode(b []byte, depth int, nodes *int) (Expr, error) {
	var e Expr
	if *nodes++; *nodes > maxNodes || depth > maxDepth {
		return e, errors.New("cond: the condition is too large")
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return e, fmt.Errorf("cond: a condition is an object: %w", err)
	}
	if len(m) == 0 {
		if depth > 1 {
			return e, errors.New("cond: an empty condition inside another")
		}
		return e, nil
	}
	for k := range m {
		switch k {
		case "field", "op", "value", "all", "any", "not":
		default:
			return e, fmt.Errorf("cond: unknown key %q", k)
		}
	}
	if _, ok := m["field"]; ok {
		return decodeComparison(m)
	}
	if len(m) != 1 {
		return e, errors.New("cond: one of field, all, any, not is wanted")
	}
	var err error
	switch {
	case m["all"] != nil:
		e.All, err = decodeList(m["all"], depth, nodes)
	case m["any"] != nil:
		e.Any, err = decodeList(m["any"], depth, nodes)
	case m["not"] != nil:
		var x Expr
		x, err = decode(m["not"], depth+1, nodes)
		e.Not = &x
	default:
		err = errors.New("cond: op and value need a field")
	}
	return e, err
}

func decodeList(b json.RawMessage, depth int, nodes *int) ([]Expr, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil || len(raw) == 0 {
		return nil, errors.New("cond: all and any take a list of at least one condition")
	}
	out := make([]Expr, len(raw))
	for i, r := range raw {
		x, err := decode(r, depth+1, nodes)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

func decodeComparison(m map[string]json.RawMessage) (Expr, error) {
	var e Expr
	if m["all"] != nil || m["any"] != nil || m["not"] != nil {
		return e, errors.New("cond: one of field, all, any, not is wanted")
	}
	if json.Unmarshal(m["field"], &e.Field) != nil || strings.TrimSpace(e.Field) == "" {
		return e, errors.New("cond: field must be a name")
	}
	if m["op"] == nil || json.Unmarshal(m["op"], &e.Op) != nil || !knownOp(e.Op) {
		return e, fmt.Errorf("cond: unknown op %s", m["op"])
	}
	raw, has := m["value"]
	if e.Op == Empty || e.Op == NotEmpty {
		if has {
			return e, fmt.Errorf("cond: %s takes no value", e.Op)
		}
		return e, nil
	}
	if !has {
		return e, fmt.Errorf("cond: %s needs a value", e.Op)
	}
	v, err := decodeValue(raw)
	if err != nil {
		return e, err
	}
	if _, list := v.([]any); list != (e.Op == In || e.Op == NotIn) {
		return e, fmt.Errorf("cond: %s has a value of the wrong shape", e.Op)
	}
	e.Value = v
	return e, nil
}

func decodeValue(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("cond: value: %w", err)
	}
	list, ok := v.([]any)
	if !ok {
		return v, scalarOK(v)
	}
	if len(list) == 0 {
		return nil, errors.New("cond: the list of values is empty")
	}
	for _, x := range list {
		if err := scalarOK(x); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func scalarOK(v any) error {
	switch x := v.(type) {
	case string, bool:
		return nil
	case json.Number:
		d, ok := parseDecimal(x.String())
		if !ok || len(d.whole)+len(d.frac) > 15 {
			return fmt.Errorf("cond: write the number %s as plain digits, or as text when it has more than 15", x)
		}
		return nil
	}
	return errors.New("cond: a value is a text, a number, true or false")
}
