package rp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/cap/oidc"

	"tongban/internal/base/errs"
	"tongban/internal/domain/federation"
)

func TestTheProviderIsAskedByTheProfile(t *testing.T) {
	k := newKit(t)
	k.s.Mode = federation.ModePost
	to, err := k.Authorize(t.Context(), k.s, federation.Request{State: "S", Nonce: nonce, Verifier: verifier, Redirect: redirect, ACR: []string{"a", "b"}, Fresh: true, Locale: "zh-CN"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": redirect, "scope": "openid profile", "state": "S", "nonce": nonce,
		"code_challenge": codeVerifier(verifier).Challenge(), "code_challenge_method": "S256", "response_mode": "form_post", "acr_values": "a b", "prompt": "login",
		"max_age": "0", "ui_locales": "zh-CN", "client_secret": "",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if to, err := k.Authorize(t.Context(), k.s, federation.Request{State: "S"}); err != nil || !strings.Contains(to, "max_age=43200") || strings.Contains(to, "prompt") {
		t.Errorf("%s, %v", to, err)
	}
	if u.Host != k.p.Addr()[len("http://"):] || u.Path != "/authorize" {
		t.Errorf("%s", to)
	}
}

func TestACodeBecomesAPerson(t *testing.T) {
	k := newKit(t)
	v, err := k.redeem(nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.Issuer != k.p.Addr() || v.Subject != "sub-1" || v.ACR != "urn:province:3" || !slices.Equal(v.AMR, []string{"face"}) || !v.AuthTime.Equal(k.now) {
		t.Errorf("%+v", v)
	}
	if v.Claims["name"] != "林小满" || v.Claims["id_number"] != "580102199605182647" {
		t.Errorf("the token's own claims stand, userinfo adds what is missing: %v", v.Claims)
	}
	if k.basic != url.QueryEscape(clientID) || k.form.Get("code_verifier") != verifier || k.form.Has("client_secret") {
		t.Errorf("basic %q, form %v", k.basic, k.form)
	}
	// What is published is asked once an hour, not at every sign-in.
	if _, err := k.redeem(nil); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range k.asked {
		if p == "/.well-known/openid-configuration" || p == "/.well-known/jwks.json" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("published documents were asked %d times: %v", n, k.asked)
	}
}

func TestOurKeyProvesWhoWeAre(t *testing.T) {
	k := newKit(t)
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k.s.Auth, k.s.Secret = federation.AuthKey, ""
	seen := map[string]bool{}
	for range 2 {
		if _, err := k.redeem(func(b *federation.Back) { b.Key = federation.Key{ID: "k1", Private: priv} }); err != nil {
			t.Fatal(err)
		}
		c := parse(t, k.form.Get("client_assertion"), priv.Public())
		if c.Issuer != clientID || c.Subject != clientID || !slices.Equal(c.Audience, []string{k.p.Addr()}) || !c.Expiry.Time().Equal(k.now.Add(time.Minute)) || c.ID == "" || seen[c.ID] {
			t.Errorf("%+v", c)
		}
		seen[c.ID] = true
		if k.basic != "" || k.form.Get("client_id") != clientID {
			t.Errorf("basic %q, form %v", k.basic, k.form)
		}
	}
}

func TestWhatIsNotBelieved(t *testing.T) {
	claim := func(name string, value any) func(k *kit) {
		return func(k *kit) { k.spoil = k.resign(func(c map[string]any) { c[name] = value }) }
	}
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for what, c := range map[string]struct {
		spoil func(k *kit)
		back  func(b *federation.Back)
		key   string
	}{
		"wrong nonce":         {spoil: claim("nonce", "N-2")},
		"no nonce":            {spoil: claim("nonce", nil)},
		"wrong issuer":        {spoil: claim("iss", "https://other.example")},
		"issuer with a slash": {spoil: func(k *kit) { k.spoil = k.resign(func(c map[string]any) { c["iss"] = k.p.Addr() + "/" }) }},
		"other audience":      {spoil: claim("aud", []string{"somebody"})},
		"two audiences, no azp": {spoil: func(k *kit) {
			k.spoil = k.resign(func(c map[string]any) { c["aud"] = []string{clientID, "x"}; delete(c, "azp") })
		}},
		"made for another":     {spoil: claim("azp", "somebody")},
		"expired":              {spoil: claim("exp", time.Now().Add(-time.Second).Unix())},
		"issued tomorrow":      {spoil: claim("iat", time.Now().Add(24*time.Hour).Unix())},
		"no subject":           {spoil: claim("sub", "")},
		"other access token":   {spoil: claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")},
		"alg none":             {spoil: func(k *kit) { k.spoil = unsigned(k.t) }},
		"HS256, public key":    {spoil: func(k *kit) { k.spoil = withPublicKey(k.t, publicPEM(k)) }},
		"HS256, client secret": {spoil: func(k *kit) { k.spoil = withPublicKey(k.t, []byte(secret)) }},
		"a stranger's key": {spoil: func(k *kit) {
			k.spoil = func(raw string) string { return oidc.TestSignJWT(k.t, stranger, "ES256", claimsOf(k.t, raw), nil) }
		}},
		"no token":        {spoil: func(k *kit) { k.spoil = func(string) string { return "" } }},
		"not a token":     {spoil: func(k *kit) { k.spoil = func(string) string { return "a.b.c" } }},
		"code replayed":   {back: func(b *federation.Back) { b.Code = "code-0" }},
		"other verifier":  {back: func(b *federation.Back) { b.Verifier = "x" }},
		"mixed-up issuer": {back: func(b *federation.Back) { b.Iss = "https://other.example" }},
		"iss announced, missing": {spoil: func(k *kit) {
			k.p.SetAdditionalConfiguration(map[string]any{"authorization_response_iss_parameter_supported": true})
		}},
		"not fresh": {
			spoil: claim("auth_time", time.Now().Add(-time.Hour).Unix()),
			back:  func(b *federation.Back) { b.Since = time.Now() },
		},
		"fresh, but not said":   {spoil: claim("auth_time", nil), back: func(b *federation.Back) { b.Since = time.Now() }},
		"userinfo of another":   {spoil: func(k *kit) { k.p.SetUserInfoReply(map[string]any{"sub": "sub-2", "id_number": "1"}) }},
		"token endpoint breaks": {spoil: func(k *kit) { k.dead["/token"] = 0 }, key: "federation.away"},
		"token endpoint 503":    {spoil: func(k *kit) { k.dead["/token"] = 503 }, key: "federation.away"},
		"provider away":         {spoil: func(k *kit) { k.dead["/.well-known/openid-configuration"] = 0 }, key: "federation.away"},
		"keys away":             {spoil: func(k *kit) { k.dead["/.well-known/jwks.json"] = 0 }, key: "federation.away"},
		"document of another":   {spoil: func(k *kit) { k.p.SetAdditionalConfiguration(map[string]any{"issuer": "https://other.example"}) }, key: "federation.away"},
		"token address without https": {spoil: func(k *kit) {
			k.p.SetAdditionalConfiguration(map[string]any{"token_endpoint": "http://192.0.2.1/token"})
		}, key: "federation.away"},
	} {
		t.Run(what, func(t *testing.T) {
			k := newKit(t)
			if c.spoil != nil {
				c.spoil(k)
			}
			if c.key == "" {
				c.key = "federation.answer_wrong"
			}
			if v, err := k.redeem(c.back); !errs.Is(err, c.key) {
				t.Errorf("%+v, %v; want %s", v, err, c.key)
			}
		})
	}
}

func publicPEM(k *kit) []byte {
	_, public, _, _ := k.p.SigningKeys()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		k.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestAnIssuerThatIsAnnouncedAndRightIsTaken(t *testing.T) {
	k := newKit(t)
	k.p.SetAdditionalConfiguration(map[string]any{"authorization_response_iss_parameter_supported": true})
	if _, err := k.redeem(func(b *federation.Back) { b.Iss, b.Since = k.p.Addr(), k.now }); err != nil {
		t.Error(err)
	}
}

// A provider that is away costs one short wait, not one at every click; what it said within a day still leads people to it.
func TestAProviderThatIsAway(t *testing.T) {
	k := newKit(t)
	q := federation.Request{State: "S", Nonce: nonce, Verifier: verifier, Redirect: redirect}
	k.dead["/.well-known/openid-configuration"] = 0
	for range 3 {
		if _, err := k.Authorize(t.Context(), k.s, q); errs.KindOf(err) != errs.Unavailable {
			t.Fatal(err)
		}
	}
	if len(k.asked) != 1 {
		t.Errorf("asked %v", k.asked)
	}
	delete(k.dead, "/.well-known/openid-configuration")
	k.now = k.now.Add(11 * time.Second)
	if _, err := k.Authorize(t.Context(), k.s, q); err != nil {
		t.Fatal(err)
	}
	k.dead["/.well-known/openid-configuration"] = 500
	k.now = k.now.Add(2 * time.Hour)
	if _, err := k.Authorize(t.Context(), k.s, q); err != nil {
		t.Errorf("two hours old: %v", err)
	}
	k.now = k.now.Add(23 * time.Hour)
	if _, err := k.Authorize(t.Context(), k.s, q); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("25 hours old: %v", err)
	}
}

func TestProbe(t *testing.T) {
	k := newKit(t)
	k.p.SetAdditionalConfiguration(map[string]any{"code_challenge_methods_supported": []string{"S256"}, "acr_values_supported": []string{"x"}, "response_modes_supported": []string{"query", "form_post"}})
	p, err := k.Probe(t.Context(), k.s)
	if err != nil || !p.PKCE || p.Iss || !p.Post || p.Keys != 1 || !slices.Equal(p.ACR, []string{"x"}) || p.TokenURL != k.p.Addr()+"/token" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Whatever stands in place of an id token, nobody is vouched for and nothing panics.
func FuzzIDToken(f *testing.F) {
	for _, s := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "{}", "\x00", "....", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		k := newKit(t)
		k.spoil = func(string) string { return raw }
		if v, err := k.redeem(nil); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%q: %+v, %v", raw, v, err)
		}
	})
}
