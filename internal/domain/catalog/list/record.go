package list

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// Finding is something wrong or worth a look, with its place. Row 0 is the whole list, an empty column the whole row. Key is a text key; Params go into the text,
// which may also use {value}.
type Finding struct {
	Sheet  string
	Row    int
	Column string
	Value  string
	Key    string
	Params errs.P
}

// Record is one item of a list.
type Record struct {
	Sheet    string
	Row      int
	Item     item.Item // Key is empty unless the list is one of ours
	Facts    Facts
	Own      bool
	Broken   bool // the row is no item; a finding says why
	Findings []Finding
	codes    *Codes
}

func (x *Record) find(column, value, key string, p ...errs.P) {
	f := Finding{Sheet: x.Sheet, Row: x.Row, Column: column, Value: clip(value, 80), Key: key}
	if len(p) > 0 {
		f.Params = p[0]
	}
	x.Findings = append(x.Findings, f)
}

// wrong reports what Set or Read said of a value.
func (x *Record) wrong(sheet string, row int, column, value string, err error) {
	f := Finding{Sheet: sheet, Row: row, Column: column, Value: clip(value, 80), Key: "list.value"}
	if e := errs.As(err); e != nil {
		f.Key, f.Params = e.Key, e.Params
	}
	x.Findings = append(x.Findings, f)
}

// Build makes the item of a record. It never fails: what cannot be taken is left out and reported.
func (r *Reader) Build(raw Raw) Record {
	x := Record{Sheet: raw.Sheet, Row: raw.Row.Number, Own: r.Own, Findings: raw.lost, codes: r.Codes}
	switch {
	case raw.Row.Broken != "":
		x.Broken = true
		for _, n := range raw.Row.Notes {
			x.find(at(r.head.cells, n.Column), n.Value, n.Key)
		}
		if len(raw.Row.Notes) == 0 {
			x.find("", raw.Row.Cells[0], raw.Row.Broken)
		}
		return x
	case raw.Row.Doc != nil:
		r.fromDoc(&x, raw.Row.Doc)
	case raw.Row.Cells == nil: // the end of the list, with what no item took
		x.Broken = true
		return x
	default:
		r.fromCells(&x, raw)
	}
	for i, rows := range raw.kids {
		r.kids[i].give(&x, rows)
	}
	if x.Item.Name = strings.TrimSpace(x.Item.Name); x.Item.Name == "" {
		x.Broken = true
		x.find(r.headOf("name"), "", "list.no_name")
	}
	return x
}

// headOf is how the list calls an element.
func (r *Reader) headOf(key string) string {
	for i, t := range r.head.targets {
		if t.use == useElement && item.Elements[t.element].Key == key {
			return r.head.cells[i]
		}
	}
	return key
}

func (r *Reader) fromCells(x *Record, raw Raw) {
	row := raw.Row
	r.notes(x, row)
	if extra := len(row.Cells) - len(r.head.targets); extra > 0 && !blank(row.Cells[len(r.head.targets):]) || r.Format == CSV && len(row.Cells) < len(r.head.targets) {
		x.find("", "", "list.width", errs.P{"n": len(row.Cells), "want": len(r.head.targets)})
	}
	var rest strings.Builder
	for i, t := range r.head.targets {
		if t.use == useRest {
			rest.WriteString(at(row.Cells, i))
		}
	}
	if rest.Len() > 0 {
		if err := json.Unmarshal([]byte(rest.String()), &x.Item); err != nil {
			x.find(restHead, "", "list.rest_broken")
		}
	}
	for i, t := range r.head.targets {
		if t.use == useRest || t.use == useChild {
			continue
		}
		v := clean(x, r.head.cells[i], at(row.Cells, i))
		if r.Own {
			v = unguard(v)
		}
		if v == "" {
			continue
		}
		switch t.use {
		case useKey:
			x.Item.Key = v
		case useFact:
			*x.Facts.at(t.name) = v
			if t.name == "main_item" {
				x.Item.MainItem = v
			}
		case useElement:
			if rest.Len() == 0 || !r.said(x, t.element, v) {
				r.element(x, i, t.element, v, row)
			}
		}
	}
	if r.group {
		r.columnsOfChildren(x, append([]Row{row}, raw.more...))
	}
}

// clean takes blanks around a value and what no text may hold from it.
func clean(x *Record, column, v string) string {
	if v == "" {
		return v
	}
	if edge(v[0]) || edge(v[len(v)-1]) {
		v = strings.Trim(v, " \t\r\n　\ufeff")
	}
	if suspicious(v) && strings.ContainsFunc(v, control) {
		v = strings.Map(func(c rune) rune {
			if control(c) {
				return -1
			}
			return c
		}, v)
		x.find(column, "", "list.control")
	}
	return v
}

