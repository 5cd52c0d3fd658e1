package identityweb_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/identityweb"
)

func TestSigningInWithoutScripts(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.want(b.get("/form?step=2"), 303, "/sign-in?next="+url.QueryEscape("/form?step=2"))
	p := b.fill(b.get("/sign-in?next="+url.QueryEscape("/form?step=2")), "phone", "12345")
	if p.status != 422 || p.doc.Find(".error-summary a[href='#f-phone']").Length() != 1 || p.doc.Find("input[name=phone]").AttrOr("value", "") != "12345" {
		t.Errorf("a wrong phone: %d %s", p.status, p.html)
	}
	p = b.want(b.fill(p, "phone", linPhone), 303, "/sign-in/code?")
	code := b.get(p.location)
	if !strings.Contains(code.html, "199****0101") || code.doc.Find("input[autocomplete=one-time-code]").Length() != 1 {
		t.Errorf("code page: %s", code.html)
	}
	p = b.fill(code, "code", "999")
	if p.status != 422 || !strings.HasPrefix(p.doc.Find("title").Text(), "错误：") || p.doc.Find("#f-code-error").Length() != 1 {
		t.Errorf("a wrong code: %d %s", p.status, p.html)
	}
	p = b.want(b.fill(p, "code", k.codeOf(linPhone)), 303, "/sign-in/verify-name?")
	if c := p.head.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Path=/") || strings.Contains(c, "Max-Age") {
		t.Errorf("cookie %q", c)
	}
	first := b.token()
	name := b.get(p.location)
	p = b.fill(name, "name", "林大满", "number", linNumber)
	if p.status != 422 || p.doc.Find("input[name=name]").AttrOr("value", "") != "林大满" || !strings.Contains(p.doc.Find(".error-summary").Text(), "对不上") {
		t.Errorf("a wrong name: %d %s", p.status, p.html)
	}
	k.reg.Switch("population", false)
	if p = b.fill(name, "name", lin, "number", linNumber); p.status != 503 || !strings.Contains(p.html, "暂时连不上") || p.doc.Find("main form").Length() != 1 {
		t.Errorf("registry off: %d", p.status)
	}
	k.reg.Switch("population", true)
	b.want(b.fill(name, "name", lin, "number", linNumber), 303, "/form?step=2")
	if second := b.token(); second == first || second == "" {
		t.Error("the step up kept the token")
	}
	if p = b.get("/form?step=2"); p.status != 200 {
		t.Errorf("after signing in: %d", p.status)
	}
	for _, address := range b.seen {
		if strings.Contains(address, linPhone) || strings.Contains(address, linNumber) {
			t.Errorf("personal data in an address: %s", address)
		}
	}
	p = b.want(b.do("POST", "/sign-out", url.Values{}), 303, "/")
	if b.token() != "" {
		t.Error("the cookie stays after signing out")
	}
	b.want(b.get("/form"), 303, "/sign-in")
}

func TestNextLeadsNowhereElse(t *testing.T) {
	k := newKit(t)
	k.browser(t).verified(linPhone, lin, linNumber, "/form")
	for _, evil := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "javascript:alert(1)"} {
		k.pass(time.Hour)
		b := k.browser(t)
		if p := b.want(b.signIn(linPhone, evil), 303, "/my"); p.location != "/my" {
			t.Errorf("%s leads to %s", evil, p.location)
		}
	}
}

func TestTypedTextSurvivesASessionsEnd(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	k.pass(31 * time.Minute)
	typed := url.Values{"shop": {"小满·甜水铺 <𠮷> & \"引号\""}, "dish": {"冷", "热"}, "_v": {"7"}, "password": {"secret"}}
	p := b.want(b.do("POST", "/form?step=2", typed), 303, "/sign-in?next=%2Fresume%2F")
	b.want(b.fill(b.get(p.location), "phone", linPhone), 303, "/sign-in/code?")
	u, err := url.Parse(p.location)
	if err != nil {
		t.Fatal(err)
	}
	k.pass(time.Minute)
	resume := u.Query().Get("next")
	b.want(b.signIn(linPhone, resume), 303, resume)
	p = b.get(resume)
	if p.doc.Find("main form").AttrOr("action", "") != "/form?step=2" || !strings.Contains(p.doc.Find("main ul").Text(), `小满·甜水铺 <𠮷>`) {
		t.Errorf("resume page: %s", p.html)
	}
	if b.fill(p).status != 200 {
		t.Fatal("the kept form was not taken")
	}
	typed.Del("password")
	if k.posted.Encode() != typed.Encode() {
		t.Errorf("posted %v, want %v", k.posted, typed)
	}
	other := k.browser(t)
	other.verified("19900000102", "沈玉英", "580102194103071821", "/form")
	if p := other.get(resume); p.status != 410 || strings.Contains(p.html, "甜水铺") {
		t.Errorf("another person: %d", p.status)
	}
}

