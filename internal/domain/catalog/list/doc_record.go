package list

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/domain/catalog/item"
)

// fromDoc reads an item from a JSON object: its document, as we write it; or a flat object whose keys are the names of elements or of exchange fields.
func (r *Reader) fromDoc(x *Record, doc []byte) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(&x.Item); err == nil && x.Item.Key != "" {
		x.Own = true
		return
	}
	x.Item = item.Item{}
	keys, values := members(doc)
	flat := Reader{Format: JSON, Codes: r.Codes}
	row := Row{Number: x.Row}
	for i, k := range keys {
		text, ok := flatten(values[i])
		if !ok {
			x.member(k, values[i])
			continue
		}
		flat.head.cells = append(flat.head.cells, k)
		row.Cells = append(row.Cells, text)
	}
	h := mainHeading(Row{Cells: flat.head.cells})
	flat.head, flat.Own = h, h.own
	x.Own = h.own
	for i, t := range h.targets {
		if t.use == useless {
			x.find(h.cells[i], row.Cells[i], "list.unknown_field")
		}
	}
	flat.fromCells(x, Raw{Row: row})
}

// member takes one part of an item's document, such as its materials, from an object that holds other things too.
func (x *Record) member(key string, v json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(slices.Concat([]byte(`{`), []byte(strconv.Quote(key)), []byte(`:`), v, []byte(`}`))))
	d.DisallowUnknownFields()
	if err := d.Decode(&x.Item); err != nil {
		x.find(key, string(v), "list.unknown_field")
	}
}

// members are the keys and values of an object, in their order.
func members(doc []byte) (keys []string, values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(doc))
	if _, err := d.Token(); err != nil {
		return nil, nil
	}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return keys, values
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return keys, values
		}
		name, _ := k.(string)
		keys, values = append(keys, name), append(values, v)
	}
	return keys, values
}

// flatten writes a value as a cell: texts, numbers, yes and no, and lists of these one below the other. false for objects.
func flatten(v json.RawMessage) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(v))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return "", false
	}
	switch x := x.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		if x {
			return "1", true
		}
		return "0", true
	case []any:
		var out []string
		for _, e := range x {
			s, ok := e.(string)
			if !ok {
				return "", false
			}
			out = append(out, s)
		}
		return strings.Join(out, "\n"), true
	}
	return "", false
}

// docRefs are the names by which children's rows may mean the item of an object.
func docRefs(doc []byte) map[string]string {
	out := map[string]string{}
	keys, values := members(doc)
	for i, k := range keys {
		for _, ref := range refOrder {
			for _, n := range append(refNames[ref], map[string]string{"row": "row_guid"}[ref]) {
				if n != "" && plain(n) == plain(k) && out[ref] == "" {
					out[ref], _ = flatten(values[i])
				}
			}
		}
	}
	return out
}

// objects gives the rows of a table of objects as cells.
type objects struct {
	Table
	place map[string]int
}

func (o *objects) Next() (Row, error) {
	r, err := o.Table.Next()
	if err == nil && r.Doc != nil {
		r = o.cells(r)
	}
	return r, err
}

func (o *objects) cells(r Row) Row {
	keys, values := members(r.Doc)
	r.Doc, r.Cells = nil, make([]string, len(o.place))
	for i, k := range keys {
		if at, ok := o.place[k]; ok {
			r.Cells[at], _ = flatten(values[i])
		}
	}
	return r
}

// childDocs takes a table of objects for a child's; its columns are those of its first objects and all the child has in the exchange format.
func (r *Reader) childDocs(s Sheet, c item.Child, t Table, rows []Row) bool {
	o := &objects{Table: t, place: map[string]int{}}
	var names []string
	put := func(n string) {
		if _, have := o.place[n]; n != "" && !have {
			o.place[n] = len(names)
			names = append(names, n)
		}
	}
	for _, row := range rows {
		keys, _ := members(row.Doc)
		for _, k := range keys {
			put(k)
		}
	}
	for _, col := range c.Columns {
		put(col.National)
	}
	head := []Row{{Number: 0, Cells: names}}
	for _, row := range rows {
		if row.Doc != nil {
			row = o.cells(row)
		}
		head = append(head, row)
	}
	return r.childSheet(s, c, o, head)
}
