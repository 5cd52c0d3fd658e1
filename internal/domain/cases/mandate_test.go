package cases_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

func scope(items string, acts ...string) *authz.Scope {
	return &authz.Scope{Items: strings.Fields(items), Acts: acts}
}

// forOld acts for the person "old" under a mandate, forFirm for the firm "f1" as its agent; both are the person p1 or whoever is named.
func forOld(s *authz.Scope) authz.Actor {
	return authz.Actor{PersonID: "p1", ForPerson: "old", MandateID: "m1", Scope: s, Roles: person.Roles, Level: 2, Via: "page"}
}

func forFirm(s *authz.Scope) authz.Actor {
	return authz.Actor{PersonID: "p2", FirmID: "f1", MandateID: "m2", Scope: s, Roles: person.Roles, Level: 2, Via: "page"}
}

// deed is one verb of an applicant, tried on a case in the state it needs.
type deed struct {
	name string
	on   string // draft, sent or granted
	do   func(k *kit, a authz.Actor, c cases.Case) error
}

var deeds = []deed{
	{"begin", "", func(k *kit, a authz.Actor, _ cases.Case) error {
		_, err := k.CreateDraft(k.t.Context(), a, "food", "new "+k.t.Name())
		return err
	}},
	{"save", "draft", func(k *kit, a authz.Actor, c cases.Case) error {
		p := answers
		p.Form = form.Answers{"address": "别处", "area": "1"}
		_, err := k.SaveDraft(k.t.Context(), a, c.ID, c.Version, p)
		return err
	}},
	{"upload", "draft", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Attach(k.t.Context(), a, c.ID, cases.Upload{Material: "note", ClientKey: a.Name(), Name: "n.png", Body: strings.NewReader(string(png))})
		return err
	}},
	{"submit", "draft", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Submit(k.t.Context(), a, c.ID, c.Version)
		return err
	}},
	{"discard", "draft", func(k *kit, a authz.Actor, c cases.Case) error {
		if _, err := k.Case(k.t.Context(), a, c.ID); errs.KindOf(err) == errs.NotFound {
			return err // deleting what is not there is no error
		}
		return k.DiscardDraft(k.t.Context(), a, c.ID)
	}},
	{"view", "sent", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Case(k.t.Context(), a, c.ID)
		return err
	}},
	{"receipt", "sent", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Receipt(k.t.Context(), a, c.ID)
		return err
	}},
	{"withdraw", "sent", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Withdraw(k.t.Context(), a, c.ID, c.Version)
		return err
	}},
	{"result", "granted", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Case(k.t.Context(), a, c.ID)
		return err
	}},
	{"collect", "granted", func(k *kit, a authz.Actor, c cases.Case) error {
		_, err := k.Deliver(k.t.Context(), a, c.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		return err
	}},
}

// prepared makes a case of the principal in a state.
func (k *kit) prepared(principal authz.Actor, state string) cases.Case {
	k.t.Helper()
	ctx := k.t.Context()
	switch state {
	case "":
		return cases.Case{}
	case "draft":
		return k.filled(principal, k.t.Name()).Case
	}
	id := k.submitted(principal, k.t.Name()).CaseID
	if state == "granted" {
		k.toDecide(id)
		_, err := k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
	}
	c, err := k.Head(ctx, id)
	k.ok(err)
	return c
}

// toDecide leads a case through everything that comes before the decision.
func (k *kit) toDecide(id string) {
	k.t.Helper()
	ctx := k.t.Context()
	_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
	k.ok(err)
	_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
	k.ok(err)
	_, err = k.RecordInspection(ctx, staff("zhou"), id, k.v(id), cases.Inspection{
		Officers: []string{"zhou", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}, "light": {Pass: true}}, Conclusion: "符合",
	})
	k.ok(err)
}

