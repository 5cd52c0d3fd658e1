package factor_test

import (
	"context"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

// Somebody who knows name and number can use up the tries of a recovery, and not those with which the owner signs in.
func TestTriesOfARecoveryAreCountedApart(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		setup, err := w.s.BeginTOTP(t.Context(), owner, "n")
		must(t, err)
		must(t, w.s.ConfirmTOTP(t.Context(), person, owner, code(t, setup.Secret, w.now)))
		w.now = w.now.Add(time.Hour)
		for range 6 {
			_, err = w.s.RecoverTOTP(t.Context(), owner, "000000")
		}
		if !errs.Is(err, "factor.too_many") {
			t.Errorf("the sixth try of a recovery: %v", err)
		}
		right := code(t, setup.Secret, w.now)
		if ok, err := w.s.CheckTOTP(t.Context(), owner, right); !ok || err != nil {
			t.Errorf("the owner: %v %v", ok, err)
		}
		w.now = w.now.Add(24 * time.Hour)
		right = code(t, setup.Secret, w.now)
		if ok, err := w.s.RecoverTOTP(t.Context(), owner, right); !ok || err != nil {
			t.Errorf("a recovery: %v %v", ok, err)
		}
		if ok, _ := w.s.CheckTOTP(t.Context(), owner, right); ok {
			t.Error("one code served both")
		}
	})
}

func TestOnlyOlderKeysEnd(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		must(t, w.s.SetPassword(t.Context(), person, owner, nil, good))
		_, err := w.s.NewRecoveryCodes(t.Context(), person, owner)
		must(t, err)
		w.now = w.now.Add(time.Hour)
		end := func(before time.Time) (gone bool) {
			t.Helper()
			must(t, d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
				gone, err = w.s.EndBeforeTx(ctx, tx, w.now, owner, before)
				return err
			}))
			return gone
		}
		if end(start) {
			t.Error("nothing was older than itself")
		}
		setup, err := w.s.BeginTOTP(t.Context(), owner, "n")
		must(t, err)
		must(t, w.s.ConfirmTOTP(t.Context(), person, owner, code(t, setup.Secret, w.now)))
		if !end(w.now) || end(w.now) {
			t.Error("what was there ends, once")
		}
		if m, err := w.s.Methods(t.Context(), owner); err != nil || m.Password || m.RecoveryLeft > 0 || !m.TOTP {
			t.Errorf("%+v %v", m, err)
		}
		w.wantAudit("ended", 1)
	})
}

func TestAPasswordThatMustChangeIsNotItsOwnSuccessor(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		must(t, d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return w.s.SetPasswordTx(ctx, tx, w.now, owner, nil, good, true)
		}))
		if m, err := w.s.Methods(t.Context(), owner); err != nil || !m.MustChange {
			t.Errorf("%+v %v", m, err)
		}
		if err := w.s.SetPassword(t.Context(), person, owner, nil, good); !errs.Is(err, "factor.password_unchanged") {
			t.Errorf("the same again: %v", err)
		}
		must(t, w.s.SetPassword(t.Context(), person, owner, nil, good2))
		if m, err := w.s.Methods(t.Context(), owner); err != nil || m.MustChange {
			t.Errorf("%+v %v", m, err)
		}
	})
}
