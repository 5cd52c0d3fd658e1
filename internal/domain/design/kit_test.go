package design_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, notify.Schema, catalog.Schema, paper.Schema, licence.Schema, pack.Schema, design.Schema}

// town is a whole installation below the room, with the demo city loaded.
type town struct {
	*design.Service
	t        *testing.T
	d        *db.DB
	now      time.Time
	org      *org.Service
	catalog  *catalog.Service
	licences *licence.Service
	packs    *pack.Service
	jobs     *job.Runner
}

type shelf struct{ *town }

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

// base is the base directory: one item of it, which moved on to version 2.
type base struct{}

func (base) Adopt(_ context.Context, code, _ string) (*item.Item, error) {
	if code != "580709001000" {
		return nil, errs.New(errs.NotFound, "design.no_bases")
	}
	return &item.Item{BaseCode: code, BaseVersion: 1, Name: "养犬登记", ItemType: "07", UseLevel: "4", Serial: 1, Online: item.OnlineGuide}, nil
}

func (base) Bases(_ context.Context, q directory.Query) ([]directory.Base, int, string, error) {
	var out []directory.Base
	for _, b := range []directory.Base{
		{Code: "580709001000", Name: "养犬登记", UseLevels: []string{"4"}},
		{Code: "580709002000", Name: "省级养犬基地认定", UseLevels: []string{"2"}},
		{Code: "580709003000", Name: "犬类免疫登记", UseLevels: []string{"3", "4"}},
	} {
		if q.State == directory.InUse && contains(b.Name, q.Text) {
			out = append(out, b)
		}
	}
	return out, len(out), "", nil
}

func (base) FollowItem(_ context.Context, it *item.Item) (*item.Item, []directory.Conflict, error) {
	is := *it
	is.BaseVersion, is.MainItem = 2, "养犬登记（新）"
	return &is, []directory.Conflict{{Element: "main_item", Mine: it.MainItem, New: is.MainItem}}, nil
}

// build makes the rooms over the town's database.
func (k *town) build() {
	clock := func() time.Time { return k.now }
	d, v := k.d, sealed
	k.org = org.New(org.Deps{DB: d, Vault: v, Now: clock})
	k.catalog = catalog.New(catalog.Deps{DB: d, Org: k.org, Now: clock})
	k.licences = licence.New(licence.Deps{DB: d, Vault: v, Now: clock})
	k.packs = pack.New(d, v, clock, shelf{k}, k.org, notify.New(notify.Deps{DB: d, Vault: v, Now: clock}), paper.New(paper.Deps{DB: d, Vault: v, Now: clock}), k.licences, k.catalog)
	k.Service = design.New(design.Deps{DB: d, Vault: v, Packs: k.packs, Org: k.org, Powers: k.org, Items: k.catalog, Bases: base{}, Now: clock})
	k.jobs = job.NewRunner(d, clock, nil)
	for kind, w := range k.Workers() {
		k.jobs.Handle(kind, w)
	}
	k.jobs.Handle(event.DeliverKind, event.NewBus(d).Deliver)
}

func staff(id, agency string, roles ...authz.Role) authz.Actor {
	return authz.Actor{StaffID: id, AgencyID: agency, Roles: roles, Via: "page"}
}

var (
	market = staff("qiao-bo", "market", authz.ItemOffice) // item office of the market bureau
	bureau = staff("ning-ke", "hall", authz.ItemOffice)   // of the government service bureau
	lawyer = staff("yan-heng", "hall", authz.Legal)
	civil  = staff("wei-chun", "civil", authz.ItemOffice)
)

// dogFiles are those of a whole service, by path.
func dogFiles(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	root := os.DirFS("testdata/dog")
	err := fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		out[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// draw begins a new item and writes all its files.
func (k *town) draw() design.Change {
	k.t.Helper()
	ctx := k.t.Context()
	c, err := k.Start(ctx, market, design.Start{Key: "dog-registration", Name: "养犬登记（个人）", Agency: "market"})
	if err != nil {
		k.t.Fatal(err)
	}
	for path, text := range dogFiles(k.t) {
		rev := 0
		if path == "items/dog-registration.yaml" {
			rev = 1
		}
		if _, err := k.Write(ctx, market, c.ID, path, rev, text); err != nil {
			k.t.Fatal(path, err)
		}
	}
	return c
}

// approve takes a draft through both looks.
func (k *town) approve(id string) {
	k.t.Helper()
	ctx := k.t.Context()
	for _, err := range []error{k.Submit(ctx, market, id), k.Second(ctx, bureau, id, "内容齐全"), k.Legal(ctx, lawyer, id, "依据有效")} {
		if err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *town) state(id string) design.State {
	k.t.Helper()
	c, err := k.Change(k.t.Context(), bureau, id)
	if err != nil {
		k.t.Fatal(err)
	}
	return c.State
}

// is fails the test unless an error has a text key; "" is no error.
func is(t *testing.T, err error, key string) {
	t.Helper()
	if key == "" && err != nil || key != "" && !errs.Is(err, key) {
		t.Errorf("error %v, want %q", err, key)
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }
