package sso

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"

	"github.com/emmansun/gmsm/sm2"
	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/errs"
)

// SM2 is our name for signatures by GB/T 32918 with SM3 (GB/T 32905), as a JWS algorithm: SM2 with SM3, the default user id
// 1234567812345678, and r and s of 32 bytes each one after the other, as RFC 7518 §3.4 does for ES256. A key is {"kty":"EC","crv":"SM2","x","y"}. No standard
// names it yet; it is an extension.
const SM2 = "SM2"

// clientKey is a public key of a client with the one algorithm it is used with.
type clientKey struct {
	kid, alg string
	key      any // *ecdsa.PublicKey or *rsa.PublicKey
}

const (
	mostKeys = 10
	shortRSA = 2048
)

type rawJWKS struct {
	Keys []json.RawMessage `json:"keys"`
}

type rawKey struct {
	Kty string          `json:"kty"`
	Crv string          `json:"crv"`
	Kid string          `json:"kid"`
	Use string          `json:"use"`
	Alg string          `json:"alg"`
	X   string          `json:"x"`
	Y   string          `json:"y"`
	D   json.RawMessage `json:"d"`
	K   json.RawMessage `json:"k"`
}

// parseJWKS reads a pasted key set: P-256, RSA of at least 2048 bits or SM2, public parts only. The errors name the key sso.jwks_….
func parseJWKS(b []byte) ([]clientKey, error) {
	var set rawJWKS
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errs.New(errs.Invalid, "sso.jwks_missing")
	}
	if json.Unmarshal(b, &set) != nil || len(set.Keys) == 0 || len(set.Keys) > mostKeys {
		return nil, errs.New(errs.Invalid, "sso.jwks_bad")
	}
	var out []clientKey
	for _, raw := range set.Keys {
		var k rawKey
		if json.Unmarshal(raw, &k) != nil {
			return nil, errs.New(errs.Invalid, "sso.jwks_bad")
		}
		if k.D != nil || k.K != nil {
			return nil, errs.New(errs.Invalid, "sso.jwks_private")
		}
		if k.Use == "enc" {
			continue
		}
		ck, ok := parseKey(k, raw)
		if !ok || k.Alg != "" && k.Alg != ck.alg {
			return nil, errs.New(errs.Invalid, "sso.jwks_kind")
		}
		out = append(out, ck)
	}
	if len(out) == 0 {
		return nil, errs.New(errs.Invalid, "sso.jwks_missing")
	}
	return out, nil
}

func parseKey(k rawKey, raw []byte) (clientKey, bool) {
	if k.Kty == "EC" && k.Crv == "SM2" {
		x, err1 := base64.RawURLEncoding.DecodeString(k.X)
		y, err2 := base64.RawURLEncoding.DecodeString(k.Y)
		if err1 != nil || err2 != nil || len(x) != 32 || len(y) != 32 {
			return clientKey{}, false
		}
		pub, err := sm2.NewPublicKey(append(append([]byte{4}, x...), y...))
		return clientKey{k.Kid, SM2, pub}, err == nil
	}
	var j jose.JSONWebKey
	if j.UnmarshalJSON(raw) != nil || !j.Valid() {
		return clientKey{}, false
	}
	switch pub := j.Key.(type) {
	case *ecdsa.PublicKey:
		return clientKey{k.Kid, "ES256", pub}, pub.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return clientKey{k.Kid, "RS256", pub}, pub.N.BitLen() >= shortRSA
	}
	return clientKey{}, false
}
