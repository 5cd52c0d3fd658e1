package design_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/ident"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/design"
	"tongban/internal/domain/pack"
	"tongban/packs"
)

// The demo city is loaded once on each engine, and every test works on a copy of its own; what was sealed on loading is opened with the same keys.
var (
	sealed   = vault.New(vault.NewKeys())
	cityFile = sync.OnceValues(loadFile)
	cityBase = sync.OnceValues(loadBase)
)

func TestMain(m *testing.M) {
	code := m.Run()
	if name, err := cityBase(); os.Getenv(dbtest.ServerVar) != "" && err == nil {
		_ = admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
	}
	os.Exit(code)
}

// loadFile gives the bytes of a SQLite file with the city.
func loadFile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "city")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "copy.db")
	err = load("sqlite:"+filepath.Join(dir, "city.db"), func(d *db.DB) error { return d.Snapshot(context.Background(), copied) })
	if err != nil {
		return nil, err
	}
	return os.ReadFile(copied)
}

// loadBase gives the name of a PostgreSQL database with the city, which others are copied from.
func loadBase() (string, error) {
	if os.Getenv(dbtest.ServerVar) == "" {
		return "", nil
	}
	name := "city" + strings.ReplaceAll(ident.New(), "-", "")
	if err := admin("CREATE DATABASE " + name + " TEMPLATE template0"); err != nil {
		return "", err
	}
	u, err := url.Parse(os.Getenv(dbtest.ServerVar))
	if err != nil {
		return "", err
	}
	u.Path, u.RawQuery = "/"+name, u.RawQuery+"&tongban_unsafe=1"
	return name, load(u.String(), func(*db.DB) error { return nil })
}

func admin(q ...string) error {
	c, err := sql.Open("pgx", os.Getenv(dbtest.ServerVar))
	if err != nil {
		return err
	}
	defer c.Close()
	for _, x := range q {
		if _, err := c.ExecContext(context.Background(), x); err != nil {
			return err
		}
	}
	return nil
}

// load makes the rooms' tables in a database, loads the first packs, and closes it.
func load(url string, then func(*db.DB) error) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{MaxConns: 8})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx, schema...); err != nil {
		return err
	}
	k := &town{d: d, now: start}
	k.build()
	for _, name := range packs.Names[:2] {
		if err := k.take(ctx, name); err != nil {
			return err
		}
	}
	return then(d)
}

func (k *town) take(ctx context.Context, name string) error {
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
		_, ps, err = k.packs.Load(ctx, p)
	}
	if len(ps) > 0 {
		return errors.New(name + ": " + ps[0].File + " " + ps[0].Key)
	}
	return err
}

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// onSQLite opens a copy of the city.
func onSQLite(t *testing.T) *town {
	t.Helper()
	data, err := cityFile()
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+at)
}

func onPostgres(t *testing.T) *town {
	t.Helper()
	city, err := cityBase()
	if err != nil {
		t.Fatal(err)
	}
	at := dbtest.PostgresURL(t)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	if err := admin("DROP DATABASE "+name, "CREATE DATABASE "+name+" TEMPLATE "+city); err != nil {
		t.Fatal(err)
	}
	return open(t, at)
}

func open(t *testing.T, url string) *town {
	t.Helper()
	o := db.Options{MaxConns: 8}
	if os.Getenv("TONGBAN_TEST_ISOLATION") == "repeatable_read" {
		o.Isolation = sql.LevelRepeatableRead
	}
	d, err := db.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	k := &town{t: t, d: d, now: start}
	k.build()
	return k
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, k *town)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, onSQLite(t)) })
	if os.Getenv(dbtest.ServerVar) != "" {
		t.Run("postgres", func(t *testing.T) { fn(t, onPostgres(t)) })
	}
}

// one runs a test on SQLite alone, where nothing new is asked of the database.
func one(t *testing.T, fn func(t *testing.T, k *town)) {
	t.Helper()
	fn(t, onSQLite(t))
}
