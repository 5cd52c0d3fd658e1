package ssoweb_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/sso"
)

func text(v any) string { return fmt.Sprint(v) }

func get(t testing.TB, address string, into any) {
	t.Helper()
	r, err := http.Get(address) //nolint:noctx,gosec // a test ends with its server
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

const verifier = "a-verifier-of-at-least-forty-three-characters-0123"

func (s *site) query(changes ...string) string {
	sum := sha256.Sum256([]byte(verifier))
	v := url.Values{
		"client_id": {"shop"}, "redirect_uri": {s.rp.URL + "/back"}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"st"}, "nonce": {"no"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	return "/oauth/authorize?" + v.Encode()
}

// post sends a form as a program, from another site if the headers say so.
func (s *site) post(path string, form url.Values, head ...string) (int, map[string]any, http.Header) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(form.Encode())) //nolint:noctx // a test ends with its server
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]any{}
	_ = json.Unmarshal(b, &out)
	return res.StatusCode, out, res.Header
}

func (s *site) exchange(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {s.rp.URL + "/back"}, "code_verifier": {verifier}, "client_assertion_type": {assertionType}, "client_assertion": {s.assertion(nil)},
	}
}

// agreed is a person who has agreed, and the code of that first sign-in.
func (s *site) agreed() (*webtest.Client, string) {
	s.t.Helper()
	who := s.visitor("mary")
	p := refresh(s.t, who, who.Get(s.query(), 200).Submit("#consent", url.Values{"choice": {"agree"}}, 200))
	return who, p.URL.Query().Get("code")
}

func TestTokenEndpointRefuses(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	s.register(nil)
	who, code := s.agreed()
	again := func() string { return who.Get(s.query(), 200).URL.Query().Get("code") }
	st, got, head := s.post("/oauth/token", s.exchange(code))
	access, _ := got["access_token"].(string)
	if st != 200 || access == "" || head.Get("Cache-Control") != "no-store" {
		t.Fatalf("exchange = %d %v", st, got)
	}
	if st, got, _ = s.post("/oauth/token", s.exchange(code)); st != 400 || got["error"] != "invalid_grant" {
		t.Errorf("replay = %d %v", st, got)
	}
	if st, _, head := s.post("/oauth/userinfo", url.Values{"access_token": {access}}); st != 401 || !strings.Contains(head.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("token of a replayed code = %d", st)
	}
	reused := s.exchange(again())
	if st, _, _ := s.post("/oauth/token", reused); st != 200 {
		t.Fatalf("exchange = %d", st)
	}
	for name, c := range map[string]struct {
		change func(url.Values)
		status int
		code   string
	}{
		"reused jti":       {func(v url.Values) { v["client_assertion"] = reused["client_assertion"] }, 401, "invalid_client"},
		"old assertion":    {func(v url.Values) { v.Set("client_assertion", s.assertion(map[string]any{"exp": 1000})) }, 401, "invalid_client"},
		"mixed-up issuer":  {func(v url.Values) { v.Set("client_assertion", s.assertion(map[string]any{"aud": s.rp.URL})) }, 401, "invalid_client"},
		"no client":        {func(v url.Values) { v.Del("client_assertion") }, 401, "invalid_client"},
		"secret in form":   {func(v url.Values) { v.Del("client_assertion"); v.Set("client_id", "shop"); v.Set("client_secret", "x") }, 401, "invalid_client"},
		"other grant":      {func(v url.Values) { v.Set("grant_type", "password") }, 400, "unsupported_grant_type"},
		"client grant":     {func(v url.Values) { v.Set("grant_type", "client_credentials") }, 400, "unsupported_grant_type"},
		"no grant":         {func(v url.Values) { v.Del("grant_type") }, 400, "invalid_request"},
		"twice":            {func(v url.Values) { v.Add("code", "x") }, 400, "invalid_request"},
		"wrong verifier":   {func(v url.Values) { v.Set("code_verifier", strings.Repeat("y", 43)) }, 400, "invalid_grant"},
		"missing verifier": {func(v url.Values) { v.Del("code_verifier") }, 400, "invalid_grant"},
		"extra slash":      {func(v url.Values) { v.Set("redirect_uri", s.rp.URL+"/back/") }, 400, "invalid_grant"},
	} {
		v := s.exchange(again())
		c.change(v)
		if st, got, _ := s.post("/oauth/token", v); st != c.status || got["error"] != c.code {
			t.Errorf("%s = %d %v", name, st, got)
		}
	}
	if st, got, _ := s.post("/oauth/token?code=x", s.exchange(again())); st != 400 || got["error"] != "invalid_request" {
		t.Errorf("parameters in the query = %d %v", st, got)
	}
	if st, got, _ := s.post("/oauth/token", s.exchange(again()), "Content-Type", "application/json"); st != 400 || got["error"] != "invalid_request" {
		t.Errorf("JSON body = %d %v", st, got)
	}
	if st, got, _ := s.post("/oauth/token", url.Values{"code": {strings.Repeat("x", 70<<10)}}); st != 413 || got["error"] != "invalid_request" {
		t.Errorf("large body = %d %v", st, got)
	}
	if st, got, _ := s.post("/oauth/token", s.exchange(again()), "Authorization", "Basic !!!"); st != 401 || got["error"] != "invalid_client" {
		t.Errorf("broken Basic = %d %v", st, got)
	}
}