// edge reports whether a first or last byte may be that of a blank.
func edge(c byte) bool { return c <= ' ' || c == 0xe3 || c == 0xef || c == 0x80 || c == 0xbf }

// suspicious reports whether a text may hold a control character: nearly none does.
func suspicious(v string) bool {
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7f:
			return true
		case c == 0xe2 || c == 0xef: // U+202E, U+FFFD
			if i+2 >= len(v) || c == 0xe2 && v[i+1] == 0x80 || c == 0xef && v[i+1] == 0xbf {
				return true
			}
		}
	}
	return !utf8.ValidString(v)
}

// unguard takes away the apostrophe that guard puts before a text that looks like a formula.
func unguard(v string) string {
	if len(v) > 1 && v[0] == '\'' && strings.ContainsRune("=+-@\t", rune(v[1])) {
		return v[1:]
	}
	return v
}

func control(c rune) bool {
	return c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c == '\ufffd' || c == '\u202e'
}

// element sets one element from one cell.
func (r *Reader) element(x *Record, i, n int, v string, row Row) {
	e := &item.Elements[n]
	if e.Computed && r.Own {
		return
	}
	if e.Key == "base_code" && !r.Own {
		if whole, lost := baseCode(v); lost {
			x.find(r.head.cells[i], v, "list.zeros", errs.P{"code": whole})
			v = whole
		}
	}
	values := r.values(x, r.head.cells[i], e.Kind, e.List, v)
	if e.Kind == item.KindLimit {
		if u := r.unit(n, row); u != "" && strings.Trim(v, "0123456789") == "" {
			values = []string{v, u}
		}
	}
	if err := e.SetAlso(&x.Item, values, r.Codes.also); err != nil {
		x.wrong(x.Sheet, x.Row, r.head.cells[i], v, err)
	}
}

// baseLength is how many characters a code of the directory has. One of digits alone that is shorter lost its zeros in a spreadsheet, which took it for a
// number; what is shorter than its last half is no such code.
const baseLength, shortestBase = 12, 6

func baseCode(v string) (string, bool) {
	if len(v) < shortestBase || len(v) >= baseLength || strings.Trim(v, "0123456789") != "" {
		return v, false
	}
	return strings.Repeat("0", baseLength-len(v)) + v, true
}

// unit is the cell that says what a number of a limit counts.
func (r *Reader) unit(element int, row Row) string {
	for i, t := range r.head.targets {
		if t.use == useUnit && t.element == element {
			u, _ := r.Codes.Take("unit", strings.TrimSpace(at(row.Cells, i)))
			return u
		}
	}
	return ""
}

// values takes a cell apart and brings what lists write into the form of the elements.
func (r *Reader) values(x *Record, column string, k item.Kind, list, v string) []string {
	switch k {
	case item.KindTexts:
		if strings.Contains(v, "\n") {
			return strings.Split(v, "\n")
		}
		return item.SplitCell(k, v)
	case item.KindDate:
		if d, ok := dateText(v); ok && d != v {
			x.find(column, v, dateKey(v), errs.P{"date": d})
			return []string{d}
		}
	case item.KindCode:
		return []string{x.code(column, list, v)}
	case item.KindCodes:
		parts := strings.Split(v, "\n")
		if len(parts) == 1 && !named(list, v) {
			parts = item.SplitCell(k, v)
		}
		for i, p := range parts {
			parts[i] = x.code(column, list, strings.TrimSpace(p))
		}
		return parts
	}
	return []string{v}
}

// named reports whether a cell is one code with its name behind it: 5 镇（乡、街道）.
func named(list, v string) bool {
	code, _, ok := strings.Cut(v, " ")
	return ok && slices.Contains(item.Lists[list], code)
}

// said reports whether an item that was read from the rest of a row of ours already says what a cell says: several of our codes may be one code of
// another system.
func (r *Reader) said(x *Record, n int, v string) bool {
	e := &item.Elements[n]
	if r.Codes == nil || e.Kind != item.KindCode && e.Kind != item.KindCodes {
		return false
	}
	vs := e.Get(&x.Item)
	return len(vs) > 0 && given(r.Codes, e.List, vs) == v
}

// given writes codes into one cell as a system has them.
func given(c *Codes, list string, vs []string) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = c.Give(list, v)
	}
	return strings.Join(out, ",")
}

