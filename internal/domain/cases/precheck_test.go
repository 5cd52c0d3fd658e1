package cases_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/domain/cases"
)

// prechecked makes the food licence an item that drafts may be looked over for, and a filled draft of it.
func (k *kit) prechecked(key string) cases.Detail {
	k.t.Helper()
	it := k.items.all["food"]
	it.PreReview = true
	k.items.all["food"] = it
	return k.filled(firm, key)
}

func TestAPreReviewIsAdviceAndNoApplication(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d := k.prechecked("c1")
		if !slices.Contains(d.May, cases.ActAskPrecheck) {
			t.Fatal("the draft does not offer a pre-review")
		}
		_, err := k.AskPrecheck(ctx, firm, d.ID, d.Version, strings.Repeat("问", 501))
		k.refused(err, "cases.incomplete")
		c, err := k.AskPrecheck(ctx, firm, d.ID, d.Version, " 布局图行吗？ ")
		k.ok(err)
		if c.State != cases.Prechecking || c.CaseNo != "" || c.Clock.Phase != cases.PhaseNone || !c.Clock.LegalDue.IsZero() || !c.Submitted.IsZero() {
			t.Errorf("asked: %+v", c)
		}
		again, err := k.AskPrecheck(ctx, firm, d.ID, d.Version, "布局图行吗？") // a click that came twice
		k.ok(err)
		if again.Version != c.Version || k.events("cases.pre_review_asked") != 1 {
			t.Errorf("asked twice: %d, %d", again.Version, c.Version)
		}
		_, err = k.SaveDraft(ctx, firm, d.ID, c.Version, cases.Patch{Contact: cases.Contact{Name: "别人", Phone: "13812345678"}, Form: answers.Form})
		k.refused(err, "cases.not_now") // it lies with the agency
		_, err = k.Accept(ctx, staff("zhou"), d.ID, c.Version)
		k.refused(err, "cases.not_now")

		// The accepting post finds it in the inbox; nobody else, and no supervisor counts it.
		for id, want := range map[string]int{"zhou": 1, "wang": 0, "chen": 0} {
			p, err := k.Inbox(ctx, staff(id), cases.Filter{Tab: cases.TabTodo})
			k.ok(err)
			if len(p.Cases) != want {
				t.Errorf("inbox of %s: %d", id, len(p.Cases))
			}
		}
		if p, err := k.RegionCases(ctx, overseer, cases.Filter{}); err != nil || len(p.Cases) != 0 {
			t.Errorf("a draft among the region's cases: %+v %v", p.Cases, err)
		}
		seen, err := k.Case(ctx, staff("zhou"), d.ID)
		k.ok(err)
		if !slices.Contains(seen.May, cases.ActAnswerPrecheck) || seen.Prechecks[0].Note != "布局图行吗？" || seen.Contact.Phone != "138****5678" || len(seen.Slots[0].Files) != 1 {
			t.Errorf("the officer sees: %+v %+v", seen.May, seen.Prechecks)
		}
		if v, err := k.Reveal(ctx, staff("zhou"), d.ID, "form.address", "核对"); err != nil || v != "清江区滨河路18号" {
			t.Errorf("revealed %q, %v", v, err)
		}

		advice := cases.Precheck{Advice: "补一下比例尺。", Defects: []cases.Defect{{Kind: cases.OnMaterial, Key: "plan", Text: "缺比例尺"}, {Kind: cases.OnField, Key: "area", Text: "按使用面积填"}}}
		for name, bad := range map[string]cases.Precheck{
			"says nothing":          {},
			"contradicts itself":    {Ready: true, Defects: advice.Defects},
			"a place that is not":   {Defects: []cases.Defect{{Kind: cases.OnMaterial, Key: "passport", Text: "要护照"}}},
			"a defect with no word": {Defects: []cases.Defect{{Kind: cases.OnField, Key: "area"}}},
			"a novel":               {Advice: strings.Repeat("长", 2001)},
		} {
			if _, err := k.AnswerPrecheck(ctx, staff("zhou"), d.ID, c.Version, bad); err == nil {
				t.Errorf("advice that %s was taken", name)
			}
		}
		_, err = k.AnswerPrecheck(ctx, staff("wang"), d.ID, c.Version, advice)
		k.refused(err, "cases.no_right")
		_, err = k.TakeBackPrecheck(ctx, staff("zhou"), d.ID, c.Version)
		k.refused(err, "cases.only_applicant")
		c, err = k.AnswerPrecheck(ctx, staff("zhou"), d.ID, c.Version, advice)
		k.ok(err)
		if c.State != cases.Draft || k.told("notice", "case.pre_review_missing") != 1 || k.told("paper", "correction") != 0 || k.events("cases.pre_review_answered") != 1 {
			t.Errorf("answered: %+v", c)
		}
		if _, err := k.Case(ctx, staff("zhou"), d.ID); err == nil {
			t.Error("the officer still sees a draft")
		}
		if n := dbtest.Count(t, k.d, "cases_task", "closed_ms = 0"); n != 0 {
			t.Errorf("%d pieces of work left", n)
		}

		// Whatever was said, it can be sent at once, and the law's days count from that.
		mine, err := k.Case(ctx, firm, d.ID)
		k.ok(err)
		if p := mine.Prechecks[0]; p.Ready || p.By != "staff:zhou" || p.Defects[0].Label != "布局图" || p.Asked.IsZero() || p.At.IsZero() {
			t.Errorf("the applicant reads: %+v", mine.Prechecks)
		}
		k.set("2026-03-04 10:00")
		r, err := k.Submit(ctx, firm, d.ID, mine.Version)
		k.ok(err)
		wantDue(t, r.Clock.LegalDue, "2026-03-11 23:59:59")
		if seen, err = k.Case(ctx, staff("zhou"), d.ID); err != nil || len(seen.Prechecks) != 1 {
			t.Errorf("the advice is lost: %v", err)
		}
		k.replays()
	})
}

