package catalogweb_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/catalogweb"
	"tongban/internal/domain/org"
)

const regions = `regions:
  - {code: "580000", name: 澜州省（虚构）, parent: "", level: province}
  - {code: "580102", name: 清江区, parent: "580000", level: county}
`

const agencies = `agencies:
  - {key: market, code: "11580102MB0K731283", name: 清澜市清江区市场监督管理局, short: 区市场监管局, region: "580102", nature: "1", government: 清澜市清江区人民政府,
     court: 清澜市清江区人民法院, address: 橡树街15号, phone: "0588-12315021", complaint_phone: "0588-12315090", number_mark: 清江市监食许,
     seal: {name: 清澜市清江区市场监督管理局, purpose: 行政审批专用章},
     windows: [{key: hall-food, name: 食品经营许可窗口, hall: 清江区政务服务大厅, address: 澜江大道88号, floor: 二楼A区12号, hours: "工作日 9:00–12:00", phone: "0588-8602112", directions: 公交6路}]}
  - {key: civil, code: "11580102004192572R", name: 清澜市清江区民政局, short: 区民政局, region: "580102", nature: "1", government: 清澜市清江区人民政府,
     court: 清澜市清江区人民法院, address: 柳桥路7号, phone: "0588-8610211", complaint_phone: "0588-8610290", number_mark: 清江民,
     seal: {name: 清澜市清江区民政局, purpose: 行政审批专用章}}
`

var now = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

type portal struct {
	*webtest.Client
	d       *db.DB
	catalog *catalog.Service
	actor   authz.Actor
	site    *web.Site
}

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, catalog.Schema}

func open(t testing.TB, packs ...string) *portal {
	t.Helper()
	return openOn(t, dbtest.SQLite(t, rooms...), packs...)
}

func openOn(t testing.TB, d *db.DB, packs ...string) *portal {
	t.Helper()
	p := &portal{d: d}
	clock := func() time.Time { return now }
	log := slog.New(slog.DiscardHandler)
	o := org.New(org.Deps{DB: p.d, Vault: vault.New(vault.NewKeys()), Now: clock, Log: log})
	store, err := blob.Open(t.TempDir(), vault.New(vault.NewKeys()))
	if err != nil {
		t.Fatal(err)
	}
	p.catalog = catalog.New(catalog.Deps{DB: p.d, Org: o, Files: store, Now: clock, Log: log})
	files := []packfile.File{{Path: "regions.yaml", Data: []byte(regions)}, {Path: "agencies.yaml", Data: []byte(agencies)}}
	for _, name := range packs {
		files = append(files, pack(t, name)...)
	}
	err = p.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := o.LoadTx(ctx, tx, now, files); err != nil {
			return err
		}
		return p.catalog.LoadTx(ctx, tx, now, files)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.site = web.New(web.Config{Actor: func(*http.Request) (authz.Actor, error) { return p.actor, nil }, Log: log, Now: time.Now})
	pages := catalogweb.New(catalogweb.Config{Catalog: p.catalog, Offices: o})
	p.site.Add(pages.Routes()...)
	pages.AddAPI(web.NewAPI(p.site, "1", nil))
	p.Client = webtest.New(t, p.site.Handler())
	return p
}

func pack(t testing.TB, name string) []packfile.File {
	t.Helper()
	root := filepath.Join("..", "testdata", "packs", name)
	var out []packfile.File
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		out = append(out, packfile.File{Pack: name, Path: filepath.ToSlash(rel), Data: b})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *portal) district(t testing.TB) {
	t.Helper()
	f, err := os.Open("../testdata/district-items.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := p.catalog.Import(t.Context(), f, catalog.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
}

// says fails the test unless the text of the chosen elements holds every phrase.
func says(t *testing.T, p *webtest.Page, selector string, phrases ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(p.Find(selector).Text()), " ")
	for _, want := range phrases {
		if !strings.Contains(text, want) {
			t.Errorf("%s of %s does not say %q: %.300s", selector, p.URL, want, text)
		}
	}
}

func hrefs(p *webtest.Page, selector string) []string {
	return p.Find(selector).Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
}

