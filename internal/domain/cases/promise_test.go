package cases_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/credit"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/clock"
)

// registered is people with numbers.
type registered struct{ *people }

func (p registered) PersonByNumber(ctx context.Context, _ string) (identity.Person, error) {
	return p.Person(ctx, "p1")
}

// eachPromise runs on both engines with the real list of discredited persons.
func eachPromise(t *testing.T, f func(t *testing.T, k *kit, list *credit.Service)) {
	t.Helper()
	dbtest.Each(t, append(slices.Clone(rooms), credit.Schema), func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		list := credit.New(credit.Deps{DB: d, Vault: k.Vault, Audit: k.log, Papers: papers{}, Notices: notices{}, People: registered{k.ppl}, Offices: k.off, Now: k.now})
		k.Credits = list
		f(t, k, list)
	})
}

// promiseItem is the food licence that may be promised instead of proved by the plan; quiet's flow, in which nobody has to go anywhere.
func (k *kit) promiseItem(c catalog.Commitment) {
	it := foodItem()
	c.Told, c.Promised, c.Consequence, c.Instead = []string{"布局应当符合要求"}, []string{"布局已经符合要求"}, "撤销许可并列入失信名单", []string{"plan"}
	it.Commitment, it.Flow = &c, "quiet"
	k.items.all["food"] = it
}

// promised makes an application with the promise, signed and sent.
func (k *kit) promised(a authz.Actor, key string) cases.Receipt {
	k.t.Helper()
	ctx := k.t.Context()
	d := k.promising(a, key)
	k.ok(k.Choose(ctx, a, d.ID, cases.Choices{Promise: true}))
	_, err := k.AskSignature(ctx, a, d.ID, "/back")
	k.ok(err)
	r, err := k.Submit(ctx, a, d.ID, d.Version)
	k.ok(err)
	return r
}

// promising is a draft without the plan.
func (k *kit) promising(a authz.Actor, key string) cases.Detail {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.CreateDraft(ctx, a, "food", key)
	k.ok(err)
	_, err = k.SaveDraft(ctx, a, d.ID, d.Version, answers)
	k.ok(err)
	_, err = k.UseLicence(ctx, a, d.ID, "biz", "register:business-licence")
	k.ok(err)
	d, err = k.Case(ctx, a, d.ID)
	k.ok(err)
	return d
}

func TestAPromiseIsChosenNeverAsked(t *testing.T) {
	eachPromise(t, func(t *testing.T, k *kit, _ *credit.Service) {
		ctx := t.Context()
		k.promiseItem(catalog.Commitment{AtOnce: true})
		d := k.filled(firm, "proof") // who proves neither promises nor signs
		r, err := k.Submit(ctx, firm, d.ID, d.Version)
		k.ok(err)
		if r.State != cases.Submitted {
			t.Errorf("proved: %s", r.State)
		}
		d = k.promising(firm, "c1")
		if d.Offer == nil || d.Offer.Promise == nil || d.Offer.Chosen.Promise || d.Offer.Barred != nil {
			t.Fatalf("offered: %+v", d.Offer)
		}
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		k.refused(err, "cases.not_ready")
		k.ok(k.Choose(ctx, firm, d.ID, cases.Choices{Promise: true}))
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		k.refused(err, "cases.sign_needed")
		sg, _, err := k.ToSign(ctx, firm, d.ID)
		k.ok(err)
		for _, want := range []string{"布局应当符合要求", "布局已经符合要求", "撤销许可并列入失信名单"} {
			if !strings.Contains(sg.Text, want) {
				t.Errorf("not shown to the signer: %s", want)
			}
		}
		k.ok(k.Choose(ctx, firm, d.ID, cases.Choices{}))
		if _, needed, _ := k.ToSign(ctx, firm, d.ID); needed {
			t.Error("taken back, and still to be signed")
		}
		k.items.all["food"] = foodItem()
		k.refused(k.Choose(ctx, firm, d.ID, cases.Choices{Promise: true}), "cases.no_promise")
	})
}

