package cases_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/form"
)

const licenceYAML = `key: food-business
code: 11580000MB0D119080001
name: 食品经营许可证
definer: 澜州省市场监督管理局（虚构）
holder: firm
number: "JY{region}{seq:6}"
fields:
  - {key: holder_name, label: 经营者名称, from: applicant.name}
  - {key: address, label: 经营场所, from: form.address}
  - {key: kind, label: 主体业态, from: scenario.kind}
  - {key: number, label: 许可证编号, from: licence.number}
validity: {months: 3}
exclusive: true
issued_here: true
trust: A
layout:
  title: 食品经营许可证
  paper: A4L
  blocks:
    - {kind: field, text: "{{holder_name}} {{address}} {{kind}} {{number}} {{valid_from}} {{valid_until}} {{agency}} {{licence_id}} {{name}}", x: 20, y: 20, w: 200, h: 12}
    - {kind: seal, x: 200, y: 100, w: 42}
    - {kind: qr, qr: "{{verify_url}}", x: 20, y: 100, w: 30}
`

// library is the real room of licences, with the posts and items that act on what it issued.
func (k *kit) library() *licence.Service {
	t, ctx := k.t, k.t.Context()
	ring, err := paper.NewKeyring(filepath.Join(t.TempDir(), "keys"))
	k.ok(err)
	k.ok(ring.EnsureCA("测试根", k.now(), true))
	blobs, err := blob.Open(t.TempDir(), k.Vault)
	k.ok(err)
	l := licence.New(licence.Deps{DB: k.d, Vault: k.Vault, Blobs: blobs, Audit: k.log, Keys: ring, Now: k.now, Log: slog.New(slog.DiscardHandler), PublicURL: "https://gov.example"})
	k.ok(k.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return l.LoadTx(ctx, tx, k.now(), []packfile.File{{Pack: "t", Path: "licence-types/food.yaml", Data: []byte(licenceYAML)}})
	}))
	k.Licences = l
	for key, p := range k.off.posts {
		if p.Agency == "market" {
			p.Items = []string{"*"}
			k.off.posts[key] = p
		}
	}
	k.off.posts["head"] = org.Post{Key: "head", Agency: "market", Acts: []string{org.Revoke}, Items: []string{"*"}}
	k.off.staff["jia"] = org.Staff{ID: "jia", Name: "局长", Posts: []string{"head"}}
	food := foodItem()
	food.Flow, food.Materials = "quiet", nil
	k.items.all["food"] = food
	for act, result := range map[string]catalog.Result{catalog.LicenceChange: food.Result, catalog.LicenceRenew: food.Result, catalog.LicenceCancel: {Kind: "none"}} {
		it := food
		it.Key, it.Name, it.Result = "food-"+act, "食品经营许可（"+act+"）", result
		it.OnLicence = &catalog.OnLicence{Type: "food-business", Act: act}
		k.items.all[it.Key] = it
	}
	return l
}

func eachLibrary(t *testing.T, f func(t *testing.T, k *kit, l *licence.Service)) {
	t.Helper()
	dbtest.Each(t, append(slices.Clone(rooms), licence.Schema), func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.off.agencyCode = "11580102MB0K731283"
		f(t, k, k.library())
	})
}

// sent sends an application; licence names the one it acts on, "" the only one.
func (k *kit) sent(item, key string, p cases.Patch) string {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.CreateDraft(ctx, firm, item, key)
	k.ok(err)
	if p.Form == nil {
		p.Form = d.Answers
	}
	p.Scenario, p.Contact = answers.Scenario, answers.Contact
	_, err = k.SaveDraft(ctx, firm, d.ID, d.Version, p)
	k.ok(err)
	_, err = k.Submit(ctx, firm, d.ID, k.v(d.ID))
	k.ok(err)
	return d.ID
}

// through brings an application to its decision, and grants it.
func (k *kit) granted(id string) {
	k.t.Helper()
	ctx := k.t.Context()
	_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
	k.ok(err)
	_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
	k.ok(err)
	k.ok(k.decideFood(id))
}

func (k *kit) licenceOf(l *licence.Service, id string) licence.Licence {
	k.t.Helper()
	c, err := k.Head(k.t.Context(), id)
	k.ok(err)
	out, err := l.Get(k.t.Context(), c.LicenceID)
	k.ok(err)
	return out
}

