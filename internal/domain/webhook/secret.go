package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/ident"
)

// Secret is a signing secret of a subscription, without itself.
type Secret struct {
	ID    string
	Made  time.Time
	Until time.Time // zero = until it is changed

	sealed []byte
}

const (
	secretPrefix = "whsec_" //nolint:gosec // the mark Standard Webhooks gives secrets
	secretBytes  = 32
)

func newSecret() string {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// Sign is the signature of a message under one secret: "v1," and the base64 of HMAC-SHA256 over id, Unix seconds and body (Standard Webhooks 1.0.0).
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return "", err
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

// signatures signs with every secret that holds, newest first, so that a receiver may change over at any moment.
func (s *Service) signatures(all []Secret, id string, at time.Time, body []byte) (string, error) {
	var out []string
	for _, x := range all {
		plain, err := s.Vault.OpenText(secretPlace+x.ID, x.sealed)
		if err != nil {
			return "", err
		}
		sig, err := Sign(plain, id, at, body)
		if err != nil {
			return "", err
		}
		out = append(out, sig)
	}
	return strings.Join(out, " "), nil
}

const secretPlace = "webhook_secret.secret."

// seal makes a new secret and its row.
func (s *Service) seal(now time.Time) (plain string, row Secret) {
	plain, row = newSecret(), Secret{ID: ident.New(), Made: now}
	row.sealed = s.Vault.SealText(secretPlace+row.ID, plain)
	return plain, row
}
