package form

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// render posts what a browser would post for a view.
func render(sections []SectionView) url.Values {
	v := url.Values{}
	for _, s := range sections {
		for _, f := range s.Fields {
			if f.Kind != Notice {
				v.Add(FieldsInput, f.Key)
			}
			input(v, f)
			for _, r := range f.Rows {
				v.Set(f.Name+"."+strconv.Itoa(r.Index)+"._id", r.ID)
				for _, c := range r.Cells {
					input(v, c)
				}
			}
		}
	}
	return v
}

func input(v url.Values, f FieldView) {
	switch f.Kind {
	case Table, Notice, Computed:
	case Checkbox:
		for _, o := range f.Options {
			if o.Selected {
				v.Add(f.Name, o.Value)
			}
		}
	case Date, DateRange:
		for _, d := range f.Dates {
			v.Set(d.Name+".y", d.Year)
			v.Set(d.Name+".m", d.Month)
			v.Set(d.Name+".d", d.Day)
		}
	case Radio, Select, YesNo, Declaration:
		if f.Value != "" {
			v.Set(f.Name, f.Value)
		}
	default:
		v.Set(f.Name, f.Value)
	}
}

func TestRenderedFormComesBack(t *testing.T) {
	d := shop(t)
	wrong := with("shop.area", "三百")
	wrong["shop.open"], wrong["shop.capital"], wrong["shop.name"] = "2026-13-x", "一万", `"><script>`
	for name, a := range map[string]Answers{"good": good(), "empty": {}, "wrong": wrong} {
		clean := d.Clean(a)
		back := d.Clean(d.FromForm(render(d.ToView(clean, nil)), Answers{}))
		if !reflect.DeepEqual(clean, back) {
			t.Errorf("%s:\n%v\n%v", name, clean, back)
		}
	}
}

func TestFromForm(t *testing.T) {
	d := shop(t)
	held := d.Clean(good())
	for _, c := range []struct {
		name, post, key string
		want            any
	}{
		{"a page without a field leaves it", "shop.name=x", "shop.area", "320.5"},
		{"three inputs", "shop.open.y=2026&shop.open.m=2&shop.open.d=3", "shop.open", "2026-02-03"},
		{"one input", "shop.open=2026/2/3", "shop.open", "2026-02-03"},
		{"a wrong date stays", "shop.open.y=2026&shop.open.m=&shop.open.d=31", "shop.open", "2026--31"},
		{"a blank date goes", "shop.open.y=&shop.open.m=&shop.open.d=", "shop.open", nil},
		{"range", "shop.lease.from.y=2026&shop.lease.from.m=1&shop.lease.from.d=1&shop.lease.to=2027-01-01", "shop.lease", map[string]any{"from": "2026-01-01", "to": "2027-01-01"}},
		{"money", "shop.capital=12,345.6", "shop.capital", int64(1234560)},
		{"money as typed", "shop.capital=<b>", "shop.capital", "<b>"},
		{"boxes", "shop.food=hot&shop.food=raw", "shop.food", []string{"hot", "raw"}},
		{"no box, not asked", "shop.name=x", "shop.food", []string{"hot", "cold"}},
		{"no box ticked", "_fields=shop.food", "shop.food", nil},
		{"computed is not taken", "wages=1&_fields=wages", "wages", int64(900050)},
		{"unknown", "evil=1", "evil", nil},
		{
			"rows", "staff.7.name=丙&staff.7.job=cook&staff.7.health.y=2026&staff.7.health.m=5&staff.7.health.d=6&staff.2._id=a2&staff.2.name=乙", "staff",
			[]map[string]any{{"_id": "a2", "name": "乙"}, {"_id": "r2", "name": "丙", "job": "cook", "health": "2026-05-06"}},
		},
		{"blank padding", "staff.0.name=&staff.0._id=", "staff", nil},
		{"one row more", "staff.0._id=a1&staff.0.name=甲&staff._add=1", "staff", []map[string]any{{"_id": "a1", "name": "甲"}, {"_id": "r2"}}},
		{"one row less", "staff.0._id=a1&staff.0.name=甲&staff.1._id=a2&staff.1.name=乙&staff._remove=a1", "staff", []map[string]any{{"_id": "a2", "name": "乙"}}},
	} {
		v, err := url.ParseQuery(c.post)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Clean(d.FromForm(v, held))[c.key]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v, want %#v", c.name, got, c.want)
		}
	}
	if !reflect.DeepEqual(held, d.Clean(good())) {
		t.Error("FromForm changed the answers it was given")
	}
}

