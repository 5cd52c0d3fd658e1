package list

import (
	"io"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// searched is how many rows a heading is looked for in: titles and notes may stand over it.
const searched = 30

// Reader reads the records of a list: rows of its main table with the rows of its children. Next is for one goroutine; Build may run on many.
type Reader struct {
	Format, Encoding string
	Ignored          []string // headings nobody knows
	Notes            []Finding
	Own              bool   // written by us: items are named by key
	Codes            *Codes // of the system the list is from
	sheet            string
	head             heading
	table            Table
	ahead            []Row
	group            bool // the main table holds columns of children: rows that say the same item belong together
	kids             []*kids
	ended            bool
}

// Raw is one record as it was read.
type Raw struct {
	Sheet string
	Row   Row
	more  []Row // further rows of the same item, with columns of children
	kids  [][]kid
	lost  []Finding
}

// NewReader finds the main table and its heading; c are the codes of the system the list is from, nil for our own. errs.Invalid names what was found instead.
func NewReader(b *Book, c *Codes) (*Reader, error) {
	r := &Reader{Format: b.Format, Encoding: b.Encoding, Codes: c}
	var found []string
	only := false
	for _, s := range b.Sheets {
		if tableOf(s.Name) == any(DirectoryTable) {
			only = true
			continue
		}
		if err := r.sheetOf(s, &found); err != nil {
			return nil, err
		}
	}
	if r.table == nil {
		_ = r.Close()
		if only && len(found) == 0 {
			return nil, errs.New(errs.Invalid, "list.directory_only")
		}
		return nil, errs.New(errs.Invalid, "list.heading", errs.P{"found": strings.Join(found, "；")})
	}
	return r, nil
}

// sheetOf takes a table for the main one, for a child's, or for neither.
func (r *Reader) sheetOf(s Sheet, found *[]string) error {
	t, err := s.Open()
	if err != nil {
		return err
	}
	rows, err := firstRows(t, searched)
	if err != nil {
		return err
	}
	if c, ok := childOf(s.Name); ok && r.childSheet(s, c, t, rows) {
		return nil
	}
	h, at := bestHeading(rows)
	doc := len(rows) > 0 && slices.ContainsFunc(rows, func(r Row) bool { return r.Doc != nil })
	if at < 0 && !doc || r.table != nil {
		if len(rows) > 0 && r.table == nil {
			*found = append(*found, heads(s.Name, rows))
		} else if len(rows) > 0 && s.Name != guideSheet {
			r.Notes = append(r.Notes, Finding{Sheet: s.Name, Key: "list.sheet_ignored", Value: s.Name})
		}
		return t.Close()
	}
	r.table, r.sheet, r.head, r.ahead, r.Own = t, s.Name, h, rows[at+1:], h.own
	for i, c := range h.cells {
		if h.targets[i].use == useless && strings.TrimSpace(c) != "" {
			r.Ignored = append(r.Ignored, c)
		}
		r.group = r.group || h.targets[i].use == useChild
	}
	return nil
}

// bestHeading is the row that names the most columns, the name among them; -1 if none does.
func bestHeading(rows []Row) (heading, int) {
	best, at := heading{}, -1
	for i, r := range rows {
		if r.Doc != nil || r.Broken != "" {
			continue
		}
		if h := mainHeading(r); h.known > best.known && h.has("name") {
			best, at = h, i
		}
	}
	return best, at
}

// heads says what stands where a heading was looked for: the row with the most cells.
func heads(sheet string, rows []Row) string {
	best := rows[0]
	filled := func(r Row) int {
		n := 0
		for _, c := range r.Cells {
			if strings.TrimSpace(c) != "" {
				n++
			}
		}
		return n
	}
	for _, r := range rows {
		if filled(r) > filled(best) {
			best = r
		}
	}
	s := clip(strings.Join(best.Cells, "、"), 200)
	if sheet != "" {
		s = sheet + "：" + s
	}
	return s
}

func (r *Reader) childSheet(s Sheet, c item.Child, t Table, rows []Row) bool {
	best, at := heading{}, -1
	for i, row := range rows {
		if row.Doc != nil {
			return r.childDocs(s, c, t, rows)
		}
		if h := childHeading(c, row, r.Codes); h.known > best.known {
			best, at = h, i
		}
	}
	ref := slices.IndexFunc(best.targets, func(t target) bool { return t.use == useRef })
	if at < 0 || ref < 0 || best.known < 2 {
		return false
	}
	k := &kids{child: c, sheet: s.Name, head: best, ref: ref, kind: best.targets[ref].name, table: &begun{rows[at+1:], t}, rows: map[string][]kid{}}
	for i, x := range best.targets {
		name := ""
		if x.use == useChild {
			name = c.Columns[x.column].Key
		} else if x.use == useless && strings.TrimSpace(best.cells[i]) != "" {
			r.Ignored = append(r.Ignored, s.Name+"："+best.cells[i])
		}
		k.header = append(k.header, name)
	}
	r.kids = append(r.kids, k)
	return true
}

// begun is a table whose first rows were read already.
type begun struct {
	ahead []Row
	Table
}

func (b *begun) Next() (Row, error) {
	if len(b.ahead) > 0 {
		r := b.ahead[0]
		b.ahead = b.ahead[1:]
		return r, nil
	}
	return b.Table.Next()
}

// Given are the elements and children the list has columns for, by key; nil when it may say anything, as JSON does. What a list has no column for is
// lacking in all of its rows, and no fault of any of them.
func (r *Reader) Given() map[string]bool {
	if len(r.head.targets) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, t := range r.head.targets {
		switch t.use {
		case useElement:
			out[item.Elements[t.element].Key] = true
		case useChild:
			out[t.name] = true
		case useRest:
			return nil
		case useFact:
			out[t.name] = true
			if t.name == "department" || t.name == "agency_code" {
				out["agency"] = true
			}
		}
	}
	for _, k := range r.kids {
		out[k.child.Key] = true
	}
	return out
}

// Close lets go of the file.
func (r *Reader) Close() error {
	var err error
	if r.table != nil {
		err = r.table.Close()
	}
	for _, k := range r.kids {
		if e := k.table.Close(); err == nil {
			err = e
		}
	}
	return err
}

func (r *Reader) row() (Row, error) {
	if len(r.ahead) > 0 {
		x := r.ahead[0]
		r.ahead = r.ahead[1:]
		return x, nil
	}
	return r.table.Next()
}

// Next gives the next record; io.EOF after the last. Rows with nothing in them are no records.
func (r *Reader) Next() (Raw, error) {
	for {
		row, err := r.row()
		if err == io.EOF {
			return r.last()
		}
		if err != nil {
			return Raw{}, err
		}
		if row.Broken == "" && row.Doc == nil && blank(row.Cells) {
			continue
		}
		raw := Raw{Sheet: r.sheet, Row: row}
		if r.group && row.Broken == "" {
			if err := r.gather(&raw); err != nil {
				return raw, err
			}
		}
		return raw, r.adopt(&raw)
	}
}

// last reports the rows of children that no item took.
func (r *Reader) last() (Raw, error) {
	if r.ended {
		return Raw{}, io.EOF
	}
	r.ended = true
	raw := Raw{Sheet: r.sheet}
	for _, k := range r.kids {
		if err := k.rest(); err != nil {
			return raw, err
		}
		raw.lost = append(raw.lost, k.lost...)
		k.lost = nil
	}
	if len(raw.lost) == 0 {
		return raw, io.EOF
	}
	return raw, nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// gather adds the following rows that say the same of the item and more of its children, as a sheet with merged cells does.
func (r *Reader) gather(raw *Raw) error {
	for len(raw.more) < 500 {
		next, err := r.row()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if next.Broken != "" || blank(next.Cells) || !r.same(raw.Row, next) {
			r.ahead = append([]Row{next}, r.ahead...)
			return nil
		}
		raw.more = append(raw.more, next)
	}
	return nil
}

func (r *Reader) same(a, b Row) bool {
	for i, t := range r.head.targets {
		x, y := at(a.Cells, i), at(b.Cells, i)
		switch t.use {
		case useElement, useFact, useKey, useUnit, useRest:
			if x != y {
				return false
			}
		}
	}
	return true
}

func at(cells []string, i int) string {
	if i < len(cells) {
		return cells[i]
	}
	return ""
}

// adopt takes the rows of the children's tables that belong to a record.
func (r *Reader) adopt(raw *Raw) error {
	if len(r.kids) == 0 {
		return nil
	}
	refs := r.refs(raw.Row)
	for _, k := range r.kids {
		rows, err := k.take(refs[k.kind])
		if err != nil {
			return err
		}
		raw.kids = append(raw.kids, rows)
		raw.lost = append(raw.lost, k.lost...)
		k.lost = nil
	}
	return nil
}

// refs are the names by which children's rows may mean the record.
func (r *Reader) refs(row Row) map[string]string {
	out := map[string]string{}
	if row.Doc != nil {
		return docRefs(row.Doc)
	}
	for i, t := range r.head.targets {
		v := at(row.Cells, i)
		switch {
		case t.use == useKey:
			out["key"] = v
		case t.use == useFact && t.name == "variant_code":
			out["variant"] = v
		case t.use == useFact && t.name == "local_item_code":
			out["code"] = v
		case t.use == useElement:
			switch item.Elements[t.element].Key {
			case "row_id":
				out["row"] = v
			case "name":
				out["name"] = v
			case "code":
				out["code"] = v
			case "variant_code":
				out["variant"] = v
			}
		}
	}
	return out
}
