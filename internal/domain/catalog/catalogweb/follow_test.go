package catalogweb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog/catalogweb"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

const followBase = `bases:
  - {code: "000131006000", name: 食品经营许可, item_type: "01", department: 国家市场监督管理总局, use_levels: ["4"], basis: [{law: 中华人民共和国食品安全法, article: 第三十五条, status: read}],
     legal: {n: 20, unit: workday}, result_kind: licence}
`

// shelf holds the items that adopt the base item of followBase.
type shelf map[string]item.Item

func (s shelf) Item(_ context.Context, key string) (item.Item, error) {
	it, ok := s[key]
	if !ok {
		return it, errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	}
	return it, nil
}

func (s shelf) Adopters(_ context.Context, base, after string, _ int) ([]directory.Adopter, error) {
	var out []directory.Adopter
	for _, key := range []string{"food-civil", "food-market"} {
		if it := s[key]; it.BaseCode == base && key > after {
			out = append(out, directory.Adopter{Item: key, Name: it.Name, Agency: it.Agency, AgencyName: it.AgencyName, Region: it.Region, UseLevel: it.UseLevel, BaseVersion: it.BaseVersion})
		}
	}
	return out, nil
}

// TestManyItemsThatFollowStandOnPages: none is lost and none stands twice.
func TestManyItemsThatFollowStandOnPages(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, clock.Shanghai)
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, org.Schema, directory.Schema)
	tick := func() time.Time { return now }
	o := org.New(org.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: tick})
	dir := directory.New(directory.Deps{DB: d, Org: o, Now: tick})
	for _, base := range []string{followBase, strings.Replace(followBase, "n: 20", "n: 10", 1)} {
		files := []packfile.File{{Path: "regions.yaml", Data: []byte(regions)}, {Path: "agencies.yaml", Data: []byte(agencies)}, {Path: "base.yaml", Data: []byte(base)}}
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := o.LoadTx(ctx, tx, now, files); err != nil {
				return err
			}
			return dir.LoadTx(ctx, tx, now, files)
		}); err != nil {
			t.Fatal(err)
		}
	}
	items := many(1250)
	who := authz.Actor{StaffID: "qiao-bo", Roles: []authz.Role{authz.ItemOffice}, AgencyID: "market", Region: "580102", Via: "page"}
	site := web.New(web.Config{Actor: func(*http.Request) (authz.Actor, error) { return who, nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	site.Add(catalogweb.NewFollow(catalogweb.FollowConfig{Items: items, Directory: dir, Offices: o}).Routes()...)
	c := webtest.New(t, site.Handler())
	seen := map[string]int{}
	pages := 0
	for href := "/office/follow?whose=mine"; href != "" && pages < 20; pages++ {
		p := c.Get(href, 200)
		says(t, p, "main", "共 1250 项")
		p.Find("a[href^='/office/changes/new']").Each(func(_ int, s *goquery.Selection) { seen[s.AttrOr("href", "")]++ })
		href = p.Find("a[rel=next]").AttrOr("href", "")
	}
	if pages != 13 || len(seen) != 1250 {
		t.Errorf("%d items on %d pages", len(seen), pages)
	}
	for href, n := range seen {
		if n != 1 {
			t.Errorf("%s stands %d times", href, n)
		}
	}
}

// many is a shelf of that many items of one agency.
type many int

func (many) Item(_ context.Context, key string) (item.Item, error) {
	return item.Item{Key: key, Name: key, BaseCode: "000131006000", BaseVersion: 1, ItemType: "01"}, nil
}

func (n many) Adopters(_ context.Context, base, after string, limit int) ([]directory.Adopter, error) {
	var out []directory.Adopter
	for i := 0; i < int(n) && len(out) < limit && base == "000131006000"; i++ {
		if key := fmt.Sprintf("item-%05d", i); key > after {
			out = append(out, directory.Adopter{Item: key, Name: key, Agency: "market", AgencyName: "市场监督管理局", Region: "580102", UseLevel: "4", BaseVersion: 1})
		}
	}
	return out, nil
}

// TestItemsFollowTheirBase: by agency with the difference; what goes against the new base is changed, what does not may be confirmed with a reason.
func TestItemsFollowTheirBase(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, clock.Shanghai)
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, org.Schema, directory.Schema)
	tick := func() time.Time { return now }
	o := org.New(org.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: tick})
	dir := directory.New(directory.Deps{DB: d, Org: o, Now: tick})
	load := func(base string) {
		t.Helper()
		files := []packfile.File{{Path: "regions.yaml", Data: []byte(regions)}, {Path: "agencies.yaml", Data: []byte(agencies)}, {Path: "base.yaml", Data: []byte(base)}}
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := o.LoadTx(ctx, tx, now, files); err != nil {
				return err
			}
			return dir.LoadTx(ctx, tx, now, files)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	load(followBase)
	items := shelf{}
	for key, n := range map[string]int{"food-market": 20, "food-civil": 8} {
		it, err := dir.Adopt(t.Context(), "000131006000", strings.TrimPrefix(key, "food-"))
		if err != nil {
			t.Fatal(err)
		}
		it.Key, it.Name, it.Region, it.AgencyName, it.Limits.Legal.N = key, key, "580102", it.Agency+"局", n
		items[key] = *it
	}
	who := authz.Actor{StaffID: "qiao-bo", Roles: []authz.Role{authz.ItemOffice}, AgencyID: "market", Region: "580102", Via: "page"}
	site := web.New(web.Config{Actor: func(*http.Request) (authz.Actor, error) { return who, nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	follow := catalogweb.NewFollow(catalogweb.FollowConfig{Items: items, Directory: dir, Offices: o})
	site.Add(follow.Routes()...)
	c := webtest.New(t, site.Handler())

	says(t, c.Get("/office/follow", 200), "main", "没有需要跟进的实施清单")
	load(strings.Replace(followBase, "n: 20", "n: 10", 1))
	p := c.Get("/office/follow", 200)
	says(t, p, "main", "第 1 版 → 第 2 版", "20 工作日", "10 工作日", "与新目录抵触", "长于目录规定的 10", "共 2 项", "跟进期限")
	if p.Find("a[href='/office/changes/new?follow=1&item=food-market']").Length() != 1 {
		t.Error("no link to the change of the item")
	}
	if p.Find("form[action='/office/follow'][method=post]").Length() != 1 {
		t.Error("what goes against the base can be confirmed, or what does not cannot")
	}
	if got := c.Get("/office/follow?agency=civil", 200); got.Find("a[href='/office/changes/new?follow=1&item=food-market']").Length() != 0 {
		t.Error("the filter shows another agency's item")
	}
	if n, more, err := follow.Mine(authz.With(t.Context(), who)); n != 2 || more || err != nil {
		t.Errorf("%d items wait, %v %v", n, more, err)
	}
	if p := c.Get("/office/follow?after=000131006000+food-civil", 200); p.Find("h2").Text() == "" || strings.Contains(p.Find("main").Text(), "food-civil") || !strings.Contains(p.Find("main").Text(), "food-market") {
		t.Errorf("behind the first item: %s", p.Find("main").Text())
	}
	c.Post("/office/follow", url.Values{"item": {"food-market"}, "version": {"2"}, "reason": {"不受影响"}}, http.StatusConflict)
	c.Post("/office/follow", url.Values{"item": {"food-civil"}, "version": {"1"}, "reason": {"不受影响"}}, http.StatusConflict)
	c.Post("/office/follow", url.Values{"item": {"nothing"}, "version": {"2"}, "reason": {"不受影响"}}, http.StatusNotFound)
	says(t, c.Post("/office/follow", url.Values{"item": {"food-civil"}, "version": {"2"}}, 422), "main", "请写明原因和依据")
	says(t, c.Post("/office/follow", url.Values{"item": {"food-civil"}, "version": {"2"}, "reason": {"本机构的时限本来更短"}}, 200), "main", "已确认跟进", "共 1 项")

	who = authz.Actor{StaffID: "yan-heng", Roles: []authz.Role{authz.Legal}, AgencyID: "civil", Region: "580102"}
	p = c.Get("/office/follow", 200)
	says(t, p, "main", "由该机构或上级事项管理部门办理")
	if p.Find("form[action='/office/follow'][method=post]").Length() != 0 {
		t.Error("legal review is offered to confirm")
	}
	c.Post("/office/follow", url.Values{"item": {"food-market"}, "version": {"2"}, "reason": {"x"}}, http.StatusForbidden)
	who.Roles = []authz.Role{authz.Clerk}
	c.Get("/office/follow", http.StatusForbidden)
}