func TestALicenceIsChangedRenewedAndGivenUpByItsHolder(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		d, err := k.CreateDraft(ctx, firm, "food-change", "none")
		k.ok(err)
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		k.refused(err, "cases.not_ready")
		k.refused(k.ChooseLicence(ctx, firm, d.ID, "unknown"), "cases.no_such_licence")
		k.ok(k.DiscardDraft(ctx, firm, d.ID))
		first := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		k.granted(first)
		old := k.licenceOf(l, first)

		d, err = k.CreateDraft(ctx, firm, "food-change", "c2")
		k.ok(err)
		if d.Answers["address"] != answers.Form["address"] || d.After.ActsOn == nil || d.After.ActsOn.ID != old.ID {
			t.Fatalf("not prefilled: %v %+v", d.Answers, d.After.ActsOn)
		}
		if src, _ := d.Answers[form.SourceKey].(map[string]any); src["address"] != "cases.source_held" {
			t.Errorf("no source: %v", src)
		}
		k.ok(k.DiscardDraft(ctx, firm, d.ID))
		second := k.sent("food-change", "c3", cases.Patch{Form: form.Answers{"address": "清江区滨河路20号", "area": "86"}})
		d, err = k.CreateDraft(ctx, firm, "food-change", "c4")
		k.ok(err)
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		if e := errs.As(err); e == nil || !slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Key == "cases.licence_under_way" }) {
			t.Errorf("asked for twice: %v", err)
		}
		k.granted(second)
		now := k.licenceOf(l, second)
		if v, err := l.VerifyIdentifier(ctx, old.Identifier); err != nil || v.State != licence.Superseded || v.Next != now.Identifier {
			t.Errorf("the old one is %+v %v", v, err)
		}
		if now.Number != old.Number || now.ValidUntil != old.ValidUntil || now.Fields["address"] != "清江区滨河路20号" || now.Previous != old.ID {
			t.Errorf("changed to %+v", now)
		}

		k.set("2026-04-20 10:00")
		third := k.sent("food-renew", "c5", cases.Patch{})
		k.granted(third)
		if r := k.licenceOf(l, third); r.ValidUntil != "2026-09-01" || r.Fields["address"] != "清江区滨河路20号" || r.Number != old.Number {
			t.Errorf("renewed %+v", r)
		}
		fourth := k.sent("food-cancel", "c6", cases.Patch{})
		k.granted(fourth)
		if v, err := l.VerifyIdentifier(ctx, k.licenceOf(l, third).Identifier); err != nil || v.State != licence.Cancelled {
			t.Errorf("given up, and %+v %v", v, err)
		}
		cs, err := l.Changes(ctx, k.licenceOf(l, third).ID)
		if err != nil || cs[len(cs)-1].Ground != "asked" || cs[len(cs)-1].CaseID != fourth || cs[len(cs)-1].PaperID == "" {
			t.Errorf("%+v %v", cs, err)
		}
		if got, err := k.Case(ctx, firm, first); err != nil || got.After.Licence == nil || got.After.Licence.State != "cancelled" {
			t.Errorf("the first case shows %+v %v", got.After.Licence, err)
		}
		k.replays()
	})
}

func TestARenewalAskedForTooLate(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, _ *licence.Service) {
		ctx := t.Context()
		k.granted(k.sent("food", "c1", cases.Patch{Form: answers.Form})) // until 2026-06-01
		late := func(rule, at string) (bool, bool) {
			it := k.items.all["food-renew"]
			it.OnLicence = &catalog.OnLicence{Type: "food-business", Act: catalog.LicenceRenew, Late: rule, Deemed: "行政许可法第五十条"}
			k.items.all[it.Key] = it
			k.set(at)
			d, err := k.CreateDraft(ctx, firm, "food-renew", rule+at)
			k.ok(err)
			r, err := k.Ready(ctx, firm, d.ID)
			k.ok(err)
			return slices.ContainsFunc(r.Findings, func(f cases.Finding) bool { return f.Key == "cases.renewal_too_late" }),
				slices.ContainsFunc(r.Warns, func(w catalog.Warn) bool { return strings.Contains(w.Text, "2026-05-02") })
		}
		for _, c := range []struct {
			rule, at       string
			refuses, warns bool
		}{
			{catalog.LateRefuse, "2026-05-02 23:59", false, false},
			{catalog.LateRefuse, "2026-05-03 00:00", true, false},
			{"", "2026-05-02 23:59", false, false},
			{"", "2026-05-03 00:00", false, true},
		} {
			if refuses, warns := late(c.rule, c.at); refuses != c.refuses || warns != c.warns {
				t.Errorf("%+v: refuses %t, warns %t", c, refuses, warns)
			}
		}
	})
}

