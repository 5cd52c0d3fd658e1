package catalogweb_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/authz"
)

func TestQualityOfItems(t *testing.T) {
	p := open(t, "elder-card", "food-licence")
	p.Get("/office/quality", http.StatusUnauthorized)
	p.actor = authz.Actor{StaffID: "officer", Roles: []authz.Role{authz.Officer}}
	p.Get("/office/quality", http.StatusForbidden)
	p.Get("/office/quality/elder-card", http.StatusForbidden)
	p.actor = authz.Actor{StaffID: "law", Roles: []authz.Role{authz.Legal}}
	all := p.Get("/office/quality", http.StatusOK)
	says(t, all, "main", "各机关得分", "清澜市清江区民政局", "老年人优待证申领", "食品经营许可（新办）", "没有发现问题")

	one := p.Get("/office/quality?agency=civil", http.StatusOK)
	says(t, one, "main", "老年人优待证申领")
	if strings.Contains(one.Find("main table").Text(), "食品经营许可") {
		t.Error("the agency's page shows another's items")
	}
	page := p.Get("/office/quality/elder-card", http.StatusOK)
	says(t, page, "main", "老年人优待证申领", "得分", "星")
	p.Get("/office/quality/none", http.StatusNotFound)
	p.Get("/office/quality?after=0.x&rule=none", http.StatusOK)

	p.district(t)
	big := p.Get("/office/quality", http.StatusOK)
	says(t, big, "main", "必须改", "按规则统计", "要素缺失")
	filtered := p.Get("/office/quality?rule=basis", http.StatusOK)
	says(t, filtered, "main", "没有设定依据")
	if slices.Contains(hrefs(filtered, "tbody th a"), "/office/quality/elder-card") {
		t.Error("the filter by rule shows an item that keeps it")
	}
	next := hrefs(filtered, "a[rel=next]")
	if len(next) != 1 {
		t.Fatalf("next page: %v", next)
	}
	says(t, p.Get(next[0], http.StatusOK), "main", "没有设定依据")
}

func TestTheFourLists(t *testing.T) {
	p := open(t, "elder-card", "food-licence")
	power := p.Get("/lists", http.StatusOK)
	if power.URL.Path != "/lists/power" {
		t.Errorf("/lists leads to %s", power.URL)
	}
	says(t, power, "main", "权力清单", "食品经营许可（新办）", "行政许可", "《中华人民共和国食品安全法》第三十五条", "县级")
	if strings.Contains(power.Find("main table").Text(), "老年人优待证") {
		t.Error("a public service is on the list of powers")
	}
	says(t, p.Get("/lists/duty", http.StatusOK), "main", "责任清单", "受理", "一次告知", "第四十四条")
	says(t, p.Get("/lists/investment", http.StatusOK), "main", "没有可以列入的事项")
	says(t, p.Get("/lists/fund?agency=civil", http.StatusOK), "main", "专项资金清单")
	says(t, p.Get("/lists/power?agency=civil", http.StatusOK), "main", "没有可以列入的事项")
	p.Get("/lists/other", http.StatusNotFound)

	body := p.Get("/lists/power/download?format=csv", http.StatusOK).Raw
	table, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\uFEFF")))).ReadAll()
	if err != nil || len(table) < 2 || table[0][0] != "事项名称" || !strings.HasPrefix(table[1][0], "食品经营许可") {
		t.Errorf("CSV: %v %q", err, table)
	}
	book, err := excelize.OpenReader(bytes.NewReader(p.Get("/lists/duty/download?format=xlsx", http.StatusOK).Raw))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if rows, err := book.GetRows("责任清单"); err != nil || len(rows) < 6 || rows[1][2] != "受理" {
		t.Errorf("XLSX: %v %q", err, rows)
	}
	says(t, p.Get("/lists/power?"+url.Values{"region": {"580102"}}.Encode(), http.StatusOK), "main", "食品经营许可（新办）")
}
