package org_test

import (
	"fmt"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

func roles(rs ...authz.Role) []authz.Role { return rs }

// below tells for each level which levels of the ladder it administers.
var below = map[string][]string{
	"prov":    {"prov", "city", "county", "beside", "town", "village"},
	"city":    {"city", "county", "beside", "town", "village"},
	"county":  {"county", "town", "village"},
	"beside":  {"beside"},
	"town":    {"town", "village"},
	"village": {"village"},
}

func has(all []string, one string) bool {
	for _, v := range all {
		if v == one {
			return true
		}
	}
	return false
}

// TestDelegationDownFiveLevels: the officer of each level × the target's level × each act.
func TestDelegationDownFiveLevels(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := openHall(t, d)
	acts := map[string]func(a, to string) org.Change{
		"join": func(a, to string) org.Change {
			return org.Change{Kind: org.Join, Login: "n." + a + "." + to, Name: "买买提·艾力", Phone: "19977770000", Agency: to, Posts: []string{to + "-work"}}
		},
		"edit": func(_, to string) org.Change {
			return org.Change{Kind: org.Edit, StaffID: to + "-w", Login: to + ".w2", Name: "苏晴", Phone: "19988880000"}
		},
		"grant": func(_, to string) org.Change {
			return org.Change{Kind: org.Grant, StaffID: to + "-w", Posts: []string{to + "-window"}}
		},
		"leave": func(_, to string) org.Change {
			return org.Change{Kind: org.Leave, StaffID: to + "-w", Until: "2026-12-31"}
		},
	}
	for from := range below {
		for _, to := range ladder {
			want := has(below[from], to.key)
			for act, make := range acts {
				_, err := h.Propose(t.Context(), h.as(from+"-s1"), make(from, to.key), "工作需要")
				if want != (err == nil) || !want && !errs.Is(err, "org.out_of_reach") {
					t.Errorf("%s of %s by %s: %v, want %v", act, to.key, from, err, want)
				}
			}
			post := org.Post{Key: fmt.Sprintf("p-%s-%s", from, to.key), Agency: to.key, Name: "新岗", Acts: []string{"receive"}, Items: []string{"*"}}
			if _, err := h.SavePost(t.Context(), h.as(from+"-adm"), post); want != (err == nil) {
				t.Errorf("post of %s by %s: %v, want %v", to.key, from, err, want)
			}
			g, _ := h.Agency(t.Context(), to.key)
			if err := h.SaveAgency(t.Context(), h.as(from+"-adm"), g); want != (err == nil) {
				t.Errorf("agency of %s by %s: %v, want %v", to.key, from, err, want)
			}
			r := org.Region{Code: fmt.Sprintf("58%010d", len(h.Regions(t.Context()))), Name: "新村", Parent: to.code, Level: "village"}
			if to.level != "village" {
				if err := h.SaveRegion(t.Context(), h.as(from+"-adm"), r); want != (err == nil) {
					t.Errorf("region below %s by %s: %v, want %v", to.key, from, err, want)
				}
			}
			_, err := h.OpenStaff(t.Context(), h.as(from+"-s1"), to.key+"-w")
			if want != (err == nil) {
				t.Errorf("%s sees staff of %s: %v, want %v", from, to.key, err, want)
			}
		}
		page, _, err := h.BrowseStaff(t.Context(), h.as(from+"-s1"), "", "", 1000)
		if err != nil || len(page) != 4*len(below[from]) {
			t.Errorf("%s lists %d accounts, %v", from, len(page), err)
		}
	}
	for _, c := range []org.Change{
		{Kind: org.Grant, StaffID: "county-w", Posts: []string{"city-window"}},                  // a power beyond the own region
		{Kind: org.Grant, StaffID: "city-w", Posts: []string{"county-window"}},                  // somebody beyond it
		{Kind: org.Move, StaffID: "county-w", Agency: "city", Posts: []string{"county-window"}}, // into another's
		{Kind: org.Substitute, StaffID: "county-w", For: "city-w", Posts: []string{"city-work"}, Until: "2026-12-31"},
		{Kind: org.Withdraw, StaffID: "city-w"},
		{Kind: org.Withdraw, StaffID: "beside-w"},
	} {
		if _, err := h.Propose(t.Context(), h.as("county-s1"), c, "x"); !errs.Is(err, "org.out_of_reach") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestAdministratorsAreMadeByTheLevelAbove: who may approve an administrator of a level, and how many it takes.
func TestAdministratorsAreMadeByTheLevelAbove(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		join := func(login, phone, agency, post string) org.Change {
			return org.Change{Kind: org.Join, Login: login, Name: "秦守拙", Phone: phone, Agency: agency, Posts: []string{post}}
		}
		// The county proposes an officer of its own: two of above approve, no one of its own does.
		id := h.propose("county-s1", join("sec.three", "19933330001", "county", "county-sec"))
		for _, c := range []struct{ who, want string }{
			{"county-s2", "org.review_above"}, {"town-s1", "org.out_of_reach"}, {"beside-s1", "org.out_of_reach"}, {"city-s1", ""}, {"city-s1", "org.review_twice"},
		} {
			if err := h.Review(t.Context(), h.as(c.who), id, true, ""); c.want == "" && err != nil || c.want != "" && !errs.Is(err, c.want) {
				t.Errorf("%s: %v, want %q", c.who, err, c.want)
			}
		}
		if _, err := h.StaffByLogin(t.Context(), "sec.three"); err == nil {
			t.Error("one approval of two was enough")
		}
		if err := h.Review(t.Context(), h.as("prov-s1"), id, true, ""); err != nil {
			t.Fatal(err)
		}
		if st, err := h.StaffByLogin(t.Context(), "sec.three"); err != nil || st.Disabled {
			t.Errorf("after two of above: %+v, %v", st, err)
		}
		// For the level below, the county's proposal takes one of the county.
		h.grant("county-s1", "county-s2", join("town.three", "19933330002", "town", "town-sec"))
		// At the top there is nobody above: two others of the top.
		top := h.propose("prov-s1", join("prov.three", "19933330003", "prov", "prov-aud"))
		if err := h.Review(t.Context(), h.as("prov-s2"), top, true, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.StaffByLogin(t.Context(), "prov.three"); err == nil {
			t.Error("one of the top was enough for one of the top")
		}
		// The telephone is the account: an administrator's is changed only by those above.
		edit := h.propose("county-s1", org.Change{Kind: org.Edit, StaffID: "county-adm", Login: "county.adm", Name: "方远", Phone: "19933330009"})
		if err := h.Review(t.Context(), h.as("county-s2"), edit, true, ""); !errs.Is(err, "org.review_above") {
			t.Errorf("an administrator's telephone: %v", err)
		}
	})
}

func TestOnePairOfEyesIsNotTwo(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		// town-s1 stands in for county-s1 as security officer of the county: with the county's reach, and as the same pair of eyes.
		h.grant("city-s1", "city-s2", org.Change{Kind: org.Substitute, StaffID: "town-s1", For: "county-s1", Posts: []string{"county-sec"}, Until: "2026-03-31"})
		id := h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-window"}})
		if err := h.Review(t.Context(), h.as("town-s1"), id, true, ""); !errs.Is(err, "org.review_own") {
			t.Errorf("the stand-in approved for the one stood in for: %v", err)
		}
		if h.SameOffice(t.Context(), "county-s1", "county-s2") || !h.SameOffice(t.Context(), "town-s1", "county-s1") || !h.SameOffice(t.Context(), "prov-s1", "prov-s1") {
			t.Error("who is one pair of eyes is told wrongly")
		}
		other := h.propose("county-s2", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-chief"}})
		if err := h.Review(t.Context(), h.as("town-s1"), other, true, ""); err != nil {
			t.Fatal(err)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'org.approve' AND actor = 'staff:town-s1' AND on_behalf = 'staff:county-s1'"); n != 1 {
			t.Errorf("%d records say 代", n)
		}
		h.day("2026-04-01", "00:00:00.000")
		last := h.propose("county-s2", org.Change{Kind: org.Leave, StaffID: "county-w", Until: "2026-12-31"})
		if err := h.Review(t.Context(), h.as("town-s1"), last, true, ""); !errs.Is(err, "org.out_of_reach") {
			t.Errorf("the reach outlived the standing in: %v", err)
		}
	})
}
