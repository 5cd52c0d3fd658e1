package list

import (
	"archive/zip"
	"bufio"
	"bytes"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
)

// Limits against files that swell: what a zip may hold in all, and how much bigger than itself a part of it may become.
const (
	maxPlain   = 8 << 30
	maxSwell   = 400
	maxStrings = 1 << 30
)

func openZip(src Source) (*Book, error) {
	z, err := zip.NewReader(src, src.Size)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "list.workbook_broken")
	}
	var plain uint64
	for _, f := range z.File {
		plain += f.UncompressedSize64
		if f.UncompressedSize64 > maxSwell*(f.CompressedSize64+1024) || plain > maxPlain {
			return nil, errs.New(errs.Invalid, "list.swells")
		}
	}
	if part(z, "xl/workbook.xml") != nil {
		return openBook(z)
	}
	return openFolder(z)
}

func part(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			return f
		}
	}
	return nil
}

// book is a workbook while it is read.
type book struct {
	z       *zip.Reader
	strings []byte
	ends    []uint32 // of each shared string in strings
	styles  []style
	old     bool // dates count from 1904
}

func openBook(z *zip.Reader) (*Book, error) {
	b := &book{z: z}
	names, err := b.sheets()
	if err != nil {
		return nil, err
	}
	if err := b.readStrings(); err != nil {
		return nil, err
	}
	if err := b.readStyles(); err != nil {
		return nil, err
	}
	out := &Book{Format: XLSX, Encoding: "XLSX"}
	for _, s := range names {
		f := part(z, s.path)
		if f == nil {
			continue
		}
		out.Sheets = append(out.Sheets, Sheet{s.name, func() (Table, error) { return b.open(f) }})
	}
	if len(out.Sheets) == 0 {
		return nil, errSheet
	}
	return out, nil
}

type sheetPart struct{ name, path string }

// sheets reads the names of the sheets that are to be seen and where they stand.
func (b *book) sheets() ([]sheetPart, error) {
	paths := map[string]string{}
	err := b.walk("xl/_rels/workbook.xml.rels", func(s *scan) error {
		if s.is("Relationship") && !s.end {
			target := s.attr("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			paths[s.attr("Id")] = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []sheetPart
	err = b.walk("xl/workbook.xml", func(s *scan) error {
		switch {
		case s.end:
		case s.is("workbookPr"):
			v := s.attr("date1904")
			b.old = v == "1" || v == "true"
		case s.is("sheet") && s.attr("state") == "":
			out = append(out, sheetPart{s.attr("name"), paths[s.attr("id")]})
		}
		return nil
	})
	return out, err
}

// walk calls fn at every tag of a part; a part that is not there has none.
func (b *book) walk(name string, fn func(*scan) error) error {
	f := part(b.z, name)
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "list.workbook_broken")
	}
	defer r.Close()
	s := newScan(r)
	for {
		err := s.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = fn(s)
		}
		if err != nil {
			return broken(err)
		}
	}
}

func broken(err error) error {
	if errs.As(err) != nil {
		return err
	}
	return errs.Wrap(err, errs.Invalid, "list.workbook_broken")
}

func (b *book) readStrings() error {
	in, sound := false, false
	return b.walk("xl/sharedStrings.xml", func(s *scan) error {
		switch {
		case s.is("si") && s.end, s.is("si") && s.self:
			b.ends = append(b.ends, uint32(len(b.strings)))
		case s.is("rPh"):
			sound = !s.end // how a name is read, not what it says
		case s.is("t") && !s.end:
			in = !s.self
		case s.is("t"):
			if in && !sound {
				b.strings = append(b.strings, s.words()...)
			}
			if in = false; len(b.strings) > maxStrings {
				return errs.New(errs.Invalid, "list.swells")
			}
		}
		return nil
	})
}

func (b *book) shared(i int) (string, bool) {
	if i < 0 || i >= len(b.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = b.ends[i-1]
	}
	return string(b.strings[from:b.ends[i]]), true
}

// merge is a merged range: rows from 1, columns from 0.
type merge struct {
	top, bottom, left, right int
	value                    string
}

func (m merge) name() string {
	return letters(m.left) + strconv.Itoa(m.top) + ":" + letters(m.right) + strconv.Itoa(m.bottom)
}

func letters(c int) string {
	s := ""
	for c++; c > 0; c = (c - 1) / 26 {
		s = string(rune('A'+(c-1)%26)) + s
	}
	return s
}

// merges looks for merged cells, which stand behind the rows.
func merges(f *zip.File) ([]merge, error) {
	r, err := f.Open()
	if err != nil {
		return nil, broken(err)
	}
	defer r.Close()
	br := bufio.NewReaderSize(r, 256<<10)
	if err := seek(br, []byte("mergeCells")); err != nil {
		if err == io.EOF {
			return nil, nil
		}
		return nil, broken(err)
	}
	s := &scan{r: br}
	var out []merge
	for {
		if err := s.next(); err != nil {
			return nil, broken(noEOF(err))
		}
		if s.is("mergeCells") && s.end {
			break
		}
		from, to, ok := strings.Cut(s.attr("ref"), ":")
		if !s.is("mergeCell") || !ok {
			continue
		}
		m := merge{top: rowOf(from), bottom: rowOf(to), left: columnOf(from), right: columnOf(to)}
		if m.top > 0 && m.bottom >= m.top && m.left >= 0 && m.right >= m.left {
			out = append(out, m)
		}
		if len(out) > maxMerges {
			return nil, errs.New(errs.Invalid, "list.swells")
		}
	}
	slices.SortFunc(out, func(a, b merge) int { return a.top - b.top })
	return out, nil
}

const maxMerges = 2_000_000

func rowOf(ref string) int {
	n, _ := strconv.Atoi(strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return n
}

// seek reads up to a tag's name.
func seek(r *bufio.Reader, word []byte) error {
	for {
		b, err := r.Peek(r.Size())
		if i := bytes.Index(b, word); i >= 0 {
			for i > 0 && b[i] != '<' {
				i--
			}
			_, err = r.Discard(i)
			return err
		}
		if err != nil {
			return err
		}
		if _, err := r.Discard(len(b) - len(word)); err != nil {
			return err
		}
	}
}
