package cond

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

type vector struct {
	Name      string          `json:"name"`
	Expr      json.RawMessage `json:"expr"`
	Answers   map[string]any  `json:"answers"`
	Want      bool            `json:"want"`
	Fields    *[]string       `json:"fields,omitempty"`
	Malformed bool            `json:"malformed,omitempty"` // evaluates to Want in the browser, does not parse here
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ Cases []vector }
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f.Cases
}

func getter(m map[string]any) func(string) any { return func(k string) any { return m[k] } }

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		e, err := Parse(v.Expr)
		if v.Malformed {
			if err == nil {
				t.Errorf("%s: parsed", v.Name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if got := e.Eval(getter(v.Answers)); got != v.Want {
			t.Errorf("%s: %s on %v = %v", v.Name, e, v.Answers, got)
		}
		if v.Fields != nil && strings.Join(e.Fields(), ",") != strings.Join(*v.Fields, ",") {
			t.Errorf("%s: fields %v", v.Name, e.Fields())
		}
	}
}

func TestGoNumbers(t *testing.T) {
	e := Expr{Field: "n", Op: Eq, Value: 3}
	for _, v := range []any{3, int32(3), int64(3), 3.0, float32(3), json.Number("3.0"), "3"} {
		if !e.Eval(getter(map[string]any{"n": v})) {
			t.Errorf("%T %v is not 3", v, v)
		}
	}
	for _, v := range []any{nil, true, []int{3}, struct{}{}, "3x", func() {}} {
		if e.Eval(getter(map[string]any{"n": v})) {
			t.Errorf("%T is 3", v)
		}
	}
}

func TestStrictJSON(t *testing.T) {
	deep := strings.Repeat(`{"not":`, 30) + `{"field":"a","op":"empty"}` + strings.Repeat(`}`, 30)
	wide := `{"all":[` + strings.Repeat(`{"field":"a","op":"empty"},`, 600) + `{"field":"a","op":"empty"}]}`
	for _, s := range []string{
		`[]`, `"x"`, `{"field":"a"}`, `{"op":"eq","value":1}`, `{"field":"a","op":"eq"}`, `{"field":"a","op":"eq","value":null}`,
		`{"field":"a","op":"eq","value":{}}`, `{"field":"a","op":"eq","value":["x"]}`, `{"field":"a","op":"in","value":"x"}`,
		`{"field":"a","op":"in","value":[]}`, `{"field":"a","op":"in","value":[["x"]]}`, `{"field":"a","op":"empty","value":1}`,
		`{"field":"a","op":"eq","value":1,"note":"x"}`, `{"Field":"a","op":"empty"}`, `{"all":[]}`, `{"all":[{}]}`, `{"all":null}`,
		`{"all":[{"field":"a","op":"empty"}],"any":[{"field":"a","op":"empty"}]}`, `{"field":"a","op":"empty","not":{"field":"a","op":"empty"}}`,
		`{"field":"","op":"empty"}`, `{"field":"a","op":"eq","value":1e3}`, `{"field":"a","op":"eq","value":9007199254740993}`, deep, wide,
	} {
		if e, err := Parse([]byte(s)); err == nil {
			t.Errorf("%.80s parsed as %v", s, e)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.Malformed {
			continue
		}
		e, err := Parse(v.Expr)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(b)
		if err != nil || !reflect.DeepEqual(e, again) {
			t.Errorf("%s: %s read back as %v, %v", v.Name, b, again, err)
		}
	}
	var s struct {
		When Expr `json:"when,omitzero"`
	}
	if b, _ := json.Marshal(s); string(b) != "{}" {
		t.Errorf("zero condition written as %s", b)
	}
	if err := json.Unmarshal([]byte(`{"when":null}`), &s); err != nil || !s.When.IsZero() {
		t.Errorf("null: %v %v", s.When, err)
	}
}

func TestCheck(t *testing.T) {
	scope := Scope{
		"area": {Type: Number}, "day": {Type: Date}, "own": {Type: Bool}, "name": {Type: Text}, "staff": {Type: Rows},
		"kind": {Type: Choice, Options: []string{"shop", "canteen"}}, "food": {Type: Choices, Options: []string{"hot", "cold"}},
	}
	for _, c := range []struct{ expr, path, key string }{
		{`{}`, "", ""},
		{`{"all":[{"field":"area","op":"gt","value":300},{"field":"kind","op":"in","value":["shop"]},{"field":"food","op":"contains","value":"hot"}]}`, "", ""},
		{`{"any":[{"field":"own","op":"eq","value":false},{"field":"day","op":"before","value":"2026-01-01"},{"field":"staff","op":"empty"}]}`, "", ""},
		{`{"all":[{"field":"name","op":"ne","value":"x"},{"not":{"field":"nmae","op":"empty"}}]}`, "/all/1/not/field", "cond.unknown_field"},
		{`{"field":"name","op":"gt","value":3}`, "/op", "cond.op_not_for_type"},
		{`{"field":"food","op":"eq","value":"hot"}`, "/op", "cond.op_not_for_type"},
		{`{"field":"area","op":"gt","value":"big"}`, "/value", "cond.wrong_value"},
		{`{"field":"area","op":"eq","value":true}`, "/value", "cond.wrong_value"},
		{`{"field":"own","op":"eq","value":"true"}`, "/value", "cond.wrong_value"},
		{`{"field":"day","op":"after","value":"2026-02-30"}`, "/value", "cond.wrong_value"},
		{`{"field":"kind","op":"in","value":["shop","bar"]}`, "/value", "cond.unknown_option"},
		{`{"field":"food","op":"contains","value":"raw"}`, "/value", "cond.unknown_option"},
	} {
		e, err := Parse([]byte(c.expr))
		if err != nil {
			t.Fatal(err)
		}
		got := e.Check(scope)
		if c.key == "" && len(got) > 0 || c.key != "" && (len(got) != 1 || got[0].Key != c.key || got[0].Path != c.path) {
			t.Errorf("%s: %v, want %s %s", c.expr, got, c.path, c.key)
		}
	}
	if got := (Expr{Field: "area", Op: Empty, Not: &Expr{}}).Check(scope); len(got) != 1 || got[0].Key != "cond.malformed" {
		t.Errorf("mixed node: %v", got)
	}
}

func TestString(t *testing.T) {
	e, err := Parse([]byte(`{"all":[{"field":"shop.area","op":"gt","value":300},{"not":{"field":"kind","op":"in","value":["a","b"]}},{"field":"x","op":"empty"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.String(), `((shop.area > 300) ∧ ¬(kind ∈ ["a","b"]) ∧ (x = ∅))`; got != want {
		t.Errorf("%s", got)
	}
	if (Expr{}).String() != "" {
		t.Error("zero condition has text")
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string]string{"007.50": "7.5", "-0": "0", "0.10": "0.1", "-12": "-12", "": "", ".5": "", "1.": "", "1e5": "", "+1": "", "１": "", "--1": ""} {
		if got, ok := Decimal(in); got != want || ok != (want != "") {
			t.Errorf("Decimal(%q) = %q %v", in, got, ok)
		}
	}
}

func FuzzExpr(f *testing.F) {
	f.Add([]byte(`{"field":"a","op":"gt","value":3}`), "10")
	f.Add([]byte(`{"not":{"any":[{"field":"a","op":"in","value":["x",1,true]}]}}`), "x")
	f.Fuzz(func(t *testing.T, b []byte, a string) {
		e, err := Parse(b)
		if err != nil {
			return
		}
		get := func(string) any { return a }
		want := e.Eval(get)
		if got := (Expr{Not: &e}).Eval(get); !e.IsZero() && got == want {
			t.Errorf("%s and its opposite are both %v", b, got)
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		e2, err := Parse(again)
		if err != nil || e2.Eval(get) != want || e2.String() != e.String() {
			t.Errorf("%s written as %s changed: %v", b, again, err)
		}
		e.Check(Scope{"a": {Type: Number}})
	})
}
