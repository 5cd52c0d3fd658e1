package pack_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/pack"
)

// shelf is a section that keeps the paths it was given and can be made to fail.
type shelf struct {
	loads int
	fail  bool
}

func (s *shelf) Names([]packfile.File) map[string][]string {
	return map[string][]string{"item": {"own"}}
}

func (s *shelf) HasKey(_ context.Context, kind, key string) bool {
	return kind == "item" && key == "there"
}

func (s *shelf) CheckSection(_ context.Context, fs []packfile.File, k packfile.Known) []packfile.Problem {
	var ps []packfile.Problem
	for _, key := range []string{"own", "there", "nowhere"} {
		if !k.Has("item", key) && slices.ContainsFunc(fs, func(f packfile.File) bool { return strings.Contains(string(f.Data), key) }) {
			ps = append(ps, packfile.Problem{File: "items/a.yaml", Line: 1, Key: "pack.missing"})
		}
	}
	return ps
}

func (s *shelf) LoadTx(context.Context, *db.Tx, time.Time, []packfile.File) error {
	s.loads++
	if s.fail {
		return errors.New("no")
	}
	return nil
}

func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

const headText = "key: small\nversion: 1\nname: 小包\n"

func TestLoadIsTransactionalAndIdempotent(t *testing.T) {
	dbtest.Each(t, []db.Room{pack.Schema}, func(t *testing.T, d *db.DB) {
		sh := &shelf{fail: true}
		s := pack.New(d, keys, time.Now, nil, sh)
		p, ps := pack.Read(folder(map[string]string{"pack.yaml": headText, "items/a.yaml": "own there"}))
		if len(ps) != 0 {
			t.Fatal(ps)
		}
		if _, _, err := s.Load(t.Context(), p); err == nil {
			t.Error("a failing section did not fail the load")
		}
		dbtest.WantCounts(t, d, map[string]int{"pack_pack": 0})
		sh.fail = false
		for i, want := range []bool{true, false} {
			if changed, found, err := s.Load(t.Context(), p); changed != want || len(found) != 0 || err != nil {
				t.Errorf("load %d: %v %v %v", i, changed, found, err)
			}
		}
		if sh.loads != 2 {
			t.Errorf("%d loads, want the failed one and one more", sh.loads)
		}
		bad, _ := pack.Read(folder(map[string]string{"pack.yaml": headText + "requires: [other]\n", "items/a.yaml": "nowhere"}))
		if changed, found, err := s.Load(t.Context(), bad); changed || len(found) != 2 || err != nil {
			t.Errorf("a bad pack: %v %+v %v", changed, found, err)
		}
	})
}

func TestReadNamesWhatIsWrongWithTheFolder(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"pack.no_head":      {"items/a.yaml": "x: 1"},
		"pack.bad_key":      {"pack.yaml": "key: Ü\nversion: 1\nname: x\n"},
		"pack.bad_version":  {"pack.yaml": "key: a\nname: x\n"},
		"pack.unknown_file": {"pack.yaml": headText, "items/deep/a.yaml": ""},
		"pack.file_large":   {"pack.yaml": headText, "files/a.pdf": strings.Repeat("x", 3<<20)},
		"packfile.unknown":  {"pack.yaml": headText + "colour: red\n"},
	} {
		if _, ps := pack.Read(folder(files)); len(ps) != 1 || ps[0].Key != want {
			t.Errorf("%s: %+v", want, ps)
		}
	}
}

// keys seals the files of the tests' packs.
var keys = vault.New(vault.NewKeys())
