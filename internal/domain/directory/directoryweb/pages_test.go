package directoryweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tongban/internal/base/authz"
)

func TestTheListIsFoundAndFiltered(t *testing.T) {
	k := open(t)
	k.as("yan-heng")
	p := k.Get("/office/directory", 200)
	says(t, p, "main", "普通护照签发", "共 130 项", "在用")
	if n := p.Find("table tbody tr").Length(); n != 50 {
		t.Errorf("%d rows on a page", n)
	}
	silent(t, p, "main", "新增事项")
	says(t, k.Get("/office/directory?q=000131006000", 200), "main", "共 1 项", "食品经营许可")
	says(t, k.Get("/office/directory?q=宅基地&level=5", 200), "table", "农村村民宅基地审批")
	says(t, k.Get("/office/directory?q=没有这一项", 200), "main", "没有符合条件")
	k.as("mu-yan")
	says(t, k.Get("/office/directory", 200), "main", "新增事项", "拆分事项")
	k.actor = authz.Actor{StaffID: "su-qing", Roles: []authz.Role{authz.Clerk}, AgencyID: "market"}
	k.Get("/office/directory", http.StatusForbidden)
}

func TestABaseItemWithItsHistoryAndAdopters(t *testing.T) {
	k := open(t)
	k.as("qiao-bo")
	p := k.Get("/office/directory/000131006000", 200)
	says(t, p, "main", "国家市场监督管理总局", "20", "食品安全法", "认领")
	silent(t, p, "main", "拆分事项") // a district's office
	k.Get("/office/directory/000131006999", http.StatusNotFound)
	says(t, k.Get("/office/directory/000131006000/history", 200), "main", "第 1 版：新增", "数据包 qinglan", "这是第一版")
	p = k.Get("/office/directory/000131006000/adopters", 200)
	says(t, p, "main", "食品经营许可（新办）", "依据第 1 版", "望江街道便民中心（收件", "应当行使，还没有实施清单", "澜山区")
	if n := p.Find("a[href='/office/items/food-licence-new']").Length(); n != 1 {
		t.Errorf("%d links to the item", n)
	}
	says(t, k.Get("/office/directory-regions?region=580102&after=000131000000", 200), "main", "清江区的行使情况", "食品经营许可（新办）", "应当行使")
	says(t, k.Get("/office/directory-regions", 200), "h1", "清江区")
}

func TestAdoptingLeadsToANewItem(t *testing.T) {
	k := open(t)
	k.as("qiao-bo")
	p := k.Get("/office/directory/000131006000/adopt", 200)
	says(t, p, "main", "目录已经规定的要素", "这个机构已有的实施清单")
	if n := p.Find("a[href='/office/changes/new?agency=market&base=000131006000']").Length(); n != 1 {
		t.Errorf("%d links to a new item", n)
	}
	// 旅行社设立 is for provinces and cities.
	code := k.Get("/office/directory?q=旅行社设立许可", 200).Find("table tbody a").AttrOr("href", "")
	says(t, k.Get(code+"/adopt", 200), "main", "这个机构现在不能认领", "不行使这一事项")
	k.as("tao-ran")
	k.Get("/office/directory/000131006000/adopt", http.StatusForbidden)
}