// TestExemptions: what other sites may send is exactly what needs it.
func TestExemptions(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	s.register(nil)
	cross := []string{"Origin", "https://department.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}
	for path, want := range map[string]int{
		"/oauth/token": 401, "/oauth/revoke": 401, "/oauth/introspect": 401, "/oauth/userinfo": 401, "/oauth/logout": 303, "/oauth/authorize": 400,
		"/oauth/logout/confirm": 403, "/oauth/consent/x": 403, "/admin/clients": 403, "/my/consents/shop/withdraw": 403,
	} {
		if st, _, _ := s.post(path, url.Values{"grant_type": {"refresh_token"}}, cross...); st != want {
			t.Errorf("cross-site POST %s = %d, want %d", path, st, want)
		}
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/oauth/keys", "/oauth/token", "/oauth/userinfo", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize"} {
		r, _ := http.NewRequest(http.MethodOptions, s.url+path, nil) //nolint:noctx // a test ends with its server
		r.Header.Set("Origin", "https://department.example")
		r.Header.Set("Access-Control-Request-Method", "POST")
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		shared := path != "/oauth/introspect" && path != "/oauth/authorize"
		if (res.StatusCode == 204) != shared || (res.Header.Get("Access-Control-Allow-Origin") == "*") != shared || res.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("OPTIONS %s = %d %v", path, res.StatusCode, res.Header)
		}
	}
	who, _ := s.agreed()
	p := who.Get(s.query("response_mode", "form_post"), 200)
	if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' "+s.rp.URL+";") {
		t.Errorf("form_post CSP = %s", csp)
	}
	action, form := p.Form("#answer")
	if action != s.rp.URL+"/back" || form.Get("code") == "" || form.Get("iss") != s.url || form.Get("state") != "st" || p.Find("#answer button").Length() != 1 {
		t.Errorf("form_post sends %v to %s", form, action)
	}
	p.Submit("#answer", nil, 200)
	if len(s.posted) != 1 || s.posted[0].Get("code") == "" {
		t.Errorf("the system got %v", s.posted)
	}
	if csp := who.Get("/my/consents", 200).Header.Get("Content-Security-Policy"); strings.Contains(csp, s.rp.URL) {
		t.Error("another page may send forms elsewhere too")
	}
}

