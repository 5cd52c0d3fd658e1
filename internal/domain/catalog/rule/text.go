package rule

import "tongban/internal/domain/catalog/item"

// word is a text people wrote, with its place.
type word struct {
	element string
	row     int
	text    string
}

// texts gives every text people wrote: elements and cells of children that are no codes. Check gathers them once for all rules.
func (f Facts) texts(it *item.Item) []word {
	if f.words != nil {
		return *f.words
	}
	return f.within().words(it)
}

func (a *reach) words(it *item.Item) []word {
	out := make([]word, 0, len(a.written)/2)
	for _, e := range a.written {
		for _, s := range e.Get(it) {
			out = append(out, word{e.Key, -1, s})
		}
	}
	for _, c := range a.children {
		n := c.Len(it)
		for col := range c.Columns {
			x := &c.Columns[col]
			if n == 0 || x.List != "" || x.Kind == item.KindCond || x.Kind == item.KindNumber || x.Kind == item.KindMoney || x.Kind == item.KindYesNo {
				continue
			}
			for row := range n {
				if s := c.Cell(it, row, col); s != "" {
					out = append(out, word{c.Key, row, s})
				}
			}
		}
	}
	return out
}