func TestAPromiseIsGrantedAtOnceAndCheckedAfterwards(t *testing.T) {
	eachPromise(t, func(t *testing.T, k *kit, list *credit.Service) {
		ctx := t.Context()
		k.promiseItem(catalog.Commitment{AtOnce: true, Check: catalog.Limit{N: 20, Unit: clock.Workday}})
		r := k.promised(firm, "c1")
		if r.State != cases.Certified || r.Outcome != cases.Grant || k.told("paper", "grant") != 1 {
			t.Fatalf("not granted at once: %+v", r)
		}
		d, err := k.Case(ctx, staff("zhou"), r.CaseID)
		k.ok(err)
		i := slices.IndexFunc(d.Tasks, func(x cases.Task) bool { return x.Kind == cases.TaskCheck })
		if i < 0 || d.Tasks[i].Post != "review" || !d.Tasks[i].Mine || !slices.Contains(d.May, cases.ActFollow) {
			t.Fatalf("no check: %+v %v", d.Tasks, d.May)
		}
		wantDue(t, d.Tasks[i].Due, "2026-03-30 23:59:59")
		_, err = k.Deliver(ctx, firm, r.CaseID, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		p, err := k.Inbox(ctx, staff("zhou"), cases.Filter{Tab: cases.TabTodo})
		k.ok(err)
		if len(p.Cases) != 1 || p.Cases[0].State != cases.Concluded {
			t.Errorf("the check of a concluded case is in nobody's inbox: %+v", p.Cases)
		}
		check := func(by string, in cases.FollowUp) error {
			_, err := k.FollowUp(ctx, staff(by), r.CaseID, k.v(r.CaseID), in)
			return err
		}
		k.refused(check("wang", cases.FollowUp{Result: cases.CheckTrue, Reason: "属实"}), "cases.not_your_part")
		k.refused(check("zhou", cases.FollowUp{Result: "fine", Reason: "属实"}), "cases.incomplete")
		k.refused(check("zhou", cases.FollowUp{Result: cases.CheckFalse, Reason: "不符"}), "cases.incomplete") // without a basis
		k.refused(check("zhou", cases.FollowUp{Result: cases.CheckMended, Reason: "改好了"}), "cases.mend_first")
		k.ok(check("zhou", cases.FollowUp{Result: cases.CheckMend, Reason: "通道堵塞", N: 5, Unit: clock.Workday}))
		k.refused(check("zhou", cases.FollowUp{Result: cases.CheckMend, Reason: "再改", N: 5, Unit: clock.Workday}), "cases.mend_once")
		d, err = k.Case(ctx, staff("zhou"), r.CaseID)
		k.ok(err)
		wantDue(t, d.Tasks[i].Due, "2026-03-09 23:59:59")
		k.ok(check("zhou", cases.FollowUp{Result: cases.CheckMended, Reason: "已经疏通"}))
		k.refused(check("zhou", cases.FollowUp{Result: cases.CheckTrue, Reason: "属实"}), "cases.nothing_to_check")
		if bar, err := list.Bar(ctx, d.Subject()); err != nil || bar != nil {
			t.Errorf("mended in time, and barred: %+v %v", bar, err)
		}
		own, err := k.Case(ctx, firm, r.CaseID)
		k.ok(err)
		if len(own.Checks) != 2 || own.Checks[1].Result != cases.CheckMended {
			t.Errorf("the applicant reads %+v", own.Checks)
		}
		k.replays()
	})
}

func TestAFalsePromise(t *testing.T) {
	eachPromise(t, func(t *testing.T, k *kit, list *credit.Service) {
		ctx := t.Context()
		k.promiseItem(catalog.Commitment{AtOnce: true})
		r := k.promised(firm, "c1")
		false1 := cases.FollowUp{Result: cases.CheckFalse, Reason: "现场没有独立操作间", Basis: "食品经营许可管理办法"}
		v := k.v(r.CaseID)
		_, err := k.FollowUp(ctx, staff("zhou"), r.CaseID, v, false1)
		k.ok(err)
		_, err = k.FollowUp(ctx, staff("zhou"), r.CaseID, v, false1) // the same click again
		k.ok(err)
		if k.told("paper", "revoke") != 1 || k.told("paper", "credit") != 1 || k.told("notice", "case.promise_false") != 1 || k.told("notice", "credit.entered") != 1 {
			t.Error("papers or messages are missing")
		}
		if k.events("cases.promise_broken") != 1 || k.events("credit.entered") != 1 {
			t.Error("nobody was told")
		}
		d := k.promising(firm, "c2")
		k.refused(d.Offer.Barred, "cases.may_not_promise")
		k.refused(k.Choose(ctx, firm, d.ID, cases.Choices{Promise: true}), "cases.may_not_promise")
		k.upload(firm, d.ID, "plan", "u2")
		_, err = k.Submit(ctx, firm, d.ID, d.Version) // proving stays open
		k.ok(err)
		mine, err := list.Mine(ctx, firm)
		k.ok(err)
		if len(mine) != 1 || mine[0].Ground != credit.FalsePromise || mine[0].CaseID != r.CaseID || mine[0].PaperID == "" {
			t.Fatalf("%+v", mine)
		}
		k.ok(list.AskRepair(ctx, firm, mine[0].ID, "已经增设独立操作间并通过复查"))
		desk := staff("zhou")
		desk.AgencyID = "market"
		k.ok(list.DecideRepair(ctx, desk, mine[0].ID, true, "复查合格，准予修复"))
		if again := k.promised(firm, "c3"); again.State != cases.Certified {
			t.Errorf("repaired, and not granted: %s", again.State)
		}
		k.replays()
	})
}

func TestWhoIsEnteredBetweenChoosingAndSendingMayNotSend(t *testing.T) {
	eachPromise(t, func(t *testing.T, k *kit, list *credit.Service) {
		ctx := t.Context()
		k.promiseItem(catalog.Commitment{AtOnce: true})
		d := k.promising(firm, "c1")
		k.ok(k.Choose(ctx, firm, d.ID, cases.Choices{Promise: true}))
		_, err := k.AskSignature(ctx, firm, d.ID, "/back")
		k.ok(err)
		k.ok(k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := list.EnterTx(ctx, tx, k.now(), credit.Decision{Kind: credit.Firm, Name: "清澜小满餐饮店", Number: "CREDIT-F1", Ground: credit.Serious, Reason: "严重失信", CaseNo: "1"})
			return err
		}))
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		k.refused(err, "cases.not_ready")
		k.Credits = nil // nobody can say
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		k.refused(err, "cases.not_ready")
	})
}

