package identity_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

func TestAccessTokens(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		a := k.actor(t, k.signIn(t, linPhone))
		_, _, err := k.CreateToken(ctx, a, " ", 366)
		if e := errs.As(err); e == nil || len(e.Fields) != 2 {
			t.Errorf("bad name and days: %v", err)
		}
		made, secret, err := k.CreateToken(ctx, a, "记账软件", 365)
		if err != nil || !strings.HasPrefix(secret, "tongban_") {
			t.Fatal(secret, err)
		}
		api := k.actor(t, secret)
		if api.PersonID != a.PersonID || api.SessionID != "" {
			t.Errorf("actor %+v", api)
		}
		if _, _, err := k.CreateToken(ctx, api, "子令牌", 1); errs.KindOf(err) != errs.Unauthorized {
			t.Errorf("a token makes tokens: %v", err)
		}
		list, err := k.Tokens(ctx, a)
		if err != nil || len(list) != 1 || list[0].Name != "记账软件" || !list[0].Used.Equal(k.now()) {
			t.Errorf("list %+v %v", list, err)
		}
		stranger := k.actor(t, k.signIn(t, "19900000102"))
		if err := k.RevokeToken(ctx, stranger, made.ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a stranger revokes: %v", err)
		}
		if err := k.RevokeToken(ctx, a, made.ID); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, secret).Signed() {
			t.Error("a revoked token works")
		}
		_, secret, err = k.CreateToken(ctx, a, "短期", 1)
		if err != nil {
			t.Fatal(err)
		}
		k.pass(24 * time.Hour)
		if k.actor(t, secret).Signed() {
			t.Error("a token outlived its day")
		}
	})
}

func TestAKeptFormComesBackToItsOwnerOnly(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		session := k.signIn(t, linPhone)
		form := identity.Stash{Path: "/cases/1/form?step=2", Values: url.Values{"shop.name": {"小满·甜水铺 <𠮷>"}, "dish": {"冷", "热"}}}
		k.pass(31 * time.Minute)
		token, err := k.KeepStash(ctx, session, from, form)
		if err != nil {
			t.Fatal(err)
		}
		a := k.actor(t, k.signIn(t, linPhone))
		for range 2 {
			got, err := k.OpenStash(ctx, a, token, from)
			if err != nil || got.Path != form.Path || got.Values.Encode() != form.Values.Encode() {
				t.Errorf("got %+v %v", got, err)
			}
		}
		stranger := k.actor(t, k.signIn(t, "19900000102"))
		for who, b := range map[string]authz.Actor{"stranger": stranger, "visitor": {}} {
			if _, err := k.OpenStash(ctx, b, token, from); errs.KindOf(err) != errs.Gone {
				t.Errorf("%s: %v", who, err)
			}
		}
		k.pass(time.Hour)
		if _, err := k.OpenStash(ctx, a, token, from); errs.KindOf(err) != errs.Gone {
			t.Errorf("after an hour: %v", err)
		}
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		dbtest.WantCounts(t, k.d, map[string]int{"identity_stash": 0, "identity_person": 2})
	})
}

func TestTheDemoSignsInWithoutCodes(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, err := k.Demo().Account(ctx, linPhone, lin, linNumber)
		if err != nil {
			t.Fatal(err)
		}
		again, err := k.Demo().Account(ctx, linPhone, lin, linNumber)
		if err != nil || again != id {
			t.Errorf("again %s, %v", again, err)
		}
		token, err := k.Demo().SignIn(ctx, "person", linPhone, "")
		if err != nil || k.actor(t, token).Level != 2 || k.actor(t, token).PersonID != id {
			t.Errorf("%+v %v", k.actor(t, token), err)
		}
		token, err = k.Demo().SignIn(ctx, "staff", "gu-wei", "")
		if err != nil || !k.actor(t, token).Is(authz.Supervisor) {
			t.Errorf("%+v %v", k.actor(t, token), err)
		}
	})
	if identity.New(identity.Deps{}).Demo() != nil {
		t.Error("a service not made for the demo signs people in without codes")
	}
}