func TestAuthorizeNeverLeadsAstray(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	s.register(nil)
	who, _ := s.agreed()
	for name, q := range map[string]string{
		"slash": s.query("redirect_uri", s.rp.URL+"/back/"), "other": s.query("redirect_uri", "https://evil.example/"), "script": s.query("redirect_uri", "javascript:alert(1)"), "unknown": s.query("client_id", "nobody"),
		"broken": "/oauth/authorize?client_id=%zz", "nothing": "/oauth/authorize",
	} {
		if p := who.Get(q, 400); p.URL.Host != strings.TrimPrefix(s.url, "http://") {
			t.Errorf("%s led to %s", name, p.URL)
		}
	}
	for name, c := range map[string]struct{ q, want string }{
		"no PKCE": {s.query("code_challenge", ""), "invalid_request"}, "plain": {s.query("code_challenge_method", "plain"), "invalid_request"}, "implicit": {s.query("response_type", "id_token token"), "unsupported_response_type"},
		"level 3 unprompted": {s.query("acr_values", "urn:tongban:loa:3", "prompt", "none"), "interaction_required"},
	} {
		if q := who.Get(c.q, 200).URL.Query(); q.Get("error") != c.want || q.Get("iss") != s.url || q.Get("state") != "st" {
			t.Errorf("%s = %v", name, q)
		}
	}
	if q := s.visitor("").Get(s.query("prompt", "none"), 200).URL.Query(); q.Get("error") != "login_required" {
		t.Errorf("prompt none = %v", q)
	}
	p := who.Get(s.query("acr_values", "urn:tongban:loa:3"), 200)
	if p.URL.Path != "/sign-in/step-up" || p.URL.Query().Get("level") != "3" {
		t.Fatalf("level 3 led to %s", p.URL)
	}
	if q := refresh(t, who, who.Get(p.URL.Query().Get("next"), 200)).URL.Query(); q.Get("error") != sso.Unmet || q.Get("code") != "" {
		t.Errorf("back without level 3 = %v", q)
	}
	for _, changes := range [][]string{{"max_age", "0"}, {"prompt", "login"}} {
		p = who.Get(s.query(changes...), 200)
		if p.URL.Path != "/sign-in" || p.URL.Query().Get("fresh") != "1" {
			t.Fatalf("%v led to %s", changes, p.URL)
		}
		next := p.URL.Query().Get("next")
		if p = who.Get(next, 200); p.URL.Path != "/sign-in" {
			t.Errorf("back without a fresh sign-in: %s", p.URL)
		}
		who.Get("/sign-in/as/mary", 200)
		if q := refresh(t, who, who.Get(next, 200)).URL.Query(); q.Get("code") == "" {
			t.Errorf("after a fresh sign-in = %v", q)
		}
		who.Get(next, 410).Wants("已经完成或者过期")
	}
	other := s.visitor("mary")
	page := other.Get(s.query("prompt", "consent"), 200)
	if q := refresh(t, other, page.Submit("#consent", url.Values{"choice": {"refuse"}}, 200)).URL.Query(); q.Get("error") != "access_denied" || q.Get("state") != "st" {
		t.Errorf("refused consent = %v", q)
	}
}

func TestLogoutIsNoOpenRedirect(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	s.register(nil)
	who, code := s.agreed()
	_, got, _ := s.post("/oauth/token", s.exchange(code))
	hint, _ := got["id_token"].(string)
	logout := func(v url.Values) string { return "/oauth/logout?" + v.Encode() }
	for _, to := range []string{"https://evil.example/", s.rp.URL + "/bye/", s.rp.URL + "/bye?x=1", "//evil.example", "javascript:alert(1)"} {
		p := s.visitor("").Get(logout(url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {to}}), 200)
		if p.URL.Path != "/oauth/logout" || p.Header.Get("Refresh") != "" {
			t.Errorf("%s led to %s", to, p.URL)
		}
	}
	for _, bad := range []string{"a.b.c", hint + "x", s.assertion(nil)} {
		who.Get(logout(url.Values{"id_token_hint": {bad}, "post_logout_redirect_uri": {s.rp.URL + "/bye"}}), 400).Wants("退出请求有误")
	}
	who.Get(logout(url.Values{"id_token_hint": {hint}, "client_id": {"other"}}), 400)
	p := who.Get(logout(url.Values{"client_id": {"shop"}, "post_logout_redirect_uri": {s.rp.URL + "/bye"}, "state": {"z"}}), 200).Wants("是否退出登录", "食品安全监管系统")
	who.Get("/my/consents", 200) // still signed in: without a hint the person is asked
	p = refresh(t, who, p.Submit("#logout", nil, 200))
	if p.URL.String() != s.rp.URL+"/bye?state=z" {
		t.Errorf("after the person's yes: %s", p.URL)
	}
	who.Get("/my/consents", 401)
}

