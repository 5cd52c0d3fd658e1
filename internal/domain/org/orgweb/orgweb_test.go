package orgweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/org"
	"tongban/internal/domain/org/orgweb"
)

const regions = `regions:
  - {code: "580000", name: 澜州省（虚构）, parent: "", level: province}
  - {code: "580102", name: 清江区, parent: "580000", level: county}
`

const agencies = `agencies:
  - key: market
    code: "11580102MB0K731283"
    name: 清澜市清江区市场监督管理局
    short: 区市场监管局
    region: "580102"
    nature: "1"
    government: 清澜市清江区人民政府
    court: 清澜市清江区人民法院
    address: 橡树街15号
    phone: "0588-12315021"
    complaint_phone: "0588-12315090"
    seal: {name: 清澜市清江区市场监督管理局, purpose: 行政审批专用章}
    number_mark: 清江市监食许
    windows:
      - {key: hall-food, name: 食品窗口, hall: 政务服务大厅, address: 澜江大道88号, hours: 工作日 9:00–17:00}
    posts:
      - {key: market-decide, name: 决定岗, acts: [decide], items: [food-licence-new]}
    staff:
      - {key: lu-zheng, login: luzheng, name: 陆正言, roles: [officer], posts: [market-decide], phone: "19900000004"}
      - {key: zhou-min, login: zhoumin, name: 周敏, roles: [officer], posts: [market-decide], phone: "19900000002"}
      - {key: boss, login: boss, name: 方远, roles: [admin], posts: [], phone: "19900000014"}
      - {key: guard, login: guard, name: 秦守拙, roles: [security], posts: [], phone: "19900000015"}
      - {key: second, login: second, name: 柏鹭, roles: [security], posts: [], phone: "19900000016"}
`

type desk struct {
	*webtest.Client
	d     *db.DB
	org   *org.Service
	actor authz.Actor
	now   time.Time
}

// items is a catalogue in which every agency has as many items.
type items int

func (n items) LiveItems(context.Context, string) (int, error) { return int(n), nil }

func open(t *testing.T) *desk {
	t.Helper()
	k := &desk{d: dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, org.Schema), now: time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return k.now }
	log := slog.New(slog.DiscardHandler)
	a := audit.NewLog(k.d, clock, log)
	t.Cleanup(a.Close)
	k.org = org.New(org.Deps{DB: k.d, Vault: vault.New(vault.NewKeys()), Audit: a, Now: clock, Log: log, Items: items(7)})
	files := []packfile.File{{Path: "regions.yaml", Data: []byte(regions)}, {Path: "agencies.yaml", Data: []byte(agencies)}}
	if err := k.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.org.LoadTx(ctx, tx, k.now, files) }); err != nil {
		t.Fatal(err)
	}
	shell := func(ctx context.Context, r *http.Request) context.Context {
		return ui.WithShell(ctx, ui.Shell{Nav: orgweb.Nav(ctx, authz.From(ctx), r.URL.Path), Path: r.URL.Path})
	}
	site := web.New(web.Config{Actor: func(*http.Request) (authz.Actor, error) { return k.actor, nil }, Prepare: shell, Log: log, Now: time.Now})
	site.Add(orgweb.New(orgweb.Config{Org: k.org, Now: clock}).Routes()...)
	k.Client = webtest.New(t, site.Handler())
	return k
}

// as signs an account with a role in: boss, guard, or one that org does not know.
func (k *desk) as(r authz.Role) {
	id := map[authz.Role]string{authz.Admin: "boss", authz.Security: "guard"}[r]
	if id == "" {
		id = "tester"
	}
	k.actor = authz.Actor{StaffID: id, Roles: []authz.Role{r}}
}

// second is the other security officer.
func (k *desk) second() {
	k.actor = authz.Actor{StaffID: "second", Roles: []authz.Role{authz.Security}}
}

func contains(t *testing.T, p *webtest.Page, selector, want string) {
	t.Helper()
	if got := p.Find(selector).Text(); !strings.Contains(got, want) {
		t.Errorf("%s of %s says %q, not %q", selector, p.URL.Path, strings.TrimSpace(got), want)
	}
}

func TestOnlyTheRightAdministratorEnters(t *testing.T) {
	k := open(t)
	for _, r := range authz.Roles {
		k.as(r)
		for path, perm := range map[string]authz.Permission{"/admin/agencies": authz.OrgAdmin, "/admin/calendar": authz.OrgAdmin, "/admin/staff": authz.StaffAdmin, "/admin/proposals": authz.PowerReview, "/admin/imports/new": authz.PowerReview} {
			want := http.StatusForbidden
			if authz.May(r, perm) {
				want = http.StatusOK
			}
			k.Get(path, want)
		}
	}
}

func TestEveryPageOpens(t *testing.T) {
	k := open(t)
	for _, lang := range []string{"zh-CN", "en"} {
		k.Lang = lang
		k.as(authz.Admin)
		for _, path := range []string{
			"/admin/agencies", "/admin/agencies/new", "/admin/agencies/market", "/admin/agencies/market/windows/new", "/admin/windows/hall-food",
			"/admin/agencies/market/posts/new", "/admin/posts/market-decide", "/admin/regions", "/admin/regions/new", "/admin/regions/580102", "/admin/calendar?year=2027", "/admin/calendar/load",
		} {
			k.Get(path, 200)
		}
		k.as(authz.Security)
		for _, path := range []string{
			"/admin/staff", "/admin/staff?agency=market", "/admin/staff/new", "/admin/staff/lu-zheng", "/admin/staff/guard",
			"/admin/staff/lu-zheng/grant", "/admin/staff/lu-zheng/move", "/admin/staff/lu-zheng/edit", "/admin/staff/lu-zheng/leave", "/admin/staff/lu-zheng/withdraw",
			"/admin/staff/lu-zheng/substitute", "/admin/proposals", "/admin/proposals?show=done", "/admin/imports/new",
		} {
			k.Get(path, 200)
		}
	}
	contains(t, k.Get("/admin/staff", 200), ".desk-nav [aria-current=page]", "Staff accounts")
	k.as(authz.Admin)
	k.Get("/admin/agencies/none", 404)
	contains(t, k.Get("/admin/agencies/market", 200), "dl", "清澜市清江区人民政府")
}

