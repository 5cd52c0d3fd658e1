package list_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
)

// A file of UTF-8 into which somebody pasted bytes of GBK loses one row, and says which cell.
func TestARowInAnotherEncodingCostsOneRow(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("许可")
	must(t, err)
	text := "事项名称,事项编码,办理机构\n甲事项,A1,区民政局\n乙" + gbk + ",A2,区民政局\n丙事项,A3,区民政局\n"
	for name, b := range map[string]string{"plain": text, "mark": "\ufeff" + text} {
		rs := read(t, []byte(b))
		if len(rs) != 3 || rs[0].Item.Name != "甲事项" || rs[2].Item.Name != "丙事项" || rs[0].Broken || rs[2].Broken {
			t.Fatalf("%s: %d rows: %+v", name, len(rs), rs)
		}
		f := rs[1].Findings
		if !rs[1].Broken || !has(f, 3, "事项名称", "list.row_encoding") || len(f) != 1 {
			t.Errorf("%s: %+v", name, f)
		}
		if said := i18n.In(i18n.Chinese, f[0].Key, map[string]any{"value": f[0].Value}); strings.ContainsAny(said, "{}") {
			t.Error(said)
		}
	}
	whole, err := simplifiedchinese.GBK.NewEncoder().String(strings.ReplaceAll(text, gbk, "许可"))
	must(t, err)
	if rs := read(t, []byte(whole)); len(rs) != 3 || rs[1].Item.Name != "乙许可" {
		t.Errorf("a whole file of GBK: %+v", rs)
	}
}

func TestNumbersThatAreDatesAndCodes(t *testing.T) {
	b := sheet(t, [][]any{{"事项名称", "基本编码", "计划生效日期"}, {"甲", 117021019, 46027}, {"乙", "000117021019", "2026年1月5日"}, {"丙", "12345", nil}}, nil)
	rs := read(t, b)
	if rs[0].Item.BaseCode != "000117021019" || !has(rs[0].Findings, 2, "基本编码", "list.zeros") {
		t.Errorf("%q %+v", rs[0].Item.BaseCode, rs[0].Findings)
	}
	if !has(rs[0].Findings, 2, "计划生效日期", "list.date_number") || has(rs[0].Findings, 2, "计划生效日期", "list.date_text") {
		t.Errorf("a day's number: %+v", rs[0].Findings)
	}
	if !has(rs[1].Findings, 3, "计划生效日期", "list.date_text") || has(rs[1].Findings, 3, "基本编码", "list.zeros") {
		t.Errorf("a date in words: %+v", rs[1].Findings)
	}
	if has(rs[2].Findings, 4, "基本编码", "list.zeros") {
		t.Errorf("five digits are no directory code: %+v", rs[2].Findings)
	}
}

func TestOurExchangeTablesHaveNoUnknownColumns(t *testing.T) {
	all := packItems(t)
	for _, format := range []string{list.XLSX, list.Zip, list.JSON} {
		var b bytes.Buffer
		w, err := list.NewWriter(&b, list.WriteOptions{Format: format, National: true, Codes: codes(directory.SystemNational)})
		must(t, err)
		for i := range all {
			must(t, w.Write(&all[i]))
		}
		must(t, w.Close())
		book, err := list.Open(source(b.Bytes()))
		must(t, err)
		r, err := list.NewReader(book, codes(directory.SystemNational))
		must(t, err)
		if len(r.Ignored) > 0 {
			t.Errorf("%s: %v", format, r.Ignored)
		}
		must(t, r.Close())
	}
}
