package list_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
)

func TestCodesOfOtherSystems(t *testing.T) {
	for _, c := range []struct{ system, list, there, here string }{
		{directory.SystemNational, "channel", "3", ""},
		{directory.SystemNational, "result", "99", "other"},
		{directory.SystemNational, "type", "23", "21"},
		{directory.SystemNational, "audience", "8", ""},
		{directory.SystemOlder, "channel", "3", "4"}, // 快递: the same digit means another thing
		{directory.SystemOlder, "unit", "Z", "naturalday"},
		{directory.SystemOlder, "unit", "3", "month"}, // left open: as in the national tables
		{directory.SystemVendor, "result", "30", "other"},
		{directory.SystemVendor, "result", "99", "none"},
		{directory.SystemZhejiang, "result", "出证办结", "licence"},
		{directory.SystemZhejiang, "power_source", "共性权力", "13"},
	} {
		got, known := codes(c.system).Take(c.list, c.there)
		if known != (c.here != "") || known && got != c.here {
			t.Errorf("%s %s %s: %s %v", c.system, c.list, c.there, got, known)
		}
	}
	for _, c := range []struct{ system, list, here, there string }{
		{directory.SystemNational, "result", "none", "99"},
		{directory.SystemNational, "type", "11", "11"},
		{directory.SystemOlder, "channel", "4", "3"},
		{directory.SystemVendor, "result", "none", "99"},
		{directory.SystemVendor, "result", "receipt", "receipt"}, // 99 and 30 mean something else there
		{directory.SystemZhejiang, "required", "yes", "1"},
	} {
		if got := codes(c.system).Give(c.list, c.here); got != c.there {
			t.Errorf("%s %s %s is written as %s", c.system, c.list, c.here, got)
		}
	}
	var none *list.Codes
	if got, ok := none.Take("unit", "1"); ok || got != "1" || none.Give("unit", "workday") != "workday" {
		t.Error("no codes translate something")
	}
}

// A provincial list is read by its table, an unknown code is told by row and column, and the columns a vendor swaps are read as they are meant.
func TestAListIsReadByItsSystem(t *testing.T) {
	const csv = "事项名称,办理形式,审批结果类型,权力来源\n甲,3,出证办结,共性权力\n乙,3,审批办结,随意\n"
	got := readFrom(t, []byte(csv), directory.SystemZhejiang)
	if got[0].Item.Result.Kind != "licence" || got[0].Item.PowerSource != "共性权力" && got[0].Item.PowerSource != "13" || got[1].Item.Result.Kind != "none" {
		t.Errorf("%+v", got)
	}
	f := got[1].Findings
	if len(f) != 1 || f[0].Row != 3 || f[0].Column != "权力来源" || f[0].Key != "item.not_in_list" {
		t.Errorf("findings = %+v", f)
	}
	if ch := readFrom(t, []byte(csv), directory.SystemOlder)[0].Item.Channels; len(ch) != 1 || ch[0] != "4" {
		t.Errorf("older channels = %v", ch)
	}
	const vendor = `{"task_general_basic":[{"task_name":"甲","task_code":"a1"}],"task_material":[{"task_code":"a1","material_name":"申请表","material_format":"2","material_type":"1","is_need":"1"}]}`
	m := readFrom(t, []byte(vendor), directory.SystemVendor)[0].Item.Materials[0]
	if m.Medium != "paper" || m.Paper != "2" || m.Required != item.RequiredYes {
		t.Errorf("vendor's material = %+v", m)
	}
}

func TestLocalCodesAreTaken(t *testing.T) {
	c := codes(directory.SystemNational)
	c.Local("area", "5", "都市圈通办")
	book, err := list.Open(source([]byte("事项名称,通办范围\n甲,都市圈通办\n乙,5\n丙,6\n")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := list.NewReader(book, c)
	if err != nil {
		t.Fatal(err)
	}
	for want := range 3 {
		raw, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		x := r.Build(raw)
		e, _ := item.ByKey("area")
		if vs := e.Get(&x.Item); want < 2 && (len(vs) != 1 || vs[0] != "5") || want == 2 && (len(vs) != 0 || len(x.Findings) != 1) {
			t.Errorf("row %d: %v %+v", want, vs, x.Findings)
		}
	}
}

// Whatever a system's table says, what is written for it is read back as the same items, and it gets its codes.
func TestWhatIsWrittenForASystemIsReadBack(t *testing.T) {
	for _, system := range []string{directory.SystemOlder, directory.SystemVendor, directory.SystemZhejiang} {
		for name, o := range formats {
			if !o.National && o.Format != list.CSV && o.Format != list.XLSX {
				continue
			}
			o.Codes = codes(system)
			want := items(t, rand.New(rand.NewPCG(3, 7)), 6)
			var b bytes.Buffer
			w, err := list.NewWriter(&b, o)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if err := w.Write(&want[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			for i, got := range readFrom(t, b.Bytes(), system) {
				if got.Item.Name != want[i].Name {
					t.Fatalf("%s for %s: %s", name, system, got.Item.Name)
				}
				compare(t, got, want[i])
			}
		}
	}
	if _, err := list.NewWriter(&bytes.Buffer{}, list.WriteOptions{Format: list.JSONL, Codes: codes(directory.SystemVendor)}); !errs.Is(err, "list.codes_document") {
		t.Errorf("a document in other codes: %v", err)
	}
}

func TestASystemGetsItsCodes(t *testing.T) {
	it := item.Item{Key: "k", Name: "甲", Channels: []string{"1", "4"}, Result: item.Result{Kind: "receipt"}, Limits: item.Limits{Legal: item.Limit{N: 5, Unit: "naturalday"}}}
	var b bytes.Buffer
	w, err := list.NewWriter(&b, list.WriteOptions{Format: list.JSON, National: true, Codes: codes(directory.SystemOlder)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(&it); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"handle_type":"1,3"`, `"anticipate_type":"Z"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in %s", want, b.String())
		}
	}
	if len(w.Missing()) == 0 {
		t.Error("the older tables have no receipt, and nothing says so")
	}
}
