package cases_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

func TestAnErrorIsCorrectedOnTheSpot(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		it := foodItem()
		it.Sign = true
		k.items.all["food"] = it
		d := k.filled(firm, "c1")
		_, err := k.AskSignature(ctx, firm, d.ID, "/back")
		k.ok(err)
		r, err := k.Submit(ctx, firm, d.ID, d.Version)
		k.ok(err)
		signed, err := k.Case(ctx, firm, d.ID)
		k.ok(err)
		k.set("2026-03-03 10:00")
		good := cases.Spot{Answers: form.Answers{"area": "68"}, How: cases.SpotCall, Confirmed: true, Note: "少打了一位"}
		for name, x := range map[string]struct {
			change func(*cases.Spot)
			key    string
		}{
			"nobody confirmed":        {func(s *cases.Spot) { s.Confirmed = false }, "cases.incomplete"},
			"nobody says how":         {func(s *cases.Spot) { s.How = "letter" }, "cases.incomplete"},
			"nothing":                 {func(s *cases.Spot) { s.Answers = nil }, "cases.incomplete"},
			"a register's answer":     {func(s *cases.Spot) { s.Answers = form.Answers{"firm": "别的店"} }, "cases.incomplete"},
			"a field that is not":     {func(s *cases.Spot) { s.Answers = form.Answers{"plan": "x"} }, "cases.incomplete"},
			"what is there already":   {func(s *cases.Spot) { s.Answers = form.Answers{"area": "86"} }, "cases.spot_same"},
			"what the form refuses":   {func(s *cases.Spot) { s.Answers = form.Answers{"area": "很大"} }, "cases.spot_not_ready"},
			"what must be there":      {func(s *cases.Spot) { s.Answers = form.Answers{"address": nil} }, "cases.spot_not_ready"},
			"a note as long as books": {func(s *cases.Spot) { s.Note = strings.Repeat("长", 2001) }, "cases.incomplete"},
		} {
			bad := good
			x.change(&bad)
			_, err := k.CorrectOnTheSpot(ctx, staff("zhou"), r.CaseID, r.Version, bad)
			if k.refused(err, x.key); t.Failed() {
				t.Fatal(name)
			}
		}
		for _, id := range []string{"wang", "qian"} {
			if _, err = k.CorrectOnTheSpot(ctx, staff(id), r.CaseID, r.Version, good); err == nil {
				t.Errorf("%s corrected it", id)
			}
		}
		_, err = k.CorrectOnTheSpot(ctx, firm, r.CaseID, r.Version, good)
		k.refused(err, "cases.no_right")
		c, err := k.CorrectOnTheSpot(ctx, staff("chen"), r.CaseID, r.Version, good) // who takes it in may, as who accepts
		k.ok(err)
		if c.State != cases.Submitted || c.Round != 1 || k.told("paper", "correction") != 0 || k.told("notice", "case.corrected_on_the_spot") != 1 || k.events("cases.corrected_on_the_spot") != 1 {
			t.Errorf("corrected: %+v", c)
		}
		wantDue(t, c.Clock.LegalDue, "2026-03-09 23:59:59") // from the day of receipt, as before

		mine, err := k.Case(ctx, firm, r.CaseID)
		k.ok(err)
		if x := mine.Spots[0]; len(x.Changes) != 1 || x.Changes[0].Old != "86" || x.Changes[0].New != "68" || x.By != "staff:chen" || x.How != cases.SpotCall || x.Note != "少打了一位" {
			t.Errorf("the applicant sees %+v", mine.Spots)
		}
		if mine.Signatures[0].Text != signed.Signatures[0].Text || len(mine.Signatures) != 1 {
			t.Error("the signature moved")
		}
		seen, err := k.Case(ctx, staff("zhou"), r.CaseID)
		k.ok(err)
		area := func(d cases.Detail) string {
			i := slices.IndexFunc(d.Review[0].Rows, func(r form.ReviewRow) bool { return r.Key == "area" })
			return d.Review[0].Rows[i].Value
		}
		if area(seen) != "68" || seen.Answers != nil || seen.Spots[0].Answers != nil {
			t.Errorf("the officer sees %s", area(seen))
		}
		if v, err := k.Reveal(ctx, staff("zhou"), r.CaseID, "form.area", "核对"); err != nil || v != "68" {
			t.Errorf("revealed %q, %v", v, err)
		}
		// What was sent is stored as it was sent; the archive has both.
		dos, err := k.Dossier(ctx, r.CaseID)
		k.ok(err)
		if got := dos.Rounds[0].Form["area"]; got == nil || strings.Contains(string(mustJSON(t, got)), "68") {
			t.Errorf("the submission was rewritten: %v", got)
		}
		if len(dos.Spots) != 1 || dos.Spots[0].Old["area"] == nil {
			t.Errorf("the archive lacks the correction: %+v", dos.Spots)
		}
		// A later notice: the applicant amends what holds, and what an officer put right is no change of theirs.
		c, err = k.RequestCorrection(ctx, staff("zhou"), r.CaseID, c.Version, []cases.Defect{{Kind: cases.OnMaterial, Key: "plan", Text: "看不清"}})
		k.ok(err)
		_, err = k.CorrectOnTheSpot(ctx, staff("zhou"), r.CaseID, c.Version, good)
		k.refused(err, "cases.not_now")
		if seen, err = k.Case(ctx, staff("zhou"), r.CaseID); err != nil || area(seen) != "68" {
			t.Errorf("under correction the officer sees %s, %v", area(seen), err)
		}
		k.upload(firm, r.CaseID, "plan", "u2")
		_, err = k.AskSignature(ctx, firm, r.CaseID, "/back")
		k.ok(err)
		c, err = k.Resubmit(ctx, firm, r.CaseID, k.v(r.CaseID))
		k.ok(err)
		if seen, err = k.Case(ctx, staff("zhou"), r.CaseID); err != nil || len(seen.Changes) != 0 {
			t.Errorf("changes of the applicant: %+v, %v", seen.Changes, err)
		}
		c, err = k.Accept(ctx, staff("zhou"), r.CaseID, c.Version)
		k.ok(err)
		_, err = k.CorrectOnTheSpot(ctx, staff("zhou"), r.CaseID, c.Version, good)
		k.refused(err, "cases.not_now")
		if n := dbtest.Count(t, k.d, "cases_history", "act = $1", string(cases.ActSpot)); n != 1 {
			t.Errorf("%d entries in the history", n)
		}
		k.replays()
	})
}

// A correction that calls for a document nobody handed in is none that can be made on the spot.
func TestTheSpotAsksForNoMaterial(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		it := foodItem()
		for i := range it.Materials {
			if it.Materials[i].Key == "note" {
				it.Materials[i].Required, it.Materials[i].When = "yes", cond.Expr{Field: "form.area", Op: cond.Gt, Value: 300}
			}
		}
		k.items.all["food"] = it
		r := k.submitted(firm, "c1")
		_, err := k.CorrectOnTheSpot(t.Context(), staff("zhou"), r.CaseID, r.Version, cases.Spot{Answers: form.Answers{"area": "500"}, How: cases.SpotPresent, Confirmed: true})
		k.refused(err, "cases.spot_not_ready")
	})
}
