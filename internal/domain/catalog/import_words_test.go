package catalog_test

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
)

func TestADryRunSaysWhatWouldBeAndLeavesNothing(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	r, err := s.Import(t.Context(), bytes.NewReader(append(district(t), []byte("区水务局,未分类,,X,1,a,b\n")...)), catalog.ImportOptions{Name: filepath.Join("a", "b", "list.csv"), DryRun: true})
	if err != nil || r.Count.Added != 1135 || r.Name != "list.csv" {
		t.Fatalf("%+v %q %v", r.Count, r.Name, err)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b, i18n.Chinese); err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"只检查，没有写入", "将新增 1135", "【会导入】", "【不能导入】"} {
		if !strings.Contains(b.String(), w) {
			t.Errorf("%q is missing in %.200s", w, b.String())
		}
	}
	if strings.Contains(b.String(), "【已导入】") || strings.Contains(b.String(), "已在目录中") {
		t.Errorf("says that it was imported: %.300s", b.String())
	}
	dbtest.WantCounts(t, d, map[string]int{"catalog_import": 0, "catalog_import_part": 0, "catalog_item": 0, "audit_entry": 0})
}

// findingsOf are the findings of each row, with the columns as the file calls them.
func findingsOf(t *testing.T, rows string) (catalog.Report, map[int]map[string]catalog.RowFinding) {
	t.Helper()
	s := service(dbtest.SQLite(t, schema...))
	r := importing(t, s, []byte(rows))
	out := map[int]map[string]catalog.RowFinding{}
	for _, l := range r.Lines {
		out[l.Row] = map[string]catalog.RowFinding{}
		for _, f := range l.Findings {
			out[l.Row][f.Key] = f
		}
	}
	return r, out
}

func TestCodesAreMadeAndMended(t *testing.T) {
	r, f := findingsOf(t, "事项名称,事项类型,实施主体编码,行使层级,基本编码,业务办理项序号,业务办理项编码,实施编码,行政区划代码,实施日期\n"+
		"食品登记,行政许可,11580102MB0K731283,4,117021019,,,,580102,\n"+ // 2 lost its zeros; 31 digits can be made
		"食品登记二,01 行政许可,11580102MB0K731283,4,000117021019,3,,,580102,\n"+ // 3 and 33
		"食品登记三,1,11580102MB0K731283,,000117021019,,,,580102,\n"+ // 4 no level
		"食品登记四,01,11580102MB0K731283,4,000117021019,,11580102MB0K731283400011702101901,,580102,\n"+
		"食品登记五,01,11580102MB0K731283,4,000117021019,,11580102MB0K731283400011702101901,,580102,\n") // 6 the code of 5
	const made = "11580102MB0K7312834000117021019"
	if z := f[2]["list.zeros"]; z.Value != "117021019" || z.Column != "基本编码" || z.Letter != "E" || !strings.Contains(z.Chinese, "000117021019") {
		t.Errorf("zeros: %+v", f[2])
	}
	if c := f[2]["list.code_made"]; !strings.Contains(c.Chinese, made) {
		t.Errorf("31 digits: %+v", f[2])
	}
	if c := f[3]["list.code_made"]; !strings.Contains(c.Chinese, made+"03") {
		t.Errorf("33 digits: %+v", f[3])
	}
	if _, no := f[4]["catalog.import_no_code"]; !no {
		t.Errorf("without a level: %+v", f[4])
	}
	for row, want := range map[int]bool{2: false, 3: false, 4: true} {
		if _, told := f[row]["catalog.import_type_mapped"]; told != want {
			t.Errorf("row %d, old spelling of a type: %v", row, told)
		}
	}
	if c := f[6]["list.code_twice"]; c.Column != "业务办理项编码" || c.Letter != "G" {
		t.Errorf("the double code stands in %q (%s)", c.Column, c.Letter)
	}
	for _, l := range r.Lines {
		if l.Row <= 5 && l.Status != catalog.Added {
			t.Errorf("row %d: %s", l.Row, l.Status)
		}
	}
}

func TestMadeCodesStandInTheCatalogue(t *testing.T) {
	s := service(dbtest.SQLite(t, schema...))
	rows := "事项名称,事项类型,实施主体编码,行使层级,基本编码,业务办理项序号,行政区划代码\n食品登记,01,11580102MB0K731283,4,000117021019,3,580102\n"
	r := importing(t, s, []byte(rows))
	it, err := s.Item(t.Context(), r.Lines[0].Item)
	if err != nil || it.Code != "11580102MB0K731283400011702101903" {
		t.Errorf("%q %v", it.Code, err)
	}
	if again := importing(t, s, []byte(rows)); again.Count.Unchanged != 1 {
		t.Errorf("again: %+v", again.Count)
	}
}