// TestRelationActScope goes through every verb of an applicant for every relation to the one it is done for.
func TestRelationActScope(t *testing.T) {
	const (
		can   = "begin save upload submit discard view receipt withdraw result collect"
		apply = "begin save upload submit discard view receipt withdraw"
	)
	relations := []struct {
		name      string
		principal authz.Actor
		who       authz.Actor
		may       string // deeds that are done
		refusal   string // what the others answer
	}{
		{"the person", elder, elder, can, ""},
		{"everything", elder, forOld(nil), can, ""},
		{"all acts on the item", elder, forOld(scope("food", "*")), can, ""},
		{"all acts on another item", elder, forOld(scope("elder", "*")), "", "cases.out_of_scope_person"},
		{"apply only", elder, forOld(scope("*", authz.ActApply)), apply, "cases.out_of_scope_person"},
		{"view only", elder, forOld(scope("*", authz.ActView)), "view receipt result", "cases.out_of_scope_person"},
		{"collect only", elder, forOld(scope("food", authz.ActCollect)), "result collect", "cases.out_of_scope_person"},
		{"sign only", elder, forOld(scope("food", authz.ActSign)), "", "cases.out_of_scope_person"},
		{"nothing", elder, forOld(scope("")), "", "cases.out_of_scope_person"},
		{"when it has ended", elder, person, "begin", "cases.not_found"},
		{"a mandate of somebody else", elder, authz.Actor{PersonID: "p1", ForPerson: "p7", MandateID: "m3", Roles: person.Roles, Level: 2}, "begin", "cases.not_found"},
		{"acting for nobody named", elder, authz.Actor{PersonID: "p1", ForPerson: "old", Roles: person.Roles, Level: 2}, "begin", "cases.not_found"},
		{"a stranger", elder, stranger, "begin", "cases.not_found"},
		{"the legal representative", firm, firm, can, ""},
		{"agent for everything, a draft of the representative's own", firm, forFirm(nil), "begin view receipt withdraw result collect", "cases.not_found"},
		{"agent to view", firm, forFirm(scope("food", authz.ActView)), "view receipt result", "cases.out_of_scope_firm cases.not_found"},
		{"agent for another item", firm, forFirm(scope("elder", "*")), "", "cases.out_of_scope_firm cases.not_found"},
		{"agent of another firm", firm, authz.Actor{PersonID: "p2", FirmID: "f2", MandateID: "m2", Roles: person.Roles, Level: 2}, "begin", "cases.not_found"},
	}
	each(t, func(t *testing.T, k *kit) {
		ready := map[string]cases.Case{} // one case serves until somebody changes it: what was refused has changed nothing
		for _, rel := range relations {
			for _, d := range deeds {
				t.Run(rel.name+"/"+d.name, func(t *testing.T) {
					k.t = t
					place := rel.principal.FirmID + " " + d.on
					c, ok := ready[place]
					if !ok {
						c = k.prepared(rel.principal, d.on)
					}
					err := d.do(k, rel.who, c)
					if ready[place] = c; err == nil {
						delete(ready, place)
					}
					if slices.Contains(strings.Fields(rel.may), d.name) {
						k.ok(err)
					} else if e := errs.As(err); e == nil || !slices.Contains(strings.Fields(rel.refusal), e.Key) {
						t.Errorf("%v, want %s", err, rel.refusal)
					}
				})
			}
		}
	})
}

