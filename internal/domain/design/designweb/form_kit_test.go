package designweb

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/design"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// formDesk is a site with the demo city's packs and a change on the food licence, seen by an item officer.
type formDesk struct {
	*webtest.Client
	actor   authz.Actor
	handler http.Handler
	id      string
	at      string // address of the form's designer
}

func openForm(t *testing.T) *formDesk {
	t.Helper()
	town := OpenCity(t)
	s, o, c, clock := town.Design, town.Org, town.Catalog, Clock
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
	p := k.Get(k.at, http.StatusOK).Find("script#design-data").Text()
	var out struct {
		Definition form.Definition `json:"definition"`
		Rev        int             `json:"rev"`
	}
	if err := json.Unmarshal([]byte(p), &out); err != nil {
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
