package form

import (
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cond"
)

const today = "2026-11-20"

func shop(t testing.TB) Definition {
	t.Helper()
	b, err := os.ReadFile("testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// good is a full set of answers as a program might send it.
func good() Answers {
	return Answers{
		"owner.name": "买买提·艾力", "owner.phone": "13800138000", "shop.name": "清澜市老街面馆", "shop.kind": "restaurant", "shop.area": "320.50",
		"shop.food": []any{"hot", "cold"}, "shop.cold_room": "独立冷食间，配紫外线灯", "shop.open": "2026-12-01", "shop.lease": map[string]any{"from": "2026-01-01", "to": "2028-12-31"},
		"shop.smoke": false, "shop.capital": 1050000, "declared": true,
		"staff": []any{
			map[string]any{"_id": "a1", "name": "王秀梅", "job": "cook", "health": "2026-05-01", "wage": 500050},
			map[string]any{"_id": "a2", "name": "李建国", "job": "clerk", "wage": 400000},
		},
	}
}

func keysOf(fs []errs.Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Path+" "+f.Key)
	}
	return strings.Join(out, "; ")
}

func with(key string, v any) Answers {
	a := good()
	a[key] = v
	return a
}

func TestShopIsSound(t *testing.T) {
	if ps := shop(t).Check(); len(ps) > 0 {
		t.Errorf("Check: %v", ps)
	}
	if got := keysOf(shop(t).Validate(good(), today)); got != "" {
		t.Errorf("Validate(good) = %s", got)
	}
}

