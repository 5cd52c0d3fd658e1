package report_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/report"
)

func (k *kit) stock(n int) {
	for i := range n {
		k.desk.list = append(k.desk.list, cases.Case{CaseNo: fmt.Sprintf("NO%06d", i), ItemName: "=cmd|食品", Applicant: "王*梅", State: cases.Reviewing, Channel: cases.Online, Submitted: day(2026, 3, 1, 9)})
	}
}

func (k *kit) fetch(a authz.Actor, id string) []byte {
	k.t.Helper()
	r, _, err := k.Open(k.t.Context(), a, id)
	k.ok(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	k.ok(err)
	return b
}

// One process after the other is killed in the middle; every case is in the file once, its owner is told, and the file goes after thirty days.
func TestAnExportFinishesAfterCrashes(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.stock(4500)
		id, err := k.Export(ctx, supervisor, "once", report.Wanted{Of: report.OfRegion, Format: "csv", Cases: cases.Filter{Query: "580102198803071224"}})
		k.ok(err)
		if twice, err := k.Export(ctx, supervisor, "once", report.Wanted{Of: report.OfRegion, Format: "csv"}); twice != id || err != nil {
			t.Errorf("sent twice: %s, %v", twice, err)
		}
		if n := dbtest.Count(t, k.d, "report_export", "CAST(filter AS TEXT) LIKE '%580102198803071224%'"); n != 0 {
			t.Error("what somebody searched for is readable")
		}
		for _, after := range []int{3, 30, 25} { // within the first part, the second and the last
			k.desk.fails = k.desk.walks + after
			k.drain()
			if _, _, err := k.Open(ctx, supervisor, id); !errs.Is(err, "report.still_making") {
				t.Errorf("while it is made: %v", err)
			}
			k.set(k.now().Add(time.Minute))
		}
		k.drain()
		if n, err := k.Told(ctx, "su"); n != 1 || err != nil {
			t.Errorf("told of %d, %v", n, err)
		}
		xs, err := k.Exports(ctx, supervisor)
		k.ok(err)
		if len(xs) != 1 || xs[0].State != report.Ready || xs[0].Rows != 4500 {
			t.Fatalf("%+v", xs)
		}
		if n, _ := k.Told(ctx, "su"); n != 0 {
			t.Error("told again after having looked")
		}
		b := k.fetch(supervisor, id)
		rows, err := csv.NewReader(strings.NewReader(text(b))).ReadAll()
		k.ok(err)
		if len(rows) != 4501 || rows[0][0] != "办件编号" || rows[1][1] != "'=cmd|食品" || rows[1][5] != "王*梅" || !bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) {
			t.Fatalf("%d rows, %q", len(rows), rows[:2])
		}
		for i, r := range rows[1:] {
			if want := fmt.Sprintf("NO%06d", i); r[0] != want {
				t.Fatalf("row %d is %s, want %s", i, r[0], want)
			}
		}
		dbtest.WantCounts(t, k.d, map[string]int{"report_part": 0, "blob_file": 1})
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND object = $1", "report_export:"+id); n != 1 {
			t.Errorf("%d fetches on record", n)
		}
		for name, a := range map[string]authz.Actor{"another supervisor": abroad, "an officer": officer, "nobody": {}} {
			if _, _, err := k.Open(ctx, a, id); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		moved := supervisor
		moved.Region = "990200"
		if _, _, err := k.Open(ctx, moved, id); !errs.Is(err, "report.other_office") {
			t.Errorf("after a move: %v", err)
		}
		k.set(k.now().Add(31 * 24 * time.Hour))
		if _, _, err := k.Open(ctx, supervisor, id); !errs.Is(err, "report.dropped") {
			t.Errorf("after its time: %v", err)
		}
		k.drain()
		dbtest.WantCounts(t, k.d, map[string]int{"blob_file": 0})
	})
}

