package list

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// column is one column of a main table that is written.
type column struct {
	head    string
	element int // -1 for key and rest
	unit    bool
	key     bool
	rest    bool
}

// childSheet is one table of children that is written.
type childSheet struct {
	name  string
	child item.Child
	cols  []int
	heads []string // after the references
	refs  []string // their headings
}

// layout is which tables and columns a list is written in, and the reader that reads it back.
type layout struct {
	national bool
	lang     i18n.Lang
	sheet    string
	cols     []column
	children []childSheet
	back     Reader
	codes    *Codes         // of the system the list is for
	missing  map[string]int // codes of ours the system has none for, by list and code
	safe     bool           // cells that a spreadsheet would take for a formula begin with an apostrophe
	limit    int            // characters of a cell; 0 any
	restCols int
}

// mainSheet and guideSheet are sheets of our workbooks.
const (
	mainSheet  = "事项"
	guideSheet = "填写说明"
)

func newLayout(o WriteOptions, limit int, children bool) *layout {
	y := &layout{national: o.National, lang: o.Lang, sheet: mainSheet, limit: limit, restCols: 1, codes: o.Codes, missing: map[string]int{}}
	keyCol, restCol := keyHead, restHead
	if o.Lang == i18n.English {
		keyCol, restCol = "key", "rest"
	}
	if o.National {
		y.sheet, keyCol, restCol = MainTable, "tongban_key", "tongban_rest"
	}
	if limit > 0 {
		y.restCols = 8
	}
	y.cols = append(y.cols, column{head: keyCol, element: -1, key: true})
	for i, e := range item.Elements {
		switch {
		case !o.National:
			y.cols = append(y.cols, column{head: ownHead(o.Lang, i), element: i})
		case e.National != "" && mainWords.own[plain(e.National)] == (target{use: useElement, element: i}):
			y.cols = append(y.cols, column{head: e.National, element: i})
			if e.NationalUnit != "" {
				y.cols = append(y.cols, column{head: e.NationalUnit, element: i, unit: true})
			}
		}
	}
	for i := range y.restCols {
		head := restCol
		if i > 0 {
			head += strings.Repeat("+", i)
		}
		y.cols = append(y.cols, column{head: head, element: -1, rest: true})
	}
	if children {
		y.tables(keyCol)
	}
	y.reader()
	return y
}

// ownHead is what people read over a column, where that is clear; otherwise the element's key.
func ownHead(l i18n.Lang, i int) string {
	e := item.Elements[i]
	if t, ok := meaning(mainWords.own, e.Label(l)); ok && t == (target{use: useElement, element: i}) {
		return e.Label(l)
	}
	return e.Key
}

func (y *layout) tables(keyCol string) {
	for _, c := range item.Children {
		s := childSheet{name: c.Label(y.lang), child: c, refs: []string{keyCol}}
		if y.national {
			if c.National == "" {
				continue
			}
			s.name, s.refs = "task_"+strings.TrimPrefix(c.National, "task_"), []string{keyCol, "task_code", "task_handle_item"}
		}
		if x, ok := childOf(s.name); !ok || x.Key != c.Key {
			s.name = c.Key
		}
		for j, col := range c.Columns {
			head := col.Label(y.lang)
			if y.national {
				head = cmp.Or(col.National, col.Key) // what the exchange table has no field for stands beside it
			}
			if c.Column(head) != j {
				head = col.Key
			}
			if c.Column(head) == j {
				s.cols, s.heads = append(s.cols, c.Column(y.codes.swapped(c.Key, col.Key))), append(s.heads, head)
			}
		}
		y.children = append(y.children, s)
	}
}

