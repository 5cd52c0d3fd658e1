package identityweb_test

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

const (
	shen, shenPhone, shenNumber = "沈玉英", "19900000102", "580102194103071821"
	person                      = "person:"
)

// setPassword gives the signed-in person a password.
func (b *browser) setPassword(password string) {
	b.k.keys.mu.Lock()
	defer b.k.keys.mu.Unlock()
	b.k.keys.password[person+b.person()] = password
}

func TestThePageOfSigningInOffersEveryWay(t *testing.T) {
	k := newKit(t)
	p := k.browser(t).get("/sign-in?next=/form")
	for _, want := range []string{
		"a[href='/sign-in/passkey?next=%2Fform']", "a[href='/sign-in/password?next=%2Fform']", "form[action='/sign-in/qr'] input[value='/form']",
		"a[href='/sign-in/certificate?next=%2Fform']", "a[href='/sign-in/with/province?next=%2Fform']", "a[href='/sign-in/recover']", "a[href^='/sign-in/staff?']",
	} {
		if p.doc.Find("main "+want).Length() != 1 {
			t.Errorf("no %s", want)
		}
	}
	if p.doc.Find("main form").First().AttrOr("action", "") != "/sign-in" || p.doc.Find("main .btn.primary").Length() != 1 {
		t.Error("the code by text message is not the first way, or there are two main buttons")
	}
	if len(p.html) > 40<<10 {
		t.Errorf("the page weighs %d bytes", len(p.html))
	}
}

func TestTheDeviceCookie(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	p := b.fill(b.get("/sign-in"), "phone", linPhone)
	c := p.head.Get("Set-Cookie")
	if !strings.HasPrefix(c, "device=") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "Max-Age=31536000") || !strings.Contains(c, "SameSite=Lax") {
		t.Errorf("cookie %q", c)
	}
	if p = b.fill(b.get(p.location), "code", "000"); p.head.Get("Set-Cookie") != "" {
		t.Errorf("a second device: %q", p.head.Get("Set-Cookie"))
	}
	b.want(b.fill(p, "code", k.codeOf(linPhone)), 303, "/sign-in/verify-name")
}

func TestPasswordNeedsASecondFactorOnANewDevice(t *testing.T) {
	k := newKit(t)
	old := k.browser(t)
	old.verified(linPhone, lin, linNumber, "/form")
	old.setPassword(password)
	k.pass(time.Hour)
	b := k.browser(t)
	p := b.fill(b.get("/sign-in/password?next=/form"), "phone", linPhone, "password", "wrong")
	if p.status != 422 || p.doc.Find("input[name=password]").AttrOr("value", "") != "" || p.doc.Find("input[name=phone]").AttrOr("value", "") != linPhone {
		t.Fatalf("wrong password: %d %s", p.status, p.html)
	}
	p = b.want(b.fill(p, "phone", linPhone, "password", password), 303, "/sign-in/second?")
	if b.token() != "" {
		t.Fatal("signed in by the password alone")
	}
	p = b.get(p.location)
	if !strings.Contains(p.html, "验证码已发送到") || p.doc.Find("input[autocomplete=one-time-code]").Length() != 1 {
		t.Errorf("second page: %s", p.html)
	}
	if p = b.fill(p, "code", "000000"); p.status != 422 || p.doc.Find("#f-code-error").Length() != 1 {
		t.Errorf("wrong code: %d", p.status)
	}
	b.want(b.fill(p, "code", k.codeOf(linPhone)), 303, "/form")
	if old.want(old.get("/form"), 303, "/sign-in"); b.get("/form").status != 200 {
		t.Error("not signed in")
	}
}

func TestNothingTellsWhoHasAnAccount(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	b.setPassword(password)
	same := func(what, known, unknown string, form func(b *browser, who string) page) {
		t.Helper()
		x, y := form(k.browser(t), known), form(k.browser(t), unknown)
		if x.status != y.status || x.doc.Find("main").Text() != y.doc.Find("main").Text() || strings.Split(x.location, "?")[0] != strings.Split(y.location, "?")[0] {
			t.Errorf("%s differs: %d %q, %d %q", what, x.status, x.location, y.status, y.location)
		}
	}
	same("password", linPhone, "19900000999", func(b *browser, who string) page {
		return b.fill(b.get("/sign-in/password"), "phone", who, "password", "wrong-wrong-1")
	})
	same("recovery", linNumber, "580102199005213526", func(b *browser, who string) page {
		p := b.want(b.fill(b.get("/sign-in/recover"), "name", lin, "number", who), 303, "/sign-in/recover/prove?")
		return b.fillIn(b.get(p.location), "main form:has(input[value=password])", "password", "wrong-wrong-1")
	})
	same("staff", "zhoumin", "nobody", func(b *browser, who string) page {
		return b.fill(b.get("/sign-in/staff"), "login", who, "password", "wrong-wrong-1")
	})
}

