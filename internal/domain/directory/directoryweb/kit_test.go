package directoryweb_test

import (
	"context"
	"io/fs"
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
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/directory/directoryweb"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/packs"
)

// desk is the demo city's directory with one visitor.
type desk struct {
	*webtest.Client
	d     *db.DB
	dir   *directory.Service
	run   *job.Runner
	actor authz.Actor
	now   time.Time
	held  []directory.Adopter
}

// Adopters stands in for the catalogue above.
func (k *desk) Adopters(_ context.Context, base, after string, _ int) ([]directory.Adopter, error) {
	if base != "000131006000" || after != "" {
		return nil, nil
	}
	return k.held, nil
}

func open(t *testing.T) *desk {
	t.Helper()
	k := &desk{d: dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, org.Schema, directory.Schema), now: time.Date(2026, 3, 2, 12, 0, 0, 0, clock.Shanghai)}
	tick := func() time.Time { return k.now }
	v := vault.New(vault.NewKeys())
	o := org.New(org.Deps{DB: k.d, Vault: v, Now: tick})
	k.dir = directory.New(directory.Deps{DB: k.d, Vault: v, Org: o, Now: tick})
	var files []packfile.File
	for _, name := range []string{"regions.yaml", "agencies.yaml", "base.yaml"} {
		b, err := fs.ReadFile(packs.FS, "qinglan/"+name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, packfile.File{Pack: "qinglan", Path: name, Data: b})
	}
	err := k.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := o.LoadTx(ctx, tx, k.now, files); err != nil {
			return err
		}
		return k.dir.LoadTx(ctx, tx, k.now, files)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.dir.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.held = []directory.Adopter{{Item: "food-licence-new", Name: "食品经营许可（新办）", Agency: "market", AgencyName: "清澜市清江区市场监督管理局", Region: "580102", UseLevel: "4", Delegates: []item.Delegate{{Region: "580102001", Office: "望江街道便民中心", Acts: []string{"receive"}}}}}
	site := web.New(web.Config{Actor: func(*http.Request) (authz.Actor, error) { return k.actor, nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	pages := directoryweb.New(directoryweb.Config{Directory: k.dir, Offices: o, Adopters: k, Now: tick})
	site.Add(pages.Routes()...)
	pages.AddAPI(web.NewAPI(site, "1", nil))
	k.Client = webtest.New(t, site.Handler())
	k.run = job.NewRunner(k.d, tick, nil)
	for kind, w := range k.dir.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, event.NewBus(k.d).Deliver)
	return k
}

// as signs an account of the demo city in.
func (k *desk) as(id string) {
	who := map[string]authz.Actor{
		"mu-yan":   {Roles: []authz.Role{authz.ItemOffice}, AgencyID: "estate", Region: "580100"},
		"ruan-qiu": {Roles: []authz.Role{authz.ItemOffice}, AgencyID: "estate", Region: "580100"},
		"tao-ran":  {Roles: []authz.Role{authz.Legal}, AgencyID: "estate", Region: "580100"},
		"qiao-bo":  {Roles: []authz.Role{authz.ItemOffice}, AgencyID: "market", Region: "580102"},
		"yan-heng": {Roles: []authz.Role{authz.Legal}, AgencyID: "hall", Region: "580102"},
	}[id]
	who.StaffID, who.Via = id, "page"
	k.actor = who
}

// says fails the test unless the text of the chosen elements holds every phrase.
func says(t *testing.T, p *webtest.Page, selector string, phrases ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(p.Find(selector).Text()), " ")
	for _, want := range phrases {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q: %.900s", p.URL, want, text)
		}
	}
}

func silent(t *testing.T, p *webtest.Page, selector string, phrases ...string) {
	t.Helper()
	text := p.Find(selector).Text()
	for _, not := range phrases {
		if strings.Contains(text, not) {
			t.Errorf("%s says %q", p.URL, not)
		}
	}
}

func set(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