func TestACaseUnderAMandateBelongsToThePrincipal(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, agent := t.Context(), forOld(scope("food", authz.ActApply, authz.ActView))
		d := k.filled(agent, "c1")
		if d.Applicant != "罗小满" || d.PersonID != "old" || d.ActingID != "p1" || d.MandateID != "m1" || d.Agent == "" {
			t.Fatalf("%+v", d.Case)
		}
		// The mandate ends: the agent has nothing, the draft is with the one it was made for.
		_, err := k.Case(ctx, person, d.ID)
		k.refused(err, "cases.not_found")
		if ds, err := k.Drafts(ctx, elder); err != nil || len(ds) != 1 || ds[0].ID != d.ID {
			t.Fatalf("the principal's drafts: %+v %v", ds, err)
		}
		r, err := k.Submit(ctx, agent, d.ID, d.Version)
		k.ok(err)
		own, err := k.Case(ctx, elder, d.ID)
		k.ok(err)
		var acts []string
		for _, x := range own.Acted {
			acts = append(acts, string(x.Act))
		}
		if got := strings.Join(acts, " "); got != "create save submit" || own.Acted[0].By != "罗小满" {
			t.Errorf("the principal sees %s: %+v", got, own.Acted)
		}
		var told []string
		for _, e := range k.acted() {
			if e.ByPerson != "p1" || e.ForKind != "person" || e.ForID != "old" || e.MandateID != "m1" || e.CaseID != d.ID || e.ItemKey != "food" || e.At.IsZero() {
				t.Errorf("%+v", e)
			}
			told = append(told, e.Act)
		}
		if got := strings.Join(told, " "); got != "create save attach use_licence submit" {
			t.Errorf("told: %s", got)
		}
		if v := k.values("receipt"); v["applicant"] != "罗小满" || v["agent"] != "代理人：罗小满" {
			t.Errorf("the receipt says %q, %q", v["applicant"], v["agent"])
		}
		if n := k.told("notice", "case.submitted"); n != 2 {
			t.Errorf("%d people were told, want principal and agent", n)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'cases.acted'"); n != 5 {
			t.Errorf("%d acts were told of", n)
		}
		// What the principal does is their own.
		_, err = k.Withdraw(ctx, elder, r.CaseID, k.v(r.CaseID))
		k.ok(err)
		if len(k.acted()) != 5 {
			t.Error("an act of the principal was told as another's")
		}
		k.replays()
	})
}

func TestSavingAgainAndAgainIsOneAct(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, agent := t.Context(), forOld(nil)
		d, err := k.CreateDraft(ctx, agent, "food", "c1")
		k.ok(err)
		v := d.Version
		save := func(a authz.Actor, area string) {
			p := answers
			p.Form = form.Answers{"address": "清江区滨河路18号", "area": area}
			v, err = k.SaveDraft(ctx, a, d.ID, v, p)
			k.ok(err)
		}
		save(agent, "1")
		save(agent, "2")
		save(elder, "3")
		save(agent, "4")
		n := 0
		for _, e := range k.acted() {
			if e.Act == "save" {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d saves were told, want one for each time the agent wrote", n)
		}
	})
}

func TestAFirmsAgentActsForTheFirm(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d := k.filled(forFirm(scope("food", "*")), "c1")
		if d.FirmID != "f1" || d.ApplicantKind != cases.ByFirm || d.PersonID != "p2" || d.ActingID != "p2" || d.MandateID != "m2" {
			t.Fatalf("%+v", d.Case)
		}
		// Another agent and the legal representative find it with the firm; an agent without the item does not list it.
		other := forFirm(nil)
		other.PersonID, other.MandateID = "p3", "m9"
		for _, a := range []authz.Actor{firm, other} {
			if ds, err := k.Drafts(ctx, a); err != nil || len(ds) != 1 {
				t.Errorf("%s finds %d drafts: %v", a.Name(), len(ds), err)
			}
		}
		if ds, err := k.Drafts(ctx, forFirm(scope("elder", "*"))); err != nil || len(ds) != 0 {
			t.Errorf("out of scope: %d drafts, %v", len(ds), err)
		}
		_, err := k.Submit(ctx, firm, d.ID, d.Version)
		k.ok(err)
		h, err := k.Head(ctx, d.ID)
		k.ok(err)
		if h.PersonID != "p1" || h.ActingID != "" || h.Agent != "" {
			t.Errorf("sent by the legal representative, the case says %+v", h)
		}
		lists := map[*authz.Scope]int{
			nil: 1, scope("food", authz.ActView): 1, scope("food", authz.ActApply): 1, scope("*", authz.ActCollect): 0, scope("elder", "*"): 0, scope("food", authz.ActSign): 0, scope(""): 0,
		}
		for s, want := range lists {
			if p, err := k.ListMine(ctx, forFirm(s), "", 0); err != nil || len(p.Cases) != want {
				t.Errorf("%+v lists %d, want %d: %v", s, len(p.Cases), want, err)
			}
		}
	})
}

