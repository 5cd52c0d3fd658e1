package catalog

import (
	"context"
	"io"
	"slices"
	"sync"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/list"
)

// ExportOptions say what is written and how. Everything may be left out.
type ExportOptions struct {
	list.WriteOptions
	Selection
	For      string // system whose codes are written; for exchange tables the national ones when empty, else ours
	Progress func(done int)
}

// Exported is what was written. Lost are the characters GBK lacks, Missing the codes, as "list code", the system has none for, each with how often.
type Exported struct {
	Items   int
	Lost    map[rune]int
	Missing map[string]int
}

// Export writes the current items in a format of lists, in the order of their keys. It is for the item office. errs.Invalid if there is no such format or
// system.
func (s *Service) Export(ctx context.Context, w io.Writer, o ExportOptions) (Exported, error) {
	if o.For != "" || o.National {
		var err error
		if o.Codes, err = s.codesOf(ctx, o.For); err != nil {
			return Exported{}, err
		}
	}
	out, err := list.NewWriter(w, o.WriteOptions)
	if err != nil {
		return Exported{}, err
	}
	n := 0
	err = s.Walk(ctx, "", o.Selection, func(it *Item, _ Change) error {
		n++
		if o.Progress != nil && n%1000 == 0 {
			o.Progress(n)
		}
		return out.Write(without(it))
	})
	if err != nil {
		return Exported{Items: n}, err
	}
	err = out.Close()
	return Exported{n, out.Lost(), out.Missing()}, err
}

// without is an item as lists hand it on: what an import found in it is of that import, and found anew by the next.
func without(it *Item) *Item {
	if it.Imported != nil && len(it.Imported.Findings) > 0 {
		im := *it.Imported // shared
		im.Findings = nil
		it.Imported = &im
	}
	it.Findings = nil
	return it
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

// Walk calls fn with the current items in the order of their keys, from behind a key on. Items it gives are fn's to keep; what they hold is shared. Items
// are read ahead of fn.
func (s *Service) Walk(ctx context.Context, after string, f Selection, fn func(*Item, Change) error) error {
	ctx, cancel := context.WithCancel(ctx)
	pages := make(chan walkedPage, 2)
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()
	done.Go(func() {
		defer close(pages)
		err := s.pages(ctx, after, f, func(all []walkedItem) error {
			select {
			case pages <- walkedPage{items: all}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil {
			select {
			case pages <- walkedPage{err: err}:
			case <-ctx.Done():
			}
		}
	})
	find := s.offices(ctx)
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		for _, h := range p.items {
			it := h.held.Item
			find.complete(&it)
			if err := fn(&it, h.change()); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

type walkedPage struct {
	items []walkedItem
	err   error
}

// pages reads what a selection has, some items at once: one agency's or region's by their keys, which are looked up once, anything else along the keys.
func (s *Service) pages(ctx context.Context, after string, f Selection, fn func([]walkedItem) error) error {
	if f.narrow() {
		keys, few, err := selectedKeys(ctx, s.db.R(), after, f)
		if err != nil {
			return err
		}
		if few {
			for part := range slices.Chunk(keys, walkAtOnce) {
				all, err := walkedKeys(ctx, s.db.R(), part)
				if err != nil {
					return err
				}
				if err := fn(all); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for {
		all, err := walked(ctx, s.db.R(), after, f, walkAtOnce)
		if err != nil || len(all) == 0 {
			return err
		}
		after = all[len(all)-1].held.ID
		if err := fn(all); err != nil {
			return err
		}
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
