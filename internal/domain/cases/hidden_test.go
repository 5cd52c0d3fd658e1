package cases_test

import (
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// TestAStepKeepsAnswersBackAndSpeaks: on the way of a branch, whoever handles the step neither sees nor reveals what it hides, the next step does, and
// the applicant gets each step's notice once.
func TestAStepKeepsAnswersBackAndSpeaks(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		it := foodItem()
		it.Flow = "quiet"
		k.items.all["food"] = it
		r := k.submitted(firm, "c1")
		c, err := k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
		k.ok(err)
		if c.Step != "review" {
			t.Fatalf("the small shop goes to %s", c.Step)
		}
		sees := func(name, key string) bool {
			d, err := k.Case(ctx, staff(name), c.ID)
			k.ok(err)
			for _, s := range d.Review {
				for _, r := range s.Rows {
					if r.Key == key && r.Value != "" {
						return true
					}
				}
			}
			return false
		}
		if sees("zhou", "fee") || !sees("zhou", "area") {
			t.Error("the step does not hide what it says")
		}
		if _, err := k.Reveal(ctx, staff("zhou"), c.ID, "form.fee", "核对"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a hidden answer was revealed: %v", err)
		}
		c, err = k.Opinion(ctx, staff("zhou"), c.ID, c.Version, cases.Opinion{Outcome: cases.OpinionPass, Text: "齐全"})
		k.ok(err)
		if !sees("wang", "fee") {
			t.Error("the next step does not see it either")
		}
		for _, words := range []string{`%"开始审查"%`, `%审查完了%等待决定%`} {
			if n := dbtest.Count(t, k.d, "told_row", "room = 'notice' AND what = 'case.step' AND CAST(body AS TEXT) LIKE $1", words); n != 1 {
				t.Errorf("told %q %d times", words, n)
			}
		}
	})
}
