package identity_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/org"
)

const (
	goodPassword = "澜江夜雨-2026-竹影"
	zhouPhone    = "19900000002"
)

// office is the browser on a desk.
var office = at("office", "192.0.2.9")

func (k *kit) staffToken(t *testing.T) string {
	t.Helper()
	in, err := k.SignInStaff(t.Context(), "zhoumin", goodPassword, office)
	if err != nil {
		t.Fatal(err)
	}
	in, err = k.SecondFactor(t.Context(), in.Ticket, identity.WaySMS, k.lastCode(t, zhouPhone), office)
	if err != nil {
		t.Fatal(err)
	}
	return in.Token
}

func (k *kit) setPassword(t *testing.T, id string) { k.setPasswordTo(t, id, false) }

func (k *kit) setPasswordTo(t *testing.T, id string, mustChange bool) {
	t.Helper()
	if err := k.SetStaffPassword(t.Context(), authz.System, id, goodPassword, mustChange); err != nil {
		t.Fatal(err)
	}
}

func TestStaffSignInNeedsBothFactors(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		wantErr(t, "no password set", err, "identity.login_wrong")
		k.setPassword(t, "zhou-min")
		k.f.checked = nil
		_, err = k.SignInStaff(ctx, "nobody", goodPassword, office)
		wantErr(t, "unknown login", err, "identity.login_wrong")
		if !slices.Equal(k.f.checked, []string{""}) {
			t.Errorf("an unknown login costs no comparison: %q", k.f.checked)
		}
		in, err := k.SignInStaff(ctx, " zhoumin ", goodPassword, office)
		if err != nil || in.Token != "" || !in.Staff || !slices.Equal(in.Needs, []string{identity.WaySMS}) || k.SecondPhone(ctx, in.Ticket) != "****0002" {
			t.Fatal(in, err)
		}
		code := k.lastCode(t, zhouPhone)
		second := func(ticket, method, answer string, f identity.From) error {
			_, err := k.SecondFactor(ctx, ticket, method, answer, f)
			return err
		}
		wantErr(t, "wrong code", second(in.Ticket, identity.WaySMS, "x", office), "identity.code_wrong")
		wantErr(t, "a way that was not offered", second(in.Ticket, identity.WayTOTP, "123456", office), "identity.way_unknown")
		wantErr(t, "another ticket", second("x", identity.WaySMS, code, office), "identity.step_ended")
		wantErr(t, "carried to another device", second(in.Ticket, identity.WaySMS, code, at("elsewhere", "")), "identity.step_ended")
		_, err = k.SignInWithCode(ctx, zhouPhone, code, office)
		wantErr(t, "as a person", err, "identity.code_expired")
		done, err := k.SecondFactor(ctx, in.Ticket, identity.WaySMS, code, office)
		if err != nil || done.MustChange || done.MustEnrol {
			t.Fatal(done, err)
		}
		wantErr(t, "the ticket again", second(in.Ticket, identity.WaySMS, code, office), "identity.step_ended")
		a := k.actor(t, done.Token)
		if a.StaffID != "zhou-min" || a.AgencyID != "market" || a.Region != "580102" || !a.Is(authz.Officer) || a.Is(authz.Person) || len(a.Posts) != 1 {
			t.Errorf("actor %+v", a)
		}
		auth, err := k.Auth(ctx, a.SessionID)
		if err != nil || !auth.Open || !slices.Equal(auth.AMR, []string{"pwd", "sms", "mfa"}) || !auth.At.Equal(k.now()) {
			t.Errorf("%+v %v", auth, err)
		}
		k.setPassword(t, "no-phone")
		_, err = k.SignInStaff(ctx, "nophone", goodPassword, office)
		wantErr(t, "no phone", err, "identity.staff_no_phone")
		k.f.has("staff:no-phone", factor.Methods{TOTP: true})
		in, err = k.SignInStaff(ctx, "nophone", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "wrong app code", second(in.Ticket, identity.WayTOTP, "654321", office), "identity.totp_wrong")
		if err := second(in.Ticket, identity.WayTOTP, " 123 456", office); err != nil {
			t.Error(err)
		}
	})
}