// reader makes the reader of what this layout writes, for checking every item before it goes out.
func (y *layout) reader() {
	heads := make([]string, len(y.cols))
	for i, c := range y.cols {
		heads[i] = c.head
	}
	y.back = Reader{Own: true, Codes: y.codes, head: mainHeading(Row{Cells: heads})}
	for _, s := range y.children {
		row := Row{Cells: slices.Concat(s.refs, s.heads)}
		h := childHeading(s.child, row, y.codes)
		k := &kids{child: s.child, sheet: s.name, head: h}
		for _, t := range h.targets {
			name := ""
			if t.use == useChild {
				name = s.child.Columns[t.column].Key
			}
			k.header = append(k.header, name)
		}
		y.back.kids = append(y.back.kids, k)
	}
}

// written is one item as cells.
type written struct {
	main []string
	kids [][][]string
}

// write turns an item into cells and makes sure that they are read back as the same item: what a column cannot say stands in the last one as JSON.
func (y *layout) write(it *item.Item) (written, error) {
	doc, err := json.Marshal(it)
	if err != nil {
		return written{}, err
	}
	w, err := y.plainly(it, doc)
	if err != nil {
		return w, err
	}
	same, err := y.readsBack(w, doc)
	if err != nil || same {
		return w, err
	}
	return y.carefully(it, doc)
}

// plainly writes every element and child in its column, and what is in none of them in the rest.
func (y *layout) plainly(it *item.Item, doc []byte) (written, error) {
	var left item.Item
	if err := json.Unmarshal(doc, &left); err != nil {
		return written{}, err
	}
	w := written{main: make([]string, len(y.cols))}
	for i, c := range y.cols {
		switch {
		case c.key:
			w.main[i] = it.Key
		case c.element >= 0:
			e := item.Elements[c.element]
			w.main[i] = y.cell(&e, it, c.unit)
			if !e.Computed && !c.unit {
				_ = e.Set(&left, nil) // clearing is always possible
			}
		}
	}
	for _, s := range y.children {
		w.kids = append(w.kids, y.rows(s, it))
		if len(s.cols) == len(s.child.Columns) {
			s.child.SetRows(&left, nil, nil)
		}
	}
	left.Key = ""
	b, err := json.Marshal(left)
	if err != nil || string(b) == `{"key":"","name":""}` {
		return w, err
	}
	return w, y.rest(&w, b)
}

// carefully writes the whole document into the rest and leaves out every cell that would say something else.
func (y *layout) carefully(it *item.Item, doc []byte) (written, error) {
	w, err := y.plainly(it, doc)
	if err != nil {
		return w, err
	}
	full := written{main: make([]string, len(y.cols)), kids: make([][][]string, len(y.children))}
	if err := y.rest(&full, doc); err != nil {
		return full, err
	}
	full.main[0] = it.Key
	for i, c := range y.cols {
		if c.element < 0 || w.main[i] == "" || c.unit {
			continue
		}
		full.main[i] = w.main[i]
		if i+1 < len(y.cols) && y.cols[i+1].unit {
			full.main[i+1] = w.main[i+1]
		}
		if same, err := y.readsBack(full, doc); err != nil || !same {
			full.main[i] = ""
			if i+1 < len(y.cols) && y.cols[i+1].unit {
				full.main[i+1] = ""
			}
			if err != nil {
				return full, err
			}
		}
	}
	for i := range w.kids {
		full.kids[i] = w.kids[i]
		if same, err := y.readsBack(full, doc); err != nil || !same {
			full.kids[i] = nil
			if err != nil {
				return full, err
			}
		}
	}
	return full, nil
}

// rest writes a document into the columns for it; what some formats cannot hold is escaped.
func (y *layout) rest(w *written, doc []byte) error {
	text := string(doc)
	if y.limit > 0 {
		text = strings.ReplaceAll(text, "_x", `\u005fx`)
	}
	rs := []rune(text)
	for i, c := range y.cols {
		if !c.rest || len(rs) == 0 {
			continue
		}
		n := len(rs)
		if y.limit > 0 {
			n = min(n, y.limit/2) // Excel counts characters beyond the first plane twice
		}
		w.main[i] = string(rs[:n])
		rs = rs[n:]
	}
	if len(rs) > 0 {
		return errTooLong
	}
	return nil
}

