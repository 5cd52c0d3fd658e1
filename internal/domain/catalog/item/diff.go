package item

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// Change is one difference between two versions of an item.
type Change struct {
	Element string // key of the element; empty for a child
	Child   string // key of the child table
	Row     int    // of the child: in the new version, or in the old one where the row is gone; -1 for elements
	Name    string // by which people know the row
	Column  string // of the child; empty when the whole row was added or removed
	Old     string // values as stored, several joined; empty when there were none
	New     string
}

// Diff finds what changed from a to b: elements by value, rows of children matched by name, and where names repeat by order. Computed elements follow
// from the others and are left out.
func Diff(a, b *Item) []Change {
	var out []Change
	for _, e := range Elements {
		if e.Computed || e.Key == "special" || e.Key == "result" || e.Key == "result_name" || e.Key == "result_sample" || e.Key == "licence_type" {
			continue // the children special and results say it row by row
		}
		was, is := e.Get(a), e.Get(b)
		if !slices.Equal(was, is) {
			out = append(out, Change{Element: e.Key, Row: -1, Old: joinCell(e.Kind, was), New: joinCell(e.Kind, is)})
		}
	}
	for _, c := range Children {
		out = append(out, c.diff(a, b)...)
	}
	return out
}

func (c *Child) diff(a, b *Item) []Change {
	name := c.Column(c.Name)
	was, is := c.Rows(a), c.Rows(b)
	before := map[string]int{}
	for i, k := range rowNames(was, name) {
		before[k] = i
	}
	var out []Change
	names := rowNames(is, name)
	for i, row := range is {
		j, ok := before[names[i]]
		if !ok {
			out = append(out, Change{Child: c.Key, Row: i, Name: row[name], New: c.sum(row)})
			continue
		}
		for col := range row {
			if row[col] != was[j][col] {
				out = append(out, Change{Child: c.Key, Row: i, Name: row[name], Column: c.Columns[col].Key, Old: was[j][col], New: row[col]})
			}
		}
	}
	for i, k := range rowNames(was, name) {
		if !slices.Contains(names, k) {
			out = append(out, Change{Child: c.Key, Row: i, Name: was[i][name], Old: c.sum(was[i])})
		}
	}
	return out
}

// rowNames makes the names of rows distinct by counting repeats.
func rowNames(rows [][]string, col int) []string {
	seen := map[string]int{}
	out := make([]string, len(rows))
	for i, r := range rows {
		seen[r[col]]++
		out[i] = fmt.Sprint(r[col], "\x00", seen[r[col]])
	}
	return out
}

// sum is a row in one line: its filled cells, as words.
func (c *Child) sum(row []string) string {
	var parts []string
	for i, v := range row {
		if v != "" && c.Columns[i].Kind != KindCond {
			parts = append(parts, c.Columns[i].Text(i18n.Chinese, v))
		}
	}
	return strings.Join(parts, "；")
}

// Label names what changed: 承诺办结时限, or 申请材料“营业执照”：必要性.
func (x Change) Label(l i18n.Lang) string {
	if e, ok := ByKey(x.Element); ok {
		return e.Label(l)
	}
	c, ok := ChildByKey(x.Child)
	if !ok {
		return x.Child
	}
	p := errs.P{"table": c.Label(l), "row": x.Name, "column": ""}
	if n := c.Column(x.Column); n >= 0 {
		p["column"] = c.Columns[n].Label(l)
		return i18n.In(l, "item.change_cell", p)
	}
	return i18n.In(l, "item.change_row", p)
}

// Words gives both values in a language; a value that was or is not there is empty.
func (x Change) Words(l i18n.Lang) (was, is string) {
	if e, ok := ByKey(x.Element); ok {
		return changed(l, e.Kind, e.List, x.Old), changed(l, e.Kind, e.List, x.New)
	}
	if c, ok := ChildByKey(x.Child); ok {
		if n := c.Column(x.Column); n >= 0 {
			return c.Columns[n].Text(l, x.Old), c.Columns[n].Text(l, x.New)
		}
	}
	return x.Old, x.New
}

func changed(l i18n.Lang, k Kind, list, v string) string {
	switch {
	case v == "":
		return ""
	case k == KindLimit:
		return spanWords(l, strings.Split(v, "、"))
	}
	return words(l, k, list, splitCell(k, v))
}
