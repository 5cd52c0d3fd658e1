package cases_test

import (
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
)

// windowPost puts somebody into a post of an agency of a region, and answers as them.
func (k *kit) windowPost(agency, region string, items []string, acts ...string) {
	k.off.regions = map[string]string{agency: region}
	k.off.posts["w"] = org.Post{Key: "w", Agency: agency, Items: items, Acts: acts}
	k.off.staff["w"] = org.Staff{ID: "w", Name: "窗口人员", Agency: agency, Posts: []string{"w"}}
}

func TestWindowsServeTheirOwnRegionAndNobodyNextDoor(t *testing.T) {
	counter := []string{"receive", "accept", "deliver"}
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.submitted(firm, "a").CaseID // decided by market in 580102
		for name, c := range map[string]struct {
			agency, region string
			items, acts    []string
			may            bool
		}{
			"the deciding agency":                           {"market", "580102", []string{"food"}, counter, true},
			"the deciding agency, all items":                {"market", "580102", []string{"*"}, counter, true},
			"the deciding agency, another item":             {"market", "580102", []string{"elder"}, counter, false},
			"the hall of the region":                        {"hall", "580102", []string{"*"}, counter, true},
			"a hall of another region":                      {"lanshan-hall", "580103", []string{"*"}, counter, false},
			"a hall of another region, the item by name":    {"lanshan-hall", "580103", []string{"food"}, counter, false},
			"the city's hall":                               {"city-hall", "580100", []string{"*"}, counter, true},
			"the hall of a town below":                      {"town-hall", "580102001", []string{"*"}, counter, false},
			"another agency of the region, delegated":       {"tax", "580102", []string{"food"}, counter, true},
			"another agency of the region, all its own":     {"tax", "580102", []string{"*"}, counter, false},
			"an agency of the city, delegated":              {"tax", "580100", []string{"food"}, counter, true},
			"an agency of another region, the item by name": {"lanshan-market", "580103", []string{"food", "*"}, counter, false},
			"an agency nobody knows the region of":          {"lost", "", []string{"food"}, counter, false},
			"the hall of the region, beyond the window":     {"hall", "580102", []string{"*"}, []string{"review", "inspect", "decide", "certificate"}, false},
		} {
			k.windowPost(c.agency, c.region, c.items, c.acts...)
			if c.region == "" {
				k.off.gone = c.agency
			}
			a := staff("w")
			_, err := k.Case(ctx, a, id)
			if got := err == nil; got != c.may || !c.may && !errs.Is(err, "cases.not_found") {
				t.Errorf("%s: sees the case: %v", name, err)
			}
			p, err := k.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll})
			k.ok(err)
			if got := len(p.Cases) == 1; got != c.may {
				t.Errorf("%s: lists %d cases", name, len(p.Cases))
			}
			if n, err := k.Counts(ctx, a); err != nil || (n[cases.TabAll] == 1) != c.may {
				t.Errorf("%s: counts %v %v", name, n, err)
			}
			it := foodItem()
			if got, err := k.Takes(ctx, a, it); err != nil || got != c.may {
				t.Errorf("%s: may take applications in = %v %v", name, got, err)
			}
			_, err = k.CreateDraftFor(ctx, a, "food", name, cases.Applicant{Kind: cases.ByFirm, Name: "罗小满", Number: "x", CreditCode: "x", Behalf: authorised})
			if (err == nil) != c.may || !c.may && !errs.Is(err, "cases.no_right") {
				t.Errorf("%s: begins an application: %v", name, err)
			}
			if _, err = k.Receive(ctx, a, id, k.v(id)+100); errs.Is(err, "cases.not_found") == c.may {
				t.Errorf("%s: receives: %v", name, err)
			}
			k.off.gone = ""
		}
		k.off.regions = nil
		k.windowPost("tax", "580102", []string{"food"}, counter...)
		_, err := k.Receive(ctx, staff("w"), id, k.v(id))
		k.ok(err)
	})
}

func TestWhoStandsInIsNamedWithTheColleague(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.submitted(firm, "a").CaseID
		k.off.staff["dai"] = org.Staff{ID: "dai", Name: "代班人员", Posts: []string{"review"}, Standing: map[string]string{"review": "zhou"}}
		p, err := k.Inbox(ctx, staff("dai"), cases.Filter{Tab: cases.TabAll})
		k.ok(err)
		if len(p.Cases) != 1 {
			t.Errorf("the stand-in lists %d cases", len(p.Cases))
		}
		_, err = k.Accept(ctx, staff("dai"), id, k.v(id))
		k.ok(err)
		_, err = k.Opinion(ctx, staff("dai"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
		k.ok(err)
		d, err := k.Case(ctx, staff("li"), id)
		k.ok(err)
		for _, h := range d.History {
			if dai := h.By == "staff:dai"; dai != (h.OnBehalf == "staff:zhou") {
				t.Errorf("history: %+v", h)
			}
		}
		for _, e := range d.Events {
			if e.By == "staff:dai" && e.OnBehalf != "staff:zhou" || e.By != "staff:dai" && e.OnBehalf != "" {
				t.Errorf("event: %+v", e)
			}
		}
		if o := d.Opinions[0]; o.For != "staff:zhou" || o.By != "staff:dai" {
			t.Errorf("opinion: %+v", o)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "actor = 'staff:dai' AND on_behalf = 'staff:zhou' AND act IN ('cases.accept', 'cases.opinion')"); n != 2 {
			t.Errorf("%d acts on record for the colleague", n)
		}
		// One's own post comes first.
		k.off.posts["review2"] = org.Post{Key: "review2", Agency: "market", Items: []string{"food"}, Acts: []string{"inspect"}}
		k.off.staff["dai"] = org.Staff{ID: "dai", Posts: []string{"review", "review2"}, Standing: map[string]string{"review": "zhou"}}
		_, err = k.RecordInspection(ctx, staff("dai"), id, k.v(id), cases.Inspection{Officers: []string{"dai", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}}, Conclusion: "符合"})
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_history", "act = 'inspect' AND on_behalf = ''"); n != 1 {
			t.Error("the own post does not come before the colleague's")
		}
	})
}

func TestARegionHoldsWhatLiesBelowAndNoNeighbour(t *testing.T) {
	for code, want := range map[string]string{
		"580000": "58", "580100": "5801", "580102": "580102", "580102100": "580102100", "580102001000": "580102001", "580102001001": "580102001001",
		"580102000000": "580102", "580100000000": "5801", "58": "58", "": "", "abc": "",
	} {
		if got := cases.RegionPrefix(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestAMandateForSomethingElseLearnsNothingOfTheCase(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		id := k.submitted(firm, "a").CaseID
		agent := firm
		agent.PersonID, agent.MandateID, agent.Scope = "p7", "m1", &authz.Scope{Items: []string{"elder"}, Acts: []string{"*"}}
		_, err := k.Withdraw(t.Context(), agent, id, 99)
		k.refused(err, "cases.out_of_scope_firm")
		_, err = k.Resubmit(t.Context(), agent, id, 99)
		k.refused(err, "cases.out_of_scope_firm")
	})
}
