package list_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
)

// packItems are the items of the packs that come with the program.
func packItems(t *testing.T) []item.Item {
	t.Helper()
	names, err := filepath.Glob("../../../../packs/*/items/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no items: %v", err)
	}
	var out []item.Item
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		var it item.Item
		if _, ps := packfile.Decode(packfile.File{Path: n, Data: b}, &it); len(ps) > 0 {
			t.Fatal(n, ps)
		}
		out = append(out, it)
	}
	return out
}

// What other systems read are the columns, not our rest: materials and fees of real items stand in tables of their own.
func TestRealItemsStandInTheirColumns(t *testing.T) {
	items := packItems(t)
	for name, o := range formats {
		var b bytes.Buffer
		w, err := list.NewWriter(&b, ours(o))
		if err != nil {
			t.Fatal(err)
		}
		materials := 0
		for i := range items {
			materials += len(items[i].Materials)
			if err := w.Write(&items[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for i, got := range read(t, b.Bytes()) {
			compare(t, got, items[i])
		}
		if !strings.HasPrefix(name, "exchange") && o.Format != list.XLSX && o.Format != list.Zip {
			continue
		}
		book, err := list.Open(source(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, s := range book.Sheets {
			if s.Name == "task_material" || s.Name == "材料" || s.Name == "Materials" || s.Name == "申请材料" {
				tab, err := s.Open()
				if err != nil {
					t.Fatal(err)
				}
				for _, err := tab.Next(); err == nil; _, err = tab.Next() {
					rows++
				}
			}
		}
		if rows < materials {
			t.Errorf("%s: %d rows of materials, want %d", name, rows, materials)
			for _, s := range book.Sheets {
				t.Log(s.Name)
			}
		}
	}
}