func TestAStaffSessionLocksAndOpensAgain(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPassword(t, "zhou-min")
		token := k.staffToken(t)
		sid := k.actor(t, token).SessionID
		if locked, _ := k.Locked(ctx, token); locked {
			t.Error("locked at once")
		}
		k.pass(15 * time.Minute)
		if k.actor(t, token).Signed() {
			t.Error("an officer idle for fifteen minutes is signed in")
		}
		if locked, err := k.Locked(ctx, token); err != nil || !locked {
			t.Error("not locked", err)
		}
		_, err := k.Unlock(ctx, token, identity.WayPassword, "wrong", office)
		wantErr(t, "wrong password", err, "identity.password_wrong")
		_, err = k.Unlock(ctx, token, identity.WaySMS, "1", office)
		wantErr(t, "by text message", err, "identity.way_unknown")
		fresh, err := k.Unlock(ctx, token, identity.WayPassword, goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		if k.actor(t, token).Signed() {
			t.Error("the old token works")
		}
		if a := k.actor(t, fresh); a.SessionID != sid || !a.AuthTime.Equal(k.now()) {
			t.Errorf("another session: %+v", a)
		}
		if err := k.Lock(ctx, fresh); err != nil || k.actor(t, fresh).Signed() {
			t.Error("not locked at once", err)
		}
		person := k.signIn(t, linPhone)
		if err := k.Lock(ctx, person); err != nil || !k.actor(t, person).Signed() {
			t.Error("a person's session was locked", err)
		}
		k.staff.disable("zhou-min")
		_, err = k.Unlock(ctx, fresh, identity.WayPassword, goodPassword, office)
		wantErr(t, "a disabled account", err, "identity.session_ended")
		k.pass(12 * time.Hour)
		if locked, _ := k.Locked(ctx, fresh); locked {
			t.Error("a session of yesterday opens again")
		}
	})
}

func TestAdministratorsNeedACryptographicFactor(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPasswordTo(t, "admin", true)
		first, err := k.SignInStaff(ctx, "root-a", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		in, err := k.SecondFactor(ctx, first.Ticket, identity.WaySMS, k.lastCode(t, "19900000013"), office)
		if err != nil || !in.MustEnrol || !in.MustChange {
			t.Fatalf("%+v %v", in, err)
		}
		a := k.actor(t, in.Token)
		if a.May(authz.OrgAdmin) || !a.May(authz.FactorOwn) || !a.May(authz.StaffSelf) {
			t.Errorf("roles %v", a.Roles)
		}
		if _, _, err := k.CreateToken(ctx, a, "x", 1); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a limited session makes tokens: %v", err)
		}
		if auth, _ := k.Auth(ctx, a.SessionID); auth.Open {
			t.Error("a limited session signs in elsewhere")
		}
		if err := k.ChangePassword(ctx, a, goodPassword, "another-good-one-7"); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, in.Token).May(authz.OrgAdmin) {
			t.Error("powers before a passkey is there")
		}
		k.f.has("staff:admin", factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}})
		if !k.actor(t, in.Token).May(authz.OrgAdmin) {
			t.Error("no powers although the passkey is there")
		}
		k.pass(time.Minute)
		again, err := k.SignInStaff(ctx, "root-a", "another-good-one-7", office)
		if err != nil || !slices.Equal(again.Needs, []string{identity.WayPasskey}) {
			t.Fatalf("%+v %v", again, err)
		}
		wantErr(t, "text message instead", k.SendSecondCode(ctx, again.Ticket, office), "identity.way_unknown")
		c, err := k.BeginSecondPasskey(ctx, again.Ticket)
		if err != nil {
			t.Fatal(err)
		}
		k.f.has("staff:zhou-min", factor.Methods{Passkeys: []factor.Passkey{{ID: "other"}}})
		_, err = k.SecondFactor(ctx, again.Ticket, identity.WayPasskey, identity.PasskeyAnswer(c.ID, []byte("staff:zhou-min")), office)
		wantErr(t, "another's passkey", err, "identity.passkey_wrong")
		c, _ = k.BeginSecondPasskey(ctx, again.Ticket)
		in, err = k.SecondFactor(ctx, again.Ticket, identity.WayPasskey, identity.PasskeyAnswer(c.ID, []byte("staff:admin")), office)
		if err != nil || in.MustEnrol || !k.actor(t, in.Token).Is(authz.Admin) {
			t.Errorf("%+v %v", in, err)
		}
		c, _ = k.BeginPasskeySignIn(ctx, office)
		in, err = k.FinishPasskeySignIn(ctx, c.ID, []byte("staff:admin"), office)
		if err != nil || !in.Staff || !k.actor(t, in.Token).Is(authz.Admin) {
			t.Errorf("by passkey alone: %+v %v", in, err)
		}
	})
}

