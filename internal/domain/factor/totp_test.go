package factor_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	must(t, err)
	return c
}

func TestAnAppCodeCountsOnceAndOneStepAround(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		setup, err := w.s.BeginTOTP(t.Context(), owner, "138****5678")
		must(t, err)
		if !strings.HasPrefix(setup.URI, "otpauth://totp/") || !strings.Contains(setup.URI, "secret="+setup.Secret) || strings.Contains(setup.URI, "+") {
			t.Errorf("URI %s", setup.URI)
		}
		if n := dbtest.Count(t, d, "factor_totp", "CAST(secret AS TEXT) LIKE $1", "%"+setup.Secret+"%"); n != 0 {
			t.Error("the secret is readable")
		}
		if ok, err := w.s.CheckTOTP(t.Context(), owner, code(t, setup.Secret, w.now)); ok || err != nil {
			t.Errorf("before it was confirmed: %v, %v", ok, err)
		}
		if err := w.s.ConfirmTOTP(t.Context(), person, owner, "000000"); !errs.Is(err, "factor.totp_wrong") {
			t.Errorf("confirmed by a wrong code: %v", err)
		}
		must(t, w.s.ConfirmTOTP(t.Context(), person, owner, code(t, setup.Secret, w.now)))
		for i, c := range []struct {
			shift time.Duration
			want  bool
		}{
			{0, false}, // used to confirm
			{30 * time.Second, true},
			{30 * time.Second, false},
			{60 * time.Second, false}, // two steps ahead
			{-30 * time.Second, false},
		} {
			if ok, err := w.s.CheckTOTP(t.Context(), owner, code(t, setup.Secret, w.now.Add(c.shift))); ok != c.want || err != nil {
				t.Errorf("step %d: %v, %v", i, ok, err)
			}
		}
		w.now = w.now.Add(time.Hour)
		if ok, err := w.s.CheckTOTP(t.Context(), owner, " "+code(t, setup.Secret, w.now.Add(-30*time.Second))+" "); !ok || err != nil {
			t.Errorf("one step late: %v, %v", ok, err)
		}
		must(t, w.s.RemoveTOTP(t.Context(), person, owner))
		w.wantAudit("app_added", 1)
		w.wantTold("app_removed", 1)
	})
}

func TestGuessingCodesTakesLongerAndLonger(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		setup, err := w.s.BeginTOTP(t.Context(), owner, "n")
		must(t, err)
		must(t, w.s.ConfirmTOTP(t.Context(), person, owner, code(t, setup.Secret, w.now)))
		w.now = w.now.Add(time.Hour)
		for range 5 {
			if ok, err := w.s.CheckTOTP(t.Context(), owner, "000000"); ok || err != nil {
				t.Fatalf("%v, %v", ok, err)
			}
		}
		right := code(t, setup.Secret, w.now)
		if _, err := w.s.CheckTOTP(t.Context(), owner, right); !errs.Is(err, "factor.too_many") {
			t.Errorf("the sixth try at once: %v", err)
		}
		w.now = w.now.Add(31 * time.Second)
		if ok, err := w.s.CheckTOTP(t.Context(), owner, "000000"); ok || err != nil {
			t.Errorf("%v, %v", ok, err)
		}
		w.now = w.now.Add(31 * time.Second)
		if _, err := w.s.CheckTOTP(t.Context(), owner, right); !errs.Is(err, "factor.too_many") {
			t.Errorf("after the same wait: %v", err)
		}
		w.now = w.now.Add(time.Hour)
		if ok, err := w.s.CheckTOTP(t.Context(), owner, code(t, setup.Secret, w.now)); !ok || err != nil {
			t.Errorf("a right code later: %v, %v", ok, err)
		}
		if n := dbtest.Count(t, d, "factor_try", ""); n != 0 {
			t.Error("a right code did not forget the wrong ones")
		}
	})
}

func TestARecoveryCodeCountsOnceWhoeverIsFaster(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		old, err := w.s.NewRecoveryCodes(t.Context(), person, owner)
		must(t, err)
		codes, err := w.s.NewRecoveryCodes(t.Context(), person, owner)
		if err != nil || len(codes) != 10 || len(codes[0]) != 11 {
			t.Fatalf("%v, %v", codes, err)
		}
		if n := dbtest.Count(t, d, "factor_recovery", "hash LIKE $1", "%"+codes[0]+"%"); n != 0 {
			t.Error("a code is readable")
		}
		for c, who := range map[string]string{old[0]: owner, codes[1]: other, "": owner, "AAAAA-AAAAA": owner} {
			if ok, err := w.s.UseRecoveryCode(t.Context(), who, c); ok || err != nil {
				t.Errorf("%q: %v, %v", c, ok, err)
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 6 {
			wg.Go(func() {
				ok, err := w.s.UseRecoveryCode(t.Context(), owner, " "+strings.ToLower(strings.ReplaceAll(codes[0], "-", " ")))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if ok {
					won++
				}
			})
		}
		wg.Wait()
		if m, err := w.s.Methods(t.Context(), owner); won != 1 || m.RecoveryLeft != 9 || err != nil {
			t.Errorf("won %d, left %d, %v", won, m.RecoveryLeft, err)
		}
		w.wantTold("recovery_used", 1)
		must(t, w.s.RemoveRecoveryCodes(t.Context(), person, owner))
	})
}
