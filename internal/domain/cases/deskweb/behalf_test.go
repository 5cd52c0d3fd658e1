package deskweb_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/form"
)

func TestADaughterAppliesAtTheWindowForHerMother(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	page := c.Get("/window/new/elder-card", 200).Wants("谁来办理", "代办依据")
	mother := url.Values{"name": {"沈秋月"}, "number": {oldNumber}, "phone": {phone}, "present": {"other"}}
	wrong := page.Submit(main, mother, 422).Wants("请填写代办人的姓名", "请选择代办依据", "与申请人的关系")
	if wrong.Find("[name='present'][value=other][checked]").Length() != 1 || wrong.Find("a[href='#f-behalf-basis']").Length() != 1 {
		t.Error("the page does not keep or lead to what is missing")
	}
	behalf := url.Values{"behalf.name": {daughter}, "behalf.number": {daughterNumber}, "behalf.number_kind": {"citizen"}, "behalf.relation": {"女儿"}, "behalf.basis": {"letter"}}
	q := wrong.Submit(main, behalf, 200)
	f := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200)
	m := f.Submit(main, elderAnswers, 200)
	if !strings.HasSuffix(m.URL.Path, "/materials") {
		t.Fatalf("without original or copy the form leads to %s", m.URL.Path)
	}
	id := strings.Split(m.URL.Path, "/")[3]
	unproved := c.Get("/window/drafts/"+id+"/check", 200).Wants("还没有核对代办依据")
	if unproved.Find("a[href$='/materials#f-_basis-box']").Length() != 1 {
		t.Error("the finding leads nowhere")
	}
	action, values := m.Form("#f-_basis-box form")
	c.Upload(action, values, "_basis", "委托书.exe", []byte("MZ\x90 a program"), 422)
	c.Upload(action, values, "_basis", "委托书.png", png, 200)
	check := c.Get("/window/drafts/"+id+"/check", 200).Wants(daughter, "女儿", "授权委托书", "留存复印件 1 份").Lacks("还没有核对代办依据")
	check.Submit(main, nil, 200).Wants("沈*月（代理人：沈*云）")
	desk := k.as("wei-chun").Get("/desk/cases/"+id, 200).Wants("代理人", "沈*云", "女儿", "授权委托书", "委托书.png").Lacks(daughter, daughterNumber)
	if desk.Find("form[action$='/reveal'] input[value='agent.name']").Length() != 1 {
		t.Error("the representative's name cannot be asked for")
	}
	desk.Submit("form[action$='/reveal']:has(input[value='agent.name'])", url.Values{"reason": {"identity"}}, 200).Wants(daughter)
	desk.Submit("form[action$='/reveal']:has(input[value='agent.number'])", url.Values{"reason": {"identity"}}, 200).Wants(daughterNumber)
}

func TestTheClerkChecksWhoIsPresent(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	page := c.Get("/window", 200).Follow("窗口身份核验")
	who := url.Values{"act": {"prove"}, "name": {"沈秋月"}, "number_kind": {"citizen"}, "number": {oldNumber}, "original": {"true"}, "same": {"true"}, "note": {evil}}
	with := func(kv ...string) url.Values {
		v := url.Values{}
		for k, x := range who {
			v[k] = x
		}
		for i := 0; i < len(kv); i += 2 {
			v.Set(kv[i], kv[i+1])
		}
		return v
	}
	for says, v := range map[string]url.Values{
		"先核对证件原件": with("original", ""), "同一个人": with("same", ""), "请填写证件号码": with("number", ""), "请选择要登记什么": with("act", "all"),
		"11位新手机号": with("act", "phone", "phone", "12"), "校验位": with("number", "580102194002030020"), "最多200个字": with("note", strings.Repeat("长", 201)),
	} {
		back := c.Post("/window/identity", v, 422).Wants(says)
		if got := back.Find("input[name=name]").AttrOr("value", ""); got != "沈秋月" {
			t.Errorf("%s: the name came back as %q", says, got)
		}
	}
	if len(k.counter.proofs)+len(k.counter.phones) != 0 {
		t.Fatal("something was recorded without a check")
	}
	page.Submit(main, who, 200).Wants("已登记身份核验")
	c.Post("/window/identity", with("act", "phone", "phone", "13912345678", "note", "原号码停用"), 200).Wants("已更换登录手机号")
	if want := []string{"xu-hui old 窗口核对居民身份证原件，人证一致。" + evil}; !slices.Equal(k.counter.proofs, want) {
		t.Errorf("recorded %q", k.counter.proofs)
	}
	if want := []string{"xu-hui old 13912345678 窗口核对居民身份证原件，人证一致。原号码停用"}; !slices.Equal(k.counter.phones, want) {
		t.Errorf("recorded %q", k.counter.phones)
	}
	k.as("zhou-min").Get("/window/identity", http.StatusForbidden) // an officer, no clerk
	k.as("zhou-min").Post("/window/identity", who, http.StatusForbidden)
}

