package app_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/sso"
)

// twoNodes starts two servers over one PostgreSQL, with the same keys, files and public address, and a way to start more.
func twoNodes(t *testing.T) (a, b *city, more func() *city) {
	t.Helper()
	o := app.DemoOptions{Dir: t.TempDir(), Database: dbtest.PostgresURL(t)}
	a = startNode(t, o)
	o.BaseURL = a.base
	more = func() *city { t.Helper(); return startNode(t, o) }
	return a, more(), more
}

// on asks a node for a page with whatever this browser holds; cookies belong to the host, whichever node answers.
func on(c *city, path string) string { return c.base + path }

// signedOut fails the test unless the page asked for led to the sign-in page.
func signedOut(t *testing.T, p *webtest.Page) {
	t.Helper()
	if !strings.HasPrefix(p.URL.Path, "/sign-in") {
		t.Errorf("still signed in at %s", p.URL)
	}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// texted waits for the newest code sent to a phone; either node may have sent it.
func texted(t *testing.T, phone string, nodes ...*city) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, n := range nodes {
			for _, m := range n.Demo().SMS.Sent() {
				if code := sixDigits.FindString(m.Text); m.Phone == phone && code != "" {
					return code
				}
			}
		}
	}
	t.Fatalf("no code came to %s", phone)
	return ""
}

// TestSignInOnOneNodeGoOnOnTheOther asks for a code at one node, types it at the other and goes on while either is down.
func TestSignInOnOneNodeGoOnOnTheOther(t *testing.T) {
	a, b, more := twoNodes(t)
	v := a.visitor(t)
	page := v.Get("/sign-in?next=/my", 200).Submit(`form[action^="/sign-in"]`, url.Values{"phone": {"19900000103"}}, 200)
	_, form := page.Form(`form:has([name="code"])`)
	form.Set("code", texted(t, "19900000103", a, b))
	v.Post(on(b, "/sign-in/code"), form, 200).Wants("贺*仁")
	v.Get(on(a, "/my/devices"), 200)
	d := answer[draft](t, send(t, v, http.MethodPost, on(b, "/api/v1/drafts"), map[string]any{"item": "elder-card", "client_key": "nodes-0001"}, http.StatusCreated))
	a.stop()
	if got := answer[draft](t, v.Get(on(b, "/api/v1/drafts/"+d.ID), 200)); got.ID != d.ID {
		t.Errorf("draft %s is now %s", d.ID, got.ID)
	}
	again := more()
	b.stop()
	v.Get(on(again, "/drafts/"+d.ID+"/form/person"), 200).Wants("贺*仁", "老年人优待证")
}

// TestRevokedOnOneNodeRefusedOnTheOther: the very next request, whatever the node it comes to.
func TestRevokedOnOneNodeRefusedOnTheOther(t *testing.T) {
	a, b, _ := twoNodes(t)
	him, her := a.as(t, "person:19900000103"), b.as(t, "person:19900000110")
	actor := func(c *city, account string) (token string) {
		return must[string](t, "sign in")(c.Demo().SignIn(t.Context(), kindOf(account), idOf(account)))
	}
	clerk, err := a.Identity.Actor(t.Context(), actor(a, "staff:he-jing"))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := b.Identity.Actor(t.Context(), actor(b, "person:19900000110"))
	if err != nil {
		t.Fatal(err)
	}
	giver, err := a.Identity.Actor(t.Context(), actor(a, "person:19900000103"))
	if err != nil {
		t.Fatal(err)
	}
	id := a.entrust(t, clerk, holder, mandate.Named{Name: "周𠮷祥", Number: "580102197006190734"}, everyAct("elder-card"))
	her.Post(on(b, "/my/act-for"), url.Values{"kind": {identity.KindPerson}, "id": {giver.PersonID}}, 200)
	d := answer[draft](t, send(t, her, http.MethodPost, on(b, "/api/v1/drafts"), map[string]any{"item": "elder-card", "client_key": "nodes-0002"}, http.StatusCreated))
	her.Get(on(b, "/api/v1/drafts/"+d.ID), 200)
	him.Post(on(a, "/my/mandates/"+id+"/end"), url.Values{}, 200)
	her.Get(on(b, "/api/v1/drafts/"+d.ID), 404)
	him.Get(on(a, "/api/v1/drafts/"+d.ID), 200) // what was begun in his name stays his
}