func TestAPreReviewIsTakenBackOrNotOffered(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		plain := k.filled(firm, "c0")
		_, err := k.AskPrecheck(ctx, firm, plain.ID, plain.Version, "")
		k.refused(err, "cases.no_precheck")
		if slices.Contains(plain.May, cases.ActAskPrecheck) {
			t.Error("offered where the item has none")
		}
		d := k.prechecked("c1")
		_, err = k.AskPrecheck(ctx, stranger, d.ID, d.Version, "")
		k.refused(err, "cases.not_found")
		c, err := k.AskPrecheck(ctx, firm, d.ID, d.Version, "")
		k.ok(err)
		c, err = k.TakeBackPrecheck(ctx, firm, d.ID, c.Version)
		k.ok(err)
		if c.State != cases.Draft || k.events("cases.pre_review_taken_back") != 1 {
			t.Errorf("taken back: %+v", c)
		}
		_, err = k.AnswerPrecheck(ctx, staff("zhou"), d.ID, c.Version, cases.Precheck{Ready: true})
		k.refused(err, "cases.not_found") // it is a draft again
		c, err = k.AskPrecheck(ctx, firm, d.ID, c.Version, "")
		k.ok(err)
		c, err = k.AnswerPrecheck(ctx, staff("zhou"), d.ID, c.Version, cases.Precheck{Ready: true})
		k.ok(err)
		got, err := k.Case(ctx, firm, d.ID)
		k.ok(err)
		if len(got.Prechecks) != 2 || !got.Prechecks[0].At.IsZero() || !got.Prechecks[1].Ready || k.told("notice", "case.pre_review_ready") != 1 {
			t.Errorf("both requests: %+v", got.Prechecks)
		}
		k.ok(k.DiscardDraft(ctx, firm, d.ID))
		if n := dbtest.Count(t, k.d, "cases_opinion", "case_id = $1", c.ID) + dbtest.Count(t, k.d, "cases_task", "case_id = $1", c.ID); n != 0 {
			t.Errorf("%d rows of a deleted draft left", n)
		}
	})
}
