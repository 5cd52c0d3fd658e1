package org_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/job"
	"tongban/internal/domain/org"
)

// TestASupervisorWatchesNoRegionNobodyGave: with a post elsewhere, the region of the own agency would count, which is not the post's.
func TestASupervisorWatchesNoRegionNobodyGave(t *testing.T) {
	h := openHall(t, dbtest.SQLite(t, rooms...))
	join := func(login, phone, post string) string { return h.join(login, phone, []string{post}, "", "") }
	holder := join("holder", "19911110011", "county-chief")
	if !slices.Contains(h.as(holder).Roles, authz.Supervisor) {
		t.Fatal("the holder of the post is no supervisor")
	}
	for name, c := range map[string]struct {
		by string
		org.Change
		want bool
	}{
		"held above":     {"city-s1", org.Change{Kind: org.Grant, StaffID: "city-w", Posts: []string{"county-chief"}}, false},
		"stood in above": {"city-s1", org.Change{Kind: org.Substitute, StaffID: "city-w", For: holder, Posts: []string{"county-chief"}, Until: "2026-12-31"}, false},
		"held below":     {"county-s1", org.Change{Kind: org.Grant, StaffID: "town-w", Posts: []string{"county-chief"}}, true},
	} {
		_, err := h.Propose(t.Context(), h.as(c.by), c.Change, "工作需要")
		if got := err == nil; got != c.want || !c.want && !strings.Contains(keysOf(err), "org.supervisor_elsewhere") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What a post was given later counts for nobody elsewhere either.
	h.grant("city-s1", "city-s2", org.Change{Kind: org.Grant, StaffID: "city-w", Posts: []string{"county-window"}})
	var post org.Post
	for _, p := range h.Posts(t.Context(), "county") {
		if p.Key == "county-window" {
			post = p
		}
	}
	post.Roles = append(post.Roles, authz.Supervisor)
	if id, err := h.SavePost(t.Context(), h.as("county-adm"), post); err != nil {
		t.Fatal(err)
	} else if id != "" {
		if err := h.Review(t.Context(), h.as("county-s1"), id, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	if rs := h.as("city-w").Roles; slices.Contains(rs, authz.Supervisor) || !slices.Contains(rs, authz.Clerk) {
		t.Errorf("roles elsewhere: %v", rs)
	}
}

func TestARegionWithStaffDoesNotChangeHands(t *testing.T) {
	h := openHall(t, dbtest.SQLite(t, rooms...))
	town := ladder[slices.IndexFunc(ladder, func(l struct{ key, code, parent, level string }) bool { return l.key == "town" })]
	county := ladder[slices.IndexFunc(ladder, func(l struct{ key, code, parent, level string }) bool { return l.key == "county" })]
	other := org.Region{Code: "580199", Name: "新区", Parent: county.parent, Level: county.level}
	adm := h.as("city-adm")
	if err := h.SaveRegion(t.Context(), adm, other); err != nil {
		t.Fatal(err)
	}
	r, err := h.Region(t.Context(), town.code)
	if err != nil {
		t.Fatal(err)
	}
	r.Parent = other.Code
	if err := h.SaveRegion(t.Context(), adm, r); !strings.Contains(keysOf(err), "org.region_held") {
		t.Errorf("a town with staff moves: %v", err)
	}
	empty := org.Region{Code: "580102900", Name: "空镇", Parent: county.code, Level: town.level}
	if err := h.SaveRegion(t.Context(), adm, empty); err != nil {
		t.Fatal(err)
	}
	empty, _ = h.Region(t.Context(), empty.Code)
	empty.Parent = other.Code
	if err := h.SaveRegion(t.Context(), adm, empty); err != nil {
		t.Errorf("a town without staff stays: %v", err)
	}
}

func TestOfficersAreToldThatAProposalWaits(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		run := func() []string {
			h.told = nil
			r := job.NewRunner(d, func() time.Time { return h.now }, slog.New(slog.DiscardHandler))
			for kind, w := range h.Workers() {
				r.Handle(kind, w)
			}
			r.Handle("event.deliver", func(context.Context, job.Job) error { return nil })
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			var to []string
			for _, m := range h.told {
				if m.Template != "org.proposal_waits" || m.Data["kind"] == "" || !strings.HasPrefix(m.Link, "/admin/proposals/") {
					t.Errorf("told %+v", m)
				}
				st, err := h.Staff(t.Context(), "county-s2")
				if err != nil {
					t.Fatal(err)
				}
				if m.Phone == st.Phone {
					to = append(to, "county-s2")
				}
			}
			return to
		}
		mine, err := h.Staff(t.Context(), "county-s1")
		if err != nil {
			t.Fatal(err)
		}
		h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-window"}})
		if got := run(); len(got) != 1 {
			t.Errorf("the second officer was told %d times", len(got))
		}
		if len(h.told) < 2 || slices.ContainsFunc(h.told, func(m org.Notice) bool { return m.Phone == mine.Phone }) {
			t.Errorf("told %d officers, the proposer among them: %+v", len(h.told), h.told)
		}
		id := h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: "town-w", Posts: []string{"town-window"}})
		if err := h.Drop(t.Context(), h.as("county-s1"), id); err != nil {
			t.Fatal(err)
		}
		if run(); len(h.told) != 0 {
			t.Errorf("told of what was taken back: %+v", h.told)
		}
	})
}
