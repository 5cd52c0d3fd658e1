package federation_test

import (
	"encoding/json"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/identity"
)

// FuzzClaims lets a provider say anything under any acr: nothing becomes an error of ours, no level comes from outside the provider's table, and none
// above the phone's without an ID number.
func FuzzClaims(f *testing.F) {
	f.Add("p:3", `{"name":"林小满","id_number":"580102199605182647","phone_number":"+8619900000101"}`)
	f.Add("p:3", `{"name":["林"],"id_number":580102199605182647,"phone_number":{"a":null}}`)
	f.Add("urn:x", `{"name":"\u0000","id_number":" 58010219960518264x "}`)
	d := dbtest.SQLite(f, rooms...)
	w := newWorld(f, d, province())
	f.Fuzz(func(t *testing.T, acr, claims string) {
		var says map[string]any
		if json.Unmarshal([]byte(claims), &says) != nil {
			return
		}
		w.got = identity.Outside{}
		w.says.ACR, w.says.Claims = acr, says
		_, err := w.Finish(t.Context(), "province", "b", w.begin(t, federation.Start{Browser: "b", Next: "/my"}, authz.Actor{}), identity.From{})
		if err != nil && errs.KindOf(err) == errs.Internal {
			t.Fatalf("%s %s: %v", acr, claims, err)
		}
		if o := w.got; o.Level > 1 && (o.Number == "" || o.Level != province().Levels[acr]) {
			t.Fatalf("%s %s is level %d", acr, claims, o.Level)
		}
	})
}
