package list

import (
	"bytes"
	"io"

	"tongban/internal/base/errs"
)

// Source is a file that holds a list. Name is only looked at for messages.
type Source struct {
	io.ReaderAt
	Size int64
	Name string
}

// Row is one record of a table. Number is the row as a spreadsheet counts it.
type Row struct {
	Number int
	Cells  []string
	Doc    []byte // a JSON object, instead of cells
	Notes  []Note
	Broken string // text key: the row cannot be read; Cells[0] is what stands there
}

// Note is something the reader saw in a cell: a formula, a merged cell, a number that lost digits.
type Note struct {
	Column int // from 0
	Key    string
	Value  string
}

// Table is one stream of rows.
type Table interface {
	Next() (Row, error) // io.EOF after the last row
	Close() error
}

// Sheet names one table of a book.
type Sheet struct {
	Name string
	open func() (Table, error)
}

// Open begins to read the table; several may be read at once.
func (s Sheet) Open() (Table, error) { return s.open() }

// The formats of lists.
const (
	CSV   = "csv"
	XLSX  = "xlsx"
	JSON  = "json"
	JSONL = "jsonl"
	Zip   = "zip"
)

// Book is a list that was recognised: its format, the encoding of its text and its tables.
type Book struct {
	Format, Encoding string
	Sheets           []Sheet
}

// Open recognises a list by its content. errs.Invalid says what it is instead: empty, an old workbook, a text nobody can decode.
func Open(src Source) (*Book, error) {
	head := make([]byte, 4096)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))) == 0:
		return nil, errs.New(errs.Invalid, "list.empty")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return openZip(src)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, errs.New(errs.Invalid, "list.old_workbook")
	case bytes.HasPrefix(head, []byte("%PDF")), bytes.HasPrefix(head, []byte("\x1f\x8b")), bytes.HasPrefix(head, []byte("\x89PNG")):
		return nil, errs.New(errs.Invalid, "list.no_list")
	}
	enc, err := encodingOf(src)
	if err != nil {
		return nil, err
	}
	text := bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n")
	if enc.name != "UTF-16" && len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return openJSON(src, enc)
	}
	return &Book{Format: CSV, Encoding: enc.name, Sheets: []Sheet{{"", func() (Table, error) { return openCSV(src, enc) }}}}, nil
}

// firstRows gives the first rows of a table, for finding its heading.
func firstRows(t Table, n int) ([]Row, error) {
	var out []Row
	for len(out) < n {
		r, err := t.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