func TestNothingPersonalStandsInTheDatabaseFile(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	ctx := t.Context()
	token, a := k.verified(t, linPhone, lin, linNumber)
	fs, err := k.FirmsOf(ctx, a.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.ActFor(ctx, a, identity.KindFirm, fs[0].ID); err != nil {
		t.Fatal(err)
	}
	_, secret, err := k.CreateToken(ctx, a, "给李会计的令牌", 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.KeepStash(ctx, token, from, identity.Stash{Path: "/x", Values: url.Values{"a": {"石栏路的草稿"}}}); err != nil {
		t.Fatal(err)
	}
	k.setPassword(t, "zhou-min")
	staff := k.staffToken(t)
	if _, err := k.StartQR(ctx, identity.From{Origin: "192.0.2.78", Agent: "Agent of the screen", Device: "device of the screen"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.BeginRecovery(ctx, "沈玉英", "580102194103071821", from); err != nil {
		t.Fatal(err)
	}
	if _, err := k.SignInOutside(ctx, identity.Outside{Issuer: "https://province.example", Subject: "subject-4711", Level: 1}, from); err != nil {
		t.Fatal(err)
	}
	code := k.lastCode(t, linPhone)
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(strings.TrimPrefix(d.URL(), "sqlite:") + suffix)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("identity_person")) || !bytes.Contains(all, []byte(a.PersonID)) {
		t.Fatal("the search does not see the rows")
	}
	for _, s := range []string{linPhone, lin, linNumber, linFirm, "清澜小满", "1996-05-18", "石栏路", "192.0.2.7", "李会计", "Windows NT", "192.0.2.78", "Agent of", "device of", "沈玉英", "580102194103071821", "subject-4711", token, secret, staff, goodPassword, "19900000002"} {
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("%q can be read in the database file", s)
		}
	}
	if n := dbtest.Count(t, d, "identity_code", "code_key = $1 OR for_key = $1", code); n != 0 {
		t.Error("a code stands in the table")
	}
}

// Two requests at the same moment must not pass a limit, use a code twice or make two people of one.
func TestAtTheSameMoment(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		many := func(fn func() error) (ok int) {
			out := make(chan error, 8)
			for range cap(out) {
				go func() { out <- fn() }()
			}
			for range cap(out) {
				if err := <-out; err == nil {
					ok++
				} else if errs.KindOf(err) == errs.Internal {
					t.Error(err)
				}
			}
			return ok
		}
		if n := many(func() error { return k.RequestCode(ctx, linPhone, from) }); n != 1 {
			t.Errorf("%d codes within a minute", n)
		}
		code := k.lastCommitted(t, linPhone)
		if n := many(func() error { _, err := k.SignInWithCode(ctx, linPhone, code, from); return err }); n != 1 {
			t.Errorf("a code opened %d sessions", n)
		}
		k.setPassword(t, "zhou-min")
		k.f.checked = nil
		many(func() error { _, err := k.SignInStaff(ctx, "zhoumin", "wrong", office); return err })
		if n := len(k.f.checked); n != 3 {
			t.Errorf("%d wrong passwords were looked at before the first delay, want 3", n)
		}
		k.f.has("staff:zhou-min", factor.Methods{TOTP: true})
		k.pass(time.Minute)
		step, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		if n := many(func() error {
			_, err := k.SecondFactor(ctx, step.Ticket, identity.WayTOTP, "123456", office)
			return err
		}); n != 1 {
			t.Errorf("a ticket opened %d sessions", n)
		}
		_, a := k.verified(t, "19900000110", "周𠮷祥", "580102197006190734")
		q, err := k.StartQR(ctx, office)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ApproveQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		var given atomic.Int32
		many(func() error {
			_, in, err := k.PollQR(ctx, q.Secret)
			if in.Token != "" {
				given.Add(1)
			}
			return err
		})
		if given.Load() != 1 {
			t.Errorf("a QR code opened %d sessions", given.Load())
		}
		clerk := authz.With(ctx, authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}})
		many(func() error { _, err := k.EnsurePerson(clerk, "沈玉英", "580102194103071821", "", ""); return err })
		if n := dbtest.Count(t, k.d, "identity_person", "number_key = $1", k.SubjectOf("580102194103071821")); n != 1 {
			t.Errorf("%d rows of one person", n)
		}
		many(func() error { _, err := k.EnsureFirm(ctx, linFirm); return err })
		dbtest.WantCounts(t, k.d, map[string]int{"identity_firm": 1, "identity_account": 2})
	})
}

// lastCommitted finds which of the codes handed out by transactions that were run again is the one that was stored.
func (k *kit) lastCommitted(t *testing.T, phone string) string {
	t.Helper()
	var id string
	if err := k.d.R().QueryRowContext(t.Context(), `SELECT id FROM identity_code ORDER BY created_ms DESC, id DESC LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(db.Classify(err))
	}
	for _, m := range k.sent {
		if m.To.Phone == phone && m.Key == fmt.Sprintf("identity.code:%s", id) {
			return m.Data["code"]
		}
	}
	t.Fatal("the stored code was not handed out")
	return ""
}
