package sso

import (
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// Call is a request to an endpoint for programs: the form, without anything of the query, and the Authorization header if it was Basic.
type Call struct {
	Form           url.Values
	Basic          bool
	User, Password string // as the header held them, still form-encoded
	Origin         string // network address, for the audit record
}

// assertionType is the only value of client_assertion_type there is (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// caller is a client that has proved itself. Its assertion, if it used one, is burnt with what it asked for.
type caller struct {
	Client
	jti   string // hash, or empty
	until time.Time
}

// authenticate tells which client calls. Every failure is invalid_client, except more than one method at once.
func (s *Service) authenticate(ctx context.Context, c Call) (caller, error) {
	snap, err := s.snapshot(ctx)
	if err != nil {
		return caller{}, err
	}
	assertion, secret := c.Form.Get("client_assertion"), c.Form.Get("client_secret")
	if c.Basic && (assertion != "" || secret != "") || assertion != "" && secret != "" {
		return caller{}, bad("more than one way of client authentication")
	}
	id := c.Form.Get("client_id")
	var out caller
	switch {
	case assertion != "":
		out, err = s.byAssertion(snap, c, assertion)
	case c.Basic:
		out, err = s.bySecret(snap, c)
	case secret != "":
		return caller{}, badClient("client_secret_post is not accepted here")
	default:
		cl, ok := snap.clients[id]
		if !ok || !cl.Public() {
			return caller{}, badClient("this client must authenticate")
		}
		out = caller{Client: cl}
	}
	if err != nil {
		return caller{}, err
	}
	if id != "" && id != out.ID {
		return caller{}, badClient("client_id is not the one that authenticated")
	}
	if out.State != Active {
		return caller{}, badClient("this client is not active")
	}
	return out, nil
}

func (s *Service) bySecret(snap *snapshot, c Call) (caller, error) {
	id, err1 := url.QueryUnescape(c.User)
	secret, err2 := url.QueryUnescape(c.Password)
	cl, ok := snap.clients[id]
	if err1 != nil || err2 != nil || !ok || cl.Auth != AuthSecret || cl.secretHash == "" || !ident.Equal(cl.secretHash, hashOf(secret)) {
		return caller{}, badClient("unknown client or wrong secret")
	}
	return caller{Client: cl}, nil
}

// claims of an assertion that are looked at.
type assertionClaims struct {
	Issuer  string       `json:"iss"`
	Subject string       `json:"sub"`
	Aud     audience     `json:"aud"`
	ID      string       `json:"jti"`
	Expires *json.Number `json:"exp"`
	Issued  *json.Number `json:"iat"`
	Before  *json.Number `json:"nbf"`
}

// audience is a string or a list of strings.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

const (
	skew          = 30 * time.Second // by which a client's clock may be wrong
	assertionLife = 10 * time.Minute // the longest an assertion may still be good for, or old
	longAssertion = 8 << 10
)

func (s *Service) byAssertion(snap *snapshot, c Call, assertion string) (caller, error) {
	if c.Form.Get("client_assertion_type") != assertionType {
		return caller{}, bad("client_assertion_type must be " + assertionType)
	}
	payload, cl, err := verifyAssertion(snap, assertion)
	if err != nil {
		return caller{}, err
	}
	var a assertionClaims
	if json.Unmarshal(payload, &a) != nil {
		return caller{}, badClient("the assertion's claims cannot be read")
	}
	if a.Issuer != cl.ID || a.Subject != cl.ID {
		return caller{}, badClient("iss and sub of the assertion must be the client_id")
	}
	if !slices.Contains(a.Aud, s.Issuer) && !slices.Contains(a.Aud, s.Issuer+PathToken) {
		return caller{}, badClient("aud of the assertion must be the issuer or the token endpoint")
	}
	if a.ID == "" || len(a.ID) > 256 {
		return caller{}, badClient("the assertion needs a jti of at most 256 characters")
	}
	until, err := a.times(s.Now())
	if err != nil {
		return caller{}, err
	}
	return caller{Client: cl, jti: hashOf(cl.ID + "\x00" + a.ID), until: until.Add(skew)}, nil
}

// times checks when the assertion is good and gives its end.
func (a assertionClaims) times(now time.Time) (time.Time, error) {
	at := func(n *json.Number) (time.Time, bool) {
		f, err := n.Float64()
		return time.Unix(int64(f), 0), err == nil && f > 0 && f < 1e11
	}
	if a.Expires == nil {
		return time.Time{}, badClient("the assertion needs exp")
	}
	exp, ok := at(a.Expires)
	if !ok || !now.Before(exp.Add(skew)) {
		return time.Time{}, badClient("the assertion has expired")
	}
	if exp.After(now.Add(assertionLife + skew)) {
		return time.Time{}, badClient("the assertion is good for more than ten minutes")
	}
	for _, n := range []*json.Number{a.Issued, a.Before} {
		if n == nil {
			continue
		}
		if t, ok := at(n); !ok || t.After(now.Add(skew)) || n == a.Issued && now.Sub(t) > assertionLife+skew {
			return time.Time{}, badClient("the assertion is not valid now")
		}
	}
	return exp, nil
}

type joseHeader struct {
	Alg  string   `json:"alg"`
	Kid  string   `json:"kid"`
	Crit []string `json:"crit"`
}

// verifyAssertion finds the client an assertion names and checks the signature with that client's keys. The algorithm is the key's, never
// the header's: a header that says anything else fits no key.
func verifyAssertion(snap *snapshot, token string) ([]byte, Client, error) {
	parts := strings.Split(token, ".")
	if len(token) > longAssertion || len(parts) != 3 {
		return nil, Client{}, badClient("the assertion is not a compact JWS")
	}
	head, err1 := base64.RawURLEncoding.DecodeString(parts[0])
	payload, err2 := base64.RawURLEncoding.DecodeString(parts[1])
	sig, err3 := base64.RawURLEncoding.DecodeString(parts[2])
	var h joseHeader
	if err1 != nil || err2 != nil || err3 != nil || json.Unmarshal(head, &h) != nil || len(h.Crit) > 0 {
		return nil, Client{}, badClient("the assertion cannot be read")
	}
	var who struct {
		Issuer string `json:"iss"`
	}
	_ = json.Unmarshal(payload, &who) // what cannot be read names no client
	cl, ok := snap.clients[who.Issuer]
	if !ok || cl.Auth != AuthKey {
		return nil, Client{}, badClient("the assertion names no client that signs assertions")
	}
	for _, k := range cl.keys {
		if k.alg != h.Alg || h.Kid != "" && k.kid != "" && h.Kid != k.kid {
			continue
		}
		if k.verifies(token, parts[0]+"."+parts[1], sig) {
			return payload, cl, nil
		}
	}
	return nil, Client{}, badClient("no registered key verifies the assertion")
}

func (k clientKey) verifies(token, signed string, sig []byte) bool {
	if k.alg == SM2 {
		der, ok := derOf(sig)
		return ok && sm2.VerifyASN1WithSM2(k.key.(*ecdsa.PublicKey), nil, []byte(signed), der)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(k.alg)})
	if err != nil {
		return false
	}
	_, err = jws.Verify(k.key)
	return err == nil
}

// derOf turns r and s of 32 bytes each into the ASN.1 form.
func derOf(sig []byte) ([]byte, bool) {
	if len(sig) != 64 {
		return nil, false
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[:32]))
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[32:]))
	})
	der, err := b.Bytes()
	return der, err == nil
}

var errReplayed = badClient("the assertion was used before")

// as runs fn in a transaction in which the caller's assertion is burnt. An assertion that came with a request that failed is burnt as well.
func (s *Service) as(ctx context.Context, c caller, fn func(ctx context.Context, tx *db.Tx) error) error {
	err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.burn(ctx, tx, c); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
	if AsError(err) != nil && AsError(err) != errReplayed {
		return s.failed(ctx, c, err)
	}
	return err
}

// failed burns the assertion of a request that was refused and gives the refusal.
func (s *Service) failed(ctx context.Context, c caller, refusal error) error {
	if c.jti == "" {
		return refusal
	}
	if err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return s.burn(ctx, tx, c) }); err != nil {
		return err
	}
	return refusal
}

func (s *Service) burn(ctx context.Context, tx *db.Tx, c caller) error {
	if c.jti == "" {
		return nil
	}
	return burnAssertion(ctx, tx, c.jti, c.until)
}