func TestColumnsByTheirOtherNames(t *testing.T) {
	s := service(dbtest.SQLite(t, schema...))
	r := importing(t, s, []byte("事项名称,事项编码,地区,设定依据\n低保申请,A-1,580102,《社会救助暂行办法》第十一条\n"))
	if len(r.Ignored) > 0 {
		t.Errorf("not known: %v", r.Ignored)
	}
	it, err := s.Item(t.Context(), r.Lines[0].Item)
	if err != nil || it.Region != "580102" || len(it.Basis) != 1 || !strings.Contains(it.Basis[0].Law, "社会救助暂行办法") {
		t.Errorf("%v %q %+v", err, it.Region, it.Basis)
	}
	if f := r.Lines[0].Findings; !strings.Contains(textOf(f), "没有主项") || strings.Contains(textOf(f), "主项是“”") {
		t.Errorf("main item: %s", textOf(f))
	}
}

func textOf(fs []catalog.RowFinding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Chinese + "\n")
	}
	return b.String()
}

func TestWhatAnImportFoundIsNotExported(t *testing.T) {
	from := service(dbtest.SQLite(t, schema...))
	importing(t, from, district(t))
	export := func(s *catalog.Service) []byte {
		var b bytes.Buffer
		if _, err := s.Export(t.Context(), &b, catalog.ExportOptions{WriteOptions: list.WriteOptions{Format: list.JSONL}}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	first := export(from)
	if bytes.Contains(first, []byte(`"findings"`)) {
		t.Error("findings are exported")
	}
	to := service(dbtest.SQLite(t, schema...))
	importing(t, to, first)
	if !bytes.Equal(first, export(to)) {
		t.Error("export, import, export is not the same")
	}
	if it, err := from.Item(t.Context(), keyIn(t, first)); err != nil || len(it.Findings) == 0 {
		t.Errorf("the item lost its findings: %v", err)
	}
}

func keyIn(t *testing.T, jsonl []byte) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(jsonl), `"key":"`)
	key, _, more := strings.Cut(rest, `"`)
	if !ok || !more {
		t.Fatalf("%.100s", jsonl)
	}
	return key
}

func TestOneAgencyIsExportedInOrderAlongAnIndex(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	importing(t, s, district(t))
	for name, sel := range map[string]catalog.Selection{"agency": {Agency: "civil"}, "region": {Region: "510000"}, "everything": {}} {
		var keys []string
		want := 0
		if err := s.Walk(t.Context(), "", catalog.Selection{}, func(it *catalog.Item, _ catalog.Change) error {
			if (sel.Agency == "" || it.Agency == sel.Agency) && strings.HasPrefix(it.Region, strings.TrimRight(sel.Region, "0")) {
				want++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Walk(t.Context(), "", sel, func(it *catalog.Item, _ catalog.Change) error { keys = append(keys, it.Key); return nil }); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(keys); i++ {
			if keys[i-1] >= keys[i] {
				t.Fatalf("%s: %s stands before %s", name, keys[i-1], keys[i])
			}
		}
		if len(keys) != want {
			t.Errorf("%s: %d items, want %d", name, len(keys), want)
		}
		behind := 0
		if len(keys) > 10 {
			if err := s.Walk(t.Context(), keys[9], sel, func(*catalog.Item, catalog.Change) error { behind++; return nil }); err != nil || behind != len(keys)-10 {
				t.Errorf("%s: %d behind the tenth, %v", name, behind, err)
			}
		}
	}
}

func TestFindingsSayInWordsWhatBecameOfARow(t *testing.T) {
	d := dbtest.SQLite(t, stageSchema...)
	s := staged(t, d, t.TempDir())
	id, err := s.StartImport(t.Context(), office, catalog.Upload{Name: "x.csv"}, strings.NewReader(head+"区民政局,低保,低保申请,A-1,5,x,580102\n区民政局,低保,,A-3,5,x,y\n"))
	if err != nil {
		t.Fatal(err)
	}
	outcomes := func() map[string]bool {
		var b bytes.Buffer
		if err := s.ImportFindings(t.Context(), office, id, &b, i18n.Chinese); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, r := range rows[1:] {
			out[r[4]] = true
		}
		return out
	}
	drain(t, d, s)
	if o := outcomes(); len(o) != 2 || !o["会导入"] || !o["不能导入"] {
		t.Errorf("before: %v", o)
	}
	if err := s.LoadImport(t.Context(), office, id); err != nil {
		t.Fatal(err)
	}
	drain(t, d, s)
	if o := outcomes(); len(o) != 2 || !o["已导入"] || !o["未导入"] {
		t.Errorf("after: %v", o)
	}
}
