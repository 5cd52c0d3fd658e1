package cases_test

import (
	"bytes"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/form"
)

// TestTheLifeOfAFoodLicence walks the whole way: correction, resubmission, inspection by two, a decision by somebody else, certificate, delivery.
func TestTheLifeOfAFoodLicence(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(firm, "c1")
		if r.CaseNo != code33+"20260302"+"0001" || len(r.QueryCode) != 8 {
			t.Fatalf("receipt %+v", r)
		}
		wantDue(t, r.Clock.LegalDue, "2026-03-09 23:59:59") // five working days
		c, err := k.Receive(ctx, staff("chen"), r.CaseID, r.Version)
		k.ok(err)
		if c.State != cases.Received || c.Step != "accept" || c.Post != "review" {
			t.Errorf("received: %+v", c)
		}
		k.set("2026-03-03 10:00")
		c, err = k.RequestCorrection(ctx, staff("zhou"), c.ID, c.Version, []cases.Defect{{Kind: cases.OnField, Key: "area", Text: "面积与布局图不一致"}, {Kind: cases.OnMaterial, Key: "plan", Text: "缺少比例尺"}})
		k.ok(err)
		if c.State != cases.Correction || !c.Clock.LegalDue.IsZero() || c.Applicant != "清澜小满餐饮店" {
			t.Errorf("correction: %+v", c)
		}

		d, err := k.Case(ctx, firm, c.ID)
		k.ok(err)
		if len(d.Corrections) != 1 || d.Corrections[0].Defects[1].Label != "布局图" || d.Progress.WaitFor != cases.WaitYou {
			t.Fatalf("what the applicant sees: %+v", d.Corrections)
		}
		p := answers
		p.Form = form.Answers{"address": "清江区滨河路18号", "area": "90", "fee": "1000.50"}
		v, err := k.SaveDraft(ctx, firm, c.ID, c.Version, p)
		k.ok(err)
		old := d.Slots[0].Files[0]
		k.ok(k.RemoveMaterial(ctx, firm, c.ID, old.ID))
		k.upload(firm, c.ID, "plan", "u2")
		if d, err = k.Case(ctx, staff("zhou"), c.ID); err != nil || d.Review[0].Rows[2].Value != "86" || len(d.Slots[0].Files) != 1 || d.Slots[0].Files[0].ID != old.ID {
			t.Errorf("the officer sees what is not handed in yet: %+v %v", d.Slots, err)
		}
		k.set("2026-03-05 09:00")
		c, err = k.Resubmit(ctx, firm, c.ID, v)
		k.ok(err)
		wantDue(t, c.Clock.LegalDue, "2026-03-12 23:59:59") // five days again
		d, err = k.Case(ctx, staff("zhou"), c.ID)
		k.ok(err)
		if len(d.Changes) != 1 || d.Changes[0].Old != "86" || d.Changes[0].New != "90" || len(d.FileChanges) != 2 || !d.Corrections[0].Defects[0].Cured {
			t.Errorf("differences: %+v %+v %+v", d.Changes, d.FileChanges, d.Corrections)
		}
		if d.Answers != nil || d.QueryCode != "" || d.Contact.Phone != "138****5678" {
			t.Errorf("not masked for staff: %+v", d.Contact)
		}

		c, err = k.Accept(ctx, staff("zhou"), c.ID, c.Version)
		k.ok(err)
		wantDue(t, c.Clock.LegalDue, "2026-03-19 23:59:59")
		wantDue(t, c.Clock.PromisedDue, "2026-03-17 23:59:59")
		wantDue(t, c.Clock.StepDue, "2026-03-09 23:59:59")
		c, err = k.Opinion(ctx, staff("zhou"), c.ID, c.Version, cases.Opinion{Outcome: cases.OpinionPass, Text: "材料齐全"})
		k.ok(err)
		if c.State != cases.Reviewing || c.Step != "inspect" {
			t.Errorf("after the review: %+v", c)
		}
		photo, err := k.AttachPhoto(ctx, staff("zhou"), c.ID, cases.Upload{ClientKey: "ph", Name: "现场.png", Body: bytes.NewReader(png)})
		k.ok(err)
		in := cases.Inspection{Officers: []string{"zhou"}, Results: map[string]cases.CheckResult{"water": {Pass: true}}, Photos: []string{photo.ID}, Conclusion: "符合"}
		_, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, in)
		k.refused(err, "flow.too_few_officers")
		in.Officers = []string{"zhou", "wang"}
		_, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, in)
		k.refused(err, "cases.inspector_right")
		in.Officers = []string{"zhou", "zhou"}
		_, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, in)
		k.refused(err, "cases.inspectors_differ")
		in.Officers, in.Results = []string{"zhou", "li"}, nil
		_, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, in)
		k.refused(err, "cases.incomplete")
		in.Results = map[string]cases.CheckResult{"water": {Pass: true}, "light": {Pass: false, Note: "偏暗"}}
		c, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, in)
		k.ok(err)

		_, err = k.Decide(ctx, staff("zhou"), c.ID, c.Version, cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.no_right")
		k.off.staff["zhou"] = func() (s orgStaff) { s = k.off.staff["zhou"]; s.Posts = []string{"review", "decide"}; return s }()
		_, err = k.Decide(ctx, staff("zhou"), c.ID, c.Version, cases.Decision{Outcome: cases.Grant})
		k.refused(err, "flow.same_officer")
		c, err = k.Decide(ctx, staff("wang"), c.ID, c.Version, cases.Decision{Outcome: cases.Grant, Conditions: "按核定场所经营"})
		k.ok(err)
		if c.State != cases.Certified || c.Outcome != cases.Grant || c.LicenceID != "lic-"+c.ID || c.Step != "deliver" {
			t.Errorf("decided: %+v", c)
		}
		c, err = k.Deliver(ctx, firm, c.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		_, err = k.Deliver(ctx, firm, c.ID, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		if c.State != cases.Concluded || c.Clock.Phase != cases.PhaseEnded {
			t.Errorf("delivered: %+v", c)
		}
		for act, n := range map[string]int{"receipt": 1, "correction": 1, "accept": 1, "inspection": 1, "grant": 1, "delivery": 1, "refuse": 0} {
			if got := k.told("paper", act); got != n {
				t.Errorf("%d papers %s, want %d", got, act, n)
			}
		}
		for _, topic := range []string{"submitted", "received", "correction_requested", "resubmitted", "accepted", "decided", "certified", "delivered", "concluded"} {
			if n := k.events("cases." + topic); n != 1 {
				t.Errorf("%d events %s", n, topic)
			}
		}
		if n := k.told("licence", "food-business"); n != 1 {
			t.Errorf("%d licences", n)
		}
		k.replays()
		k.set("2026-04-20 10:00")
		k.ok(k.Schedule(ctx))
		k.drain()
		if h, _ := k.Head(ctx, c.ID); h.State != cases.Archived {
			t.Errorf("after thirty days: %s", h.State)
		}
	})
}

