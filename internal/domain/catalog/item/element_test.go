package item

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// The fields of the national exchange table that are an item's own; synchronisation columns belong to the transport.
var exchange = strings.Fields(`row_guid catalog_code local_catalog_code task_code local_task_code task_handle_item task_name task_type task_state task_version power_source use_level
	dept_name dept_code dept_type entrust_name server_type project_type anticipate_day anticipate_type anticipate_explain promise_day promise_type promise_explain accept_condition
	handle_flow special_procedure handle_type limit_scene_num limit_scene_explain is_fee fee_basis is_online online_handle_url online_handle_depth is_single_login link_addr
	app_is_single_login mobile_terminal_url transact_addr transact_time link_way supervise_way is_entry_center handle_area limit_explain service_type result_type result_name
	result_guid is_schedule is_pay_online is_express is_service_terminals user_topic_type corp_topic_type town_code town_name village_code village_name plan_effective_date
	plan_cancel_date data_source`)

var exchangeMaterial = strings.Fields(`material_name is_need material_type material_format form_guid example_guid source_type source_explain page_num page_format fill_explain
	accept_stand by_law remark`)

func TestTheExchangeTableIsComplete(t *testing.T) {
	var have []string
	for _, e := range Elements {
		have = append(have, e.National, e.NationalUnit)
	}
	for _, f := range exchange {
		if !slices.Contains(have, f) {
			t.Errorf("no element for %s", f)
		}
	}
	c, _ := ChildByKey("materials")
	for _, f := range exchangeMaterial {
		if c.Column(f) < 0 {
			t.Errorf("no column for %s", f)
		}
	}
	for _, key := range []string{"materials", "fees", "bases", "places", "faq", "results", "joint", "delegates", "special", "duty"} {
		if _, ok := ChildByKey(key); !ok {
			t.Errorf("no child %s", key)
		}
	}
}

// asked says what conditions over elements may ask.
func asked() cond.Scope {
	s := cond.Scope{}
	for _, e := range Elements {
		f := cond.FieldType{Type: cond.Text, Options: Lists[e.List]}
		switch e.Kind {
		case KindCode:
			f.Type = cond.Choice
		case KindCodes:
			f.Type = cond.Choices
		case KindYesNo:
			f = cond.FieldType{Type: cond.Choice, Options: []string{"0", "1"}}
		case KindNumber, KindLimit:
			f.Type = cond.Number
		case KindDate:
			f.Type = cond.Date
		}
		s[e.Key] = f
	}
	return s
}

func TestElementsAreDeclaredInFull(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Elements {
		if e.Chinese == "" || e.English == "" || e.Source == "" || e.Kind == "" || !slices.Contains(Groups, e.Group) || seen[e.Key] || (e.Hint == "") != (e.HintEn == "") {
			t.Errorf("%s is not complete: %+v", e.Key, e)
		}
		if coded := e.Kind == KindCode || e.Kind == KindCodes; coded != (e.List != "") || coded && len(Lists[e.List]) == 0 {
			t.Errorf("%s: kind %s with list %q", e.Key, e.Kind, e.List)
		}
		for _, p := range e.When.Check(asked()) {
			t.Errorf("%s: condition: %s %v", e.Key, p.Key, p.Params)
		}
		seen[e.Key] = true
	}
	for _, c := range Children {
		if c.Column(c.Name) < 0 || c.Pointer == "" {
			t.Errorf("%s: name %q pointer %q", c.Key, c.Name, c.Pointer)
		}
		for _, x := range c.Columns {
			if x.Chinese == "" || x.English == "" || x.Kind == "" || (x.Kind == KindCode || x.Kind == KindCodes) != (x.List != "") {
				t.Errorf("%s.%s is not complete: %+v", c.Key, x.Key, x)
			}
		}
	}
}

func TestEveryCodeHasANameInBothLanguages(t *testing.T) {
	for list, codes := range Lists {
		for _, c := range codes {
			if CodeName(i18n.Chinese, list, c) == c {
				t.Errorf("%s %s has no name", list, c)
			}
			if got, ok := CodeOf(list, CodeName(i18n.Chinese, list, c)); !ok || got != c {
				t.Errorf("%s: the name of %s is read as %q", list, c, got)
			}
		}
	}
	for _, g := range Groups {
		if !i18n.Has("item.group_" + g) {
			t.Errorf("group %s has no name", g)
		}
	}
}

