package mandate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
)

func TestAnAgentActsAfterAcceptingAndNoLongerThanTold(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, boss, agent := t.Context(), k.boss(t), k.as(t, he, heNumber, "19900000103")
		sc := authz.Scope{Items: []string{"food"}, Acts: []string{authz.ActApply}}
		id, err := k.give(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, sc, mandate.Term{From: "2026-11-22", Until: "2026-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		if got := k.told(t); got != "mandate.asked>"+agent.PersonID {
			t.Errorf("told %q", got)
		}
		k.wantMay(t, "before accepting", false, agent.PersonID, "firm", boss.FirmID)
		k.accept(t, agent, id)
		if got := k.told(t); got != "mandate.accepted>"+boss.PersonID {
			t.Errorf("told %q", got)
		}
		k.set("2026-11-21 23:59")
		k.wantMay(t, "the evening before", false, agent.PersonID, "firm", boss.FirmID)
		k.set("2026-11-22 00:00")
		acting, ok := k.may(t, agent.PersonID, "firm", boss.FirmID)
		if !ok || acting.MandateID != id || !acting.Scope.Covers(authz.ActApply, "food") || !acting.Scope.Covers(authz.ActView, "food") ||
			acting.Scope.Covers(authz.ActSign, "food") || acting.Scope.Covers(authz.ActApply, "card") {
			t.Errorf("%+v %v", acting, ok)
		}
		k.wantMay(t, "another firm", false, agent.PersonID, "firm", "other")
		k.wantMay(t, "a person of the same id", false, agent.PersonID, "person", boss.FirmID)
		k.wantMay(t, "the other way round", false, boss.PersonID, "person", agent.PersonID)
		if ps, err := k.Principals(ctx, agent.PersonID); err != nil || len(ps) != 1 || ps[0] != (identity.Principal{Kind: "firm", ID: boss.FirmID, MandateID: id}) {
			t.Errorf("%+v, %v", ps, err)
		}
		k.set("2026-12-31 23:59")
		k.wantMay(t, "the last minute of the year", true, agent.PersonID, "firm", boss.FirmID)
		k.set("2027-01-01 00:00")
		k.wantMay(t, "the new year", false, agent.PersonID, "firm", boss.FirmID)
		if ps, err := k.Principals(ctx, agent.PersonID); err != nil || len(ps) != 0 {
			t.Errorf("%+v, %v", ps, err)
		}
		// Nobody had to write that down; the job does, and tells both.
		if got := k.told(t); got != both("mandate.ended", boss.PersonID, agent.PersonID) {
			t.Errorf("told %q", got)
		}
		dbtest.WantCounts(t, k.d, map[string]int{"mandate_mandate": 1, "mandate_draft": 0})
		if n := dbtest.Count(t, k.d, "mandate_mandate", "state = 'ended' AND why = 'expired'"); n != 1 {
			t.Error("not written down")
		}
	})
}

