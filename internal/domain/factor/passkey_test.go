package factor_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

func TestAPasskeyIsRegisteredAndSignsIn(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		dev := w.enrol(owner)
		if strings.Contains(string(dev.handle), "p1") || len(dev.handle) != 32 {
			t.Errorf("handle %q", dev.handle)
		}
		for _, as := range []string{"", owner} {
			c, err := w.s.BeginPasskeySignIn(t.Context(), as)
			must(t, err)
			answer := dev.sign(t, c)
			who, pk, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, answer)
			if who != owner || pk.Label != "我的手机" || !pk.Used.Equal(w.now) || err != nil {
				t.Errorf("as %q: %q, %+v, %v", as, who, pk, err)
			}
			if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, answer); !errs.Is(err, "factor.challenge_gone") {
				t.Errorf("replayed: %v", err)
			}
		}
		if n := dbtest.Count(t, d, "factor_challenge", ""); n != 0 {
			t.Errorf("%d challenges are left", n)
		}
		m, err := w.s.Methods(t.Context(), owner)
		if err != nil || len(m.Passkeys) != 1 || m.Passkeys[0].Synced {
			t.Errorf("%+v, %v", m, err)
		}
		id := m.Passkeys[0].ID
		must(t, w.s.RenamePasskey(t.Context(), person, owner, id, " 家里的  电脑 "))
		if err := w.s.RenamePasskey(t.Context(), person, other, id, "x"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("renamed by another: %v", err)
		}
		if err := w.s.RemovePasskey(t.Context(), person, other, id); errs.KindOf(err) != errs.NotFound {
			t.Errorf("removed by another: %v", err)
		}
		must(t, w.s.RemovePasskey(t.Context(), person, owner, id))
		if _, err := w.s.BeginPasskeySignIn(t.Context(), owner); !errs.Is(err, "factor.no_passkey") {
			t.Errorf("without one: %v", err)
		}
		w.wantAudit("passkey_added", 1)
		w.wantTold("passkey_removed", 1)
	})
}

// An answer sent twice at the same moment counts once, whichever node it reaches.
func TestAChallengeIsSpentOnceByManyAtOnce(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		dev := w.enrol(owner)
		c, err := w.s.BeginPasskeySignIn(t.Context(), "")
		must(t, err)
		answer := dev.sign(t, c)
		var wg sync.WaitGroup
		var won atomic.Int32
		for range 8 {
			wg.Go(func() {
				if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, answer); err == nil {
					won.Add(1)
				} else if !errs.Is(err, "factor.challenge_gone") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d were let in", won.Load())
		}
		w.wantAudit("passkey_copied", 0)
	})
}

func TestAnswersThatAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	dev, stranger := w.enrol(owner), w.enrol(other)
	for name, spoil := range map[string]func(d *device){
		"another origin":        func(d *device) { d.origin = "https://zwfw.example.cn.evil.test" },
		"another scheme":        func(d *device) { d.origin = "http://zwfw.example.cn" },
		"another relying party": func(d *device) { d.rpID = "example.cn" },
		"user not verified":     func(d *device) { d.flags = userPresent },
		"user not present":      func(d *device) { d.flags = userVerified },
		"a registration":        func(d *device) { d.typ = "webauthn.create" },
		"another key":           func(d *device) { d.key = newDevice().key },
		"an unknown passkey":    func(d *device) { d.id = newDevice().id },
		"another handle":        func(d *device) { d.handle = stranger.handle },
		"no handle":             func(d *device) { d.handle = nil },
		"became a synced one":   func(d *device) { d.flags |= backupEligible },
	} {
		c, err := w.s.BeginPasskeySignIn(t.Context(), "")
		must(t, err)
		bad := *dev
		spoil(&bad)
		if who, _, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, bad.sign(t, c)); !errs.Is(err, "factor.passkey_refused") || who != "" {
			t.Errorf("%s: %q, %v", name, who, err)
		}
		if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, dev.sign(t, c)); !errs.Is(err, "factor.challenge_gone") {
			t.Errorf("%s: a second try on the same challenge: %v", name, err)
		}
	}
	c1, err := w.s.BeginPasskeySignIn(t.Context(), "")
	must(t, err)
	c2, err := w.s.BeginPasskeySignIn(t.Context(), owner)
	must(t, err)
	if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c2.ID, dev.sign(t, c1)); !errs.Is(err, "factor.passkey_refused") {
		t.Errorf("another challenge's answer: %v", err)
	}
	c3, err := w.s.BeginPasskeySignIn(t.Context(), owner)
	must(t, err)
	if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c3.ID, stranger.sign(t, c3)); !errs.Is(err, "factor.passkey_refused") {
		t.Errorf("another account's passkey: %v", err)
	}
	w.now = w.now.Add(5*time.Minute + time.Second)
	if _, _, err := w.s.FinishPasskeySignIn(t.Context(), c1.ID, dev.sign(t, c1)); !errs.Is(err, "factor.challenge_gone") {
		t.Errorf("after five minutes: %v", err)
	}
}

