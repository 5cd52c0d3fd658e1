package org

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/errs"
)

// Columns are the columns of a table of staff, by the text that heads them.
var Columns = []string{"登录名", "姓名", "手机号", "机构标识", "岗位标识", "开始日期", "截止日期"}

// The columns' places; findings and proposals name them by these.
const (
	colLogin = iota
	colName
	colPhone
	colAgency
	colPosts
	colFrom
	colUntil
)

// MaxRows is the longest table, MaxTable its largest size in bytes.
const (
	MaxRows  = 10_000
	MaxTable = 8 << 20
	maxPlain = 64 << 20 // of the unpacked workbook
	maxCell  = 1000     // characters
)

// ReadTable reads a table of staff: XLSX, or CSV in UTF-8 with or without a byte order mark or in GB 18030. The first row heads the columns, in
// any order; empty rows are left out. Rows come with their line numbers. Errors: errs.Invalid "org.table_…".
func ReadTable(data []byte) ([]Row, error) {
	var cells [][]string
	var err error
	switch {
	case len(data) > MaxTable:
		return nil, errs.New(errs.TooLarge, "org.table_large", errs.P{"mb": MaxTable >> 20})
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		cells, err = readBook(data)
	case bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return nil, errs.New(errs.Invalid, "org.table_xls")
	default:
		cells, err = readCSV(data)
	}
	if err != nil {
		return nil, err
	}
	return rowsOf(cells)
}

func readBook(data []byte) (cells [][]string, err error) {
	defer func() { // a workbook is somebody else's file: what breaks its reader is the file's fault
		if recover() != nil {
			err = errs.New(errs.Invalid, "org.table_unreadable")
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxPlain, UnzipXMLSizeLimit: maxPlain, RawCellValue: true})
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "org.table_unreadable")
	}
	defer func() { _ = f.Close() }()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "org.table_unreadable")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		cs, err := rows.Columns()
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "org.table_unreadable")
		}
		if cells = append(cells, cs); len(cells) > 2*MaxRows {
			return nil, errs.New(errs.Invalid, "org.table_long", errs.P{"max": MaxRows})
		}
	}
	return cells, nil
}

func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		plain, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(plain, utf8.RuneError) {
			return nil, errs.New(errs.Invalid, "org.table_coding")
		}
		data = plain
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errs.New(errs.Invalid, "org.table_unreadable")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.IndexByte(head, '\t') >= 0 {
		r.Comma = '\t'
	} else if bytes.IndexByte(head, ';') >= 0 && bytes.IndexByte(head, ',') < 0 {
		r.Comma = ';'
	}
	var out [][]string
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, errs.New(errs.Invalid, "org.table_line", errs.P{"line": bad.Line})
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		for len(out) < line-1 { // the reader skips empty lines; findings name the lines people see
			out = append(out, nil)
		}
		if out = append(out, rec); len(out) > 2*MaxRows {
			return nil, errs.New(errs.Invalid, "org.table_long", errs.P{"max": MaxRows})
		}
	}
}

// Row is one line of a table of staff.
type Row struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"` // in the order of Columns
}

func rowsOf(cells [][]string) ([]Row, error) {
	var place []int // of each column of ours in the file
	var out []Row
	for i, rec := range cells {
		for j := range rec {
			rec[j] = strings.TrimPrefix(strings.TrimSpace(strings.ReplaceAll(rec[j], "\u3000", " ")), "'")
		}
		if strings.Join(rec, "") == "" {
			continue
		}
		if place == nil {
			var err error
			if place, err = heads(rec); err != nil {
				return nil, err
			}
			continue
		}
		row := Row{Line: i + 1, Cells: make([]string, len(Columns))}
		for k, j := range place {
			if j < len(rec) {
				row.Cells[k] = clip(rec[j], maxCell)
			}
		}
		if out = append(out, row); len(out) > MaxRows {
			return nil, errs.New(errs.Invalid, "org.table_long", errs.P{"max": MaxRows})
		}
	}
	if len(out) == 0 {
		return nil, errs.New(errs.Invalid, "org.table_empty")
	}
	return out, nil
}

// heads finds our columns in the first row; explanations in brackets behind a heading do not count.
func heads(rec []string) ([]int, error) {
	place := make([]int, len(Columns))
	var missing []string
	for k, name := range Columns {
		place[k] = -1
		for j, cell := range rec {
			cell, _, _ = strings.Cut(strings.ReplaceAll(cell, "(", "（"), "（")
			if strings.TrimSpace(cell) == name {
				place[k] = j
			}
		}
		if place[k] < 0 && k != colFrom && k != colUntil {
			missing = append(missing, name)
		}
		if place[k] < 0 {
			place[k] = 1 << 20
		}
	}
	if len(missing) > 0 {
		return nil, errs.New(errs.Invalid, "org.table_heads", errs.P{"columns": strings.Join(missing, "、")})
	}
	return place, nil
}

// WriteCSV writes a table as CSV in UTF-8 with a byte order mark, which spreadsheets need to see Chinese. Cells that a spreadsheet would
// take for a formula begin with an apostrophe (OWASP CSV injection).
func WriteCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	for _, r := range rows {
		safe := make([]string, len(r))
		for i, v := range r {
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				v = "'" + v
			}
			safe[i] = v
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteBook writes tables as the sheets of an XLSX workbook; every cell is text, so that no telephone loses a digit and nothing is a formula.
func WriteBook(w io.Writer, names []string, tables [][][]string) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, name := range names {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				return err
			}
		} else if _, err := f.NewSheet(name); err != nil {
			return err
		}
		sw, err := f.NewStreamWriter(name)
		if err != nil {
			return err
		}
		if err := sw.SetColWidth(1, len(Columns), 18); err != nil {
			return err
		}
		for j, r := range tables[i] {
			cells := make([]any, len(r))
			for k, v := range r {
				cells[k] = v
			}
			at, err := excelize.CoordinatesToCellName(1, j+1)
			if err != nil {
				return err
			}
			if err := sw.SetRow(at, cells); err != nil {
				return err
			}
		}
		if err := sw.Flush(); err != nil {
			return err
		}
	}
	return f.Write(w)
}
