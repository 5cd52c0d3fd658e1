package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// The stand-in for the room of factors keeps the other tests quick; this one goes through the real room.
func TestWithTheRealFactors(t *testing.T) {
	dbtest.Each(t, append([]db.Room{factor.Schema}, rooms...), func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		k := newKit(t, d)
		f, err := factor.New(factor.Deps{
			DB: d, Vault: k.deps.Vault, Now: k.now, Log: k.deps.Log, PublicURL: "https://city.example", SiteName: "清澜", Cost: factor.Cost{Memory: 64, Time: 1, Lanes: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		k.deps.Factors = f
		k.Service = identity.New(k.deps)

		e := errs.As(k.SetStaffPassword(ctx, authz.System, "zhou-min", "short", true))
		if e == nil || e.Kind != errs.Invalid {
			t.Errorf("a short password: %v", e)
		}
		k.setPasswordTo(t, "zhou-min", true)
		_, err = k.SignInStaff(ctx, "zhoumin", "wrong", office)
		wantErr(t, "wrong", err, "identity.login_wrong")
		_, err = k.SignInStaff(ctx, "nobody", goodPassword, office)
		wantErr(t, "unknown", err, "identity.login_wrong")
		in, err := k.SignInStaff(ctx, "zhoumin", goodPassword, office)
		if err != nil {
			t.Fatal(err)
		}
		in, err = k.SecondFactor(ctx, in.Ticket, identity.WaySMS, k.lastCode(t, zhouPhone), office)
		if err != nil || !in.MustChange {
			t.Fatal(in, err)
		}
		if a := k.actor(t, in.Token); !a.Is(authz.Limited) || a.Is(authz.Officer) {
			t.Errorf("roles %v before the password is changed", a.Roles)
		}
		if err := k.ChangePassword(ctx, k.actor(t, in.Token), goodPassword, "another-good-one-7"); err != nil {
			t.Fatal(err)
		}
		if a := k.actor(t, in.Token); !a.Is(authz.Officer) {
			t.Errorf("roles %v afterwards", a.Roles)
		}

		_, a := k.verified(t, linPhone, lin, linNumber)
		owner := "person:" + a.PersonID
		set, err := f.BeginTOTP(ctx, owner, "林小满")
		if err != nil {
			t.Fatal(err)
		}
		code := func() string {
			c, err := totp.GenerateCode(set.Secret, k.now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if err := f.ConfirmTOTP(ctx, a, owner, code()); err != nil {
			t.Fatal(err)
		}
		if err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return f.SetPasswordTx(ctx, tx, k.now(), owner, []string{lin, linPhone}, password+" 澜江", false)
		}); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Minute)
		cafe := at("cafe", "203.0.113.9")
		in, err = k.SignInWithPassword(ctx, linPhone, password+" 澜江", cafe)
		if err != nil {
			t.Fatal(err)
		}
		used := code()
		in, err = k.SecondFactor(ctx, in.Ticket, identity.WayTOTP, used, cafe)
		if err != nil || in.Token == "" {
			t.Fatal(in, err)
		}
		_, err = k.StepUp(ctx, k.actor(t, in.Token), identity.WayTOTP, used, cafe)
		wantErr(t, "the same code again", err, "identity.totp_wrong")
		_, err = k.BeginStepUpPasskey(ctx, a)
		wantErr(t, "no passkey is there", err, "factor.no_passkey")
		c, err := k.BeginPasskeySignIn(ctx, cafe)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.FinishPasskeySignIn(ctx, c.ID, []byte("{}"), cafe)
		wantErr(t, "not a passkey's answer", err, "factor.passkey_refused")

		k.reg.SetPerson(linNumber, "alive", "false")
		k.pass(2 * time.Minute)
		_, err = k.SignInWithPassword(ctx, linPhone, password+" 澜江", cafe)
		wantErr(t, "the dead", err, "identity.dead")
		if m, err := f.Methods(ctx, owner); err != nil || m.Password || m.TOTP {
			t.Errorf("factors of the dead: %+v %v", m, err)
		}
	})
}
