package designweb

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/form"
)

// The columns of a spreadsheet of questions, with the headings they are found by. The first heading is the template's.
var importColumns = []struct {
	name     string
	headings []string
}{
	{"page", []string{"页面", "分组", "分节", "页", "部分", "page"}},
	{"label", []string{"题目", "问题", "字段名称", "填报内容", "名称", "字段", "question"}},
	{"kind", []string{"类型", "题型", "字段类型", "填写方式", "type"}},
	{"options", []string{"选项", "可选值", "选项值", "options"}},
	{"required", []string{"必填", "是否必填", "必填项", "required"}},
	{"hint", []string{"提示", "填写说明", "说明", "备注", "hint"}},
	{"term", []string{"术语", "数据含义", "数据项", "词汇", "term"}},
	{"unit", []string{"单位", "计量单位", "unit"}},
	{"min", []string{"最小值", "最小", "min"}},
	{"max", []string{"最大值", "最大", "max"}},
	{"length", []string{"最多字数", "字数", "长度", "length"}},
}

// formKinds are the kinds in the order of the designer's palette.
var formKinds = []string{
	form.Text, form.Textarea, form.Number, form.Money, form.Date, form.DateRange, form.Radio, form.Checkbox, form.YesNo, form.Select, form.Region,
	form.IDNumber, form.CreditCode, form.Phone, form.BankCard, form.Email, form.Address, form.Table, form.Computed, form.Notice, form.Declaration,
}

// columnKind marks a row as a column of the table above it.
const columnKind = "column"

// otherKinds are further words for the kinds of question, beside the designer's own.
var otherKinds = map[string]string{
	"文本": form.Text, "填空": form.Text, "单行": form.Text, "字符": form.Text, "字符串": form.Text, "输入框": form.Text, "多行": form.Textarea, "长文本": form.Textarea, "文本域": form.Textarea,
	"数值": form.Number, "整数": form.Number, "小数": form.Number, "金额(元)": form.Money, "日期型": form.Date, "时间": form.Date, "日期段": form.DateRange, "日期区间": form.DateRange,
	"单选题": form.Radio, "单选框": form.Radio, "多选题": form.Checkbox, "多选框": form.Checkbox, "复选": form.Checkbox, "复选框": form.Checkbox, "是否": form.YesNo, "判断": form.YesNo, "是/否": form.YesNo,
	"下拉": form.Select, "下拉框": form.Select, "下拉选择": form.Select, "区划": form.Region, "行政区划": form.Region, "身份证": form.IDNumber, "身份证号": form.IDNumber, "身份证号码": form.IDNumber,
	"证件号码": form.IDNumber, "信用代码": form.CreditCode, "电话": form.Phone, "手机": form.Phone, "手机号": form.Phone, "联系电话": form.Phone, "银行卡": form.BankCard, "银行账号": form.BankCard,
	"邮箱": form.Email, "电子邮件": form.Email, "地址": form.Address, "表格": form.Table, "明细": form.Table, "列表": form.Table, "表格列": columnKind, "列": columnKind,
	"说明文字": form.Notice, "说明": form.Notice, "声明": form.Declaration, "承诺": form.Declaration,
}

var choiceSeparator = regexp.MustCompile(`\s*[\n;；、|｜]\s*`)

// importer turns the rows of a sheet into questions. What it does not understand is remarked with its place; the rest of the row is taken all the same.
type importer struct {
	ctx     context.Context
	grid    grid
	form    string // key of the form
	library []question

	head int            // row of the headings
	col  map[string]int // column of each name
	out  importAnswer
	keys int
}

func (m *importer) read() (importAnswer, error) {
	if !m.findHead() {
		return m.out, errs.New(errs.Invalid, "designer.import_no_head")
	}
	m.out.Remarks = []remark{}
	m.mergedCells()
	for row := m.head + 1; row < len(m.grid.rows); row++ {
		m.row(row)
	}
	m.tablesHaveColumns()
	if m.out.Questions == 0 {
		return m.out, errs.New(errs.Invalid, "designer.import_none")
	}
	return m.out, nil
}

// findHead looks for the headings in the first rows: titles and notes may stand above them.
func (m *importer) findHead() bool {
	for row := range min(len(m.grid.rows), 20) {
		col := map[string]int{}
		for i := range m.grid.rows[row] {
			for _, c := range importColumns {
				if _, taken := col[c.name]; !taken && slices.Contains(c.headings, heading(m.grid.at(row, i))) {
					col[c.name] = i
				}
			}
		}
		if _, ok := col["label"]; ok && len(col) > 1 {
			m.head, m.col = row, col
			return true
		}
	}
	return false
}

