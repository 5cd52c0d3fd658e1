package identity_test

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/org"
)

// A token outlives its session and has the level of the account: neither a weak provider nor a page left open may end in one.
func TestAnAccessTokenIsMadeByTheAccountItself(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		o := identity.Outside{Issuer: "province", Subject: "s1", Name: lin, Number: linNumber, Phone: linPhone, Level: 2, AuthTime: k.now()}
		if _, err := k.SignInOutside(ctx, o, from); err != nil {
			t.Fatal(err)
		}
		o.Level = 1
		in, err := k.SignInOutside(ctx, o, from)
		if err != nil || in.PersonID != a.PersonID {
			t.Fatal(in, err)
		}
		_, _, err = k.CreateToken(ctx, k.actor(t, in.Token), "越级", 30)
		wantErr(t, "from a federated session", err, "identity.token_federated")
		k.pass(11 * time.Minute)
		_, _, err = k.CreateToken(ctx, a, "离座", 30)
		wantErr(t, "from a page left open", err, "identity.fresh_needed")
	})
}

// Numbers are given out again: whoever had the phone before must not be in the account of who has it now.
func TestThePhonesEarlierHolderIsOut(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		const recycled = "18800000005"
		earlier := at("earlier", "203.0.113.9")
		hold := func() (string, string) {
			t.Helper()
			token := k.signInFrom(t, recycled, earlier)
			shell := "person:" + k.actor(t, token).PersonID
			k.f.has(shell, factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}})
			return token, shell
		}
		stale, shell := hold()
		_, a := k.member(t)
		if err := k.SendPhoneCode(ctx, a, recycled, from); errs.Is(err, "identity.code_wait") {
			k.pass(2 * time.Minute)
			err = k.SendPhoneCode(ctx, a, recycled, from)
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := k.ChangePhone(ctx, a, recycled, k.lastCode(t, recycled), from); err != nil {
			t.Fatal(err)
		}
		if b := k.actor(t, stale); b.Signed() {
			t.Errorf("the earlier holder's session is in: %+v", b)
		}
		if !slices.Contains(k.f.ended, shell) {
			t.Errorf("the earlier holder's keys go on: ended %v", k.f.ended)
		}
		if n := dbtest.Count(t, k.d, "identity_device", "owner = $1", shell); n != 0 {
			t.Error("the earlier holder's browser is known")
		}
	})
}

func TestTheFirstNameOfAnAccountEndsOlderKeys(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		stale := k.signInFrom(t, linPhone, at("earlier", "203.0.113.9"))
		shell := "person:" + k.actor(t, stale).PersonID
		k.f.has(shell, factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}})
		k.pass(2 * time.Minute)
		a := k.actor(t, k.signIn(t, linPhone))
		token, err := k.VerifyName(ctx, a, lin, linNumber)
		if err != nil || k.actor(t, token).Level != 2 {
			t.Fatal(err)
		}
		if k.actor(t, stale).Signed() {
			t.Error("the earlier session goes on under the new name")
		}
		if m, _ := k.f.Methods(ctx, shell); len(m.Passkeys) != 0 {
			t.Error("the earlier passkey opens the named account")
		}
	})
}

func TestStrangersCannotUseUpFaceChecks(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		ticket, _, err := k.BeginRecovery(ctx, lin, linNumber, at("x", "203.0.113.66"))
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			_, err = k.BeginRecoveryFace(ctx, ticket, "/")
		}
		wantErr(t, "the eleventh", err, "identity.face_day")
		if _, err := k.BeginFace(ctx, a, "/"); err != nil {
			t.Errorf("the person's own: %v", err)
		}
	})
}

// A form kept without a session waits for the browser it was sent from: its address in somebody else's hands opens nothing.
func TestAFormKeptForNobodyStaysInItsBrowser(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, err := k.KeepStash(ctx, "", at("attacker", "203.0.113.66"), identity.Stash{Path: "/my/mandates/new", Values: url.Values{"to": {"me"}}})
		if err != nil {
			t.Fatal(err)
		}
		_, a := k.member(t)
		if _, err := k.OpenStash(ctx, a, token, from); errs.KindOf(err) != errs.Gone {
			t.Errorf("in another browser: %v", err)
		}
		if _, err := k.OpenStash(ctx, a, token, identity.From{}); errs.KindOf(err) != errs.Gone {
			t.Errorf("without a browser: %v", err)
		}
		if _, err := k.OpenStash(ctx, a, token, at("attacker", "192.0.2.1")); err != nil {
			t.Errorf("in its own: %v", err)
		}
	})
}