// TestASignedRegistrationFromThePack files the city's 生育登记, whose declaration is signed, and registers it.
func TestASignedRegistrationFromThePack(t *testing.T) {
	k := open(t)
	ctx := t.Context()
	file := func(a authz.Actor) (string, error) {
		d, err := k.s.CreateDraft(ctx, a, "birth-registration", "k1")
		k.ok(err)
		_, err = k.s.SaveDraft(ctx, a, d.ID, d.Version, cases.Patch{
			Form:    form.Answers{"live_address": "柳桥路9号", "household_address": "柳桥路9号", "stage": "planning", "truth": true},
			Contact: cases.Contact{Name: "沈秋月", Phone: phone},
		})
		k.ok(err)
		d, err = k.s.Case(ctx, a, d.ID)
		k.ok(err)
		_, err = k.s.Submit(ctx, a, d.ID, d.Version)
		return d.ID, err
	}
	a := authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 2}
	unsigned := a
	unsigned.PersonID = "unsigned"
	if _, err := file(unsigned); !errs.Is(err, "cases.sign_needed") {
		t.Errorf("without a signature: %v", err)
	}
	id, err := file(a)
	k.ok(err)
	own, err := k.s.Case(ctx, a, id)
	k.ok(err)
	if text := own.Signatures[0].Text; !strings.Contains(text, "生育登记服务") || !strings.Contains(text, "我登记的生育情况和居住地址真实") {
		t.Errorf("signed was:\n%s", text)
	}
	at := "/desk/cases/" + id
	jin := k.as("jin-mei")
	page := jin.Get(at, 200).Wants("已电子签名", "第1次提交", "查看签名证据").Lacks("摘要（SM3）")
	if got := page.Follow("查看签名证据"); string(got.Raw) != "signed-p1" || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the evidence is %s", got.Raw)
	}
	jin.Get(at+"/signatures/another", http.StatusNotFound)
	k.as("kang-jie").Get(at+"/signatures/signed-p1", http.StatusNotFound) // another agency's window
	jin.Get(at+"/on-the-spot", 200).Submit(main, url.Values{"outcome": {"grant"}}, 200).Wants("办结")
}

// TestACommitmentFromThePackIsSigned files the city's 育儿补贴: what was told, what is promised and what follows is what was signed.
func TestACommitmentFromThePackIsSigned(t *testing.T) {
	k := open(t)
	ctx := t.Context()
	a := authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 2}
	file := func(a authz.Actor) (string, error) {
		d, err := k.s.CreateDraft(ctx, a, "childcare-subsidy", "k1")
		k.ok(err)
		_, err = k.s.SaveDraft(ctx, a, d.ID, d.Version, cases.Patch{
			Scenario: map[string]string{"applicant": "parent"}, Contact: cases.Contact{Name: "沈秋月", Phone: phone},
			Form: form.Answers{
				"phone": phone, "child_name": "沈小雨", "child_number": oldNumber, "child_birth": "2025-06-01", "child_address": "柳桥路9号", "account_name": "沈秋月",
				"account_bank": "清澜银行望江支行", "account_number": "6200000000000000000", "truth": true,
			},
		})
		k.ok(err)
		_, err = k.s.Attach(ctx, a, d.ID, cases.Upload{Material: "birth", ClientKey: "b", Name: "出生医学证明.png", Body: bytes.NewReader(png)})
		k.ok(err)
		d, err = k.s.Case(ctx, a, d.ID)
		k.ok(err)
		_, err = k.s.Submit(ctx, a, d.ID, d.Version)
		return d.ID, err
	}
	unsigned := a
	unsigned.PersonID = "unsigned"
	if _, err := file(unsigned); !errs.Is(err, "cases.sign_needed") {
		t.Errorf("without a signature: %v", err)
	}
	id, err := file(a)
	k.ok(err)
	own, err := k.s.Case(ctx, a, id)
	k.ok(err)
	for _, want := range []string{"育儿补贴申领", "只能由一位监护人申领一次", "也不重复申领", "退回已经领取的补贴", "孩子的出生医学证明", "SM3"} {
		if text := own.Signatures[0].Text; !strings.Contains(text, want) {
			t.Errorf("signed was, without %s:\n%s", want, text)
		}
	}
	jin, at := k.as("jin-mei"), "/desk/cases/"+id
	jin.Get(at, 200).Wants("已电子签名")
	jin.Get(at+"/accept", 200).Submit(main, nil, 200)
	jin.Get(at+"/opinion", 200).Submit(main, url.Values{"outcome": {"pass"}, "text": {"没有重复申领的记录"}}, 200)
	jin.Get(at+"/decide", 200).Submit(main, url.Values{"outcome": {"grant"}}, 200).Wants("准予给付")
	jin.Get(at+"/deliver", 200).Submit(main, url.Values{"to": {"沈秋月"}, "checked": {"true"}}, 200).Wants("已完成").Lacks("代领记录")
}

