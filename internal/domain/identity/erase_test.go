package identity_test

import (
	"context"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

func TestAnAccountThatEndsLeavesOnlyWhoItWas(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, a := k.verified(t, linPhone, lin, linNumber)
		if err := k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return k.EndAccountTx(ctx, tx, k.now(), a.PersonID) }); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, token).Signed() {
			t.Error("the session goes on")
		}
		p, err := k.Person(ctx, a.PersonID)
		if err != nil || p.Number != linNumber || p.Phone != "" {
			t.Errorf("the person whom cases name: %+v %v", p, err)
		}
		for _, table := range []string{"identity_account", "identity_device", "identity_outside"} {
			if n := dbtest.Count(t, k.d, table, "1 = 1"); n != 0 {
				t.Errorf("%d rows stay in %s", n, table)
			}
		}
		k.pass(2 * time.Minute)                                                        // until the phone may ask for a code again
		if _, b := k.verified(t, linPhone, lin, linNumber); b.PersonID != a.PersonID { // who comes back is the same person
			t.Errorf("came back as %s, was %s", b.PersonID, a.PersonID)
		}
	})
}
