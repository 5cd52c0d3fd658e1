package cases_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog/item"
)

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The law's own words, by nature: what is granted, what refused.
func TestOutcomesAreNamedAfterTheNature(t *testing.T) {
	for nature, want := range map[string][3]string{
		item.NatureLicence:      {"准予许可", "部分准予许可", "不予许可"},
		item.NatureRegistration: {"予以登记", "部分予以登记", "不予登记"},
		item.NatureFiling:       {"予以备案", "部分予以备案", "不予备案"},
		item.NatureBenefit:      {"准予给付", "部分准予给付", "不予给付"},
		item.NatureConfirmation: {"予以确认", "部分予以确认", "不予确认"},
		item.NatureReward:       {"予以奖励", "部分予以奖励", "不予奖励"},
		item.NatureRuling:       {"支持请求", "部分支持请求", "不支持请求"},
		item.NatureService:      {"办结", "部分办理", "不予办理"},
		item.NatureOther:        {"准予", "部分准予", "不予批准"},
		"":                      {"准予", "部分准予", "不予批准"}, // a row from before
	} {
		for i, o := range []cases.Outcome{cases.Grant, cases.Partly, cases.Refuse} {
			c := cases.Case{Nature: nature, State: cases.Decided, Outcome: o}
			if got := i18n.In(i18n.Chinese, c.OutcomeKey()); got != want[i] {
				t.Errorf("%s %s: %s, want %s", nature, o, got, want[i])
			}
			for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
				if s := c.Status(i18n.With(context.Background(), l)); s == "" || strings.Contains(s, "cases.") {
					t.Errorf("%s in %s: %s", nature, l, s)
				}
			}
		}
	}
}

// Nothing but a licence is spoken of as one.
func TestOnlyLicencesAreCalledLicences(t *testing.T) {
	for _, nature := range item.Natures {
		for _, s := range cases.States {
			for _, key := range []string{s.Key(), "cases.can_" + string(s), "cases.wait_" + string(s)} {
				if w := i18n.In(i18n.Chinese, cases.Word(nature, key)); nature != item.NatureLicence && strings.Contains(w, "许可") {
					t.Errorf("%s of %s: %s", key, nature, w)
				}
			}
		}
		for _, g := range cases.Grounds {
			w := i18n.In(i18n.Chinese, cases.Word(nature, "cases.ground_"+g))
			if w == "" || nature != item.NatureLicence && strings.Contains(w, "取得行政许可") {
				t.Errorf("ground %s of %s: %s", g, nature, w)
			}
		}
	}
}

// paperText gives what the last paper of an act said.
func (k *kit) paperText(act string) map[string]string {
	k.t.Helper()
	rows, err := db.All(k.t.Context(), k.d.R(), func(r *db.Rows) (string, error) { var s string; return s, r.Scan(&s) },
		`SELECT body FROM told_row WHERE room = 'paper' AND what = $1 ORDER BY id DESC LIMIT 1`, act)
	k.ok(err)
	if len(rows) == 0 {
		k.t.Fatalf("no paper %s", act)
	}
	out := map[string]string{}
	k.ok(json.Unmarshal([]byte(rows[0]), &out))
	return out
}

