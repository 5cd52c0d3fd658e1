package casesweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
)

func TestStrangersFindNothing(t *testing.T) {
	b := setup(t)
	at, draft := b.sent(), b.answered()
	stranger, nobody := b.as("other"), b.as("")
	for _, path := range []string{
		draft, draft + "/questions", draft + "/form/shop", draft + "/materials", draft + "/contact", draft + "/check", draft + "/discard",
		at, at + "/receipt", at + "/withdraw", "/papers/paper-receipt.pdf", "/api/v1/drafts/" + id(draft), "/api/v1/cases/" + id(at),
	} {
		stranger.Get(path, 404)
		nobody.Get(path, 401)
	}
	for _, path := range []string{draft + "/questions", draft + "/form/shop", draft + "/submit", draft + "/conflict", at + "/withdraw", at + "/resubmit"} {
		stranger.Post(path, nil, 404)
	}
	b.as("officer").Get(at, 403)
	b.as("officer").Get("/papers/paper-receipt.pdf", 200)
	if n := len(b.papers.proofs); n != 0 {
		t.Errorf("an officer's reading left %d proofs of delivery", n)
	}
	if got := stranger.Get("/my/cases", 200); got.Find(".item").Length() != 0 {
		t.Error("a stranger's list is not empty")
	}
}

func TestLowLevelLeadsToTheIdentityCheck(t *testing.T) {
	b := setup(t)
	at := b.answered()
	weak := b.as("weak")
	for _, path := range []string{"/apply/shop", at + "/form/shop"} {
		if p := weak.Get(path, 403); p.Header.Get("X-Step-Up") != "2" {
			t.Errorf("%s leads to no identity check", path)
		}
		if p := weak.Post(path, url.Values{"shop_name": {"甲店"}}, 403); p.Header.Get("X-Step-Up") != "2" {
			t.Errorf("sent to %s it leads to no identity check", path)
		}
	}
	if p := weak.Post(at+"/submit", nil, 403); p.Header.Get("X-Step-Up") != "2" {
		t.Error("sending leads to no identity check")
	}
	b.Get("/apply/nothing", 404)
}