func TestPasskeys(t *testing.T) {
	k := newKit(t)
	old := k.browser(t)
	old.verified(linPhone, lin, linNumber, "/form")
	b := k.browser(t)
	p := b.get("/sign-in/passkey?next=/form")
	form := p.doc.Find("form[data-passkey=sign-in]")
	if form.Length() != 1 || !strings.Contains(p.html, "noscript") {
		t.Fatalf("page: %s", p.html)
	}
	if status, out := b.passkey(form, ""); status != 422 || out["detail"] == "" || b.token() != "" {
		t.Errorf("nobody's passkey: %d %v", status, out)
	}
	if status, out := b.passkey(form, person+old.person()); status != 200 || out["next"] != "/form" {
		t.Errorf("passkey: %d %v", status, out)
	}
	if b.get("/form").status != 200 {
		t.Error("not signed in")
	}
	if p := b.send("POST", form.AttrOr("data-finish", ""), "application/json", "{"); p.status != 400 {
		t.Errorf("broken JSON: %d", p.status)
	}
}

// upload sends a certificate and its signature as the page's form does.
func (b *browser) upload(p page, cert, signature string) page {
	b.t.Helper()
	form := p.doc.Find("form[enctype='multipart/form-data']")
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, s := range form.Find("input[type=hidden]").EachIter() {
		_ = m.WriteField(s.AttrOr("name", ""), s.AttrOr("value", ""))
	}
	for name, content := range map[string]string{"certificate": cert, "signature": signature} {
		if w, err := m.CreateFormFile(name, name+".bin"); err == nil {
			_, _ = w.Write([]byte(content))
		}
	}
	_ = m.Close()
	return b.send("POST", form.AttrOr("action", ""), m.FormDataContentType(), body.String())
}

func TestCertificates(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	p := b.get("/sign-in/certificate?next=/form")
	text := p.doc.Find("#sign-text").Text()
	saved, _ := p.doc.Find("a[download]").Attr("href")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(saved, "data:text/plain;base64,"))
	if err != nil || string(raw) != text {
		t.Fatalf("the saved text %q is not the shown %q: %v", raw, text, err)
	}
	if p = b.upload(p, "", ""); p.status != 422 || p.doc.Find("#f-certificate-error").Length() != 1 || p.doc.Find("#f-signature-error").Length() != 1 {
		t.Errorf("nothing sent: %d", p.status)
	}
	if p = b.upload(p, linNumber, "another"); p.status != 422 || p.doc.Find("#sign-text").Text() == text {
		t.Errorf("a wrong signature: %d", p.status)
	}
	good := "signed:" + p.doc.Find("#sign-text").Text()
	if p = b.upload(p, linNumber, good); p.location != "/form" {
		t.Fatalf("signed: %d %s", p.status, p.doc.Find(".error-summary").Text())
	}
	if p = b.get("/api/v1/me"); !strings.Contains(p.html, `"level":4`) {
		t.Errorf("me: %s", p.html)
	}
	visitor := k.browser(t)
	if p = visitor.get("/sign-in/certificate/tls"); !strings.Contains(p.html, "没有出示证书") {
		t.Error("no certificate, and the page does not say so")
	}
	for _, wrong := range []string{"NTg=", ":%%:", ":", ""} {
		if p = visitor.do("POST", "/sign-in/certificate/tls", url.Values{}, "Client-Cert", wrong); p.status != 422 {
			t.Errorf("%q: %d", wrong, p.status)
		}
	}
	head := ":" + base64.StdEncoding.EncodeToString([]byte(linNumber)) + ":"
	p = visitor.get("/sign-in/certificate/tls?next=/form", "Client-Cert", head)
	if p := visitor.do("POST", "/sign-in/certificate/tls", url.Values{"next": {"/form"}}, "Client-Cert", head); p.location != "/form" {
		t.Errorf("by the header: %d %s", p.status, p.doc.Find("main").Text())
	}
	if p.doc.Find("main form").Length() != 1 {
		t.Error("the page has no button")
	}
}

