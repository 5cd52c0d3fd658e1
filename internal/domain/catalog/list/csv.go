package list

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"tongban/internal/base/errs"
)

// coding is how a text file is encoded.
type coding struct {
	name string
	skip int64 // length of the byte order mark
	open func(io.Reader) io.Reader
	rows bool // some rows are encoded otherwise
}

func asIs(r io.Reader) io.Reader { return r }

// encodingOf looks at the byte order mark and, without one, at the whole file: valid UTF-8 is UTF-8, anything else GB18030, of which GBK is a part.
func encodingOf(src Source) (coding, error) {
	head := make([]byte, 3)
	n, _ := src.ReadAt(head, 0)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return coding{"UTF-8 BOM", 3, asIs, true}, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return coding{"UTF-16", 0, func(r io.Reader) io.Reader {
			return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
		}, false}, nil
	}
	ok, err := validUTF8(io.NewSectionReader(src, 0, src.Size))
	if err != nil {
		return coding{}, err
	}
	if ok {
		return coding{"UTF-8", 0, asIs, false}, nil
	}
	if most, err := mostlyUTF8(io.NewSectionReader(src, 0, src.Size)); err != nil || most {
		return coding{"UTF-8", 0, asIs, true}, err
	}
	gb := coding{"GB18030", 0, func(r io.Reader) io.Reader {
		return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder())
	}, false}
	return gb, readable(gb.open(io.NewSectionReader(src, 0, min(src.Size, 1<<20))))
}

// mostlyUTF8 reports whether of the lines that are not ASCII most are UTF-8. In a file of GBK hardly one is, for two bytes of it are no character there.
func mostlyUTF8(r io.Reader) (bool, error) {
	b := bufio.NewReaderSize(r, 256<<10)
	good, bad := 0, 0
	for {
		l, err := b.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull): // longer than any line; its pieces may be cut inside a character
		case !utf8.Valid(l):
			bad++
		case bytes.ContainsFunc(l, func(c rune) bool { return c >= utf8.RuneSelf }):
			good++
		}
		if errors.Is(err, io.EOF) {
			return good > bad, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false, err
		}
	}
}

func validUTF8(r io.Reader) (bool, error) {
	buf := make([]byte, 256<<10)
	have := 0
	for {
		n, err := r.Read(buf[have:])
		have += n
		end := have
		for i := 0; i < utf8.UTFMax && end > 0 && err == nil && !utf8.FullRune(buf[max(0, end-utf8.UTFMax):end]); i++ {
			end--
		}
		if err == nil { // a character may be cut at the end of the buffer
			for end = have; end > max(0, have-utf8.UTFMax) && !utf8.RuneStart(buf[end-1]); end-- {
			}
			if end > 0 && utf8.RuneStart(buf[end-1]) && !utf8.FullRune(buf[end-1:have]) {
				end--
			} else {
				end = have
			}
		}
		if !utf8.Valid(buf[:end]) {
			return false, nil
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		have = copy(buf, buf[end:have])
	}
}

// readable refuses what decodes to more than one unknown character in a hundred, and binary files.
func readable(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "list.encoding")
	}
	if bad := bytes.Count(b, []byte("\ufffd")); bad*100 > utf8.RuneCount(b) || bytes.Count(b, []byte{0})*100 > len(b) {
		return errs.New(errs.Invalid, "list.encoding")
	}
	return nil
}

// delimiter guesses from the first lines: comma, tab or semicolon, whichever stands there most.
func delimiter(b []byte) byte {
	best, most := byte(','), -1
	for _, d := range []byte(",\t;") {
		if n := bytes.Count(b, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

// swallowed is how many lines one record may span: a quotation mark that nobody closed must not swallow the rest of the list.
const swallowed = 500

// maxLine is the longest line, in bytes.
const maxLine = 4 << 20

type csvTable struct {
	r       *bufio.Reader
	comma   byte
	mixed   bool // some rows are not UTF-8
	number  int
	pending [][]byte // lines read ahead of a record that was not closed
	record  []byte
}

func openCSV(src Source, enc coding) (Table, error) {
	r := bufio.NewReaderSize(enc.open(io.NewSectionReader(src, enc.skip, src.Size-enc.skip)), 256<<10)
	head, err := r.Peek(8 << 10)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, errs.Wrap(err, errs.Invalid, "list.encoding")
	}
	lines := bytes.SplitN(head, []byte("\n"), 6)
	return &csvTable{r: r, mixed: enc.rows, comma: delimiter(bytes.Join(lines[:min(5, len(lines))], nil))}, nil
}

func (t *csvTable) Close() error { return nil }

// line gives the next line without its end; the bytes are the caller's.
func (t *csvTable) line() ([]byte, error) {
	if len(t.pending) > 0 {
		l := t.pending[0]
		t.pending = t.pending[1:]
		return l, nil
	}
	var out []byte
	for {
		part, err := t.r.ReadSlice('\n')
		out = append(out, part...)
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, bufio.ErrBufferFull):
			if len(out) > maxLine {
				return nil, errs.New(errs.Invalid, "list.long_line", errs.P{"row": t.number + 1})
			}
		case err == io.EOF:
			if len(out) == 0 {
				return nil, io.EOF
			}
			return out, nil
		default:
			return nil, err
		}
	}
}

