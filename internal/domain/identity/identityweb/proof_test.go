package identityweb_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/identity"
)

func TestAStepUpComesBackWithWhatWasTyped(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	p := b.want(b.get("/strong"), 303, "/sign-in/step-up?level=3&next=%2Fstrong")
	if p = b.get(p.location); !strings.Contains(p.html, "三级：已核验是本人") || !strings.Contains(p.html, "二级：姓名和证件号码已核验") {
		t.Fatalf("the page does not say which level is needed: %s", p.html)
	}
	p = b.want(b.do("POST", "/strong?a=1", url.Values{"shop": {"小满"}, "totp": {"secret"}}), 303, "/sign-in/step-up?level=3&next=%2Fresume%2F")
	p = b.get(p.location)
	hop := b.fillIn(p, "form[action='/sign-in/step-up/face']")
	if hop.status != 200 || hop.head.Get("Refresh") != "0; url=https://face.example/check/face-1" || hop.doc.Find("a[href='https://face.example/check/face-1']").Length() != 1 {
		t.Fatalf("hop: %d %v", hop.status, hop.head)
	}
	back, err := url.Parse(k.face.back)
	if err != nil || back.Host != "qinglan.example" || back.Path != "/sign-in/face/back" {
		t.Fatalf("back to %s", k.face.back)
	}
	home := back.RequestURI() + "&id=face-1"
	if p = b.get(home); p.status != 409 || p.doc.Find("a[href^='/sign-in/step-up']").Length() != 1 {
		t.Errorf("not done yet: %d", p.status)
	}
	k.face.result = identity.FaceResult{Done: true, Passed: true, At: k.now()}
	if p := k.browser(t).get(home); p.status != 303 || !strings.HasPrefix(p.location, "/sign-in?") {
		t.Errorf("a visitor comes back: %d %s", p.status, p.location)
	}
	before := b.token()
	p = b.want(b.get(home), 303, "/sign-in/step-up?level=3")
	if b.token() == before {
		t.Error("the step up kept the token")
	}
	p = b.want(b.get(p.location), 303, "/resume/")
	p = b.get(p.location)
	if !strings.Contains(p.html, "身份核验已完成") {
		t.Errorf("resume: %s", p.html)
	}
	if b.fill(p).status != 200 || k.posted.Encode() != "shop=%E5%B0%8F%E6%BB%A1" {
		t.Errorf("posted %v", k.posted)
	}
	b.want(b.get("/sign-in/step-up?level=3&next=/strong"), 303, "/strong")
	if p = b.get("/strong"); p.status != 200 {
		t.Errorf("after the step up: %d", p.status)
	}
	if p = b.get("/my/identity"); !strings.Contains(p.html, "人脸核验") || !strings.Contains(p.html, "仅本次登录") {
		t.Error("the proof is not shown")
	}
}

func TestAStepUpOverHTMXLeavesThePage(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	if p := b.get("/strong", "HX-Request", "true"); p.status != 200 || p.head.Get("HX-Redirect") != "/sign-in/step-up?level=3&next=%2Fstrong" {
		t.Errorf("%d %v", p.status, p.head)
	}
	for _, level := range []string{"0", "9", "x", "-1"} {
		b.want(b.get("/sign-in/step-up?next=//evil.example&level="+level), 303, "/my")
	}
}