func TestReadingForAnotherIsOnRecord(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.submitted(elder, "c1").CaseID
		reads := func() int {
			k.ok(k.log.SequenceNow(ctx))
			return dbtest.Count(t, k.d, "audit_entry", "object = $1 AND actor = 'person:p1' AND on_behalf = 'person:old'", "case:"+id)
		}
		for range 2 {
			_, err := k.Case(ctx, forOld(nil), id)
			k.ok(err)
		}
		if n := reads(); n != 2 {
			t.Errorf("%d entries", n)
		}
		if es := k.acted(); len(es) != 1 || es[0].Act != "view" || es[0].Scope != authz.ActView {
			t.Errorf("two looks on one day are told as %+v", es)
		}
		k.set("2026-03-03 10:00")
		_, err := k.Case(ctx, forOld(nil), id)
		k.ok(err)
		if es := k.acted(); len(es) != 2 {
			t.Errorf("a look on another day: %d", len(es))
		}
	})
}

func TestActsNameTheLevelTheyNeed(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, it := t.Context(), foodItem()
		it.Levels = catalog.Levels{Apply: 3, Collect: 4, View: 2}
		k.items.all["food"] = it
		at := func(level int) authz.Actor {
			a := elder
			a.Level = level
			return a
		}
		need := func(err error, n int) {
			t.Helper()
			if e := errs.As(err); e == nil || e.Key != "base.level_needed" || e.Params["need"] != n {
				t.Errorf("%v, want level %d", err, n)
			}
		}
		_, err := k.CreateDraft(ctx, at(2), "food", "c1")
		need(err, 3)
		d := k.filled(at(3), "c1")
		_, err = k.SaveDraft(ctx, at(2), d.ID, d.Version, answers)
		need(err, 3)
		_, err = k.Submit(ctx, at(2), d.ID, d.Version)
		need(err, 3)
		if _, err = k.Case(ctx, at(2), d.ID); err != nil {
			t.Errorf("reading at level 2: %v", err)
		}
		_, err = k.Case(ctx, at(1), d.ID)
		need(err, 2)
		_, err = k.Submit(ctx, at(3), d.ID, d.Version)
		k.ok(err)
		k.toDecide(d.ID)
		_, err = k.Decide(ctx, staff("wang"), d.ID, k.v(d.ID), cases.Decision{Outcome: cases.Grant})
		k.ok(err)
		_, err = k.Deliver(ctx, at(3), d.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		need(err, 4)
		_, err = k.Deliver(ctx, at(4), d.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
	})
}

// acted gives the events of acts in another's name, in order.
func (k *kit) acted() []cases.ActedEvent {
	k.t.Helper()
	out, err := db.All(k.t.Context(), k.d.R(), func(r *db.Rows) (cases.ActedEvent, error) {
		var e cases.ActedEvent
		var body string
		if err := r.Scan(&body); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(body), &e)
	}, `SELECT data FROM event_event WHERE topic = 'cases.acted' ORDER BY id`)
	k.ok(err)
	return out
}

// values gives what the last paper of an act was filled with.
func (k *kit) values(act string) map[string]string {
	k.t.Helper()
	out, err := db.All(k.t.Context(), k.d.R(), func(r *db.Rows) (map[string]string, error) {
		var body string
		m := map[string]string{}
		if err := r.Scan(&body); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(body), &m)
	}, `SELECT body FROM told_row WHERE room = 'paper' AND what = $1 ORDER BY id DESC LIMIT 1`, act)
	k.ok(err)
	if len(out) == 0 {
		k.t.Fatalf("no paper %s", act)
	}
	return out[0]
}
