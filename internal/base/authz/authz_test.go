package authz_test

import (
	"slices"
	"testing"

	"tongban/internal/base/authz"
)

func TestTheThreeAdministratorsShareNoPermission(t *testing.T) {
	three := []authz.Role{authz.Admin, authz.Security, authz.Auditor}
	for _, p := range authz.Permissions() {
		if slices.Contains([]authz.Permission{authz.Public, authz.SignedIn, authz.StaffSelf, authz.FactorOwn, authz.ConsentOwn, authz.DemoOnly}, p) {
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

func TestAScopeCoversOnlyWhatItNames(t *testing.T) {
	s := &authz.Scope{Items: []string{"food-licence"}, Acts: []string{authz.ActApply}}
	for _, c := range []struct {
		s         *authz.Scope
		act, item string
		want      bool
	}{
		{nil, authz.ActSign, "any", true},
		{s, authz.ActApply, "food-licence", true},
		{s, authz.ActApply, "", true},
		{s, authz.ActApply, "elder-card", false},
		{s, authz.ActSign, "food-licence", false},
		{&authz.Scope{}, authz.ActView, "", false},
		{&authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}, authz.ActCollect, "elder-card", true},
	} {
		if got := c.s.Covers(c.act, c.item); got != c.want {
			t.Errorf("%+v covers %s on %q: %v", c.s, c.act, c.item, got)
		}
	}
}
