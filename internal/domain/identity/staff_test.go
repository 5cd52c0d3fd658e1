package identity_test

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

const goodPassword = "澜江夜雨-2026-竹影"

func (k *kit) staffToken(t *testing.T) string {
	t.Helper()
	ticket, err := k.SignInStaff(t.Context(), "zhoumin", goodPassword, "192.0.2.9")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := k.ConfirmStaff(t.Context(), ticket, k.lastCode(t, "19900000002"), "192.0.2.9")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (k *kit) setPassword(t *testing.T, id string) {
	t.Helper()
	if err := k.SetStaffPassword(t.Context(), authz.System, id, goodPassword, true); err != nil {
		t.Fatal(err)
	}
}

func TestStaffSignInNeedsBothFactors(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, err := k.SignInStaff(ctx, "zhoumin", goodPassword, "")
		wantErr(t, "no password set", err, "identity.login_wrong")
		k.setPassword(t, "zhou-min")
		_, err = k.SignInStaff(ctx, "nobody", goodPassword, "")
		wantErr(t, "unknown login", err, "identity.login_wrong")
		ticket, err := k.SignInStaff(ctx, " zhoumin ", goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		code := k.lastCode(t, "19900000002")
		_, _, err = k.ConfirmStaff(ctx, ticket, "x", "")
		wantErr(t, "wrong code", err, "identity.code_wrong")
		_, _, err = k.ConfirmStaff(ctx, "gu-wei."+strings.SplitN(ticket, ".", 2)[1], code, "")
		wantErr(t, "another's ticket", err, "identity.code_expired")
		_, err = k.SignInWithCode(ctx, "19900000002", code, "")
		wantErr(t, "as a person", err, "identity.code_expired")
		token, mustChange, err := k.ConfirmStaff(ctx, ticket, code, "")
		if err != nil || !mustChange {
			t.Fatalf("%v, must change %v", err, mustChange)
		}
		a := k.actor(t, token)
		if a.StaffID != "zhou-min" || a.AgencyID != "market" || a.Region != "580102" || !a.Is(authz.Officer) || a.Is(authz.Person) || len(a.Posts) != 1 {
			t.Errorf("actor %+v", a)
		}
		k.pass(15 * time.Minute)
		if k.actor(t, token).Signed() {
			t.Error("an officer idle for fifteen minutes is signed in")
		}
		k.setPassword(t, "no-phone")
		_, err = k.SignInStaff(ctx, "nophone", goodPassword, "")
		wantErr(t, "no phone", err, "identity.staff_no_phone")
	})
}

func TestFiveWrongPasswordsLock(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.setPassword(t, "zhou-min")
		try := func(password string) error {
			_, err := k.SignInStaff(t.Context(), "zhoumin", password, "")
			return err
		}
		for range 5 {
			wantErr(t, "wrong", try("wrong-password-1"), "identity.login_wrong")
		}
		err := try(goodPassword)
		wantErr(t, "locked", err, "identity.login_locked")
		if e := errs.As(err); e.Kind != errs.TooMany || e.Params["minutes"] != 30 {
			t.Errorf("%+v", e)
		}
		k.pass(30 * time.Minute)
		if err := try(goodPassword); err != nil {
			t.Errorf("after half an hour: %v", err)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'identity.sign_in_failed' AND object = 'staff:zhou-min'"); n != 5 {
			t.Errorf("%d failures in the record", n)
		}
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
		ticket, err := k.SignInStaff(ctx, "zhoumin", goodPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		k.staff.disable("zhou-min")
		if k.actor(t, token).Signed() || k.actor(t, secret).Signed() {
			t.Error("a disabled account is signed in")
		}
		_, _, err = k.ConfirmStaff(ctx, ticket, k.lastCode(t, "19900000002"), "")
		wantErr(t, "second factor after disabling", err, "identity.login_wrong")
		_, err = k.SignInStaff(ctx, "zhoumin", goodPassword, "")
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
		for password, key := range map[string]string{
			"short-1": "identity.password_short", "zhoumin-2026-summer": "identity.password_login", "abcdefghijklmnop": "identity.password_plain",
			strings.Repeat("a1", 70): "identity.password_long",
		} {
			e := errs.As(k.SetStaffPassword(ctx, authz.System, "zhou-min", password, false))
			if e == nil || len(e.Fields) != 1 || e.Fields[0].Key != key {
				t.Errorf("%q: %v, want %s", password, e, key)
			}
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
		_, err := k.SignInStaff(ctx, "zhoumin", goodPassword, "")
		wantErr(t, "old password", err, "identity.login_wrong")
	})
}
