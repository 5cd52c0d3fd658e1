package catalog

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/search"
)

// writer writes items in one open transaction: their versions, rows, counts and words. finish comes last.
type writer struct {
	s       *Service
	tx      *db.Tx
	find    agencyIndex
	seq     int64
	tally   delta
	entries []search.Entry
	gone    []int64 // heads of items that are no longer in use
}

// writer begins to write. find is asked for before the transaction; a transaction that is run again needs a new writer.
func (s *Service) writer(tx *db.Tx, find agencyIndex) *writer {
	return &writer{s: s, tx: tx, find: find, tally: newDelta()}
}

// nextSeq gives all changes of the transaction one number, asked for when the first is made.
func (w *writer) nextSeq(ctx context.Context) (int64, error) {
	if w.seq > 0 {
		return w.seq, nil
	}
	var err error
	w.seq, err = nextSeq(ctx, w.tx)
	return w.seq, err
}

// put writes an item as a new version and makes it current; nothing happens when the content is what it was. It is the one way to write an item. A pack
// may take over an item of a list, which then belongs to it; what belongs to another pack is errs.Conflict. A suspended or cancelled item stays so.
func (w *writer) put(ctx context.Context, now time.Time, p publishing) (version int, changed bool, err error) {
	doc, hash, err := p.hash()
	if err != nil {
		return 0, false, err
	}
	was, err := lineOfKey(ctx, w.tx, p.item.Key)
	if err != nil || was.version > 0 && was.hash == hash && was.pack == p.pack {
		return was.version, false, err
	}
	if was.version > 0 && was.pack != p.pack && was.pack != "" {
		return 0, false, errs.New(errs.Conflict, "catalog.other_pack", errs.P{"key": p.item.Key, "pack": was.pack})
	}
	version = was.version + 1
	if _, err := w.tx.ExecContext(ctx, `INSERT INTO catalog_version (key, version, doc, hash, form_version, flow_version, published_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.item.Key, version, doc, hash, p.form, p.flow, now.UnixMilli()); err != nil {
		return 0, false, err
	}
	l := lineOf(p, version, hash, now.UnixMilli(), w.find)
	return version, true, w.replace(ctx, was, l)
}

// replace writes a row in the place of another, which has version 0 when there was none, and moves the counts. The state stays.
func (w *writer) replace(ctx context.Context, was, l line) error {
	if was.version > 0 {
		l.state, l.reason, l.stateMS, l.instead = was.state, was.reason, was.stateMS, was.instead
		w.tally.count(was, -1)
	}
	w.tally.count(l, 1)
	w.found(was, l)
	seq, err := w.nextSeq(ctx)
	if err != nil {
		return err
	}
	return putLine(ctx, w.tx, l, seq)
}

// finish writes the counts and hands the words to search.
func (w *writer) finish(ctx context.Context) error {
	if w.seq == 0 {
		return nil
	}
	if err := writeTally(ctx, w.tx, w.tally, w.seq); err != nil {
		return err
	}
	if len(w.gone) > 0 {
		if err := w.s.search.RemoveTx(ctx, w.tx, w.seq, w.gone); err != nil {
			return err
		}
	}
	if len(w.entries) == 0 {
		return nil
	}
	_, err := w.s.search.PutTx(ctx, w.tx, w.seq, w.entries)
	return err
}

// found notes what search has to learn of a row. Only items in use are found: Was is the head an item in use had before.
func (w *writer) found(was, l line) {
	had := int64(0)
	if was.version > 0 && was.state == InUse && was.sort != "" {
		had = was.head
	}
	switch {
	case l.state == InUse:
		name, short := w.find.names(l.completed)
		w.entries = append(w.entries, search.Entry{Key: l.key, Item: l.completed, Agency: l.agency, AgencyName: name, AgencyShort: short, Region: l.region, Was: had, Head: l.head})
	case had != 0:
		w.gone = append(w.gone, had)
	}
}