func TestGuideTellsEverything(t *testing.T) {
	p := open(t, "food-licence")
	g := p.Get("/items/food-licence-new", http.StatusOK)
	says(t, g, "h1", "食品经营许可（新办）")
	says(t, g, "main", "行政许可", "清澜市清江区市场监督管理局", "受理后 8 个工作日内办好（法律规定 10 个工作日）", "不收费", "不用跑，0 次", "食品经营许可证", "5 年", "0588-8602112")
	says(t, g, "#who", "谁可以办", "被吊销食品经营许可未满五年")
	says(t, g, "#materials li[data-material=business-licence]", "不用交，我们调取")
	says(t, g, "#materials li[data-material=special-room-plan]", "您来提供", "“做不做冷食、生食、裱花蛋糕？”选“只做简单的冷食”“做冷荤、生食或裱花蛋糕”时才要", "每个不超过 20 MB，最多 3 个", "受理标准")
	says(t, g, "#time", "受理之日起 8 个工作日", "10 个工作日", "再延长 5 个工作日")
	says(t, g, "#where", "清江区政务服务大厅", "澜江大道88号", "二楼A区12号", "工作日 9:00–12:00", "公交6路")
	says(t, g, "#basis", "中华人民共和国食品安全法 第三十五条", "国家对食品生产经营实行许可制度")
	says(t, g, "#remedies", "六十日内，向清澜市清江区人民政府申请行政复议", "六个月内，向清澜市清江区人民法院提起行政诉讼", "0588-12315090")
	says(t, g, "#faq", "要先办消防手续")
	says(t, g, "main", "11580102MB0K7312834000131006000", "第 1 版，2026-03-02 发布")
	if got := hrefs(g, "a.btn.primary"); !slices.Equal(got, []string{"/apply/food-licence-new"}) {
		t.Errorf("start: %v", got)
	}
	if strings.Contains(g.Find("#basis").Text(), "凭了解撰写") {
		t.Error("the public sees how far the bases were checked")
	}
	for _, href := range hrefs(g, `a[href^="#"]`) {
		if href != "#main" && g.Find(href).Length() != 1 {
			t.Errorf("%s leads nowhere", href)
		}
	}
	for _, href := range hrefs(g, `a[href*="/files/"]`) {
		f := p.Get(href, http.StatusOK)
		if ct := f.Header.Get("Content-Type"); ct != "application/pdf" && ct != "image/png" || len(f.Raw) == 0 {
			t.Errorf("%s: %s, %d bytes", href, ct, len(f.Raw))
		}
	}
	p.Get("/items/food-licence-new/files/pack.yaml", http.StatusNotFound)
	p.Get("/items/none", http.StatusNotFound)

	p.actor = authz.Actor{StaffID: "office", Roles: []authz.Role{authz.ItemOffice}}
	says(t, p.Get("/items/food-licence-new", http.StatusOK), "#basis", "凭了解撰写，未核对原文", "虚构的地方规定")
}

func TestGuideInEnglishMarksChinese(t *testing.T) {
	p := open(t, "elder-card")
	p.Lang = "en"
	g := p.Get("/items/elder-card", http.StatusOK)
	says(t, g, "main", "done on the spot", "Public service", "free of charge", "Apply online")
	if l := g.Find("html").AttrOr("lang", ""); l != "en" {
		t.Errorf("page language %q", l)
	}
	g.Find("main h1, #who .plain-list, #basis > div, #where li, #materials h3").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("lang", "") != "zh-CN" && s.ParentsFiltered(`[lang="zh-CN"]`).Length() == 0 && strings.ContainsAny(s.Text(), "的年人") {
			t.Errorf("Chinese is not marked: %.60s", s.Text())
		}
	})
}

func TestImportedGuideSaysThatNobodyCheckedIt(t *testing.T) {
	p := open(t)
	p.district(t)
	l := p.Get("/items?q="+url.QueryEscape("采砂"), http.StatusOK)
	says(t, l, ".item", "河道采砂许可", "区水务局", "未复核")
	g := p.Get(hrefs(l, ".item h3 a")[0], http.StatusOK)
	says(t, g, "main", "河道采砂许可", "未复核", "内容还没有核对", "这个事项由“区水务局”办理", "511A19016001-511602000000-000-1151130100877844X4-1-00")
	if g.Find("a.btn.primary").Length() != 0 || strings.Contains(g.Find("main").Text(), "不收费") {
		t.Error("an unreviewed guide promises what nobody knows")
	}
}

func TestHomeLeadsOn(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	h := p.Get("/", http.StatusOK)
	says(t, h, "h1", "您要办什么事？")
	if h.Find(`form[action="/items"] input[name=q]`).Length() == 0 {
		t.Error("no search box")
	}
	links := hrefs(h, "main a")
	for _, want := range []string{"/lookup", "/verify", "/my", "/items/food-licence-new", "/apply/elder-card", "/items?audience=person&theme=person%3A065", "/items?audience=firm&theme=firm%3A010", "/agencies/market", "/agencies"} {
		if !slices.Contains(links, want) {
			t.Errorf("no link to %s in %v", want, links)
		}
	}
	for _, href := range links {
		if strings.HasPrefix(href, "/items") || strings.HasPrefix(href, "/agencies") {
			p.Get(href, http.StatusOK)
		}
	}
	if len(h.Raw) > 60<<10 {
		t.Errorf("%d bytes", len(h.Raw))
	}
	says(t, p.Get("/themes", http.StatusOK), "main", "优待抚恤", "准营准办")
	says(t, p.Get("/agencies", http.StatusOK), "main", "清澜市清江区民政局", "区水务局", "11 项")
	says(t, p.Get("/agencies/market", http.StatusOK), "main", "橡树街15号", "食品经营许可（新办）", "二楼A区12号")
	p.Get("/agencies/none", http.StatusNotFound)
}

