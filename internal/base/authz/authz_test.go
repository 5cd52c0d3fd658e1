package authz_test

import (
	"testing"

	"tongban/internal/base/authz"
)

func TestTheThreeAdministratorsShareNoPermission(t *testing.T) {
	three := []authz.Role{authz.Admin, authz.Security, authz.Auditor}
	for _, p := range authz.Permissions() {
		if p == authz.Public || p == authz.SignedIn || p == authz.StaffSelf || p == authz.DemoOnly {
			continue
		}
		n := 0
		for _, r := range three {
			if authz.May(r, p) {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%s is held by %d of the three administrators", p, n)
		}
	}
}

func TestAVisitorMayOnlyWhatIsPublic(t *testing.T) {
	var nobody authz.Actor
	forged := authz.Actor{Roles: []authz.Role{authz.Admin}} // roles without an account are nothing
	for _, p := range authz.Permissions() {
		want := p == authz.Public || p == authz.DemoOnly
		if nobody.May(p) != want || forged.May(p) != want {
			t.Errorf("visitor and %s: %v, %v", p, nobody.May(p), forged.May(p))
		}
	}
	if (authz.Actor{StaffID: "1", Roles: []authz.Role{authz.Officer}}).May(authz.CaseApply) {
		t.Error("an officer may apply as a person")
	}
}
