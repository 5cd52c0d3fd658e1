package ssoweb_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	capoidc "github.com/hashicorp/cap/oidc"
	"github.com/hashicorp/cap/oidc/clientassertion"
	"golang.org/x/oauth2"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/sso"
)

// TestGoOIDC signs in, refreshes and signs out with coreos/go-oidc and golang.org/x/oauth2, unmodified, and is told of the end.
func TestGoOIDC(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		s.register(nil)
		provider, err := oidc.NewProvider(t.Context(), s.url)
		if err != nil {
			t.Fatal(err)
		}
		conf := oauth2.Config{ClientID: "shop", Endpoint: provider.Endpoint(), RedirectURL: s.rp.URL + "/back", Scopes: []string{"openid", "profile"}}
		conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams
		verifier := oauth2.GenerateVerifier()
		who := s.visitor("")
		p := who.Get(conf.AuthCodeURL("st&ate", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n1")), 200)
		if p.URL.Path != "/sign-in" || !strings.HasPrefix(p.URL.Query().Get("next"), "/oauth/resume/") {
			t.Fatalf("nobody signed in leads to %s", p.URL)
		}
		next := p.URL.Query().Get("next")
		who.Get("/sign-in/as/mary", 200)
		p = who.Get(next, 200).Wants("食品安全监管系统", "显示姓名", "买****力")
		p.Submit("#consent", nil, 422).Wants("请选择")
		p = refresh(t, who, p.Submit("#consent", url.Values{"choice": {"agree"}}, 200))
		q := p.URL.Query()
		if q.Get("state") != "st&ate" || q.Get("iss") != s.url || q.Get("code") == "" {
			t.Fatalf("back at %s", p.URL)
		}
		prove := func() []oauth2.AuthCodeOption {
			return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", s.assertion(nil)), oauth2.VerifierOption(verifier)}
		}
		tok, err := conf.Exchange(t.Context(), q.Get("code"), prove()...)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := tok.Extra("id_token").(string)
		id, err := provider.Verifier(&oidc.Config{ClientID: "shop"}).Verify(t.Context(), raw)
		if err != nil || id.Nonce != "n1" || id.VerifyAccessToken(tok.AccessToken) != nil {
			t.Fatalf("id token %+v: %v", id, err)
		}
		info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tok))
		var claims struct{ Name string }
		if err != nil || info.Claims(&claims) != nil || claims.Name != "买买提·艾力" || info.Subject != id.Subject {
			t.Errorf("userinfo = %+v, %v", info, err)
		}
		again, err := refreshed(t, s, provider, tok)
		if err != nil || again.AccessToken == tok.AccessToken || again.RefreshToken == tok.RefreshToken {
			t.Fatalf("refreshed to %+v: %v", again, err)
		}
		if n, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(again)); err != nil || n.Subject != id.Subject {
			t.Errorf("userinfo after the refresh = %+v, %v", n, err)
		}
		tok = again
		// The next time nobody is asked: one redirect.
		if p := who.Get(conf.AuthCodeURL("two", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n2")), 200); p.URL.Query().Get("code") == "" {
			t.Errorf("second sign-in stopped at %s", p.URL)
		}
		if p := who.Get(s.url+"/oauth/logout?"+url.Values{"id_token_hint": {raw}, "post_logout_redirect_uri": {s.rp.URL + "/bye"}, "state": {"x y"}}.Encode(), 200); !strings.HasPrefix(p.URL.String(), s.rp.URL+"/bye") || p.URL.Query().Get("state") != "x y" {
			t.Errorf("after logout at %s", p.URL)
		}
		if len(s.posted) != 1 {
			t.Fatalf("%d logout tokens", len(s.posted))
		}
		lt, err := provider.Verifier(&oidc.Config{ClientID: "shop"}).VerifyLogout(t.Context(), s.posted[0].Get("logout_token"))
		if err != nil || lt.Subject != id.Subject {
			t.Errorf("logout token = %+v, %v", lt, err)
		}
		if _, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tok)); err == nil {
			t.Error("the access token outlived the session")
		}
	})
}

// refreshed changes a refresh token by the library, which asks for nothing but a client that adds the assertion to its form.
func refreshed(t *testing.T, s *site, p *oidc.Provider, tok *oauth2.Token) (*oauth2.Token, error) {
	t.Helper()
	conf := oauth2.Config{ClientID: "shop", Endpoint: p.Endpoint()}
	conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	old := *tok
	old.Expiry = time.Unix(1, 0) // so that the library sees the need
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: proving{s}})
	got, err := conf.TokenSource(ctx, &old).Token()
	if err != nil {
		return nil, err
	}
	raw, _ := got.Extra("id_token").(string)
	_, err = p.Verifier(&oidc.Config{ClientID: "shop"}).Verify(t.Context(), raw)
	return got, err
}