// full is an item with every element and child set to something.
func full(t *testing.T) *Item {
	t.Helper()
	it := &Item{Key: "k"}
	for _, e := range Elements {
		if e.Computed || e.Key == "special" {
			continue
		}
		v := map[Kind][]string{
			KindText: {"词"}, KindLong: {"一段。\n两段。"}, KindTexts: {"甲；乙", "丙"}, KindYesNo: {"是"}, KindNumber: {"3"}, KindLimit: {"20", "个工作日"}, KindURL: {"https://example.org/a"},
			KindPhone: {"0588-8602112"}, KindDate: {"2026年2月1日"},
		}[e.Kind]
		if e.List != "" {
			v = []string{Lists[e.List][len(Lists[e.List])-1]}
		}
		if e.Key == "validity" {
			v = []string{"6个月"}
		}
		if err := e.Set(it, v); err != nil {
			t.Fatalf("%s: %v", e.Key, err)
		}
		if len(e.Get(it)) == 0 {
			t.Errorf("%s was set to %q and is empty", e.Key, v)
		}
	}
	for _, c := range Children {
		var head, row []string
		for _, x := range c.Columns {
			v := map[Kind]string{KindNumber: "2", KindMoney: "12.50", KindDate: "2026-02-01", KindYesNo: "1", KindCond: `{"field":"scenario.a","op":"eq","value":"1"}`, KindCodes: "", KindPhone: "12345"}[x.Kind]
			switch {
			case x.List != "":
				v = Lists[x.List][0]
			case x.Key == "options":
				v = `[{"value":"1","label":"一"}]`
			case x.Key == "stop" || x.Key == "warn":
				v = `{"text":"说明"}`
			case v == "":
				v = "词"
			}
			head, row = append(head, x.Key), append(row, v)
		}
		for _, err := range c.SetRows(it, head, [][]string{row}) {
			t.Errorf("%s: %v", c.Key, err)
		}
		if c.Len(it) == 0 {
			t.Errorf("%s has no row", c.Key)
		}
	}
	return it
}

// What elements and children say is the whole item: written out and read back it is the same, byte for byte.
func TestElementsAndChildrenCarryTheWholeItem(t *testing.T) {
	a := full(t)
	b := &Item{Key: "k"}
	for _, e := range Elements {
		if e.Computed || e.Key == "special" { // the child special is the whole of it
			continue
		}
		if err := e.Set(b, SplitCell(e.Kind, JoinCell(e.Kind, e.Get(a)))); err != nil && e.Kind != KindLimit {
			t.Errorf("%s: %v", e.Key, err)
		}
		if e.Kind == KindLimit {
			if err := e.Set(b, []string{e.Text(i18n.Chinese, a)}); err != nil {
				t.Errorf("%s: %v", e.Key, err)
			}
		}
	}
	for _, c := range Children {
		var head []string
		for _, x := range c.Columns {
			head = append(head, x.Chinese)
		}
		for _, err := range c.SetRows(b, head, c.Rows(a)) {
			t.Errorf("%s: %v", c.Key, err)
		}
	}
	one, _ := json.Marshal(a)
	two, _ := json.Marshal(b)
	if string(one) != string(two) {
		t.Errorf("read back it differs:\n%s\n%s", one, two)
	}
	if d := Diff(a, b); len(d) > 0 {
		t.Errorf("differences: %+v", d)
	}
}

func TestSetReadsWhatListsWrite(t *testing.T) {
	for _, c := range []struct {
		key  string
		in   []string
		want []string
		err  string
	}{
		{"item_type", []string{"行政许可"}, []string{"01"}, ""},
		{"item_type", []string{"99"}, nil, "item.not_in_list"},
		{"channels", []string{"窗口", "网上", "2", "快递"}, []string{"1", "2", "4"}, ""},
		{"legal", []string{"20个工作日"}, []string{"20", "workday"}, ""},
		{"legal", []string{"60", "自然日"}, []string{"60", "naturalday"}, ""},
		{"legal", []string{"３０"}, []string{"30", "workday"}, ""},
		{"legal", []string{"很快"}, nil, "item.not_a_limit"},
		{"promised", []string{"即办"}, []string{"0", "workday"}, ""},
		{"in_hall", []string{"否"}, []string{"0"}, ""},
		{"in_hall", []string{"也许"}, nil, "item.not_yes_no"},
		{"effective", []string{"20260105"}, []string{"2026-01-05"}, ""},
		{"effective", []string{"2026/1/5 00:00:00"}, []string{"2026-01-05"}, ""},
		{"effective", []string{"2026-13-01"}, nil, "item.not_a_date"},
		{"sso_pc_url", []string{"javascript:alert(1)"}, nil, "item.not_an_address"},
		{"visits", []string{"1次"}, []string{"1"}, ""},
		{"visits", []string{"-1"}, nil, "item.not_a_number"},
		{"name", []string{"一", "二"}, nil, "item.one_only"},
		{"power_source", []string{"法定本级行使"}, []string{"1"}, ""},
		{"use_level", []string{"市级", "县级"}, []string{"3", "4"}, ""},
		{"validity", []string{"5年"}, []string{"5年"}, ""},
		{"validity", []string{"看情况"}, nil, "item.not_a_validity"},
		{"agency_name", []string{"某局"}, []string{"某局"}, ""},
		{"summary", []string{" "}, nil, ""},
	} {
		it := &Item{}
		e, ok := ByKey(c.key)
		err := e.Set(it, c.in)
		if c.err == "" && err != nil || c.err != "" && !errs.Is(err, c.err) || !ok {
			t.Errorf("%s %q: %v", c.key, c.in, err)
		}
		if got := e.Get(it); !slices.Equal(got, c.want) && (c.key != "visits" || c.err == "") {
			t.Errorf("%s %q: %q, want %q", c.key, c.in, got, c.want)
		}
		if x := errs.As(err); x != nil {
			if text := i18n.In(i18n.Chinese, x.Key, x.Params); strings.ContainsAny(text, "{}") || !strings.Contains(text, e.Chinese) {
				t.Errorf("%s: %q", c.key, text)
			}
		}
	}
}