// TestAChangeFromTheFormToTheDirectory walks the pages with three people.
func TestAChangeFromTheFormToTheDirectory(t *testing.T) {
	k := open(t)
	k.as("qiao-bo")
	k.Get("/office/directory-changes/new?kind=amend&of=000131006000", http.StatusForbidden)
	k.as("mu-yan")
	_, v := k.Get("/office/directory-changes/new?kind=amend&of=000131006000", 200).Form("main form")
	if v.Get("code") != "000131006000" || v.Get("legal") != "10" || v.Get("basis.0.law") == "" {
		t.Fatalf("the form is not filled in: %v", v)
	}
	// A button of a table shows the form again and saves nothing.
	p := k.Post("/office/directory-changes", set(clone(v), "materials._add", "1", "name", "改过的名称"), 200)
	_, v2 := p.Form("main form")
	if v2.Get("name") != "改过的名称" || !v2.Has("materials.0.name") {
		t.Errorf("what was typed is lost: %v", v2)
	}
	p = k.Post("/office/directory-changes", set(clone(v), "reason", "", "legal", "8", "_act", "check", "use_levels", "9"), 422)
	says(t, p, "main", "请写明原因和依据", "不在代码集")
	says(t, k.Get("/office/directory-changes", 200), "table", "草稿", "穆言")

	p = k.Post("/office/directory-changes", set(clone(v), "reason", "令第78号", "legal", "8", "_act", "check"), 200)
	at := p.URL.Path
	says(t, p, "main", "草稿已保存", "10 工作日", "8 工作日", "送编制审核")
	_, submit := p.Form("form[action$='/submit']")
	k.Post(at+"/submit", submit, 200)
	p = k.Get(at, 200)
	says(t, p, "main", "待编制审核", "起草人不能审核")
	if p.Find("form[action$='/audit']").Length() != 0 {
		t.Error("the author is offered the audit")
	}
	k.Post(at+"/audit", url.Values{"rev": {"2"}, "answer": {"approve"}}, http.StatusForbidden)

	k.as("ruan-qiu")
	says(t, k.Get("/office/directory", 200), "main", "目录调整 1")
	_, audit := k.Get(at, 200).Form("form[action$='/audit']")
	p = k.Post(at+"/audit", set(clone(audit), "answer", "refuse", "note", ""), 422)
	says(t, p, "main", "退回时请写明理由")
	p = k.Post(at+"/audit", set(clone(audit), "answer", "approve"), 200)
	says(t, p, "main", "待法制审核")
	k.Post(at+"/legal", set(clone(audit), "answer", "approve"), http.StatusForbidden)
	k.as("yan-heng") // of the district
	k.Post(at+"/legal", url.Values{"rev": {"3"}, "answer": {"approve"}}, http.StatusForbidden)
	k.as("tao-ran")
	_, legal := k.Get(at, 200).Form("form[action$='/legal']")
	k.Post(at+"/legal", set(legal, "answer", "approve"), 200)

	k.now = k.now.AddDate(0, 0, 1)
	if err := k.run.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, k.Get("/office/directory/000131006000/history", 200), "main", "第 2 版：变更", "10 工作日", "8 工作日", "跟进期限")
	says(t, k.Get("/office/directory/000131006000/adopters", 200), "main", "有实施清单需要跟进")
	says(t, k.Get(at, 200), "main", "已生效", "自动生效", "陶然")
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for k, vs := range v {
		out[k] = append([]string(nil), vs...)
	}
	return out
}

// TestTwoOfficersOnOneDraft: the second gets a page with what was typed, and nothing is lost.
func TestTwoTabsOnOneDraft(t *testing.T) {
	k := open(t)
	k.as("mu-yan")
	_, v := k.Get("/office/directory-changes/new?kind=add", 200).Form("main form")
	p := k.Post("/office/directory-changes", set(v, "name", "新事项"), 200)
	_, first := k.Get(p.URL.Path+"/edit", 200).Form("main form")
	second := clone(first)
	k.Post(p.URL.Path, set(first, "name", "甲"), 200)
	p2 := k.Post(p.URL.Path, set(second, "name", "乙"), 409)
	says(t, p2, "main", "这份草稿在别处被改过")
	_, again := p2.Form("main form")
	if again.Get("name") != "乙" {
		t.Errorf("typed text lost: %v", again.Get("name"))
	}
	says(t, k.Post(p.URL.Path, again, 200), "main", "乙")
	k.as("ruan-qiu")
	k.Get(p.URL.Path+"/edit", http.StatusForbidden)
}

func TestASplitAsksForItsParts(t *testing.T) {
	k := open(t)
	k.as("mu-yan")
	_, v := k.Get("/office/directory-changes/new?kind=split&of=000131006000", 200).Form("main form")
	_, v = k.Post("/office/directory-changes", set(v, "_part", "1"), 200).Form("main form")
	if v.Get("count") != "3" || v.Get("items.01.item_type") != "01" {
		t.Fatalf("parts: %v", v.Get("count"))
	}
	set(v, "reason", "分开办理", "items.00.code", "000131301001", "items.00.name", "销售", "items.00.sub_item", "销售", "items.01.code", "000131301002", "items.01.name", "餐饮", "items.01.sub_item", "")
	p := k.Post("/office/directory-changes", set(v, "_act", "check"), 422)
	says(t, p, "main", "请填写子项名称")
	if p.Find("[name='items.01.sub_item'][aria-invalid]").Length() != 1 || p.Find("[name='items.02.code']").Length() != 0 {
		t.Error("the finding does not stand at its part, or the empty part stayed")
	}
	_, v = p.Form("main form")
	p = k.Post(p.URL.Path, set(v, "items.01.sub_item", "餐饮", "_act", "check"), 200)
	says(t, p, "main", "拆分后取消", "000131301002")
}

