package catalogweb_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/domain/catalog"
)

var itemOffice = authz.Actor{StaffID: "office", AgencyID: "civil", Via: "page", Roles: []authz.Role{authz.ItemOffice}}

// edited loads a pack with texts replaced, old after new.
func (p *portal) edited(t testing.TB, name string, replace ...string) {
	t.Helper()
	files := pack(t, name)
	r := strings.NewReplacer(replace...)
	for i := range files {
		if strings.HasSuffix(files[i].Path, ".yaml") {
			files[i].Data = []byte(r.Replace(string(files[i].Data)))
		}
	}
	err := p.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return p.catalog.LoadTx(ctx, tx, now, files) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestResultsSayWhy(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	for q, want := range map[string]string{"我爸驾照过期了": "因为“驾照”说的就是“驾驶证”", "采砂": "名称里有“采砂”", "老年证": "大家也叫它“老年证"} {
		says(t, p.Get("/items?q="+url.QueryEscape(q), http.StatusOK), ".item .why", want)
	}
	wrong := p.Get("/items?q="+url.QueryEscape("老念证"), http.StatusOK)
	says(t, wrong, "#found .notice", "已按“老年证”查找", "仍然查找“老念证”")
	back := hrefs(wrong, "#found .notice a")
	if len(back) != 1 || !strings.Contains(back[0], "exact=1") {
		t.Fatalf("the way back: %v", back)
	}
	if typed := p.Get(back[0], http.StatusOK); typed.Find("#found .notice").Length() > 0 && strings.Contains(typed.Find("#found").Text(), "已按") {
		t.Error("what was typed is put right again")
	}
}

func TestTypeAhead(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	var got struct {
		Label, Said string
		List        []struct{ Text, Href string }
	}
	for _, q := range []string{"河道", "hedao", "hdcs"} {
		r := p.Get("/items/suggest?q="+url.QueryEscape(q), http.StatusOK)
		if err := json.Unmarshal(r.Raw, &got); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got.List, func(s struct{ Text, Href string }) bool { return s.Text == "河道采砂许可" })
		if i < 0 || len(got.List) > 8 || !strings.Contains(got.Said, "条建议") {
			t.Errorf("%s: %+v", q, got)
			continue
		}
		says(t, p.Get(got.List[i].Href, http.StatusOK), "h1", "河道采砂许可")
	}
	r := p.Get("/items/suggest?q=%3F%3F", http.StatusOK)
	if err := json.Unmarshal(r.Raw, &got); err != nil || len(got.List) != 0 || got.Said == "" {
		t.Errorf("%s %v", r.Raw, err)
	}
}

func TestASuspendedItemKeepsItsPage(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.actor = itemOffice
	page := p.Get("/office/items/elder-card", http.StatusOK)
	says(t, page, "main", "事项状态", "现在的状态： 在用", "第二人审核")
	for _, at := range []string{"item=elder-card", "act=suspend&item=elder-card", "act=cancel&item=elder-card"} {
		if !slices.Contains(hrefs(page, "main a"), "/office/changes/new?"+at) {
			t.Errorf("the page does not lead to the change %s", at)
		}
	}
	if page.Find("main form").Length() != 0 {
		t.Error("one person alone can still act on the item")
	}
	err := p.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return p.catalog.SetStateTx(ctx, tx, now, itemOffice, "elder-card", catalog.State{Code: catalog.Suspended, Reason: "系统升级至6月30日", Instead: "food-licence-new"})
	})
	if err != nil {
		t.Fatal(err)
	}
	page = p.Get("/office/items/elder-card", http.StatusOK)
	says(t, page, "main", "现在的状态： 暂停", "系统升级至6月30日", "恢复办理", "取消事项")
	if got := hrefs(page, "main a"); !slices.Contains(got, "/office/changes/new?act=resume&item=elder-card") || slices.Contains(got, "/office/changes/new?act=suspend&item=elder-card") {
		t.Errorf("a suspended item leads to %v", got)
	}
	says(t, p.Get("/office/items?state=2", http.StatusOK), "table", "老年人优待证申领", "暂停")

	p.actor = authz.Actor{}
	g := p.Get("/items/elder-card", http.StatusOK)
	says(t, g, "main", "这个事项暂停办理", "系统升级至6月30日", "自 2026-03-02 起", "食品经营许可（新办）", "照常办理")
	if slices.Contains(hrefs(g, "main a"), "/apply/elder-card") {
		t.Error("the page still leads to applying")
	}
	for _, path := range []string{"/items?online=full", "/items?q=" + url.QueryEscape("老年证"), "/"} {
		if slices.Contains(hrefs(p.Get(path, http.StatusOK), "main a"), "/items/elder-card") {
			t.Errorf("%s still lists it", path)
		}
	}
}

