package factor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/factor"
	"tongban/internal/engine/seal"
)

const (
	site  = "https://zwfw.example.cn"
	owner = "person:p1"
	other = "person:p2"
	good  = "梧桐 rain-7-lantern"
	good2 = "Quartz.river.81.kite"
)

var (
	all    = []db.Room{job.Schema, event.Schema, audit.Schema, factor.Schema}
	person = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Via: "page", Origin: "192.0.2.7"}
	start  = time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
)

type world struct {
	t     testing.TB
	d     *db.DB
	s     *factor.Service
	deps  factor.Deps
	now   time.Time
	told  []string
	trust factor.Trust // whom VerifyEvidence believes
}

func newWorld(t testing.TB, d *db.DB, set ...func(*factor.Deps)) *world {
	t.Helper()
	w := &world{t: t, d: d, now: start}
	now := func() time.Time { return w.now }
	ca, err := seal.NewCA("测试根", start.AddDate(-1, 0, 0), start.AddDate(5, 0, 0), true, nil)
	must(t, err)
	key, cert, err := ca.Issue("清澜政务平台", "清澜市", start.AddDate(-1, 0, 0), start.AddDate(3, 0, 0))
	must(t, err)
	signer, err := seal.NewSoftSigner(key, cert, nil)
	must(t, err)
	w.trust.Seals = [][]byte{ca.CertPEM()}
	w.deps = factor.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), PublicURL: site, SiteName: "清澜政务",
		Cost: factor.Cost{Memory: 64, Time: 1, Lanes: 1}, Seal: factor.SealWith(signer, now),
		Tell: func(_ context.Context, _ *db.Tx, _ time.Time, owner, template string, _ map[string]string) error {
			w.told = append(w.told, owner+" "+template)
			return nil
		},
	}
	for _, f := range set {
		f(&w.deps)
	}
	w.trust.Holders = w.deps.Roots
	w.s, err = factor.New(w.deps)
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) setPassword(owner, password string, related ...string) error {
	return w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return w.s.SetPasswordTx(ctx, tx, w.now, owner, related, password, false)
	})
}

// device is an authenticator in software: ES256, attestation none.
type device struct {
	id      []byte
	handle  []byte
	key     *ecdsa.PrivateKey
	counter uint32
	rpID    string
	origin  string
	flags   byte // of the next answer
	typ     string
}

const (
	userPresent, userVerified, backupEligible, attested = 0x01, 0x04, 0x08, 0x40
)

func newDevice() *device {
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{id: id, key: k, counter: 1, rpID: "zwfw.example.cn", origin: site, flags: userPresent | userVerified}
}

var b64u = base64.RawURLEncoding

func (d *device) clientData(typ, challenge string) []byte {
	if d.typ != "" {
		typ = d.typ
	}
	b, _ := json.Marshal(map[string]any{"type": typ, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

func (d *device) authData(flags byte, more []byte) []byte {
	rp := sha256.Sum256([]byte(d.rpID))
	out := append(rp[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.counter)
	return append(out, more...)
}

func (d *device) cose(t testing.TB) []byte {
	raw, err := d.key.PublicKey.Bytes()
	must(t, err)
	b, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	must(t, err)
	return b
}

// register answers a registration.
func (d *device) register(t testing.TB, c factor.Challenge) []byte {
	t.Helper()
	var o struct {
		Challenge string
		User      struct{ ID string }
	}
	must(t, json.Unmarshal(c.Options, &o))
	d.handle, _ = b64u.DecodeString(o.User.ID)
	data := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	data = append(append(data, d.id...), d.cose(t)...)
	att, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authData(d.flags|attested, data)})
	must(t, err)
	d.counter++
	return d.answer(map[string]any{"clientDataJSON": b64u.EncodeToString(d.clientData("webauthn.create", o.Challenge)), "attestationObject": b64u.EncodeToString(att)})
}

// sign answers a sign-in or a text to be signed.
func (d *device) sign(t testing.TB, c factor.Challenge) []byte {
	t.Helper()
	var o struct{ Challenge string }
	must(t, json.Unmarshal(c.Options, &o))
	client, auth := d.clientData("webauthn.get", o.Challenge), d.authData(d.flags, nil)
	h := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, auth...), h[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	must(t, err)
	d.counter++
	return d.answer(map[string]any{
		"clientDataJSON": b64u.EncodeToString(client), "authenticatorData": b64u.EncodeToString(auth), "signature": b64u.EncodeToString(sig),
		"userHandle": b64u.EncodeToString(d.handle),
	})
}

func (d *device) answer(response map[string]any) []byte {
	id := b64u.EncodeToString(d.id)
	b, _ := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return b
}

// enrol registers a device for an owner.
func (w *world) enrol(owner string) *device {
	w.t.Helper()
	d := newDevice()
	c, err := w.s.BeginPasskey(w.t.Context(), owner, "138****5678", "王*梅")
	must(w.t, err)
	_, err = w.s.FinishPasskey(w.t.Context(), person, owner, c.ID, "我的手机", d.register(w.t, c))
	must(w.t, err)
	return d
}

func (w *world) wantAudit(act string, n int) {
	w.t.Helper()
	es, err := audit.List(w.t.Context(), w.d.R(), audit.Filter{Act: "factor." + act}, "", 100)
	must(w.t, err)
	if len(es) != n {
		w.t.Errorf("%d entries factor.%s, want %d", len(es), act, n)
	}
}

func (w *world) wantTold(template string, n int) {
	w.t.Helper()
	got := 0
	for _, line := range w.told {
		if line == fmt.Sprintf("%s factor.%s", owner, template) {
			got++
		}
	}
	if got != n {
		w.t.Errorf("told %s %d times, want %d (%v)", template, got, n, w.told)
	}
}
