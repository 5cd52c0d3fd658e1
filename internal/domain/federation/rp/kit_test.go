package rp_test

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/hashicorp/cap/oidc"

	"tongban/internal/domain/federation"
	"tongban/internal/domain/federation/rp"
)

// kit is a client and hashicorp/cap's provider; what goes to the provider passes by, and its token answers can be spoilt.
type kit struct {
	*rp.Client
	t     *testing.T
	p     *oidc.TestProvider
	s     federation.Settings
	now   time.Time
	mu    sync.Mutex
	asked []string   // paths
	form  url.Values // of the token request
	basic string     // client id of HTTP Basic
	spoil func(idToken string) string
	dead  map[string]int // path → status, 0 = the connection breaks
}

const (
	clientID, secret = "tongban", "s-e c/r+e&t"
	redirect         = "http://127.0.0.1:1/sign-in/with/province/back"
	nonce, verifier  = "N-1", "0123456789012345678901234567890123456789abc"
)

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, now: time.Now().Truncate(time.Second), dead: map[string]int{}}
	k.p = oidc.StartTestProvider(t, oidc.WithNoTLS())
	k.p.SetClientCreds(clientID, secret)
	k.p.SetExpectedAuthCode("code-1")
	k.p.SetAllowedRedirectURIs([]string{redirect})
	k.p.SetSupportedScopes("openid", "profile")
	k.p.SetExpectedSubject("sub-1")
	k.p.SetExpectedExpiry(time.Minute)
	k.p.SetNowFunc(func() time.Time { return k.now })
	k.p.SetExpectedAuthNonce(nonce)
	k.p.SetPKCEVerifier(codeVerifier(verifier))
	k.p.SetCustomClaims(map[string]any{"acr": "urn:province:3", "amr": []string{"face"}, "name": "林小满"})
	k.p.SetUserInfoReply(map[string]any{"sub": "sub-1", "id_number": "580102199605182647", "name": "别人"})
	k.Client = rp.New(rp.Config{Loopback: true, Transport: k, Now: func() time.Time { return k.now }})
	k.s = federation.Settings{
		Key: "province", Issuer: k.p.Addr(), ClientID: clientID, Auth: federation.AuthSecret, Secret: secret, Scopes: []string{"openid", "profile"}, Mode: federation.ModeQuery,
		Claims: federation.Names{Name: "name", Number: "id_number"},
	}
	return k
}

// codeVerifier is a verifier the provider expects.
type codeVerifier string

func (v codeVerifier) Verifier() string { return string(v) }
func (v codeVerifier) Challenge() string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
func (v codeVerifier) Method() oidc.ChallengeMethod { return oidc.S256 }
func (v codeVerifier) Copy() oidc.CodeVerifier      { return v }

// RoundTrip lets requests to the provider pass by.
func (k *kit) RoundTrip(r *http.Request) (*http.Response, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, r.URL.Path)
	if status, dead := k.dead[r.URL.Path]; dead {
		if status == 0 {
			return nil, &url.Error{Op: r.Method, URL: r.URL.Path, Err: io.ErrUnexpectedEOF}
		}
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
	}
	if r.URL.Path == "/token" {
		b, _ := io.ReadAll(r.Body)
		k.form, _ = url.ParseQuery(string(b))
		k.basic, _, _ = r.BasicAuth()
		if a := k.form.Get("client_assertion"); a != "" {
			k.p.SetClientAssertionJWT(a) // the provider compares only; what it says is checked by the test
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.URL.Path != "/token" || k.spoil == nil {
		return res, err
	}
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	answer["id_token"] = k.spoil(answer["id_token"].(string))
	b, err := json.Marshal(answer)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	return res, err
}

func (k *kit) redeem(change func(b *federation.Back)) (federation.Vouched, error) {
	b := federation.Back{Code: "code-1", Nonce: nonce, Verifier: verifier, Redirect: redirect}
	if change != nil {
		change(&b)
	}
	return k.Redeem(k.t.Context(), k.s, b)
}

// resign makes an id token anew: other claims, the provider's own key.
func (k *kit) resign(change func(c map[string]any)) func(string) string {
	return func(raw string) string {
		c := claimsOf(k.t, raw)
		change(c)
		key, _, alg, _ := k.p.SigningKeys()
		return oidc.TestSignJWT(k.t, key, string(alg), c, nil)
	}
}

func claimsOf(t *testing.T, raw string) map[string]any {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	c := map[string]any{}
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func part(v any) string { b, _ := json.Marshal(v); return base64.RawURLEncoding.EncodeToString(b) }

// unsigned is the token under alg none.
func unsigned(t *testing.T) func(string) string {
	return func(raw string) string {
		return part(map[string]string{"alg": "none", "typ": "JWT"}) + "." + part(claimsOf(t, raw)) + "."
	}
}

// withPublicKey is the token under HS256 with what everybody can read as the secret.
func withPublicKey(t *testing.T, secret []byte) func(string) string {
	return func(raw string) string {
		head := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + part(claimsOf(t, raw))
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(head))
		return head + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	}
}

func parse(t *testing.T, raw string, public crypto.PublicKey) jwt.Claims {
	t.Helper()
	tok, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var c jwt.Claims
	if err := tok.Claims(public, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
