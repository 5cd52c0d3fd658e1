package sheet_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/sheet"
)

var rows = [][]any{
	{"58010200000001", "=HYPERLINK(\"http://x\")", 12, 97.5},
	{"逗号,引号\"换行\n完", "@SUM(A1)", -3, 0.0},
	{"+1", "\tx", 0, 1.25},
}

func write(t *testing.T, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.New(&b, format, "统计表", []string{"编号", "内容", "件数", "比例"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestACellIsNeverAFormula(t *testing.T) {
	b := write(t, sheet.CSV)
	if !bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) {
		t.Error("no mark by which a spreadsheet knows UTF-8")
	}
	got, err := csv.NewReader(bytes.NewReader(b[3:])).ReadAll()
	if err != nil || len(got) != 4 {
		t.Fatalf("%v, %v", got, err)
	}
	for _, c := range []struct{ got, want string }{
		{got[1][0], "58010200000001"},
		{got[1][1], "'=HYPERLINK(\"http://x\")"},
		{got[1][2], "12"},
		{got[1][3], "97.5"},
		{got[2][0], "逗号,引号\"换行\n完"},
		{got[2][1], "'@SUM(A1)"},
		{got[2][2], "-3"}, // a number of ours stays one
		{got[3][0], "'+1"},
		{got[3][1], "'\tx"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	x, err := excelize.OpenReader(bytes.NewReader(write(t, sheet.XLSX)))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for cell, want := range map[string]string{"A2": "58010200000001", "B2": "=HYPERLINK(\"http://x\")", "C2": "12", "D4": "1.25"} {
		v, err := x.GetCellValue("统计表", cell)
		formula, err2 := x.GetCellFormula("统计表", cell)
		if err != nil || err2 != nil || v != want || formula != "" {
			t.Errorf("%s: %q (formula %q), %v %v", cell, v, formula, err, err2)
		}
	}
	if kind, err := x.GetCellType("统计表", "C2"); err != nil || kind == excelize.CellTypeInlineString {
		t.Errorf("a number is kept as text: %v %v", kind, err)
	}
}

func TestAnUnknownFormatOrCellIsRefused(t *testing.T) {
	if _, err := sheet.New(io.Discard, "ods", "x", nil); err == nil {
		t.Error("an unknown format was begun")
	}
	w, err := sheet.New(io.Discard, sheet.CSV, "x", []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Row(struct{}{}); err == nil {
		t.Error("a cell of an unknown kind was written")
	}
}

// BenchmarkRows writes 100,000 rows of twelve cells and reports the most the heap held meanwhile, which must not grow with the rows.
func BenchmarkRows(b *testing.B) {
	const n = 100_000
	long := strings.Repeat("食品经营许可", 3)
	for _, format := range []string{sheet.CSV, sheet.XLSX} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				most := uint64(0)
				w, err := sheet.New(io.Discard, format, "x", make([]string, 12))
				if err != nil {
					b.Fatal(err)
				}
				for i := range n {
					if err := w.Row("580102", long, long, i, 1.5, long, "a", "b", "c", "d", "e", "f"); err != nil {
						b.Fatal(err)
					}
					if i%10_000 == 0 {
						most = max(most, heap())
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				most = max(most, heap())
				b.ReportMetric(float64(most)/(1<<20), "MB-heap")
				if most > 96<<20 {
					b.Fatalf("%d MB of heap for %d rows", most>>20, n)
				}
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
