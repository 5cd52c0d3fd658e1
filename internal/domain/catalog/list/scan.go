package list

import (
	"bufio"
	"bytes"
	"errors"
	"html"
	"io"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
)

// scan walks through the XML of a workbook: one tag at a time, with the text before it. Workbooks use a small part of XML, and reading a sheet of a million rows
// with encoding/xml takes a minute.
type scan struct {
	r     *bufio.Reader
	text  []byte // before the tag, entities not yet replaced
	name  []byte // without its prefix
	attrs []byte
	end   bool // </name>
	self  bool // <name/>
	buf   []byte
}

func newScan(r io.Reader) *scan { return &scan{r: bufio.NewReaderSize(r, 128<<10)} }

// maxText is the longest text of one cell; Excel itself stops at 32,767 characters.
const maxText = 1 << 20

var errSheet = errs.New(errs.Invalid, "list.workbook_broken")

// until appends to dst what comes up to and including a byte.
func (s *scan) until(dst []byte, delim byte) ([]byte, error) {
	for {
		part, err := s.r.ReadSlice(delim)
		dst = append(dst, part...)
		if err == nil {
			return dst, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return dst, err
		}
		if len(dst) > maxText {
			return nil, errSheet
		}
	}
}

// next goes to the next tag; io.EOF after the last.
func (s *scan) next() error {
	s.text = s.text[:0]
	for {
		var err error
		if s.text, err = s.until(s.text, '<'); err != nil {
			return err
		}
		s.text = s.text[:len(s.text)-1]
		if s.buf, err = s.until(s.buf[:0], '>'); err != nil {
			return noEOF(err)
		}
		switch {
		case bytes.HasPrefix(s.buf, []byte("!--")):
			for !bytes.HasSuffix(s.buf, []byte("-->")) {
				if s.buf, err = s.until(s.buf, '>'); err != nil {
					return noEOF(err)
				}
			}
			continue
		case bytes.HasPrefix(s.buf, []byte("![CDATA[")):
			for !bytes.HasSuffix(s.buf, []byte("]]>")) {
				if s.buf, err = s.until(s.buf, '>'); err != nil {
					return noEOF(err)
				}
			}
			s.text = append(s.text, html.EscapeString(string(s.buf[8:len(s.buf)-3]))...)
			continue
		case s.buf[0] == '?':
			continue
		case s.buf[0] == '!':
			return errSheet // a DOCTYPE: no workbook has one
		}
		for bytes.Count(s.buf, []byte{'"'})%2 == 1 { // a > inside a value
			if s.buf, err = s.until(s.buf, '>'); err != nil {
				return noEOF(err)
			}
		}
		s.tag(s.buf[:len(s.buf)-1])
		return nil
	}
}

func noEOF(err error) error {
	if err == io.EOF {
		return errSheet
	}
	return err
}

func (s *scan) tag(b []byte) {
	s.end, s.self = false, false
	if len(b) > 0 && b[0] == '/' {
		s.end, b = true, b[1:]
	}
	if n := len(b); n > 0 && b[n-1] == '/' {
		s.self, b = true, b[:n-1]
	}
	s.name, s.attrs = b, nil
	if i := bytes.IndexAny(b, " \t\r\n"); i >= 0 {
		s.name, s.attrs = b[:i], b[i:]
	}
	if i := bytes.IndexByte(s.name, ':'); i >= 0 {
		s.name = s.name[i+1:]
	}
}

func (s *scan) is(name string) bool { return string(s.name) == name }

// attr gives the value of an attribute by its name without prefix.
func (s *scan) attr(name string) string {
	b := s.attrs
	for {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			return ""
		}
		key := bytes.TrimSpace(b[:i])
		if j := bytes.IndexByte(key, ':'); j >= 0 {
			key = key[j+1:]
		}
		b = bytes.TrimLeft(b[i+1:], " \t\r\n")
		if len(b) < 2 {
			return ""
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return ""
		}
		if string(key) == name {
			return html.UnescapeString(string(b[1 : end+1]))
		}
		b = b[end+2:]
	}
}

// words is the text before the tag with entities and Excel's own escapes (_x000D_) replaced.
func (s *scan) words() string {
	t := string(s.text)
	if strings.IndexByte(t, '&') >= 0 {
		t = html.UnescapeString(t)
	}
	if strings.Contains(t, "_x") {
		t = unescape(t)
	}
	return t
}

func unescape(t string) string {
	var b strings.Builder
	for {
		i := strings.Index(t, "_x")
		if i < 0 || i+7 > len(t) {
			b.WriteString(t)
			return b.String()
		}
		n, err := strconv.ParseUint(t[i+2:i+6], 16, 16)
		if err != nil || t[i+6] != '_' {
			b.WriteString(t[:i+2])
			t = t[i+2:]
			continue
		}
		b.WriteString(t[:i])
		if n >= ' ' || n == '\n' || n == '\t' {
			b.WriteRune(rune(n))
		}
		t = t[i+7:]
	}
}

// columnOf reads the letters of a cell's place: B7 is 1; -1 if there are none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		if n = n*26 + int(ref[i]-'A') + 1; n > maxColumns {
			return -1
		}
	}
	return n - 1
}

// maxColumns is Excel's own limit.
const maxColumns = 16384