func TestValidate(t *testing.T) {
	d := shop(t)
	long := strings.Repeat("名", 200)
	for _, c := range []struct {
		name string
		a    Answers
		want string
	}{
		{"required", with("shop.name", " \u3000"), "shop.name form.required"},
		{"200 characters fit", with("shop.name", long), ""},
		{"201 do not", with("shop.name", long+"称"), "shop.name form.too_long"},
		{"markup is text", with("shop.name", `<script>alert('1')</script>'; DROP TABLE x; --`), ""},
		{"NUL", with("shop.name", "面\x00馆"), "shop.name form.control_chars"},
		{"line feed in a line", with("shop.name", "面\n馆"), "shop.name form.control_chars"},
		{"reordering", with("shop.name", "面\u202E馆"), "shop.name form.control_chars"},
		{"line feed in a textarea", with("shop.cold_room", "一\r\n二"), ""},
		{"no choice", with("shop.kind", nil), "shop.kind form.choose_one"},
		{"unknown choice", with("shop.kind", "bar"), "shop.kind form.choose"},
		{"unknown tick", with("shop.food", []string{"hot", "poison"}), "shop.food form.choose"},
		{"words for a number", with("shop.area", "三百"), "shop.area form.number"},
		{"too small", with("shop.area", "0.99"), "shop.area form.min"},
		{"too large", with("shop.area", "100000.01"), "shop.area form.max"},
		{"full width and commas", with("shop.area", "１,０００．５"), ""},
		{"money with three decimals", with("shop.capital", "10.001"), "shop.capital form.money"},
		{"money below", with("shop.capital", "0"), "shop.capital form.min"},
		{"half a fen", with("shop.capital", 10.5), "shop.capital form.wrong_type"},
		{"no such day", with("shop.open", "2026-02-30"), "shop.open form.date"},
		{"too early", with("shop.open", "2026-11-19"), "shop.open form.min_date"},
		{"too late", with("shop.open", "2027年11月21日"), "shop.open form.max_date"},
		{"half a range", with("shop.lease", map[string]any{"from": "2026-01-01"}), "shop.lease.to form.range_incomplete"},
		{"range backwards", with("shop.lease", map[string]any{"from": "2026-01-02", "to": "2026-01-01"}), "shop.lease.to form.range_order"},
		{"yes or no", with("shop.smoke", "maybe"), "shop.smoke form.choose"},
		{"not ticked", with("declared", false), "declared form.declare"},
		{"pattern", with("shop.permit", "AB"), "shop.permit form.pattern"},
		{"card", with("owner.card", "6222 0000 0000 0001"), "owner.card form.bank_card"},
		{"card good", with("owner.card", "4111-1111-1111-1111"), ""},
		{"card with large digits", with("owner.card", "5500 0055 5555 5559"), ""},
		{"mail", with("owner.mail", "某人@"), "owner.mail form.email"},
		{"mail with a name", with("owner.mail", "A <a@example.org>"), "owner.mail form.email"},
		{"region", with("shop.region", "33"), "shop.region form.choose"},
		{"landline", with("owner.phone", "0571-87654321"), ""},
		{"a list for a text", with("shop.name", []any{"x"}), "shop.name form.wrong_type"},
		{"a text for a table", with("staff", "x"), "staff form.wrong_type"},
		{"no rows", with("staff", []any{}), "staff form.too_few_rows"},
		{"bad cells", with("staff", []any{map[string]any{"name": "王秀梅", "job": "cook"}}), "staff.0.health form.required"},
		{"too many rows", with("staff", make([]map[string]any, 6)), "staff form.too_many_rows"},
		{"hidden is not judged", with("shop.food", []any{"hot"}), ""},
	} {
		if got := keysOf(d.Validate(c.a, today)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWholeFormIsLimited(t *testing.T) {
	d := Definition{Key: "x", Sections: []Section{{Key: "s", Title: "s"}}}
	a := Answers{}
	for _, k := range []string{"a", "b", "c", "d", "e"} {
		d.Sections[0].Fields = append(d.Sections[0].Fields, Field{Key: k, Kind: Textarea, Label: k, MaxLength: 20_000})
		a[k] = strings.Repeat("长", 20_000)
	}
	if got := keysOf(d.Validate(a, today)); got != " form.too_large" {
		t.Errorf("300 KB: %q", got)
	}
}

func TestCheckDigitsAreJudgedElsewhere(t *testing.T) {
	d := Definition{Key: "x", Sections: []Section{{Key: "s", Title: "s", Fields: []Field{
		{Key: "id", Kind: IDNumber, Label: "身份号码"}, {Key: "cc", Kind: CreditCode, Label: "信用代码"}, {Key: "tel", Kind: Phone, Label: "电话"},
	}}}}
	got := d.Validate(Answers{"id": "12345", "cc": "9133", "tel": "1380"}, today)
	if len(got) != 3 {
		t.Fatalf("%v", got)
	}
	for _, f := range got {
		if !strings.HasPrefix(f.Key, "cnid.") {
			t.Errorf("%s: %s", f.Path, f.Key)
		}
	}
}

func TestCleanNormalises(t *testing.T) {
	d := Definition{Key: "x", Sections: []Section{{Key: "s", Title: "s", Fields: []Field{
		{Key: "id", Kind: IDNumber},
		{Key: "tel", Kind: Phone},
		{Key: "n", Kind: Number},
		{Key: "m", Kind: Money},
		{Key: "d", Kind: Date},
		{Key: "t", Kind: Text},
		{Key: "name", Kind: Text, Level: "name"},
		{Key: "y", Kind: YesNo},
		{Key: "c", Kind: Checkbox},
		{Key: "note", Kind: Notice},
	}}}}
	for _, c := range []struct {
		key      string
		in, want any
	}{
		{"id", " １１０１０１ 19900307 021x ", "11010119900307021X"},
		{"tel", "+86 138-0013-8000", "13800138000"},
		{"tel", "0571－8765 4321", "0571-87654321"},
		{"n", "０07.50", "7.5"},
		{"n", 1e3, "1000"},
		{"n", json.Number("0.10"), "0.1"},
		{"n", "约三百", "约三百"},
		{"m", "￥1,200.5元", int64(120050)},
		{"m", 1200.0, int64(1200)},
		{"m", json.Number("1200"), int64(1200)},
		{"m", "-0.05", int64(-5)},
		{"m", "一百", "一百"},
		{"d", "2026年2月3日", "2026-02-03"},
		{"d", "20260203", "2026-02-03"},
		{"d", "2026-2-30", "2026-2-30"},
		{"t", "\u3000２号楼\u200B\r\n", "２号楼"},
		{"t", 12.5, "12.5"},
		{"t", map[string]any{"a": 1}, `{"a":1}`},
		{"t", "\xff", "\uFFFD"},
		{"name", " 买买提•艾力 ", "买买提·艾力"},
		{"y", "no", false},
		{"y", "true", true},
		{"c", []any{"a", "a", "", "b"}, []string{"a", "b"}},
		{"c", "a", []string{"a"}},
		{"note", "x", nil},
		{"unknown", "x", nil},
		{"t", "", nil},
	} {
		if got := d.Clean(Answers{c.key: c.in})[c.key]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %v → %#v, want %#v", c.key, c.in, got, c.want)
		}
	}
}

func TestHiddenAnswersFallAway(t *testing.T) {
	d := shop(t)
	a := with("shop.food", []any{"hot"}) // the cold room is asked for cold dishes only, its camera only when there is a cold room
	a["shop.camera"] = "yes"
	if v := d.Visible(a); v["shop.cold_room"] || v["shop.camera"] || !v["shop.food"] {
		t.Errorf("Visible = %v", v)
	}
	c := d.Clean(a)
	if c.Answered("shop.cold_room") || c.Answered("shop.camera") {
		t.Errorf("Clean kept %v", c)
	}
	a = with("staff", []any{map[string]any{"_id": "a1", "name": "李建国", "job": "clerk", "health": "2026-05-01", "evil": 1}})
	if row := rowsOf(d.Clean(a)["staff"])[0]; len(row) != 3 {
		t.Errorf("row kept %v", row)
	}
	if get := d.Getter(good()); get("shop.capital") != "10500.00" || get("wages") != "9000.50" {
		t.Errorf("conditions see capital %v, wages %v", get("shop.capital"), get("wages"))
	}
}

func TestRowIdentity(t *testing.T) {
	rows := rowsOf(shop(t).Clean(Answers{"shop.kind": "canteen", "staff": []any{
		map[string]any{"name": "甲"}, map[string]any{"_id": "a", "name": "乙"}, map[string]any{"_id": "a", "name": "丙"}, map[string]any{"_id": "<b>", "name": "丁"},
	}})["staff"])
	seen := map[any]bool{}
	for _, r := range rows {
		if id, _ := r[RowID].(string); !goodRowID.MatchString(id) || seen[id] {
			t.Errorf("row %v", r)
		}
		seen[r[RowID]] = true
	}
	if rows[1][RowID] != "a" || len(rows) != 4 {
		t.Errorf("rows %v", rows)
	}
}

func TestSumsAreExact(t *testing.T) {
	d := Definition{Sections: []Section{{Fields: []Field{
		{Key: "t", Kind: Table, Columns: []Field{{Key: "n", Kind: Number}}}, {Key: "s", Kind: Computed, Compute: "sum(t.n)"}, {Key: "c", Kind: Computed, Compute: "count(t)"},
	}}}}
	a := d.Clean(Answers{"t": []any{map[string]any{"n": "0.1"}, map[string]any{"n": "0.2"}, map[string]any{"n": "x"}}, "s": "999"})
	if a["s"] != "0.3" || a["c"] != "3" {
		t.Errorf("sum %v count %v", a["s"], a["c"])
	}
}

func TestCheckFindsFaults(t *testing.T) {
	opt := []Option{{Value: "a", Label: "甲"}}
	f := func(change func(*Field)) Field {
		x := Field{Key: "k", Kind: Text, Label: "名", Term: "t"}
		change(&x)
		return x
	}
	min, max := 3.0, 2.0
	for key, fs := range map[string][]Field{
		"form.duplicate_key":  {f(func(*Field) {}), f(func(x *Field) { x.Term = "u" })},
		"form.duplicate_term": {f(func(*Field) {}), f(func(x *Field) { x.Key = "l" })},
		"form.bad_key":        {f(func(x *Field) { x.Key = "K-1" })},
		"form.unknown_kind":   {f(func(x *Field) { x.Kind = "captcha" })},
		"form.no_label":       {f(func(x *Field) { x.Label = " " })},
		"form.no_term":        {f(func(x *Field) { x.Term = "" })},
		"form.no_options":     {f(func(x *Field) { x.Kind = Radio })},
		"form.bad_option":     {f(func(x *Field) { x.Kind, x.Options = Radio, append(opt, opt[0]) })},
		"form.bad_limits":     {f(func(x *Field) { x.Min, x.Max = &min, &max })},
		"form.bad_pattern":    {f(func(x *Field) { x.Pattern = "[" })},
		"form.unknown_level":  {f(func(x *Field) { x.Level = "secret" })},
		"form.no_columns":     {f(func(x *Field) { x.Kind = Table })},
		"form.not_in_table": {f(func(x *Field) {
			x.Kind, x.Columns = Table, []Field{{Key: "c", Kind: Table, Label: "列", Columns: []Field{{Key: "d", Kind: Text, Label: "列"}}}}
		})},
		"form.bad_compute":     {f(func(x *Field) { x.Kind, x.Compute = Computed, "sum(nowhere.n)" })},
		"form.condition_later": {f(func(x *Field) { x.When = cond.Expr{Field: "l", Op: cond.Empty} }), f(func(x *Field) { x.Key, x.Term = "l", "u" })},
		"cond.unknown_field":   {f(func(x *Field) { x.When = cond.Expr{Field: "zzz", Op: cond.Empty} })},
		"cond.unknown_option":  {f(func(x *Field) { x.Kind, x.Options = Select, opt }), f(func(x *Field) { x.Key, x.Term, x.When = "l", "u", cond.Expr{Field: "k", Op: cond.Eq, Value: "b"} })},
		"cond.op_not_for_type": {f(func(*Field) {}), f(func(x *Field) { x.Key, x.Term, x.When = "l", "u", cond.Expr{Field: "k", Op: cond.Gt, Value: 3} })},
	} {
		d := Definition{Key: "x", Title: "x", Sections: []Section{{Key: "s", Title: "节", Fields: fs}}}
		if got := d.Check(); len(got) != 1 || got[0].Key != key || !strings.HasPrefix(got[0].Path, "/sections/0/fields/") {
			t.Errorf("%s: %v", key, got)
		}
	}
	d := Definition{Key: "x", Sections: []Section{{Key: "s", Title: "节", Fields: []Field{
		{Key: "birth", Kind: Date, Label: "生日", Term: "a"}, {Key: "birth.y", Kind: Text, Label: "年", Term: "b"},
	}}}}
	if got := d.Check(); len(got) != 1 || got[0].Key != "form.duplicate_key" {
		t.Errorf("an input name used twice: %v", got)
	}
	if _, err := Parse([]byte(`{"key":"x","titel":"x"}`)); err == nil {
		t.Error("unknown key parsed")
	}
}

func TestReviewAndDiff(t *testing.T) {
	d := shop(t)
	words := map[string]string{}
	for _, s := range d.Review(good()) {
		for _, r := range s.Rows {
			words[r.Key] = r.Value
			for _, line := range r.Lines {
				words[r.Key] += line[0].Value + line[3].Value + " "
			}
		}
	}
	for k, want := range map[string]string{
		"shop.kind": "餐饮服务", "shop.food": "热食类、冷食类", "shop.area": "320.5平方米", "shop.open": "2026年12月1日", "shop.smoke": "否", "shop.capital": "10500.00元",
		"shop.lease": "2026年1月1日 至 2028年12月31日", "declared": "已确认", "staff": "王秀梅5000.50元 李建国4000.00元 ", "wages": "9000.50元", "owner.mail": "",
	} {
		if words[k] != want {
			t.Errorf("%s reads %q, want %q", k, words[k], want)
		}
	}
	b := with("shop.area", "300")
	b["staff"] = []any{map[string]any{"_id": "a2", "name": "李建国", "job": "clerk", "wage": 410000}}
	var got []string
	for _, c := range d.Diff(good(), b) {
		got = append(got, c.Key+":"+c.Old+">"+c.New)
	}
	want := "shop.area:320.5平方米>300平方米 staff.a2.wage:4000.00元>4100.00元 staff.a1.name:王秀梅> staff.a1.job:厨师> staff.a1.health:2026年5月1日> staff.a1.wage:5000.50元> wages:9000.50元>4100.00元"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("Diff:\n%s\n%s", s, want)
	}
}

func TestPrefilledValues(t *testing.T) {
	d := shop(t)
	held := good()
	held["owner.id"], held[SourceKey] = "11010519491231002X", map[string]any{"owner.id": "person", "shop.name": "licence", "owner.phone": "person"}
	got := d.Clean(d.FromForm(url.Values{"owner.id": {"1"}, "shop.name": {"新名字"}, "owner.phone": {"138 0013 8000"}}, held))
	if got["owner.id"] != "11010519491231002X" || got["shop.name"] != "新名字" {
		t.Errorf("read-only %v, name %v", got["owner.id"], got["shop.name"])
	}
	if want := map[string]any{"owner.id": "person", "owner.phone": "person"}; !reflect.DeepEqual(got[SourceKey], want) {
		t.Errorf("sources %v", got[SourceKey])
	}
	held[SourceKey] = map[string]any{"staff": "last_case"}
	if got := d.FromForm(url.Values{"staff.0.name": {"甲"}}, held); sources(got)["staff"] != nil {
		t.Error("a changed table still claims to be prefilled")
	}
	api := d.FromAPI(Answers{"owner.id": "1", "shop.name": "乙", SourceKey: map[string]any{"shop.name": "licence"}, "evil": 1}, held)
	if api["owner.id"] != held["owner.id"] || api["shop.name"] != "乙" || api["evil"] != nil || sources(api)["shop.name"] != nil {
		t.Errorf("FromAPI took %v", api)
	}
}

func TestTerms(t *testing.T) {
	terms := shop(t).Terms()
	if terms["premises.area"] != "shop.area" || terms["person.name"] != "owner.name" || len(terms) != 19 {
		t.Errorf("%d terms: %v", len(terms), terms)
	}
}

// Some credit codes in use fail their own check: a doubt is said, and nobody is kept from going on. A wrong length is no doubt.
func TestACreditCodeThatFailsItsCheckIsADoubt(t *testing.T) {
	d := Definition{Sections: []Section{{Key: "s", Title: "s", Fields: []Field{{Key: "cc", Kind: CreditCode, Label: "信用代码"}}}}}
	for code, want := range map[string][2]int{"91580102MACXM7P15Q": {0, 0}, "91580102MACXM7P15R": {0, 1}, "9158": {1, 0}} {
		a := Answers{"cc": code}
		if out, doubts := d.Validate(a, "2026-11-21"), d.Doubts(a, "2026-11-21"); len(out) != want[0] || len(doubts) != want[1] {
			t.Errorf("%s: wrong %v, doubts %v", code, out, doubts)
		}
	}
}
