package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/packs"
)

func TestAChangeIsLaidOverWhatIsLoaded(t *testing.T) {
	dbtest.Each(t, []db.Room{pack.Schema}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := pack.New(d, keys, time.Now, nil, &shelf{})
		first, _ := pack.Read(folder(map[string]string{"pack.yaml": headText, "items/a.yaml": "own", "items/b.yaml": "own", "files/x.txt": "x"}))
		if _, _, err := s.Load(ctx, first); err != nil {
			t.Fatal(err)
		}
		c := pack.Change{Pack: "small", Base: 1, Files: []packfile.File{{Path: "items/a.yaml", Data: []byte("own there")}}, Removed: []string{"items/b.yaml"}}
		// What the caller does in the same transaction undoes all of it when it fails.
		if _, _, err := s.LoadChange(ctx, c, func(context.Context, *db.Tx, pack.Pack) error { return errors.New("no") }); err == nil {
			t.Error("a failing step did not fail the load")
		}
		p, ps, err := s.LoadChange(ctx, c, nil)
		if err != nil || len(ps) > 0 || p.Version != 2 {
			t.Fatal(p.Version, ps, err)
		}
		is, err := s.Content(ctx, "small")
		var paths []string
		for _, f := range is.Files {
			paths = append(paths, f.Path)
		}
		if err != nil || is.Version != 2 || is.Name != "小包" || !slices.Equal(paths, []string{"files/x.txt", "items/a.yaml", "pack.yaml"}) {
			t.Errorf("content: %d %s %v %v", is.Version, is.Name, paths, err)
		}
		if _, _, err := s.LoadChange(ctx, c, nil); !errs.Is(err, "pack.moved") {
			t.Errorf("a change on an old version: %v", err)
		}
		if _, _, err := s.LoadChange(ctx, pack.Change{Pack: "small"}, nil); !errs.Is(err, "pack.moved") {
			t.Errorf("a new pack of a name that is taken: %v", err)
		}
		bad := pack.Change{Pack: "small", Base: 2, Files: []packfile.File{{Path: "items/a.yaml", Data: []byte("nowhere")}, {Path: "items/../../x.yaml"}}}
		if _, ps, err := s.LoadChange(ctx, bad, nil); err != nil || len(ps) != 2 {
			t.Errorf("findings: %+v %v", ps, err)
		}
		// The folder of before does not take the place of what was made in the browser.
		if changed, ps, err := s.Load(ctx, first); changed || len(ps) != 1 || ps[0].Key != "pack.older" || err != nil {
			t.Errorf("an older folder: %v %+v %v", changed, ps, err)
		}
		if changed, ps, err := s.LoadShipped(ctx, first); changed || len(ps) != 0 || err != nil {
			t.Errorf("the shipped folder: %v %+v %v", changed, ps, err)
		}
		l, err := s.List(ctx)
		if err != nil || len(l) != 1 || l[0].Name != "小包" || l[0].Version != 2 {
			t.Errorf("list: %+v %v", l, err)
		}
		if _, err := s.Content(ctx, "none"); !errs.Is(err, "pack.not_loaded") {
			t.Errorf("no pack: %v", err)
		}
	})
}

