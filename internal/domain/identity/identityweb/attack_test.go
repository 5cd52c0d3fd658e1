package identityweb_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
)

// staffIn signs the staff member in with password and text message.
func (b *browser) staffIn(next string) page {
	b.t.Helper()
	p := b.want(b.fill(b.get("/sign-in/staff?next="+url.QueryEscape(next)), "login", "zhoumin", "password", password), 303, "/sign-in/second?")
	return b.fill(b.get(p.location), "code", b.k.codeOf(zhou.Phone))
}

func TestALimitedSessionIsLedToWhatComesFirst(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, true); err != nil {
		t.Fatal(err)
	}
	b := k.browser(t)
	b.want(b.staffIn("/desk"), 303, "/my/password?")
	b.want(b.get("/my/identity?x=1"), 303, "/my/password?next="+url.QueryEscape("/my/identity?x=1"))
	if p := b.get("/admin/staff/zhou-min/reset", "HX-Request", "true"); p.status != 200 || !strings.HasPrefix(p.head.Get("HX-Redirect"), "/my/password?") {
		t.Errorf("a part of a page: %d %v", p.status, p.head)
	}
	if p := b.do("POST", "/form", url.Values{"a": {"b"}}); p.status != 403 {
		t.Errorf("a form: %d", p.status)
	}
	if p := b.get("/api/v1/me"); p.status != 200 {
		t.Errorf("who am I: %d", p.status)
	}
	for _, open := range []string{"/my/password", "/my/devices", "/sign-in"} {
		if p := b.get(open); p.status == 403 || strings.HasPrefix(p.location, "/my/password") {
			t.Errorf("%s: %d %s", open, p.status, p.location)
		}
	}
}

func TestAPersonsPasswordThatMustChange(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	b.setPassword(password)
	who := person + b.person()
	k.keys.must[who] = true
	b.want(b.do("POST", "/sign-out", url.Values{}), 303, "/")
	b.want(b.fill(b.get("/sign-in/password?next=/form"), "phone", linPhone, "password", password), 303, "/my/security/password?next=%2Fform")
	b.want(b.get("/my/identity"), 303, "/my/security/password?next=%2Fmy%2Fidentity")
	if p := b.get("/form"); p.status != 403 {
		t.Errorf("on without the change: %d", p.status)
	}
	k.keys.must[who] = false
	if p := b.get("/form"); p.status != 200 {
		t.Errorf("after the change: %d", p.status)
	}
}

func TestSecretsOfAKeptFormAreNotKept(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	k.pass(31 * time.Minute)
	p := b.want(b.do("POST", "/form", url.Values{"note": {"门口的灯"}, "password": {"secret-1"}, "repeat": {"secret-2"}, "old": {"secret-3"}}), 303, "/sign-in?")
	next, err := url.ParseQuery(p.location[len("/sign-in?"):])
	if err != nil {
		t.Fatal(err)
	}
	b.want(b.signIn(linPhone, next.Get("next")), 303, "/resume/")
	if p = b.get(next.Get("next")); p.status != 200 || !strings.Contains(p.html, "门口的灯") || strings.Contains(p.html, "secret-") {
		t.Errorf("the page shows what was typed for nobody's eyes: %d %s", p.status, p.html)
	}
}

func TestASecondTabIsLedOn(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	k.pass(11 * time.Minute)
	open := b.get("/sign-in/step-up?fresh=1&next=/form")
	p := b.want(b.fill(open), 303, "/sign-in/step-up?")
	one, two := b.get(p.location), b.get(p.location)
	code := k.codeOf(linPhone)
	b.want(b.fillIn(one, "main form:has(input[name=code])", "code", code), 303, "/sign-in/step-up?")
	b.want(b.fillIn(two, "main form:has(input[name=code])", "code", code), 303, "/form")
}

func TestStepUpNamesProvidersWhoReachTheLevel(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/form")
	p := b.get("/sign-in/step-up?level=3&next=/strong")
	if p.doc.Find("a[href='/sign-in/with/province?level=3&next=%2Fstrong&step=1']").Length() != 1 {
		t.Errorf("no link: %s", p.html)
	}
	if p = b.get("/sign-in/step-up?level=4&next=/strong"); strings.Contains(p.html, "/sign-in/with/") {
		t.Error("a provider who cannot vouch for level 4")
	}
}

func TestResettingAColleague(t *testing.T) {
	k := newKit(t)
	if err := k.SetStaffPassword(t.Context(), authz.System, zhou.ID, password, false); err != nil {
		t.Fatal(err)
	}
	was := zhou.Roles
	defer func() { zhou.Roles = was }()
	k.keys.methods["staff:"+zhou.ID] = factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}}
	zhou.Roles = []authz.Role{authz.Security}
	b := k.browser(t)
	form := b.get("/sign-in/passkey?next=/desk").doc.Find("form[data-passkey=sign-in]")
	if status, out := b.passkey(form, "staff:"+zhou.ID); status != 200 {
		t.Fatal(status, out)
	}
	if p := b.get("/admin/staff/zhou-min/reset"); p.status != 403 {
		t.Errorf("one's own account: %d", p.status)
	}
	p := b.get("/admin/staff/gu-wei/reset")
	if p.status != 200 || !strings.Contains(p.html, "顾巍") || p.doc.Find("html[data-kind=desk]").Length() != 1 {
		t.Fatalf("%d %s", p.status, p.html)
	}
	done := b.fill(p)
	secret := done.doc.Find(".match").Text()
	if done.status != 200 || len(secret) < 10 || done.head.Get("Cache-Control") != "no-store" || k.keys.password["staff:gu-wei"] != secret || !k.keys.must["staff:gu-wei"] {
		t.Errorf("%d %q", done.status, secret)
	}
	k.pass(11 * time.Minute)
	b.want(b.fill(p), 303, "/sign-in/step-up?fresh=1")
	if p = b.get("/admin/staff/nobody/reset"); p.status != 404 {
		t.Errorf("nobody: %d", p.status)
	}
	visitor := k.browser(t)
	visitor.want(visitor.get("/admin/staff/gu-wei/reset"), 303, "/sign-in/staff?")
}

func TestATokenAsksForAFreshProof(t *testing.T) {
	k := newKit(t)
	b := k.browser(t)
	b.verified(linPhone, lin, linNumber, "/my/tokens")
	k.pass(11 * time.Minute)
	p := b.do("POST", "/my/tokens", url.Values{"name": {"记账"}, "days": {"30"}})
	b.want(p, 303, "/sign-in/step-up?fresh=1&next=%2Fmy%2Ftokens")
	if regexp.MustCompile(`tongban_[0-9A-Z]+`).MatchString(p.html) {
		t.Error("a token")
	}
}

func TestAKeptFormOfAVisitorIsNotAnothersToSend(t *testing.T) {
	k := newKit(t)
	attacker, b := k.browser(t), k.browser(t)
	p := attacker.want(attacker.do("POST", "/form", url.Values{"to": {"attacker"}}), 303, "/sign-in?")
	next, _ := url.ParseQuery(p.location[len("/sign-in?"):])
	b.verified(linPhone, lin, linNumber, "/form")
	if p = b.get(next.Get("next")); p.status != http.StatusGone || strings.Contains(p.html, "attacker") {
		t.Errorf("%d %s", p.status, p.html)
	}
}