func (y *layout) readsBack(w written, doc []byte) (bool, error) {
	raw := Raw{Row: Row{Number: 1, Cells: w.main}}
	for _, rows := range w.kids {
		var ks []kid
		for _, r := range rows {
			ks = append(ks, kid{row: Row{Number: 1, Cells: r}})
		}
		raw.kids = append(raw.kids, ks)
	}
	if !y.fits(w) {
		return false, nil
	}
	x := y.back.Build(raw)
	b, err := json.Marshal(&x.Item)
	return err == nil && bytes.Equal(b, doc), err
}

// fits reports whether the format keeps the cells as they are: tables of text change the end of a line, workbooks have escapes of their own and a longest cell.
func (y *layout) fits(w written) bool {
	ok := func(cells []string) bool {
		return !slices.ContainsFunc(cells, func(s string) bool {
			return strings.Contains(s, "\r") || y.limit > 0 && (strings.Contains(s, "_x") || len(s) > y.limit/2 && len([]rune(s)) > y.limit/2)
		})
	}
	if !ok(w.main) {
		return false
	}
	for _, rows := range w.kids {
		for _, r := range rows {
			if !ok(r) {
				return false
			}
		}
	}
	return true
}

// cell writes an element's value.
func (y *layout) cell(e *item.Element, it *item.Item, unit bool) string {
	vs := e.Get(it)
	if len(vs) == 0 {
		return ""
	}
	if y.national {
		return y.nationalCell(e, vs, unit)
	}
	switch e.Kind {
	case item.KindCode, item.KindCodes:
		if y.codes != nil {
			return y.give(e.List, vs)
		}
		out := make([]string, len(vs))
		for i, v := range vs {
			if out[i] = v; item.CodeName(y.lang, e.List, v) != v {
				out[i] = v + " " + item.CodeName(y.lang, e.List, v)
			}
		}
		return strings.Join(out, "\n")
	case item.KindYesNo, item.KindLimit:
		return e.Text(y.lang, it)
	}
	return y.guard(strings.Join(vs, "\n"))
}

// guard keeps a spreadsheet from taking a text for a formula.
func (y *layout) guard(s string) string {
	if y.safe && s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}

// give writes codes as the system has them, and notes those it has none for.
func (y *layout) give(list string, vs []string) string {
	for _, v := range vs {
		if y.codes.lacks(list, v) {
			y.missing[list+" "+v]++
		}
	}
	return given(y.codes, list, vs)
}

func (y *layout) nationalCell(e *item.Element, vs []string, unit bool) string {
	switch {
	case e.Kind == item.KindLimit && unit && len(vs) > 1:
		return y.give("unit", vs[1:2])
	case e.Kind == item.KindLimit && e.NationalUnit != "":
		return vs[0]
	case e.Kind == item.KindLimit:
		return strings.Join(vs, "")
	case e.Kind == item.KindCode || e.Kind == item.KindCodes:
		return y.give(e.List, vs)
	}
	return strings.Join(vs, "\n")
}

func (y *layout) rows(s childSheet, it *item.Item) [][]string {
	var out [][]string
	for i := range s.child.Len(it) {
		row := []string{it.Key}
		if y.national {
			row = append(row, it.Code, it.VariantCode)
		}
		for _, j := range s.cols {
			v := s.child.Cell(it, i, j)
			if col := s.child.Columns[j]; col.Kind == item.KindCode && v != "" {
				if y.national || y.codes != nil {
					v = y.give(col.List, []string{v})
				} else if name := item.CodeName(y.lang, col.List, v); name != v {
					v += " " + name
				}
			}
			row = append(row, y.guard(v))
		}
		out = append(out, row)
	}
	return out
}
