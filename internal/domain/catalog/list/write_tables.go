package list

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"

	"tongban/internal/domain/catalog/item"
)

// tablesWriter writes the main table and the children's as CSV files of a zip, or as arrays of one JSON document.
type tablesWriter struct {
	w    io.Writer
	o    WriteOptions
	y    *layout
	all  []*tableFile
	lost map[rune]int
}

// tableFile is one table on its way.
type tableFile struct {
	name  string
	heads []string
	s     *spool
	c     *csv.Writer
	enc   *encoder
	n     int
}

func newTablesWriter(w io.Writer, o WriteOptions) (Writer, error) {
	x := &tablesWriter{w: w, o: o, y: newLayout(o, 0, true), lost: map[rune]int{}}
	x.y.safe = o.Format == Zip
	if err := x.table(x.y.sheet, x.y.heads()); err != nil {
		return nil, err
	}
	for _, s := range x.y.children {
		if err := x.table(s.name, slices.Concat(s.refs, s.heads)); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *tablesWriter) table(name string, heads []string) error {
	s, err := newSpool()
	if err != nil {
		return err
	}
	t := &tableFile{name: name, heads: heads, s: s}
	x.all = append(x.all, t)
	if x.o.Format == JSON {
		return nil
	}
	if t.enc, err = newEncoder(s.w, x.o.GBK); err != nil {
		return err
	}
	t.c = csv.NewWriter(t.enc.w)
	return t.c.Write(heads)
}

func (t *tableFile) row(cells []string) error {
	t.n++
	if t.c != nil {
		t.enc.note(cells)
		return t.c.Write(cells)
	}
	if t.n > 1 {
		_, _ = t.s.w.WriteString(",\n") // a bufio.Writer keeps its first error for Flush
	}
	_ = t.s.w.WriteByte('{')
	first := true
	for i, v := range cells {
		if v == "" {
			continue
		}
		if !first {
			_ = t.s.w.WriteByte(',')
		}
		first = false
		k, _ := json.Marshal(t.heads[i]) //nolint:errchkjson // a text
		b, _ := json.Marshal(v)          //nolint:errchkjson // a text
		_, _ = t.s.w.Write(slices.Concat(k, []byte{':'}, b))
	}
	return t.s.w.WriteByte('}')
}

func (x *tablesWriter) Write(it *item.Item) error {
	w, err := x.y.write(it)
	if err != nil {
		return err
	}
	if err := x.all[0].row(w.main); err != nil {
		return err
	}
	for i, rows := range w.kids {
		for _, r := range rows {
			if err := x.all[i+1].row(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *tablesWriter) Close() error {
	if x.o.Format == JSON {
		return x.document()
	}
	z := zip.NewWriter(x.w)
	for i, t := range x.all {
		t.c.Flush()
		if err := t.c.Error(); err != nil {
			return err
		}
		if err := t.enc.close(); err != nil {
			return err
		}
		for r, n := range t.enc.lost {
			x.lost[r] += n
		}
		if i > 0 && t.n == 0 {
			continue
		}
		f, err := z.Create(t.name + ".csv")
		if err != nil {
			return err
		}
		if err := t.s.copyTo(f); err != nil {
			return err
		}
	}
	return z.Close()
}

func (x *tablesWriter) document() error {
	for i, t := range x.all {
		if i > 0 && t.n == 0 {
			continue
		}
		open := `],` + "\n"
		if i == 0 {
			open = "{"
		}
		name, _ := json.Marshal(t.name) //nolint:errchkjson // a text
		if _, err := io.WriteString(x.w, open+string(name)+":[\n"); err != nil {
			return err
		}
		if err := t.s.copyTo(x.w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(x.w, "]}\n")
	return err
}

func (x *tablesWriter) Lost() map[rune]int { return x.lost }

func (x *tablesWriter) Missing() map[string]int { return x.y.missing }