func TestAPhoneSignsAScreenIn(t *testing.T) {
	k := newKit(t)
	phone, screen := k.browser(t), k.browser(t)
	phone.verified(linPhone, lin, linNumber, "/form")
	start := func() page {
		screen.want(screen.do("POST", "/sign-in/qr", url.Values{"next": {"/form"}}), 303, "/sign-in/qr")
		return screen.get("/sign-in/qr")
	}
	p := start()
	match, code := p.doc.Find(".match").Text(), p.doc.Find(".qr-sign-in .hint .num").Text()
	if p.doc.Find("svg.qr").Length() != 1 || match == "" || code == "" || !strings.Contains(p.html, "noscript") {
		t.Fatalf("screen: %s", p.html)
	}
	if p = screen.get("/sign-in/qr/state"); p.status != 204 {
		t.Errorf("nothing has happened: %d", p.status)
	}
	phone.want(phone.fill(phone.get("/approve"), "code", strings.ToLower(code[:4])+" "+code[4:]), 303, "/approve/"+code)
	ask := phone.get("/approve/" + code)
	if ask.doc.Find(".match").Text() != match || !strings.Contains(ask.html, "Chrome") || !strings.Contains(ask.html, "127.0.0.*") || !strings.Contains(ask.html, "09:00") {
		t.Errorf("phone: %s", ask.html)
	}
	stranger := k.browser(t)
	stranger.verified(shenPhone, shen, shenNumber, "/form")
	if p = stranger.do("POST", "/approve/"+code, url.Values{"do": {"approve"}}); p.status != 410 {
		t.Errorf("somebody else approves: %d", p.status)
	}
	phone.want(phone.do("POST", "/approve/"+code, url.Values{"do": {"approve"}}), 303, "/approve/"+code+"?done=approve")
	if p = k.browser(t).get("/sign-in/qr"); p.location != "/sign-in" {
		t.Errorf("the code without the screen's secret: %d %s", p.status, p.location)
	}
	p = screen.get("/sign-in/qr/state")
	if p.head.Get("HX-Redirect") != "/form" || screen.person() != phone.person() {
		t.Fatalf("approved: %d %v", p.status, p.head)
	}
	p = phone.get("/my/devices")
	if rows := p.doc.Find("tbody tr"); rows.Length() != 2 || !strings.Contains(rows.Text(), "扫码") || !strings.Contains(rows.Text(), "这台设备") {
		t.Errorf("devices: %s", p.html)
	}
	phone.want(phone.fillIn(p, "form[action='/my/devices/end-others']"), 303, "/my/devices?done=others")
	screen.want(screen.get("/form"), 303, "/sign-in")

	code = start().doc.Find(".qr-sign-in .hint .num").Text()
	phone.want(phone.do("POST", "/approve/"+code, url.Values{"do": {"refuse"}}), 303, "/approve/"+code+"?done=refuse")
	if p = screen.get("/sign-in/qr/state"); p.status != 200 || !strings.Contains(p.html, "手机上拒绝了") {
		t.Errorf("refused: %d %s", p.status, p.html)
	}
	start()
	k.pass(5 * time.Minute)
	if p = screen.get("/sign-in/qr"); !strings.Contains(p.html, "二维码已过期") || p.doc.Find("[hx-get]").Length() != 0 {
		t.Error("an old code still waits")
	}
	if p = phone.get("/approve/" + code); p.status != 410 {
		t.Errorf("an old code on the phone: %d", p.status)
	}
}

func TestFreshAsksThoughSignedIn(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	b.want(b.get("/sign-in?next=/form"), 303, "/form")
	p := b.get("/sign-in?next=/form&fresh=1")
	if p.status != 200 || !strings.Contains(p.html, "林*满") {
		t.Fatalf("fresh: %d %s", p.status, p.html)
	}
	k.pass(5 * time.Minute)
	before := b.token()
	p = b.want(b.fill(p, "phone", linPhone), 303, "/sign-in/code?")
	b.want(b.fill(b.get(p.location), "code", k.codeOf(linPhone)), 303, "/form")
	if a, err := k.Actor(t.Context(), before); err != nil || a.Signed() || b.token() == before {
		t.Error("the earlier session stays open")
	}
}