func TestSilenceRenewsAtMidnight(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		k.granted(k.sent("food", "c1", cases.Patch{Form: answers.Form}))
		it := k.items.all["food-renew"]
		it.OnLicence = &catalog.OnLicence{Type: "food-business", Act: catalog.LicenceRenew, Deemed: "《行政许可法》第五十条第二款"}
		k.items.all[it.Key] = it
		k.set("2026-04-28 10:00")
		id := k.sent("food-renew", "c2", cases.Patch{})
		_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		k.set("2026-06-01 23:59")
		k.drain()
		if h, _ := k.Head(ctx, id); h.State != cases.Reviewing && h.State != cases.Accepted {
			t.Fatalf("renewed before the end: %s", h.State)
		}
		k.set("2026-06-02 00:00")
		k.drain()
		d, err := k.Case(ctx, firm, id)
		k.ok(err)
		if d.State != cases.Certified || d.Outcome != cases.Grant || k.events("cases.deemed_renewed") != 1 || k.told("paper", "renewed") != 1 || k.told("notice", "case.deemed_renewed") != 1 {
			t.Fatalf("not renewed: %s %s", d.State, d.Outcome)
		}
		wantDue(t, d.Decided, "2026-06-01 23:59:59")
		n := k.licenceOf(l, id)
		if n.ValidUntil != "2026-09-01" || n.State != licence.Valid {
			t.Errorf("renewed to %s, %s", n.ValidUntil, n.State)
		}
		k.drain()
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Refuse, Reason: "x", Basis: "y"})
		k.refused(err, "cases.not_now")
		_, err = k.Deliver(ctx, firm, id, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		k.replays()
	})
}

func TestADecisionThatComesTooLateFindsItRenewed(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, _ *licence.Service) {
		ctx := t.Context()
		k.granted(k.sent("food", "c1", cases.Patch{Form: answers.Form}))
		it := k.items.all["food-renew"]
		it.OnLicence = &catalog.OnLicence{Type: "food-business", Act: catalog.LicenceRenew, Deemed: "行政许可法第五十条"}
		k.items.all[it.Key] = it
		k.set("2026-04-28 10:00")
		id := k.sent("food-renew", "c2", cases.Patch{})
		_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
		k.ok(err)
		_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "符合"})
		k.ok(err)
		k.set("2026-06-02 09:00") // the timer has not rung
		_, err = k.Decide(ctx, staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Refuse, Reason: "x", Basis: "y"})
		k.refused(err, "cases.not_now")
		if h, _ := k.Head(ctx, id); h.Outcome != cases.Grant {
			t.Errorf("decided against the law: %s %s", h.State, h.Outcome)
		}
	})
}

