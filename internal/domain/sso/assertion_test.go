package sso_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/sso"
)

var b64 = base64.RawURLEncoding.EncodeToString

// sign makes a compact JWS over claims with any key: *ecdsa, *rsa, *sm2, []byte (HS256) or nil (none).
func sign(t testing.TB, key any, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	raw := func(alg string, mac func(in []byte) []byte) string {
		in := b64([]byte(`{"alg":"`+alg+`"}`)) + "." + b64(payload)
		return in + "." + b64(mac([]byte(in)))
	}
	switch k := key.(type) {
	case nil:
		return raw("none", func([]byte) []byte { return nil })
	case []byte:
		return raw("HS256", func(in []byte) []byte { m := hmac.New(sha256.New, k); m.Write(in); return m.Sum(nil) })
	case *sm2.PrivateKey:
		return raw("SM2", func(in []byte) []byte {
			der, err := k.SignWithSM2(rand.Reader, nil, in)
			if err != nil {
				t.Fatal(err)
			}
			var rs struct{ R, S *big.Int }
			if _, err := asn1.Unmarshal(der, &rs); err != nil {
				t.Fatal(err)
			}
			out := make([]byte, 64)
			rs.R.FillBytes(out[:32])
			rs.S.FillBytes(out[32:])
			return out
		})
	}
	alg := jose.ES256
	if _, ok := key.(*rsa.PrivateKey); ok {
		alg = jose.RS256
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func jwks(t testing.TB, keys ...any) json.RawMessage {
	t.Helper()
	var all []string
	for _, k := range keys {
		if s, ok := k.(*sm2.PrivateKey); ok {
			x, y := s.X.FillBytes(make([]byte, 32)), s.Y.FillBytes(make([]byte, 32)) //nolint:staticcheck // the standard library has no other way for this curve
			all = append(all, fmt.Sprintf(`{"kty":"EC","crv":"SM2","x":%q,"y":%q}`, b64(x), b64(y)))
			continue
		}
		b, err := json.Marshal(jose.JSONWebKey{Key: k})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	return json.RawMessage(`{"keys":[` + strings.Join(all, ",") + `]}`)
}

func TestClientAssertions(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rs, _ := oneRSA()
	gm, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := shop()
	c.Auth, c.JWKS = sso.AuthKey, jwks(t, &ec.PublicKey, &rs.PublicKey, gm)
	w.ensure(c, "")
	c.ID = "thief"
	w.ensure(c, "")
	public, err := x509.MarshalPKIXPublicKey(&rs.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	claims := func(changes ...any) map[string]any {
		n++
		m := map[string]any{"iss": "shop", "sub": "shop", "aud": issuer, "jti": fmt.Sprint("j", n), "iat": w.now.Unix(), "exp": w.now.Add(time.Minute).Unix()}
		for i := 0; i+1 < len(changes); i += 2 {
			m[changes[i].(string)] = changes[i+1]
			if changes[i+1] == nil {
				delete(m, changes[i].(string))
			}
		}
		return m
	}
	try := func(assertion string) error {
		cl := call("client_assertion", assertion, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "token", "none", "client_id", "shop")
		cl.Basic = false
		_, err := w.s.Introspect(t.Context(), cl)
		return err
	}
	for name, good := range map[string]string{
		"ES256": sign(t, ec, claims()), "RS256": sign(t, rs, claims()), "SM2": sign(t, gm, claims()), "token endpoint": sign(t, ec, claims("aud", issuer+"/oauth/token")),
		"list": sign(t, ec, claims("aud", []string{"https://other.example", issuer})), "no iat": sign(t, ec, claims("iat", nil)), "ten minutes": sign(t, ec, claims("exp", w.now.Add(10*time.Minute).Unix())),
	} {
		if err := try(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantCode(t, try(good), sso.InvalidClient) // the same jti
	}
	ok := sign(t, ec, claims())
	for name, bad := range map[string]string{
		"none": sign(t, nil, claims()), "HS256 with the public key": sign(t, public, claims()), "HS256 with the JWKS": sign(t, []byte(c.JWKS), claims()), "another's key": sign(t, other, claims()),
		"old": sign(t, ec, claims("exp", w.now.Add(-time.Minute).Unix())), "issued long ago": sign(t, ec, claims("iat", w.now.Add(-time.Hour).Unix())), "long life": sign(t, ec, claims("exp", w.now.Add(time.Hour).Unix())),
		"from the future": sign(t, ec, claims("iat", w.now.Add(time.Hour).Unix())), "not yet": sign(t, ec, claims("nbf", w.now.Add(time.Hour).Unix())), "no exp": sign(t, ec, claims("exp", nil)),
		"text exp": sign(t, ec, claims("exp", "soon")), "no jti": sign(t, ec, claims("jti", nil)), "mixed-up issuer": sign(t, ec, claims("aud", "https://other.example")), "slash": sign(t, ec, claims("aud", issuer+"/")),
		"prefix": sign(t, ec, claims("aud", issuer+".evil.example")), "no aud": sign(t, ec, claims("aud", nil)), "odd aud": sign(t, ec, claims("aud", 7)), "another sub": sign(t, ec, claims("sub", "thief")),
		"another iss": sign(t, ec, claims("iss", "thief", "sub", "thief")), "unknown": sign(t, ec, claims("iss", "x", "sub", "x")), "two parts": strings.Join(strings.Split(ok, ".")[:2], "."),
		"no signature": strings.Join(strings.Split(ok, ".")[:2], ".") + ".", "SM2 header": strings.Replace(ok, strings.Split(ok, ".")[0], b64([]byte(`{"alg":"SM2"}`)), 1),
		"crit": strings.Replace(ok, strings.Split(ok, ".")[0], b64([]byte(`{"alg":"ES256","crit":["x"]}`)), 1), "rubbish": "a.b.c", "JSON form": `{"payload":"e30"}`,
	} {
		if e := sso.AsError(try(bad)); e == nil || e.Code != sso.InvalidClient || e.Status != 401 {
			t.Errorf("%s: %v", name, e)
		}
	}
	both := call("client_assertion", sign(t, ec, claims()), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "token", "x")
	_, err = w.s.Introspect(t.Context(), both)
	wantCode(t, err, sso.InvalidRequest)
	basic := call("token", "x")
	_, err = w.s.Introspect(t.Context(), basic)
	wantCode(t, err, sso.InvalidClient) // this client has keys, not a secret
	w.pass(time.Hour)
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	dbtest.WantCounts(t, w.d, map[string]int{"sso_assertion": 0})
}

func TestAssertionOfARefusedRequestIsBurnt(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := shop()
	c.Auth, c.JWKS = sso.AuthKey, jwks(t, &ec.PublicKey)
	w.ensure(c, "")
	a := sign(t, ec, map[string]any{"iss": "shop", "sub": "shop", "aud": issuer, "jti": "once", "exp": w.now.Add(time.Minute).Unix()})
	cl := call("client_assertion", a, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "grant_type", "authorization_code", "code", "bad")
	cl.Basic = false
	_, err := w.s.Token(t.Context(), cl)
	wantCode(t, err, sso.InvalidGrant)
	_, err = w.node().Token(t.Context(), cl)
	wantCode(t, err, sso.InvalidClient)
}

func FuzzAssertion(f *testing.F) {
	w := newWorld(f, dbtest.SQLite(f, schema...))
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := shop()
	c.Auth, c.JWKS = sso.AuthKey, jwks(f, &ec.PublicKey)
	w.ensure(c, "")
	f.Add(sign(f, ec, map[string]any{"iss": "shop", "sub": "shop", "aud": issuer, "jti": "x", "exp": 1}))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(sign(f, nil, map[string]any{"iss": "shop", "exp": 1e300}))
	f.Fuzz(func(t *testing.T, assertion string) {
		cl := call("client_assertion", assertion, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "grant_type", "refresh_token", "refresh_token", assertion)
		cl.Basic = false
		if _, err := w.s.Token(t.Context(), cl); sso.AsError(err) == nil {
			t.Errorf("%q: %v", assertion, err)
		}
	})
}
