package cases

import (
	"slices"
	"strings"

	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// hidden reports whether the step the reader works on, or any that is open where they work on none, keeps an answer from whoever handles it. key is the field's, or table.row.column.
func (w *work) hidden(key string) bool {
	at := w.mine()
	if len(at) == 0 {
		at = w.tasks()
	}
	return slices.ContainsFunc(at, func(t flow.Task) bool {
		return slices.ContainsFunc(t.Step.Hide, func(field string) bool { return key == field || strings.HasPrefix(key, field+".") })
	})
}

// hide takes what the step keeps back out of what staff see: the answers, and how they changed.
func (w *work) hide(d *Detail) {
	for i := range d.Review {
		d.Review[i].Rows = slices.DeleteFunc(d.Review[i].Rows, func(r form.ReviewRow) bool { return w.hidden(r.Key) })
	}
	d.Changes = slices.DeleteFunc(d.Changes, func(c form.Change) bool { return w.hidden(c.Key) })
}
