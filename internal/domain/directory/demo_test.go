package directory_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/packs"
)

// TestTheDemoDirectoryFitsTheDemoItems: its section is right, it covers every base code of the packs' items, and none of them contradicts it.
func TestTheDemoDirectoryFitsTheDemoItems(t *testing.T) {
	h := open(t, dbtest.SQLite(t, rooms...))
	text, err := fs.ReadFile(packs.FS, "qinglan/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := []packfile.File{{Pack: "qinglan", Path: "base.yaml", Data: text}}
	if ps := h.CheckSection(t.Context(), files, nil); len(ps) > 0 {
		t.Fatalf("%+v", ps)
	}
	if err := h.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return h.LoadTx(ctx, tx, h.now, files) }); err != nil {
		t.Fatal(err)
	}
	items := 0
	err = fs.WalkDir(packs.FS, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(path, "/items/") {
			return err
		}
		b, err := fs.ReadFile(packs.FS, path)
		var it item.Item
		if !packfile.Loose(packfile.File{Path: path, Data: b}, &it) {
			t.Errorf("%s cannot be read", path)
		}
		items++
		base, ok, baseErr := h.Base(t.Context(), it.BaseCode)
		if !ok || baseErr != nil {
			t.Errorf("%s: no base item %s", path, it.BaseCode)
			return err
		}
		for _, c := range directory.Contradicts(base, &it) {
			t.Errorf("%s: %s %s %v", path, c.Element, c.Key, c.Params)
		}
		return err
	})
	if err != nil || items < 20 {
		t.Fatalf("%d items, %v", items, err)
	}
	all, total, _, err := h.Bases(t.Context(), directory.Query{})
	if err != nil || total < 80 {
		t.Errorf("%d base items, %v", total, err)
	}
	statuses := map[string]int{}
	for _, b := range all {
		for _, x := range b.Basis {
			statuses[x.Status]++
			if x.Status == "fictional" && directory.National(b.Code) {
				t.Errorf("%s: a national item rests on an invented rule", b.Code)
			}
		}
	}
	if statuses["knowledge"] == 0 || statuses["fictional"] == 0 {
		t.Errorf("statuses = %v", statuses)
	}
}
