package designweb

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/design"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/packs"
)

// City is a whole installation below the room, with the demo city loaded. Tests of this package and of its pages from outside use it.
type City struct {
	Org      *org.Service
	Catalog  *catalog.Service
	Licences *licence.Service
	Packs    *pack.Service
	Design   *design.Service
}

// Clock is the hour of all tests.
func Clock() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }

// The city is loaded once, and every test works on a copy of its file; what was sealed on loading is opened with the same keys.
var (
	sealed   = vault.New(vault.NewKeys())
	cityFile = sync.OnceValues(loadCity)
)

func (k *City) Form(ctx context.Context, key string) (form.Definition, error) {
	d, _, err := k.Catalog.Form(ctx, key, 0)
	return d, err
}

func (k *City) Flow(ctx context.Context, key string) (flow.Definition, error) {
	d, _, err := k.Catalog.Flow(ctx, key, 0)
	return d, err
}

func (k *City) LicenceType(ctx context.Context, key string) (licence.Type, error) {
	return k.Licences.Type(ctx, key)
}

func (k *City) Post(ctx context.Context, key string) (org.Post, error) { return k.Org.Post(ctx, key) }

// OpenCity opens a copy.
func OpenCity(t *testing.T) *City {
	t.Helper()
	data, err := cityFile()
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), "sqlite:"+at, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return build(d)
}

func build(d *db.DB) *City {
	v, k := sealed, &City{}
	k.Org = org.New(org.Deps{DB: d, Vault: v, Now: Clock})
	k.Catalog = catalog.New(catalog.Deps{DB: d, Org: k.Org, Now: Clock})
	k.Licences = licence.New(licence.Deps{DB: d, Vault: v, Now: Clock})
	k.Packs = pack.New(d, v, Clock, k, k.Org, notify.New(notify.Deps{DB: d, Vault: v, Now: Clock}), paper.New(paper.Deps{DB: d, Vault: v, Now: Clock}), k.Licences, k.Catalog)
	k.Design = design.New(design.Deps{DB: d, Vault: v, Packs: k.Packs, Org: k.Org, Powers: k.Org, Items: k.Catalog, Now: Clock})
	return k
}

// loadCity gives the bytes of a database with the city.
func loadCity() ([]byte, error) {
	dir, err := os.MkdirTemp("", "city")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "city.db"), db.Options{})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	err = d.Migrate(ctx, job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, notify.Schema, catalog.Schema, paper.Schema, licence.Schema, pack.Schema, design.Schema)
	if err != nil {
		return nil, err
	}
	k := build(d)
	for _, name := range packs.Names[:2] {
		if err := k.take(ctx, name); err != nil {
			return nil, err
		}
	}
	copied := filepath.Join(dir, "copy.db")
	if err := d.Snapshot(ctx, copied); err != nil {
		return nil, err
	}
	return os.ReadFile(copied)
}

func (k *City) take(ctx context.Context, name string) error {
	sub, err := fs.Sub(packs.FS, name)
	if err != nil {
		return err
	}
	p, ps := pack.Read(sub)
	if name == packs.Names[0] { // of the city, what others use: its items cost time
		p.Files = slices.DeleteFunc(p.Files, func(f packfile.File) bool {
			k, key := design.KindOf(f.Path)
			return k == design.ItemFile && key != "prepacked-filing"
		})
	}
	if len(ps) == 0 {
		_, ps, err = k.Packs.Load(ctx, p)
	}
	if len(ps) > 0 {
		return errors.New(name + ": " + ps[0].File + " " + ps[0].Key)
	}
	return err
}
