package org_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

func TestATermBeginsAndEndsAtMidnightInShanghai(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.join("newone", "19911110001", []string{"county-work"}, "2026-04-01", "2026-04-30")
		for _, c := range []struct {
			date, hour string
			want       bool
		}{
			{"2026-03-31", "23:59:59.999", false},
			{"2026-04-01", "00:00:00.000", true},
			{"2026-04-30", "23:59:59.999", true},
			{"2026-05-01", "00:00:00.000", false},
		} {
			h.day(c.date, c.hour)
			st, err := h.Staff(t.Context(), id)
			if err != nil || h.may(id) != c.want || slices.Contains(st.Roles, authz.Officer) != c.want || slices.Contains(st.Posts, "county-work") != c.want {
				t.Errorf("%s %s: may %v, %+v, %v", c.date, c.hour, h.may(id), st, err)
			}
			if st.Disabled != (c.date == "2026-03-31") {
				t.Errorf("%s %s: disabled %v before the first day only", c.date, c.hour, st.Disabled)
			}
		}
	})
}

func TestMovingEndsTheOldPostsWhenTheNewBegin(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.join("mover", "19911110001", []string{"county-work"}, "", "")
		h.grant("county-s1", "county-s2", org.Change{Kind: org.Move, StaffID: id, Agency: "town", Posts: []string{"town-window"}, From: "2026-06-01"})
		h.day("2026-05-31", "23:59:59.999")
		if st, _ := h.Staff(t.Context(), id); !slices.Equal(st.Posts, []string{"county-work"}) || st.Agency != "county" {
			t.Errorf("before the move: %+v", st)
		}
		h.day("2026-06-01", "00:00:00.000")
		if st, _ := h.Staff(t.Context(), id); !slices.Equal(st.Posts, []string{"town-window"}) || st.Agency != "town" || len(st.Roles) != 1 {
			t.Errorf("after the move: %+v", st)
		}
		h.grant("county-s1", "county-s2", org.Change{Kind: org.Leave, StaffID: id, Until: "2026-06-30"})
		h.day("2026-06-30", "23:59:59.999")
		if h.as(id).StaffID == "" {
			t.Error("gone before the last day ended")
		}
		h.day("2026-07-01", "00:00:00.000")
		if h.as(id).StaffID != "" || len(h.StaffOfPost(t.Context(), "town-window")) != 0 {
			t.Error("still there after the last day")
		}
		if st, _ := h.Staff(t.Context(), id); !st.Disabled {
			t.Error("the account works on")
		}
		// Coming back is a reviewed grant; nothing of before comes with it.
		h.grant("county-s1", "county-s2", org.Change{Kind: org.Grant, StaffID: id, Posts: []string{"town-work"}})
		if st, _ := h.Staff(t.Context(), id); st.Disabled || !slices.Equal(st.Posts, []string{"town-work"}) {
			t.Errorf("back: %+v", st)
		}
	})
}

func TestStandingInCountsWhileTheTermRunsAndTheOtherHoldsThePost(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		b := h.join("standin", "19911110001", []string{"county-window"}, "", "")
		c := org.Change{Kind: org.Substitute, StaffID: b, For: "county-w", Posts: []string{"county-work"}, From: "2026-04-01", Until: "2026-04-10"}
		for name, bad := range map[string]org.Change{
			"org.substitute_until": {Kind: org.Substitute, StaffID: b, For: "county-w", Posts: c.Posts, From: c.From},
			"org.substitute_for":   {Kind: org.Substitute, StaffID: b, For: b, Posts: c.Posts, Until: c.Until},
			"org.substitute_post":  {Kind: org.Substitute, StaffID: b, For: "county-w", Posts: []string{"county-chief"}, Until: c.Until},
		} {
			if _, err := h.Propose(t.Context(), h.as("county-s1"), bad, "出差"); !strings.Contains(keysOf(err), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.grant("county-s1", "county-s2", c)
		if h.may(b) {
			t.Error("stands in before the term")
		}
		h.day("2026-04-05", "10:00:00.000")
		ok, who := h.StaffActs(t.Context(), b, "decide", "elder-card")
		st, _ := h.Staff(t.Context(), b)
		if !ok || who != "county-w" || st.StandsFor("county-work") != "county-w" || len(h.StaffOfPost(t.Context(), "county-work")) != 2 {
			t.Errorf("StaffActs = %v, %q; %+v", ok, who, st)
		}
		if _, own := h.StaffActs(t.Context(), "county-w", "decide", "elder-card"); own != "" {
			t.Errorf("the holder acts for %q", own)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'org.power_substitute' AND on_behalf = 'staff:county-w'"); n != 1 {
			t.Errorf("%d records say 代", n)
		}
		// The other loses the post: nobody stands in for what is not there.
		h.propose("county-s1", org.Change{Kind: org.Withdraw, StaffID: "county-w", Posts: []string{"county-work"}})
		if h.may(b) || h.may("county-w") {
			t.Error("standing in outlived the post")
		}
	})
}

