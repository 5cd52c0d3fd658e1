package catalogweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/domain/catalog"
)

// imported takes a list of one item of the civil affairs office, with the further columns.
func (p *portal) imported(t *testing.T, head, row string) string {
	t.Helper()
	text := "事项名称,地方实施编码,事项类型,办理机构,实施主体编码,行政区划代码" + head + "\n甲类登记,A1,07,区民政局,11580102004192572R,580102" + row + "\n"
	if _, err := p.catalog.Import(t.Context(), strings.NewReader(text), catalog.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	found, err := p.catalog.Search(t.Context(), catalog.Query{Text: "甲类登记"})
	if err != nil || len(found.Items) != 1 {
		t.Fatalf("%+v %v", found, err)
	}
	return found.Items[0].Key
}

func TestAnUncheckedItemShowsWhatItsListSaid(t *testing.T) {
	p := open(t)
	key := p.imported(t, ",咨询电话,承诺办结时限,法定办结时限,服务对象,办件类型,监督投诉电话", ",0588-8602111,10个工作日,20个工作日,1,2,12345")
	says(t, p.Get("/items/"+key, http.StatusOK), "[data-part=listed]", "部门名单上写的（机关还没有核对）", "0588-8602111", "10个工作日", "20个工作日", "自然人", "承诺件", "12345")
	p.Get("/items/"+key, http.StatusOK).Lacks("到办事现场次数", "跑几次")
	says(t, p.Get("/items?q="+url.QueryEscape("甲类登记"), http.StatusOK), ".item", "10 个工作日", "0588-8602111", "以上取自部门名单，机关还没有核对")
	p.actor = itemOffice
	says(t, p.Get("/office/items/"+key, http.StatusOK), "main", "导入时发现的问题")
	p.Get("/office/items/"+key, http.StatusOK).Lacks("local_item_code", "region_code", "item_type")
}

func TestOnlyWhatIsNotFoundIsLoggedAsMissed(t *testing.T) {
	p := open(t, "elder-card")
	for range 5 {
		p.Get("/items?q="+url.QueryEscape("老年人优待证"), http.StatusOK).Wants("老年人优待证申领")
	}
	if err := p.catalog.Words().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var asked, missed int
	err := p.d.R().QueryRowContext(t.Context(), `SELECT SUM(asked), SUM(missed) FROM catalog_search_log`).Scan(&asked, &missed)
	if err != nil || asked != 5 || missed != 0 {
		t.Errorf("what is found: asked %d, missed %d, %v", asked, missed, err)
	}
	p.Get("/items?q="+url.QueryEscape("火星移民签证"), http.StatusOK)
	if err := p.catalog.Words().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := p.catalog.Words().Missed(t.Context(), "", now.Add(-time.Hour), 10); err != nil || len(list) != 0 { // one person only
		t.Errorf("%+v %v", list, err)
	}
	err = p.d.R().QueryRowContext(t.Context(), `SELECT SUM(missed) FROM catalog_search_log`).Scan(&missed)
	if err != nil || missed != 1 {
		t.Errorf("what is not found: missed %d, %v", missed, err)
	}
}

func TestAgenciesOfOneNameAreToldApart(t *testing.T) {
	p := open(t)
	var b strings.Builder
	b.WriteString("事项名称,地方实施编码,事项类型,办理机构,实施主体编码,行政区划代码\n")
	for i := range 2 {
		fmt.Fprintf(&b, "丙事项%d,C%d,07,区人社局,1158010200419257%dX,580102\n", i, i, i)
	}
	if _, err := p.catalog.Import(t.Context(), strings.NewReader(b.String()), catalog.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, o := range p.Get("/items", http.StatusOK).Find("select[name=agency] option").EachIter() {
		if seen[o.Text()] {
			t.Errorf("%s stands there twice", o.Text())
		}
		seen[o.Text()] = true
	}
	if len(seen) < 3 {
		t.Errorf("options %v", seen)
	}
}
