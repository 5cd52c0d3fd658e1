package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// Order keeps the heads in the order of a list without a question, so that such a list goes from name to name and not through millions of rows. It is
// safe for concurrent use; the zero Order is empty.
type Order struct {
	mu  sync.Mutex
	m   *memory
	all []ordered // by sort, then head; replaced, never changed
}

type ordered struct {
	sort string
	head int64
	slot int32
}

func (o ordered) compare(sort string, head int64) int {
	return cmp.Or(strings.Compare(o.sort, sort), cmp.Compare(o.head, head))
}

// catchUp takes in the heads that came since. read makes the key of a name by which lists are sorted.
func (o *Order) catchUp(m *memory, read func(name string) string) []ordered {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m != m {
		o.m, o.all = m, nil
	}
	var fresh []ordered
	m.mu.RLock()
	for slot := len(o.all); slot < len(m.heads); slot++ { // heads are only ever added
		fresh = append(fresh, ordered{m.heads[slot].name, m.heads[slot].head, int32(slot)}) //nolint:gosec // heads are counted in hundred thousands
	}
	m.mu.RUnlock()
	if len(fresh) == 0 {
		return o.all
	}
	for i := range fresh {
		fresh[i].sort = read(fresh[i].sort)
	}
	all := append(slices.Clip(o.all), fresh...)
	slices.SortFunc(all, func(a, b ordered) int { return a.compare(b.sort, b.head) })
	o.all = all
	return all
}

// Name is a head on the way of a list.
type Name struct {
	Sort  string
	Head  int64
	Items int64 // that bear it, in the whole country
}

// Listing is the way of one list through the names.
type Listing struct {
	Seq  int64 // of the state of the catalogue that is known here
	m    *memory
	all  []ordered
	keep func(slot int32) bool
	read []uint8 // by slot: an item of the head may be a guide somebody has looked at (rank 1)
}

// Wanted is what a list goes by. Heads are left out only if none of their items can meet it.
type Wanted struct {
	Filter
	Heads []int64 // only these; nil for all
	Text  string  // stands in the name, as it is; letters of either size
}

// List begins a list in an order.
func (s *Service) List(ctx context.Context, o *Order, read func(name string) string, w Wanted) (Listing, error) {
	if err := s.fresh(ctx); err != nil {
		return Listing{}, err
	}
	seq := s.follow.seq.Load()
	in, err := s.within(ctx, w.Filter)
	if err != nil {
		return Listing{}, err
	}
	looked, err := s.reviewed(ctx)
	if err != nil {
		return Listing{}, err
	}
	m := s.mem()
	l := Listing{Seq: seq, m: m, all: o.catchUp(m, read), read: looked}
	keep := m.keep(w.Filter, in)
	only := map[int64]bool{}
	for _, h := range w.Heads {
		only[h] = true
	}
	text := strings.ToLower(w.Text)
	l.keep = func(slot int32) bool {
		return keep(slot) && (w.Heads == nil || only[m.heads[slot].head]) && (text == "" || strings.Contains(strings.ToLower(m.heads[slot].name), text))
	}
	return l, nil
}

// AnyRank asks Next for heads of items of all ranks.
const AnyRank = -1

// Next gives names from a place on, most of them and no more than bear about so many items; a single one may bear more.
func (l Listing) Next(rank int, sort string, head int64, most int, items int64) []Name {
	at, _ := slices.BinarySearchFunc(l.all, ordered{sort: sort, head: head}, func(a, b ordered) int { return a.compare(b.sort, b.head) })
	l.m.mu.RLock()
	defer l.m.mu.RUnlock()
	var out []Name
	for _, o := range l.all[at:] {
		if !l.m.heads[o.slot].ranked(rank) || rank == 1 && levelAt(l.read, o.slot) == 0 || !l.keep(o.slot) {
			continue
		}
		n := max(l.m.heads[o.slot].n, 1)
		if items -= n; items < 0 && len(out) > 0 {
			break
		}
		if out = append(out, Name{o.sort, o.head, n}); len(out) == most {
			break
		}
	}
	return out
}

// ranked rules out heads that cannot have an item of a rank (see Rank): only what other systems do has rank 2, and a way of handling is never taken back
// from a head that has several items.
func (h *head) ranked(rank int) bool {
	external := onlineBit("external")
	switch rank {
	case 3:
		return h.top >= 3
	case 2:
		return h.online&external != 0
	case 0, 1:
		return h.online != external
	}
	return true
}
