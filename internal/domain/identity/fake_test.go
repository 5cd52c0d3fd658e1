package identity_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

var _ identity.Factors = (*factor.Service)(nil)

// factors stands in for the room of factors, which has tests of its own: passkeys answer with their owner's name, certificates with their number.
type factors struct {
	mu        sync.Mutex
	passwords map[string]string
	change    map[string]bool
	methods   map[string]factor.Methods
	checked   []string // owners whose password was looked at
	moved     []string
	ended     []string
	apart     int             // codes of an app that were counted apart
	owners    map[string]bool // challenges by whether they name an owner
}

func newFactors() *factors {
	return &factors{passwords: map[string]string{}, change: map[string]bool{}, methods: map[string]factor.Methods{}, owners: map[string]bool{}}
}

func (f *factors) has(owner string, m factor.Methods) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.methods[owner] = m
}

func (f *factors) SetPasswordTx(_ context.Context, _ *db.Tx, _ time.Time, owner string, related []string, password string, mustChange bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(password) < 8 || strings.Contains(password, related[0]) {
		return &errs.E{Kind: errs.Invalid, Key: "base.invalid", Fields: []errs.Field{{Path: "password", Key: "factor.password_short"}}}
	}
	f.passwords[owner], f.change[owner] = password, mustChange
	return nil
}

func (f *factors) CheckPassword(_ context.Context, owner, password string) (bool, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checked = append(f.checked, owner)
	return owner != "" && f.passwords[owner] == password && password != "", f.change[owner], nil
}

func (f *factors) HasPassword(_ context.Context, owner string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.passwords[owner] != "", nil
}

func (f *factors) CheckTOTP(_ context.Context, owner, code string) (bool, error) {
	m, _ := f.Methods(context.Background(), owner)
	return m.TOTP && code == "123456", nil
}

func (f *factors) RecoverTOTP(ctx context.Context, owner, code string) (bool, error) {
	f.apart++
	return f.CheckTOTP(ctx, owner, code)
}

func (f *factors) EndBeforeTx(_ context.Context, _ *db.Tx, _ time.Time, owner string, _ time.Time) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, had := f.methods[owner]
	delete(f.methods, owner)
	delete(f.passwords, owner)
	return had && len(m.Passkeys) > 0, nil
}

func (f *factors) UseRecoveryCode(_ context.Context, owner, code string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.methods[owner]
	if m.RecoveryLeft == 0 || code != "ABCD-1234" {
		return false, nil
	}
	m.RecoveryLeft--
	f.methods[owner] = m
	return true, nil
}

func (f *factors) BeginPasskeySignIn(_ context.Context, owner string) (factor.Challenge, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := ident.New()
	f.owners[id] = owner != ""
	return factor.Challenge{ID: id}, nil
}

func (f *factors) FinishPasskeySignIn(_ context.Context, id string, response []byte) (string, factor.Passkey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	owner := string(response)
	if _, ok := f.owners[id]; !ok || len(f.methods[owner].Passkeys) == 0 {
		return "", factor.Passkey{}, errs.New(errs.Invalid, "factor.passkey_wrong")
	}
	delete(f.owners, id)
	return owner, factor.Passkey{ID: "pk"}, nil
}

func (f *factors) CertChallenge(context.Context) (factor.CertAsk, error) {
	return factor.CertAsk{ID: "ask", Text: "text"}, nil
}

func (f *factors) FinishCert(ctx context.Context, _ string, certPEM, signature []byte) (factor.Certificate, error) {
	if string(signature) != "good" {
		return factor.Certificate{}, errs.New(errs.Invalid, "factor.cert_signature")
	}
	return f.ReadCert(ctx, certPEM)
}

func (f *factors) ReadCert(_ context.Context, der []byte) (factor.Certificate, error) {
	name, number, ok := strings.Cut(string(der), "/")
	if !ok {
		return factor.Certificate{}, errs.New(errs.Invalid, "factor.cert_unreadable")
	}
	return factor.Certificate{Name: name, Number: number, Issuer: "CN=清澜测试CA", Fingerprint: "print of " + number}, nil
}

func (f *factors) Methods(_ context.Context, owner string) (factor.Methods, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.methods[owner]
	m.Password, m.MustChange = f.passwords[owner] != "", f.change[owner]
	return m, nil
}

func (f *factors) MoveTx(_ context.Context, _ *db.Tx, from, into string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.moved = append(f.moved, from+" "+into)
	return nil
}

func (f *factors) EndTx(_ context.Context, _ *db.Tx, _ time.Time, owner string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, owner)
	delete(f.passwords, owner)
	return nil
}

// faces is a provider whose answers the test sets.
type faces struct {
	now    func() time.Time
	asked  []string
	result identity.FaceResult
	err    error
}

func (f *faces) Begin(_ context.Context, name, number, back string) (string, string, error) {
	id := ident.New()
	f.asked = append(f.asked, name+"/"+number)
	return id, "https://face.example/" + id + "?back=" + back, f.err
}

func (f *faces) Result(context.Context, string) (identity.FaceResult, error) {
	r := f.result
	if r.At.IsZero() {
		r.At = f.now()
	}
	return r, f.err
}

// mandates holds who may act for whom, by "person kind principal".
type mandates struct {
	mu    sync.Mutex
	holds map[string]*authz.Scope
	asked int
}

func (m *mandates) MayAct(_ context.Context, personID, kind, id string) (identity.Acting, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	s, ok := m.holds[personID+" "+kind+" "+id]
	return identity.Acting{MandateID: "m1", Scope: s}, ok, nil
}

func (m *mandates) Principals(context.Context, string) ([]identity.Principal, error) { return nil, nil }

func (m *mandates) set(key string, s *authz.Scope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holds[key] = s
}

func (m *mandates) revoke(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.holds, key)
}

// directory is a staff directory with one account.
type directory struct {
	login, password string
	err             error
}

func (d directory) Check(_ context.Context, login, password string) (known, ok bool, err error) {
	return login == d.login, login == d.login && password == d.password, d.err
}
