package casesweb_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
)

const pdf = "%PDF-1.7\n1 0 obj\n"

// begin makes a draft and gives its address.
func (b *bench) begin() string {
	b.t.Helper()
	p := b.Get("/apply/shop", 200).Submit("form[action='/apply/shop']", nil, 200)
	return strings.TrimSuffix(p.URL.Path, "/questions")
}

// answered makes a draft with its questions answered.
func (b *bench) answered() string {
	b.t.Helper()
	at := b.begin()
	b.Get(at+"/questions", 200).Submit("#questions", url.Values{"scenario.food": {"no"}, "scenario.night": {"no"}}, 200)
	return at
}

var shop = url.Values{"shop_name": {"小满面馆"}, "shop_area": {"35.5"}, "shop_region": {"580102"}, "delivery": {"false"}, "opened.y": {"2026"}, "opened.m": {"5"}, "opened.d": {"1"}}

// filled makes a draft that can be sent.
func (b *bench) filled() string {
	b.t.Helper()
	at := b.answered()
	b.Get(at+"/form/shop", 200).Submit("form[data-autosave]", shop, 200)
	b.uploadPlan(at, "plan.pdf", []byte(pdf), 200)
	b.Get(at+"/materials", 200).Submit("form[action$='/licences']", nil, 200)
	return at
}

func (b *bench) uploadPlan(at, name string, data []byte, status int) *webtest.Page {
	b.t.Helper()
	_, f := b.Get(at+"/materials", 200).Form("#f-material-plan-box form")
	f.Set("_act", "upload:material.plan")
	return b.Upload(at+"/materials", f, "material.plan", name, data, status)
}

// sent sends an application in and gives the address of its case.
func (b *bench) sent() string {
	b.t.Helper()
	at := b.filled()
	b.Get(at+"/check", 200).Submit("#send", nil, 200)
	return "/my/cases/" + strings.TrimPrefix(at, "/drafts/")
}

func id(at string) string { return at[strings.LastIndex(at, "/")+1:] }

func (b *bench) head(at string) cases.Case {
	return must[cases.Case](b.t)(b.s.Head(b.t.Context(), id(at)))
}

func TestAnApplicationFromStartToReceiptWithoutJavaScript(t *testing.T) {
	b := setup(t)
	start := b.Get("/apply/shop", 200).Wants("陈晓梅", "切换申请人")
	q := start.Submit("form[action='/apply/shop']", nil, 200)
	if !strings.HasSuffix(q.URL.Path, "/questions") {
		t.Fatalf("a fresh draft begins at %s", q.URL.Path)
	}
	if q.Find("input[name='scenario.packed']").Length() != 0 {
		t.Error("a question that is not called for is asked")
	}
	list := q.Submit("#questions", url.Values{"scenario.food": {"no"}, "scenario.night": {"yes"}}, 200).Wants("请注意噪声", "还有 2 项要完成")
	if list.Find(".tasks a[href$='/check']").Length() != 0 {
		t.Error("an unfinished application can be sent")
	}
	who := list.Follow("申请人").Wants("已带出", "柳荫路")
	if _, ok := who.Find("input[name=name]").Attr("readonly"); !ok {
		t.Error("a value of the register can be changed")
	}
	sec := who.Submit("form[data-autosave]", nil, 200)
	if !strings.HasSuffix(sec.URL.Path, "/form/shop") {
		t.Fatalf("after the first section comes %s", sec.URL.Path)
	}
	mats := sec.Submit("form[data-autosave]", shop, 200).Wants("平面图", "看得清楚", "某办法第三条", "1 MB", "自动生成")
	mats.Submit("form[action$='/licences']", nil, 200).Wants("已从证照库调用")
	at := strings.TrimSuffix(mats.URL.Path, "/materials")
	b.uploadPlan(at, "平面图.pdf", []byte(pdf), 200).Wants("平面图.pdf", "必交材料已齐全")
	check := b.Get(at+"/check", 200).Wants("小满面馆", "35.5平方米", "区县清江区", "平面图.pdf", "行政许可法第七十八条")
	if check.Find("a[href$='/form/shop#f-shop_name']").Length() != 1 || check.Find("a[href$='#f-name'], a[href$='#f-headcount']").Length() != 0 {
		t.Error("the check page offers to change what the register or the program says, or not what the person said")
	}
	check.Lacks("员工人数")
	rc := check.Submit("#send", nil, 200).Wants("申请已提交", "查询码")
	if rc.Find("svg.qr").Length() != 1 || rc.Find("a[href='/papers/paper-receipt.pdf']").Length() != 1 {
		t.Error("the receipt lacks its QR code or its PDF")
	}
	again := check.Submit("#send", nil, 200)
	if again.Text(".receipt-head .num") != rc.Text(".receipt-head .num") {
		t.Error("sent twice, the receipt differs")
	}
	if mine := b.Get("/my/cases", 200); mine.Find(".item a[href^='/my/cases/']").Length() != 1 {
		t.Errorf("my cases list %d", mine.Find(".item").Length())
	}
	b.Get(at, 200).Wants("办件信息", "等部门收件") // leads to the progress page
}