// A change of staff that happens in a session takes effect there.
func TestWhatStaffChangedDoesToSessions(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPassword(t, "zhou-min")
		token := k.staffToken(t)
		_, _, err := k.CreateToken(ctx, k.actor(t, token), "导出", 7)
		if err != nil {
			t.Fatal(err)
		}
		hear := func(e org.StaffChanged) {
			t.Helper()
			body, _ := json.Marshal(e)
			err := k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				return k.Listeners()[0].Handle(ctx, tx, event.Stored{ID: "e", Topic: e.Topic(), Data: body})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		hear(org.StaffChanged{StaffID: "zhou-min"})
		if !k.actor(t, token).Is(authz.Officer) {
			t.Error("an officer who stays one lost the session")
		}
		k.staff.mu.Lock()
		st := k.staff.all["zhou-min"]
		st.Roles = []authz.Role{authz.Security}
		k.staff.all["zhou-min"] = st
		k.staff.mu.Unlock()
		hear(org.StaffChanged{StaffID: "zhou-min"})
		if a := k.actor(t, token); a.May(authz.StaffAdmin) || !a.Is(authz.Limited) {
			t.Errorf("an administrator by text message: %v", a.Roles)
		}
		hear(org.StaffChanged{StaffID: "zhou-min", Disabled: true})
		if k.ended(t) != 1 || dbtest.Count(t, k.d, "identity_token", "ended_ms > 0") != 1 {
			t.Error("what a disabled account had open goes on")
		}
	})
}

func TestTheDirectoryKnowsPasswords(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPassword(t, "gu-wei")
		*k.dir = directory{login: "zhoumin", password: "of the directory"}
		if in, err := k.SignInStaff(ctx, "zhoumin", "of the directory", office); err != nil || in.Ticket == "" {
			t.Errorf("%+v %v", in, err)
		}
		_, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		wantErr(t, "wrong", err, "identity.login_wrong")
		if in, err := k.SignInStaff(ctx, "guwei", goodPassword, office); err != nil || in.Ticket == "" {
			t.Errorf("not in the directory: %+v %v", in, err)
		}
		k.pass(time.Minute)
		*k.dir = directory{login: "nobody-here", password: "x"}
		_, err = k.SignInStaff(ctx, "nobody-here", "x", office)
		wantErr(t, "in the directory only", err, "identity.login_wrong")
		*k.dir = directory{err: errors.New("connection refused")}
		if in, err := k.SignInStaff(ctx, "guwei", goodPassword, office); err != nil || in.Ticket == "" {
			t.Errorf("directory away, password here: %+v %v", in, err)
		}
		_, err = k.SignInStaff(ctx, "zhoumin", "of the directory", office)
		wantErr(t, "directory away", err, "identity.directory_away")
	})
}

