package deskweb_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
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
	jin.Get(at+"/on-the-spot", 200).Submit(main, url.Values{"outcome": {"grant"}}, 200).Wants("准予")
}