func TestEveryGrantHasTwoPairsOfEyes(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		c := org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-window"}}
		if _, err := h.Propose(t.Context(), h.as("county-s1"), c, " "); !fieldIs(err, "reason", "org.required_reason") {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := h.Propose(t.Context(), h.as("county-adm"), c, "x"); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a system administrator proposed: %v", err)
		}
		if _, err := h.Propose(t.Context(), h.as("county-s1"), org.Change{Kind: org.Grant, StaffID: "county-s1", Posts: c.Posts}, "x"); !errs.Is(err, "org.own_account") {
			t.Errorf("for oneself: %v", err)
		}
		id := h.propose("county-s1", c)
		if st, _ := h.Staff(t.Context(), "county-w"); len(st.Posts) != 1 {
			t.Error("a proposal took effect")
		}
		if err := h.Review(t.Context(), h.as("county-s1"), id, true, ""); !errs.Is(err, "org.review_own") {
			t.Errorf("the proposer approved: %v", err)
		}
		if err := h.Review(t.Context(), h.as("beside-s1"), id, true, ""); !errs.Is(err, "org.out_of_reach") {
			t.Errorf("an officer of another county approved: %v", err)
		}
		if err := h.Review(t.Context(), h.as("county-s2"), id, false, ""); !fieldIs(err, "note", "org.required_refusal") {
			t.Errorf("refused without a word: %v", err)
		}
		o, err := h.OpenProposal(t.Context(), h.as("county-s2"), id)
		if err != nil || o.MayReview != nil || len(o.Differences) != 1 || o.Differences[0].Key != "county-window" || o.Differences[0].Old != "" {
			t.Errorf("OpenProposal = %+v, %v", o, err)
		}
		if err := h.Review(t.Context(), h.as("county-s2"), id, true, "同意"); err != nil {
			t.Fatal(err)
		}
		if st, _ := h.Staff(t.Context(), "county-w"); !slices.Contains(st.Posts, "county-window") {
			t.Error("an approved grant has no effect")
		}
		if err := h.Review(t.Context(), h.as("city-s1"), id, false, "迟了"); !errs.Is(err, "org.reviewed_already") {
			t.Errorf("reviewed again: %v", err)
		}
		held, ps, err := h.History(t.Context(), h.as("county-s1"), "county-w")
		if err != nil || len(held) != 2 || held[0].Granted == nil || held[0].Granted.By != "county-s1" || held[0].Granted.Reviews[0].By != "county-s2" || len(ps) != 1 || ps[0].Reason != "工作需要" {
			t.Errorf("History = %+v, %+v, %v", held, ps, err)
		}
		gone := h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"town-window"}})
		if err := h.Drop(t.Context(), h.as("county-s2"), gone); !errs.Is(err, "org.drop_own") {
			t.Errorf("dropped another's: %v", err)
		}
		if err := h.Drop(t.Context(), h.as("county-s1"), gone); err != nil {
			t.Fatal(err)
		}
		if err := h.Review(t.Context(), h.as("county-s2"), gone, true, ""); !errs.Is(err, "org.reviewed_already") {
			t.Errorf("a dropped proposal was approved: %v", err)
		}
	})
}

func TestOfTwoApprovalsAtOnceOneCounts(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-window"}})
		actors := []authz.Actor{h.as("county-s2"), h.as("city-s1"), h.as("city-s2"), h.as("prov-s1")}
		got := make([]error, len(actors))
		var wg sync.WaitGroup
		for i, a := range actors {
			wg.Go(func() { got[i] = h.Review(t.Context(), a, id, true, "") })
		}
		wg.Wait()
		good := 0
		for _, err := range got {
			if err == nil {
				good++
			} else if !errs.Is(err, "org.reviewed_already") {
				t.Errorf("the slower got %v", err)
			}
		}
		if good != 1 || dbtest.Count(t, d, "org_holding", "proposal = $1", id) != 1 || dbtest.Count(t, d, "org_review", "") != 1 {
			t.Errorf("%d approvals counted", good)
		}
	})
}

func TestTwoGrantsAtOnceCannotJoinWhatIsApart(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.join("empty", "19911110001", []string{"county-chief"}, "", "2026-03-31")
		h.day("2026-04-02", "10:00:00.000")
		ids := []string{
			h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: id, Posts: []string{"town-adm"}}),
			h.propose("county-s1", org.Change{Kind: org.Grant, StaffID: id, Posts: []string{"town-work"}}),
		}
		a := h.as("county-s2")
		got := make([]error, 2)
		var wg sync.WaitGroup
		for i, p := range ids {
			wg.Go(func() { got[i] = h.Review(t.Context(), a, p, true, "") })
		}
		wg.Wait()
		if (got[0] == nil) == (got[1] == nil) || !strings.Contains(keysOf(got[0])+keysOf(got[1]), "org.roles_apart_at") {
			t.Errorf("both at once: %v, %v", got[0], got[1])
		}
	})
}