func TestARefusalIsReasonedAndDelivered(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		c, err := k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
		k.ok(err)
		c, err = k.Opinion(ctx, staff("zhou"), c.ID, c.Version, cases.Opinion{Outcome: cases.OpinionPass})
		k.ok(err)
		c, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, cases.Inspection{
			Officers: []string{"zhou", "li"},
			Results:  map[string]cases.CheckResult{"water": {Note: "无下水"}}, Conclusion: "不符合",
		})
		k.ok(err)
		_, err = k.Decide(ctx, staff("wang"), c.ID, c.Version, cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.inspection_failed")
		_, err = k.Decide(ctx, staff("wang"), c.ID, c.Version, cases.Decision{Outcome: cases.Refuse, Reason: "用水不符合要求"})
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != "basis" {
			t.Errorf("a refusal without basis: %v", err)
		}
		c, err = k.Decide(ctx, staff("wang"), c.ID, c.Version, cases.Decision{Outcome: cases.Refuse, Reason: "用水不符合要求", Basis: "食品安全法第三十三条"})
		k.ok(err)
		if c.State != cases.Decided || c.LicenceID != "" || c.Step != "deliver" || k.told("paper", "refuse") != 1 || k.told("licence", "food-business") != 0 {
			t.Errorf("refused: %+v", c)
		}
		if c, err = k.Deliver(ctx, staff("chen"), c.ID, c.Version, cases.Delivery{How: cases.DeliverWindow, To: "罗小满"}); err != nil || c.State != cases.Concluded {
			t.Errorf("delivered: %+v %v", c, err)
		}
		_, err = k.Withdraw(ctx, person, c.ID, c.Version)
		k.refused(err, "cases.not_now")
		if n := dbtest.Count(t, k.d, "cases_visit", "purpose = 'deliver'"); n != 1 || k.told("proof", paper.HandedOut) != 2 {
			t.Errorf("%d visits, %d proofs", n, k.told("proof", paper.HandedOut))
		}
		k.replays()
	})
}