func TestLimitsSayHowLong(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	var p page
	for range 8 {
		if p = b.fill(b.get("/sign-in/password"), "phone", linPhone, "password", "wrong-wrong-1"); p.status == 429 {
			break
		}
	}
	if p.status != 429 || p.head.Get("Retry-After") == "" || p.doc.Find(".error-summary li").Length() != 1 || p.doc.Find("main form").Length() == 0 {
		t.Errorf("after many tries: %d %v %s", p.status, p.head, p.doc.Find(".error-summary").Text())
	}
}

func TestAdministratorsWithoutAKeyAreLedToGetOne(t *testing.T) {
	k := newKit(t)
	was := zhou.Roles
	t.Cleanup(func() { zhou.Roles = was })
	zhou.Roles = []authz.Role{authz.Security}
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, false); err != nil {
		t.Fatal(err)
	}
	b := k.browser(t)
	p := b.want(b.fill(b.get("/sign-in/staff?next=/admin/staff"), "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	b.want(b.fill(b.get(p.location), "code", k.codeOf(zhou.Phone)), 303, "/my/security?enrol=1&next=%2Fadmin%2Fstaff")
	b.want(b.do("POST", "/sign-out", url.Values{}), 303, "/")

	k.keys.methods["staff:"+zhou.ID] = factor.Methods{Passkeys: []factor.Passkey{{ID: "p"}}}
	k.pass(time.Minute)
	p = b.want(b.fill(b.get("/sign-in/staff?next=/admin/staff"), "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	p = b.get(p.location)
	if p.doc.Find("input[name=code]").Length() != 0 {
		t.Error("an administrator may use a code")
	}
	if status, out := b.passkey(p.doc.Find("form[data-passkey]"), "staff:"+zhou.ID); status != 200 || out["next"] != "/admin/staff" {
		t.Errorf("passkey: %d %v", status, out)
	}
}

func TestAnotherRoomEndsItsSignInHere(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.want(b.get("/outside"), 303, "/form")
	if p := b.get("/form"); p.status != 200 {
		t.Errorf("after an outside sign-in: %d", p.status)
	}
	if p := b.get("/api/v1/me"); !strings.Contains(p.html, `"level":2`) || strings.Contains(p.html, lin) {
		t.Errorf("me: %s", p.html)
	}
}

func TestTheSecondFactorCanBeChosen(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, false); err != nil {
		t.Fatal(err)
	}
	k.keys.totp["staff:"+zhou.ID] = "123456"
	b := k.browser(t)
	p := b.want(b.fill(b.get("/sign-in/staff"), "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	first := b.get(p.location)
	if first.doc.Find("input[name=method]").AttrOr("value", "") != identity.WayTOTP || k.codeOf(zhou.Phone) != "" {
		t.Fatalf("not the app first, or a text message nobody asked for: %s", first.html)
	}
	if p = b.fill(first, "code", "654321"); p.status != 422 || p.doc.Find("#f-code-error").Length() != 1 {
		t.Errorf("wrong digits: %d", p.status)
	}
	sms := b.get(first.doc.Find(".ways a").AttrOr("href", ""))
	p = b.want(b.fillIn(sms, "form[action='/sign-in/second/send']"), 303, "/sign-in/second?")
	if p = b.get(p.location); !strings.Contains(p.html, "****0002") {
		t.Errorf("sent: %s", p.html)
	}
	b.want(b.fillIn(p, "form[action='/sign-in/second']", "code", k.codeOf(zhou.Phone)), 303, "/desk")
	for _, address := range []string{"/sign-in/second", "/sign-in/second?t=x&needs=nothing", "/sign-in/second?needs=totp", "/sign-in/second?t=x&needs=totp&method=sms"} {
		b.want(b.get(address), 303, "/sign-in?")
	}
	if p = b.do("POST", "/sign-in/second", url.Values{"t": {"made up"}, "needs": {"totp"}, "code": {"1"}}); p.status != 410 {
		t.Errorf("a ticket that never was: %d", p.status)
	}
}