func TestCodeListsOnPagesAndInTheAPI(t *testing.T) {
	k := open(t)
	k.as("qiao-bo")
	says(t, k.Get("/office/codelists", 200), "main", "事项类型", "自然人主题")
	p := k.Get("/office/codelists/area", 200)
	says(t, p, "main", "通办范围", "初始版本")
	if p.Find("main form[method=post]").Length() != 0 {
		t.Error("a district's office is offered to change a list")
	}
	k.Post("/office/codelists/area", url.Values{"add.code": {"5"}, "add.name": {"圈内通办"}, "add.source": {"x"}}, http.StatusForbidden)
	k.as("mu-yan")
	p = k.Post("/office/codelists/area", url.Values{"add.code": {"5 5"}, "add.name": {"圈内通办"}}, 422)
	says(t, p, "main", "代码只能用英文字母", "请写明来源或依据")
	day := func(n string, y, m, d string) []string { return []string{n + ".y", y, n + ".m", m, n + ".d", d} }
	v := set(url.Values{}, append([]string{"add.code", "5", "add.name", "圈内通办", "add.source", "清澜政办〔2026〕3号"}, day("add.valid_from", "2026", "3", "1")...)...)
	says(t, k.Post("/office/codelists/area", v, 200), "main", "已保存", "圈内通办", "本地增补", "穆言")
	v = set(url.Values{}, append([]string{"retire.code", "5", "retire.reason", "并入"}, day("retire.valid_to", "2026", "3", "31")...)...)
	says(t, k.Post("/office/codelists/area/retire", v, 200), "main", "2026-03-31")
	k.Get("/office/codelists/nothing", http.StatusNotFound)

	k.actor = authz.Actor{}
	var got struct {
		Codes []struct{ Code, Name string }
	}
	for on, want := range map[string]int{"": 5, "2026-04-01": 4, "2026-02-01": 4} {
		p := k.Get("/api/v1/codelists/area?on="+on, 200)
		if err := json.Unmarshal(p.Raw, &got); err != nil || len(got.Codes) != want {
			t.Errorf("on %q: %d codes, %v", on, len(got.Codes), err)
		}
	}
	k.Get("/api/v1/codelists/area?on=gestern", 422)
	k.Get("/api/v1/codelists/nothing", 404)
	if p := k.Get("/api/v1/codelists", 200); !strings.Contains(string(p.Raw), `"list":"area"`) {
		t.Error("the list of lists does not name area")
	}
}

func TestMappingsShowTheirGaps(t *testing.T) {
	k := open(t)
	k.as("yan-heng")
	for _, page := range []string{"/office/mappings", "/office/mappings/older", "/office/mappings/national"} { // people read names; keys are for addresses
		if text := k.Get(page, 200).Text("main"); regexp.MustCompile(`\b(national|older|vendor|zhejiang|channel)\b`).MatchString(text) {
			t.Errorf("%s shows a key: %s", page, text)
		}
	}
	says(t, k.Get("/office/mappings", 200), "main", "旧版国家交换表")
	p := k.Get("/office/mappings/older", 200)
	says(t, p, "main", "办理形式", "读入和写出", "缺口", "没有可以写出的对方代码")
	if p.Find("main form[method=post]").Length() != 0 {
		t.Error("legal review is offered to change a table")
	}
	k.Get("/office/mappings/unknown", http.StatusNotFound)
	says(t, k.Get("/office/mappings/older?list=channel&q=3", 200), "main", "读到“3”当作4", "把“3”写成没有对照")
	k.as("mu-yan")
	p = k.Post("/office/mappings", url.Values{"system": {"older"}, "list": {"channel"}, "there": {"3"}, "here": {"3"}, "takes": {"true"}}, 422)
	says(t, p, "main", "读入时已对应")
	p = k.Post("/office/mappings", url.Values{"system": {"older"}, "list": {"channel"}, "there": {"M"}, "here": {"3"}, "takes": {"true"}, "gives": {"true"}}, 200)
	says(t, p, "main", "已保存", "M")
	says(t, k.Post("/office/mappings/older/drop", url.Values{"list": {"channel"}, "there": {"M"}, "here": {"3"}}, 200), "main", "已保存")
}

// TestScriptInATextStaysText: what an officer types is never markup.
func TestScriptInATextStaysText(t *testing.T) {
	k := open(t)
	k.as("mu-yan")
	_, v := k.Get("/office/directory-changes/new?kind=add", 200).Form("main form")
	p := k.Post("/office/directory-changes", set(v, "name", "<script>alert(1)</script>", "explain", "<img src=x onerror=1>"), 200)
	if p.Find("main script, main img").Length() != 0 {
		t.Error("typed text became markup")
	}
	says(t, p, "h1", "<script>")
}
