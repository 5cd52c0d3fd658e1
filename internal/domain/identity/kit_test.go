package identity_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/fake/registry"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, identity.Schema}

// kit is the room on a real database with the real client against the demo's registry, and a clock the test moves.
type kit struct {
	*identity.Service
	d     *db.DB
	reg   *registry.Server
	http  *httptest.Server
	staff *book
	audit *audit.Log
	f     *factors
	face  *faces
	man   *mandates
	dir   *directory
	deps  identity.Deps

	mu   sync.Mutex
	at   time.Time
	sent []notify.Message
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *kit) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = k.at.Add(d)
}

// send keeps messages as notify would: only if the transaction commits does the caller look.
func (k *kit) send(_ context.Context, _ *db.Tx, _ time.Time, m notify.Message) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent = append(k.sent, m)
	return nil
}

func (k *kit) lastCode(t *testing.T, phone string) string {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(k.sent) - 1; i >= 0; i-- {
		if m := k.sent[i]; m.To.Phone == phone && m.Data["code"] != "" {
			return m.Data["code"]
		}
	}
	t.Fatalf("no code was sent to %s", phone)
	return ""
}

type book struct {
	mu  sync.Mutex
	all map[string]org.Staff
}

func (b *book) Staff(_ context.Context, id string) (org.Staff, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s, ok := b.all[id]; ok {
		return s, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "base.not_found")
}

func (b *book) StaffByLogin(ctx context.Context, login string) (org.Staff, error) {
	for _, id := range []string{"zhou-min", "gu-wei", "no-phone", "admin"} {
		if s, err := b.Staff(ctx, id); err == nil && s.Login == login {
			return s, nil
		}
	}
	return org.Staff{}, errs.New(errs.NotFound, "base.not_found")
}

func (b *book) Agency(_ context.Context, key string) (org.Agency, error) {
	return org.Agency{Key: key, Name: "清澜市清江区市场监督管理局", Region: "580102"}, nil
}

func (b *book) MayManage(_ context.Context, a authz.Actor, staffID string) error {
	if a.StaffID == staffID || a.AgencyID != "" && a.AgencyID != b.all[staffID].Agency {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return nil
}

func (b *book) disable(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.all[id]
	s.Disabled = true
	b.all[id] = s
}

const demoFile = "../../../packs/qinglan/demo.yaml"

func newKit(t *testing.T, d *db.DB) *kit {
	t.Helper()
	data, err := os.ReadFile(demoFile)
	if err != nil {
		t.Fatal(err)
	}
	people, ps := registry.Load(packfile.File{Pack: "qinglan", Path: "demo.yaml", Data: data})
	if len(ps) > 0 {
		t.Fatalf("demo.yaml: %+v", ps)
	}
	k := &kit{d: d, at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), staff: &book{all: map[string]org.Staff{
		"zhou-min": {ID: "zhou-min", Login: "zhoumin", Name: "周敏", Agency: "market", Roles: []authz.Role{authz.Officer}, Posts: []string{"market-review"}, Phone: "19900000002"},
		"gu-wei":   {ID: "gu-wei", Login: "guwei", Name: "顾巍", Agency: "hall", Roles: []authz.Role{authz.Supervisor}, Phone: "19900000012"},
		"admin":    {ID: "admin", Login: "root-a", Name: "管理员", Agency: "hall", Roles: []authz.Role{authz.Admin}, Phone: "19900000013"},
		"no-phone": {ID: "no-phone", Login: "nophone", Name: "无电话", Agency: "hall", Roles: []authz.Role{authz.Clerk}},
	}}}
	key := []byte("a key shared by the two sides...")
	k.reg = registry.New(registry.Config{KeyID: "t", Key: key, AdminToken: "admin", Now: k.now}, people)
	k.http = httptest.NewServer(k.reg.Handler())
	t.Cleanup(k.http.Close)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	k.audit = audit.NewLog(d, k.now, log)
	t.Cleanup(k.audit.Close)
	k.f, k.face, k.man, k.dir = newFactors(), &faces{now: k.now, result: identity.FaceResult{Done: true, Passed: true}}, &mandates{holds: map[string]*authz.Scope{}}, &directory{}
	k.deps = identity.Deps{
		Factors: k.f, Face: k.face, Represent: k.man, Directory: k.dir, CodesPerDay: 60,
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: k.audit, Staff: k.staff, Send: k.send, Now: k.now, Log: log, Demo: true,
		Registry: identity.NewRegistry(identity.RegistryConfig{PopulationURL: k.http.URL, FirmsURL: k.http.URL, KeyID: "t", Key: key, Now: k.now}),
	}
	k.Service = identity.New(k.deps)
	return k
}

func each(t *testing.T, fn func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { fn(t, newKit(t, d)) })
}

// from is the browser at home.
var from = identity.From{Origin: "192.0.2.7", Agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36", Device: "home"}

// at is another browser, at another address.
func at(device, origin string) identity.From { return identity.From{Origin: origin, Device: device} }

// signIn goes the whole way of a person: code asked for, code typed.
func (k *kit) signIn(t *testing.T, phone string) string {
	t.Helper()
	return k.signInFrom(t, phone, from)
}

func (k *kit) signInFrom(t *testing.T, phone string, f identity.From) string {
	t.Helper()
	if err := k.RequestCode(t.Context(), phone, f); err != nil {
		t.Fatal(err)
	}
	in, err := k.SignInWithCode(t.Context(), phone, k.lastCode(t, phone), f)
	if err != nil {
		t.Fatal(err)
	}
	return in.Token
}

func (k *kit) actor(t *testing.T, token string) authz.Actor {
	t.Helper()
	a, err := k.Actor(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// verified signs in and confirms the name.
func (k *kit) verified(t *testing.T, phone, name, number string) (string, authz.Actor) {
	t.Helper()
	a := k.actor(t, k.signIn(t, phone))
	token, err := k.VerifyName(t.Context(), a, name, number)
	if err != nil {
		t.Fatal(err)
	}
	return token, k.actor(t, token)
}

func wantErr(t *testing.T, what string, err error, key string) {
	t.Helper()
	if !errs.Is(err, key) {
		t.Errorf("%s = %v, want %s", what, err, key)
	}
}

const (
	linPhone, lin, linNumber = "19900000101", "林小满", "580102199605182647"
	linFirm                  = "91580102MACXM7P15Q"
)
