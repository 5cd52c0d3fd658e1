package pack_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/pack"
	"tongban/packs"
)

// The guide must not promise another validity than the licence has.
func TestAnItemIsValidAsLongAsItsLicence(t *testing.T) {
	s := pack.New(dbtest.SQLite(t, []db.Room{pack.Schema}...), keys, time.Now, offices{}, &shelf{})
	for _, c := range []struct{ item, licence, says string }{
		{"{}", "{}", ""},
		{"{years: 2}", "{months: 24}", ""},
		{"{}", "{years: 2}", "结果有效期是“长期有效”，证照类型“b”的有效期是“2年”"},
		{"{months: 6}", "{days: 180}", "“6个月”，证照类型“b”的有效期是“180天”"},
		{"{years: 1, days: 1}", "{years: 1}", "“12+1（月+天）”"},
	} {
		p, _ := pack.Read(folder(map[string]string{
			"pack.yaml": headText, "items/a.yaml": "key: a\nname: 甲\nonline: full\naudience: ['1']\nvalidity: " + c.item + "\nresult: {kind: licence, licence_type: b}\n",
			"licence-types/b.yaml": "key: b\nholder: person\nvalidity: " + c.licence + "\n",
		}))
		ps, err := s.Check(t.Context(), p)
		said := ""
		for _, x := range ps {
			if x.Key == "pack.licence_validity" && x.Pointer == "/validity" {
				said += i18n.In(i18n.Chinese, x.Key, x.Params)
			}
		}
		if err != nil || said == "" != (c.says == "") || !strings.Contains(said, c.says) {
			t.Errorf("%s, %s: %q %v", c.item, c.licence, said, err)
		}
	}
}

func TestTheShippedPacksAgreeWithTheirLicences(t *testing.T) {
	s := pack.New(dbtest.SQLite(t, []db.Room{pack.Schema}...), keys, time.Now, offices{}, &shelf{})
	dirs, err := fs.ReadDir(packs.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		n++
		files, err := fs.Sub(packs.FS, dir.Name())
		if err != nil {
			t.Fatal(err)
		}
		p, _ := pack.Read(files)
		ps, err := s.Check(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range ps {
			if x.Key == "pack.licence_validity" {
				t.Errorf("%s: %+v", dir.Name(), x)
			}
		}
	}
	if n < 3 {
		t.Errorf("%d packs", n)
	}
}

// What applicants and officers would be shown as raw code is found wherever it stands, and what only looks like it is not.
func TestWebCodeIsFoundInEveryDefinition(t *testing.T) {
	s := pack.New(dbtest.SQLite(t, []db.Room{pack.Schema}...), keys, time.Now, nil, &shelf{})
	const script = "<script>alert(1)</script>面积"
	for path, c := range map[string]struct{ text, at string }{
		"forms/f.yaml":         {"key: f\nsections:\n  - {key: a, title: 页, fields: [{key: x, label: TEXT, pattern: '<b', compute: 'a <b'}]}\n", "/sections/0/fields/0/label"},
		"flows/f.yaml":         {"key: f\nname: 流程\nsteps: [{key: s, name: 受理, notices: [{on: enter, text: TEXT}]}]\n", "/steps/0/notices/0/text"},
		"papers/p.yaml":        {"key: p\nlayout: {blocks: [{kind: kv, rows: [[甲, TEXT]]}, {kind: image, image: '<b'}]}\n", "/layout/blocks/0/rows/0/1"},
		"licence-types/l.yaml": {"key: l\nname: TEXT\n", "/name"},
		"tables/t.yaml":        {"key: t\nrows: [{name: 小, when: {field: form.area, op: eq, value: '<b'}, refuse: TEXT}]\n", "/rows/0/refuse"},
		"items/i.yaml":         {"key: i\nname: TEXT\nscenario: [{key: q, ask: TEXT, options: [{value: '1', label: TEXT}]}]\n", "/scenario/0/options/0/label"},
	} {
		for text, want := range map[string][]string{script: {c.at}, "javascript:alert(1)": {c.at}, "面积小于10 < 20，a=b & c": nil} {
			p, ps := pack.Read(folder(map[string]string{"pack.yaml": headText, path: strings.ReplaceAll(c.text, "TEXT", "'"+text+"'")}))
			if len(ps) > 0 {
				t.Fatal(ps)
			}
			found, err := s.Check(t.Context(), p)
			var at []string
			for _, x := range found {
				if x.Key == "rule.markup" {
					at = append(at, x.Pointer)
					if said := i18n.In(i18n.Chinese, x.Key, x.Params); x.Line < 2 || !strings.Contains(said, "script") {
						t.Errorf("%s: %d %s", path, x.Line, said)
					}
				}
			}
			if err != nil || !slices.Equal(at, want) {
				t.Errorf("%s with %q: %v, want %v (%v)", path, text, at, want, err)
			}
		}
	}
}
