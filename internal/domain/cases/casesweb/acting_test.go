package casesweb_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
)

func TestADeclarationIsSignedBeforeItIsSent(t *testing.T) {
	b := setup(t)
	b.sign = true
	at := b.filled()
	check := b.Get(at+"/check", 200).Wants("提交前需要签名", "签名并提交")
	back := check.Submit("#send", nil, 200)
	if b.signer.back != at+"/check" || back.URL.Path != at+"/check" || !strings.Contains(b.signer.text, "开店许可") || !strings.Contains(b.signer.text, "SM3") {
		t.Fatalf("signing leads to %s with %q", b.signer.back, b.signer.text)
	}
	if b.head(at).CaseNo != "" {
		t.Fatal("it was sent by a link")
	}
	back.Wants("您已签名")
	// A change in another tab: what was signed is not what would be sent.
	b.Get(at+"/form/shop", 200).Submit("form[data-autosave]", url.Values{"shop_name": {"新店"}}, 200)
	b.Get(at+"/check", 200).Wants("提交前需要签名").Lacks("您已签名")
	first := b.signer.text
	again := b.Get(at+"/check", 200).Submit("#send", nil, 200).Wants("您已签名")
	if b.signer.text == first {
		t.Error("the words of the second signature are those of the first")
	}
	again.Submit("#send", nil, 200).Wants("查询码")
	p := b.Get("/my/cases/"+id(at), 200).Wants("已电子签名", "下载签名证据")
	href := p.Find("a[href$='/signatures/sig-1']").AttrOr("href", "")
	if got := b.Get(href, 200); string(got.Raw) != `{"signature":"sig-1"}` || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the evidence is %s", got.Raw)
	}
	b.Get("/my/cases/"+id(at)+"/signatures/sig-2", 404)
	b.as("other").Get(href, 404)
}

func TestASonActsForHisMother(t *testing.T) {
	b := setup(t)
	helper := b.as("helper")
	p := helper.Get("/apply/shop", 200).Submit("form[action='/apply/shop']", nil, 200)
	at := strings.TrimSuffix(p.URL.Path, "/questions")
	p.Submit("#questions", url.Values{"scenario.food": {"no"}, "scenario.night": {"no"}}, 200).Wants("陈晓梅", "代理人", "陈小宝")
	helper.Get(at+"/form/shop", 200).Submit("form[data-autosave]", shop, 200)
	_, f := helper.Get(at+"/materials", 200).Form("#f-material-plan-box form")
	f.Set("_act", "upload:material.plan")
	helper.Upload(at+"/materials", f, "material.plan", "plan.pdf", []byte(pdf), 200)
	helper.Get(at+"/materials", 200).Submit("form[action$='/licences']", nil, 200)

	// His mother finds the draft among her own; he finds it in his own name only through the switch.
	b.Get("/my/cases", 200).Wants("继续")
	b.Get(at+"/form/shop", 200)
	son := b.as("son")
	_, sw := son.Get(at, 200).Wants("陈晓梅").Form("form[action='/my/act-for']")
	if sw.Get("kind") != "person" || sw.Get("id") != "mei" || sw.Get("next") != at {
		t.Errorf("the switch sends %v", sw)
	}
	b.as("other").Get(at, 404)

	for who, says := range map[string]string{"viewer": "的申请、补正和撤回", "misfit": "的查看"} {
		b.as(who).Post(at+"/contact", url.Values{"contact.name": {"x"}}, 403).Wants(says, "现在的授权范围是")
		b.as(who).Post("/apply/shop", url.Values{"client_key": {"a-key-of-this-test"}}, 403).Wants("的申请、补正和撤回", "被代办人")
	}
	b.as("misfit").Get(at, 403).Wants("开店许可")
	b.as("misfit").Get("/my/cases", 200).Lacks("开店许可")

	helper.Get(at+"/check", 200).Submit("#send", nil, 200)
	mine := "/my/cases/" + id(at)
	helper.Get(mine, 200).Wants("代理人", "陈小宝")
	b.Get(mine, 200).Wants("陈小宝", "提交申请", "经办记录")
	b.as("viewer").Get(mine, 200).Lacks("/withdraw")
	b.as("viewer").Post(mine+"/withdraw", url.Values{"_v": {strconv.FormatInt(b.head(at).Version, 10)}}, 403)
	b.as("fetcher").Get(mine, 403).Wants("领取结果")
}

func TestAMandateToViewDoesNotCollect(t *testing.T) {
	b := setup(t)
	at := b.sent()
	b.granted(at)
	open := func(who string) *webtest.Page { return b.as(who).Get("/papers/paper-grant.pdf", 200) }
	open("viewer")
	if c := b.head(at); c.State != cases.Decided || len(b.papers.proofs) != 0 {
		t.Fatalf("looking at the decision made it %s with %d proofs", c.State, len(b.papers.proofs))
	}
	b.as("misfit").Get("/papers/paper-grant.pdf", 403)
	b.as("son").Get("/papers/paper-grant.pdf", 404)
	open("fetcher")
	if c := b.head(at); c.State != cases.Concluded || len(b.papers.proofs) != 1 || b.papers.proofs[0].By != "person:son" {
		t.Errorf("collected: %s, %+v", c.State, b.papers.proofs)
	}
}

// granted leads a case to its decision.
func (b *bench) granted(at string) {
	b.t.Helper()
	ctx := b.t.Context()
	c := must[cases.Case](b.t)(b.s.Accept(ctx, officer, id(at), b.head(at).Version))
	must[cases.Case](b.t)(b.s.Decide(ctx, chief, c.ID, c.Version, cases.Decision{Outcome: cases.Grant}))
}
