package catalog_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
)

func district(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/district-items.csv")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func importing(t testing.TB, s *catalog.Service, b []byte) catalog.Report {
	t.Helper()
	r, err := s.Import(t.Context(), bytes.NewReader(b), catalog.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImportTakesTheWholeDistrictList(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		var steps []int
		r, err := s.Import(t.Context(), bytes.NewReader(district(t)), catalog.ImportOptions{Actor: office, Progress: func(done, total int) { steps = append(steps, done, total) }})
		if err != nil {
			t.Fatal(err)
		}
		if r.Rows != 1135 || r.Count.Added != 1135 || r.Count.Findings == 0 || r.Encoding != "UTF-8" || len(r.Lines) != 1000 {
			t.Errorf("report: %d rows %+v %s", r.Rows, r.Count, r.Encoding)
		}
		if len(steps) < 2 || steps[len(steps)-2] != 1135 || steps[1] != 0 {
			t.Errorf("progress: %v", steps)
		}
		events := 1
		if d.Dialect() == db.SQLite {
			events = 2 // in pieces, so that others come to write
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1135, "catalog_version": 1135, "event_event": events, "audit_entry": 1})
		if kept, err := s.ImportReport(t.Context(), office, r.ID); err != nil || kept.Count != r.Count || kept.Lines[7].Name != r.Lines[7].Name {
			t.Errorf("kept report: %+v %v", kept.Count, err)
		}
		if list, err := s.Imports(t.Context(), office, 5); err != nil || len(list) != 1 || list[0].ID != r.ID || list[0].Rows != 1135 || list[0].Actor != "staff:office" {
			t.Errorf("imports: %+v %v", list, err)
		}

		records, err := csv.NewReader(bytes.NewReader(district(t))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, rec := range records[1:1001] {
			it, err := s.Item(t.Context(), r.Lines[i].Item)
			if err != nil || it.Name != rec[2] || it.Code != rec[3] || it.Imported.AgencyCode != rec[5] || it.Region != rec[6] || it.AgencyName != rec[0] || it.MainItem != rec[1] {
				t.Fatalf("row %d: %+v %v", i+2, it, err)
			}
			if !it.Unreviewed || it.Online != catalog.OnlineGuide || len(it.ItemType) != 2 || len(it.Findings) == 0 {
				t.Fatalf("row %d: unreviewed %v, %s, type %q, %d findings", i+2, it.Unreviewed, it.Online, it.ItemType, len(it.Findings))
			}
		}

		again := importing(t, s, district(t))
		if again.Count.Unchanged != 1135 {
			t.Errorf("again: %+v", again.Count)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1135, "catalog_version": 1135, "event_event": events})
	})
}

func TestImportSaysWhatIsWrongWhere(t *testing.T) {
	s := service(dbtest.SQLite(t, schema...))
	r := importing(t, s, district(t))
	want := map[string]int{"catalog.import_region": 1135, "catalog.import_agency_old": 578, "catalog.import_unclassified": 615, "catalog.import_same_name": 2}
	got := map[string]int{}
	for _, k := range r.Kinds {
		got[k.Key] += k.Count
	}
	for _, line := range r.Lines {
		for _, f := range line.Findings {
			if f.Chinese == f.Key || f.English == f.Key || strings.ContainsAny(f.Chinese+f.English, "{}") {
				t.Fatalf("row %d: %+v", line.Row, f)
			}
		}
	}
	for key, n := range want {
		if got[key] != n {
			t.Errorf("%s: %d rows, want %d", key, got[key], n)
		}
	}
	if got["catalog.import_similar"] == 0 || got["catalog.import_agency_check"]+got["catalog.import_agency_unknown"]+got["catalog.import_agency_shape"] == 0 {
		t.Errorf("findings: %v", got)
	}
	if f := r.Lines[1].Findings; len(f) == 0 || r.Lines[1].Row != 3 || !hasFinding(f, "agency_code", "083372204") {
		t.Errorf("row 3: %+v", f)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b, i18n.Chinese); err != nil || !strings.Contains(b.String(), "第 2–1136 行（1135 行），列 region_code（G列）：") || strings.Count(b.String(), "\n") > 150 {
		t.Errorf("text: %v\n%s", err, b.String())
	}
	j, err := json.Marshal(r)
	if err != nil || !bytes.Contains(j, []byte(`{"row":3,"status":"added"`)) || !bytes.Contains(j, []byte(`"column":"agency_code"`)) {
		t.Errorf("json: %v %.300s", err, j)
	}
}

func hasFinding(fs []catalog.RowFinding, column, value string) bool {
	for _, f := range fs {
		if f.Column == column && f.Value == value {
			return true
		}
	}
	return false
}

