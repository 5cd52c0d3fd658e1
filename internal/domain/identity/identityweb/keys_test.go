package identityweb_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// keys stands for the room of factors: what the real one computes is simply known here.
type keys struct {
	mu       sync.Mutex
	password map[string]string
	must     map[string]bool
	totp     map[string]string
	methods  map[string]factor.Methods
	asked    map[string]string // text of a certificate's challenge by its id
	n        int
}

func newKeys() *keys {
	return &keys{password: map[string]string{}, must: map[string]bool{}, totp: map[string]string{}, methods: map[string]factor.Methods{}, asked: map[string]string{}}
}

func (k *keys) SetPasswordTx(_ context.Context, _ *db.Tx, _ time.Time, owner string, _ []string, password string, mustChange bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.password[owner], k.must[owner] = password, mustChange
	return nil
}

func (k *keys) CheckPassword(_ context.Context, owner, password string) (ok, mustChange bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return password != "" && k.password[owner] == password, k.must[owner], nil
}

func (k *keys) HasPassword(_ context.Context, owner string) (bool, error) {
	return k.password[owner] != "", nil
}

func (k *keys) CheckTOTP(_ context.Context, owner, code string) (bool, error) {
	return code != "" && k.totp[owner] == code, nil
}

func (k *keys) RecoverTOTP(ctx context.Context, owner, code string) (bool, error) {
	return k.CheckTOTP(ctx, owner, code)
}

func (k *keys) EndBeforeTx(context.Context, *db.Tx, time.Time, string, time.Time) (bool, error) {
	return false, nil
}

func (k *keys) UseRecoveryCode(context.Context, string, string) (bool, error) { return false, nil }

func (k *keys) BeginPasskeySignIn(_ context.Context, owner string) (factor.Challenge, error) {
	return factor.Challenge{ID: "challenge of " + owner, Options: json.RawMessage(`{"publicKey":{}}`)}, nil
}

// FinishPasskeySignIn takes {"owner":…} for the browser's answer.
func (k *keys) FinishPasskeySignIn(_ context.Context, _ string, response []byte) (string, factor.Passkey, error) {
	var a struct{ Owner string }
	if json.Unmarshal(response, &a) != nil || a.Owner == "" {
		return "", factor.Passkey{}, errs.New(errs.Invalid, "identity.passkey_wrong")
	}
	return a.Owner, factor.Passkey{ID: "p"}, nil
}

func (k *keys) CertChallenge(context.Context) (factor.CertAsk, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.n++
	ask := factor.CertAsk{ID: "ask" + string(rune('0'+k.n%10)), Text: "tongban sign-in " + string(rune('0'+k.n%10)) + "\n"}
	k.asked[ask.ID] = ask.Text
	return ask, nil
}

// FinishCert takes "signed:" before the text for its signature, and the holder's number for the certificate.
func (k *keys) FinishCert(ctx context.Context, id string, cert, signature []byte) (factor.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text := k.asked[id]
	delete(k.asked, id)
	if text == "" || string(signature) != "signed:"+text {
		return factor.Certificate{}, errs.New(errs.Invalid, "identity.certificate_other")
	}
	return k.ReadCert(ctx, cert)
}

func (k *keys) ReadCert(_ context.Context, der []byte) (factor.Certificate, error) {
	if !strings.HasPrefix(string(der), "58") {
		return factor.Certificate{}, errs.New(errs.Invalid, "identity.certificate_other")
	}
	return factor.Certificate{Name: lin, Number: string(der), Issuer: "演示 CA", Algorithm: factor.SM2, Fingerprint: "f" + string(der)}, nil
}

func (k *keys) Methods(_ context.Context, owner string) (factor.Methods, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.methods[owner]
	m.Password, m.TOTP, m.MustChange = k.password[owner] != "", k.totp[owner] != "", k.must[owner]
	return m, nil
}

func (k *keys) MoveTx(context.Context, *db.Tx, string, string) error { return nil }

func (k *keys) EndTx(context.Context, *db.Tx, time.Time, string) error { return nil }

// camera stands for the face check service.
type camera struct {
	back   string
	result identity.FaceResult
}

func (c *camera) Begin(_ context.Context, _, _, back string) (id, url string, err error) {
	c.back = back
	return "face-1", "https://face.example/check/face-1", nil
}

func (c *camera) Result(_ context.Context, id string) (identity.FaceResult, error) {
	if id != "face-1" {
		return identity.FaceResult{}, errors.New("another check")
	}
	return c.result, nil
}

// mandates stands for the room of mandates: one person may act for another as long as it stands.
type mandates struct {
	mu       sync.Mutex
	from, to string
}

func (m *mandates) give(from, to string) { m.mu.Lock(); defer m.mu.Unlock(); m.from, m.to = from, to }

func (m *mandates) MayAct(_ context.Context, personID, kind, principal string) (identity.Acting, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ok := kind == identity.KindPerson && m.to == personID && m.from == principal
	return identity.Acting{MandateID: "m1", Scope: &authz.Scope{Items: []string{"*"}, Acts: []string{authz.ActView}}}, ok, nil
}

func (m *mandates) Principals(_ context.Context, personID string) ([]identity.Principal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to != personID || m.from == "" {
		return nil, nil
	}
	return []identity.Principal{{Kind: identity.KindPerson, ID: m.from, MandateID: "m1"}}, nil
}