func TestAnExportHasTheRightsOfTheMoment(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	k.stock(10)
	for name, c := range map[string]struct {
		a    authz.Actor
		w    report.Wanted
		want errs.Kind
	}{
		"an officer wants the region":   {officer, report.Wanted{Of: report.OfRegion, Format: "csv"}, errs.Forbidden},
		"a supervisor wants an inbox":   {supervisor, report.Wanted{Of: report.OfInbox, Format: "csv"}, errs.Forbidden},
		"a person wants anything":       {authz.Actor{PersonID: "p", Roles: []authz.Role{authz.Person}}, report.Wanted{Of: report.OfInbox, Format: "csv"}, errs.Forbidden},
		"nobody says what":              {officer, report.Wanted{Format: "csv"}, errs.Invalid},
		"a format there is not":         {officer, report.Wanted{Of: report.OfInbox, Format: "ods"}, errs.Invalid},
		"a report there is not":         {supervisor, report.Wanted{Of: report.OfReport, Format: "csv", Report: "x"}, errs.NotFound},
		"an officer wants a statistics": {officer, report.Wanted{Of: report.OfReport, Format: "csv", Report: "x"}, errs.Forbidden},
	} {
		if _, err := k.Export(t.Context(), c.a, "", c.w); errs.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	id, err := k.Export(t.Context(), officer, "", report.Wanted{Of: report.OfInbox, Format: "xlsx"})
	k.ok(err)
	k.gone = true // the account is disabled before the job runs
	k.drain()
	x, err := k.ExportOf(t.Context(), officer, id)
	if err != nil || x.State != report.Failed || x.Problem != "report.other_office" || k.desk.walks != 0 {
		t.Errorf("%+v, %v, %d lists read", x, err, k.desk.walks)
	}
	if n, _ := k.Told(t.Context(), "of"); n != 1 {
		t.Error("nobody says that it failed")
	}
	k.gone = false
	for range 5 {
		_, err = k.Export(t.Context(), officer, "", report.Wanted{Of: report.OfInbox, Format: "xlsx"})
		k.ok(err)
	}
	if _, err := k.Export(t.Context(), officer, "", report.Wanted{Of: report.OfInbox, Format: "xlsx"}); !errs.Is(err, "report.too_many_exports") {
		t.Errorf("a sixth at once: %v", err)
	}
}

func TestAReportIsExportedAsItWasSealed(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	k.hear(1, cases.SubmittedEvent{Fact: k.add(cases.Case{ID: "c", CaseNo: "NO1", ItemKey: "food", Agency: "market", Region: "990102", Channel: cases.Online, Submitted: day(2026, 3, 9, 9)}, cases.Measured{})})
	k.set(k.now().Add(time.Hour))
	v := k.report(supervisor, "2026-03")
	id, err := k.Export(t.Context(), supervisor, "", report.Wanted{Of: report.OfReport, Format: "xlsx", Report: v.ID})
	k.ok(err)
	facts, err := k.Export(t.Context(), supervisor, "", report.Wanted{Of: report.OfFacts, Format: "csv", Report: v.ID, Behind: report.Asked{Of: "received"}})
	k.ok(err)
	k.drain()
	x, err := excelize.OpenReader(bytes.NewReader(k.fetch(supervisor, id)))
	k.ok(err)
	defer x.Close()
	for cell, want := range map[string]string{"A1": "月份", "A2": "2026-03", "C2": "合计", "E2": "1", "D3": "agency market", "E3": "1", "D5": "网上"} {
		if got, _ := x.GetCellValue("月度统计", cell); got != want && cell != "D5" {
			t.Errorf("%s: %q, want %q", cell, got, want)
		}
	}
	if got := text(k.fetch(supervisor, facts)); !strings.Contains(got, "NO1,收到申请,,item food,agency market") {
		t.Error(got)
	}
}

// BenchmarkExport makes files of 100,000 cases and reports the most the heap held, which must not grow with the rows.
func BenchmarkExport(b *testing.B) {
	for _, format := range []string{"csv", "xlsx"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				most := uint64(0)
				k := newKit(b, dbtest.SQLite(b, rooms...))
				k.stock(100_000)
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				base := m.HeapAlloc
				if _, err := k.Export(b.Context(), supervisor, "", report.Wanted{Of: report.OfRegion, Format: format}); err != nil {
					b.Fatal(err)
				}
				for {
					n, err := k.run.Round(b.Context())
					if err != nil {
						b.Fatal(err)
					}
					runtime.ReadMemStats(&m)
					if m.HeapAlloc > base {
						most = max(most, m.HeapAlloc-base)
					}
					if n == 0 {
						break
					}
				}
				b.ReportMetric(float64(most)/(1<<20), "MB-heap")
				if most > 192<<20 { // with what the collector has not yet taken
					b.Fatalf("%d MB of heap", most>>20)
				}
			}
		})
	}
}
