package designweb

import (
	"bytes"
	"net/http"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
)

// templateRows are examples; whoever fills in the template writes over them.
var templateRows = [][]any{
	{"申请人", "姓名", "", "", "是", "", "person.name"},
	{"申请人", "手机号", "手机号或座机", "", "是", "办理进度会发短信到这个号码", "person.phone"},
	{"经营场所", "使用面积", "数字", "", "是", "可以填小数", "premises.area", "平方米", 1, 100000},
	{"经营场所", "场所来源", "单选", "自有；租用；无偿使用", "是"},
	{"经营场所", "主要设备", "表格（可以加行）", "", "否"},
	{"经营场所", "设备名称", "表格列", "", "是"},
	{"经营场所", "数量", "表格列", "", "是"},
	{"声明", "我填写的内容真实，愿意承担法律责任。", "声明（要勾选）", "", "是"},
}

// formTemplate is a spreadsheet to fill in with questions, with the kinds there are on its second sheet.
func (h *Handler) formTemplate(w http.ResponseWriter, r *http.Request) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	sheet := i18n.In(i18n.Chinese, "designer.template_sheet")
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	var head []any
	for _, c := range importColumns {
		head = append(head, c.headings[0])
	}
	for i, row := range append([][]any{head}, templateRows...) {
		if err := setRow(f, sheet, i+1, row); err != nil {
			return err
		}
	}
	kinds := i18n.In(i18n.Chinese, "designer.template_kinds")
	if _, err := f.NewSheet(kinds); err != nil {
		return err
	}
	if err := setRow(f, kinds, 1, []any{"类型", "填什么"}); err != nil {
		return err
	}
	for i, k := range formKinds {
		if err := setRow(f, kinds, i+2, []any{i18n.In(i18n.Chinese, "designer.kind_"+k), i18n.In(i18n.Chinese, "designer.about_"+k)}); err != nil {
			return err
		}
	}
	if err := setRow(f, kinds, len(formKinds)+2, []any{"表格列", i18n.In(i18n.Chinese, "designer.about_column")}); err != nil {
		return err
	}
	for _, s := range []string{sheet, kinds} {
		if err := f.SetColWidth(s, "A", "G", 20); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return web.File(w, sheet+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false, &b)
}

func setRow(f *excelize.File, sheet string, row int, cells []any) error {
	at, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return f.SetSheetRow(sheet, at, &cells)
}
