package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/idem"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
)

func site(log io.Writer) *web.Site {
	return web.New(web.Config{
		Actor: func(r *http.Request) (authz.Actor, error) {
			if id := r.Header.Get("X-Test-Person"); id != "" {
				return authz.Actor{PersonID: id, Roles: []authz.Role{authz.Person}}, nil
			}
			return authz.Actor{}, nil
		},
		Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now,
	})
}

func get(t *testing.T, h http.Handler, method, path string, head ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(""))
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrorsMapToOneStatusAndSayNothingOfTheInside(t *testing.T) {
	var log strings.Builder
	s := site(&log)
	s.Add(
		web.To("GET /gone", authz.Public, func(http.ResponseWriter, *http.Request) error { return errs.New(errs.Gone, "base.gone") }),
		web.To("GET /boom", authz.Public, func(http.ResponseWriter, *http.Request) error { return errors.New("SELECT secret") }),
		web.To("GET /panic", authz.Public, func(http.ResponseWriter, *http.Request) error { panic("secret") }),
		web.To("GET /mine", authz.PersonSelf, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }),
		web.To("GET /desk", authz.CaseDesk, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }),
	)
	h := s.Handler()
	for path, want := range map[string]int{"/gone": 410, "/boom": 500, "/panic": 500, "/mine": 401, "/nowhere": 404} {
		w := get(t, h, "GET", path)
		if w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s = %d %s", path, w.Code, w.Body)
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no CSP", path)
		}
	}
	if w := get(t, h, "POST", "/gone"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("wrong method = %d", w.Code)
	}
	if w := get(t, h, "GET", "/desk", "X-Test-Person", "1"); w.Code != 403 {
		t.Errorf("a person at a desk = %d", w.Code)
	}
	if w := get(t, h, "HEAD", "/mine", "X-Test-Person", "1"); w.Code != 200 {
		t.Errorf("HEAD = %d", w.Code)
	}
	if !strings.Contains(log.String(), "SELECT secret") {
		t.Error("the internal error is not in the log")
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	s := site(io.Discard)
	s.Add(web.To("POST /do", authz.Public, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }))
	h := s.Handler()
	if w := get(t, h, "POST", "/do", "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("cross-site = %d", w.Code)
	}
	if w := get(t, h, "POST", "/do", "Sec-Fetch-Site", "same-origin"); w.Code != 200 {
		t.Errorf("same-origin = %d", w.Code)
	}
}

// TestAWriteOfTheAPIByCookieNamesItsSite: a session cookie vouches for a write only together with what browsers say of its origin; a token needs
// nothing of the kind, nor does reading, nor do the forms of pages, which old browsers send without it and the cookie's SameSite guards.
func TestAWriteOfTheAPIByCookieNamesItsSite(t *testing.T) {
	s := site(io.Discard)
	done := 0
	ok := func(w http.ResponseWriter, _ *http.Request) error { done++; return web.JSON(w, 200, 1) }
	s.Add(
		web.To("GET /api/v1/things", authz.PersonSelf, ok), web.To("POST /api/v1/things", authz.PersonSelf, ok), web.To("DELETE /api/v1/things", authz.PersonSelf, ok),
		web.To("POST /api/v1/open", authz.Public, ok), web.To("POST /things", authz.PersonSelf, ok),
	)
	h := s.Handler()
	for _, c := range []struct {
		line string
		want int
		head []string
	}{
		{"POST /api/v1/things", 403, nil},
		{"DELETE /api/v1/things", 403, nil},
		{"POST /api/v1/open", 403, nil}, // who is signed in is known to it too
		{"POST /api/v1/things", 403, []string{"Origin", "https://elsewhere.example"}},
		{"POST /api/v1/things", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"POST /api/v1/things", 200, []string{"Origin", "http://example.com"}}, // the host of httptest's requests
		{"POST /api/v1/things", 200, []string{"Sec-Fetch-Site", "same-origin"}},
		{"POST /api/v1/things", 200, []string{"Authorization", "Bearer secret"}},
		{"POST /api/v1/open", 200, []string{"X-Test-Person", ""}},
		{"GET /api/v1/things", 200, nil},
		{"POST /things", 200, nil},
	} {
		method, path, _ := strings.Cut(c.line, " ")
		was := done
		w := get(t, h, method, path, append([]string{"X-Test-Person", "1"}, c.head...)...)
		if w.Code != c.want || (done > was) != (c.want == 200) {
			t.Errorf("%s %v = %d, done %v, want %d", c.line, c.head, w.Code, done > was, c.want)
		}
		if c.want == 403 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %v answers %s", c.line, c.head, w.Header().Get("Content-Type"))
		}
	}
}