// code reads a code: as the system the list is from writes it, with its name behind it, or with the zeros a spreadsheet took away.
func (x *Record) code(column, list, v string) string {
	if here, ok := x.codes.Take(list, v); ok {
		return here
	}
	codes := item.Lists[list]
	if slices.Contains(codes, v) {
		return v
	}
	if c, _, ok := strings.Cut(v, " "); ok && slices.Contains(codes, c) {
		return c
	}
	if v != "" && strings.Trim(v, "0123456789") == "" && len(codes) > 0 && len(v) < len(codes[0]) {
		if padded := strings.Repeat("0", len(codes[0])-len(v)) + v; slices.Contains(codes, padded) {
			x.find(column, v, "list.zeros", errs.P{"code": padded})
			return padded
		}
	}
	return v
}

func (r *Reader) columnsOfChildren(x *Record, rows []Row) {
	for i := range r.head.children {
		c := &r.head.children[i]
		var cells [][]string
		var numbers []int
		for _, row := range rows {
			line := make([]string, len(c.cols))
			for j, i := range c.cols {
				line[j] = at(row.Cells, i)
			}
			if !blank(line) {
				cells, numbers = append(cells, line), append(numbers, row.Number)
			}
		}
		if len(cells) > 0 {
			x.children(x.Sheet, c.child, c.header, c.heads, cells, numbers)
		}
	}
}

// give adds the rows of a child's own table.
func (k *kids) give(x *Record, rows []kid) {
	if len(rows) == 0 {
		return
	}
	var cells [][]string
	var numbers []int
	for _, y := range rows {
		line := make([]string, len(k.header))
		copy(line, y.row.Cells)
		cells, numbers = append(cells, line), append(numbers, y.row.Number)
		for _, n := range y.row.Notes {
			x.Findings = append(x.Findings, Finding{Sheet: k.sheet, Row: y.row.Number, Column: at(k.head.cells, n.Column), Value: clip(n.Value, 80), Key: n.Key})
		}
	}
	header, heads := k.header, k.head.cells
	header, heads, cells = known(header, heads, cells)
	x.children(k.sheet, &k.child, header, heads, cells, numbers)
}

// known leaves out the columns that are none of the child's.
func known(header, heads []string, cells [][]string) ([]string, []string, [][]string) {
	var h, g []string
	out := make([][]string, len(cells))
	for j, name := range header {
		if name == "" {
			continue
		}
		h, g = append(h, name), append(g, heads[j])
		for i := range cells {
			out[i] = append(out[i], cells[i][j])
		}
	}
	return h, g, out
}

// children sets the rows of a child and reports cells that could not be taken by the rows and headings of the list.
func (x *Record) children(sheet string, c *item.Child, header, heads []string, cells [][]string, numbers []int) {
	for j, name := range header {
		col := &c.Columns[c.Column(name)]
		for i := range cells {
			v := strings.Trim(cells[i][j], " \t\r\n　")
			if x.Own {
				v = unguard(v)
			}
			switch col.Kind {
			case item.KindCode:
				v = x.code(heads[j], col.List, v)
			case item.KindCodes:
				parts := item.SplitCell(col.Kind, v)
				for n, p := range parts {
					parts[n] = x.code(heads[j], col.List, p)
				}
				v = strings.Join(parts, "、")
			case item.KindDate:
				if d, ok := dateText(v); ok && d != v {
					x.Findings = append(x.Findings, Finding{Sheet: sheet, Row: numbers[i], Column: heads[j], Value: v, Key: dateKey(v), Params: errs.P{"date": d}})
					v = d
				}
			}
			cells[i][j] = v
		}
	}
	for _, err := range c.SetRowsAlso(&x.Item, header, cells, x.codes.also) {
		var ce *item.CellError
		if !errors.As(err, &ce) || ce.Row < 0 || ce.Row >= len(numbers) || ce.Column < 0 || ce.Column >= len(heads) {
			x.wrong(sheet, x.Row, c.Chinese, "", err)
			continue
		}
		x.wrong(sheet, numbers[ce.Row], heads[ce.Column], cells[ce.Row][ce.Column], ce.Err)
	}
}

// notes passes on what the reader saw in the cells; a merged cell is told once where it begins.
func (r *Reader) notes(x *Record, row Row) {
	for _, n := range row.Notes {
		if n.Column >= len(r.head.targets) || r.head.targets[n.Column].use == useless && n.Key != "list.merged" {
			continue
		}
		x.find(r.head.cells[n.Column], n.Value, n.Key)
	}
}

// Each calls fn with every cell of the record, for telling records apart.
func (r Raw) Each(fn func(cell string)) {
	fn(string(r.Row.Doc))
	for _, c := range r.Row.Cells {
		fn(c)
	}
	for _, m := range r.more {
		for _, c := range m.Cells {
			fn(c)
		}
	}
	for _, rows := range r.kids {
		for _, k := range rows {
			for _, c := range k.row.Cells {
				fn(c)
			}
		}
	}
}