// TestSendingStatesWhatTheItemsOwnLawSays: the one-year bar of 行政许可法 第七十八条 is for licences, not for confirmations, filings, benefits or services.
func TestSendingStatesWhatTheItemsOwnLawSays(t *testing.T) {
	b := setup(t)
	at := b.filled()
	for kind, says := range map[string]string{"01": "不予许可，并给予警告", "05": "不予给付", "07": "依法更正或者撤销", "10": "依法更正或者撤销", "20": "依法更正或者撤销"} {
		b.kind = kind
		p := b.Get(at+"/check", 200).Wants("提交即表示", says)
		if got := strings.Contains(p.Text("main"), "行政许可法"); got != (kind == "01") {
			t.Errorf("type %s: the licensing law is named: %v", kind, got)
		}
	}
}

func TestQuestionsFollowTheAnswersAtOnce(t *testing.T) {
	b := setup(t)
	action, f := b.Get(b.begin()+"/questions", 200).Form("#questions")
	f.Set("scenario.food", "yes")
	p := b.Send(http.MethodPost, action, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()), 200, "X-Preview", "true")
	if p.Find("#questions input[name='scenario.packed']").Length() != 2 || p.Find(".error-summary").Length() != 0 {
		t.Error("the new question does not come up, or the open ones are errors already")
	}
}

// On a slow line a request for the next questions may come late, twice or not at all: it must neither store nor need a version, and what was answered
// in one breath is stored in one.
func TestQuestionsOnASlowLineLoseNothing(t *testing.T) {
	b := setup(t)
	at := b.begin()
	page := b.Get(at+"/questions", 200)
	form := page.Find("#questions")
	if form.AttrOr("data-live", "") != "asked asked-notes" || form.AttrOr("data-autosave", "") == "" {
		t.Error("the next questions do not come by themselves, or nothing is saved before a button")
	}
	if form.Find("#asked input[name='_v']").Length() != 0 || form.Find("input[name='_v']").Length() != 1 {
		t.Error("the version is swapped with the questions")
	}
	action, f := page.Form("#questions")
	post := func(status int, header ...string) *webtest.Page {
		return b.Send(http.MethodPost, action, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()), status, header...)
	}
	before := b.head(at).Version
	f.Set("scenario.food", "yes")
	for range 2 {
		post(200, "X-Preview", "true")
	}
	f.Set("scenario.packed", "yes")
	f.Set("_v", "1")
	if p := post(200, "X-Preview", "true").Wants("办备案就可以"); p.Find("input[name='scenario.packed']:checked").Length() != 1 {
		t.Error("an answer of this very page is gone from it")
	}
	if b.head(at).Version != before || b.Get(at+"/questions", 200).Find("input:checked").Length() != 0 {
		t.Error("looking for the next questions stored something")
	}
	f.Set("_v", strconv.FormatInt(before, 10))
	f.Set("scenario.packed", "no")
	f.Set("scenario.night", "no")
	post(200, "X-Autosave", "1")
	if n := b.Get(at+"/questions", 200).Find("input:checked").Length(); n != 3 {
		t.Errorf("%d of 3 answers given in one breath are stored", n)
	}
}