func TestTheRateLimitSaysHowLongToWait(t *testing.T) {
	s := site(io.Discard)
	s.Add(web.To("GET /code", authz.Public, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }, web.PerMinute(2)))
	h := s.Handler()
	for i, want := range []int{200, 200, 429} {
		if w := get(t, h, "GET", "/code"); w.Code != want || (want == 429) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("call %d = %d, Retry-After %q", i, w.Code, w.Header().Get("Retry-After"))
		}
	}
}

type body struct {
	Body struct {
		Name string `json:"name" minLength:"1"`
	}
}
type out struct {
	Body struct {
		N int `json:"n"`
	}
}

func TestAPIProblemsAndIdempotency(t *testing.T) {
	d := dbtest.SQLite(t, idem.Schema)
	s := site(io.Discard)
	api := web.NewAPI(s, "1", idem.New(d, vault.New(vault.NewKeys()), time.Now))
	calls := 0
	web.Op(api, authz.CaseApply, huma.Operation{OperationID: "make", Method: "POST", Path: "/things"}, func(_ context.Context, in *body) (*out, error) {
		if in.Body.Name == "taken" {
			return nil, errs.Fields("base.invalid", []errs.Field{{Path: "name", Key: "base.gone"}})
		}
		calls++
		o := &out{}
		o.Body.N = calls
		return o, nil
	})
	h := s.Handler()
	post := func(b string, head ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/api/v1/things", strings.NewReader(b))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Test-Person", "1")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept-Language", "en")
		for i := 0; i+1 < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, b := range []string{`{"name":""}`, `{"name":"taken"}`} {
		w := post(b)
		var p web.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 422 || len(p.Errors) != 1 || p.Errors[0].Pointer != "/name" ||
			w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", b, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	a, b := post(`{"name":"x"}`, "Idempotency-Key", "k1"), post(`{"name":"x"}`, "Idempotency-Key", "k1")
	if calls != 1 || a.Body.String() != b.Body.String() || b.Code != 200 {
		t.Errorf("%d calls; %s and %s", calls, a.Body, b.Body)
	}
	if w := post(`{"name":"y"}`, "Idempotency-Key", "k1"); w.Code != 409 {
		t.Errorf("key reused with another body = %d", w.Code)
	}
	if w := post(`{"name":"x"}`, "X-Test-Person", ""); w.Code != 401 {
		t.Errorf("a stranger = %d %s", w.Code, w.Body)
	}
	if spec, err := api.OpenAPI(); err != nil || !strings.Contains(string(spec), `"openapi":"3.1`) {
		t.Errorf("OpenAPI: %v", err)
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{"/a?b=1": "/a?b=1", "//evil.example": "/", "https://evil.example": "/", "/\\evil": "/", "": "/", "a": "/"} {
		if got := web.LocalPath(in); got != want {
			t.Errorf("LocalPath(%q) = %q", in, got)
		}
	}
}

func TestOnlyATrustedProxyIsBelieved(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"10.0.0.1:5", "1.2.3.4", "1.2.3.4"},
		{"10.0.0.1:5", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"}, // 9.9.9.9 is what the caller claimed
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1"},
		{"5.5.5.5:5", "1.2.3.4", "5.5.5.5"},
		{"10.0.0.1:5", "2001:db8::1", "2001:db8::1"},
	} {
		got := ""
		s := web.New(web.Config{
			Actor: func(r *http.Request) (authz.Actor, error) { got = web.Origin(r); return authz.Actor{}, nil },
			Log:   slog.New(slog.DiscardHandler), Now: time.Now, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		})
		s.Add(web.To("GET /x", authz.Public, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }))
		r := httptest.NewRequest("GET", "/x", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s forwarding %q = %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestALevelIsAskedOfPeopleAndLedThroughAStepUp(t *testing.T) {
	s := web.New(web.Config{
		Actor: func(r *http.Request) (authz.Actor, error) {
			if r.Header.Get("X-Test-Staff") != "" {
				return authz.Actor{StaffID: "s", Roles: []authz.Role{authz.Security}}, nil
			}
			return authz.Actor{PersonID: "p", Roles: []authz.Role{authz.Person}, Level: 2}, nil
		},
		StepUp: func(w http.ResponseWriter, r *http.Request, need int) error {
			return web.SeeOther(w, r, fmt.Sprintf("/up?level=%d", need))
		},
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	ok := func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }
	s.Add(
		web.To("GET /two", authz.FactorOwn, ok, web.Level(2)),
		web.To("GET /three", authz.FactorOwn, ok, web.Level(3)),
		web.To("GET /api/three", authz.FactorOwn, ok, web.Level(3)),
		web.To("GET /inside", authz.FactorOwn, func(http.ResponseWriter, *http.Request) error { return web.LevelNeeded(4) }),
	)
	h := s.Handler()
	if w := get(t, h, "GET", "/two"); w.Code != 200 {
		t.Errorf("level 2 at level 2 = %d", w.Code)
	}
	if w := get(t, h, "GET", "/three"); w.Code != 303 || w.Header().Get("Location") != "/up?level=3" {
		t.Errorf("level 2 at level 3 = %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := get(t, h, "GET", "/three", "X-Test-Staff", "1"); w.Code != 200 {
		t.Errorf("staff at level 3 = %d", w.Code)
	}
	if w := get(t, h, "GET", "/inside"); w.Header().Get("Location") != "/up?level=4" {
		t.Errorf("an act that needs level 4 = %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := get(t, h, "GET", "/api/three"); w.Code != 403 || !strings.Contains(w.Header().Get("WWW-Authenticate"), `acr_values="urn:tongban:loa:3"`) {
		t.Errorf("API = %d %q", w.Code, w.Header().Get("WWW-Authenticate"))
	}
}

// Only the routes that say so take what other sites send, and only the shared ones are readable for their scripts.
func TestOtherSitesReachOnlyTheRoutesThatSaySo(t *testing.T) {
	s := site(io.Discard)
	ok := func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, 1) }
	s.Add(
		web.To("POST /form", authz.Public, ok),
		web.To("POST /callback", authz.Public, ok, web.CrossSite()),
		web.To("POST /token", authz.Public, ok, web.Shared()),
		web.To("GET /page", authz.Public, func(w http.ResponseWriter, _ *http.Request) error {
			web.AllowForm(w, "https://client.example")
			return web.JSON(w, 200, 1)
		}),
	)
	h := s.Handler()
	for path, want := range map[string]struct {
		status int
		allow  string
	}{"/form": {403, ""}, "/callback": {200, ""}, "/token": {200, "*"}} {
		w := get(t, h, "POST", path, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
		if w.Code != want.status || w.Header().Get("Access-Control-Allow-Origin") != want.allow || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s = %d, allows %q", path, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
		}
	}
	if csp := get(t, h, "GET", "/page").Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://client.example;") {
		t.Errorf("CSP %s", csp)
	}
}

// A client certificate in a header is believed from a proxy of ours and from nobody else.
func TestTheHeaderOfAClientCertificateIsForProxies(t *testing.T) {
	for proxies, want := range map[string]string{"": "", "192.0.2.0/24": ":AA==:"} {
		cfg := web.Config{Actor: func(*http.Request) (authz.Actor, error) { return authz.Actor{}, nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now}
		if proxies != "" {
			cfg.Proxies = []netip.Prefix{netip.MustParsePrefix(proxies)}
		}
		s := web.New(cfg)
		got := "unasked"
		s.Add(web.To("GET /x", authz.Public, func(w http.ResponseWriter, r *http.Request) error {
			got = r.Header.Get("Client-Cert")
			return web.JSON(w, 200, 1)
		}))
		get(t, s.Handler(), "GET", "/x", "Client-Cert", ":AA==:") // httptest calls from 192.0.2.1
		if got != want {
			t.Errorf("behind %q the header is %q", proxies, got)
		}
	}
}
