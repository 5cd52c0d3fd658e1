package list

import (
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// bookWriter writes a workbook: the items, a sheet for each kind of children, and one that explains the columns.
type bookWriter struct {
	w    io.Writer
	y    *layout
	f    *excelize.File
	all  []*excelize.StreamWriter
	rows []int
	text int
	head int
}

// maxCell and maxRows are Excel's limits.
const (
	maxCell = 32767
	maxRows = 1_048_576
)

func newBookWriter(w io.Writer, o WriteOptions) (Writer, error) {
	x := &bookWriter{w: w, y: newLayout(o, maxCell, true), f: excelize.NewFile()}
	var err error
	if x.head, err = x.f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"0A2F66"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	}); err != nil {
		return nil, err
	}
	if x.text, err = x.f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
		return nil, err
	}
	if err := x.f.SetSheetName("Sheet1", x.y.sheet); err != nil {
		return nil, err
	}
	if err := x.sheet(x.y.sheet, x.y.heads()); err != nil {
		return nil, err
	}
	for _, s := range x.y.children {
		if _, err := x.f.NewSheet(s.name); err != nil {
			return nil, err
		}
		if err := x.sheet(s.name, slices.Concat(s.refs, s.heads)); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *bookWriter) sheet(name string, heads []string) error {
	sw, err := x.f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := sw.SetColWidth(1, len(heads), 20); err != nil {
		return err
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	x.all, x.rows = append(x.all, sw), append(x.rows, 0)
	return x.row(len(x.all)-1, heads, x.head)
}

func (x *bookWriter) row(sheet int, values []string, style int) error {
	x.rows[sheet]++
	if x.rows[sheet] > maxRows {
		return errs.New(errs.Invalid, "list.too_many_rows", errs.P{"max": maxRows})
	}
	cells := make([]any, len(values))
	for i, v := range values {
		if v != "" {
			cells[i] = excelize.Cell{StyleID: style, Value: v}
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.rows[sheet])
	if err != nil {
		return err
	}
	return x.all[sheet].SetRow(at, cells)
}

func (x *bookWriter) Write(it *item.Item) error {
	w, err := x.y.write(it)
	if err != nil {
		return err
	}
	if err := x.row(0, w.main, x.text); err != nil {
		return err
	}
	for i, rows := range w.kids {
		for _, r := range rows {
			if err := x.row(i+1, r, x.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *bookWriter) Close() error {
	defer func() { _ = x.f.Close() }()
	if !x.y.national && x.y.codes == nil { // the guide explains our codes
		if err := x.guide(); err != nil {
			return err
		}
	}
	for _, sw := range x.all {
		if err := sw.Flush(); err != nil {
			return err
		}
	}
	return x.f.Write(x.w)
}

func (x *bookWriter) Lost() map[rune]int { return nil }

func (x *bookWriter) Missing() map[string]int { return x.y.missing }

// guide explains the columns: what they are called, whether they must be filled in, and which codes they take.
func (x *bookWriter) guide() error {
	l := x.y.lang
	if _, err := x.f.NewSheet(guideSheet); err != nil {
		return err
	}
	var heads []string
	for _, k := range []string{"sheet", "column", "key", "must", "how"} {
		heads = append(heads, i18n.In(l, "list.guide_"+k))
	}
	if err := x.sheet(guideSheet, heads); err != nil {
		return err
	}
	at := len(x.all) - 1
	must := func(b bool) string {
		if b {
			return i18n.In(l, "list.guide_required")
		}
		return ""
	}
	for i, e := range item.Elements {
		how := e.Help(l)
		if e.Computed {
			how = i18n.In(l, "list.guide_computed")
		}
		if err := x.row(at, []string{x.y.sheet, ownHead(l, i), e.Key, must(e.Required), join(how, codes(l, e.List))}, x.text); err != nil {
			return err
		}
	}
	for _, s := range x.y.children {
		for n, j := range s.cols {
			c := s.child.Columns[j]
			if err := x.row(at, []string{s.name, s.heads[n], c.Key, must(c.Required), join(c.Help(l), codes(l, c.List))}, x.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func codes(l i18n.Lang, list string) string {
	var out []string
	for _, c := range item.Lists[list] {
		s := c
		if name := item.CodeName(l, list, c); name != c {
			s += " " + name
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func join(a, b string) string { return strings.Trim(a+"\n"+b, "\n") }
