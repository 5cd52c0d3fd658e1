package mandate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
)

func TestRevokingAndReleasingCountAtTheNextQuestion(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, boss, agent := t.Context(), k.boss(t), k.as(t, he, heNumber, "")
		for _, c := range []struct {
			who  authz.Actor
			why  mandate.Why
			tell string
		}{{boss, mandate.Revoked, "mandate.revoked>" + agent.PersonID}, {agent, mandate.Released, "mandate.released>" + boss.PersonID}} {
			id := k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-06-30")
			k.accept(t, agent, id)
			k.told(t)
			k.wantMay(t, "standing", true, agent.PersonID, "firm", boss.FirmID)
			k.reg.Switch(registryFirms, false) // taking back needs no registry
			if why, err := k.End(ctx, c.who, id); err != nil || why != c.why {
				t.Fatalf("%v, %v", why, err)
			}
			k.reg.Switch(registryFirms, true)
			k.wantMay(t, string(c.why), false, agent.PersonID, "firm", boss.FirmID)
			_, err := k.End(ctx, boss, id)
			wantErr(t, "ending twice", err, "mandate.over")
			wantErr(t, "accepting what is over", k.Accept(ctx, agent, id), "mandate.over")
			if got := k.told(t); got != c.tell {
				t.Errorf("told %q, want %q", got, c.tell)
			}
		}
		id := k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-06-30")
		if why, err := k.End(ctx, agent, id); err != nil || why != mandate.Refused {
			t.Fatalf("%v, %v", why, err)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'mandate.end'"); n != 3 {
			t.Errorf("%d ends in the record", n)
		}
	})
}

func TestOnlyTheLegalRepresentativeOfThisMomentAppoints(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, boss, agent, heir := t.Context(), k.boss(t), k.as(t, he, heNumber, ""), k.as(t, gao, gaoNumber, "")
		id := k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-06-30")
		k.accept(t, agent, id)
		k.told(t)
		k.reg.SetFirm(linFirm, "legal_person_id", gaoNumber)
		k.reg.SetFirm(linFirm, "legal_person_name", gao)
		_, err := k.give(t, boss, mandate.Agent, mandate.Named{Name: shen, Number: shenNumber}, all, mandate.Term{From: "2026-11-21", Until: "2026-12-31"})
		wantErr(t, "the former representative appoints", err, "mandate.only_representative")
		// The agents stay, are marked, and both sides are told; a day passes before the registry is asked.
		k.pass(25 * time.Hour)
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if got := k.told(t); got != both("mandate.confirm_asked", heir.PersonID, agent.PersonID) {
			t.Errorf("told %q", got)
		}
		k.wantMay(t, "waiting for confirmation", true, agent.PersonID, "firm", boss.FirmID)
		heir.FirmID = boss.FirmID
		_, open, _, err := k.Agents(ctx, heir)
		if err != nil || len(open) != 1 || open[0].ConfirmBy.IsZero() {
			t.Fatalf("%+v, %v", open, err)
		}
		wantErr(t, "the former representative confirms", k.Confirm(ctx, boss, id), "mandate.only_representative")
		if err := k.Confirm(ctx, heir, id); err != nil {
			t.Fatal(err)
		}
		k.pass(40 * 24 * time.Hour)
		k.run(t)
		k.wantMay(t, "confirmed", true, agent.PersonID, "firm", boss.FirmID)
		// Back to Lin, who does nothing.
		k.reg.SetFirm(linFirm, "legal_person_id", linNumber)
		if _, _, _, err := k.Agents(ctx, boss); err != nil {
			t.Fatal(err)
		}
		k.pass(30*24*time.Hour - time.Minute)
		k.wantMay(t, "a minute before", true, agent.PersonID, "firm", boss.FirmID)
		k.pass(time.Minute)
		k.wantMay(t, "nobody confirmed", false, agent.PersonID, "firm", boss.FirmID)
		if got := k.why(t, agent, id); got != mandate.Unconfirmed {
			t.Errorf("why %q", got)
		}
		k.run(t)
		wantErr(t, "too late", k.Confirm(ctx, boss, id), "mandate.over")
		// A firm that was struck off has no agents.
		id = k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-06-30")
		k.accept(t, agent, id)
		k.reg.SetFirm(linFirm, "status", "注销")
		k.pass(25 * time.Hour)
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if got := k.why(t, agent, id); got != mandate.FirmEnded {
			t.Errorf("why %q", got)
		}
	})
}

const registryFirms = "firms"

