package catalog_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
)

var stageSchema = append([]db.Room{blob.Schema}, schema...)

var office = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "page", Roles: []authz.Role{authz.ItemOffice}}

// staged is a service with a file store, as one process has it; another on the same database and files is another process.
func staged(t *testing.T, d *db.DB, dir string) *catalog.Service {
	t.Helper()
	files, err := blob.Open(dir, vault.New(vault.NewKeys()))
	if err != nil {
		t.Fatal(err)
	}
	return catalog.New(catalog.Deps{DB: d, Org: offices{}, Files: files, Now: func() time.Time { return start }})
}

func runner(d *db.DB, s *catalog.Service) *job.Runner {
	r := job.NewRunner(d, func() time.Time { return start }, slog.New(slog.DiscardHandler))
	for kind, w := range s.Workers() {
		r.Handle(kind, w)
	}
	r.Handle(event.DeliverKind, func(context.Context, job.Job) error { return nil })
	return r
}

func drain(t *testing.T, d *db.DB, s *catalog.Service) {
	t.Helper()
	if err := runner(d, s).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, s *catalog.Service, id string) catalog.ImportInfo {
	t.Helper()
	info, err := s.ImportInfo(t.Context(), office, id)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestAnImportIsCheckedThenLoaded(t *testing.T) {
	dbtest.Each(t, stageSchema, func(t *testing.T, d *db.DB) {
		s := staged(t, d, t.TempDir())
		if _, err := s.StartImport(t.Context(), authz.Actor{}, catalog.Upload{Name: "x.csv"}, bytes.NewReader(district(t))); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a stranger: %v", err)
		}
		id, err := s.StartImport(t.Context(), office, catalog.Upload{Name: "清单.csv"}, bytes.NewReader(district(t)))
		if err != nil {
			t.Fatal(err)
		}
		drain(t, d, s)
		if i := state(t, s, id); i.State != catalog.ImportChecked || i.Rows != 1135 {
			t.Errorf("after the check: %+v", i)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 0, "catalog_version": 0, "blob_file": 1})
		if rep, err := s.ImportReport(t.Context(), office, id); err != nil || rep.Count.Added != 1135 || len(rep.Sample) != 20 || rep.Sample[0].Item == "" {
			t.Errorf("dry run: %v %+v", err, rep.Count)
		}
		if err := s.LoadImport(t.Context(), office, id); err != nil {
			t.Fatal(err)
		}
		drain(t, d, s)
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1135, "catalog_version": 1135, "blob_file": 0})
		if i := state(t, s, id); i.State != catalog.ImportDone || i.Done != 1135 || i.Total != 1135 {
			t.Errorf("in the end: %+v", i)
		}
		var b bytes.Buffer
		if err := s.ImportFindings(t.Context(), office, id, &b, i18n.Chinese); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		rep, _ := s.ImportReport(t.Context(), office, id)
		if err != nil || len(rows) != rep.Count.Findings+1 {
			t.Errorf("%d findings in the file, %d counted, %v", len(rows)-1, rep.Count.Findings, err)
		}
		if err := s.CancelImport(t.Context(), office, id); errs.KindOf(err) != errs.Conflict {
			t.Errorf("cancelled when it was over: %v", err)
		}
	})
}