func TestOfficersAdmitASystemOnThePages(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	one, two := s.visitor("sec1"), s.visitor("sec2")
	s.visitor("mary").Get("/admin/clients", 403)
	p := one.Get("/admin/clients/new", 200)
	p.Submit("#client", url.Values{"name": {""}, "redirects": {"ftp://x"}}, 422).Wants("请填写系统名称", "ftp://x")
	p = p.Submit("#client", url.Values{
		"name": {"不动产登记系统"}, "agency": {"land"}, "redirects": {s.rp.URL + "/back"}, "jwks": {string(jwk(t, "k1", &s.key.PublicKey))}, "why_profile": {"显示办理人"}, "scopes": {"openid", "profile"},
	}, 200).Wants("已提交申请", "需要另一位安全管理员批准")
	path := p.URL.Path
	form := p.Find(`form[id^="proposal-"]`).AttrOr("action", "")
	one.Post(form, url.Values{"choice": {"approve"}}, 403).Wants("不能由自己批准")
	p = two.Get(path, 200).Wants("不动产登记系统", s.rp.URL+"/back", "显示办理人")
	p = p.Submit(`form[id^="proposal-"]`, url.Values{"choice": {"approve"}}, 200).Wants("使用中", "已批准")
	two.Get("/admin/clients", 200).Wants("不动产登记系统", "使用中")
	p.Submit("#suspend", nil, 422).Wants("请写明暂停的原因")
	p.Submit("#suspend", url.Values{"reason": {"私钥泄露"}}, 200).Wants("已暂停")
	two.Post("/admin/clients/keys", nil, 200).Wants("已更换签名密钥")
	edit := one.Get(path+"/edit", 200)
	if edit.Find(`input[name=scopes][value=profile][checked]`).Length() != 1 || !strings.Contains(edit.Text("textarea[name=jwks]"), `"kty":"EC"`) {
		t.Error("the form of a registered system is not filled in")
	}
}

func TestMyConsentsAreWithdrawn(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	s.register(nil)
	who, code := s.agreed()
	_, got, _ := s.post("/oauth/token", s.exchange(code))
	p := who.Get("/my/consents", 200).Wants("食品安全监管系统", "姓名、账号类型、身份等级")
	p.Submit(`form[action$="/withdraw"]`, nil, 200).Wants("已撤回授权", "您还没有授权过任何系统")
	if st, _, _ := s.post("/oauth/userinfo", nil, "Authorization", "Bearer "+got["access_token"].(string)); st != 401 {
		t.Errorf("userinfo after withdrawal = %d", st)
	}
	s.visitor("").Get("/my/consents", 401)
}

// FuzzEndpoints: nothing a stranger sends is ever our mistake.
func FuzzEndpoints(f *testing.F) {
	s := open(f, dbtest.SQLite(f, schema...))
	s.register(nil)
	f.Add(strings.TrimPrefix(s.query(), "/oauth/authorize?"))
	f.Add("client_id=shop&redirect_uri=%00&max_age=999999999999999999999&acr_values=urn:tongban:loa:9&scope=openid%ff")
	f.Add(s.exchange("x").Encode())
	f.Add("token=%zz&client_assertion=a.b.c&client_assertion_type=" + assertionType)
	f.Fuzz(func(t *testing.T, raw string) {
		for _, path := range []string{"/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo", "/oauth/authorize", "/oauth/logout"} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(raw))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			s.answers(t, r)
		}
		for _, path := range []string{"/oauth/authorize", "/oauth/logout"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.URL.RawQuery = raw
			s.answers(t, r)
		}
	})
}

func (s *site) answers(t *testing.T, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code >= 500 {
		t.Errorf("%s %s = %d", r.Method, r.URL, w.Code)
	}
}
