package federationweb_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/cap/oidc"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/federation/federationweb"
	"tongban/internal/domain/federation/rp"
	"tongban/internal/domain/identity"
)

const linNumber = "580102199605182647"

// kit is a site with one provider, hashicorp/cap's, and a door that opens a session for whoever it vouches for.
type kit struct {
	t   *testing.T
	p   *oidc.TestProvider
	s   *federation.Service
	srv *httptest.Server
	now time.Time

	challenge string
	got       identity.Outside
	away      bool
}

// visitors are who asks, by the value of a cookie; a session of the door is "p:<subject>".
var visitors = map[string]authz.Actor{
	"anna": {StaffID: "anna", Roles: []authz.Role{authz.Security}},
	"bert": {StaffID: "bert", Roles: []authz.Role{authz.Security}},
	"root": {StaffID: "root", Roles: []authz.Role{authz.Admin}},
}

func actorOf(token string) authz.Actor {
	if sub, ok := strings.CutPrefix(token, "p:"); ok {
		return authz.Actor{PersonID: sub, Roles: []authz.Role{authz.Person}, Level: 1}
	}
	return visitors[token]
}

func (k *kit) SignInOutside(_ context.Context, o identity.Outside, from identity.From) (identity.SignedIn, error) {
	k.got = o
	if from.Device == "" {
		return identity.SignedIn{}, errs.New(errs.Forbidden, "base.forbidden")
	}
	if o.Subject == "second" {
		return identity.SignedIn{Ticket: "T", Needs: []string{"sms"}}, nil
	}
	return identity.SignedIn{Token: "p:" + o.Subject}, nil
}

func (k *kit) Actor(_ context.Context, token string) (authz.Actor, error) { return actorOf(token), nil }

func (k *kit) Person(_ context.Context, id string) (identity.Person, error) {
	if id == "phone" {
		return identity.Person{ID: id, Phone: "19900000101"}, nil
	}
	return identity.Person{ID: id, Number: linNumber}, nil
}
func (k *kit) SignOut(context.Context, string) error { return nil }

// RoundTrip is the way of our server's requests to the provider.
func (k *kit) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.away {
		return nil, &url.Error{Op: r.Method, URL: r.URL.Path, Err: io.ErrUnexpectedEOF}
	}
	if r.URL.Path == "/token" {
		b, _ := io.ReadAll(r.Body)
		f, _ := url.ParseQuery(string(b))
		sum := sha256.Sum256([]byte(f.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) == k.challenge { // the provider under test compares with a known verifier only
			k.p.SetPKCEVerifier(verifier(f.Get("code_verifier")))
		}
		k.p.SetClientAssertionJWT(f.Get("client_assertion"))
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	return http.DefaultTransport.RoundTrip(r)
}

type verifier string

func (v verifier) Verifier() string             { return string(v) }
func (v verifier) Challenge() string            { return "" }
func (v verifier) Method() oidc.ChallengeMethod { return oidc.S256 }
func (v verifier) Copy() oidc.CodeVerifier      { return v }

func setCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{Name: "who", Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, now: time.Now()}
	k.p = oidc.StartTestProvider(t, oidc.WithNoTLS())
	k.p.SetClientCreds("qinglan", "unused")
	k.p.SetExpectedAuthCode("code-1")
	k.p.SetSupportedScopes("openid")
	k.p.SetExpectedExpiry(time.Minute)
	k.p.SetExpectedSubject("lin")
	k.p.SetCustomClaims(map[string]any{"acr": "p:2", "name": "林小满", "id_number": linNumber})
	var h http.Handler
	k.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(k.srv.Close)
	k.p.SetAllowedRedirectURIs([]string{k.srv.URL + "/sign-in/with/province/back"})
	d := dbtest.SQLite(t, audit.Schema, federation.Schema)
	now := func() time.Time { return k.now }
	log := slog.New(slog.DiscardHandler)
	var err error
	k.s, err = federation.New(federation.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Party: rp.New(rp.Config{Loopback: true, Transport: k, Now: now}), Door: k, PublicURL: k.srv.URL, Loopback: true, Log: log, Now: now,
		Preset: []federation.Settings{{
			Key: "province", Issuer: k.p.Addr(), ClientID: "qinglan", Auth: federation.AuthKey, Scopes: []string{"openid"}, Claims: federation.Names{Name: "name", Number: "id_number"},
			Levels: map[string]int{"p:2": 2, "p:3": 3}, Mode: federation.ModeQuery, NameZH: "省统一身份认证平台", NameEN: "Provincial ID", Enabled: true,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	site := web.New(web.Config{Log: log, Now: now, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		return actorOf(c.Value), nil
	}})
	site.Add(federationweb.Routes(federationweb.Config{
		Federation: k.s,
		Finish: func(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error {
			if in.Token == "" {
				return web.SeeOther(w, r, "/sign-in/second?t="+in.Ticket)
			}
			setCookie(w, in.Token)
			return web.SeeOther(w, r, next)
		},
		From: func(_ http.ResponseWriter, r *http.Request) identity.From {
			return identity.From{Origin: web.Origin(r), Agent: r.UserAgent(), Device: "d"}
		},
	})...)
	site.Add(web.To("GET /my", authz.PersonSelf, func(w http.ResponseWriter, r *http.Request) error {
		return web.JSON(w, 200, authz.From(r.Context()).PersonID)
	}))
	site.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { setCookie(w, r.PathValue("who")) }))
	h = site.Handler()
	return k
}

func (k *kit) as(who string) *webtest.Client {
	c := webtest.Visit(k.t, k.srv.URL)
	c.Get("/as/"+who, 200)
	return c
}

// browser follows nothing by itself, so that a test sees every hop.
type browser struct {
	k *kit
	c *http.Client
}

func (k *kit) browser(who string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		k.t.Fatal(err)
	}
	b := &browser{k, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if who != "" {
		b.get("/as/" + who)
	}
	return b
}

type answer struct {
	status   int
	location string
	head     http.Header
	body     string
}

func (b *browser) do(r *http.Request) answer {
	b.k.t.Helper()
	res, err := b.c.Do(r)
	if err != nil {
		b.k.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.k.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), res.Header, string(body)}
}

func (b *browser) get(to string) answer {
	b.k.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = b.k.srv.URL + to
	}
	r, err := http.NewRequestWithContext(b.k.t.Context(), http.MethodGet, to, nil)
	if err != nil {
		b.k.t.Fatal(err)
	}
	return b.do(r)
}

// atProvider goes to the provider and gives the address it leads back to.
func (b *browser) atProvider(path string) string {
	b.k.t.Helper()
	a := b.get(path)
	u, err := url.Parse(a.location)
	if err != nil || a.status != 303 || !strings.HasPrefix(a.location, b.k.p.Addr()+"/authorize?") {
		b.k.t.Fatalf("%s = %d %q\n%s", path, a.status, a.location, a.body)
	}
	b.k.challenge = u.Query().Get("code_challenge")
	b.k.p.SetExpectedAuthNonce(u.Query().Get("nonce"))
	a = b.get(a.location)
	if a.status != 302 || !strings.HasPrefix(a.location, b.k.srv.URL+"/sign-in/with/province/back?") {
		b.k.t.Fatalf("the provider answers %d %q", a.status, a.location)
	}
	return a.location
}