// Next reads one record. A record that cannot be read is given as broken, and reading goes on with the line after it.
func (t *csvTable) Next() (Row, error) {
	first, err := t.line()
	if err != nil {
		return Row{}, err
	}
	t.number++
	t.record = append(t.record[:0], first...)
	var more [][]byte
	var q quoting
	for q.line(first, t.comma); q.in; q.line(more[len(more)-1], t.comma) {
		if len(more) == swallowed {
			return t.broken(first, more), nil
		}
		next, err := t.line()
		if err == io.EOF {
			return t.broken(first, more), nil
		}
		if err != nil {
			return Row{}, err
		}
		more = append(more, next)
		t.record = append(t.record, next...)
	}
	cells, ok := fields(string(bytes.TrimRight(t.record, "\r\n")), t.comma)
	if !ok {
		return t.broken(first, more), nil
	}
	if t.mixed && !utf8.Valid(t.record) {
		return t.foreign(cells), nil
	}
	return Row{Number: t.number, Cells: cells}, nil
}

// foreign is a row some cells of which are in another encoding. What they say read as GB18030 stands in the finding, for people; nothing is guessed into the
// catalogue.
func (t *csvTable) foreign(cells []string) Row {
	r := Row{Number: t.number, Broken: "list.row_encoding", Cells: make([]string, len(cells))}
	for i, c := range cells {
		r.Cells[i] = strings.ToValidUTF8(c, "\ufffd")
		if utf8.ValidString(c) {
			continue
		}
		said := r.Cells[i]
		if gb, err := simplifiedchinese.GB18030.NewDecoder().String(c); err == nil && !strings.ContainsRune(gb, utf8.RuneError) {
			said = gb
		}
		r.Notes = append(r.Notes, Note{Column: i, Key: "list.row_encoding", Value: said})
	}
	return r
}

func (t *csvTable) broken(first []byte, more [][]byte) Row {
	t.pending = append(more, t.pending...)
	return Row{Number: t.number, Cells: []string{strings.TrimRight(string(first), "\r\n")}, Broken: "list.quote"}
}

// quoting follows the quotation marks of a record over its lines.
type quoting struct {
	in   bool // a quoted field goes on
	text bool // a field without marks goes on
}

func (q *quoting) line(b []byte, comma byte) {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case q.in && c == '"' && i+1 < len(b) && b[i+1] == '"':
			i++
		case q.in && c == '"':
			q.in, q.text = false, true
		case q.in:
		case c == '"' && !q.text:
			q.in = true
		default:
			q.text = c != comma
		}
	}
}

// fields splits a record (RFC 4180). A quotation mark inside a field that does not begin with one stands for itself; text behind a closing mark is an error.
func fields(s string, comma byte) ([]string, bool) {
	out := make([]string, 0, 16)
	for {
		if !strings.HasPrefix(s, `"`) {
			i := strings.IndexByte(s, comma)
			if i < 0 {
				return append(out, s), true
			}
			out, s = append(out, s[:i]), s[i+1:]
			continue
		}
		end := 1
		for {
			i := strings.IndexByte(s[end:], '"')
			if i < 0 {
				return nil, false
			}
			if end += i + 1; end < len(s) && s[end] == '"' {
				end++
				continue
			}
			break
		}
		out = append(out, strings.ReplaceAll(strings.ReplaceAll(s[1:end-1], `""`, `"`), "\r\n", "\n"))
		switch s = s[end:]; {
		case s == "":
			return out, true
		case s[0] != comma:
			return nil, false
		}
		s = s[1:]
	}
}
