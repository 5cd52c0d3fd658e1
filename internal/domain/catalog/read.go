package catalog

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/search"
	"tongban/internal/domain/org"
)

// view is what every answer rests on: the number of the last change and the agencies. It never changes after it was made.
type view struct {
	seq      int64
	agencies []org.Agency
	find     agencyIndex
}

// memory is what a node keeps of the catalogue: the newest view, the counts, and the items, lists and definitions that were asked for last.
type memory struct {
	mu      sync.Mutex
	now     atomic.Pointer[view]
	checked atomic.Int64 // Unix ms of the last look at the database
	tally   *tallies
	items   *lru[*held]
	lists   *lru[listed]
	fixed   *lru[any] // versions and definitions, which never change
	names   search.Order
}

const (
	keptItems = 4000 // some 20 kB each
	keptLists = 2000
	keptFixed = 1000
	// mostDropped is how many changed items are dropped one by one; beyond it all are.
	mostDropped = 1000
)

func newMemory() *memory {
	return &memory{tally: newTallies(), items: newLRU[*held](keptItems), lists: newLRU[listed](keptLists), fixed: newLRU[any](keptFixed)}
}

// checkEvery is how long answers rest on a view before the change number is looked at again: one row by primary key.
const checkEvery = 50 * time.Millisecond

// look gives the newest view. When the database is away the last one serves on: guides that are in memory stay readable.
func (s *Service) look(ctx context.Context) (*view, error) {
	m := s.memory
	have, now := m.now.Load(), s.now().UnixMilli()
	// A clock that stands still, as in tests, looks every time.
	if age := now - m.checked.Load(); have != nil && age > 0 && age < checkEvery.Milliseconds() {
		return have, nil
	}
	if have == nil {
		m.mu.Lock()
	} else if !m.mu.TryLock() {
		return have, nil // somebody is looking already
	}
	defer m.mu.Unlock()
	next, err := s.follow(ctx, m.now.Load())
	switch {
	case err == nil:
		m.now.Store(next)
	case have == nil || errs.KindOf(err) != errs.Unavailable:
		return nil, err
	default:
		s.log.Warn("catalog: the database is away, the last state serves on", "err", err)
		next = have
	}
	m.checked.Store(now)
	return next, nil
}

// follow gives have if nothing changed, else a view with what did, after what is no longer true was dropped.
func (s *Service) follow(ctx context.Context, have *view) (*view, error) {
	seq, err := changeSeq(ctx, s.db.R())
	if err != nil {
		return nil, err
	}
	agencies := s.agencies(ctx)
	sameArray := have != nil && sameArray(have.agencies, agencies)
	sameAgencies := sameArray || have != nil && slices.Equal(have.agencies, agencies)
	switch {
	case sameArray && have.seq == seq:
		return have, nil
	case sameAgencies && have.seq == seq:
		return &view{seq: seq, agencies: agencies, find: have.find}, nil
	}
	m, since := s.memory, int64(-1)
	if have != nil && seq >= have.seq {
		since = have.seq
	} else {
		m.tally.clear() // the first look, or an older state of the database was put back: nothing that was read still counts
	}
	counts, err := tallySince(ctx, s.db.R(), since)
	if err != nil {
		return nil, err
	}
	var dropped []string
	if since >= 0 {
		keys, all, err := changedSince(ctx, s.db.R(), since, mostDropped)
		if err != nil {
			return nil, err
		}
		if all && sameAgencies {
			dropped = append(keys, "") // never nil: nil drops everything
		}
	}
	m.tally.take(counts)
	m.items.drop(seq, dropped)
	m.lists.drop(seq, []string{}) // a list of an older state is not used, but serves on when the database is away
	if sameAgencies {
		return &view{seq: seq, agencies: agencies, find: have.find}, nil
	}
	return &view{seq: seq, agencies: agencies, find: officesOf(agencies)}, nil
}

// agencies are those of the room below; without a copy where it shares its list, which may name a hundred thousand.
func (s *Service) agencies(ctx context.Context) []org.Agency {
	if shares, ok := s.org.(interface {
		SharedAgencies(ctx context.Context) []org.Agency
	}); ok {
		return shares.SharedAgencies(ctx)
	}
	return s.org.Agencies(ctx)
}

// sameArray reports whether two lists are one and the same. Lists of agencies never change once they were given out.
func sameArray(a, b []org.Agency) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// held gives the current version of an item; errs.NotFound if there is none.
func (s *Service) held(ctx context.Context, key string) (*held, error) {
	all, err := s.heldAll(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	}
	return all[0], nil
}

// heldAll gives items in the order of their keys; those that are not there are left out.
func (s *Service) heldAll(ctx context.Context, keys []string) ([]*held, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*held, len(keys))
	var missing []string
	for _, k := range keys {
		if h, ok := s.memory.items.get(k); ok {
			found[k] = h
		} else {
			missing = append(missing, k)
		}
	}
	read, err := itemsOf(ctx, s.db.R(), missing)
	if err != nil {
		return nil, err
	}
	for _, h := range read {
		v.find.complete(&h.Item)
		s.memory.items.put(v.seq, h.Key, h)
		found[h.Key] = h
	}
	out := make([]*held, 0, len(keys))
	for _, k := range keys {
		if h := found[k]; h != nil {
			out = append(out, h)
		}
	}
	return out, nil
}

// keep remembers what never changes.
func keep[T any](s *Service, name string, read func() (T, error)) (T, error) {
	if v, ok := s.memory.fixed.get(name); ok {
		return v.(T), nil
	}
	v, err := read()
	if err == nil {
		s.memory.fixed.put(0, name, v)
	}
	return v, err
}