func TestGuardian(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, mother, other := t.Context(), k.as(t, qin, qinNumber, "19900000108"), k.as(t, gao, gaoNumber, "")
		_, err := k.AskGuardian(ctx, other, zijin, zijinNo)
		wantErr(t, "not the guardian", err, "mandate.not_guardian")
		if _, err := k.people.PersonByNumber(ctx, zijinNo); errs.KindOf(err) != errs.NotFound {
			t.Error("a stranger's question left a child on the platform")
		}
		_, err = k.AskGuardian(ctx, mother, "覃子吟", zijinNo)
		wantErr(t, "wrong name", err, "mandate.no_such_person")
		m, err := k.AskGuardian(ctx, mother, zijin, zijinNo)
		if err != nil || m.Term != (mandate.Term{From: "2026-11-21", Until: "2031-05-31"}) || m.Relation != "母亲" {
			t.Fatalf("%+v, %v", m, err)
		}
		acting, ok := k.may(t, mother.PersonID, "person", m.ForID)
		if !ok || !acting.Scope.Covers(authz.ActSign, "anything") {
			t.Errorf("%+v %v", acting, ok)
		}
		_, err = k.AskGuardian(ctx, mother, zijin, zijinNo)
		wantErr(t, "twice", err, "mandate.duplicate")
		if got := k.told(t); got != "mandate.proved>"+m.ForID {
			t.Errorf("told %q", got)
		}
		k.set("2031-05-24 23:59")
		if got := k.told(t); got != "" {
			t.Errorf("eight days before: told %q", got)
		}
		k.set("2031-05-25 00:00")
		if got := k.told(t); got != both("mandate.expiring", m.ForID, mother.PersonID) {
			t.Errorf("told %q", got)
		}
		k.set("2031-05-31 23:59")
		k.wantMay(t, "the evening before the birthday", true, mother.PersonID, "person", m.ForID)
		k.set("2031-06-01 00:00")
		k.wantMay(t, "the 18th birthday", false, mother.PersonID, "person", m.ForID)
		if got := k.why(t, mother, m.ID); got != mandate.OfAge {
			t.Errorf("why %q", got)
		}
		_, err = k.AskGuardian(ctx, mother, zijin, zijinNo)
		wantErr(t, "of an adult", err, "mandate.ward_of_age")
	})
}

func TestGuardianWhomTheRegistryTakesAway(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, mother := t.Context(), k.as(t, qin, qinNumber, "")
		m, err := k.AskGuardian(ctx, mother, zijin, zijinNo)
		if err != nil {
			t.Fatal(err)
		}
		k.pass(25 * time.Hour)
		k.reg.Switch("population", false)
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "the registry is away", true, mother.PersonID, "person", m.ForID)
		k.reg.Switch("population", true)
		k.reg.SetGuardian(qinNumber, zijinNo, "")
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "no guardian any more", false, mother.PersonID, "person", m.ForID)
		if got := k.why(t, mother, m.ID); got != mandate.NotGuardian {
			t.Errorf("why %q", got)
		}
	})
}

// halved is identity that cannot tell about firms.
type halved struct{ *identity.Service }

func (halved) Firm(context.Context, string) (identity.Firm, error) {
	return identity.Firm{}, errors.New("unreadable")
}

func TestOneThatCannotBeCheckedKeepsNoOtherFromIt(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, boss, mother := t.Context(), k.boss(t), k.as(t, qin, qinNumber, "")
		k.given(t, boss, mandate.Agent, mandate.Named{Name: he, Number: heNumber}, "2027-01-31")
		m, err := k.AskGuardian(ctx, mother, zijin, zijinNo)
		if err != nil {
			t.Fatal(err)
		}
		k.pass(25 * time.Hour)
		k.reg.SetGuardian(qinNumber, zijinNo, "")
		deps := k.deps
		deps.People = halved{k.people}
		k.use(deps)
		if err := k.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "no guardian any more", false, mother.PersonID, "person", m.ForID)
	})
}

func TestDeathEndsWhatSomebodyGaveAndHeld(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		giver, helper, boss := k.as(t, shen, shenNumber, ""), k.as(t, he, heNumber, ""), k.boss(t)
		to := mandate.Named{Name: he, Number: heNumber}
		held := k.given(t, giver, mandate.Family, to, "2027-01-31")
		k.accept(t, helper, held)
		firm := k.given(t, boss, mandate.Agent, to, "2027-01-31")
		k.accept(t, helper, firm)
		k.told(t)
		k.reg.SetPerson(shenNumber, "alive", "false")
		_, err := k.people.EnsurePerson(authz.With(t.Context(), k.clerk), shen, shenNumber, "", "") // the registry says so; identity tells
		wantErr(t, "seen at a window", err, "identity.dead")
		k.run(t)
		k.wantMay(t, "the one helped died", false, helper.PersonID, "person", giver.PersonID)
		k.wantMay(t, "the firm lives on", true, helper.PersonID, "firm", boss.FirmID)
		if got := k.why(t, helper, held); got != mandate.Died {
			t.Errorf("why %q", got)
		}
		k.publish(t, identity.Died{PersonID: boss.PersonID}) // the legal representative: the firm appointed the agent
		k.wantMay(t, "the representative died", true, helper.PersonID, "firm", boss.FirmID)
		k.publish(t, identity.Died{PersonID: helper.PersonID})
		k.wantMay(t, "the agent died", false, helper.PersonID, "firm", boss.FirmID)
	})
}