// heading is a heading without what people decorate it with: 题目*, 类型（必填）.
func heading(s string) string {
	s, _, _ = strings.Cut(strings.ReplaceAll(s, "(", "（"), "（")
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(s), ""), "*＊:："))
}

func (m *importer) cell(row int, name string) string {
	if col, ok := m.col[name]; ok {
		return m.grid.at(row, col)
	}
	return ""
}

func (m *importer) remark(row int, name, key string, p errs.P) {
	column := name
	for _, c := range importColumns {
		if c.name == name {
			column = c.headings[0]
		}
	}
	m.out.Remarks = append(m.out.Remarks, remark{Row: row + 1, Column: column, Text: i18n.T(m.ctx, key, p)})
}

// mergedCells remarks on cells that span several rows: what they say stands in the first row, and the page holds for all of them.
func (m *importer) mergedCells() {
	for _, a := range m.grid.merged {
		if a.bottom <= m.head {
			continue
		}
		for name, col := range m.col {
			if col >= a.left && col <= a.right && a.bottom > a.top {
				m.remark(a.top, name, "designer.import_merged", errs.P{"from": a.top + 1, "to": a.bottom + 1})
			}
		}
		if a.bottom == a.top && a.right > a.left {
			m.remark(a.top, "label", "designer.import_merged_wide", errs.P{"row": a.top + 1})
		}
	}
}

// continues reports whether a row belongs to the question above it because the question's cell spans both.
func (m *importer) continues(row int) bool {
	return slices.ContainsFunc(m.grid.merged, func(a area) bool {
		return a.left <= m.col["label"] && a.right >= m.col["label"] && a.top < row && row <= a.bottom && a.top > m.head
	})
}

func (m *importer) row(row int) {
	label := m.cell(row, "label")
	if m.continues(row) {
		m.moreOptions(row)
		return
	}
	wide := slices.ContainsFunc(m.grid.merged, func(a area) bool { return a.top == row && a.bottom == row && a.right > a.left })
	if first := firstCell(m.grid, row); wide && first != "" && m.cell(row, "kind") == "" {
		m.page(first) // a heading across the sheet begins a page
		return
	}
	if page := m.cell(row, "page"); page != "" {
		m.page(page)
	}
	if label == "" {
		if m.cell(row, "kind")+m.cell(row, "options")+m.cell(row, "hint") != "" {
			m.remark(row, "label", "designer.import_no_label", nil)
		}
		return
	}
	if len(m.out.Sections) == 0 {
		m.page(i18n.T(m.ctx, "designer.import_page"))
	}
	f, column := m.question(row, label)
	m.out.Questions++
	at := &m.out.Sections[len(m.out.Sections)-1]
	if !column {
		at.Fields = append(at.Fields, f)
		return
	}
	if n := len(at.Fields); n > 0 && at.Fields[n-1].Kind == form.Table {
		t := &at.Fields[n-1]
		f.Key, f.Term = "c"+strconv.Itoa(len(t.Columns)+1), ""
		t.Columns = append(t.Columns, f)
		return
	}
	m.remark(row, "kind", "designer.import_no_table", errs.P{"label": label})
	at.Fields = append(at.Fields, f)
}

func firstCell(g grid, row int) string {
	for i := range g.rows[row] {
		if s := g.at(row, i); s != "" {
			return s
		}
	}
	return ""
}

// page begins a page unless the last one has this title.
func (m *importer) page(title string) {
	if n := len(m.out.Sections); n > 0 && m.out.Sections[n-1].Title == title {
		return
	}
	m.out.Sections = append(m.out.Sections, form.Section{Key: "page" + strconv.Itoa(len(m.out.Sections)+1), Title: title, Fields: []form.Field{}})
}

// moreOptions adds the choices of a row to the question its merged cell belongs to.
func (m *importer) moreOptions(row int) {
	n := len(m.out.Sections)
	if n == 0 || len(m.out.Sections[n-1].Fields) == 0 {
		return
	}
	fs := m.out.Sections[n-1].Fields
	f := &fs[len(fs)-1]
	for _, label := range choices(m.cell(row, "options")) {
		f.Options = append(f.Options, form.Option{Value: strconv.Itoa(len(f.Options) + 1), Label: label})
	}
}

