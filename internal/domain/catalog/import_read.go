package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"tongban/internal/base/errs"
)

// maxList is the largest list taken, in bytes: some hundred thousand items.
const maxList = 64 << 20

// columns are the columns of a list with the headings they may have.
var columns = map[string][]string{
	"department":      {"department", "部门", "部门名称", "实施主体", "实施机关"},
	"main_item":       {"main_item", "主项", "主项名称"},
	"item_name":       {"item_name", "事项名称", "名称", "办理项名称", "业务办理项名称"},
	"local_item_code": {"local_item_code", "事项编码", "实施编码", "地方实施编码", "办理项编码"},
	"item_type":       {"item_type", "事项类型", "类型"},
	"agency_code":     {"agency_code", "机构代码", "实施主体编码", "统一社会信用代码"},
	"region_code":     {"region_code", "区划代码", "行政区划代码", "行政区划"},
}

// list is a list as it was read.
type list struct {
	encoding string
	columns  map[string]int // column → place
	ignored  []string       // headings nobody knows
	rows     []row
}

// row is one record; Number counts the heading as 1, as a spreadsheet does.
type row struct {
	number int
	fields []string
	broken string // text key: the record cannot be read
	width  int    // how many fields the heading has
}

// readList reads a list in UTF-8 (with or without byte order mark), UTF-16 with one, or GBK/GB18030.
func readList(r io.Reader) (*list, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxList {
		return nil, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": "64 MB"})
	}
	l := &list{}
	if b, l.encoding, err = toUTF8(b); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "catalog.import_encoding")
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errs.New(errs.Invalid, "catalog.import_empty")
	}
	b = bytes.TrimLeft(b, "\r\n")
	records := split(b, delimiter(b))
	if err := l.heading(records[0]); err != nil {
		return nil, err
	}
	for i, rec := range records[1:] {
		rec.number, rec.width = i+2, len(records[0].fields)
		if rec.broken == "" && len(rec.fields) == 1 && strings.TrimSpace(rec.fields[0]) == "" {
			continue // an empty line is no row
		}
		l.rows = append(l.rows, rec)
	}
	return l, nil
}

func toUTF8(b []byte) (text []byte, name string, err error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return b[3:], "UTF-8 BOM", nil
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b)
		return b, "UTF-16", err
	case utf8.Valid(b):
		return b, "UTF-8", nil
	}
	b, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	return b, "GB18030", err
}

// delimiter guesses from the heading: comma, tab or semicolon.
func delimiter(b []byte) rune {
	first, _, _ := bytes.Cut(b, []byte("\n"))
	best := ','
	for _, d := range []rune{'\t', ';'} {
		if bytes.Count(first, []byte(string(d))) > bytes.Count(first, []byte(string(best))) {
			best = d
		}
	}
	return best
}

// swallowed is how many lines one record may span: a quotation mark that nobody closed must not swallow the rest of the list.
const swallowed = 20

// split reads the records. A record that cannot be read is kept as broken, and reading goes on with the line after it.
func split(b []byte, comma rune) []row {
	var out []row
	for len(b) > 0 {
		if line, rest, _ := bytes.Cut(b, []byte("\n")); len(bytes.TrimSpace(line)) == 0 && comma != '\t' {
			out, b = append(out, row{fields: []string{""}}), rest // package csv would pass over it and the numbers would slip
			continue
		}
		rec, rest, err := record(b, comma)
		switch {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			line, after, _ := bytes.Cut(b, []byte("\n"))
			out = append(out, row{fields: []string{string(line)}, broken: "catalog.import_quote"})
			b = after
		default:
			out = append(out, row{fields: rec})
			b = rest
		}
	}
	return out
}

// record reads one record and gives what follows it.
func record(b []byte, comma rune) (fields []string, rest []byte, err error) {
	r := csv.NewReader(bytes.NewReader(window(b)))
	r.Comma, r.FieldsPerRecord = comma, -1
	if fields, err = r.Read(); err != nil {
		return nil, nil, err
	}
	return fields, b[r.InputOffset():], nil
}

// window cuts the text to the lines one record may span.
func window(b []byte) []byte {
	at := 0
	for range swallowed {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return b
		}
		at += i + 1
	}
	return b[:at]
}

// heading finds the columns by their names.
func (l *list) heading(r row) error {
	l.columns = map[string]int{}
	for i, h := range r.fields {
		name := strings.ToLower(strings.TrimSpace(h))
		known := ""
		for c, names := range columns {
			if slices.Contains(names, name) {
				known = c
			}
		}
		if _, twice := l.columns[known]; known == "" || twice {
			l.ignored = append(l.ignored, h)
			continue
		}
		l.columns[known] = i
	}
	if _, ok := l.columns["item_name"]; !ok {
		return errs.New(errs.Invalid, "catalog.import_heading", errs.P{"found": strings.Join(r.fields, "、")})
	}
	return nil
}

// get gives a row's value of a column as it stands, without blanks around it.
func (l *list) get(r row, column string) string {
	i, ok := l.columns[column]
	if !ok || i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(r.fields[i], "\x00", ""))
}