func TestAPersonWhosePasswordMustChangeDoesNothingElse(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		owner := "person:" + a.PersonID
		k.f.change[owner] = true
		k.pass(2 * time.Minute)
		in, err := k.SignInWithPassword(ctx, linPhone, password, from)
		if err != nil || !in.MustChange {
			t.Fatal(in, err)
		}
		b := k.actor(t, in.Token)
		if !b.Is(authz.Limited) || b.May(authz.PersonSelf) || !b.May(authz.FactorOwn) {
			t.Errorf("roles %v", b.Roles)
		}
		if change, enrol, err := k.Todo(ctx, b); !change || enrol || err != nil {
			t.Error(change, enrol, err)
		}
		if au, err := k.Auth(ctx, b.SessionID); err != nil || au.Open {
			t.Errorf("other systems let them in: %+v %v", au, err)
		}
		k.f.change[owner] = false
		if b = k.actor(t, in.Token); !b.Is(authz.Person) || !b.May(authz.PersonSelf) {
			t.Errorf("after the change: %v", b.Roles)
		}
		if n := dbtest.Count(t, k.d, "identity_session", "limited <> ''"); n != 0 {
			t.Error("the limit was not taken off")
		}
	})
}

// Whoever becomes an administrator while a password waits to be changed needs a passkey all the same.
func TestALimitDoesNotHideAnother(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPasswordTo(t, "zhou-min", true)
		token := k.staffToken(t)
		k.staff.mu.Lock()
		st := k.staff.all["zhou-min"]
		st.Roles = []authz.Role{authz.Security}
		k.staff.all["zhou-min"] = st
		k.staff.mu.Unlock()
		e := org.StaffChanged{StaffID: "zhou-min"}
		body, _ := json.Marshal(e)
		if err := k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return k.Listeners()[0].Handle(ctx, tx, event.Stored{ID: "e", Topic: e.Topic(), Data: body})
		}); err != nil {
			t.Fatal(err)
		}
		if err := k.ChangePassword(ctx, k.actor(t, token), goodPassword, "another "+goodPassword); err != nil {
			t.Fatal(err)
		}
		if a := k.actor(t, token); a.May(authz.StaffAdmin) || !a.Is(authz.Limited) {
			t.Errorf("an administrator by text message: %v", a.Roles)
		}
		if change, enrol, err := k.Todo(ctx, k.actor(t, token)); change || !enrol || err != nil {
			t.Error(change, enrol, err)
		}
	})
}

func TestAPasskeyChallengeIsGoodForItsBrowserOnly(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		owner := "person:" + a.PersonID
		k.f.has(owner, factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}})
		c, err := k.BeginPasskeySignIn(ctx, at("attacker", "203.0.113.66"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.FinishPasskeySignIn(ctx, c.ID, []byte(owner), from)
		wantErr(t, "slipped into another browser", err, "factor.challenge_gone")
		if _, err = k.FinishPasskeySignIn(ctx, c.ID, []byte(owner), at("attacker", "192.0.2.9")); err != nil {
			t.Errorf("its own: %v", err)
		}
	})
}

func TestAScreenSignedInByQRApprovesNoOther(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		begin := func() identity.QR {
			t.Helper()
			q, err := k.StartQR(ctx, at("kiosk", "198.51.100.20"))
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		q := begin()
		if err := k.ApproveQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		_, in, err := k.PollQR(ctx, q.Secret)
		if err != nil || in.Token == "" {
			t.Fatal(in, err)
		}
		wantErr(t, "a screen left open", k.ApproveQR(ctx, k.actor(t, in.Token), begin().Code), "identity.qr_chain")
	})
}

func TestAResetOfWhoIsInTheDirectoryGivesNoPassword(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		officer := authz.Actor{StaffID: "shen-ze", Roles: []authz.Role{authz.Security}, AgencyID: "market", Via: "page"}
		k.setPassword(t, "zhou-min")
		token := k.staffToken(t)
		*k.dir = directory{login: "zhoumin", password: "of the directory"}
		got, err := k.ResetStaff(ctx, officer, "zhou-min")
		if err != nil || got != "" {
			t.Errorf("%q %v", got, err)
		}
		if k.actor(t, token).Signed() {
			t.Error("the session goes on")
		}
		*k.dir = directory{}
		if got, err = k.ResetStaff(ctx, officer, "zhou-min"); err != nil || len(got) < 10 {
			t.Errorf("%q %v", got, err)
		}
		if _, err := k.ResettableStaff(ctx, officer, "gu-wei"); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("of another agency: %v", err)
		}
	})
}