// proving adds a client assertion to what is sent to the token endpoint.
type proving struct{ s *site }

func (p proving) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form := string(b) + "&" + url.Values{"client_assertion_type": {assertionType}, "client_assertion": {p.s.assertion(nil)}}.Encode()
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
	return http.DefaultTransport.RoundTrip(r)
}

// TestCap signs in with hashicorp/cap, unmodified: RS256 for the assertion and the ID token.
func TestCap(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	key, err := oneRSA()
	if err != nil {
		t.Fatal(err)
	}
	s.register(func(c *sso.Client) { c.JWKS, c.Alg = jwk(t, "r1", &key.PublicKey), "RS256" })
	conf, err := capoidc.NewConfig(s.url, "shop", "", []capoidc.Alg{capoidc.RS256}, []string{s.rp.URL + "/back"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := capoidc.NewProvider(conf)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Done()
	verifier, err := capoidc.NewCodeVerifier()
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := clientassertion.NewJWTWithRSAKey("shop", []string{s.url}, clientassertion.RS256, key, clientassertion.WithKeyID("r1"))
	if err != nil {
		t.Fatal(err)
	}
	rq, err := capoidc.NewRequest(2*time.Minute, s.rp.URL+"/back", capoidc.WithPKCE(verifier), capoidc.WithScopes("profile"), capoidc.WithClientAssertionJWT(assertion), capoidc.WithACRValues("urn:tongban:loa:2"))
	if err != nil {
		t.Fatal(err)
	}
	address, err := p.AuthURL(t.Context(), rq)
	if err != nil {
		t.Fatal(err)
	}
	who := s.visitor("mary")
	page := refresh(t, who, who.Get(address, 200).Submit("#consent", url.Values{"choice": {"agree"}}, 200))
	tok, err := p.Exchange(t.Context(), rq, page.URL.Query().Get("state"), page.URL.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := tok.IDToken().Claims(&claims); err != nil || claims["acr"] != "urn:tongban:loa:2" {
		t.Errorf("claims = %v, %v", claims, err)
	}
	if err := p.UserInfo(t.Context(), tok.StaticTokenSource(), claims["sub"].(string), &claims); err != nil || claims["name"] != "买买提·艾力" {
		t.Errorf("userinfo = %v, %v", claims, err)
	}
}

// TestDiscoveryIsExact: what is said is what is done, and the issuer is the same to the letter.
func TestDiscoveryIsExact(t *testing.T) {
	s := open(t, dbtest.SQLite(t, schema...))
	var doc map[string]any
	get(t, s.url+"/.well-known/openid-configuration", &doc)
	if doc["issuer"] != s.url {
		t.Errorf("issuer = %v", doc["issuer"])
	}
	for name, want := range map[string]string{
		"response_types_supported": "[code]", "response_modes_supported": "[query form_post]", "grant_types_supported": "[authorization_code refresh_token]", "subject_types_supported": "[pairwise]",
		"id_token_signing_alg_values_supported": "[ES256 RS256]", "code_challenge_methods_supported": "[S256]", "token_endpoint_auth_methods_supported": "[private_key_jwt client_secret_basic none]",
		"token_endpoint_auth_signing_alg_values_supported": "[ES256 RS256 SM2]", "scopes_supported": "[openid profile identity org mandate]", "ui_locales_supported": "[zh-CN en]",
		"request_parameter_supported": "false", "request_uri_parameter_supported": "false", "claims_parameter_supported": "false", "authorization_response_iss_parameter_supported": "true",
		"backchannel_logout_supported": "true", "backchannel_logout_session_supported": "true", "end_session_endpoint": s.url + "/oauth/logout",
	} {
		if got := text(doc[name]); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	for _, e := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri", "end_session_endpoint"} {
		if a, _ := doc[e].(string); !strings.HasPrefix(a, s.url+"/oauth/") {
			t.Errorf("%s = %s", e, a)
		}
	}
	r, err := http.Head(s.url + "/oauth/keys") //nolint:noctx // a test ends with its server
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != 200 || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("keys = %d %v", r.StatusCode, r.Header)
	}
}