func TestAPackLoadedByAnOlderProgramSaysSo(t *testing.T) {
	dbtest.Each(t, []db.Room{pack.Schema}, func(t *testing.T, d *db.DB) {
		s := pack.New(d, keys, time.Now, nil, &shelf{})
		p, _ := pack.Read(folder(map[string]string{"pack.yaml": headText, "items/a.yaml": "own"}))
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO pack_pack (key, version, hash, loaded_ms) VALUES ('small', 1, $1, 0)`, p.Hash())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Content(t.Context(), "small"); !errs.Is(err, "pack.no_files") {
			t.Errorf("content: %v", err)
		}
		if changed, _, err := s.Load(t.Context(), p); !changed || err != nil {
			t.Errorf("loading it again keeps its files: %v %v", changed, err)
		}
		if _, err := s.Content(t.Context(), "small"); err != nil {
			t.Error(err)
		}
	})
}

// TestWhatIsWrittenReadsBackEqual: every definition of every pack goes through its structure and comes back the same, twice with the same bytes.
func TestWhatIsWrittenReadsBackEqual(t *testing.T) {
	kinds := map[string]func() any{
		"items": func() any { return &item.Item{} }, "forms": func() any { return &form.Definition{} }, "flows": func() any { return &flow.Definition{} },
		"papers": func() any { return &paper.Template{} }, "licence-types": func() any { return &licence.Type{} },
	}
	n := 0
	err := fs.WalkDir(packs.FS, ".", func(path string, e fs.DirEntry, err error) error {
		parts := strings.Split(path, "/")
		if err != nil || e.IsDir() || len(parts) != 3 || kinds[parts[1]] == nil {
			return err
		}
		data, err := packs.FS.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		v, back := kinds[parts[1]](), kinds[parts[1]]()
		if _, ps := packfile.Decode(packfile.File{Path: path, Data: data}, v); len(ps) > 0 {
			t.Errorf("%s: %+v", path, ps)
			return nil
		}
		text, err := pack.Encode(v)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		if _, ps := packfile.Decode(packfile.File{Path: path, Data: text}, back); len(ps) > 0 {
			t.Errorf("%s: %+v in\n%s", path, ps, text)
			return nil
		}
		again, err := pack.Encode(back)
		if err != nil || !bytes.Equal(text, again) {
			t.Errorf("%s is written in two ways: %v", path, err)
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestAwkwardTextsAreWrittenSafely(t *testing.T) {
	words := []string{
		"", "07", "0x10", "1e3", "true", "null", "~", "yes", "2026-03-01", "a: b", "# x", "- x", "*x", "&x", "!x", "%x", "@x", "[x]", "{x}", "'", `"`, `\`, " x ", "x\n", "\nx", "a\nb", "a\n  b\n",
		"a\r\nb", "a\tb", "\u2028", "\u0085", "\ufeffx", "买买提·艾力", "𠮷野家", "x #y", "key:", "?", "|", ">", "---", "...", "=", "<<", "é",
	}
	in := struct {
		Words []string          `json:"words"`
		Map   map[string]string `json:"map"`
		Deep  [][]string        `json:"deep"`
	}{Words: words, Map: map[string]string{}}
	for _, w := range words {
		in.Map[w] = w
		in.Deep = append(in.Deep, []string{w, w})
	}
	if _, err := pack.Encode(in); err != nil {
		t.Error(err)
	}
}

func TestAPackedFolderIsReadSafely(t *testing.T) {
	pick := func(files map[string]string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range files {
			w, _ := z.Create(name)
			_, _ = w.Write([]byte(text))
		}
		_ = z.Close()
		return b.Bytes()
	}
	good, ps, err := pack.ReadZip(pick(map[string]string{"small/pack.yaml": headText, "small/items/a.yaml": "x", "small/.DS_Store": "x", "__MACOSX/small/x": "x"}))
	if err != nil || len(ps) > 0 || good.Key != "small" || len(good.Files) != 2 {
		t.Errorf("a good one: %+v %v %v", good, ps, err)
	}
	var b bytes.Buffer
	if err := pack.WriteZip(&b, good); err != nil {
		t.Fatal(err)
	}
	if back, ps, err := pack.ReadZip(b.Bytes()); err != nil || len(ps) > 0 || back.Hash() != good.Hash() {
		t.Errorf("written and read: %v %v", ps, err)
	}
	for want, files := range map[string]map[string]string{
		"pack.no_head":      {"items/a.yaml": "x"},
		"pack.unknown_file": {"pack.yaml": headText, "../x.yaml": "x"},
		"pack.file_large":   {"pack.yaml": headText, "files/a.txt": strings.Repeat("0", 3<<20)},
	} {
		if _, ps, err := pack.ReadZip(pick(files)); err != nil || len(ps) != 1 || ps[0].Key != want {
			t.Errorf("%s: %+v %v", want, ps, err)
		}
	}
	if _, ps, _ := pack.ReadZip(pick(map[string]string{"a/pack.yaml": headText, "b/items/x.yaml": "x", "a/items/x\\..\\y.yaml": "x"})); len(ps) != 2 {
		t.Errorf("files beside the folder, and back-slashes: %+v", ps)
	}
	if _, _, err := pack.ReadZip([]byte("PK\x03\x04 none")); !errs.Is(err, "pack.bad_zip") {
		t.Errorf("no archive: %v", err)
	}
}

// offices is a shelf on which nothing stands yet.
type offices struct{}

var errNone = errs.New(errs.NotFound, "base.not_found")

func (offices) Form(context.Context, string) (d form.Definition, err error) { return d, errNone }

func (offices) Flow(context.Context, string) (d flow.Definition, err error) { return d, errNone }

func (offices) LicenceType(context.Context, string) (d licence.Type, err error) { return d, errNone }

func (offices) Post(context.Context, string) (p org.Post, err error) { return p, errNone }

func TestAPaperIsMadeForTheActThatNamesIt(t *testing.T) {
	dbtest.Each(t, []db.Room{pack.Schema}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := pack.New(d, keys, time.Now, offices{}, &shelf{})
		item := "key: a\nname: 甲\nonline: full\nresult: {kind: none}\npapers: {accept: in-order, grant: wrong, refuse: elsewhere}\n"
		lower, _ := pack.Read(folder(map[string]string{"pack.yaml": strings.Replace(headText, "small", "lower", 1), "papers/x.yaml": "key: elsewhere\nact: delivery\n"}))
		if _, _, err := s.Load(ctx, lower); err != nil {
			t.Fatal(err)
		}
		p, _ := pack.Read(folder(map[string]string{"pack.yaml": headText, "items/a.yaml": item, "papers/a.yaml": "key: in-order\nact: accept\n", "papers/b.yaml": "key: wrong\nact: refuse\n"}))
		ps, err := s.Check(ctx, p)
		var at []string
		for _, x := range ps {
			if x.Key == "pack.paper_act" {
				at = append(at, x.Pointer)
			}
		}
		if err != nil || !slices.Equal(at, []string{"/papers/grant", "/papers/refuse"}) {
			t.Errorf("%v in %+v %v", at, ps, err)
		}
	})
}
