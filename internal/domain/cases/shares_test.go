package cases_test

import (
	"context"
	"slices"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
)

// copied are the cases copied to somebody: by staff id or post.
type copied map[string][]string

func (c copied) SharedWith(_ context.Context, staffID string, posts []string) (out []string, err error) {
	for _, key := range append([]string{staffID}, posts...) {
		out = append(out, c[key]...)
	}
	return out, nil
}

func (c copied) Shared(ctx context.Context, caseID, staffID string, posts []string) (bool, error) {
	all, err := c.SharedWith(ctx, staffID, posts)
	return slices.Contains(all, caseID), err
}

// TestACopyGivesReadingAndNothingElse: a stranger sees nothing, a receiver reads masked and can do nothing, and what is listed is what may be opened.
func TestACopyGivesReadingAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, other := k.submitted(firm, "a").CaseID, k.submitted(firm, "b").CaseID
		given := copied{}
		k.Shares = given
		k.off.posts["social"] = org.Post{Key: "social", Agency: "civil", Acts: []string{"review"}, Items: []string{"elder"}}
		k.off.staff["he"] = org.Staff{ID: "he", Name: "何", Agency: "civil", Posts: []string{"social"}}
		he := staff("he")
		sees := func(want bool) {
			t.Helper()
			d, err := k.Case(ctx, he, id)
			if (err == nil) != want {
				t.Errorf("opens: %v", err)
			}
			if want && (d.Own || len(d.May) > 0 || d.QueryCode != "" || d.Answers != nil || len(d.Review) == 0 || d.Applicant == "清澜小满餐饮店" && d.ApplicantKind == cases.ByPerson) {
				t.Errorf("a receiver gets %+v", d.May)
			}
			p, err := k.Inbox(ctx, he, cases.Filter{Tab: cases.TabAll})
			k.ok(err)
			n, err := k.Counts(ctx, he)
			k.ok(err)
			if len(p.Cases) == 1 != want || n[cases.TabAll] == 1 != want || n[cases.TabTodo] != 0 {
				t.Errorf("lists %d, counts %v", len(p.Cases), n)
			}
			if p, err = k.Inbox(ctx, he, cases.Filter{Tab: cases.TabAll, Post: "social"}); err != nil || len(p.Cases) != 0 {
				t.Errorf("at a post lie %d, %v", len(p.Cases), err)
			}
			st, err := k.Standing(ctx, he, id)
			if want && (err != nil || !st.Informed || st.Writes || st.Handles) {
				t.Errorf("stands %+v %v", st, err)
			}
			if _, err = k.Case(ctx, he, other); err == nil {
				t.Error("a copy of one case opens another")
			}
			mine, err := k.Among(ctx, he, []string{id, other})
			k.ok(err)
			if len(mine) != 0 {
				t.Error("a copy counts as work")
			}
		}
		sees(false)
		given["social"] = []string{id}
		sees(true)
		for name, err := range map[string]error{
			"receive":  errOf(k.Receive(ctx, he, id, k.v(id))),
			"accept":   errOf(k.Accept(ctx, he, id, k.v(id))),
			"refuse":   errOf(k.RefuseAcceptance(ctx, he, id, k.v(id), cases.Refusal{Ground: cases.GroundNotNeeded, Reason: "x"})),
			"opinion":  errOf(k.Opinion(ctx, he, id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "x"})),
			"withdraw": errOf(k.Withdraw(ctx, he, id, k.v(id))),
		} {
			if err == nil {
				t.Errorf("a receiver may %s", name)
			}
		}
		if _, err := k.Reveal(ctx, he, id, "applicant.name", "核对身份"); err == nil {
			t.Error("a receiver may see what is masked")
		}
		given["social"] = nil
		sees(false)
		given["he"] = []string{id}
		sees(true)
		k.off.staff["he"] = org.Staff{ID: "he", Disabled: true}
		given["he"] = []string{id}
		if _, err := k.Case(ctx, he, id); err == nil {
			t.Error("a switched-off account reads a copy")
		}
		mine, err := k.Among(ctx, staff("zhou"), []string{id, other, "none"})
		k.ok(err)
		if len(mine) != 2 {
			t.Errorf("who handles both gets %v", mine)
		}
	})
}

func errOf(_ cases.Case, err error) error { return err }

func TestStandingSaysWhoMayWrite(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.submitted(firm, "a").CaseID
		agent := firm
		agent.PersonID, agent.MandateID = "p7", "m1"
		for name, c := range map[string]struct {
			a                        authz.Actor
			own, writes, handles, no bool
		}{
			"owner": {a: firm, own: true, writes: true}, "stranger": {a: stranger, no: true}, "officer": {a: staff("zhou"), writes: true, handles: true}, "another agency": {a: staff("qian"), no: true},
			"supervisor": {a: overseer}, "system": {a: authz.System},
			"agent who may look": {a: with(agent, authz.ActView), own: true}, "agent who may apply": {a: with(agent, authz.ActApply), own: true, writes: true}, "agent for another item": {a: with(agent), no: true},
		} {
			st, err := k.Standing(ctx, c.a, id)
			if c.no != (err != nil) || !c.no && (st.Own != c.own || st.Writes != c.writes) {
				t.Errorf("%s: %v %+v", name, err, st)
			}
			if name == "owner" && (len(st.To) != 1 || st.To[0].Phone != "13812345678" || st.Subject == "") {
				t.Errorf("told: %+v", st.To)
			}
		}
		if _, err := k.Standing(ctx, firm, k.filled(firm, "b").ID); err == nil {
			t.Error("a draft has a standing")
		}
	})
}

func with(a authz.Actor, acts ...string) authz.Actor {
	a.Scope = &authz.Scope{Items: []string{"food"}, Acts: acts}
	return a
}