// Each ground of refusing to accept has its own words and its own law on the paper.
func TestEachGroundOfRefusalHasItsPaper(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		for _, c := range []struct {
			ground, itemType, name string
			says, not              []string
		}{
			{cases.GroundNotNeeded, "01", "食品经营许可（新办）", []string{"不需要取得行政许可", "只卖散装糖果", "第三十二条第一款第一项"}, []string{"补正"}},
			{cases.GroundWrongAgency, "01", "食品经营许可（新办）", []string{"不属于本机关职权范围", "应当由清澜市市场监督管理局办理", "第三十二条第一款第二项"}, nil},
			{cases.GroundNotCured, "01", "食品经营许可（新办）", []string{"一次性告知", "仍不齐全", "可以重新申请", "第三十二条"}, []string{"第七十八条"}},
			{cases.GroundSafetyBar, "01", "食品经营许可（新办）", []string{"公共安全", "不得再次申请", "第七十八条、第七十九条"}, []string{"补正"}},
			{cases.GroundNotNeeded, "10", "门店招牌备案", []string{"不需要备案"}, []string{"许可"}},
			{cases.GroundWrongAgency, "07", "个体工商户登记", []string{"不属于本机关职权范围"}, []string{"行政许可法"}},
		} {
			it := foodItem()
			it.ItemType, it.Name = c.itemType, c.name
			k.items.all["food"] = it
			id := k.submitted(firm, c.ground+c.itemType).CaseID
			if c.ground == cases.GroundNotCured {
				_, err := k.RequestCorrection(ctx, staff("zhou"), id, k.v(id), []cases.Defect{{Kind: cases.OnMaterial, Key: "plan", Text: "看不清"}})
				k.ok(err)
				_, err = k.Resubmit(ctx, firm, id, k.v(id))
				k.ok(err)
			}
			_, err := k.RefuseAcceptance(ctx, staff("zhou"), id, k.v(id), cases.Refusal{Ground: c.ground, Reason: "只卖散装糖果", RightAuthority: "清澜市市场监督管理局"})
			k.ok(err)
			v := k.paperText("refuse_acceptance")
			all := v["reason"] + v["basis"]
			for _, s := range c.says {
				if !strings.Contains(all, s) {
					t.Errorf("%s of %s: %q lacks %s", c.ground, c.name, all, s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(all, s) {
					t.Errorf("%s of %s: %q has %s", c.ground, c.name, all, s)
				}
			}
		}
	})
}

// The message about a decision uses the matter's words and tells only the remedies that are its own.
func TestTheDecisionIsToldInTheMattersWords(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			itemType, name, outcome, remedy, not string
		}{
			{"01", "食品经营许可（新办）", "不予许可", "行政复议", ""},
			{"07", "个体工商户登记", "不予登记", "行政复议", "许可"},
			{"10", "门店招牌备案", "不予备案", "12345", "行政复议"},
			{"20", "就业指导服务", "不予办理", "12345", "行政复议"},
		} {
			it := foodItem()
			it.ItemType, it.Name, it.Separate = c.itemType, c.name, false
			k.items.all["food"] = it
			id := k.acceptedCase(c.name)
			_, err := k.Decide(t.Context(), staff("wang"), id, k.v(id), cases.Decision{Outcome: cases.Refuse, Reason: "面积不足", Basis: "《办法》第三条"})
			k.ok(err)
			rows, err := db.All(t.Context(), k.d.R(), func(r *db.Rows) (string, error) { var s string; return s, r.Scan(&s) }, `SELECT body FROM told_row WHERE room = 'notice' AND what = 'case.refused' ORDER BY id DESC LIMIT 1`)
			k.ok(err)
			var v map[string]string
			k.ok(json.Unmarshal([]byte(rows[0]), &v))
			if v["outcome"] != c.outcome || !strings.Contains(v["remedies"], c.remedy) || v["reason"] != "面积不足" || c.not != "" && strings.Contains(v["outcome"]+v["remedies"], c.not) {
				t.Errorf("%s is told %+v", c.name, v)
			}
			d, err := k.Case(t.Context(), firm, id)
			k.ok(err)
			if got := i18n.In(i18n.Chinese, d.Progress.OutcomeKey()); got != c.outcome {
				t.Errorf("the page of %s says %s", c.name, got)
			}
			if _, err := k.Accept(t.Context(), staff("zhou"), id, k.v(id)); err == nil || c.itemType == "10" && !strings.Contains(i18n.Err(i18n.With(t.Context(), i18n.Chinese), err), "接收备案材料") {
				t.Errorf("%s: accepted after the decision, or refused in other words: %v", c.name, err)
			}
		}
	})
}

// acceptedCase brings a food case to its decision step.
func (k *kit) acceptedCase(key string) string {
	k.t.Helper()
	ctx := k.t.Context()
	id := k.submitted(firm, key).CaseID
	_, err := k.Accept(ctx, staff("zhou"), id, k.v(id))
	k.ok(err)
	_, err = k.Opinion(ctx, staff("zhou"), id, k.v(id), cases.Opinion{Outcome: cases.OpinionPass, Text: "齐全"})
	k.ok(err)
	_, err = k.RecordInspection(ctx, staff("zhou"), id, k.v(id), cases.Inspection{Officers: []string{"zhou", "li"}, Results: map[string]cases.CheckResult{"water": {Pass: true}}, Conclusion: "符合"})
	k.ok(err)
	return id
}
