package list_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
)

// sheet is a workbook to be made: what stands in the cells, and what is done to it.
func sheet(t *testing.T, cells [][]any, more func(f *excelize.File, name string)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	const name = "Sheet1"
	for i, row := range cells {
		for j, v := range row {
			if v == nil {
				continue
			}
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellValue(name, at, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if more != nil {
		more(f, name)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func has(fs []list.Finding, row int, column, key string) bool {
	return slices.ContainsFunc(fs, func(f list.Finding) bool { return f.Row == row && f.Column == column && f.Key == key })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A sheet as people make them: titles over the heading, merged cells for an item with several materials, a formula, dates of both kinds, lost zeros.
func TestASheetAsPeopleMakeThem(t *testing.T) {
	b := sheet(t, [][]any{
		{"某县政务服务事项清单（2026年）"},
		{"填报单位：某局"},
		{"序号", "事项名称*", "实施编码", "事项类型", "自然人主题", "计划生效日期", "承诺办结时限", "申请材料：材料名称", "申请材料：必要性", "没人认识的列"},
		{1, "食品经营许可", "A-1", "行政许可", 5, "2026年3月1日", "5个工作日", "申请书", "必要", "x"},
		{"", "", "", "", "", "", "", "身份证", "非必要", ""},
		{2, "渔业捕捞许可", "A-2", "01", "010", nil, nil, "", "", ""},
		{3, "取水许可", "A-3", "1", "", "", "下周", "", "", ""},
	}, func(f *excelize.File, name string) {
		for _, c := range []string{"B4:B5", "C4:C5", "D4:D5", "E4:E5", "F4:F5", "G4:G5"} {
			from, to, _ := strings.Cut(c, ":")
			must(t, f.MergeCell(name, from, to))
		}
		must(t, f.MergeCell(name, "A1", "J1"))
		must(t, f.SetCellFormula(name, "G6", `"8个"&"工作日"`))
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellValue(name, "F6", 46082))
		must(t, f.SetCellStyle(name, "F6", "F6", style))
		must(t, f.SetCellValue(name, "C6", 11440100007482575.0))
	})
	got := read(t, b)
	if len(got) != 3 {
		t.Fatalf("%d items, want 3: %+v", len(got), got)
	}
	first := got[0]
	if ms := first.Item.Materials; len(ms) != 2 || ms[0].Name != "申请书" || ms[1].Name != "身份证" || ms[1].Required != "no" {
		t.Errorf("materials of the merged item: %+v %+v", ms, first.Findings)
	}
	if first.Facts.LocalCode != "A-1" || first.Item.Themes.Person == nil || first.Item.Themes.Person[0] != "005" || first.Item.Limits.Promised.N != 5 || first.Item.Extra["effective"][0] != "2026-03-01" {
		t.Errorf("the first item: %+v", first.Item)
	}
	for _, w := range []struct {
		column, key string
	}{{"事项名称*", "list.merged"}, {"自然人主题", "list.zeros"}, {"计划生效日期", "list.date_text"}} {
		if !has(first.Findings, 4, w.column, w.key) {
			t.Errorf("row 4, %s: no %s in %+v", w.column, w.key, first.Findings)
		}
	}
	second := got[1]
	if !has(second.Findings, 6, "承诺办结时限", "list.formula_empty") || !has(second.Findings, 6, "实施编码", "list.digits_lost") || second.Item.Extra["effective"][0] != "2026-03-01" {
		t.Errorf("row 6: %+v %v", second.Findings, second.Item.Extra)
	}
	if third := got[2]; third.Broken || third.Item.Name != "取水许可" || !has(third.Findings, 7, "承诺办结时限", "item.not_a_limit") {
		t.Errorf("row 7: %+v", third.Findings)
	}
}

func TestAFormulaWithItsResult(t *testing.T) {
	b := sheet(t, [][]any{{"事项名称", "办理地点"}, {"甲", "一楼"}}, nil)
	// A spreadsheet program writes <f> and <v>; the library that makes our workbooks writes no results.
	b = patch(t, b, `<c r="B2" t="s"><v>3</v></c>`, `<c r="B2" t="str"><f>A1&amp;"二"</f><v>二楼</v></c>`)
	got := read(t, b)
	if len(got) != 1 || got[0].Item.Extra["address"][0] != "二楼" || !has(got[0].Findings, 2, "办理地点", "list.formula") {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoListSaysSo(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte("部门,代码\n某局,1\n"))
	must(t, err)
	for want, b := range map[string][]byte{
		"list.empty":           []byte("\xef\xbb\xbf \n"),
		"list.old_workbook":    []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxxx"),
		"list.no_list":         []byte("%PDF-1.7"),
		"list.heading":         gbk,
		"list.workbook_broken": append([]byte("PK\x03\x04"), make([]byte, 300)...),
		"list.encoding":        bytes.Repeat([]byte{0xff, 0x80, 0, 0}, 500),
		"list.directory_only":  []byte(`{"task_directory":[{"catalog_code":"000100000000","task_name":"x"}]}`),
		"list.json_encoding":   append([]byte(`[{"name":"`), 0xc3, 0xfb, '"', '}', ']'),
	} {
		book, err := list.Open(source(b))
		if err == nil {
			_, err = list.NewReader(book, codes(directory.SystemNational))
		}
		if !errs.Is(err, want) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", want, err)
		}
		if want == "list.heading" && !strings.Contains(fmt.Sprint(errs.As(err).Params), "部门") {
			t.Errorf("the message does not say what was found: %v", err)
		}
	}
}

func TestOneBadRowCostsOneRow(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("item_name,item_type,promised\n")
	for i := range 100 {
		switch i {
		case 40:
			b.WriteString("\"没有合上,5,1个工作日\n")
		case 50:
			b.WriteString("时限不对,5,很快\n")
		default:
			fmt.Fprintf(&b, "事项%d,5,1个工作日\n", i)
		}
	}
	got := read(t, b.Bytes())
	if len(got) != 100 {
		t.Fatalf("%d records", len(got))
	}
	for i, x := range got {
		if x.Row != i+2 || x.Broken != (i == 40) || (len(x.Findings) > 0) != (i == 40 || i == 50) {
			t.Errorf("record %d: row %d, broken %v, %+v", i, x.Row, x.Broken, x.Findings)
		}
	}
}

func TestScriptsStayTexts(t *testing.T) {
	got := read(t, []byte("事项名称,受理条件\n<script>alert(1)</script>,\"<img src=x onerror=alert(1)>\"\n"))
	if got[0].Item.Name != "<script>alert(1)</script>" || got[0].Item.Who[0] != "<img src=x onerror=alert(1)>" {
		t.Errorf("%+v", got[0].Item) // kept word for word: pages escape it
	}
}

// Children in tables of their own find their items in any order, and those without one are reported by row.
func TestExchangeTables(t *testing.T) {
	doc := `{"up_task_general_basic":[
 {"task_name":"食品经营许可","task_code":"A1","task_type":"01","promise_day":"5","promise_type":"1","use_level":"4","server_type":"1,2","dept_name":"某局","dept_code":"11440100007482575H","cd_operation":"I"},
 {"task_name":"取水许可","task_code":"A2","task_type":"01"}],
"up_task_material":[
 {"task_code":"A2","material_name":"取水申请","is_need":"1","order_num":"1"},
 {"task_code":"A1","material_name":"申请书","is_need":"1"},
 {"task_code":"A1","material_name":"身份证","is_need":"3"},
 {"task_code":"ZZ","material_name":"没有主人","is_need":"1"}]}`
	got := read(t, []byte(doc))
	if len(got) != 3 || !got[2].Broken || !has(got[2].Findings, 4, "task_code", "list.orphan") {
		t.Fatalf("%d records: %+v", len(got), got)
	}
	a := got[0]
	if a.Facts.Department != "某局" || a.Facts.LocalCode != "A1" || len(a.Item.Materials) != 2 || a.Item.Materials[1].Required != "later" || a.Item.Limits.Promised.N != 5 ||
		a.Item.Limits.Promised.Unit != "workday" || len(a.Item.Audience) != 2 {
		t.Errorf("%+v\n%+v", a.Item, a.Findings)
	}
	if b := got[1]; len(b.Item.Materials) != 1 || b.Item.Materials[0].Name != "取水申请" {
		t.Errorf("%+v", b.Item.Materials)
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range []string{"item_name,item_type\n低保,5\n\"x\n", "item_name\n\"\n\"\"\n\n", "\xff\xfei\x00t\x00", "事项名称\t类型\na\tb\n", "item_name;x\r\n\r\n;\r\n", `[{"name":"x"},3]`, "{\"name\":1}\n{", `{"task_fee":[{}],"task_general_basic":[{"task_name":"a"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		book, err := list.Open(source(b))
		if err != nil {
			return
		}
		r, err := list.NewReader(book, codes(directory.SystemNational))
		if err != nil {
			return
		}
		defer r.Close()
		for last := 0; ; {
			raw, err := r.Next()
			if err != nil {
				if err != io.EOF && errs.As(err) == nil {
					t.Fatal(err)
				}
				return
			}
			x := r.Build(raw)
			if !x.Broken && (x.Item.Name == "" || x.Row <= last) {
				t.Fatalf("row %d after %d: %+v", x.Row, last, x)
			}
			last = max(last, x.Row)
		}
	})
}
