package item

import (
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// Column is one column of a child table.
type Column struct {
	Key, Chinese, English string
	Hint, HintEn          string
	Kind                  Kind
	List                  string
	Required              bool
	National              string // field of the exchange table
}

// Label is the column's name in a language.
func (c Column) Label(l i18n.Lang) string { return inLang(l, c.Chinese, c.English) }

// Help is the hint in a language.
func (c Column) Help(l i18n.Lang) string { return inLang(l, c.Hint, c.HintEn) }

// Many reports whether a cell may hold several values, joined by “、” (codes and short words) or “；” (texts).
func (c Column) Many() bool { return c.Kind == KindCodes || c.Kind == KindTexts }

// Text is a cell in words.
func (c Column) Text(l i18n.Lang, cell string) string {
	if cell == "" || c.List == "" && c.Kind != KindYesNo {
		return cell
	}
	return words(l, c.Kind, c.List, splitCell(c.Kind, cell))
}

// Child is a table inside an item: its materials, fees, legal bases and so on.
type Child struct {
	Key, Chinese, English string
	National              string // exchange table
	Pointer               string // JSON pointer of the rows in the document
	Public                bool
	Columns               []Column
	Name                  string // key of the column by which a person knows a row, and differences match rows
	rows                  store
}

// store is how a child finds its rows in the item.
type store struct {
	length func(it *Item) int
	cell   func(it *Item, row, col int) string
	set    func(it *Item, cols []int, rows [][]string)
}

// CellError is a cell that could not be taken. Row and Column count from 0; Column is that of the given header, Key the child's column.
type CellError struct {
	Row, Column int
	Key         string
	Err         error
}

func (e *CellError) Error() string { return e.Err.Error() }
func (e *CellError) Unwrap() error { return e.Err }

// Label is the child's name in a language.
func (c *Child) Label(l i18n.Lang) string { return inLang(l, c.Chinese, c.English) }

// Len is how many rows the item has.
func (c *Child) Len(it *Item) int { return c.rows.length(it) }

// Cell is one cell as it is stored: codes, dates, amounts in yuan, several values joined.
func (c *Child) Cell(it *Item, row, col int) string { return c.rows.cell(it, row, col) }

// Rows gives all cells, one row after the other.
func (c *Child) Rows(it *Item) [][]string {
	out := make([][]string, c.Len(it))
	for i := range out {
		for j := range c.Columns {
			out[i] = append(out[i], c.Cell(it, i, j))
		}
	}
	return out
}

// Column finds a column by key, by its name in either language, or by its field of the exchange table; -1 if there is none.
func (c *Child) Column(name string) int {
	name = strings.TrimSpace(name)
	return slices.IndexFunc(c.Columns, func(x Column) bool {
		return name != "" && (x.Key == name || x.Chinese == name || x.English == name || x.National == name)
	})
}

// SetRows gives the item these rows instead of its own; no rows clear them. The header names columns as Column finds them; a column it does not know is
// an error of row -1 and is passed over. A cell that cannot be read is an error (a *CellError) and stays empty; the rest of its row is taken. Rows
// with nothing in them are left out.
func (c *Child) SetRows(it *Item, header []string, rows [][]string) []error {
	return c.SetRowsAlso(it, header, rows, nil)
}

// SetRowsAlso is SetRows that takes local codes, too.
func (c *Child) SetRowsAlso(it *Item, header []string, rows [][]string, also Also) []error {
	var out []error
	cols := make([]int, len(header))
	for i, h := range header {
		if cols[i] = c.Column(h); cols[i] < 0 {
			out = append(out, &CellError{-1, i, h, errs.New(errs.Invalid, "item.no_column", errs.P{"name": h, "table": c.Chinese})})
		}
	}
	clean := make([][]string, 0, len(rows))
	for i, r := range rows {
		row := make([]string, len(c.Columns))
		filled := false
		for j, v := range r {
			if j >= len(cols) || cols[j] < 0 {
				continue
			}
			cell, err := c.Columns[cols[j]].read(v, also)
			if err != nil {
				out = append(out, &CellError{i, j, c.Columns[cols[j]].Key, err})
			}
			row[cols[j]] = cell
			filled = filled || cell != ""
		}
		if filled {
			clean = append(clean, row)
		}
	}
	given := make([]int, 0, len(cols))
	for _, n := range cols {
		if n >= 0 && !slices.Contains(given, n) {
			given = append(given, n)
		}
	}
	slices.Sort(given)
	c.rows.set(it, given, clean)
	return out
}

// read brings a cell into the form it is stored in; errs.Invalid if it cannot be one.
func (c Column) read(cell string, also Also) (string, error) {
	vs, err := readKind(c.Kind, c.List, splitCell(c.Kind, cell), also)
	if x := errs.As(err); x != nil {
		x.Params["name"], x.Params["en"] = c.Chinese, c.English
	}
	return joinCell(c.Kind, vs), err
}

func splitCell(k Kind, cell string) []string {
	switch k {
	case KindCodes:
		return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、,，;；|^ \n", r) })
	case KindTexts:
		if strings.Contains(cell, "\n") {
			return strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' })
		}
		return strings.FieldsFunc(cell, func(r rune) bool { return r == '；' })
	}
	return one(cell)
}

// SplitCell takes the values of one cell apart as lists write them: codes at any mark between them, texts at line breaks and, without any, at “；”.
func SplitCell(k Kind, cell string) []string { return splitCell(k, cell) }

// JoinCell writes values into one cell so that SplitCell gives them back: codes with “、”, texts a line each.
func JoinCell(k Kind, vs []string) string { return joinCell(k, vs) }

func joinCell(k Kind, vs []string) string {
	if k != KindTexts {
		return strings.Join(vs, "、")
	}
	if len(vs) == 1 && strings.Contains(vs[0], "；") {
		return vs[0] + "\n" // one text, not two
	}
	return strings.Join(vs, "\n")
}

// column binds a column to a field of a row.
type column[T any] struct {
	Column
	get func(*T) string
	set func(*T, string)
}

// tableOf makes the store of a child whose rows are a slice of the item.
func tableOf[T any](at func(it *Item) *[]T, cols []column[T]) ([]Column, store) {
	plain := make([]Column, len(cols))
	for i, c := range cols {
		plain[i] = c.Column
	}
	return plain, store{
		length: func(it *Item) int { return len(*at(it)) },
		cell:   func(it *Item, row, col int) string { return cols[col].get(&(*at(it))[row]) },
		set: func(it *Item, given []int, rows [][]string) {
			var out []T // nil when there are none, so that the document leaves it out
			for _, r := range rows {
				var x T
				for _, n := range given {
					cols[n].set(&x, r[n])
				}
				out = append(out, x)
			}
			*at(it) = out
		},
	}
}

func textCol[T any](c Column, at func(*T) *string) column[T] {
	if c.Kind == "" {
		c.Kind = KindText
	}
	return column[T]{c, func(x *T) string { return *at(x) }, func(x *T, v string) { *at(x) = v }}
}

func listCol[T any](c Column, at func(*T) *[]string) column[T] {
	return column[T]{c, func(x *T) string { return joinCell(c.Kind, *at(x)) }, func(x *T, v string) { *at(x) = splitCell(c.Kind, v) }}
}

func numCol[T any](c Column, at func(*T) *int) column[T] {
	c.Kind = KindNumber
	return column[T]{c, func(x *T) string {
		if *at(x) == 0 {
			return ""
		}
		return strconv.Itoa(*at(x))
	}, func(x *T, v string) { *at(x), _ = strconv.Atoi(v) }}
}

func yesCol[T any](c Column, at func(*T) *bool) column[T] {
	c.Kind = KindYesNo
	return column[T]{c, func(x *T) string {
		if *at(x) {
			return "1"
		}
		return ""
	}, func(x *T, v string) { *at(x) = v == "1" }}
}

func moneyCol[T any](c Column, at func(*T) *int64) column[T] {
	c.Kind = KindMoney
	return column[T]{c, func(x *T) string {
		if *at(x) == 0 {
			return ""
		}
		return yuan(*at(x))
	}, func(x *T, v string) { *at(x), _ = fen(v) }}
}

// ChildByKey finds a child table.
func ChildByKey(key string) (Child, bool) {
	for i := range Children {
		if Children[i].Key == key {
			return Children[i], true
		}
	}
	return Child{}, false
}