func TestADaughterFetchesTheCardWithALetter(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	q := present(c.Get("/window/new/elder-card", 200), 200)
	sent := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200).Submit(main, elderAnswers, 200).Submit(main, url.Values{"_act": {"grant"}}, 200)
	id := strings.Split(sent.URL.Path, "/")[3]
	at := "/desk/cases/" + id
	page := c.Get(at+"/deliver", 200).Wants("谁来领取", "代领依据")
	page.Submit(main, url.Values{"to": {daughter}, "checked": {"true"}}, 422).Wants("领取人的姓名和申请人不一致")
	taker := url.Values{
		"present": {"other"}, "to": {daughter}, "checked": {"true"}, "behalf.number": {daughterNumber}, "behalf.relation": {"女儿<script>"}, "behalf.basis": {"letter"},
	}
	back := page.Submit(main, taker, 422).Wants("还没有核对代领依据")
	if got := back.Find("[name='behalf.number']").AttrOr("value", ""); got != daughterNumber || back.Find("[name=present][value=other][checked]").Length() != 1 {
		t.Errorf("what was typed came back as %q", got)
	}
	action, values := back.Form(main)
	c.Upload(action, values, "copy", "委托书.exe", []byte("MZ\x90 a program"), 422).Wants("委托书")
	done := c.Upload(action, values, "copy", "委托书.png", png, 200).Wants("已完成", "代领记录", "沈*云", "授权委托书", "留存复印件 1 份", "委托书.png").Lacks(daughter, daughterNumber)
	if done.Find("script:not([src]):not([type])").Length() > 0 {
		t.Error("what was typed became markup")
	}
	done.Submit("form[action$='/reveal']:has(input[value='taker.name'])", url.Values{"reason": {"identity"}}, 200).Wants(daughter)
}

func TestTheDeskNamesWhoStandsIn(t *testing.T) {
	k := open(t)
	id := k.filed()
	at := "/desk/cases/" + id
	k.as("kang-jie").Get(at, http.StatusNotFound) // another agency's window
	security := func(staff string) authz.Actor {
		return authz.Actor{StaffID: staff, Roles: []authz.Role{authz.Security}, Region: "580102", Via: "page"}
	}
	c := org.Change{Kind: org.Substitute, StaffID: "kang-jie", For: "zhou-min", Posts: []string{"market-review"}, From: "2026-03-10", Until: "2026-03-13"}
	p, err := k.org.Propose(t.Context(), security("qin-zhuo"), c, "周敏出差")
	k.ok(err)
	k.ok(k.org.Review(t.Context(), security("shen-ze"), p, true, ""))
	dai := k.as("kang-jie")
	dai.Get("/desk/cases?tab=all", 200).Wants("食品经营许可")
	dai.Get(at+"/accept", 200).Submit(main, nil, 200).Wants("已完成", "康洁（代周敏）")
	if n := dbtest.Count(t, k.d, "audit_entry", "act = 'cases.accept' AND actor = 'staff:kang-jie' AND on_behalf = 'staff:zhou-min'"); n != 1 {
		t.Errorf("%d records say for whom", n)
	}
	k.as("zhou-min").Get(at, 200).Wants("康洁（代周敏）")
}
