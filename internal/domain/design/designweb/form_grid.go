package designweb

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/errs"
)

const (
	maxGridRows  = 2000
	maxSheetText = 32 << 20 // bytes of an unpacked spreadsheet
)

// grid is a sheet as text. merged tells which rectangles were one cell.
type grid struct {
	rows   [][]string
	merged []area
}

// area is a rectangle of cells, counted from 0, both ends included.
type area struct{ top, left, bottom, right int }

// at gives a cell, "" beyond the edge.
func (g grid) at(row, col int) string {
	if row < 0 || row >= len(g.rows) || col < 0 || col >= len(g.rows[row]) {
		return ""
	}
	return strings.TrimSpace(g.rows[row][col])
}

// readGrid reads the first sheet with content of an XLSX, or a CSV in UTF-8 or GB 18030.
func readGrid(data []byte) (grid, error) {
	if bytes.HasPrefix(data, []byte("PK")) {
		return readBook(data)
	}
	return readCSV(data)
}

func readBook(data []byte) (grid, error) {
	unreadable := errs.New(errs.Invalid, "designer.import_unreadable")
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxSheetText, UnzipXMLSizeLimit: maxSheetText})
	if err != nil {
		return grid{}, unreadable
	}
	defer f.Close() //nolint:errcheck // only read
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			return grid{}, unreadable
		}
		if len(rows) == 0 {
			continue
		}
		if len(rows) > maxGridRows {
			return grid{}, errs.New(errs.Invalid, "designer.import_long", errs.P{"max": maxGridRows})
		}
		g := grid{rows: rows}
		cells, err := f.GetMergeCells(sheet)
		if err != nil {
			return grid{}, unreadable
		}
		for _, c := range cells {
			left, top, err1 := excelize.CellNameToCoordinates(c.GetStartAxis())
			right, bottom, err2 := excelize.CellNameToCoordinates(c.GetEndAxis())
			if err1 == nil && err2 == nil {
				g.merged = append(g.merged, area{top - 1, left - 1, bottom - 1, right - 1})
			}
		}
		return g, nil
	}
	return grid{}, errs.New(errs.Invalid, "designer.import_empty")
}

func readCSV(data []byte) (grid, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) {
		plain, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(plain, utf8.RuneError) {
			return grid{}, errs.New(errs.Invalid, "designer.import_unreadable")
		}
		data = plain
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	if line, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(line, []byte("\t")) > bytes.Count(line, []byte(",")) {
		r.Comma = '\t'
	}
	var g grid
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return g, errs.New(errs.Invalid, "designer.import_unreadable")
		}
		line, _ := r.FieldPos(0)
		for len(g.rows) < line-1 && len(g.rows) < maxGridRows { // blank lines count, so that rows are named as the spreadsheet does
			g.rows = append(g.rows, nil)
		}
		if g.rows = append(g.rows, row); len(g.rows) > maxGridRows {
			return g, errs.New(errs.Invalid, "designer.import_long", errs.P{"max": maxGridRows})
		}
	}
	if len(g.rows) == 0 {
		return g, errs.New(errs.Invalid, "designer.import_empty")
	}
	return g, nil
}
