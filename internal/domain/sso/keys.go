package sso

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

// The states of a key of ours. A key is published before it signs, so that a client that keeps a copy of our keys knows it in time, and stays
// published until the last token it signed has expired.
const (
	keyNext = "next"
	keyNow  = "now"
	keyOld  = "old"
	keyGone = "gone" // only its public part is left, for logout hints
)

// keyRow is a key as it is stored.
type keyRow struct {
	kid, alg, state string
	private, public []byte
	made, signs     time.Time
	gone            time.Time
}

// key is a key ready to use.
type key struct {
	keyRow
	jwk    json.RawMessage
	pub    any
	signer jose.SigningKey
}

// overlap is how much longer than its last token an old key stays: clients' clocks and copies.
const overlap = time.Hour

func randomKey(alg string) (crypto.Signer, error) {
	if alg == "RS256" {
		return rsa.GenerateKey(rand.Reader, shortRSA)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func (s *Service) newKey(alg, state string, now time.Time) (keyRow, error) {
	priv, err := s.NewKey(alg)
	if err != nil {
		return keyRow{}, err
	}
	kid := strings.ToLower(ident.Secret(10))
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return keyRow{}, err
	}
	pub, err := json.Marshal(jose.JSONWebKey{Key: priv.Public(), KeyID: kid, Algorithm: alg, Use: "sig"})
	r := keyRow{kid: kid, alg: alg, state: state, private: s.Vault.Seal("sso_key.private."+kid, der), public: pub, made: now}
	if state == keyNow {
		r.signs = now
	}
	return r, err
}

func (s *Service) openKey(r keyRow) (key, error) {
	k := key{keyRow: r, jwk: r.public}
	var j jose.JSONWebKey
	if err := j.UnmarshalJSON(r.public); err != nil {
		return k, err
	}
	if canon, err := j.MarshalJSON(); err == nil {
		k.jwk = canon
	}
	k.pub = j.Key
	if len(r.private) == 0 {
		return k, nil
	}
	der, err := s.Vault.Open("sso_key.private."+r.kid, r.private)
	if err != nil {
		return k, err
	}
	priv, err := x509.ParsePKCS8PrivateKey(der)
	k.signer = jose.SigningKey{Algorithm: jose.SignatureAlgorithm(r.alg), Key: jose.JSONWebKey{Key: priv, KeyID: r.kid}}
	return k, err
}

var errMoved = errors.New("sso: somebody else changed clients or keys meanwhile")

// ensureKeys makes the first keys. Two nodes may try at once; the version lets one win.
func (s *Service) ensureKeys(ctx context.Context, n int64) error {
	have, err := countKeys(ctx, s.DB.R())
	if err != nil || have > 0 {
		return err
	}
	now := s.Now()
	var rows []keyRow
	for _, alg := range Algs {
		for _, state := range []string{keyNow, keyNext} {
			r, err := s.newKey(alg, state, now)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := bump(ctx, tx, n); err != nil {
			return err
		}
		if err := insertKeys(ctx, tx, rows); err != nil {
			return err
		}
		return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: KeysKind, Key: rows[0].kid, Due: now.Add(s.Lives.Key)})
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	return err
}

// Rotate lets the published next keys sign from now on, publishes new ones, and keeps the old until their last token has expired.
func (s *Service) Rotate(ctx context.Context, a authz.Actor) error {
	return s.rotate(ctx, a, s.Now())
}

// rotate is Rotate, unless the keys that sign are younger than a time: then it does nothing.
func (s *Service) rotate(ctx context.Context, a authz.Actor, since time.Time) error {
	n, err := version(ctx, s.DB.R())
	if err != nil {
		return err
	}
	if err := s.ensureKeys(ctx, n); err != nil {
		return err
	}
	now := s.Now()
	var rows []keyRow
	for _, alg := range Algs {
		r, err := s.newKey(alg, keyNext, now)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	defer s.forget()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := version(ctx, tx)
		if err != nil {
			return err
		}
		if some, err := signsSince(ctx, tx, since); err != nil || !some {
			return err
		}
		if err := bump(ctx, tx, n); err != nil {
			return err
		}
		if err := rotateKeys(ctx, tx, now, now.Add(s.Lives.Access+overlap)); err != nil {
			return err
		}
		if err := insertKeys(ctx, tx, rows); err != nil {
			return err
		}
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: KeysKind, Key: rows[0].kid, Due: now.Add(s.Lives.Key)}); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.rotate_keys", "key:"+rows[0].kid, "")
	})
}

// Keys is the JWK set with which clients verify what we sign (RFC 7517).
func (s *Service) Keys(ctx context.Context) ([]byte, error) {
	snap, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return snap.jwks, nil
}

// sign makes a compact JWS with the key that signs now for an algorithm.
func (s *Service) sign(ctx context.Context, alg, typ string, claims any) (string, error) {
	snap, err := s.snapshot(ctx)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	for _, k := range snap.keys {
		if k.alg != alg || k.state != keyNow {
			continue
		}
		sg, err := jose.NewSigner(k.signer, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
		if err != nil {
			return "", err
		}
		jws, err := sg.Sign(payload)
		if err != nil {
			return "", err
		}
		return jws.CompactSerialize()
	}
	return "", errors.New("sso: no key signs " + alg)
}

// ours reads a token that one of our keys signed, old ones included, whatever its age; ok is false for any other.
func (s *Service) ours(ctx context.Context, token string, into any) (ok bool, err error) {
	snap, err := s.snapshot(ctx)
	if err != nil || len(token) > longAssertion {
		return false, err
	}
	jws, bad := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256})
	if bad != nil || len(jws.Signatures) != 1 {
		return false, nil //nolint:nilerr // it is not ours
	}
	for _, k := range snap.keys {
		if k.kid != jws.Signatures[0].Header.KeyID || k.alg != jws.Signatures[0].Header.Algorithm {
			continue
		}
		payload, bad := jws.Verify(k.pub)
		return bad == nil && json.Unmarshal(payload, into) == nil, nil
	}
	return false, nil
}

func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, object, reason string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: act, Object: object, Reason: reason, Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
}