func TestTheEndOfAnAccountEndsItsMandates(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		giver, helper, boss := k.as(t, shen, shenNumber, ""), k.as(t, he, heNumber, ""), k.boss(t)
		to := mandate.Named{Name: he, Number: heNumber}
		given := k.given(t, giver, mandate.Family, to, "2027-01-31")
		k.accept(t, helper, given)
		agent := k.given(t, boss, mandate.Agent, mandate.Named{Name: shen, Number: shenNumber}, "2027-01-31")
		k.accept(t, giver, agent)
		asked := k.given(t, helper, mandate.Care, mandate.Named{Name: shen, Number: shenNumber}, "2027-01-31")
		other := k.given(t, boss, mandate.Agent, to, "2027-01-31")
		k.accept(t, helper, other)
		k.told(t)
		end := func() {
			t.Helper()
			if err := k.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.EndAccountTx(ctx, tx, k.now(), giver.PersonID) }); err != nil {
				t.Fatal(err)
			}
		}
		end()
		k.wantMay(t, "whose giver is gone", false, helper.PersonID, "person", giver.PersonID)
		k.wantMay(t, "whose agent is gone", false, giver.PersonID, "firm", boss.FirmID)
		k.wantMay(t, "of others", true, helper.PersonID, "firm", boss.FirmID)
		for id, want := range map[string]mandate.Why{given: mandate.Revoked, asked: mandate.Refused} {
			if got := k.why(t, helper, id); got != want {
				t.Errorf("why %q, want %q", got, want)
			}
		}
		if told := k.told(t); !strings.Contains(told, "mandate.revoked") || !strings.Contains(told, "mandate.released") || !strings.Contains(told, "mandate.refused") {
			t.Errorf("told %s", told)
		}
		end() // nothing is left to end
		if told := k.told(t); told != "" {
			t.Errorf("told again %s", told)
		}
		// The legal representative's own account: the firm appointed the agent, and nobody else loses anything.
		if err := k.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.EndAccountTx(ctx, tx, k.now(), boss.PersonID) }); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "of the firm", true, helper.PersonID, "firm", boss.FirmID)
	})
}

func TestMergedAccountsKeepOneMandate(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, giver, helper, shell := t.Context(), k.as(t, shen, shenNumber, ""), k.as(t, he, heNumber, ""), k.as(t, gao, gaoNumber, "")
		first := k.given(t, giver, mandate.Family, mandate.Named{Name: he, Number: heNumber}, "2027-01-31")
		second := k.given(t, giver, mandate.Care, mandate.Named{Name: gao, Number: gaoNumber}, "2027-01-31")
		self := k.given(t, helper, mandate.Care, mandate.Named{Name: gao, Number: gaoNumber}, "2027-01-31")
		k.accept(t, shell, second)
		k.pass(time.Minute)
		k.accept(t, helper, first)
		k.accept(t, shell, self)
		k.publish(t, identity.Merged{From: shell.PersonID, Into: helper.PersonID})
		acting, ok := k.may(t, helper.PersonID, "person", giver.PersonID)
		if !ok || acting.MandateID != second {
			t.Errorf("%+v %v: the one accepted first stays", acting, ok)
		}
		if a, b := k.why(t, helper, first), k.why(t, helper, self); a != mandate.Merged || b != mandate.Merged {
			t.Errorf("%q %q", a, b)
		}
		if ps, err := k.Principals(ctx, shell.PersonID); err != nil || len(ps) != 0 {
			t.Errorf("%+v, %v", ps, err)
		}
		// An act that is told after the merger still names the account that is no more.
		deps := k.deps
		deps.People = merged{k.people, map[string]string{shell.PersonID: helper.PersonID}}
		k.use(deps)
		act := mandate.Act{MandateID: second, ByPerson: shell.PersonID, ForKind: "person", ForID: giver.PersonID, Act: authz.ActApply, Object: "case:1"}
		acted := func() error {
			return k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return k.Acted(ctx, tx, k.now(), act) })
		}
		if err := acted(); err != nil {
			t.Error(err)
		}
		act.ByPerson = "nobody"
		wantErr(t, "nobody's act", acted(), "mandate.no_right")
	})
}

// merged is identity after accounts became one.
type merged struct {
	*identity.Service
	into map[string]string
}

func (m merged) Person(ctx context.Context, id string) (identity.Person, error) {
	if to := m.into[id]; to != "" {
		id = to
	}
	return m.Service.Person(ctx, id)
}