func TestImportReadsGBKAndByteOrderMark(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(district(t))
	if err != nil {
		t.Fatal(err)
	}
	s := service(dbtest.SQLite(t, schema...))
	if r := importing(t, s, gbk); r.Count.Added != 1135 || r.Encoding != "GB18030" {
		t.Errorf("GBK: %+v %s", r.Count, r.Encoding)
	}
	for name, b := range map[string][]byte{
		"UTF-8 BOM": append([]byte("\xef\xbb\xbf"), district(t)...),
		"CRLF":      bytes.ReplaceAll(district(t), []byte("\n"), []byte("\r\n")),
		"tabs":      tabbed(t, district(t)),
	} {
		if r := importing(t, s, b); r.Count.Unchanged != 1135 {
			t.Errorf("%s: %+v", name, r.Count)
		}
	}
}

func tabbed(t *testing.T, b []byte) []byte {
	t.Helper()
	rs, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = '\t'
	if err := w.WriteAll(rs); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const head = "department,main_item,item_name,local_item_code,item_type,agency_code,region_code\n"

func TestImportLosesNoRow(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, vectorDir(t, "elder-card"))
		rows := head +
			"区民政局,低保,低保申请,A-1,5,11580102004192572R,580102\n" + // 2 in order, known agency and region
			"区民政局,低保,低保申请,A-1,5,11580102004192572R,580102\n" + // 3 says the same
			"区民政局,低保,低保复核,A-1,5,004192572,580102000000\n" + // 4 shares the code; old agency code of the same agency, twelve digits of the region
			"区民政局,低保,,A-3,5,x,y\n" + // 5 no name
			"区民政局,\"低保,有引号没有合上,A-4,5,x,y\n" + // 6 cannot be read
			"区民政局,低保,列数不对,A-5\n" + // 7 short
			"\n" + // no row
			"区民政局,低保,没有编码的事项,,99,,\n" + // 9 nothing known
			"区民政局,低保,撞上事项包,elder-card,20,x,y\n" + // 10 a key of a pack
			"区民政局,低保,<script>alert(1)</script>'; DROP TABLE catalog_item;--,A-6,2,x,y\n" // 11
		r := importing(t, s, []byte(rows))
		want := map[int]string{2: catalog.Added, 3: catalog.Repeated, 4: catalog.Added, 5: catalog.Rejected, 6: catalog.Rejected, 7: catalog.Added, 9: catalog.Added, 10: catalog.Rejected, 11: catalog.Added}
		if len(r.Lines) != len(want) {
			t.Errorf("%d lines, want %d", len(r.Lines), len(want))
		}
		for _, line := range r.Lines {
			if line.Status != want[line.Row] {
				t.Errorf("row %d: %s, want %s: %+v", line.Row, line.Status, want[line.Row], line.Findings)
			}
			if line.Status != catalog.Added && len(line.Findings) == 0 {
				t.Errorf("row %d was not taken and nothing says why", line.Row)
			}
		}
		if c := r.Count; c.Imported() != 5 || c.Rejected != 3 || c.Repeated != 1 || r.Rows != 9 {
			t.Errorf("counts: %+v of %d", c, r.Rows)
		}
		if f := r.Lines[0].Findings; len(f) != 2 || f[0].Key != "catalog.import_type_mapped" || f[1].Key != "catalog.import_local_code" {
			t.Errorf("row 2 is nearly in order: %+v", f)
		}
		fourth, err := s.Item(t.Context(), r.Lines[2].Item)
		if err != nil || fourth.Agency != "civil" || fourth.AgencyName != "清澜市清江区民政局" || fourth.Code != "A-1" {
			t.Errorf("row 4: %s %s %s %v", fourth.Agency, fourth.AgencyName, fourth.Code, err)
		}
		if again := importing(t, s, []byte(rows)); again.Count.Unchanged != 5 || again.Count.Added+again.Count.Changed != 0 {
			t.Errorf("again: %+v", again.Count)
		}
		changed := importing(t, s, []byte(strings.Replace(rows, "低保,低保申请,A-1,5,11580102004192572R,580102\n", "低保,低保申请,A-1,20,11580102004192572R,580102\n", 2)))
		if changed.Count.Changed != 1 {
			t.Errorf("changed: %+v", changed.Count)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 6, "catalog_version": 7})
	})
}

func TestImportRefusesWhatIsNoList(t *testing.T) {
	s := service(dbtest.SQLite(t, schema...))
	for want, b := range map[string]string{"list.empty": " \n", "list.heading": "a,b\n1,2\n", "list.no_list": "%PDF-1.7"} {
		if _, err := s.Import(t.Context(), strings.NewReader(b), catalog.ImportOptions{}); !errs.Is(err, want) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: %v", b, err)
		}
	}
	if r := importing(t, s, []byte(head)); r.Rows != 0 {
		t.Errorf("heading only: %+v", r)
	}
}