func TestACounterThatWentBackIsRefusedAndTold(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		dev := w.enrol(owner)
		in := func(dev *device) error {
			c, err := w.s.BeginPasskeySignIn(t.Context(), owner)
			must(t, err)
			_, _, err = w.s.FinishPasskeySignIn(t.Context(), c.ID, dev.sign(t, c))
			return err
		}
		dev.counter = 5
		copied := *dev
		must(t, in(dev))
		for range 2 { // 5 again, then 6 is new
			err := in(&copied)
			if copied.counter == 6 && !errs.Is(err, "factor.passkey_copied") || copied.counter == 7 && err != nil {
				t.Errorf("counter %d: %v", copied.counter-1, err)
			}
		}
		w.wantAudit("passkey_copied", 1)
		w.wantTold("passkey_copied", 1)
		zero := newDevice()
		zero.counter, zero.flags = 0, zero.flags|backupEligible
		c, err := w.s.BeginPasskey(t.Context(), owner, "n", "d")
		must(t, err)
		pk, err := w.s.FinishPasskey(t.Context(), person, owner, c.ID, "", zero.register(t, c))
		if err != nil || !pk.Synced {
			t.Errorf("a synced passkey: %+v, %v", pk, err)
		}
		for range 2 {
			zero.counter = 0
			must(t, in(zero))
		}
	})
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	begin := func() factor.Challenge {
		c, err := w.s.BeginPasskey(t.Context(), owner, "n", "d")
		must(t, err)
		return c
	}
	finish := func(c factor.Challenge, answer []byte) error {
		_, err := w.s.FinishPasskey(t.Context(), person, owner, c.ID, "", answer)
		return err
	}
	for name, spoil := range map[string]func(d *device){
		"origin": func(d *device) { d.origin = "https://evil.test" }, "unverified": func(d *device) { d.flags = userPresent },
		"type": func(d *device) { d.typ = "webauthn.get" }, "relying party": func(d *device) { d.rpID = "evil.test" },
	} {
		dev := newDevice()
		spoil(dev)
		c := begin()
		if err := finish(c, dev.register(t, c)); !errs.Is(err, "factor.passkey_refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := begin()
	if _, err := w.s.FinishPasskey(t.Context(), person, other, c.ID, "", newDevice().register(t, c)); !errs.Is(err, "factor.challenge_gone") {
		t.Errorf("for another owner: %v", err)
	}
	for _, junk := range []string{"", "{}", "null", `{"id":1}`, strings.Repeat("x", 70_000)} {
		if err := finish(begin(), []byte(junk)); !errs.Is(err, "factor.passkey_refused") {
			t.Errorf("%.20q: %v", junk, err)
		}
	}
	dev := w.enrol(owner)
	c = begin()
	if err := finish(c, dev.register(t, c)); !errs.Is(err, "factor.passkey_known") {
		t.Errorf("the same twice: %v", err)
	}
	sign, err := w.s.BeginPasskeySignIn(t.Context(), owner)
	must(t, err)
	if err := finish(sign, newDevice().register(t, sign)); !errs.Is(err, "factor.challenge_gone") {
		t.Errorf("a sign-in's challenge for a registration: %v", err)
	}
	plain := newWorld(t, w.d, func(d *factor.Deps) { d.PublicURL = "http://192.0.2.1:8080" })
	if _, err := plain.s.BeginPasskey(t.Context(), owner, "n", "d"); plain.s.HasPasskeys() || !errs.Is(err, "factor.passkey_off") {
		t.Errorf("on an address of numbers: %v", err)
	}
}

func TestFactorsMoveAndEnd(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		dev := w.enrol(owner)
		w.enrol(other)
		must(t, w.setPassword(owner, good))
		must(t, w.setPassword(other, good2))
		_, err := w.s.NewRecoveryCodes(t.Context(), person, owner)
		must(t, err)
		must(t, d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.MoveTx(ctx, tx, owner, other) }))
		c, err := w.s.BeginPasskeySignIn(t.Context(), "")
		must(t, err)
		if who, _, err := w.s.FinishPasskeySignIn(t.Context(), c.ID, dev.sign(t, c)); who != other || err != nil {
			t.Errorf("the moved passkey: %q, %v", who, err)
		}
		if ok, _, _ := w.s.CheckPassword(t.Context(), other, good2); !ok {
			t.Error("the second account lost its password")
		}
		m, err := w.s.Methods(t.Context(), other)
		if err != nil || len(m.Passkeys) != 2 || m.RecoveryLeft != 10 {
			t.Errorf("%+v, %v", m, err)
		}
		must(t, d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return w.s.EndTx(authz.With(ctx, person), tx, w.now, other)
		}))
		dbtest.WantCounts(t, d, map[string]int{"factor_passkey": 0, "factor_password": 0, "factor_recovery": 0, "factor_handle": 0})
	})
}

func TestNothingPersonalStandsReadable(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	w.enrol(owner)
	if n := dbtest.Count(t, w.d, "factor_passkey", "CAST(label AS TEXT) LIKE '%手机%' OR CAST(credential AS TEXT) LIKE '%publicKey%'"); n != 0 {
		t.Error("label or credential is readable")
	}
}

func BenchmarkPasskeySignIn(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b, all...))
	dev := w.enrol(owner)
	for b.Loop() {
		c, err := w.s.BeginPasskeySignIn(b.Context(), "")
		must(b, err)
		if _, _, err := w.s.FinishPasskeySignIn(b.Context(), c.ID, dev.sign(b, c)); err != nil {
			b.Fatal(err)
		}
	}
}