func TestRefusingToAccept(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		_, err := k.RefuseAcceptance(ctx, staff("zhou"), r.CaseID, r.Version, cases.Refusal{Ground: cases.GroundWrongAgency, Reason: "属卫生健康部门"})
		if e := errs.As(err); e == nil || e.Fields[0].Path != "right_authority" {
			t.Errorf("without the right authority: %v", err)
		}
		_, err = k.RefuseAcceptance(ctx, staff("zhou"), r.CaseID, r.Version, cases.Refusal{Ground: cases.GroundNotCured, Reason: "x"})
		k.refused(err, "cases.no_correction_yet")
		c, err := k.RefuseAcceptance(ctx, staff("zhou"), r.CaseID, r.Version, cases.Refusal{Ground: cases.GroundWrongAgency, Reason: "属卫生健康部门", RightAuthority: "清江区卫生健康局"})
		k.ok(err)
		d, err := k.Case(ctx, person, c.ID)
		k.ok(err)
		if c.State != cases.Refused || d.Refusal == nil || d.Refusal.RightAuthority != "清江区卫生健康局" || k.told("paper", "refuse_acceptance") != 1 {
			t.Errorf("%+v %+v", c, d.Refusal)
		}
		k.replays()
	})
}

func TestASecondNoticeMayOnlyRepeat(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		area := cases.Defect{Kind: cases.OnField, Key: "area", Text: "不一致"}
		c, err := k.RequestCorrection(ctx, staff("zhou"), r.CaseID, r.Version, []cases.Defect{area})
		k.ok(err)
		p := answers
		p.Form = form.Answers{"address": "清江区滨河路20号", "area": "86", "fee": "1000.50"} // not what was asked, but something else
		v, err := k.SaveDraft(ctx, person, c.ID, c.Version, p)
		k.ok(err)
		c, err = k.Resubmit(ctx, person, c.ID, v)
		k.ok(err)
		_, err = k.RequestCorrection(ctx, staff("zhou"), c.ID, c.Version, []cases.Defect{area, {Kind: cases.OnMaterial, Key: "plan", Text: "想起来了"}})
		k.refused(err, "cases.correction_twice")
		if n := k.events("cases.correction_twice"); n != 1 || k.v(c.ID) != c.Version {
			t.Errorf("%d supervision events", n)
		}
		c, err = k.RequestCorrection(ctx, staff("zhou"), c.ID, c.Version, []cases.Defect{area, {Kind: cases.OnField, Key: "address", Text: "门牌号不对"}})
		k.ok(err)
		if c.State != cases.Correction || k.told("paper", "correction") != 2 {
			t.Errorf("repeating what was listed: %+v", c)
		}
	})
}

func TestWithdraw(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		r := k.submitted(person, "c1")
		_, err := k.Withdraw(t.Context(), stranger, r.CaseID, r.Version)
		k.refused(err, "cases.not_found")
		c, err := k.Withdraw(t.Context(), person, r.CaseID, r.Version)
		k.ok(err)
		if c.State != cases.Withdrawn || c.Clock.Phase != cases.PhaseEnded {
			t.Errorf("%+v", c)
		}
		k.set("2026-03-20 10:00")
		k.drain() // the timers of an application that is gone do nothing
		if h, _ := k.Head(t.Context(), c.ID); h.State != cases.Withdrawn || k.events("cases.deemed_accepted") != 0 || k.events("cases.due_passed") != 0 {
			t.Errorf("%+v", h)
		}
	})
}