func choices(s string) []string {
	return slices.DeleteFunc(choiceSeparator.Split(s, -1), func(x string) bool { return x == "" })
}

// question reads a row; column is true for a column of the table above.
func (m *importer) question(row int, label string) (f form.Field, column bool) {
	kind, known := m.kind(m.cell(row, "kind"))
	if !known {
		m.remark(row, "kind", "designer.import_kind", errs.P{"kind": m.cell(row, "kind"), "label": label})
		kind = form.Text
	}
	if column = kind == columnKind; column {
		kind = form.Text
	}
	term := m.cell(row, "term")
	if q, ok := m.shared(label, term); ok && !column && (kind == q.Kind || m.cell(row, "kind") == "") {
		f = q
		f.Label = label
	} else {
		m.keys++
		f = form.Field{Key: "q" + strconv.Itoa(m.keys), Kind: kind, Label: label, Term: term}
		if f.Term == "" && kind != form.Notice && kind != form.Declaration && kind != form.Computed {
			f.Term = m.form + "." + f.Key
		}
	}
	m.more(row, &f)
	return f, column
}

// more reads what else a row says of its question.
func (m *importer) more(row int, f *form.Field) {
	if h := m.cell(row, "hint"); h != "" {
		f.Hint = h
	}
	if u := m.cell(row, "unit"); u != "" {
		f.Unit = u
	}
	if list := choices(m.cell(row, "options")); len(list) > 0 {
		f.Options = nil
		for i, label := range list {
			f.Options = append(f.Options, form.Option{Value: strconv.Itoa(i + 1), Label: label})
		}
		if f.Kind == form.Text {
			f.Kind = form.Radio
		}
	}
	if needs := []string{form.Radio, form.Checkbox, form.Select}; slices.Contains(needs, f.Kind) && len(f.Options) == 0 && !m.continues(row+1) {
		m.remark(row, "options", "designer.import_no_options", errs.P{"label": f.Label})
	}
	switch strings.ToLower(m.cell(row, "required")) {
	case "":
	case "是", "必填", "y", "yes", "true", "1", "√", "✓", "*":
		f.Required = true
	case "否", "选填", "非必填", "n", "no", "false", "0", "×":
		f.Required = false
	default:
		m.remark(row, "required", "designer.import_required", errs.P{"value": m.cell(row, "required")})
	}
	f.Min, f.Max = m.number(row, "min", f.Min), m.number(row, "max", f.Max)
	if n := m.number(row, "length", nil); n != nil {
		f.MaxLength = int(*n)
	}
}

func (m *importer) number(row int, name string, old *float64) *float64 {
	s := strings.ReplaceAll(m.cell(row, name), ",", "")
	if s == "" {
		return old
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		m.remark(row, name, "designer.import_number", errs.P{"value": m.cell(row, name)})
		return old
	}
	return &x
}

// kind finds a kind by the designer's name for it, in either language, by other words, or by its key. An empty cell is a line of text.
func (m *importer) kind(s string) (string, bool) {
	if s == "" {
		return form.Text, true
	}
	for _, k := range formKinds {
		if s == k || s == i18n.In(i18n.Chinese, "designer.kind_"+k) || strings.EqualFold(s, i18n.In(i18n.English, "designer.kind_"+k)) {
			return k, true
		}
	}
	k, ok := otherKinds[strings.TrimSuffix(strings.Join(strings.Fields(s), ""), "型")]
	return k, ok
}

// shared finds a question of the library by its term, or by its very words.
func (m *importer) shared(label, term string) (form.Field, bool) {
	i := slices.IndexFunc(m.library, func(q question) bool {
		return term != "" && q.Field.Term == term || term == "" && q.Field.Label == label
	})
	if i < 0 {
		return form.Field{}, false
	}
	return m.library[i].Field, true
}

// tablesHaveColumns remarks on tables that none of the rows gave a column.
func (m *importer) tablesHaveColumns() {
	for _, s := range m.out.Sections {
		for _, f := range s.Fields {
			if f.Kind == form.Table && len(f.Columns) == 0 {
				m.out.Remarks = append(m.out.Remarks, remark{Column: f.Label, Text: i18n.T(m.ctx, "designer.import_no_columns", errs.P{"label": f.Label})})
			}
		}
	}
}
