package catalog_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, catalog.Schema}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// offices is the room below: two agencies of the demo city.
type offices struct{}

func (offices) Agencies(context.Context) []org.Agency {
	return []org.Agency{
		{Key: "market", Code: "11580102MB0K731283", Name: "清澜市清江区市场监督管理局", Short: "区市场监管局", Region: "580102"},
		{Key: "civil", Code: "11580102004192572R", Name: "清澜市清江区民政局", Short: "区民政局", Region: "580102"},
	}
}

func (offices) HasKey(_ context.Context, kind, key string) bool {
	return kind == "region" && key == "580102"
}

func service(d *db.DB) *catalog.Service {
	return catalog.New(catalog.Deps{DB: d, Org: offices{}, Now: func() time.Time { return start }})
}

// packDir reads the files of a pack of the repository.
func packDir(t testing.TB, name string) []packfile.File {
	return readPack(t, filepath.Join("..", "..", "..", "packs", name), name)
}

// vectorDir reads a pack that does not change when ours do.
func vectorDir(t testing.TB, name string) []packfile.File {
	return readPack(t, filepath.Join("testdata", "packs", name), name)
}

func readPack(t testing.TB, root, name string) []packfile.File {
	t.Helper()
	var out []packfile.File
	err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(p)
		out = append(out, packfile.File{Pack: name, Path: filepath.ToSlash(rel), Data: b})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// anything knows every key but those it is told are missing.
type anything struct{ missing []string }

func (a anything) Has(kind, key string) bool { return !slices.Contains(a.missing, kind+" "+key) }

func words(ps []packfile.Problem) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.File + " " + p.Pointer + " " + p.Key + " " + i18n.In(i18n.Chinese, p.Key, p.Params) + "\n")
	}
	return b.String()
}

func load(t testing.TB, d *db.DB, s *catalog.Service, files []packfile.File) {
	t.Helper()
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.LoadTx(ctx, tx, start, files) }); err != nil {
		t.Fatal(err)
	}
}