func TestStopsExplainAndLeadOn(t *testing.T) {
	b := setup(t)
	at := b.begin()
	p := b.Get(at+"/questions", 200).Submit("#questions", url.Values{"scenario.food": {"yes"}, "scenario.night": {"no"}}, 200)
	p.Wants("只卖预包装食品吗")
	if p.Status != 200 || p.Find(".error-summary").Length() != 0 {
		t.Error("a question that came up only now is an error")
	}
	p = p.Submit("#questions", url.Values{"scenario.packed": {"yes"}}, 200).Wants("办备案就可以", "填一张表即可")
	if p.Find("a[href='/items/filing']").Length() != 1 {
		t.Error("the stop leads nowhere")
	}
	b.Get(at+"?done=saved", 200).Wants("已保存", "请先回答情形问题")
	p.Submit("#questions", url.Values{"scenario.packed": {"no"}}, 200).Wants("填写和上传")
	b.Get(at+"/questions", 200).Submit("#questions", url.Values{"scenario.night": {""}}, 422).Wants("夜里营业吗")
}

func TestWrongAnswersKeepWhatWasTyped(t *testing.T) {
	b := setup(t)
	at := b.answered()
	nasty := `<script>alert(1)</script>'; DROP TABLE cases_case;--`
	p := b.Get(at+"/form/shop", 200).Submit("form[data-autosave]", url.Values{"shop_name": {nasty}, "shop_area": {"很大"}, "delivery": {"true"}, "opened.y": {"2026"}, "opened.m": {"13"}, "opened.d": {"1"}}, 422)
	if !strings.HasPrefix(p.Find("title").Text(), "错误：") || p.Find(".error-summary a[href='#f-shop_area']").Length() != 1 || p.Find("#f-shop_area").Length() != 1 {
		t.Error("the summary does not lead to the field")
	}
	for name, want := range map[string]string{"shop_name": nasty, "shop_area": "很大", "opened.m": "13"} {
		if got := p.Find("input[name='"+name+"']").AttrOr("value", ""); got != want {
			t.Errorf("%s came back as %q", name, got)
		}
	}
	p.Lacks("<script>alert")
	if got := b.Get(at+"/form/shop", 200).Find("input[name=shop_name]").AttrOr("value", ""); got != nasty {
		t.Errorf("the draft keeps %q", got)
	}
	if p := b.Get(at+"/check", 200); p.Find("#send button").Length() != 0 || p.Find(".error-summary a[href='"+at+"/form/shop#f-platform']").Length() != 1 {
		t.Error("the check page does not lead to what is missing")
	}
	b.Post(at+"/submit", nil, 422).Wants("平面图")
}

func TestRowsComeAndGoWithoutJavaScript(t *testing.T) {
	b := setup(t)
	at := b.answered()
	p := b.Get(at+"/form/shop", 200).Submit("form[data-autosave]", url.Values{"shop_name": {"小满"}, "staff.0.name": {"买买提·艾力"}, "staff._add": {"1"}}, 200)
	if n := p.Find(".repeat-row").Length(); n != 2 || p.Find("input[name='staff.0.name']").AttrOr("value", "") != "买买提·艾力" {
		t.Fatalf("%d rows after adding one", n)
	}
	row := p.Find("button[name='staff._remove']").First().AttrOr("value", "")
	p = p.Submit("form[data-autosave]", url.Values{"staff._remove": {row}}, 200)
	if n := p.Find("button[name='staff._remove']").Length(); n != 1 || p.Find("input[name=shop_name]").AttrOr("value", "") != "小满" {
		t.Errorf("%d rows after removing one", n)
	}
}