func TestHtmxIsSentToTheWholePage(t *testing.T) {
	b := newKit(t).browser(t)
	p := b.get("/form", "HX-Request", "true")
	if p.status != 200 || p.head.Get("HX-Redirect") != "/sign-in?next=%2Fform" {
		t.Errorf("%d %v", p.status, p.head)
	}
	p = b.want(b.get("/my/tokens"), 303, "/sign-in?")
	b.want(b.do("POST", "/form", url.Values{}, "Referer", b.k.srv.URL+"/form?x=1"), 303, "/sign-in?next="+url.QueryEscape("/form?x=1"))
	_ = p
}

func TestStaffPages(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, true); err != nil {
		t.Fatal(err)
	}
	b := k.browser(t)
	p := b.fill(b.get("/sign-in/staff"), "login", "zhoumin", "password", "wrong")
	if p.status != 422 || p.doc.Find("input[name=password]").AttrOr("value", "") != "" || p.doc.Find("input[name=login]").AttrOr("value", "") != "zhoumin" {
		t.Errorf("wrong password: %d %s", p.status, p.html)
	}
	p = b.want(b.fill(p, "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	b.want(b.fill(b.get(p.location), "code", k.codeOf(zhou.Phone)), 303, "/my/password")
	p = b.fill(b.get("/my/password"), "old", password, "password", "another-good-one-7", "repeat", "another-good-one-8")
	if p.status != 422 || p.doc.Find("#f-repeat-error").Length() != 1 {
		t.Errorf("repeat differs: %d", p.status)
	}
	b.want(b.fill(p, "old", password, "password", "another-good-one-7", "repeat", "another-good-one-7"), 303, "/my/password?done=1")
	if p = b.get("/my/tokens"); p.status != 200 || p.doc.Find("html[data-kind=desk]").Length() != 1 {
		t.Errorf("staff tokens: %d", p.status)
	}
	if p = b.get("/my/identity"); p.status != 403 {
		t.Errorf("staff at a person's page: %d", p.status)
	}
	k.pass(16 * time.Minute)
	b.want(b.get("/my/tokens"), 303, "/sign-in/staff?")
}

func TestMyIdentityIsMaskedAndSwitchesFirm(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/my/identity")
	p := b.get("/my/identity")
	for _, plain := range []string{linPhone, lin, linNumber, "36号2幢"} {
		if strings.Contains(p.html, plain) {
			t.Errorf("%s stands unmasked on the page", plain)
		}
	}
	if !strings.Contains(p.html, "林*满") || !strings.Contains(p.html, "580***********2647") || !strings.Contains(p.html, "清澜小满餐饮有限公司") {
		t.Errorf("page: %s", p.html)
	}
	b.want(b.fill(p), 303, "/my/identity?done=act")
	p = b.get("/my/identity")
	if !strings.Contains(p.doc.Find("header .who").Text(), "清澜小满餐饮有限公司") || p.doc.Find("body").AttrOr("data-session-ends-ms", "") != fmt.Sprint(k.now().Add(30*time.Minute).UnixMilli()) {
		t.Errorf("head: %s", p.html)
	}
	if p := b.do("POST", "/my/act-for", url.Values{"firm": {"nobody"}}); p.status != 403 || p.doc.Find(".error-summary").Length() != 1 {
		t.Errorf("a firm that is not hers: %d", p.status)
	}
	b.want(b.fill(b.get("/my/identity?next=/apply/food")), 303, "/apply/food")
	b.want(b.fill(b.get("/my/identity?next=//evil.example")), 303, "/my/identity?done=act")
	b.want(b.do("POST", "/my/act-for", url.Values{"_firm": {""}, "_then": {"/drafts/1/contact"}, "firm": {"a field of the form"}}), 307, "/drafts/1/contact")
	b.want(b.do("POST", "/my/act-for", url.Values{"_firm": {""}, "_then": {"https://evil.example/"}}), 303, "/my/identity?done=act")
	b.want(b.fill(b.get("/my/identity")), 303, "/my/identity?done=act")
	k.reg.Switch("firms", false)
	if p := b.get("/my/identity"); p.status != 200 || !strings.Contains(p.html, "暂时连不上市场主体库") || !strings.Contains(p.html, "清澜小满") {
		t.Errorf("registry off: %d", p.status)
	}
	p = b.do("POST", "/session/extend", nil)
	if p.status != 200 || !regexp.MustCompile(`\{"session_ends_ms":\d+\}`).MatchString(p.html) {
		t.Errorf("extend: %d %s", p.status, p.html)
	}
}

func TestTokensOpenTheAPIOnly(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/my/tokens")
	if p := b.fill(b.get("/my/tokens"), "name", "", "days", "abc"); p.status != 422 || p.doc.Find(".field-error").Length() != 2 || p.doc.Find("input[name=days]").AttrOr("value", "") != "abc" {
		t.Errorf("bad token: %d", p.status)
	}
	p := b.do("POST", "/my/tokens", url.Values{"name": {"记账 <b>"}, "days": {"30"}})
	secret := regexp.MustCompile(`tongban_[0-9A-Z]+`).FindString(p.html)
	if p.status != 200 || secret == "" || p.head.Get("Cache-Control") != "no-store" {
		t.Fatalf("create: %d %s", p.status, p.html)
	}
	if strings.Contains(b.get("/my/tokens").html, secret) {
		t.Error("the secret is shown twice")
	}
	api := k.browser(t)
	p = api.get("/api/v1/me", "Authorization", "Bearer "+secret)
	if p.status != 200 || !strings.Contains(p.html, `"level":2`) || !strings.Contains(p.html, "林*满") || strings.Contains(p.html, lin) {
		t.Errorf("me: %d %s", p.status, p.html)
	}
	api.want(api.get("/my/tokens", "Authorization", "Bearer "+secret), 303, "/sign-in")
	api.want(api.get("/my/tokens", "Cookie", "session="+secret), 303, "/sign-in")
	for _, head := range []string{"Bearer wrong", "Basic eDp5", "Bearer " + b.token()} {
		if p := b.get("/api/v1/me", "Authorization", head); p.status != 401 {
			t.Errorf("%s: %d", head, p.status)
		}
	}
	if p := b.get("/api/v1/me"); p.status != 200 {
		t.Errorf("with the cookie: %d", p.status)
	}
	action := b.get("/my/tokens").doc.Find("form[action$='/revoke']").AttrOr("action", "")
	b.want(b.do("POST", action, url.Values{}), 303, "/my/tokens?done=revoked")
	if p := api.get("/api/v1/me", "Authorization", "Bearer "+secret); p.status != 401 {
		t.Errorf("revoked: %d", p.status)
	}
}

func TestNoPageShowsATextKey(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, false); err != nil {
		t.Fatal(err)
	}
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/my")
	visitor := k.browser(t)
	for _, lang := range []string{"zh-CN", "en"} {
		b.lang, visitor.lang = lang, lang
		var pages []page
		for _, path := range []string{
			"/sign-in", "/sign-in/password", "/sign-in/passkey", "/sign-in/certificate", "/sign-in/certificate/tls", "/sign-in/staff", "/sign-in/recover",
			"/sign-in/recover/prove?t=x&needs=face,passkey,totp,recovery,password", "/sign-in/recover/phone?t=x",
			"/sign-in/second?t=x&needs=sms,totp,passkey,recovery,certificate&method=sms", "/sign-in/second?t=x&needs=sms,totp,passkey,recovery,certificate&method=recovery",
			"/sign-in/second?t=x&needs=certificate", "/sign-in/second?t=x&needs=totp,passkey&method=totp", "/sign-in/second?t=x&needs=passkey",
		} {
			pages = append(pages, visitor.get(path))
		}
		for _, path := range []string{
			"/sign-in/verify-name", "/my/identity", "/my/tokens", "/my/devices", "/my/phone", "/my/phone?done=1", "/sign-in/step-up?level=3", "/sign-in/step-up?level=4",
			"/sign-in/step-up/certificate?level=4", "/approve", "/approve/x?done=approve", "/approve/x?done=refuse", "/sign-in?fresh=1", "/sign-in/staff?fresh=1",
		} {
			pages = append(pages, b.get(path))
		}
		for i, p := range pages {
			if p.status != 200 || regexp.MustCompile(`\bidentity(web)?\.[a-z]`).MatchString(p.html) {
				t.Errorf("%s page %d: %d %s", lang, i, p.status, regexp.MustCompile(`\bidentity(web)?\.[a-z_0-9]+`).FindString(p.html))
			}
			if p.doc.Find("html").AttrOr("lang", "") != lang {
				t.Errorf("page %d is not in %s", i, lang)
			}
		}
	}
}

func TestTheCookieOfAnHTTPSSite(t *testing.T) {
	h := identityweb.New(identityweb.Config{Service: identity.New(identity.Deps{}), HTTPS: true})
	w := httptest.NewRecorder()
	h.SetSession(w, "x")
	if c := w.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-session=x;") || !strings.Contains(c, "Secure") || strings.Contains(c, "Domain") {
		t.Errorf("cookie %q", c)
	}
}
