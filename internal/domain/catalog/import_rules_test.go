package catalog_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

// regions are offices that know their regions: 580109 was merged into another at the end of 2020.
type regions struct{ offices }

func (regions) Region(_ context.Context, code string) (org.Region, error) {
	switch code {
	case "580102":
		return org.Region{Code: code}, nil
	case "580109":
		return org.Region{Code: code, ValidTo: "2020-12-31"}, nil
	}
	return org.Region{}, errs.New(errs.NotFound, "base.not_found")
}

// What breaks the law or is out of date is told with its row and column; the rows stand in the catalogue all the same, as guides nobody has looked at.
func TestImportTellsRetiredRegionsAndPromisesBeyondTheLaw(t *testing.T) {
	rows := "事项名称,实施编码,事项类型,实施主体,实施主体编码,行政区划代码,服务对象,法定办结时限,承诺办结时限\n" +
		"甲事项,A1,07,区民政局,11580102004192572R,580102,1,20个工作日,5个工作日\n" +
		"乙事项,A2,07,区民政局,11580102004192572R,580109,1,20个工作日,5个工作日\n" +
		"丙事项,A3,07,区民政局,11580102004192572R,580102,1,20个工作日,25个工作日\n" +
		"丁事项,A4,07,区民政局,11580102004192572R,589999,1,20个工作日,5个工作日\n"
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := catalog.New(catalog.Deps{DB: d, Org: regions{}, Now: func() time.Time { return start }})
		rep := importing(t, s, []byte(rows))
		if rep.Count.Added != 4 {
			t.Fatalf("%+v", rep.Count)
		}
		want := map[string][2]int{"list.region_retired": {3, 3}, "rule.promise_beyond_law": {4, 4}, "catalog.import_region": {5, 5}}
		for _, k := range rep.Kinds {
			place, ok := want[k.Key]
			if !ok {
				continue
			}
			if k.Count != 1 || k.Rows[0] != place || k.Column == "" || k.Serious {
				t.Errorf("%s: %+v, want rows %v", k.Key, k, place)
			}
			delete(want, k.Key)
		}
		if len(want) > 0 {
			t.Errorf("not told: %v", want)
		}
	})
}

// The documents of lists are put together by hand, for speed. They must be what encoding/json writes: the hash tells whether an item changed.
func TestAListWritesDocumentsAsPacksDo(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	odd := "事项名称,实施编码,事项类型,实施主体,实施主体编码,行政区划代码,服务对象\n" +
		"\"带<b>引号\"\"&的\u2028名称\",\"B\\1\",99,\"某\t局 <x>\",Ω,1\u007f,8\n光秃秃,,,,,,\n"
	s := service(d)
	importing(t, s, []byte(odd))
	importing(t, s, district(t))
	type version struct{ doc, hash string }
	all, err := db.All(t.Context(), d.R(), func(r *db.Rows) (version, error) {
		var v version
		err := r.Scan(&v.doc, &v.hash)
		return v, err
	}, `SELECT doc, hash FROM catalog_version`)
	if err != nil || len(all) != 1137 {
		t.Fatal(err, len(all))
	}
	for _, v := range all {
		var it catalog.Item
		if err := json.Unmarshal([]byte(v.doc), &it); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(it)
		if err != nil || string(b) != v.doc {
			t.Fatalf("%v\nstored  %s\nwritten %s", err, v.doc, b)
		}
		sum := sha256.Sum256(append(b, "\nform 0 flow 0"...))
		if hex.EncodeToString(sum[:]) != v.hash {
			t.Errorf("hash of %s", it.Key)
		}
		if it.Imported == nil || strings.Contains(v.doc, "\u2028") {
			t.Errorf("%s", v.doc)
		}
	}
}

// A second import looks its rows up, a first one does not have to; between two batches somebody else may write.
func TestImportSeesWhatOthersWriteMeanwhile(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		const n = 12_000
		rows := manyRows(n)
		key := ""
		once := false
		meanwhile := func(done, _ int) {
			if once {
				return
			}
			once = true
			last := string(rows[strings.LastIndex(strings.TrimSuffix(string(rows), "\n"), "\n")+1:])
			head, _, _ := strings.Cut(string(rows), "\n")
			rep := importing(t, service(d), []byte(head+"\n"+last))
			if rep.Count.Added != 1 || done >= n {
				t.Fatalf("meanwhile, after %d: %+v", done, rep.Count)
			}
			key = rep.Lines[0].Item
		}
		rep, err := service(d).Import(t.Context(), strings.NewReader(string(rows)), catalog.ImportOptions{Progress: meanwhile})
		if err != nil || rep.Count.Added+rep.Count.Changed+rep.Count.Unchanged != n || rep.Count.Added != n-1 {
			t.Errorf("%v %+v", err, rep.Count)
		}
		if c := dbtest.Count(t, d, "catalog_item", "key = $1", key); c != 1 {
			t.Errorf("%d rows of the key both wrote", c)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": n})
	})
}
