package cases

import (
	"slices"
	"strings"

	"tongban/internal/engine/form"
)

// hidden reports whether the step being handled keeps an answer from whoever handles it. key is the field's, or table.row.column.
func (w *work) hidden(key string) bool {
	st, _ := w.flow.Step(w.c.flowing.Step)
	return slices.ContainsFunc(st.Hide, func(field string) bool { return key == field || strings.HasPrefix(key, field+".") })
}

// hide takes what the step keeps back out of what staff see: the answers, and how they changed.
func (w *work) hide(d *Detail) {
	for i := range d.Review {
		d.Review[i].Rows = slices.DeleteFunc(d.Review[i].Rows, func(r form.ReviewRow) bool { return w.hidden(r.Key) })
	}
	d.Changes = slices.DeleteFunc(d.Changes, func(c form.Change) bool { return w.hidden(c.Key) })
}
