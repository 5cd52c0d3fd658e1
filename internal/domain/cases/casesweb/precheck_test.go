package casesweb_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// TestADraftIsLookedOverBeforeItIsSent: asked for without a script, taken back, answered, and sent whatever was said.
func TestADraftIsLookedOverBeforeItIsSent(t *testing.T) {
	b := setup(t)
	at := b.filled()
	ask := b.Get(at, 200).Follow("请求预审").Wants("预审不是正式申请", "随时可以正式提交")
	ask.Submit("form[action$='/pre-review']", url.Values{"note": {strings.Repeat("问", 501)}}, http.StatusUnprocessableEntity).Wants("问问问")
	b.Get("/my/cases", 200).Wants("草稿")
	wait := b.Get(at+"/pre-review", 200).Submit("form[action$='/pre-review']", url.Values{"note": {"平面图行吗？"}}, 200).Wants("已经交给部门预审", "预审中", "清江区市场监督管理局正在预审", "平面图行吗？")
	if wait.Find("a[href$='/receipt'], a[href$='/rate'], a[href$='/withdraw']").Length() != 0 {
		t.Error("a draft is shown as an application")
	}
	if p := b.Get(at+"/form/shop", 200); !strings.HasPrefix(p.URL.Path, "/my/cases/") {
		t.Errorf("while it is looked over the form is at %s", p.URL.Path)
	}
	b.as("other").Get("/my/cases/"+id(at), 404)
	wait.Submit("form[action$='/take-back']", nil, 200).Wants("已经收回", "请求预审")

	b.Get(at+"/pre-review", 200).Submit("form[action$='/pre-review']", nil, 200)
	_, err := b.s.AnswerPrecheck(t.Context(), officer, id(at), b.head(at).Version, cases.Precheck{Advice: "其余都好。", Defects: []cases.Defect{
		{Kind: cases.OnField, Key: "shop_name", Text: "和营业执照一致"}, {Kind: cases.OnMaterial, Key: "plan", Text: "缺比例尺"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	list := b.Get(at, 200).Wants("预审意见", "建议先完善", "其余都好。", "和营业执照一致", "缺比例尺", "预审提到 1 处").Lacks("需要补正")
	if list.Find("a[href$='#f-shop_name']").Length() != 1 {
		t.Error("the advice does not lead to its field")
	}
	b.Get(at+"/form/shop", 200).Wants("预审建议完善的地方", "和营业执照一致").Lacks("缺比例尺")
	b.Get(at+"/materials", 200).Wants("缺比例尺")
	b.Get(at+"/check", 200).Submit("#send", nil, 200).Wants("申请已提交") // unchanged
}

// TestThePersonSeesWhatWasPutRight: what was and what is, when and how it was confirmed; and the same by API.
func TestThePersonSeesWhatWasPutRight(t *testing.T) {
	b := setup(t)
	at := b.sent()
	_, err := b.s.CorrectOnTheSpot(t.Context(), officer, id(at), b.head(at).Version, cases.Spot{Answers: form.Answers{"shop_name": "小满面馆二店"}, How: cases.SpotCall, Confirmed: true, Note: "漏了两个字"})
	if err != nil {
		t.Fatal(err)
	}
	b.Get(at, 200).Wants("当场更正", "店名", "小满面馆二店", "漏了两个字", "收到日期不变", "和申请人通电话")
	b.Lang = "en"
	b.Get(at, 200).Wants("Corrected on the spot", "In a call with the applicant").Lacks("casesweb.", "cases.")
}

// TestPreReviewByAPI asks, answers and reads by programs.
func TestPreReviewByAPI(t *testing.T) {
	b := setup(t)
	at := b.filled()
	path := "/api/v1/drafts/" + id(at) + "/pre-review"
	version := func() string { return strconv.FormatInt(b.head(at).Version, 10) }
	b.Send(http.MethodPost, path, "application/json", strings.NewReader(`{"version":`+version()+`,"note":"行吗"}`), 200)
	b.Send(http.MethodPost, path, "application/json", strings.NewReader(`{"version":`+version()+`}`), 409)
	desk := b.as("officer")
	act := "/api/v1/cases/" + id(at) + "/acts/pre-review"
	desk.Send(http.MethodPost, act, "application/json", strings.NewReader(`{"version":`+version()+`,"ready":true,"defects":[{"kind":"field","key":"shop_name","text":"改"}]}`), 422)
	b.Send(http.MethodPost, act, "application/json", strings.NewReader(`{"version":`+version()+`,"ready":true}`), 403)
	desk.Send(http.MethodPost, act, "application/json", strings.NewReader(`{"version":`+version()+`,"ready":true,"advice":"可以"}`), 200)
	if got := string(b.Get(path, 200).Raw); !strings.Contains(got, `"ready":true`) || !strings.Contains(got, "可以") {
		t.Errorf("read: %s", got)
	}
	b.Send(http.MethodPost, path+"/take-back", "application/json", strings.NewReader(`{"version":`+version()+`}`), 409)
}