func TestAWindowIsChangedAndAConflictShowsBothVersions(t *testing.T) {
	k := open(t)
	k.as(authz.Admin)
	form := url.Values{"_v": {"1"}, "name": {"综合窗口"}, "hall": {"政务服务大厅"}, "address": {"澜江大道88号"}, "hours": {"工作日"}, "floor": {"二楼"}}
	p := k.Post("/admin/windows/hall-food", form, 200)
	contains(t, p, "[data-status]", "已保存")
	if w, err := k.org.Window(t.Context(), "hall-food"); err != nil || w.Name != "综合窗口" || w.Agency != "market" {
		t.Errorf("stored: %+v, %v", w, err)
	}
	form.Set("name", "另一个窗口")
	p = k.Post("/admin/windows/hall-food", form, 409)
	contains(t, p, "table.diff", "综合窗口")
	contains(t, p, "table.diff", "另一个窗口")
	if v, _ := p.Find("input[name=name]").Attr("value"); v != "另一个窗口" {
		t.Errorf("the typed name became %q", v)
	}
	form.Set("_v", p.Find("input[name=_v]").AttrOr("value", ""))
	k.Post("/admin/windows/hall-food", form, 200)
	if w, _ := k.org.Window(t.Context(), "hall-food"); w.Name != "另一个窗口" {
		t.Errorf("saving again did not keep mine: %+v", w)
	}
}

func TestWrongAnswersComeBackWithWhatWasTyped(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Admin)
	p := k.Post("/admin/agencies/market/posts", url.Values{"key": {"Market Review"}, "name": {""}, "acts": {"review"}, "items": {"food-licence-new，elder-card"}}, 422)
	if n := p.Find(".error-summary li").Length(); n != 2 {
		t.Errorf("%d errors in the summary, want 2", n)
	}
	contains(t, p, "#f-name-error", "请填写名称")
	contains(t, p, "textarea[name=items]", "elder-card")
	if p.Find("input[name=key]").AttrOr("value", "") != "Market Review" || p.Find("input[name=acts][value=review][checked]").Length() != 1 {
		t.Error("the typed answers are gone")
	}
	p = k.Post("/admin/agencies/market/posts", url.Values{"key": {"market-decide"}, "name": {"又一个"}, "acts": {"review"}}, 422)
	contains(t, p, "#f-key-error", "已被使用")
	k.Post("/admin/agencies/market/posts", url.Values{"key": {"market-review"}, "name": {"审查岗"}, "acts": {"review", "inspect"}, "items": {"food-licence-new elder-card"}}, 200)
	if o, err := k.org.Post(t.Context(), "market-review"); err != nil || !o.May("inspect", "elder-card") || o.Agency != "market" {
		t.Errorf("stored: %+v, %v", o, err)
	}
}

func TestCalendarPages(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Admin)
	contains(t, k.Get("/admin/calendar?year=2027", 200), ".notice.warn", "2027 年的节假日安排还没有载入")
	if k.Get("/admin/agencies", 200).Find(".notice.warn").Length() != 0 {
		t.Error("in March nobody needs next year's list")
	}
	k.now = time.Date(2026, 11, 3, 4, 0, 0, 0, time.UTC)
	contains(t, k.Get("/admin/agencies", 200), ".notice.warn", "2027")
	day := url.Values{"date.y": {"2027"}, "date.m": {"3"}, "date.d": {"8"}, "kind": {"rest"}, "note": {"民族节日"}, "source": {"公告"}}
	contains(t, k.Post("/admin/calendar/days", day, 422), "#f-date-group", "还没有载入")
	day.Set("date.y", "2026")
	p := k.Post("/admin/calendar/days", day, 200)
	contains(t, p, "main table.cards", "民族节日")
	if p.Find("form[action='/admin/calendar/days/2026-03-08/drop']").Length() != 1 {
		t.Error("the day cannot be taken back")
	}
	k.Post("/admin/calendar/days/2026-03-08/drop", nil, 200)
	k.Post("/admin/calendar/days/2026-03-08/drop", nil, 404)
	p = k.Post("/admin/calendar/load", url.Values{"year": {"2027"}, "source": {"通知"}, "rows": {"2027-01-01,休,元旦\nbad"}}, 422)
	contains(t, p, ".error-summary", "第 2 行")
	contains(t, p, "textarea", "2027-01-01,休,元旦")
	var rows strings.Builder
	for _, d := range []string{"01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03"} {
		rows.WriteString("2027-" + d + ",休,节日\r\n")
	}
	p = k.Post("/admin/calendar/load", url.Values{"year": {"2027"}, "source": {"通知"}, "rows": {rows.String()}}, 200)
	if p.Find(".notice.warn").Length() != 0 || k.org.MissingYear(t.Context()) != 0 {
		t.Error("the loaded year still counts as missing")
	}
}