func TestClearingLeavesNothing(t *testing.T) {
	it := full(t)
	for _, e := range Elements {
		if err := e.Set(it, nil); err != nil {
			t.Errorf("%s: %v", e.Key, err)
		}
	}
	for _, c := range Children {
		c.SetRows(it, nil, nil)
	}
	if b, _ := json.Marshal(it); string(b) != `{"key":"k","name":""}` {
		t.Errorf("left: %s", b)
	}
}

func TestSetDoesNotTouchWhatOthersShare(t *testing.T) {
	e, _ := ByKey("address")
	a := &Item{}
	_ = e.Set(a, []string{"一楼"})
	b := *a
	_ = e.Set(&b, []string{"二楼"})
	if got := e.Get(a); got[0] != "一楼" {
		t.Errorf("a copy changed the original: %q", got)
	}
}

func TestNeededFollowsConditions(t *testing.T) {
	by, _ := ByKey("entrusted_by")
	url, _ := ByKey("url")
	it := &Item{Online: OnlineExternal, PowerSource: "上级委托"}
	if !by.Missing(it) || !url.Missing(it) {
		t.Error("entrusted and external: both are needed")
	}
	if it = (&Item{Online: OnlineFull, PowerSource: "1"}); by.Needed(it) || url.Needed(it) {
		t.Error("neither is needed")
	}
}

func TestSetRowsReportsCells(t *testing.T) {
	c, _ := ChildByKey("materials")
	it := &Item{}
	found := c.SetRows(it, []string{"材料名称", "必要性", "份数", "颜色"}, [][]string{{"申请表", "必要", "1", "红"}, {"", "", "", ""}, {"照片", "随便", "两张", ""}})
	if len(it.Materials) != 2 || it.Materials[0].Original != 1 || it.Materials[0].Required != RequiredYes || it.Materials[1].Required != "" {
		t.Errorf("%+v", it.Materials)
	}
	var places []string
	for _, err := range found {
		x := err.(*CellError) //nolint:errorlint // SetRows says so
		places = append(places, string(rune('a'+x.Row+1))+x.Key)
	}
	if !slices.Equal(places, []string{"a颜色", "drequired", "dpages"}) {
		t.Errorf("errors at %v", places)
	}
}

func TestTariffs(t *testing.T) {
	c, _ := ChildByKey("fees")
	it := &Item{}
	c.SetRows(it, []string{"fee_name", "fee_stand"}, [][]string{{"工本费", "10元/本"}, {"检测费", "每项不超过200元"}})
	if it.Fee.Rows[0].StandardFen != 1000 || it.Fee.Rows[0].Unit != "本" || it.Fee.Rows[0].Standard != "" || it.Fee.Rows[1].Standard != "每项不超过200元" {
		t.Errorf("%+v", it.Fee.Rows)
	}
}

func TestLocalCodesAreTakenBesideTheLists(t *testing.T) {
	also := func(list, written string) (string, bool) {
		return "5", list == "area" && (written == "5" || written == "都市圈通办")
	}
	e, _ := ByKey("area")
	it := &Item{}
	if err := e.SetAlso(it, []string{"都市圈通办"}, also); err != nil || !slices.Equal(e.Get(it), []string{"5"}) {
		t.Errorf("%v %v", e.Get(it), err)
	}
	if err := e.Set(it, []string{"5"}); !errs.Is(err, "item.not_in_list") {
		t.Errorf("without the dictionary: %v", err)
	}
}

func TestSpecialJoinsExtensionAndProcedures(t *testing.T) {
	it := &Item{Special: []string{"听证"}, Limits: Limits{Extension: &Limit{N: 10, Unit: clock.Workday, By: "本机关负责人"}}}
	c, _ := ChildByKey("special")
	rows := c.Rows(it)
	if len(rows) != 2 || rows[0][0] != "1" || rows[1][1] != "听证" {
		t.Fatalf("%q", rows)
	}
	if found := c.SetRows(it, []string{"kind", "name", "n", "unit"}, [][]string{{"2", "检验", "15", "workday"}}); len(found) > 0 || it.Limits.Extension != nil || it.Special[0] != "检验" || it.Procedures[0].N != 15 {
		t.Errorf("%v %+v", found, it)
	}
}
