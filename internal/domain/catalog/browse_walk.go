package catalog

import (
	"context"
	"fmt"
	"strconv"

	"tongban/internal/domain/catalog/search"
)

// A list of a wide area goes from name to name: which names can have what is asked for is known in memory (search.List), and of each the database gives
// the items along one index. The bounds are in rows that the names have; a page ends early, with what it found, before it costs more.
const (
	firstRows = 100    // the first step; each next one of a rank is twice as wide
	stepRows  = 600    // at most in one step, unless a single name has more
	stepNames = 200    // at most in one step
	pageRows  = 6000   // a page that has something ends here
	mostRows  = 40_000 // and any other here
	countRows = 6000   // what is looked at to count
)

// share is which part of all items an area has, as a divisor: only to measure out steps.
func (s *Service) share(a area) int64 {
	all, in := s.memory.tally.total(tallyRegion, "", area{}), s.memory.tally.total(tallyRegion, "", a)
	return max(1, int64(all/max(1, in)))
}

// wanted is what the names of a query have in common. Where regions above count as well, the region rules nothing out.
func (s *Service) wanted(ctx context.Context, q Query, text string) (search.Wanted, error) {
	w := search.Wanted{Text: text, Filter: search.Filter{
		Agency: q.Agency, Type: q.Type, Audience: q.Audience, Online: q.Online, Theme: q.Theme, Unreviewed: q.Review == "unreviewed", State: InUse,
	}}
	if a := q.area(); len(a.above) == 0 {
		w.Region = a.stem
	}
	var err error
	switch {
	case q.Same != "":
		w.Heads, err = headOf(ctx, s.db.R(), q.Same)
	case q.Life != "":
		w.Heads, err = headsOfLife(ctx, s.db.R(), q.Life)
	}
	return w, err
}

// walk reads the rows behind a place, name by name.
func (s *Service) walk(ctx context.Context, way search.Listing, f filter, share int64, from spot, limit int) (rows []spot, next spot, err error) {
	spent := int64(0)
	for at := from; at.rank >= 0; at = (spot{rank: at.rank - 1}) {
		for step := int64(firstRows); ; step = min(2*step, stepRows) {
			var names []search.Name
			if at.key != "" { // in the middle of a name
				names = []search.Name{{Sort: at.sort, Head: at.head, Items: 1}}
			} else {
				names = way.Next(at.rank, at.sort, at.head, stepNames, step*share)
			}
			if len(names) == 0 {
				break
			}
			got, err := rowsOfNames(ctx, s.db.R(), f, at, names, limit-len(rows))
			if err != nil {
				return nil, spot{}, err
			}
			if rows = append(rows, got...); len(rows) >= limit {
				return rows, spot{}, nil
			}
			last := names[len(names)-1]
			at = spot{rank: at.rank, sort: last.Sort, head: last.Head + 1}
			for _, n := range names {
				spent += max(1, n.Items/share)
			}
			if spent > mostRows || spent > pageRows && len(rows) > 0 {
				return rows, at, nil
			}
		}
	}
	return rows, spot{}, nil
}

// countNames counts what meets a filter; with a plus when it is more than was looked at.
func (s *Service) countNames(ctx context.Context, way search.Listing, f filter, share int64) (string, error) {
	found, spent, at := 0, int64(0), spot{}
	for found < countCap {
		names := way.Next(search.AnyRank, at.sort, at.head, stepNames, stepRows*share)
		if len(names) == 0 {
			return strconv.Itoa(found), nil
		}
		if spent > countRows {
			return plus(found), nil
		}
		n, err := countOfNames(ctx, s.db.R(), f, names, countCap-found)
		if err != nil {
			return "", err
		}
		found += n
		last := names[len(names)-1]
		at = spot{sort: last.Sort, head: last.Head + 1}
		for _, n := range names {
			spent += max(1, n.Items/share)
		}
	}
	return capped(found), nil
}

// plus writes a count that is at least n.
func plus(n int) string {
	if n >= 100 {
		n = n / 100 * 100
	}
	return strconv.Itoa(n) + "+"
}

// count gives the count of a query in a state of the catalogue, which is the same on all of its pages.
func (s *Service) count(seq int64, q Query, text string, count func() (string, error)) (string, error) {
	q.After, q.Limit, q.Home, q.Who = "", 0, "", ""
	name := fmt.Sprintf("count %s %+v", text, q)
	if l, ok := s.memory.lists.get(name); ok && l.seq == seq {
		return l.count, nil
	}
	n, err := count()
	if err == nil {
		s.memory.lists.put(seq, name, listed{seq: seq, count: n})
	}
	return n, err
}