func TestTheFourKindsOfTakingBack(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx, head := t.Context(), staff("jia")
		id := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		revoke := func(who string, in cases.Revocation) error {
			_, err := k.Revoke(ctx, staff(who), id, k.v(id), in)
			return err
		}
		fraud := cases.Revocation{Kind: cases.TakeRevoke, Ground: "fraud", Reason: "布局图系伪造", Basis: "《行政许可法》第六十九条第二款", Heard: "没有提出陈述、申辩"}
		k.refused(revoke("jia", fraud), "cases.not_now") // nothing is granted yet
		k.granted(id)
		k.refused(revoke("wang", fraud), "cases.no_right")
		for name, in := range map[string]cases.Revocation{
			"no kind": {Ground: "fraud", Reason: "x", Basis: "y"}, "another kind's ground": {Kind: cases.TakeWithdraw, Ground: "fraud", Reason: "x", Basis: "y", Compensation: "z"},
			"no reason": {Kind: cases.TakeCancel, Ground: "other_law", Basis: "y"}, "no basis": {Kind: cases.TakeCancel, Ground: "other_law", Reason: "x"},
			"no compensation": {Kind: cases.TakeWithdraw, Ground: "law_changed", Reason: "x", Basis: "y"}, "no penalty": {Kind: cases.TakeForfeit, Ground: "penalty", Reason: "x", Basis: "y", Heard: "z"},
			"not heard": {Kind: cases.TakeRevoke, Ground: "fraud", Reason: "x", Basis: "y"},
		} {
			if err := revoke("jia", in); !errs.Is(err, "cases.incomplete") {
				t.Errorf("%s: %v", name, err)
			}
		}
		k.refused(revoke("jia", fraud), "cases.revoke_untold")
		for _, c := range []struct{ ground, what string }{{"dead", "a firm"}, {"expired", "in force"}, {"taken_back", "never taken back"}} {
			k.refused(revoke("jia", cases.Revocation{Kind: cases.TakeCancel, Ground: c.ground, Reason: c.what, Basis: "y"}), "cases.ground_does_not_fit")
		}
		_, err := k.Announce(ctx, head, id, k.v(id), cases.Announcement{Kind: cases.TakeCancel, Ground: "other_law", Reason: "x", Basis: "y", Days: 5})
		k.refused(err, "cases.incomplete")
		_, err = k.Announce(ctx, head, id, k.v(id), cases.Announcement{Kind: cases.TakeRevoke, Ground: "fraud", Reason: "布局图系伪造", Basis: "《行政许可法》第六十九条", Days: 5})
		k.ok(err)
		k.refused(revoke("jia", fraud), "cases.revoke_wait")
		other := fraud
		other.Ground = "procedure"
		k.refused(revoke("jia", other), "cases.revoke_untold")
		k.set("2026-03-10 00:00") // five working days have passed
		k.ok(revoke("jia", fraud))
		lic := k.licenceOf(l, id)
		if v, err := l.VerifyIdentifier(ctx, lic.Identifier); err != nil || v.State != licence.Revoked || licence.Today(v.StateAt) != "2026-03-10" {
			t.Errorf("verified: %+v %v", v, err)
		}
		if k.told("paper", "revoke_told") != 1 || k.told("paper", "revoke_revoked") != 1 || k.told("notice", "case.revoked") != 1 || k.events("cases.revoked") != 1 || k.events("cases.revocation_told") != 1 {
			t.Error("papers, messages or events are missing")
		}
		k.refused(revoke("jia", cases.Revocation{Kind: cases.TakeWithdraw, Ground: "law_changed", Reason: "x", Basis: "y", Compensation: "无损失"}), "licence.state")
		k.ok(revoke("jia", cases.Revocation{Kind: cases.TakeCancel, Ground: "taken_back", Reason: "已依法撤销", Basis: "《行政许可法》第七十条第四项"}))
		d, err := k.Case(ctx, firm, id)
		k.ok(err)
		if len(d.After.Taken) != 2 || len(d.After.Announced) != 1 || d.After.Licence.State != "cancelled" || d.State != cases.Certified {
			t.Errorf("the holder sees %+v", d.After)
		}
		k.replays()
	})
}

func TestAWithdrawalNeedsNoNoticeAndHitsWhatTookThePlace(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		first := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		k.granted(first)
		second := k.sent("food-change", "c2", cases.Patch{})
		k.granted(second)
		_, err := k.Revoke(ctx, staff("jia"), first, k.v(first), cases.Revocation{Kind: cases.TakeWithdraw, Ground: "facts_changed", Reason: "城市更新，该地块收回", Basis: "《行政许可法》第八条第二款", Compensation: "按评估结果补偿装修损失"})
		k.ok(err)
		if lic := k.licenceOf(l, second); lic.State != licence.Withdrawn || k.licenceOf(l, first).State != licence.Superseded {
			t.Errorf("%s, %s", lic.State, k.licenceOf(l, first).State)
		}
	})
}

