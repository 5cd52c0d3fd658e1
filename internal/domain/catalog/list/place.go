package list

import (
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// Columns says where in a list something stands. Findings name elements, facts or headings; people look for a column of their file.
type Columns struct {
	sheet string // of the main table
	at    map[[2]string]place
}

type place struct{ head, letter, element string }

// asElement are the facts and older names that are elements by another key.
var asElement = map[string]string{"department": "agency", "local_item_code": "code", "region_code": "region", "item_name": "name"}

// Columns are those of the list as it stands in the file.
func (r *Reader) Columns() Columns {
	c := Columns{sheet: r.sheet, at: map[[2]string]place{}}
	for i, t := range r.head.targets {
		p := place{head: r.head.cells[i], letter: letters(i)}
		names := []string{p.head}
		switch t.use {
		case useElement:
			p.element = item.Elements[t.element].Key
			names = append(names, p.element)
			if p.element == "name" {
				names = append(names, "item_name")
			}
		case useFact:
			p.element = elementOf(t.name)
			names = append(names, t.name, p.element)
		case useChild:
			p.element = cellOf(t)
			names = append(names, t.name)
		case useKey:
			names = append(names, "key")
		}
		c.put(r.sheet, p, names)
	}
	for _, k := range r.kids {
		for i, t := range k.head.targets {
			p := place{head: k.head.cells[i], letter: letters(i)}
			if t.use == useChild {
				p.element = cellOf(t)
			}
			c.put(k.sheet, p, []string{p.head})
		}
		c.put(r.sheet, place{head: k.sheet}, []string{k.child.Key})
	}
	return c
}

func (c Columns) put(sheet string, p place, names []string) {
	for _, n := range names {
		if _, have := c.at[[2]string{sheet, n}]; !have && n != "" {
			c.at[[2]string{sheet, n}] = p
		}
	}
}

// Of gives the heading of a column and its letter. What the file has no column for keeps its name and has no letter. An empty sheet is the main table.
func (c Columns) Of(sheet, name string) (head, letter string) {
	if p, ok := c.find(sheet, name); ok {
		return p.head, p.letter
	}
	return name, ""
}

// Element gives the element a column is for, or child：column for that of a child; "" if it is for none.
func (c Columns) Element(sheet, name string) string {
	if p, ok := c.find(sheet, name); ok && p.element != "" {
		return p.element
	}
	return elementOf(name)
}

func (c Columns) find(sheet, name string) (place, bool) {
	if sheet == "" {
		sheet = c.sheet
	}
	p, ok := c.at[[2]string{sheet, name}]
	return p, ok
}

func elementOf(name string) string {
	if e, ok := asElement[name]; ok {
		return e
	}
	return name
}

// CellName is how Element names a column of a child, by the child's key and the column's Chinese name.
func CellName(child, column string) string { return child + "：" + column }

func cellOf(t target) string {
	for _, c := range item.Children {
		if c.Key == t.name {
			return CellName(c.Key, c.Columns[t.column].Chinese)
		}
	}
	return ""
}

// ColumnText names a column for people: its heading with the letter above it in a spreadsheet, or without a letter the label of the element.
func ColumnText(l i18n.Lang, head, letter string) string {
	if letter != "" {
		return i18n.In(l, "list.column_at", map[string]any{"column": head, "letter": letter})
	}
	if e, ok := item.ByKey(elementOf(head)); ok {
		return e.Label(l)
	}
	for i := range item.Children {
		if c := &item.Children[i]; c.Key == head {
			return c.Label(l)
		}
	}
	return head
}