func TestTwoVersionsSideBySide(t *testing.T) {
	p := open(t, "elder-card")
	p.edited(t, "elder-card", "name: 老年人优待证申领", "name: 老年人优待证（新版）申领", "label: 手机号码", "label: 联系电话")
	p.actor = authz.Actor{StaffID: "legal", Roles: []authz.Role{authz.Legal}}
	v := p.Get("/office/items/elder-card/versions/compare", http.StatusOK)
	says(t, v, "main", "老年人优待证申领", "老年人优待证（新版）申领", "第 1 版", "第 2 版", "事项名称")
	p.Get("/office/items/elder-card/versions/compare?a=1&b=9", http.StatusNotFound)
	p.Get("/office/items/elder-card/versions/compare?a=x&b=2", http.StatusNotFound)
	p.Get("/office/items/none/versions/compare", http.StatusNotFound)
	says(t, p.Get("/office/items/elder-card/versions/compare?a=2&b=2", http.StatusOK), ".empty", "两个版本的内容相同")
	p.actor = itemOffice
	if got := hrefs(p.Get("/office/items/elder-card", http.StatusOK), "table a"); !slices.Contains(got, "/office/items/elder-card/versions/compare?a=1&b=2") {
		t.Errorf("versions: %v", got)
	}
	p.actor = authz.Actor{StaffID: "x", Roles: []authz.Role{authz.Officer}}
	p.Get("/office/items/elder-card/versions/compare", http.StatusForbidden)
}

func TestTheReadersRegion(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	says(t, p.Get("/", http.StatusOK), ".where-line", "还没有选择地区")
	top := p.Get("/region?back=/themes", http.StatusOK)
	says(t, top, "main", "澜州省")
	says(t, p.Get(hrefs(top, ".tile")[0], http.StatusOK), "main", "清江区", "2 项", "就选")
	p.Post("/region", url.Values{"region": {"999999"}, "back": {"/"}}, http.StatusNotFound)
	themes := p.Post("/region", url.Values{"region": {"580102"}, "back": {"/themes"}}, http.StatusOK)
	if themes.URL.Path != "/themes" {
		t.Errorf("after the choice: %s", themes.URL)
	}
	says(t, themes, ".where-line", "当前地区：", "清江区")
	for _, href := range hrefs(themes, ".tile") {
		if !strings.Contains(href, "near=580102") || p.Get(href, http.StatusOK).Find(".item").Length() == 0 {
			t.Errorf("%s has nothing near", href)
		}
	}
	if n := p.Get("/items?near=580102", http.StatusOK).Find(".item").Length(); n != 2 { // the list of another district is far
		t.Errorf("%d items near", n)
	}
	if to := p.Post("/region", url.Values{"region": {everywhereCode}, "back": {"//evil.example/"}}, http.StatusOK); to.URL.Path != "/" {
		t.Errorf("led away to %s", to.URL)
	}
	says(t, p.Get("/", http.StatusOK), ".where-line", "还没有选择地区")
}

const everywhereCode = "all"

func TestLifeEventsAndPlaces(t *testing.T) {
	p := open(t, "elder-card")
	says(t, p.Get("/life", http.StatusOK), "main", "还没有按大事归类的事项")
	p.edited(t, "elder-card", "\naudience:", "\nlife_events: [retirement]\ndelegates: [{region: \"580102\", office: 橡树街道便民服务中心, acts: [receive, deliver], phone: 0588-8610001}]\nplaces: [{hall: 柳桥社区服务站, address: 柳桥路9号, hours: 工作日 9:00–17:00}]\naudience:")
	life := p.Get("/life", http.StatusOK)
	says(t, life, "main", "退休养老", "1 项", "个人一生")
	says(t, p.Get(hrefs(life, ".tile")[0], http.StatusOK), ".item", "老年人优待证申领")
	says(t, p.Get("/items/elder-card", http.StatusOK), "#where", "橡树街道便民服务中心", "可办：收件", "柳桥社区服务站", "柳桥路9号")
	says(t, p.Get("/items/elder-card", http.StatusOK), "main", "网上可办程度", "网上办理等级")
}

func TestNothingFoundSaysSo(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	for _, q := range []string{"火星移民签证", "火星移民簽證"} {
		page := p.Get("/items?q="+url.QueryEscape(q), http.StatusOK)
		says(t, page, "main", "没有找到符合条件的事项", "按主题", "12345")
		says(t, page, ".filter-sum", "没有找到")
		if n := page.Find("#found .item").Length(); n > 0 || strings.Contains(page.Find("main").Text(), "名称最接近") {
			t.Errorf("%s: %d items that are near nothing", q, n)
		}
	}
}

func TestTheListHasOneSearchBoxAndFoldsItsFilters(t *testing.T) {
	p := open(t, "elder-card")
	for at, wantOpen := range map[string]bool{"/items?q=" + url.QueryEscape("老年证"): false, "/items?online=full": true} {
		page := p.Get(at, http.StatusOK)
		if n := page.Find("input[name=q]").Length(); n != 1 {
			t.Errorf("%s: %d search boxes", at, n)
		}
		if _, isOpen := page.Find("details.filter-fold").Attr("open"); isOpen != wantOpen {
			t.Errorf("%s: filters open %v, want %v", at, isOpen, wantOpen)
		}
	}
	if n := p.Get("/items/elder-card", http.StatusOK).Find("details.filter-fold").Length(); n != 0 {
		t.Error("filters on the page of an item")
	}
}

func TestEveryDemoItemStandsUnderALifeEvent(t *testing.T) {
	files, err := filepath.Glob("../../../../packs/*/items/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d items of the demo city: %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(text), "\nlife_events: [") {
			t.Errorf("%s stands under no life event: %v", f, err)
		}
	}
}