func TestANewPhoneAsksForAFreshProof(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	k.pass(11 * time.Minute)
	p := b.want(b.get("/my/phone"), 303, "/sign-in/step-up?fresh=1&next=%2Fmy%2Fphone")
	p = b.want(b.fillIn(b.get(p.location), "form[action='/sign-in/step-up/send']"), 303, "/sign-in/step-up?")
	p = b.get(p.location)
	if !strings.Contains(p.html, "199****0101") {
		t.Errorf("sent: %s", p.html)
	}
	if p = b.fillIn(p, "form[action='/sign-in/step-up']", "code", "000000"); p.status != 422 || p.doc.Find("#f-code-error").Length() != 1 {
		t.Errorf("wrong code: %d %s", p.status, p.html)
	}
	p = b.want(b.fillIn(p, "form[action='/sign-in/step-up']", "code", k.codeOf(linPhone)), 303, "/sign-in/step-up?")
	b.want(b.get(p.location), 303, "/my/phone")
	p = b.get("/my/phone")
	if p.status != 200 || strings.Contains(p.html, linPhone) {
		t.Fatalf("phone: %d", p.status)
	}
	const fresh = "19900000777"
	if p = b.fill(p, "phone", "1"); p.status != 422 || p.doc.Find("#f-phone-error").Length() != 1 {
		t.Errorf("a wrong phone: %d", p.status)
	}
	p = b.want(b.fill(p, "phone", fresh), 303, "/my/phone/code?t=")
	if p = b.fill(b.get(p.location), "code", "1"); p.status != 422 {
		t.Errorf("a wrong code: %d", p.status)
	}
	b.want(b.fill(p, "code", k.codeOf(fresh)), 303, "/my/phone?done=1")
	if p = b.get("/my/phone?done=1"); !strings.Contains(p.html, "手机号已更换") || !strings.Contains(p.html, "199****0777") {
		t.Errorf("done: %s", p.html)
	}
	for _, address := range b.seen {
		if strings.Contains(address, fresh) {
			t.Errorf("the phone stands in an address: %s", address)
		}
	}
}

func TestRecoveryByTwoWays(t *testing.T) {
	k := newKit(t)
	old := k.browser(t)
	old.verified(linPhone, lin, linNumber, "/form")
	old.setPassword(password)
	who := old.person()
	b := k.browser(t)
	p := b.get("/sign-in/recover")
	if !strings.Contains(p.html, "窗口") {
		t.Error("the page does not name the counter")
	}
	if p = b.fill(p, "name", "", "number", "1"); p.status != 422 || p.doc.Find(".field-error").Length() != 2 {
		t.Errorf("nothing typed: %d", p.status)
	}
	p = b.want(b.fill(p, "name", lin, "number", linNumber), 303, "/sign-in/recover/prove?")
	prove := b.get(p.location)
	early := b.get(strings.Replace(p.location, "prove", "phone", 1))
	if p = b.fill(early, "phone", "19900000778"); p.status != 410 {
		t.Errorf("a new phone before the second way: %d", p.status)
	}
	password2 := "main form:has(input[value=password])"
	if p = b.fillIn(prove, password2, "password", "wrong-wrong-1"); p.status != 422 || p.doc.Find("main details").Length() == 0 {
		t.Errorf("a wrong password: %d", p.status)
	}
	k.keys.totp[person+who] = "246810"
	p = b.want(b.fillIn(prove, password2, "password", password), 303, "/sign-in/recover/prove?needs=passkey%2Ctotp%2Crecovery%2Cface&")
	prove = b.get(p.location)
	if !strings.Contains(prove.html, "还差一种") || prove.doc.Find(password2).Length() != 0 {
		t.Errorf("the page does not say that one more is needed: %s", prove.html)
	}
	p = b.want(b.fillIn(prove, "main form:has(input[value=totp])", "totp", "246810"), 303, "/sign-in/recover/phone?")
	p = b.want(b.fill(b.get(p.location), "phone", "19900000778"), 303, "/sign-in/recover/phone?p=")
	b.want(b.fill(b.get(p.location), "code", k.codeOf("19900000778")), 303, "/my/devices")
	if b.person() != who {
		t.Error("another person")
	}
	old.want(old.get("/form"), 303, "/sign-in")
}

