package list

import (
	"io"

	"tongban/internal/domain/catalog/item"
)

// window is how many rows of a child's table are held while their items are looked for. Rows in the order of their items need none; rows in any other order are
// found as long as they are not further apart.
const window = 50_000

// kids reads a child's table beside the main one.
type kids struct {
	child  item.Child
	sheet  string
	head   heading
	header []string
	ref    int    // column
	kind   string // of refOrder
	table  Table
	done   bool
	rows   map[string][]kid
	order  []waiting // as they were read
	held   int
	read   int // rows so far
	taken  int // number of the last row that found its item
	last   string
	got    []kid
	lost   []Finding
}

type kid struct {
	row Row
	at  int
}

type waiting struct {
	ref string
	at  int
}

func (k *kids) refOf(r Row) string {
	if k.ref < len(r.Cells) {
		return r.Cells[k.ref]
	}
	return ""
}

// take gives the rows of an item.
func (k *kids) take(ref string) ([]kid, error) {
	if ref == "" {
		return nil, nil
	}
	if ref == k.last {
		return k.got, nil
	}
	newest := ""
	for !k.done && (k.held < window || newest == ref) {
		r, err := k.table.Next()
		if err == io.EOF {
			k.done = true
			break
		}
		if err != nil {
			return nil, err
		}
		if r.Broken != "" {
			k.lost = append(k.lost, Finding{Sheet: k.sheet, Row: r.Number, Value: r.Cells[0], Key: r.Broken})
			continue
		}
		k.read++
		newest = k.refOf(r)
		k.rows[newest] = append(k.rows[newest], kid{r, k.read})
		k.order = append(k.order, waiting{newest, k.read})
		if k.held++; k.held >= window && newest != ref {
			k.forget(k.taken - window/2)
		}
	}
	k.last, k.got = ref, k.rows[ref]
	if len(k.got) > 0 {
		delete(k.rows, ref)
		k.held -= len(k.got)
		k.taken = max(k.taken, k.got[len(k.got)-1].at)
	}
	return k.got, nil
}

// forget gives up the rows before a number: no item took them.
func (k *kids) forget(before int) {
	n := 0
	for ; n < len(k.order) && k.order[n].at < before; n++ {
		k.orphan(k.order[n].ref)
	}
	k.order = k.order[n:]
}

func (k *kids) orphan(ref string) {
	for _, x := range k.rows[ref] {
		k.lost = append(k.lost, Finding{Sheet: k.sheet, Row: x.row.Number, Column: k.head.cells[k.ref], Value: ref, Key: "list.orphan"})
		k.held--
	}
	delete(k.rows, ref)
}

// rest gives up what is left when there are no more items.
func (k *kids) rest() error {
	for !k.done {
		if _, err := k.take("\x00"); err != nil {
			return err
		}
		k.forget(k.read + 1)
	}
	k.forget(k.read + 1)
	return nil
}
