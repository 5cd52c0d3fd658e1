package pack_test

import (
	"io/fs"
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
