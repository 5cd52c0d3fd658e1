package cases_test

import (
	"testing"

	"tongban/internal/domain/cases"
)

func TestAlongAList(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, zhou := t.Context(), staff("zhou")
		for _, key := range []string{"c1", "c2", "c3"} {
			k.submitted(person, key)
		}
		p, err := k.Inbox(ctx, zhou, cases.Filter{Tab: cases.TabAll})
		k.ok(err)
		if len(p.Cases) != 3 {
			t.Fatalf("%d cases", len(p.Cases))
		}
		first, second := p.Cases[0], p.Cases[1]
		next := func(c cases.Case, f cases.Filter, back bool) string {
			t.Helper()
			id, err := k.Beside(ctx, zhou, f, c.Mark(), c.ID, back)
			k.ok(err)
			return id
		}
		if next(first, cases.Filter{Tab: cases.TabAll}, false) != second.ID || next(second, cases.Filter{Tab: cases.TabAll}, true) != first.ID || next(first, cases.Filter{Tab: cases.TabAll}, true) != "" || next(p.Cases[2], cases.Filter{Tab: cases.TabAll}, false) != "" {
			t.Error("the neighbours are not those of the list")
		}
		// The first is dealt with and leaves the list: from where it stood, the second is still next.
		_, err = k.RefuseAcceptance(ctx, zhou, first.ID, first.Version, cases.Refusal{Ground: cases.GroundNotNeeded, Reason: "不需要许可"})
		k.ok(err)
		if next(first, cases.Filter{Tab: cases.TabAll}, false) != second.ID {
			t.Error("the place is lost with the case")
		}
		if next(first, cases.Filter{Tab: cases.TabAll, Kind: cases.ByFirm}, false) != "" {
			t.Error("the filter is not kept")
		}
		if _, err := k.Beside(ctx, zhou, cases.Filter{Post: "nobody's"}, 0, "", false); err == nil {
			t.Error("a list of another post")
		}
	})
}

func TestFiltersOfTheInbox(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, chen := t.Context(), staff("chen")
		r := k.submitted(person, "c1")
		k.submitted(firm, "c2")
		_, err := k.TakeUp(ctx, chen, r.CaseID, r.Version, "")
		k.ok(err)
		for _, c := range []struct {
			name string
			f    cases.Filter
			want int
		}{
			{"all", cases.Filter{}, 2},
			{"kind", cases.Filter{Kind: cases.ByFirm}, 1},
			{"channel", cases.Filter{Channel: cases.Window}, 0},
			{"item", cases.Filter{Item: "food"}, 2},
			{"other item", cases.Filter{Item: "elder"}, 0},
			{"taken", cases.Filter{Taken: true}, 1},
			{"only", cases.Filter{Only: []string{r.CaseID, "x"}}, 1},
			{"none", cases.Filter{Only: []string{}}, 0},
			{"overdue", cases.Filter{Overdue: true}, 0},
			{"within a day", cases.Filter{Days: 1}, 0},
			{"within a month", cases.Filter{Days: 22}, 2},
		} {
			p, err := k.Inbox(ctx, chen, c.f)
			k.ok(err)
			n, err := k.CountOf(ctx, chen, c.f)
			k.ok(err)
			if len(p.Cases) != c.want || n != c.want {
				t.Errorf("%s: %d listed, %d counted, want %d", c.name, len(p.Cases), n, c.want)
			}
		}
		k.set("2026-04-02 10:00")
		tally, err := k.Tally(ctx, chen)
		k.ok(err)
		if tally.Todo != 2 || tally.Overdue != 2 || tally.Soon != 2 {
			t.Errorf("a month later: %+v", tally)
		}
		if _, err := k.Inbox(ctx, chen, cases.Filter{Region: "nonsense"}); err == nil {
			t.Error("a region that is none")
		}
	})
}

func TestWhoHandlesACase(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		c, err := k.Handles(ctx, staff("zhou"), r.CaseID)
		k.ok(err)
		if c.ID != r.CaseID || c.Applicant == "罗小满" {
			t.Errorf("%+v", c)
		}
		for _, who := range []struct {
			name string
			id   string
		}{{"sun", r.CaseID}, {"zhou", "nothing"}} {
			_, err := k.Handles(ctx, staff(who.name), who.id)
			k.refused(err, "cases.not_found")
		}
		_, err = k.Handles(ctx, person, r.CaseID)
		k.refused(err, "cases.not_found")
	})
}