// TestEndedOnOneNodeEndedOnTheOther signs a device out at one node and asks at the other.
func TestEndedOnOneNodeEndedOnTheOther(t *testing.T) {
	a, b, _ := twoNodes(t)
	here, there := a.as(t, "person:19900000103"), b.as(t, "person:19900000103")
	there.Get(on(b, "/my"), 200).Wants("贺*仁")
	here.Post(on(a, "/my/devices/end-others"), url.Values{}, 200)
	signedOut(t, there.Get(on(b, "/my"), 200))
	here.Get(on(b, "/my"), 200).Wants("贺*仁")
	here.Post(on(b, "/sign-out"), url.Values{}, 200)
	signedOut(t, here.Get(on(a, "/my"), 200))
}

// TestCodeOfOneNodeRedeemedAtTheOther signs in to a department's system with the pages at one node and the token endpoint of the other; a code counts once on both.
func TestCodeOfOneNodeRedeemedAtTheOther(t *testing.T) {
	a, b, _ := twoNodes(t)
	system := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer system.Close()
	back := system.URL + "/back"
	if err := a.SSO.EnsureClient(t.Context(), sso.Client{
		ID: "drain", Name: "排水许可管理系统", Agency: "urban", Redirects: []string{back}, Auth: sso.AuthNone, Alg: "ES256", Audience: sso.ForPeople, MinLevel: 1, Native: true,
		Scopes: map[string]string{"openid": "识别同一个人", "profile": "显示姓名"},
	}, ""); err != nil {
		t.Fatal(err)
	}
	const verifier = "a-verifier-of-at-least-forty-three-characters-0123"
	sum := sha256.Sum256([]byte(verifier))
	ask := "/oauth/authorize?" + url.Values{
		"client_id": {"drain"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"st"}, "nonce": {"no"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()
	he := a.as(t, "person:19900000103")
	p := he.Get(on(a, ask), 200).Wants("排水许可管理系统").Submit(`form[action^="/oauth/consent/"]`, url.Values{"choice": {"agree"}}, 200)
	to, err := url.Parse(p.Find(`a[href*="code="]`).AttrOr("href", p.URL.String())) // a page that leads on: a form's answer may not redirect to another origin
	code := to.Query().Get("code")
	if err != nil || code == "" || !strings.HasPrefix(to.String(), back) {
		t.Fatalf("no code at %s: %s", p.URL, p.Text("main"))
	}
	redeem := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "client_id": {"drain"}, "code_verifier": {verifier}}
	got := answer[map[string]any](t, b.visitor(t).Post(on(b, "/oauth/token"), redeem, 200))
	access, _ := got["access_token"].(string)
	if access == "" || got["id_token"] == nil {
		t.Fatalf("tokens %v", got)
	}
	info := answer[map[string]any](t, a.visitor(t).Send(http.MethodGet, on(a, "/oauth/userinfo"), "", http.NoBody, 200, "Authorization", "Bearer "+access))
	if info["name"] != "贺怀仁" {
		t.Errorf("user info %v", info)
	}
	if again := answer[map[string]any](t, a.visitor(t).Post(on(a, "/oauth/token"), redeem, 400)); again["error"] != "invalid_grant" {
		t.Errorf("a code twice: %v", again)
	}
}

// TestTriesAreCountedOverBothNodes: what is refused at one node is refused at the other.
func TestTriesAreCountedOverBothNodes(t *testing.T) {
	a, b, _ := twoNodes(t)
	from := identity.From{Origin: "203.0.113.7", Agent: "Mozilla/5.0"}
	var err error
	tries := 0
	for ; tries < 10 && errs.KindOf(err) != errs.TooMany; tries++ {
		node := []*city{a, b}[tries%2]
		_, err = node.Identity.SignInStaff(t.Context(), "zhoumin", "不是这个密码", from)
	}
	if errs.KindOf(err) != errs.TooMany || tries < 3 {
		t.Fatalf("after %d tries: %v", tries, err)
	}
	for i, node := range []*city{a, b} {
		if _, err := node.Identity.SignInStaff(t.Context(), "zhoumin", "不是这个密码", from); errs.KindOf(err) != errs.TooMany {
			t.Errorf("node %d lets the same account be tried: %v", i, err)
		}
		if _, err := node.Identity.SignInStaff(t.Context(), []string{"fengli", "luzheng"}[i], "不是这个密码", from); !errs.Is(err, "identity.login_wrong") {
			t.Errorf("node %d stops another account: %v", i, err)
		}
	}
}
