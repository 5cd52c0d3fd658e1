package designweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/design"
	"tongban/internal/domain/design/designweb"
)

var (
	market = authz.Actor{StaffID: "qiao-bo", AgencyID: "market", Roles: []authz.Role{authz.ItemOffice}, Via: "page"}
	bureau = authz.Actor{StaffID: "ning-ke", AgencyID: "hall", Roles: []authz.Role{authz.ItemOffice}, Via: "page"}
	lawyer = authz.Actor{StaffID: "yan-heng", AgencyID: "hall", Roles: []authz.Role{authz.Legal}, Via: "page"}
	civil  = authz.Actor{StaffID: "wei-chun", AgencyID: "civil", Roles: []authz.Role{authz.ItemOffice}, Via: "page"}
)

// office is a browser before a site with the demo city behind it.
type office struct {
	*webtest.Client
	t       *testing.T
	actor   authz.Actor
	design  *design.Service
	catalog *catalog.Service
	site    *web.Site
}

func open(t *testing.T) *office {
	t.Helper()
	c, now := designweb.OpenCity(t), designweb.Clock
	k := &office{t: t, actor: market, design: c.Design, catalog: c.Catalog}
	k.site = web.New(web.Config{
		Actor: func(*http.Request) (authz.Actor, error) { return k.actor, nil },
		Prepare: func(ctx context.Context, r *http.Request) context.Context {
			return ui.WithShell(ctx, ui.Shell{Path: r.URL.Path})
		},
		Log: slog.New(slog.DiscardHandler), Now: now,
	})
	k.site.Add(designweb.New(designweb.Config{
		Design: k.design, Offices: c.Org, Now: now, Facts: func(ctx context.Context) rule.Facts { return k.catalog.RuleFacts(ctx) },
	}).Routes()...)
	k.Client = webtest.New(t, k.site.Handler())
	k.Lang = "zh-CN"
	return k
}

// as changes who sits before the browser.
func (k *office) as(a authz.Actor) *office {
	k.actor = a
	return k
}

// begin starts a new item and gives the address of the change.
func (k *office) begin() string {
	k.t.Helper()
	k.as(market)
	p := k.Get("/office/changes/new", 200).Submit("form[action='/office/changes']", map[string][]string{"name": {"养犬登记（个人）"}, "key": {"dog-registration"}, "agency": {"market"}}, 200)
	return p.URL.Path
}

func (k *office) id(at string) string { return strings.TrimPrefix(at, "/office/changes/") }

// post sends JSON as a designer's island does.
func (k *office) json(method, path, body string, status int) *webtest.Page {
	k.t.Helper()
	return k.Send(method, path, "application/json", strings.NewReader(body), status)
}

// status is the answer's status, whatever it is.
func (k *office) status(method, path string) int {
	k.t.Helper()
	r := httptest.NewRequestWithContext(k.t.Context(), method, path, strings.NewReader(""))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	k.site.Handler().ServeHTTP(w, r)
	return w.Code
}
