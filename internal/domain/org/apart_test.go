package org_test

import (
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

// TestNobodyHoldsWhatIsApart: the three administrators, and each of them and the business roles, by whatever way.
func TestNobodyHoldsWhatIsApart(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.join("holder", "19911110001", []string{"town-adm"}, "2026-04-01", "2026-04-30")
		other := h.join("other", "19911110002", []string{"town-work"}, "2026-04-01", "2026-04-30")
		grant := func(to, post, from, until string) org.Change {
			return org.Change{Kind: org.Grant, StaffID: to, Posts: []string{post}, From: from, Until: until}
		}
		for name, c := range map[string]struct {
			c    org.Change
			both string // roles in the finding; empty: allowed
		}{
			"system and security":        {grant(id, "town-sec", "2026-04-10", ""), "admin, security"},
			"system and audit":           {grant(id, "town-aud", "2026-04-10", ""), "admin, auditor"},
			"one day of overlap":         {grant(id, "town-sec", "2026-04-30", "2026-05-31"), "admin, security"},
			"one after the other":        {grant(id, "town-sec", "2026-05-01", ""), ""},
			"before the term":            {grant(id, "town-aud", "2026-03-10", "2026-03-31"), ""},
			"with clerk":                 {grant(id, "town-window", "", ""), "admin, clerk"},
			"with officer":               {grant(id, "county-work", "", ""), "admin, officer"},
			"with supervisor":            {grant(id, "county-chief", "", ""), "admin, supervisor"},
			"two of business":            {grant(other, "town-window", "", ""), ""},
			"officer and audit":          {grant(other, "town-aud", "2026-04-20", ""), "auditor, officer"},
			"by standing in":             {org.Change{Kind: org.Substitute, StaffID: id, For: "town-s1", Posts: []string{"town-sec"}, From: "2026-04-05", Until: "2026-04-06"}, "admin, security"},
			"standing in on business":    {org.Change{Kind: org.Substitute, StaffID: id, For: "town-w", Posts: []string{"town-work"}, From: "2026-04-05", Until: "2026-04-06"}, "admin, officer"},
			"standing in, after it":      {org.Change{Kind: org.Substitute, StaffID: id, For: "town-w", Posts: []string{"town-work"}, From: "2026-05-05", Until: "2026-05-06"}, ""},
			"two accounts, one phone":    {org.Change{Kind: org.Join, Login: "second", Name: "方远", Phone: "199 1111 0001", Agency: "town", Posts: []string{"town-work"}}, "admin, officer"},
			"one phone, later":           {org.Change{Kind: org.Join, Login: "second", Name: "方远", Phone: "19911110001", Agency: "town", Posts: []string{"town-work"}, From: "2026-05-01"}, ""},
			"phone of an administrator":  {org.Change{Kind: org.Edit, StaffID: other, Login: "other", Name: "苏晴", Phone: "19911110001"}, "admin, officer"},
			"moved away from the others": {org.Change{Kind: org.Move, StaffID: id, Posts: []string{"town-sec"}, From: "2026-04-10"}, ""},
			"moved into two":             {org.Change{Kind: org.Move, StaffID: id, Posts: []string{"town-sec", "town-work"}, From: "2026-04-10"}, "security, officer"},
		} {
			_, err := h.Propose(t.Context(), h.as("county-s1"), c.c, "工作需要")
			if c.both == "" && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if c.both != "" && !apart(err, c.both) {
				t.Errorf("%s: %v, want %s", name, err, c.both)
			}
		}
		if err := func() error {
			_, err := h.SavePost(t.Context(), h.as("prov-adm"), org.Post{Key: "x", Agency: "town", Name: "一岗两权", Roles: roles("security", "clerk")})
			return err
		}(); !fieldIs(err, "roles", "org.roles_apart") {
			t.Errorf("a post that joins both: %v", err)
		}
	})
}

func apart(err error, both string) bool {
	e := errs.As(err)
	if e == nil {
		return false
	}
	for _, f := range e.Fields {
		if f.Key == "org.roles_apart_at" && f.Params["roles"] == both {
			return true
		}
	}
	return false
}

func TestAPostIsWidenedOnlyByReview(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		p, _ := h.Post(t.Context(), "county-window")
		p.Acts = append(p.Acts, "decide")
		if id, err := h.SavePost(t.Context(), h.as("county-adm"), p); err != nil || id != "" {
			t.Errorf("nobody holds it, and yet: %q, %v", id, err)
		}
		w, _ := h.Post(t.Context(), "county-work")
		w.Roles = append(w.Roles, "clerk")
		id, err := h.SavePost(t.Context(), h.as("county-adm"), w)
		if err != nil || id == "" {
			t.Fatalf("SavePost = %q, %v", id, err)
		}
		if st, _ := h.Staff(t.Context(), "county-w"); len(st.Roles) != 1 {
			t.Error("the holder got the role without review")
		}
		if err := h.Review(t.Context(), h.as("county-s1"), id, true, ""); err != nil {
			t.Fatal(err)
		}
		if st, _ := h.Staff(t.Context(), "county-w"); len(st.Roles) != 2 {
			t.Errorf("after the review: %+v", st)
		}
		w, _ = h.Post(t.Context(), "county-work")
		w.Acts = w.Acts[:1]
		if id, err := h.SavePost(t.Context(), h.as("county-adm"), w); err != nil || id != "" || h.may("county-w") {
			t.Errorf("taking away waits: %q, %v", id, err)
		}
		// A role for a post whose holder works on cases.
		h.grant("prov-s1", "prov-s2", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-chief"}, From: "2026-05-01"})
		v, _ := h.Post(t.Context(), "county-chief")
		v.Roles = roles("auditor")
		if _, err := h.SavePost(t.Context(), h.as("prov-adm"), v); !strings.Contains(keysOf(err), "org.roles_apart_at") {
			t.Errorf("a post became an auditor's under an officer: %v", err)
		}
	})
}