func TestCorrectionIsAnsweredOnTheSamePages(t *testing.T) {
	b := setup(t)
	at := b.sent()
	_, err := b.s.RequestCorrection(t.Context(), officer, id(at), b.head(at).Version, []cases.Defect{
		{Kind: cases.OnField, Key: "shop_name", Text: "店名与招牌不一致"}, {Kind: cases.OnMaterial, Key: "plan", Text: "平面图<b>不清楚</b>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := b.Get(at, 200).Wants("需要补正", "店名与招牌不一致", "平面图<b>不清楚</b>", "正在等待您处理")
	if p.Find("a[href$='/form/shop#f-shop_name']").Length() != 1 || p.Find("a[href$='/materials#f-material-plan-box']").Length() != 1 {
		t.Error("the defects do not lead to their places")
	}
	list := p.Follow("去补正").Wants("有 1 处需要补正")
	if list.Find("a[href$='/questions']").Length() != 0 {
		t.Error("the questions can be answered anew under correction")
	}
	draft := list.URL.Path
	list.Follow("店铺").Wants("店名与招牌不一致").Submit("form[data-autosave]", url.Values{"shop_name": {"新满面馆"}}, 200).Wants("这里需要补正")
	b.uploadPlan(draft, "清楚的.pdf", []byte(pdf), 200)
	if tag := b.Get(draft, 200).Wants("已修改").Find(".tasks a[href$='/check']"); tag.Length() != 1 {
		t.Error("the list does not lead on to sending")
	}
	done := b.Get(draft+"/check", 200).Submit("#send", nil, 200).Wants("补正内容已提交")
	if done.URL.Path != at || b.head(at).State != cases.Submitted {
		t.Errorf("after resubmitting: %s, %s", done.URL.Path, b.head(at).State)
	}
}

func TestTheResultIsDeliveredWhenItIsOpened(t *testing.T) {
	b := setup(t)
	at := b.sent()
	c := must[cases.Case](t)(b.s.Accept(t.Context(), officer, id(at), b.head(at).Version))
	b.Get(at, 200).Wants("个工作日", "承诺办结日期", "法定办结期限")
	must[cases.Case](t)(b.s.Decide(t.Context(), chief, c.ID, c.Version, cases.Decision{Outcome: cases.Refuse, Reason: "面积不足", Basis: "某办法第五条"}))
	p := b.Get(at, 200).Wants("面积不足", "某办法第五条", "可以申请行政复议")
	if p.Find("a[href='"+at+"/rate']").Length() != 1 || p.Find("a[href$='/withdraw']").Length() != 0 {
		t.Error("a decided case cannot be rated or can be withdrawn")
	}
	got := b.Get("/papers/paper-refuse.pdf", 200)
	if got.Header.Get("Content-Type") != "application/pdf" || len(b.papers.proofs) != 1 || b.papers.proofs[0].How != paper.OnlineOpened {
		t.Errorf("opened: %s, %v", got.Header.Get("Content-Type"), b.papers.proofs)
	}
	if s := b.head(at); s.Delivered.IsZero() {
		t.Errorf("the opened result leaves the case %s", s.State)
	}
	b.Get("/papers/paper-refuse.pdf", 200)
}

func TestWithdrawAndDiscardAskFirst(t *testing.T) {
	b := setup(t)
	at := b.sent()
	b.Get(at, 200).Follow("撤回申请").Wants("撤回这份申请？").Submit("form[action$='/withdraw']", nil, 200).Wants("申请已撤回")
	draft := b.answered()
	b.Get(draft+"/discard", 200).Submit("form[action$='/discard']", nil, 200).Wants("草稿已删除")
	b.Get(draft, 404)
}

func TestLookupIsMaskedAndLimited(t *testing.T) {
	b := setup(t)
	at := b.sent()
	rc := must[cases.Receipt](t)(b.s.Receipt(t.Context(), mei, id(at)))
	nobody := b.as("")
	form := nobody.Get("/lookup?no="+url.QueryEscape(rc.CaseNo), 200)
	if form.Find("input[name=no]").AttrOr("value", "") != rc.CaseNo {
		t.Error("the number of the QR code is not filled in")
	}
	if most, err := strconv.Atoi(form.Find("input[name=no]").AttrOr("maxlength", "")); err != nil || most < len(rc.CaseNo)+20 {
		t.Errorf("a number of %d characters, copied with spaces, does not fit into %d", len(rc.CaseNo), most)
	}
	form.Submit("form[action='/lookup']", url.Values{"no": {" " + rc.CaseNo[:9] + " " + rc.CaseNo[9:] + " "}, "code": {strings.ToLower(rc.QueryCode)}}, 200).Wants("开店许可", "受理").Lacks("陈晓梅", meiNumber, "13800000001", "小满面馆")
	form.Submit("form[action='/lookup']", url.Values{"code": {"AAAAAAAA"}}, 404).Lacks("开店许可</h2>")
	form.Submit("form[action='/lookup']", nil, 422).Wants("请填写查询码")
	for range 17 {
		nobody.Post("/lookup", url.Values{"no": {"1"}, "code": {"1"}}, 404)
	}
	nobody.Post("/lookup", url.Values{"no": {"1"}, "code": {"1"}}, 429)
}

// call sends JSON and reads the answer.
func (b *bench) call(who, method, path, body string, status int) map[string]any {
	b.t.Helper()
	p := b.as(who).Send(method, "/api/v1"+path, "application/json", strings.NewReader(body), status)
	out := map[string]any{}
	if len(p.Raw) > 0 {
		if err := json.Unmarshal(p.Raw, &out); err != nil {
			b.t.Fatalf("%s %s: %v: %s", method, path, err, p.Raw)
		}
	}
	return out
}

func TestTheSameByAPI(t *testing.T) {
	b := setup(t)
	d := b.call("mei", "POST", "/drafts", `{"item":"shop","client_key":"key-00000001"}`, 201)
	at := "/drafts/" + d["id"].(string)
	if again := b.call("mei", "POST", "/drafts", `{"item":"shop","client_key":"key-00000001"}`, 201); again["id"] != d["id"] {
		t.Error("the same key made two drafts")
	}
	problem := b.call("mei", "POST", at+"/submit", `{"version":1}`, 422)
	var at2 []string
	for _, e := range problem["errors"].([]any) {
		at2 = append(at2, e.(map[string]any)["pointer"].(string))
	}
	if all := strings.Join(at2, " "); !strings.Contains(all, "/form/shop_area") || !strings.Contains(all, "/materials/plan") || !strings.Contains(all, "/scenario/food") {
		t.Errorf("pointers %v", at2)
	}
	v := b.call("mei", "PUT", at, `{"version":1,"scenario":{"food":"no","night":"no"},"form":{"shop_name":"小满","shop_area":"35","shop_region":"580102","delivery":false,"name":"改名"}}`, 200)
	b.call("mei", "PUT", at, `{"version":1,"form":{"shop_name":"别的"}}`, 409)
	if got := b.call("mei", "GET", at, "", 200)["form"].(map[string]any); got["name"] != "陈晓梅" || got["shop_name"] != "小满" {
		t.Errorf("saved %v", got)
	}
	up := b.as("mei").Upload("/api/v1"+at+"/materials/plan", nil, "file", "图.pdf", []byte(pdf), 201)
	if !strings.Contains(string(up.Raw), "图.pdf") {
		t.Errorf("uploaded %s", up.Raw)
	}
	b.as("mei").Upload("/api/v1"+at+"/materials/plan", nil, "file", "x.pdf", []byte("MZ"), 422)
	ref := b.call("mei", "GET", at+"/licences?material=id", "", 200)["licences"].([]any)[0].(map[string]any)["ref"].(string)
	b.call("mei", "POST", at+"/licences", `{"material":"id","ref":"`+ref+`"}`, 200)
	if r := b.call("mei", "GET", at+"/ready", "", 200); r["ready"] != true {
		t.Fatalf("not ready: %v", r)
	}
	version, _ := json.Marshal(v["version"])
	rc := b.call("mei", "POST", at+"/submit", `{"version":`+string(version)+`}`, 200)
	b.call("", "GET", "/lookup?no="+rc["case_no"].(string)+"&code="+rc["query_code"].(string), "", 200)
	b.actsByAPI("/cases/" + d["id"].(string))
}

// actsByAPI handles a case to its end as two officers.
func (b *bench) actsByAPI(at string) {
	b.t.Helper()
	version := func() string {
		v, _ := json.Marshal(b.head(at).Version)
		return `{"version":` + string(v)
	}
	inbox := b.call("officer", "GET", "/inbox", "", 200)["cases"].([]any)
	if len(inbox) != 1 {
		b.t.Errorf("inbox of %d", len(inbox))
	}
	doc := b.as("officer").Get("/api/v1"+at, 200)
	doc.Lacks(meiNumber, "陈晓梅", "query_code")
	b.call("mei", "POST", at+"/acts/accept", version()+"}", 403)
	b.call("officer", "POST", at+"/acts/accept", `{"version":99}`, 409)
	b.call("officer", "POST", at+"/acts/accept", version()+"}", 200)
	b.call("officer", "POST", at+"/acts/decision", version()+`,"outcome":"perhaps"}`, 422)
	b.call("chief", "POST", at+"/acts/decision", version()+`,"outcome":"grant"}`, 200)
	b.call("officer", "POST", at+"/acts/delivery", version()+`,"to":"陈晓梅"}`, 200)
	if s := b.head(at); s.Outcome != cases.Grant || s.Delivered.IsZero() {
		b.t.Errorf("ends as %s %s", s.State, s.Outcome)
	}
	b.as("mei").Send(http.MethodPost, "/api/v1"+at+"/withdraw", "application/json", strings.NewReader(version()+"}"), 409)
}
