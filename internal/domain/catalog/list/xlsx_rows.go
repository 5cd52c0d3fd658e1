package list

import (
	"archive/zip"
	"io"
	"strconv"
	"strings"
)

// sheetTable reads the rows of one sheet. Rows that are not written down, or empty, are passed over: their numbers are missing.
type sheetTable struct {
	b      *book
	c      io.Closer
	s      *scan
	merges []merge // not yet begun
	active []merge
	row    int
	cells  []cell
}

// cell is one cell as it stands in the sheet.
type cell struct {
	column  int
	kind    string
	style   int
	value   string
	text    string // inline
	formula bool
}

func (b *book) open(f *zip.File) (Table, error) {
	ms, err := merges(f)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, broken(err)
	}
	return &sheetTable{b: b, c: r, s: newScan(r), merges: ms}, nil
}

func (t *sheetTable) Close() error { return t.c.Close() }

func (t *sheetTable) Next() (Row, error) {
	for {
		err := t.s.next()
		if err == io.EOF {
			return Row{}, io.EOF
		}
		if err != nil {
			return Row{}, broken(err)
		}
		switch {
		case t.s.is("sheetData") && (t.s.end || t.s.self):
			return Row{}, io.EOF
		case t.s.is("row") && !t.s.end:
			if t.row++; t.s.attr("r") != "" {
				t.row, _ = strconv.Atoi(t.s.attr("r"))
			}
			if !t.s.self {
				if err := t.readRow(); err != nil {
					return Row{}, broken(noEOF(err))
				}
			}
			if r := t.make(); len(r.Cells) > 0 {
				return r, nil
			}
		}
	}
}

func (t *sheetTable) readRow() error {
	t.cells = t.cells[:0]
	at := -1
	for {
		if err := t.s.next(); err != nil {
			return err
		}
		switch {
		case t.s.is("row") && t.s.end:
			return nil
		case t.s.is("c") && !t.s.end:
			if at++; t.s.attr("r") != "" {
				at = columnOf(t.s.attr("r"))
			}
			if at < 0 || at >= maxColumns {
				return errSheet
			}
			c := cell{column: at, kind: t.s.attr("t")}
			c.style, _ = strconv.Atoi(t.s.attr("s"))
			if t.s.self {
				continue
			}
			if err := t.readCell(&c); err != nil {
				return err
			}
			t.cells = append(t.cells, c)
		}
	}
}

func (t *sheetTable) readCell(c *cell) error {
	sound := false
	for {
		if err := t.s.next(); err != nil {
			return err
		}
		switch {
		case t.s.is("c") && t.s.end:
			return nil
		case t.s.is("f"):
			c.formula = true
		case t.s.is("v") && t.s.end:
			c.value = t.s.words()
		case t.s.is("rPh"):
			sound = !t.s.end
		case t.s.is("t") && t.s.end && !sound:
			c.text += t.s.words()
		}
	}
}

// make turns the cells of a row into texts and spreads merged cells over it.
func (t *sheetTable) make() Row {
	r := Row{Number: t.row}
	for i := range t.cells {
		c := &t.cells[i]
		text, note := t.b.textOf(c)
		if text == "" && note == "" && !c.formula {
			continue
		}
		r.put(c.column, text)
		if c.formula {
			key := "list.formula"
			if c.value == "" && c.text == "" {
				key = "list.formula_empty"
			}
			r.Notes = append(r.Notes, Note{c.column, key, text})
		}
		if note != "" {
			r.Notes = append(r.Notes, Note{c.column, note, text})
		}
	}
	t.cells = t.cells[:0]
	t.spread(&r)
	return r
}

func (r *Row) put(column int, text string) {
	for len(r.Cells) <= column {
		r.Cells = append(r.Cells, "")
	}
	r.Cells[column] = text
}

// spread writes the value of a merged range into all its cells and says so.
func (t *sheetTable) spread(r *Row) {
	kept := t.active[:0]
	for _, m := range t.active {
		if m.bottom >= r.Number {
			kept = append(kept, m)
		}
	}
	t.active = kept
	for len(t.merges) > 0 && t.merges[0].top <= r.Number {
		m := t.merges[0]
		t.merges = t.merges[1:]
		if m.top == r.Number && m.left < len(r.Cells) {
			m.value = r.Cells[m.left]
		}
		if m.value != "" && m.bottom >= r.Number {
			t.active = append(t.active, m)
		}
	}
	for _, m := range t.active {
		for c := m.left; c <= m.right && c < m.left+maxSpread; c++ {
			r.put(c, m.value)
		}
		r.Notes = append(r.Notes, Note{m.left, "list.merged", m.name()})
	}
}

// maxSpread is how many columns one merged cell is spread over; a title line may go over thousands.
const maxSpread = 200

// textOf gives a cell as a person sees it, and the key of a note where it is not what the list's maker typed.
func (b *book) textOf(c *cell) (text, note string) {
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(c.value)
		s, ok := b.shared(i)
		if err != nil || !ok {
			return c.value, "list.cell_broken"
		}
		return s, ""
	case "inlineStr":
		return c.text, ""
	case "str", "d":
		return c.value, ""
	case "b":
		return c.value, "" // 1 and 0, as code lists write yes and no
	case "e":
		return c.value, "list.cell_error"
	}
	if c.value == "" {
		return c.text, ""
	}
	return b.number(c)
}

func (b *book) number(c *cell) (text, note string) {
	st := style{}
	if c.style >= 0 && c.style < len(b.styles) {
		st = b.styles[c.style]
	}
	if st.date {
		if d, ok := serialDate(c.value, b.old); ok {
			return d, ""
		}
	}
	v := c.value
	if strings.ContainsAny(v, "eE.") {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return v, "list.cell_broken"
		}
		if v = strconv.FormatFloat(f, 'f', -1, 64); strings.Contains(c.value, ".") && !strings.ContainsAny(c.value, "eE") && len(v) > 15 {
			v = strconv.FormatFloat(f, 'g', 15, 64) // 0.30000000000000004 was typed as 0.3
		}
	}
	digits := strings.TrimLeft(strings.ReplaceAll(v, ".", ""), "-0")
	if len(digits) > 15 {
		return v, "list.digits_lost" // Excel keeps 15 digits of a number: the rest of a code was lost when it was typed
	}
	if st.zeros > len(v) && !strings.ContainsAny(v, ".-") {
		v = strings.Repeat("0", st.zeros-len(v)) + v // the format shows zeros that the number does not have
	}
	return v, ""
}
