package cases_test

import (
	"bytes"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
)

// decided brings an elder card at the window to the point where it can be handed out.
func (k *kit) decided(key string, b *cases.Behalf) string {
	k.t.Helper()
	ctx, clerk := k.t.Context(), staff("sun")
	d, err := k.CreateDraftFor(ctx, clerk, "elder", key, cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x", Behalf: b})
	k.ok(err)
	_, err = k.SaveDraft(ctx, clerk, d.ID, d.Version, cases.Patch{Contact: cases.Contact{Name: "罗小满", Phone: "13812345678"}})
	k.ok(err)
	_, err = k.Submit(ctx, clerk, d.ID, k.v(d.ID))
	k.ok(err)
	_, err = k.DecideOnTheSpot(ctx, clerk, d.ID, k.v(d.ID), cases.Decision{Outcome: cases.Grant})
	k.ok(err)
	return d.ID
}

func TestWhoFetchesAResultForAnotherLeavesABasis(t *testing.T) {
	daughter := cases.Behalf{Name: "代办人", Number: "580102198005010011", NumberKind: "citizen", Relation: "女儿", Basis: cases.BasisLetter, Seen: true}
	with := func(f func(*cases.Behalf)) *cases.Behalf {
		b := daughter
		f(&b)
		return &b
	}
	each(t, func(t *testing.T, k *kit) {
		ctx, clerk := t.Context(), staff("sun")
		id := k.decided("a", nil)
		for name, c := range map[string]struct {
			in    cases.Delivery
			wrong string
		}{
			"another name":        {cases.Delivery{To: "代办人"}, "to"},
			"nothing but a name":  {cases.Delivery{To: "代办人", Behalf: &cases.Behalf{}}, "behalf.number behalf.basis behalf.relation"},
			"no basis":            {cases.Delivery{Behalf: with(func(b *cases.Behalf) { b.Basis = "" })}, "behalf.basis"},
			"a firm's basis":      {cases.Delivery{Behalf: with(func(b *cases.Behalf) { b.Basis = cases.BasisFirmAgent })}, "behalf.basis"},
			"the applicant again": {cases.Delivery{Behalf: with(func(b *cases.Behalf) { b.Name = "罗小满" })}, "behalf.number"},
			"unproved":            {cases.Delivery{Behalf: with(func(b *cases.Behalf) { b.Seen = false })}, "behalf.seen"},
		} {
			c.in.How = cases.DeliverWindow
			_, err := k.Deliver(ctx, clerk, id, k.v(id), c.in)
			e := errs.As(err)
			if e == nil || e.Key != "cases.behalf_missing" {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var paths []string
			for _, f := range e.Fields {
				paths = append(paths, f.Path)
			}
			if got := strings.Join(paths, " "); got != c.wrong {
				t.Errorf("%s: wrong are %s, want %s", name, got, c.wrong)
			}
		}
		_, err := k.AttachTaken(ctx, staff("qian"), id, cases.Upload{ClientKey: "t0", Name: "a.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.not_found") // another agency's
		_, err = k.AttachTaken(ctx, clerk, id, cases.Upload{ClientKey: "t1", Name: "委托书.png", Body: bytes.NewReader(png)})
		k.ok(err)
		_, err = k.Deliver(ctx, clerk, id, k.v(id), cases.Delivery{How: cases.DeliverWindow, To: "代办人", Behalf: with(func(b *cases.Behalf) { b.Seen = false })})
		k.ok(err)
		if v := k.values("delivery"); v["taker"] != "罗小满（女儿，授权委托书，已留存依据复印件）" || v["applicant"] != "罗小满" {
			t.Errorf("the proof of delivery says %q, %q", v["applicant"], v["taker"])
		}
		if n := dbtest.Count(t, k.d, "told_row", "room = 'proof' AND what = $1 AND CAST(body AS TEXT) LIKE '%person:p1%'", paper.HandedOut); n != 2 {
			t.Errorf("%d proofs name who took it", n)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'cases.delivered' AND CAST(data AS TEXT) LIKE '%p1%'"); n != 1 {
			t.Errorf("%d events name who took it", n)
		}
		desk, err := k.Case(ctx, clerk, id)
		k.ok(err)
		if h := desk.HandOut; h == nil || h.Name != "罗*满" || strings.Contains(h.Number, "19800501") || h.By != "staff:sun" || len(desk.TakenFiles) != 1 {
			t.Fatalf("the desk reads %+v", desk.HandOut)
		}
		if v, err := k.Reveal(ctx, clerk, id, "taker.number", "核对"); err != nil || v != "58010219800501P1" {
			t.Errorf("revealed %q %v", v, err)
		}
		_, f, err := k.MaterialFile(ctx, clerk, id, desk.TakenFiles[0].ID)
		k.ok(err)
		k.ok(f.Close())
		own, err := k.Case(ctx, elder, id)
		k.ok(err)
		if own.HandOut == nil || own.HandOut.Name != "罗小满" {
			t.Error("the applicant does not see who took it")
		}
		_, err = k.AttachTaken(ctx, clerk, id, cases.Upload{ClientKey: "t2", Name: "a.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.not_now")
	})
}

func TestTheSameBasisIsNotAskedTwice(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, clerk := t.Context(), staff("sun")
		b := cases.Behalf{Name: "代办人", Number: "580102198005010011", NumberKind: "citizen", Relation: "女儿", Basis: cases.BasisLetter}
		d, err := k.CreateDraftFor(ctx, clerk, "elder", "a", cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x", Behalf: &b})
		k.ok(err)
		k.upload(clerk, d.ID, cases.BasisKey, "u1")
		_, err = k.SaveDraft(ctx, clerk, d.ID, d.Version, cases.Patch{Contact: cases.Contact{Name: "罗小满", Phone: "13812345678"}})
		k.ok(err)
		_, err = k.Submit(ctx, clerk, d.ID, k.v(d.ID))
		k.ok(err)
		_, err = k.DecideOnTheSpot(ctx, clerk, d.ID, k.v(d.ID), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		other := b
		other.Basis = cases.BasisGuardian
		_, err = k.Deliver(ctx, clerk, d.ID, k.v(d.ID), cases.Delivery{How: cases.DeliverWindow, Behalf: &other})
		k.refused(err, "cases.behalf_missing")
		_, err = k.Deliver(ctx, clerk, d.ID, k.v(d.ID), cases.Delivery{How: cases.DeliverWindow, Behalf: &b})
		k.ok(err)
	})
}

func TestInPersonNothingMoreIsAsked(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.decided("a", nil)
		_, err := k.Deliver(ctx, staff("sun"), id, k.v(id), cases.Delivery{How: cases.DeliverWindow, To: "罗小满"})
		k.ok(err)
		if v := k.values("delivery"); v["taker"] != "受送达人本人" {
			t.Errorf("taken by %q", v["taker"])
		}
		if n := dbtest.Count(t, k.d, "cases_handout", "1 = 1"); n != 0 {
			t.Error("a representative is on record")
		}
	})
}

func TestForAFirmSomebodyIsAlwaysNamed(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.submitted(firm, "a").CaseID
		_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		_, err = k.Opinion(ctx, staff("li"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
		k.ok(err)
		_, err = k.RecordInspection(ctx, staff("zhou"), id, k.v(id), cases.Inspection{Officers: []string{"zhou", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}}, Conclusion: "符合"})
		k.ok(err)
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		deliver := func(in cases.Delivery) error {
			in.How = cases.DeliverWindow
			_, err := k.Deliver(ctx, staff("chen"), id, k.v(id), in)
			return err
		}
		k.refused(deliver(cases.Delivery{To: "罗小满"}), "cases.behalf_missing")
		other := cases.Behalf{Number: "58010219800501OLD", Basis: cases.BasisLegalPerson, Seen: true}
		k.ppl.legal = "58010219800501P1"
		k.refused(deliver(cases.Delivery{To: "罗小满", Behalf: &other}), "cases.behalf_missing") // the register names somebody else
		self := cases.Behalf{Number: "58010219800501p1"}
		k.ok(deliver(cases.Delivery{To: "代办人", Behalf: &self})) // the register names who stands here: that is the basis
		if v := k.values("delivery"); v["taker"] != "罗小满（法定代表人（负责人）本人，已核对依据原件）" {
			t.Errorf("taken by %q", v["taker"])
		}
	})
}
