package designweb

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/design"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/packs"
)

// formDesk is a site with the demo city's packs and a change on the food licence, seen by an item officer.
type formDesk struct {
	*webtest.Client
	actor   authz.Actor
	handler http.Handler
	id      string
	at      string // address of the form's designer
}

type formShelf struct {
	catalog  *catalog.Service
	licences *licence.Service
	org      *org.Service
}

func (s formShelf) Form(ctx context.Context, key string) (form.Definition, error) {
	d, _, err := s.catalog.Form(ctx, key, 0)
	return d, err
}

func (s formShelf) Flow(ctx context.Context, key string) (flow.Definition, error) {
	d, _, err := s.catalog.Flow(ctx, key, 0)
	return d, err
}

func (s formShelf) LicenceType(ctx context.Context, key string) (licence.Type, error) {
	return s.licences.Type(ctx, key)
}

func (s formShelf) Post(ctx context.Context, key string) (org.Post, error) {
	return s.org.Post(ctx, key)
}

func openForm(t *testing.T) *formDesk {
	t.Helper()
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, notify.Schema, catalog.Schema, paper.Schema, licence.Schema, pack.Schema, design.Schema)
	clock := func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }
	v := vault.New(vault.NewKeys())
	o := org.New(org.Deps{DB: d, Vault: v, Now: clock})
	c := catalog.New(catalog.Deps{DB: d, Org: o, Now: clock})
	l := licence.New(licence.Deps{DB: d, Vault: v, Now: clock})
	p := pack.New(d, v, clock, formShelf{c, l, o}, o, notify.New(notify.Deps{DB: d, Vault: v, Now: clock}), paper.New(paper.Deps{DB: d, Vault: v, Now: clock}), l, c)
	for _, name := range packs.Names {
		loadPack(t, p, name)
	}
	s := design.New(design.Deps{DB: d, Vault: v, Packs: p, Org: o, Powers: o, Items: c, Now: clock})
	k := &formDesk{actor: authz.Actor{StaffID: "qiao-bo", AgencyID: "market", Roles: []authz.Role{authz.ItemOffice}, Via: "page"}}
	change, err := s.Start(t.Context(), k.actor, design.Start{Item: "food-licence-new"})
	if err != nil {
		t.Fatal(err)
	}
	k.id, k.at = change.ID, "/office/changes/"+change.ID+"/forms/food"
	h := New(Config{Design: s, Offices: o, Now: clock, Forms: func(ctx context.Context) []form.Definition {
		f, _, err := c.Form(ctx, "food", 0)
		if err != nil {
			t.Error(err)
		}
		return []form.Definition{f}
	}})
	site := web.New(web.Config{
		Now: clock, Log: slog.New(slog.DiscardHandler), Observe: func(string, int, time.Duration) {}, Actor: func(r *http.Request) (authz.Actor, error) {
			if _, err := r.Cookie("over"); err == nil { // the session has ended
				return authz.Actor{}, nil
			}
			return k.actor, nil
		},
		SignIn: func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, "/signin") },
		Prepare: func(ctx context.Context, r *http.Request) context.Context {
			ctx = i18n.With(ctx, i18n.Parse(r.Header.Get("Accept-Language")))
			return ui.WithShell(ctx, ui.Shell{Lang: string(i18n.From(ctx)), Path: r.URL.Path, Elder: r.URL.Query().Has("elder")})
		},
		ErrorPage: func(v web.ErrorView) templ.Component { return ui.DeskPage(ui.PageView{Title: "error"}) },
	})
	site.Add(h.Routes()...)
	site.Mount("/a/", ui.AssetHandler())
	k.handler = site.Handler()
	k.Client = webtest.New(t, k.handler)
	return k
}

func loadPack(t *testing.T, s *pack.Service, name string) {
	t.Helper()
	sub, err := fs.Sub(packs.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	p, ps := pack.Read(sub)
	if len(ps) == 0 {
		_, ps, err = s.Load(t.Context(), p)
	}
	if err != nil || len(ps) > 0 {
		t.Fatal(name, err, ps)
	}
}

// send posts JSON and reads the answer, if it is one, into out.
func (k *formDesk) send(t *testing.T, path string, in, out any, status int) {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	p := k.Send(http.MethodPost, path, "application/json", strings.NewReader(string(b)), status)
	if status != http.StatusOK {
		return
	}
	if err := json.Unmarshal(p.Raw, out); err != nil {
		t.Fatalf("%s: %v: %.300s", path, err, p.Raw)
	}
}

// data gives the form as the island gets it.
func (k *formDesk) data(t *testing.T) (d form.Definition, rev int) {
	t.Helper()
	p := k.Get(k.at+"/data", http.StatusOK)
	var out struct {
		Definition form.Definition `json:"definition"`
		Rev        int             `json:"rev"`
	}
	if err := json.Unmarshal(p.Raw, &out); err != nil {
		t.Fatal(err)
	}
	return out.Definition, out.Rev
}

func expr(t *testing.T, s string) (e cond.Expr) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &e); err != nil {
		t.Fatal(err)
	}
	return e
}
