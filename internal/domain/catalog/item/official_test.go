package item

import (
	"strings"
	"testing"

	"tongban/internal/base/i18n"
)

func TestOfficialLists(t *testing.T) {
	power := &Item{
		Key: "a", Name: "食品经营许可", ItemType: "01", UseLevel: "4", PowerSource: "法定本级行使", AgencyName: "区市场监管局", Code: "c",
		Basis:  []Basis{{Law: "《食品安全法》", Article: "第三十五条"}, {Law: "行政许可法", Article: "第十二条"}},
		Limits: Limits{Promised: Limit{N: 8, Unit: "workday"}, Correction: &Limit{N: 3, Unit: "workday"}}, Investment: &Investment{Field: "食品经营", Level: "approval"},
	}
	service := &Item{Key: "b", Name: "就业补贴", ItemType: "20", Fund: &Fund{Name: "就业资金", BudgetFen: 12_345_60, Year: 2026}}
	rows := func(key string, it *Item) [][]string {
		o, ok := OfficialListByKey(key)
		if !ok {
			t.Fatalf("no list %s", key)
		}
		out := o.Rows(i18n.Chinese, it)
		for _, r := range out {
			if len(r) != len(o.Columns) {
				t.Errorf("%s: %d cells for %d columns", key, len(r), len(o.Columns))
			}
		}
		return out
	}
	if got := rows("power", power); len(got) != 1 || strings.Join(got[0], "|") != "食品经营许可|行政许可|区市场监管局|县级|《食品安全法》第三十五条；《行政许可法》第十二条|法定本级行使|c" {
		t.Errorf("power: %q", got)
	}
	if len(rows("power", service)) != 0 || len(rows("duty", service)) != 0 {
		t.Error("a public service is no power")
	}
	duty := rows("duty", power)
	if len(duty) != 5 || !strings.Contains(duty[0][3], "3个工作日内一次告知") || !strings.HasPrefix(duty[2][3], "8个工作日内作出决定") || !strings.Contains(duty[3][3], "10个工作日") {
		t.Errorf("duties by law: %q", duty)
	}
	power.Duty = []Responsibility{{Stage: "受理", Text: "自己的", Blamed: "追责"}}
	if got := rows("duty", power); len(got) != 1 || got[0][3] != "自己的" {
		t.Errorf("declared duties: %q", got)
	}
	if got := rows("investment", power); len(got) != 1 || got[0][1] != "许可准入" || len(rows("investment", service)) != 0 {
		t.Errorf("investment: %q", got)
	}
	if got := rows("fund", service); len(got) != 1 || got[0][1] != "12345.60" || got[0][2] != "2026" {
		t.Errorf("fund: %q", got)
	}
	for _, o := range OfficialLists {
		for _, key := range append(o.Columns, "item.list_"+o.Key, "item.list_"+o.Key+"_lead") {
			if !i18n.Has(key) {
				t.Errorf("%s has no text", key)
			}
		}
	}
	if _, ok := OfficialListByKey("none"); ok {
		t.Error("there is no fifth list")
	}
}
