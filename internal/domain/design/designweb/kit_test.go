package designweb_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/design"
	"tongban/internal/domain/design/designweb"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/packs"
)

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, notify.Schema, catalog.Schema, paper.Schema, licence.Schema, pack.Schema, design.Schema}

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

type shelf struct {
	catalog  *catalog.Service
	licences *licence.Service
	org      *org.Service
}

func (s shelf) Form(ctx context.Context, key string) (form.Definition, error) {
	d, _, err := s.catalog.Form(ctx, key, 0)
	return d, err
}

func (s shelf) Flow(ctx context.Context, key string) (flow.Definition, error) {
	d, _, err := s.catalog.Flow(ctx, key, 0)
	return d, err
}

func (s shelf) LicenceType(ctx context.Context, key string) (licence.Type, error) {
	return s.licences.Type(ctx, key)
}

func (s shelf) Post(ctx context.Context, key string) (org.Post, error) { return s.org.Post(ctx, key) }

func open(t *testing.T) *office {
	t.Helper()
	d := dbtest.SQLite(t, schema...)
	now := func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }
	v := vault.New(vault.NewKeys())
	k := &office{t: t, actor: market}
	offices := org.New(org.Deps{DB: d, Vault: v, Now: now})
	k.catalog = catalog.New(catalog.Deps{DB: d, Org: offices, Now: now})
	licences := licence.New(licence.Deps{DB: d, Vault: v, Now: now})
	loader := pack.New(d, v, now, shelf{k.catalog, licences, offices}, offices, notify.New(notify.Deps{DB: d, Vault: v, Now: now}), paper.New(paper.Deps{DB: d, Vault: v, Now: now}), licences, k.catalog)
	k.design = design.New(design.Deps{DB: d, Vault: v, Packs: loader, Org: offices, Powers: offices, Items: k.catalog, Now: now})
	for _, name := range packs.Names[:2] {
		sub, _ := fs.Sub(packs.FS, name)
		p, ps := pack.Read(sub)
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		if name == packs.Names[0] { // of the city, what others use: its items cost time
			p.Files = slices.DeleteFunc(p.Files, func(f packfile.File) bool {
				k, key := design.KindOf(f.Path)
				return k == design.ItemFile && key != "prepacked-filing"
			})
		}
		if _, ps, err := loader.Load(t.Context(), p); err != nil || len(ps) > 0 {
			t.Fatal(name, err, ps)
		}
	}
	k.site = web.New(web.Config{
		Actor: func(*http.Request) (authz.Actor, error) { return k.actor, nil },
		Prepare: func(ctx context.Context, r *http.Request) context.Context {
			return ui.WithShell(ctx, ui.Shell{Path: r.URL.Path})
		},
		Log: slog.New(slog.DiscardHandler), Now: now,
	})
	k.site.Add(designweb.New(designweb.Config{
		Design: k.design, Offices: offices, Now: now, Facts: func(ctx context.Context) rule.Facts { return k.catalog.RuleFacts(ctx) },
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