func TestViewCarriesErrorsAndConditions(t *testing.T) {
	d := shop(t)
	a := with("staff", []any{map[string]any{"_id": "a1", "name": "王秀梅", "job": "cook"}})
	a["shop.lease"], a["shop.kind"] = map[string]any{"from": "2026-01-01"}, "canteen"
	byName := map[string]FieldView{}
	var hidden int
	for _, s := range d.ToView(a, d.Validate(a, today)) {
		for _, f := range s.Fields {
			byName[f.Name] = f
			if !f.Visible {
				hidden++
			}
			for _, r := range f.Rows {
				for _, c := range r.Cells {
					byName[c.Name] = c
				}
			}
		}
	}
	if e := byName["staff.0.health"].Error; e == nil || e.Key != "form.required" || e.Params["label"] != "健康证日期" {
		t.Errorf("cell error %v", e)
	}
	if e := byName["shop.lease"].Dates[1].Error; e == nil || e.Key != "form.range_incomplete" {
		t.Errorf("range error %v", e)
	}
	if f := byName["shop.kind"]; !f.Options[2].Selected || f.Options[0].Selected || byName["shop.capital"].Value != "10500.00" {
		t.Errorf("view %+v", f)
	}
	if got := byName["shop.food"].WhenJSON; got != `{"field":"shop.kind","op":"ne","value":"store"}` || hidden != 0 {
		t.Errorf("condition %s, %d hidden", got, hidden)
	}
	if rows := byName["staff"]; !rows.CanAdd || len(rows.Columns) != 4 {
		t.Errorf("table %+v", rows)
	}
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	d, r := shop(t), rand.New(rand.NewPCG(3, 4))
	texts := []string{"", " ", "true", "no", "store", "hot", "cold", "12.50", "１２", "1,000", "2026年2月3日", "2026-2-30", "+86 138 0013 8000", "x•y", "\r\u200B\n", "\xff\u3000", "cook", "JY1", "{", "-0", "1e3"}
	value := func() any {
		s := texts[r.IntN(len(texts))]
		switch r.IntN(8) {
		case 0:
			return r.Float64() * 1e4
		case 1:
			return []any{s, texts[r.IntN(len(texts))]}
		case 2:
			return map[string]any{"from": s, "to": s}
		case 3:
			return []any{map[string]any{"name": s, "job": "cook", "wage": s}, map[string]any{"_id": "a", "health": s}, map[string]any{"_id": s}}
		case 4:
			return float64(r.IntN(1000))
		}
		return s
	}
	for range 3000 {
		a := Answers{}
		d.each(func(_ Section, f Field) { a[f.Key] = value() })
		once := d.Clean(a)
		if twice := d.Clean(once); !reflect.DeepEqual(once, twice) {
			t.Fatalf("%v\n%v\n%v", a, once, twice)
		}
		b, err := json.Marshal(once)
		if err != nil {
			t.Fatal(err)
		}
		var stored Answers
		if err := json.Unmarshal(b, &stored); err != nil {
			t.Fatal(err)
		}
		if read := d.Clean(stored); !reflect.DeepEqual(once, read) {
			t.Fatalf("stored and read:\n%v\n%v", once, read)
		}
		if !reflect.DeepEqual(d.Visible(a), d.Visible(once)) {
			t.Fatalf("visibility changed for %v", a)
		}
	}
}

func TestJSONSchema(t *testing.T) {
	d := shop(t)
	b, err := json.Marshal(d.JSONSchema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("form.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("form.json")
	if err != nil {
		t.Fatal(err)
	}
	ok := func(a Answers) error {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(v)
	}
	if err := ok(d.Clean(good())); err != nil {
		t.Errorf("good answers: %v", err)
	}
	for k, v := range map[string]any{
		"shop.name": strings.Repeat("长", 201), "shop.kind": "bar", "shop.area": "many", "shop.capital": 10.5, "shop.open": "2026-13-01", "shop.food": []any{"hot", "hot"},
		"declared": false, "staff": []any{map[string]any{"name": "x"}}, "shop.lease": map[string]any{"from": "2026-01-01"}, "evil": 1, "shop.smoke": "no", "shop.permit": "x",
	} {
		if ok(with(k, v)) == nil {
			t.Errorf("%s = %v passes the schema", k, v)
		}
	}
	missing := d.Clean(good())
	delete(missing, "shop.name")
	if ok(missing) == nil {
		t.Error("a missing required field passes the schema")
	}
}

func FuzzFromForm(f *testing.F) {
	f.Add("shop.name=x&staff.0.name=%00&shop.open.y=2026&shop.open.m=-&shop.capital=1e999")
	f.Add("staff.9999._id=a&staff.9999.health.y=1&_fields=staff&staff._add&shop.lease.from.y=1&declared=on&shop.kind=canteen")
	d := shop(f)
	f.Fuzz(func(t *testing.T, post string) {
		v, err := url.ParseQuery(post)
		if err != nil {
			return
		}
		a := d.FromForm(v, Answers{})
		fs := d.Validate(a, today)
		c := d.Clean(a)
		if again := d.Clean(c); !reflect.DeepEqual(c, again) {
			t.Errorf("%q: %v then %v", post, c, again)
		}
		d.ToView(c, fs)
		d.Review(c)
		d.Diff(Answers{}, c)
	})
}