func TestACancelledImportStops(t *testing.T) {
	d := dbtest.SQLite(t, stageSchema...)
	s := staged(t, d, t.TempDir())
	id, err := s.StartImport(t.Context(), office, catalog.Upload{Name: "x.csv", Straight: true}, bytes.NewReader(district(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CancelImport(t.Context(), office, id); err != nil {
		t.Fatal(err)
	}
	drain(t, d, s)
	if i := state(t, s, id); i.State != catalog.ImportCancelled {
		t.Errorf("%+v", i)
	}
	dbtest.WantCounts(t, d, map[string]int{"catalog_item": 0, "blob_file": 0})
}

// killer ends the context of the caller in the middle, as a process does that is killed.
type killer struct {
	after  int
	cancel context.CancelFunc
}

func (k killer) at(done, _ int) {
	if done >= k.after {
		k.cancel()
	}
}

func TestAnImportThatBrokeOffGoesOn(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		const n = 6000
		rows := manyRows(n)
		ctx, cancel := context.WithCancel(t.Context())
		first, err := service(d).Import(ctx, bytes.NewReader(rows), catalog.ImportOptions{Progress: killer{1000, cancel}.at})
		if err == nil || first.Rows == 0 || first.Rows >= n {
			t.Fatalf("%d rows, %v", first.Rows, err)
		}
		have := dbtest.Count(t, d, "catalog_item", "")
		if have < first.Rows || have >= n {
			t.Fatalf("%d items after %d rows", have, first.Rows)
		}
		rep, err := service(d).Import(t.Context(), bytes.NewReader(rows), catalog.ImportOptions{}) // another process
		if err != nil || rep.Rows != n || rep.Count.Added != n || rep.Count.Rejected+rep.Count.Repeated != 0 {
			t.Errorf("%v %d rows %+v", err, rep.Rows, rep.Count)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": n, "catalog_version": n, "catalog_import": 1})
		if again := importing(t, service(d), rows); again.Count.Unchanged != n {
			t.Errorf("again: %+v", again.Count)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_version": n})
	})
}

// A row far down costs nothing but itself. TONGBAN_IMPORT_ROWS=1000000 is the list of the order; without it the list is shorter.
func TestOneBadCodeFarDown(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("TONGBAN_IMPORT_ROWS"))
	if n == 0 {
		n = 6000
	}
	lines := bytes.SplitAfter(manyRows(n), []byte("\n"))
	bad, double := n*9/10, n*9/10+7
	lines[bad] = bytes.Replace(lines[bad], []byte(",2,4,2,"), []byte(",2,4,7,"), 1)
	lines[bad] = bytes.Replace(lines[bad], []byte(",1；2,"), []byte(",1；8,"), 1)
	lines[double+3] = []byte("\"NUL\x00\"里面\n")
	cells := strings.SplitN(string(lines[double]), ",", 3)
	cells[1] = "11440100007482575H3440118009000"
	lines[double] = []byte(strings.Join(cells, ","))
	cells[0] = "另一个名称"
	lines[double+1] = []byte(strings.Join(cells, ","))
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) { farDown(t, d, bytes.Join(lines, nil), n, bad, double) })
}

func farDown(t *testing.T, d *db.DB, rows []byte, n, bad, double int) {
	t.Helper()
	rep := importing(t, service(d), rows)
	if rep.Rows != n || rep.Count.Added != n-2 || rep.Count.Rejected != 2 {
		t.Fatalf("%d rows, %+v", rep.Rows, rep.Count)
	}
	place := func(key, column string, row int) {
		t.Helper()
		for _, k := range rep.Kinds {
			if k.Key == key && k.Column == column && len(k.Rows) > 0 && k.Rows[0] == [2]int{row, row} {
				return
			}
		}
		t.Errorf("nothing says %s in row %d, column %s", key, row, column)
	}
	place("item.not_in_list", "服务对象", bad+1)
	place("list.code_twice", "实施编码", double+2)
}

func TestExportIsImportedElsewhere(t *testing.T) {
	a, b := dbtest.SQLite(t, schema...), dbtest.SQLite(t, schema...)
	from, to := service(a), service(b)
	load(t, a, from, vectorDir(t, "elder-card"))
	importing(t, from, district(t))
	var first, second bytes.Buffer
	for _, c := range []struct {
		s *catalog.Service
		w io.Writer
	}{{from, &first}, {to, &second}} {
		if c.s == to {
			if rep := importing(t, to, first.Bytes()); rep.Count.Added != 1136 {
				t.Fatalf("%+v", rep.Count)
			}
			if rep := importing(t, to, first.Bytes()); rep.Count.Unchanged != 1136 {
				t.Errorf("again: %+v", rep.Count)
			}
		}
		if _, err := c.s.Export(t.Context(), c.w, catalog.ExportOptions{WriteOptions: list.WriteOptions{Format: list.JSONL}}); err != nil {
			t.Fatal(err)
		}
	}
	if x, y := strings.Count(first.String(), "\n"), strings.Count(second.String(), "\n"); x != 1136 || y != 1136 {
		t.Errorf("%d items, then %d", x, y)
	}
	it, err := to.Item(t.Context(), "elder-card")
	if err != nil || it.Online != catalog.OnlineGuide || it.Form != "" || len(it.Materials) == 0 || !it.Unreviewed {
		t.Errorf("%v %+v", err, it)
	}
}