func TestFiftyRevocationsAtOnceGiveOne(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		id := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		k.granted(id)
		v := k.v(id)
		for i := range 50 {
			k.off.staff["j"+string(rune('A'+i))] = org.Staff{ID: "j" + string(rune('A'+i)), Name: "局长", Posts: []string{"head"}}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range 50 {
			wg.Go(func() {
				_, err := k.Revoke(ctx, staff("j"+string(rune('A'+i))), id, v, cases.Revocation{Kind: cases.TakeWithdraw, Ground: "law_changed", Reason: "法规修改", Basis: "行政许可法第八条", Compensation: "无损失"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if errs.KindOf(err) != errs.Conflict {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if won != 1 || k.events("cases.revoked") != 1 || k.told("paper", "revoke_withdrawn") != 1 || dbtest.Count(t, k.d, "licence_change", "to_state = $1", "withdrawn") != 1 {
			t.Errorf("%d revocations", won)
		}
	})
}

func TestOnlySlipsOfThePenAreCorrected(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		id := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		k.granted(id)
		rectify := func(who string, in cases.Rectification) error {
			_, err := k.Rectify(ctx, staff(who), id, k.v(id), in)
			return err
		}
		slip := cases.Rectification{What: cases.RectifyLicence, Field: "address", Old: "清江区滨河路18号", New: "清江区滨河路18号一层", Reason: "录入时漏写楼层"}
		k.refused(rectify("zhou", slip), "cases.no_right")
		for name, c := range map[string]struct {
			in   cases.Rectification
			want string
		}{
			"nothing":      {cases.Rectification{What: cases.RectifyPaper}, "cases.incomplete"},
			"the outcome":  {cases.Rectification{What: cases.RectifyPaper, Old: "准予许可", New: "不予许可", Reason: "x"}, "cases.rectify_substance"},
			"the holder":   {cases.Rectification{What: cases.RectifyPaper, Old: "清澜小满餐饮店", New: "别家餐饮店", Reason: "x"}, "cases.rectify_substance"},
			"its name":     {cases.Rectification{What: cases.RectifyLicence, Field: "holder_name", Old: "小满", New: "大满", Reason: "x"}, "cases.rectify_substance"},
			"its number":   {cases.Rectification{What: cases.RectifyLicence, Field: "number", Old: "1", New: "2", Reason: "x"}, "cases.rectify_substance"},
			"another text": {cases.Rectification{What: cases.RectifyLicence, Field: "address", Old: "清江区滨河路19号", New: "y", Reason: "x"}, "cases.rectify_old"},
			"no paper":     {cases.Rectification{What: cases.RectifyPaper, PaperID: "p-other", Old: "贰", New: "二", Reason: "x"}, "cases.rectify_no_paper"},
		} {
			if err := rectify("wang", c.in); !errs.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		old := k.licenceOf(l, id)
		k.ok(rectify("wang", slip))
		n := k.licenceOf(l, id)
		if n.ID == old.ID || n.Previous != old.ID || n.Fields["address"] != "清江区滨河路18号一层" || n.ValidUntil != old.ValidUntil || n.HolderNumber != old.HolderNumber {
			t.Errorf("corrected to %+v", n)
		}
		k.ok(rectify("wang", cases.Rectification{What: cases.RectifyPaper, Old: "滨河路", New: "滨江路", Reason: "错别字"}))
		if k.told("paper", "rectify") != 2 || k.events("cases.rectified") != 2 || k.told("notice", "case.rectified") != 2 {
			t.Error("papers, messages or events are missing")
		}
		d, err := k.Case(ctx, firm, id)
		k.ok(err)
		if d.Outcome != cases.Grant || len(d.After.Rectified) != 2 || d.After.Licence.ID != n.ID {
			t.Errorf("%+v", d.After)
		}
	})
}

func TestAnArchivedCaseStaysSoAndIsStillTakenBack(t *testing.T) {
	eachLibrary(t, func(t *testing.T, k *kit, l *licence.Service) {
		ctx := t.Context()
		id := k.sent("food", "c1", cases.Patch{Form: answers.Form})
		k.granted(id)
		_, err := k.Deliver(ctx, firm, id, 0, cases.Delivery{How: cases.DeliverOnline})
		k.ok(err)
		k.set("2026-04-20 10:00")
		k.ok(k.Schedule(ctx))
		k.drain()
		if h, _ := k.Head(ctx, id); h.State != cases.Archived {
			t.Fatalf("%s", h.State)
		}
		_, err = k.Revoke(ctx, staff("jia"), id, k.v(id), cases.Revocation{Kind: cases.TakeCancel, Ground: "dissolved", Reason: "企业已注销登记", Basis: "《行政许可法》第七十条第三项"})
		k.ok(err)
		if h, _ := k.Head(ctx, id); h.State != cases.Archived || k.licenceOf(l, id).State != licence.Cancelled {
			t.Errorf("%s", h.State)
		}
	})
}