func TestAPromiseThatIsNotGrantedAtOnceIsReviewedAndChecked(t *testing.T) {
	eachPromise(t, func(t *testing.T, k *kit, _ *credit.Service) {
		ctx := t.Context()
		k.promiseItem(catalog.Commitment{})
		r := k.promised(firm, "c1")
		if r.State != cases.Submitted {
			t.Fatalf("granted: %s", r.State)
		}
		k.promiseItem(catalog.Commitment{AtOnce: true})
		it := k.items.all["food"]
		it.Flow = "food" // an inspection by two lies before the decision: no program passes it
		k.items.all["food"] = it
		if r := k.promised(firm, "c2"); r.State != cases.Submitted {
			t.Errorf("an inspection was passed: %s", r.State)
		}
		k.promiseItem(catalog.Commitment{})
		_, err := k.Accept(ctx, staff("zhou"), r.CaseID, k.v(r.CaseID))
		k.ok(err)
		_, err = k.Opinion(ctx, staff("zhou"), r.CaseID, k.v(r.CaseID), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
		k.ok(err)
		k.ok(k.decideFood(r.CaseID))
		if n := dbtest.Count(t, k.d, "cases_task", "case_id = $1 AND kind = 'check' AND closed_ms = 0", r.CaseID); n != 1 {
			t.Errorf("%d checks", n)
		}
	})
}

func TestAPromiseToSupplyThatIsNotKeptIsEnteredOnlyWhereTheItemSaysSo(t *testing.T) {
	for _, says := range []bool{false, true} {
		eachPromise(t, func(t *testing.T, k *kit, list *credit.Service) {
			ctx := t.Context()
			want := 0
			if says {
				want = 1
			}
			k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}, Credit: says})
			id := k.owingAccepted("c1")
			k.set("2026-03-10 09:00")
			k.drain()
			_, err := k.Terminate(ctx, staff("wang"), id, k.v(id), cases.Ending{Ground: "not_supplied", Reason: "一直没有补交"})
			k.ok(err)
			mine, err := list.Mine(ctx, firm)
			k.ok(err)
			if len(mine) != want || k.told("paper", "credit") != want {
				t.Errorf("terminated: %d entries, want %d", len(mine), want)
			}
			// After the result nothing can be terminated: the promise is found broken.
			k.laterItem(catalog.Later{Within: catalog.Limit{N: 5, Unit: clock.Workday}, Credit: says, AfterResult: true})
			id = k.owingAccepted("c2")
			k.reviewed(id)
			k.ok(k.decideFood(id))
			k.set("2026-03-18 09:00")
			k.drain()
			_, err = k.FollowUp(ctx, staff("wang"), id, k.v(id), cases.FollowUp{Result: cases.CheckTrue, Reason: "x"})
			k.refused(err, "cases.incomplete")
			_, err = k.FollowUp(ctx, staff("wang"), id, k.v(id), cases.FollowUp{Result: cases.CheckFalse, Reason: "一直没有补交", Basis: "本市容缺受理办法"})
			k.ok(err)
			if mine, err = list.Mine(ctx, firm); err != nil || len(mine) != 2*want {
				t.Errorf("found broken: %d entries, want %d; %v", len(mine), 2*want, err)
			}
			if h, err := k.Head(ctx, id); err != nil || !h.Clock.LaterDue.IsZero() || k.told("paper", "revoke") != 1 {
				t.Errorf("%+v %v", h.Clock, err)
			}
			k.replays()
		})
	}
}
