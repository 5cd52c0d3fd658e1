package list

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// WriteOptions say how a list is written.
type WriteOptions struct {
	Format   string    // CSV, XLSX, JSON, JSONL or Zip
	National bool      // the exchange tables: XLSX (sheets), Zip (CSV files) or JSON (arrays)
	GBK      bool      // CSV for spreadsheets that do not know UTF-8
	Lang     i18n.Lang // of headings and code names
	Codes    *Codes    // of the system the list is for; nil for our own
}

// Writer writes items one after the other. What was written is complete only after Close.
type Writer interface {
	Write(it *item.Item) error
	Close() error
	Lost() map[rune]int      // characters GBK lacks, with how often they occurred: programs that know only GBK show them wrongly
	Missing() map[string]int // codes of ours, as "list code", that the system has none for, with how often they occurred
}

var errTooLong = errs.New(errs.Invalid, "list.too_long")

// NewWriter begins a list; errs.Invalid if there is no such format.
func NewWriter(w io.Writer, o WriteOptions) (Writer, error) {
	if o.Lang == "" {
		o.Lang = i18n.Chinese
	}
	switch {
	case o.Codes != nil && !o.National && (o.Format == JSON || o.Format == JSONL):
		return nil, errs.New(errs.Invalid, "list.codes_document") // a document of ours holds our codes
	case o.Format == XLSX:
		return newBookWriter(w, o)
	case o.Format == JSON && o.National, o.Format == Zip:
		return newTablesWriter(w, o)
	case o.Format == CSV && !o.National:
		return newCSVWriter(w, o)
	case (o.Format == JSON || o.Format == JSONL) && !o.National:
		return &docWriter{w: bufio.NewWriterSize(w, 64<<10), array: o.Format == JSON}, nil
	}
	return nil, errs.New(errs.Invalid, "list.format_unknown", errs.P{"format": o.Format})
}

// docWriter writes whole documents.
type docWriter struct {
	w     *bufio.Writer
	array bool
	n     int
}

func (d *docWriter) Write(it *item.Item) error {
	b, err := json.Marshal(it)
	if err != nil {
		return err
	}
	if d.array {
		sep := ",\n"
		if d.n == 0 {
			sep = "[\n"
		}
		_, _ = d.w.WriteString(sep) // a bufio.Writer keeps its first error for Flush
	}
	d.n++
	_, _ = d.w.Write(b)
	if !d.array {
		_ = d.w.WriteByte('\n')
	}
	return nil
}

func (d *docWriter) Close() error {
	if d.array {
		if d.n == 0 {
			_, _ = d.w.WriteString("[")
		}
		_, _ = d.w.WriteString("\n]\n")
	}
	return d.w.Flush()
}

func (d *docWriter) Lost() map[rune]int { return nil }

func (d *docWriter) Missing() map[string]int { return nil }

// encoder writes text as UTF-8 with a byte order mark, which spreadsheets need to see Chinese, or as GB18030, of which GBK is the part most programs know.
type encoder struct {
	w    io.Writer
	c    io.Closer
	gbk  bool
	lost map[rune]int
	have map[rune]bool
}

func newEncoder(w io.Writer, gbk bool) (*encoder, error) {
	if gbk {
		t := transform.NewWriter(w, simplifiedchinese.GB18030.NewEncoder())
		return &encoder{w: t, c: t, gbk: true, lost: map[rune]int{}, have: map[rune]bool{}}, nil
	}
	_, err := io.WriteString(w, "\ufeff")
	return &encoder{w: w}, err
}

// note counts the characters GBK lacks.
func (e *encoder) note(cells []string) {
	if !e.gbk {
		return
	}
	for _, c := range cells {
		for _, r := range c {
			if r < 0x80 {
				continue
			}
			ok, seen := e.have[r]
			if !seen {
				_, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
				ok = err == nil
				e.have[r] = ok
			}
			if !ok {
				e.lost[r]++
			}
		}
	}
}

func (e *encoder) close() error {
	if e.c != nil {
		return e.c.Close()
	}
	return nil
}

// csvWriter writes one table; children stand in the last column.
type csvWriter struct {
	y   *layout
	enc *encoder
	c   *csv.Writer
}

func newCSVWriter(w io.Writer, o WriteOptions) (Writer, error) {
	enc, err := newEncoder(w, o.GBK)
	if err != nil {
		return nil, err
	}
	x := &csvWriter{y: newLayout(o, 0, false), enc: enc, c: csv.NewWriter(enc.w)}
	x.y.safe = true
	return x, x.c.Write(x.y.heads())
}

func (y *layout) heads() []string {
	out := make([]string, len(y.cols))
	for i, c := range y.cols {
		out[i] = c.head
	}
	return out
}

func (x *csvWriter) Write(it *item.Item) error {
	w, err := x.y.write(it)
	if err != nil {
		return err
	}
	x.enc.note(w.main)
	return x.c.Write(w.main)
}

func (x *csvWriter) Close() error {
	x.c.Flush()
	if err := x.c.Error(); err != nil {
		return err
	}
	return x.enc.close()
}

func (x *csvWriter) Lost() map[rune]int { return x.enc.lost }

func (x *csvWriter) Missing() map[string]int { return x.y.missing }

// spool is a table that waits in a temporary file for its turn.
type spool struct {
	f *os.File
	w *bufio.Writer
}

func newSpool() (*spool, error) {
	f, err := Temp()
	if err != nil {
		return nil, err
	}
	return &spool{f, bufio.NewWriterSize(f, 64<<10)}, nil
}

// copyTo writes what was collected and gives the file up.
func (s *spool) copyTo(w io.Writer) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	if _, err := s.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(w, s.f); err != nil {
		return err
	}
	return s.f.Close()
}
