package catalog

import (
	"context"
	"io"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/list"
)

// ExportOptions say what is written and how. Everything may be left out.
type ExportOptions struct {
	list.WriteOptions
	Selection
	Progress func(done int)
}

// Export writes the current items in a format of lists, in the order of their keys, and gives their number and the characters that GBK lacks. It is for the item office.
func (s *Service) Export(ctx context.Context, w io.Writer, o ExportOptions) (n int, lost map[rune]int, err error) {
	out, err := list.NewWriter(w, o.WriteOptions)
	if err != nil {
		return 0, nil, err
	}
	err = s.Walk(ctx, "", o.Selection, func(it *Item, _ Change) error {
		n++
		if o.Progress != nil && n%1000 == 0 {
			o.Progress(n)
		}
		return out.Write(it)
	})
	if err != nil {
		return n, nil, err
	}
	err = out.Close()
	return n, out.Lost(), err
}

// Template writes a workbook without items, with all columns and how to fill them in.
func (s *Service) Template(w io.Writer, o list.WriteOptions) error {
	o.Format = list.XLSX
	out, err := list.NewWriter(w, o)
	if err != nil {
		return err
	}
	return out.Close()
}

// walkAtOnce is how many items are read at once while a list is written.
const walkAtOnce = 500

// Walk calls fn with the current items in the order of their keys, from behind a key on. Items it gives are fn's to keep; what they hold is shared.
func (s *Service) Walk(ctx context.Context, after string, f Selection, fn func(*Item, Change) error) error {
	find := s.offices(ctx)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		all, err := walked(ctx, s.db.R(), after, f, walkAtOnce)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, h := range all {
			it := h.held.Item
			find.complete(&it)
			if err := fn(&it, h.change()); err != nil {
				return err
			}
		}
		after = all[len(all)-1].held.ID
	}
}

// Change is one line of the feed of changes: what is the matter with an item now. Removed items are cancelled ones.
type Change struct {
	Key         string
	Seq         int64
	Version     int
	State       string // code of list state
	PublishedMS int64
	Removed     bool
}

// Changes gives the items that changed behind a place in the feed, oldest change first, each with its last change only. next is the place behind them; it is
// after itself when nothing changed.
func (s *Service) Changes(ctx context.Context, after string, limit int) (out []Change, next string, err error) {
	seq, key, err := placeOf(after)
	if err != nil {
		return nil, "", err
	}
	out, err = changesAfter(ctx, s.db.R(), seq, key, limit)
	if err != nil || len(out) == 0 {
		return nil, after, db.Classify(err)
	}
	last := out[len(out)-1]
	return out, placeName(last.Seq, last.Key), nil
}

// safeCell keeps a spreadsheet from taking a text for a formula.
func safeCell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t') {
		return "'" + s
	}
	return s
}