// A password that was set before passwords moved to the room of factors still opens, until a new one is set.
func TestOldStaffPasswordsStillOpen(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		salt := []byte("sixteen bytes ok")
		enc := base64.RawStdEncoding.EncodeToString
		hash := fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%s$%s", enc(salt), enc(argon2.IDKey([]byte("the old password"), salt, 2, 19*1024, 1, 32)))
		err := k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO identity_credential (staff_id, hash, must_change, set_ms) VALUES ('zhou-min', $1, $2, 1)`, hash, false)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if has, err := k.HasPassword(ctx, "zhou-min"); err != nil || !has {
			t.Error(has, err)
		}
		_, err = k.SignInStaff(ctx, "zhoumin", "not the old password", office)
		wantErr(t, "wrong", err, "identity.login_wrong")
		in, err := k.SignInStaff(ctx, "zhoumin", "the old password", office)
		if err != nil {
			t.Fatal(err)
		}
		in, err = k.SecondFactor(ctx, in.Ticket, identity.WaySMS, k.lastCode(t, zhouPhone), office)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ChangePassword(ctx, k.actor(t, in.Token), "the old password", goodPassword); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Minute)
		_, err = k.SignInStaff(ctx, "zhoumin", "the old password", office)
		wantErr(t, "the old one after a change", err, "identity.login_wrong")
		k.pass(time.Minute)
		if _, err = k.SignInStaff(ctx, "zhoumin", goodPassword, office); err != nil {
			t.Error(err)
		}
	})
}

func TestWrongPasswordsAreSlowedDownAndLock(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.setPassword(t, "zhou-min")
		stranger := at("stranger", "203.0.113.5")
		try := func(password string, f identity.From) error {
			_, err := k.SignInStaff(t.Context(), "zhoumin", password, f)
			return err
		}
		k.staffToken(t) // the office browser is known
		for i, wait := range []time.Duration{0, 0, 15 * time.Second, time.Minute, 30 * time.Minute, time.Hour} {
			wantErr(t, "wrong", try("wrong-password-1", stranger), "identity.login_wrong")
			if wait == 0 {
				continue
			}
			k.pass(wait - time.Second)
			err := try(goodPassword, stranger)
			if e := errs.As(err); e == nil || e.Kind != errs.TooMany || e.Params["seconds"] != 1 {
				t.Errorf("failure %d, a second early: %v", i+1, err)
			}
			k.pass(time.Second)
		}
		wantErr(t, "seventh", try("wrong-password-1", stranger), "identity.login_wrong")
		wantErr(t, "locked for strangers", try(goodPassword, at("third", "198.51.100.7")), "identity.login_locked")
		if err := try(goodPassword, office); err != nil {
			t.Errorf("strangers locked the owner out of a device of theirs: %v", err)
		}
		k.pass(2 * time.Hour)
		if err := try(goodPassword, stranger); err != nil {
			t.Errorf("after the lock: %v", err)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'identity.sign_in_failed' AND object = 'staff:zhou-min'"); n != 7 {
			t.Errorf("%d failures in the record", n)
		}
	})
}

// One password tried on every account from one address is slowed down although each account sees one try.
func TestAnAddressAndItsNetworkAreSlowedDown(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		try := func(i int, origin string) error {
			_, err := k.SignInStaff(t.Context(), fmt.Sprintf("login-%d", i), "Spring-2026", at("", origin))
			return err
		}
		for i := range 31 {
			wantErr(t, "wrong", try(i, "203.0.113.5"), "identity.login_wrong")
		}
		wantErr(t, "one address", try(32, "203.0.113.5"), "identity.try_later")
		for i := range 170 {
			wantErr(t, "wrong", try(100+i, fmt.Sprintf("203.0.113.%d", 10+i%200)), "identity.login_wrong")
		}
		wantErr(t, "one network", try(500, "203.0.113.250"), "identity.try_later")
		wantErr(t, "another network", try(500, "203.0.114.5"), "identity.login_wrong")
	})
}

func TestADisabledAccountEndsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPassword(t, "zhou-min")
		token := k.staffToken(t)
		_, secret, err := k.CreateToken(ctx, k.actor(t, token), "导出", 7)
		if err != nil {
			t.Fatal(err)
		}
		if !k.actor(t, secret).Is(authz.Officer) {
			t.Fatal("the token does not work")
		}
		k.pass(time.Minute)
		in, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		k.staff.disable("zhou-min")
		if k.actor(t, token).Signed() || k.actor(t, secret).Signed() {
			t.Error("a disabled account is signed in")
		}
		_, err = k.SecondFactor(ctx, in.Ticket, identity.WaySMS, k.lastCode(t, zhouPhone), office)
		wantErr(t, "second factor after disabling", err, "identity.login_wrong")
		_, err = k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		wantErr(t, "sign in", err, "identity.login_wrong")
		if _, err := k.Demo().SignIn(ctx, "staff", "zhou-min", ""); errs.KindOf(err) != errs.NotFound {
			t.Errorf("demo sign-in: %v", err)
		}
	})
}

func TestPasswords(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		officer := authz.Actor{StaffID: "gu-wei", Roles: []authz.Role{authz.Supervisor}}
		if err := k.SetStaffPassword(ctx, officer, "zhou-min", goodPassword, false); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a supervisor sets passwords: %v", err)
		}
		if e := errs.As(k.SetStaffPassword(ctx, authz.System, "zhou-min", "short", false)); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != "password" {
			t.Errorf("a bad password: %v", e)
		}
		k.setPassword(t, "zhou-min")
		one := k.staffToken(t)
		k.pass(time.Minute)
		two := k.staffToken(t)
		a := k.actor(t, two)
		if e := errs.As(k.ChangePassword(ctx, a, "not the old one", "another-good-one-7")); e == nil || e.Fields[0].Key != "identity.password_old" {
			t.Errorf("wrong old password: %v", e)
		}
		if err := k.ChangePassword(ctx, a, goodPassword, "another-good-one-7"); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, one).Signed() || !k.actor(t, two).Signed() {
			t.Error("changing the password must end the other sessions only")
		}
		k.pass(time.Minute)
		_, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		wantErr(t, "old password", err, "identity.login_wrong")
	})
}
