package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The formats.
const (
	CSV  = "csv"
	XLSX = "xlsx"
)

// ErrRows tells that a workbook cannot take more rows.
var ErrRows = errors.New("sheet: more rows than a workbook takes")

// MIME gives the content type of a format.
func MIME(format string) string {
	if format == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Writer takes the rows of one table. A cell is a string, an int or a float64. What was written is complete only after Close.
type Writer interface {
	Row(cells ...any) error
	Close() error
}

// New begins a table; heads are its first row. title names the sheet of a workbook.
func New(w io.Writer, format, title string, heads []string) (Writer, error) {
	switch format {
	case CSV:
		return newText(w, heads)
	case XLSX:
		return newBook(w, title, heads)
	}
	return nil, fmt.Errorf("sheet: no format %q", format)
}

// Safe keeps a text from being taken for a formula.
func Safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

type text struct{ w *csv.Writer }

func newText(w io.Writer, heads []string) (Writer, error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return nil, err
	}
	t := &text{csv.NewWriter(w)}
	t.w.UseCRLF = true // RFC 4180
	return t, t.Row(texts(heads)...)
}

func texts(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

func (t *text) Row(cells ...any) error {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case string:
			row[i] = Safe(v)
		case int:
			row[i] = strconv.Itoa(v)
		case float64:
			row[i] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return fmt.Errorf("sheet: a cell cannot be a %T", c)
		}
	}
	return t.w.Write(row)
}

func (t *text) Close() error {
	t.w.Flush()
	return t.w.Error()
}

// book keeps its rows in a temporary file of the library as soon as they are more than some megabytes.
type book struct {
	w    io.Writer
	f    *excelize.File
	sw   *excelize.StreamWriter
	text int
	row  int
}

// maxRows and maxCell are Excel's limits.
const (
	maxRows = 1_048_576
	maxCell = 32767
)

func newBook(w io.Writer, title string, heads []string) (Writer, error) {
	b := &book{w: w, f: excelize.NewFile()}
	if err := b.begin(title, heads); err != nil {
		return nil, errors.Join(err, b.f.Close())
	}
	return b, nil
}

func (b *book) begin(title string, heads []string) error {
	bold, err := b.f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"0A2F66"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	})
	if err != nil {
		return err
	}
	if b.text, err = b.f.NewStyle(&excelize.Style{NumFmt: 49}); err != nil { // text: a case number is no number
		return err
	}
	if err := b.f.SetSheetName("Sheet1", title); err != nil {
		return err
	}
	if b.sw, err = b.f.NewStreamWriter(title); err != nil {
		return err
	}
	if err := b.sw.SetColWidth(1, max(1, len(heads)), 18); err != nil {
		return err
	}
	if err := b.sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return b.put(bold, texts(heads))
}

func (b *book) Row(cells ...any) error { return b.put(b.text, cells) }

func (b *book) put(style int, cells []any) error {
	if b.row++; b.row > maxRows {
		return ErrRows
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case string:
			if r := []rune(v); len(r) > maxCell {
				v = string(r[:maxCell])
			}
			row[i] = excelize.Cell{StyleID: style, Value: v} // a string cell: never a formula
		case int, float64:
			row[i] = v
		default:
			return fmt.Errorf("sheet: a cell cannot be a %T", c)
		}
	}
	at, err := excelize.CoordinatesToCellName(1, b.row)
	if err != nil {
		return err
	}
	return b.sw.SetRow(at, row)
}

func (b *book) Close() error {
	err := b.sw.Flush()
	if err == nil {
		err = b.f.Write(b.w)
	}
	return errors.Join(err, b.f.Close())
}