func TestWithdrawingActsAtOnceAndIsReviewedAfterwards(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		id := h.propose("county-s1", org.Change{Kind: org.Withdraw, StaffID: "county-w"})
		if st, _ := h.Staff(t.Context(), "county-w"); !st.Disabled || h.may("county-w") {
			t.Fatalf("still in power: %+v", st)
		}
		if n := dbtest.Count(t, d, "event_event", "topic = 'org.staff_changed' AND CAST(data AS TEXT) LIKE '%county-w%' AND CAST(data AS TEXT) LIKE '%true%'"); n != 1 {
			t.Errorf("%d events that end sessions", n)
		}
		if err := h.Review(t.Context(), h.as("county-s2"), id, false, "情况已核实，恢复"); err != nil {
			t.Fatal(err)
		}
		if !h.may("county-w") {
			t.Error("a refused withdrawal was not undone")
		}
		posts := h.propose("county-s1", org.Change{Kind: org.Withdraw, StaffID: "county-w", Posts: []string{"county-work"}})
		if h.may("county-w") {
			t.Error("the post is still there")
		}
		if err := h.Review(t.Context(), h.as("county-s2"), posts, false, "恢复"); err != nil || !h.may("county-w") {
			t.Errorf("the post did not come back: %v", err)
		}
		again := h.propose("county-s1", org.Change{Kind: org.Withdraw, StaffID: "county-w"})
		if err := h.Review(t.Context(), h.as("county-s2"), again, true, ""); err != nil {
			t.Fatal(err)
		}
		h.grant("county-s1", "county-s2", org.Change{Kind: org.Grant, StaffID: "county-w", Posts: []string{"county-window"}})
		if st, _ := h.Staff(t.Context(), "county-w"); st.Disabled || !slices.Equal(st.Posts, []string{"county-window"}) {
			t.Errorf("opened again with more than was granted: %+v", st)
		}
	})
}

func TestTheFirstOfficersComeByCommand(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := openHall(t, d)
	c := org.Change{Kind: org.Join, Login: "first", Name: "秦守拙", Phone: "19911110001", Agency: "prov", Posts: []string{"prov-sec"}}
	if _, err := h.Appoint(t.Context(), h.as("prov-s1"), c, "新装"); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer appointed without review: %v", err)
	}
	id, err := h.Appoint(t.Context(), authz.System, c, "新装")
	if err != nil || !slices.Contains(h.as(id).Roles, authz.Security) {
		t.Errorf("Appoint = %q, %v", id, err)
	}
	c.Login, c.Posts = "both", []string{"prov-sec", "prov-aud"}
	if _, err := h.Appoint(t.Context(), authz.System, c, "新装"); !strings.Contains(keysOf(err), "org.roles_apart_at") {
		t.Errorf("two administrators in one: %v", err)
	}
}

func TestWhoLooksAfterAnAccount(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := openHall(t, d)
	for _, c := range []struct{ by, whose, want string }{
		{"county-s1", "county-w", ""},
		{"county-s1", "town-adm", ""},
		{"county-s1", "county-s1", "org.own_account"},
		{"county-s1", "county-adm", "org.review_above"},
		{"county-s1", "beside-w", "org.out_of_reach"},
		{"city-s1", "county-adm", ""},
		{"prov-s1", "prov-adm", ""},
		{"county-adm", "county-w", "base.forbidden"},
		{"county-s1", "none", "org.no_staff"},
	} {
		if err := h.MayManage(t.Context(), h.as(c.by), c.whose); c.want == "" && err != nil || c.want != "" && !errs.Is(err, c.want) {
			t.Errorf("%s for %s: %v, want %q", c.by, c.whose, err, c.want)
		}
	}
	g, _ := h.Agency(t.Context(), "town")
	g.Region = "580102"
	if err := h.SaveAgency(t.Context(), h.as("county-adm"), g); !fieldIs(err, "region", "org.agency_region_held") {
		t.Errorf("an agency was lifted with its officers: %v", err)
	}
}

func TestProposalsAreUnreadableAtRest(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := openHall(t, d)
	id, err := h.Propose(t.Context(), h.as("county-s1"), org.Change{Kind: org.Join, Login: "sealed.one", Name: "欧阳静姝", Phone: "19933334444", Agency: "county", Posts: []string{"county-work"}}, "接替慕容先生")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Review(t.Context(), h.as("county-s2"), id, false, "慕容先生尚未离任"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckTable(t.Context(), h.as("county-s1"), []byte(head+"x.y,欧阳静姝,19933334444,county,欧阳静姝,,\n")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(strings.TrimPrefix(d.URL(), "sqlite:") + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"欧阳静姝", "19933334444", "慕容先生"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s stands readable in the database", secret)
		}
	}
	if !strings.Contains(string(raw), id) {
		t.Error("the test looks in the wrong place")
	}
}