func TestStrangersFindNothing(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, boss, agent, other := t.Context(), k.boss(t), k.as(t, he, heNumber, ""), k.as(t, gao, gaoNumber, "")
		id := k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-06-30")
		k.accept(t, agent, id)
		asAgent := agent // the agent, acting for the firm: sees the mandate as its holder, and nothing of the firm's list
		asAgent.FirmID, asAgent.MandateID = boss.FirmID, id
		plain := boss // the legal representative as a private person
		plain.FirmID = ""
		helper := other // somebody who acts for the agent as a person
		helper.ForPerson, helper.MandateID = agent.PersonID, "m"
		colleague := other // another agent of the firm
		colleague.FirmID, colleague.MandateID = boss.FirmID, "m"
		for what, a := range map[string]authz.Actor{"stranger": other, "not acting": plain, "another agent": colleague, "nobody": {}, "clerk": k.clerk, "helper of the agent": helper} {
			_, _, err := k.One(ctx, a, id)
			wantErr(t, what+" reads", err, "mandate.none")
			_, err = k.End(ctx, a, id)
			wantErr(t, what+" ends", err, "mandate.none")
			wantErr(t, what+" accepts", k.Accept(ctx, a, id), "mandate.none")
			wantErr(t, what+" confirms", k.Confirm(ctx, a, id), "mandate.none")
			_, err = k.Acts(ctx, a, id, "", 10)
			wantErr(t, what+" reads acts", err, "mandate.none")
		}
		for _, odd := range []string{"", "x", "\x00", "\xff", "' OR 1=1", strings.Repeat("a", 5000)} {
			_, _, err := k.One(ctx, agent, odd)
			wantErr(t, "an odd id", err, "mandate.none")
			_, err = k.Draft(ctx, agent, odd)
			wantErr(t, "an odd draft", err, "mandate.none")
			wantErr(t, "an odd id at the counter", k.EndAtCounter(ctx, k.clerk, odd, odd, "本人到场申请终止授权"), "mandate.none")
			if odd != "" {
				_, err = k.Acts(ctx, agent, id, odd, 10)
				wantErr(t, "an odd cursor", err, "base.cursor")
			}
		}
		wantErr(t, "the giver accepts", k.Accept(ctx, boss, id), "mandate.none")
		_, _, _, err := k.Agents(ctx, asAgent)
		wantErr(t, "an agent lists agents", err, "mandate.only_representative")
		_, err = k.NewDraft(ctx, asAgent, mandate.Agent)
		wantErr(t, "an agent appoints", err, "mandate.only_representative")
		_, err = k.NewDraft(ctx, plain, mandate.Agent)
		wantErr(t, "not acting for the firm", err, "mandate.only_representative")
		_, err = k.NewDraft(ctx, helper, mandate.Family)
		wantErr(t, "a helper hands on", err, "mandate.act_as_self")
		low := other
		low.Level = 1
		_, err = k.NewDraft(ctx, low, mandate.Family)
		wantErr(t, "level 1 gives", err, "base.level_needed")
		d, err := k.NewDraft(ctx, other, mandate.Family)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Draft(ctx, agent, d.ID)
		wantErr(t, "another's draft", err, "mandate.none")
		k.pass(25 * time.Hour)
		_, err = k.Draft(ctx, other, d.ID)
		wantErr(t, "yesterday's draft", err, "mandate.none")
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		dbtest.WantCounts(t, k.d, map[string]int{"mandate_draft": 0})
	})
}

func TestEveryActIsToldToTheOneActedFor(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, giver, helper := t.Context(), k.as(t, shen, shenNumber, "19900000102"), k.as(t, he, heNumber, "")
		id := k.given(t, giver, mandate.Family, mandate.Named{Name: he, Number: heNumber}, "2027-01-31")
		k.accept(t, helper, id)
		k.told(t)
		acted := func(a mandate.Act) error {
			return k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return k.Acted(ctx, tx, k.now(), a) })
		}
		act := mandate.Act{MandateID: id, ByPerson: helper.PersonID, ForKind: "person", ForID: giver.PersonID, Act: authz.ActApply, Object: "case:1", What: "老年人优待证"}
		view := act
		view.Act = authz.ActView
		for _, a := range []mandate.Act{act, view, view, {MandateID: ""}} {
			if err := acted(a); err != nil {
				t.Fatal(err)
			}
		}
		wrong := act
		wrong.ForID = "somebody else"
		wantErr(t, "another's mandate", acted(wrong), "mandate.no_right")
		k.run(t)
		if len(k.sent) != 2 {
			t.Fatalf("%+v", k.sent)
		}
		slices.SortFunc(k.sent, func(a, b notify.Message) int { return strings.Compare(a.Template, b.Template) })
		m := k.sent[0]
		if m.Template != "mandate.acted" || k.sent[1].Template != "mandate.viewed" || m.Data["what"] != "老年人优待证" || m.Data["holder"] != "贺*仁" || m.To.Phone != "19900000102" || m.Link != "/my/mandates/"+id {
			t.Errorf("%+v", k.sent)
		}
		k.sealed(t, shen, he, "老年人优待证")
		for _, a := range []authz.Actor{giver, helper} {
			done, err := k.Acts(ctx, a, id, "", 2)
			if err != nil || len(done) != 2 || done[1].What != "老年人优待证" || done[1].Object != "case:1" {
				t.Fatalf("%+v, %v", done, err)
			}
			if rest, err := k.Acts(ctx, a, id, done[1].ID, 2); err != nil || len(rest) != 1 || rest[0].Act != authz.ActApply {
				t.Errorf("%+v, %v", rest, err)
			}
		}
	})
}