func TestListPagesFiltersAndEmptyState(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	first := p.Get("/items", http.StatusOK)
	says(t, first, ".filter-sum", "1,000+")
	if n := first.Find(".item").Length(); n != 20 {
		t.Errorf("%d items on a page", n)
	}
	seen := map[string]bool{}
	for page := first; ; {
		for _, h := range hrefs(page, ".item h3 a") {
			if seen[h] {
				t.Fatalf("%s twice", h)
			}
			seen[h] = true
		}
		next := hrefs(page, "a[rel=next]")
		if len(next) == 0 || len(seen) > 60 {
			break
		}
		page = p.Get(next[0], http.StatusOK)
	}
	if n := p.Get("/items?online=full&audience=firm", http.StatusOK).Find(".item").Length(); n != 1 {
		t.Errorf("online for firms: %d", n)
	}
	if n := p.Get("/items?region=580102", http.StatusOK).Find(".item").Length(); n != 2 {
		t.Errorf("region: %d", n)
	}
	none := p.Get("/items?q=%22%3Cscript%3E&online=full", http.StatusOK)
	says(t, none, ".empty", "没有找到", "去掉筛选条件")
	far := p.Get("/items?q="+url.QueryEscape("外星人登记许可证"), http.StatusOK)
	says(t, far, ".empty", "没有找到", "12345")
	says(t, far, "#found", "名称最接近的事项")
	if far.Find("#found .item").Length() == 0 || far.Find(`a[href="tel:12345"]`).Length() == 0 {
		t.Error("nothing found leads nowhere")
	}
	p.Get("/items?after=junk", http.StatusBadRequest)
	p.Get("/items?q="+strings.Repeat("%E8%AE%B8", 3000), http.StatusOK)
}

func TestAPI(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.district(t)
	var list struct {
		Items []struct{ ID, Code, Name, Agency, Region string }
		Next  *string
	}
	read := func(path string, v any) {
		t.Helper()
		if err := json.Unmarshal(p.Get(path, http.StatusOK).Raw, v); err != nil {
			t.Fatal(err)
		}
	}
	read("/api/v1/items?q="+url.QueryEscape("开饭店")+"&region=&limit=5", &list)
	if len(list.Items) == 0 || list.Items[0].ID != "food-licence-new" || list.Items[0].Agency != "market" || list.Items[0].Region != "580102" || len(list.Items[0].Code) != 31 {
		t.Errorf("%+v", list.Items)
	}
	read("/api/v1/items?region=511602000000&limit=3", &list)
	if len(list.Items) != 3 || list.Next == nil {
		t.Fatalf("%+v", list)
	}
	last := list.Items[2].ID
	read("/api/v1/items?region=511602000000&limit=3&after="+*list.Next, &list)
	if len(list.Items) != 3 || list.Items[0].ID == last {
		t.Errorf("second page: %+v", list.Items)
	}
	read("/api/v1/items?q="+url.QueryEscape("优待证"), &list)
	if list.Next != nil || len(list.Items) == 0 || list.Items[0].ID != "elder-card" {
		t.Errorf("%+v", list)
	}
	var item struct {
		ID    string
		Guide struct {
			Materials []struct{ Key string }
			Basis     []struct{ Law, Status string }
		}
	}
	read("/api/v1/items/elder-card", &item)
	if item.ID != "elder-card" || len(item.Guide.Materials) != 4 || item.Guide.Basis[0].Law == "" || item.Guide.Basis[0].Status != "" {
		t.Errorf("%+v", item)
	}
	var schema map[string]any
	read("/api/v1/items/elder-card/form", &schema)
	if schema["type"] != "object" || schema["x-version"] != 1.0 || schema["properties"].(map[string]any)["phone"] == nil {
		t.Errorf("schema: %v", schema)
	}
	p.Get("/api/v1/items/none", http.StatusNotFound)
	p.Get("/api/v1/items/"+list.Items[0].ID+"x/form", http.StatusNotFound)
	if e := p.Get("/api/v1/items?after=junk", http.StatusBadRequest); !strings.Contains(string(e.Raw), "base.cursor") {
		t.Errorf("%s", e.Raw)
	}
	p.Get("/api/v1/items?limit=1000", http.StatusUnprocessableEntity)
}