func TestAutosaveAndTwoTabs(t *testing.T) {
	b := setup(t)
	at := b.answered()
	one, two := b.Get(at+"/form/shop", 200), b.Get(at+"/form/shop", 200)
	action, f := one.Form("form[data-autosave]")
	f.Set("shop_name", "甲店")
	saved := b.Send(http.MethodPost, action, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()), 200, "X-Autosave", "1")
	if !strings.Contains(string(saved.Raw), `"saved_at":"10:00:00"`) || !strings.Contains(string(saved.Raw), `"version":`) {
		t.Errorf("autosave answers %s", saved.Raw)
	}
	_, g := two.Form("form[data-autosave]")
	g.Set("shop_name", "乙店")
	if p := b.Send(http.MethodPost, action, "application/x-www-form-urlencoded", strings.NewReader(g.Encode()), 409, "X-Autosave", "1"); p.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a stale autosave answers %s", p.Header.Get("Content-Type"))
	}
	p := two.Submit("form[data-autosave]", url.Values{"shop_name": {"乙店"}}, 409).Wants("甲店", "乙店")
	if got := b.Get(at+"/form/shop", 200).Find("input[name=shop_name]").AttrOr("value", ""); got != "甲店" {
		t.Errorf("before a choice the draft holds %q", got)
	}
	p.Submit("form[action$='/conflict']", url.Values{"keep": {"theirs"}}, 200)
	p.Submit("form[action$='/conflict']", url.Values{"keep": {"mine"}, "_act": {"save"}}, 200)
	if got := b.Get(at+"/form/shop", 200).Find("input[name=shop_name]").AttrOr("value", ""); got != "乙店" {
		t.Errorf("after keeping mine the draft holds %q", got)
	}
}

func TestUploadsSayWhatIsWrong(t *testing.T) {
	b := setup(t)
	at := b.answered()
	for name, c := range map[string]struct {
		data   []byte
		status int
		says   string
	}{
		"plan.pdf":  {[]byte("MZ\x90\x00 a program"), 422, "平面图"},
		"large.pdf": {append([]byte(pdf), make([]byte, 3<<20)...), 413, "1 MB"},
	} {
		p := b.uploadPlan(at, name, c.data, c.status).Wants(c.says)
		if p.Find("#f-material-plan-box .field-error").Length() != 1 {
			t.Errorf("%s: the error does not stand at its material", name)
		}
	}
	b.Get(at+"/materials", 200).Lacks("plan.pdf", "large.pdf")
	_, f := b.Get(at+"/materials", 200).Form("#f-material-plan-box form")
	f.Set("_act", "upload:material.plan")
	b.Upload(at+"/materials", f, "other", "", nil, 422).Wants("请先选择要上传的文件")
	body := "--x\r\nContent-Disposition: form-data; name=\"material.plan\"; filename=\"cut.pdf\"\r\n\r\n" + pdf
	b.Send(http.MethodPost, at+"/materials", "multipart/form-data; boundary=x", strings.NewReader(body), 400).Wants("上传中断")
	b.Get(at+"/materials", 200).Lacks("cut.pdf")

	p := b.uploadPlan(at, "好.pdf", []byte(pdf), 200)
	again, _ := p.Form("#f-material-plan-box form")
	b.Upload(again, f, "material.plan", "好.pdf", []byte(pdf), 200) // another key: a second file
	b.Upload(again, f, "material.plan", "好.pdf", []byte(pdf), 200) // the same key: nothing new
	p = b.Get(at+"/materials", 200)
	if n := p.Find("#f-material-plan-box .file").Length(); n != 2 {
		t.Fatalf("%d files", n)
	}
	href := p.Find("#f-material-plan-box .file a").First().AttrOr("href", "")
	if got := b.Get(href, 200); string(got.Raw) != pdf || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("the upload does not come back as it was")
	}
	b.as("other").Get(href, 404)
	rm := p.Find("#f-material-plan-box button[value^='rm:']").First().AttrOr("value", "")
	f.Set("_act", rm)
	if p := b.Upload(at+"/materials", f, "other", "", nil, 200); p.Find("#f-material-plan-box .file").Length() != 1 {
		t.Error("the file was not removed")
	}
}

func TestRegistersThatAreAwayAreNamed(t *testing.T) {
	b := setup(t)
	b.people.away = true
	at := b.answered()
	p := b.Get(at+"/form/who", 200).Wants("暂时连不上")
	if _, ok := p.Find("input[name=name]").Attr("readonly"); ok {
		t.Error("what the register did not give cannot be typed")
	}
	if b.Get(at+"/materials", 200).Wants("登记库暂时连不上").Find("#f-material-id[type=file]").Length() != 1 {
		t.Error("no copy can be uploaded while the register is away")
	}
}
