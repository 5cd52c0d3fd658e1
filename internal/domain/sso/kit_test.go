package sso_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/sso"
)

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, sso.Schema}

// town is the people of the tests: sessions, persons, firms, staff and who may act for whom, all of which a test may change.
type town struct {
	mu       sync.Mutex
	sessions map[string]sso.Auth
	persons  map[string]sso.Person
	staff    map[string]sso.Staff
	mandates map[string]*authz.Scope // "person kind principal"
	endAfter int                     // the session is over after so many more questions; 0: never
}

func (p *town) Auth(_ context.Context, id string) (sso.Auth, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.sessions[id]
	if p.endAfter > 0 {
		if p.endAfter--; p.endAfter == 0 {
			p.sessions[id] = sso.Auth{}
		}
	}
	return a, nil
}

func (p *town) Person(_ context.Context, id string) (sso.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if who, ok := p.persons[id]; ok {
		return who, nil
	}
	return sso.Person{}, errs.New(errs.NotFound, "identity.person_unknown")
}

func (p *town) Firm(_ context.Context, id string) (sso.Firm, error) {
	if id == "f1" {
		return sso.Firm{Name: "清澜市云帆餐饮有限公司", CreditCode: "91330100MA27XXXX1U"}, nil
	}
	return sso.Firm{}, errs.New(errs.NotFound, "identity.firm_unknown")
}

func (p *town) Staff(_ context.Context, id string) (sso.Staff, error) {
	if st, ok := p.staff[id]; ok {
		return st, nil
	}
	return sso.Staff{}, errs.New(errs.NotFound, "org.staff_unknown")
}

func (p *town) MayAct(_ context.Context, person, kind, principal string) (*authz.Scope, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sc, ok := p.mandates[person+" "+kind+" "+principal]
	return sc, ok, nil
}

func (p *town) set(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

const number = "330102199003078888"

// world is a provider with its people and a clock that stands still until a test moves it.
type world struct {
	t     testing.TB
	d     *db.DB
	s     *sso.Service
	v     *vault.Vault
	p     *town
	log   *audit.Log
	mu    sync.Mutex
	now   time.Time
	sent  []string // "address token"
	mary  authz.Actor
	clerk authz.Actor
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

const issuer = "https://tongban.example"

func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{t: t, d: d, v: vault.New(vault.NewKeys()), now: time.Date(2026, 3, 20, 2, 0, 0, 0, time.UTC)}
	at := w.now.Add(-time.Minute)
	w.p = &town{
		sessions: map[string]sso.Auth{
			"s-mary":  {SessionID: "s-mary", PersonID: "mary", Level: 2, AMR: []string{"otp", "sms"}, At: at, Open: true},
			"s-clerk": {SessionID: "s-clerk", StaffID: "clerk", Level: 3, AMR: []string{"pwd", "otp", "mfa"}, At: at, Open: true},
		},
		persons: map[string]sso.Person{
			"mary": {Name: "王晓梅", Number: number, NumberKind: "resident", Sex: "female", Birth: "1990-03-07", VerifiedAt: at, Alive: true},
			"old":  {Name: "王建国", Number: "330102194503078888", Alive: true},
		},
		staff:    map[string]sso.Staff{"clerk": {Name: "李窗口", Agency: "market", AgencyName: "市场监督管理局", Region: "330102", Posts: []string{"综合窗口"}}},
		mandates: map[string]*authz.Scope{},
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.log = audit.NewLog(d, w.clock, quiet)
	t.Cleanup(w.log.Close)
	w.s = w.node()
	w.mary = authz.Actor{PersonID: "mary", SessionID: "s-mary", Roles: []authz.Role{authz.Person}, Level: 2}
	w.clerk = authz.Actor{StaffID: "clerk", SessionID: "s-clerk", AgencyID: "market", Roles: []authz.Role{authz.Clerk}}
	return w
}

// node is another process on the same database.
func (w *world) node() *sso.Service {
	return sso.New(sso.Deps{
		DB: w.d, Vault: w.v, Audit: w.log, Now: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), People: w.p, Issuer: issuer, AllowHTTP: true, Demo: true, NewKey: cheapKey,
		Send: func(_ context.Context, address, token string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.sent = append(w.sent, address+" "+token)
			return nil
		},
	})
}

var oneRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// cheapKey gives the same RSA key again and again: making them would take most of the tests' time.
func cheapKey(alg string) (crypto.Signer, error) {
	if alg == "RS256" {
		return oneRSA()
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}