func TestAStaffPageLocksAndUnlocks(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, false); err != nil {
		t.Fatal(err)
	}
	b := k.browser(t)
	p := b.want(b.fill(b.get("/sign-in/staff"), "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	b.want(b.fill(b.get(p.location), "code", k.codeOf(zhou.Phone)), 303, "/desk")
	k.pass(16 * time.Minute)
	b.want(b.get("/my/tokens"), 303, "/sign-in/staff?")
	p = b.get("/session/unlock")
	if p.status != 200 || p.doc.Find("form[data-unlock] input[type=password]").Length() != 1 || p.doc.Find("form[data-passkey]").Length() != 1 || p.doc.Find("html[lang]").Length() != 0 {
		t.Fatalf("unlock form: %d %s", p.status, p.html)
	}
	if p = b.do("POST", "/session/unlock", url.Values{"unlock_password": {"wrong"}}); p.status != 422 || !strings.Contains(p.html, `"detail"`) {
		t.Errorf("a wrong password: %d %s", p.status, p.html)
	}
	locked := b.token()
	if p = b.do("POST", "/session/unlock", url.Values{"unlock_password": {password}}); p.status != 200 || !strings.Contains(p.html, `"session_ends_ms":`) || b.token() == locked {
		t.Fatalf("unlock: %d %s", p.status, p.html)
	}
	if p = b.get("/my/tokens"); p.status != 200 {
		t.Errorf("after unlocking: %d", p.status)
	}
	k.pass(16 * time.Minute)
	if status, out := b.passkey(b.get("/session/unlock").doc.Find("form[data-passkey]"), "staff:"+zhou.ID); status != 200 || out["session_ends_ms"] == nil {
		t.Errorf("by passkey: %d %v", status, out)
	}
	b.want(b.do("POST", "/session/lock", url.Values{}), 204, "")
	b.want(b.get("/my/tokens"), 303, "/sign-in/staff?")
	visitor := k.browser(t)
	visitor.verified(linPhone, lin, linNumber, "/form")
	if p = visitor.get("/session/unlock"); p.status != 404 {
		t.Errorf("a person's session has a lock: %d", p.status)
	}
	if visitor.do("POST", "/session/lock", url.Values{}); visitor.get("/form").status != 200 {
		t.Error("a person's session was locked")
	}
}

func TestActingUnderAMandateAndItsEnd(t *testing.T) {
	k := newKit(t)
	mother, b := k.browser(t), k.browser(t)
	mother.verified(shenPhone, shen, shenNumber, "/form")
	b.verified(linPhone, lin, linNumber, "/form")
	k.man.give(mother.person(), b.person())
	p := b.get("/my/identity")
	if !strings.Contains(p.doc.Find("main").Text(), "沈*英") || strings.Contains(p.html, shen) {
		t.Fatalf("principals: %s", p.doc.Find("main").Text())
	}
	b.want(b.fillIn(p, "form[action='/my/act-for']:has(input[value=person])"), 303, "/my/identity?done=act")
	if p = b.get("/my/identity"); !strings.Contains(p.doc.Find("header .who").Text(), "沈*英") {
		t.Errorf("head: %s", p.doc.Find("header").Text())
	}
	if p = b.get("/api/v1/me"); !strings.Contains(p.html, `"acting":{"kind":"person"`) || !strings.Contains(p.html, `"mandate":"m1"`) || !strings.Contains(p.html, `"amr":["sms"`) || strings.Contains(p.html, shen) {
		t.Errorf("me: %s", p.html)
	}
	k.man.give("", "")
	p = b.get("/my/identity")
	if !strings.Contains(p.html, "沈*英 给您的委托已经结束") || strings.Contains(p.doc.Find("header .who").Text(), "沈") {
		t.Errorf("the end is not told: %s", p.doc.Find("main").Text())
	}
	if p = b.get("/my/identity"); strings.Contains(p.html, "委托已经结束") {
		t.Error("told twice")
	}
	if p = b.do("POST", "/my/act-for", url.Values{"kind": {"person"}, "id": {mother.person()}}); p.status != 403 || p.doc.Find(".error-summary").Length() != 1 {
		t.Errorf("without a mandate: %d", p.status)
	}
}

func TestOneDeviceIsSignedOut(t *testing.T) {
	k := newKit(t)
	a, b := k.browser(t), k.browser(t)
	a.verified(linPhone, lin, linNumber, "/form")
	k.pass(10 * time.Minute)
	b.want(b.signIn(linPhone, "/form"), 303, "/form")
	other := a.get("/my/devices").doc.Find("form[action$='/end']").AttrOr("action", "")
	if strings.Contains(other, a.token()) || other == "" {
		t.Fatalf("no button, or the token in it: %s", other)
	}
	if p := k.browser(t).do("POST", other, url.Values{}); p.status != 303 || !strings.HasPrefix(p.location, "/sign-in") {
		t.Errorf("a visitor ends a session: %d", p.status)
	}
	stranger := k.browser(t)
	stranger.verified(shenPhone, shen, shenNumber, "/form")
	if p := stranger.do("POST", other, url.Values{}); p.status != 404 {
		t.Errorf("a stranger ends a session: %d", p.status)
	}
	a.want(a.do("POST", other, url.Values{}), 303, "/my/devices?done=one")
	b.want(b.get("/form"), 303, "/sign-in")
	if a.get("/form").status != 200 {
		t.Error("one's own session ended too")
	}
}
