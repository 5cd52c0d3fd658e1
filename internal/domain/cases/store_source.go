package cases

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

// A list is read from sources: each is one index range that gives the cases of one place in the order of the list, so that a page costs the same at ten
// thousand and at ten million cases. Together they are exactly what the posts may handle; the list's conditions narrow each.
type source struct {
	from string // cases_case, or joined with what drives it
	cond string
	args []any
	task string // the post whose cases these are: the ids are read from its work, newest first
}

// afterIDs sorts behind every id, in every collation.
const afterIDs = "g"

// listing is a list that can be read: where its rows are found, which of them it shows, and in what order.
type listing struct {
	from  []source
	cond  conditions
	order order
}

// maxSources is how many index ranges are asked before fewer, wider ones are.
const maxSources = 64

// driven is a source whose ids come from a query.
func driven(query string, args ...any) source {
	return source{from: "(" + query + ") AS x JOIN cases_case ON cases_case.id = x.tid", args: args}
}

// sourcesOf gives the sources of a tab.
func (s *Service) sourcesOf(ctx context.Context, a authz.Actor, st seat, f Filter, posts []string) ([]source, error) {
	switch f.Tab {
	case TabTodo, "":
		cond, args := in("post", posts)
		return []source{driven("SELECT DISTINCT case_id AS tid FROM cases_task WHERE closed_ms = 0 AND "+cond, args...)}, nil
	case TabDoing: // ids are in order of time: nothing older than the oldest running case can be one
		return []source{driven("SELECT DISTINCT case_id AS tid FROM cases_event WHERE actor = ? AND case_id >= (SELECT COALESCE(MIN(id), '"+afterIDs+"') FROM cases_case WHERE phase NOT IN ('none', 'ended'))", a.Name())}, nil
	}
	out, err := s.placesOf(ctx, st, f.Item, posts)
	if len(st.shared) > 0 {
		cond, args := in("id", st.shared)
		out = append(out, source{from: "cases_case", cond: cond, args: args})
	}
	for _, p := range posts {
		out = append(out, source{task: p})
	}
	return out, err
}

// hadPartIn says which work gives a part of a case for good: an opinion asked of somebody only while it is open.
const hadPartIn = "(t.closed_ms = 0 OR t.kind NOT IN ('consult', 'ask'))"

// place is where cases lie: with an agency, or in a region; item is empty for all.
type place struct{ column, key, item string }

// placesOf are the places the posts reach; only is the one item that is asked for, or empty.
func (s *Service) placesOf(ctx context.Context, st seat, only string, posts []string) ([]source, error) {
	seen := map[place]bool{}
	add := func(column, key string, items []string) {
		if slices.Contains(items, "*") {
			items = []string{only}
		}
		for _, item := range items {
			seen[place{column, key, item}] = true
		}
	}
	for _, p := range st.posts {
		if !slices.Contains(posts, p.Key) {
			continue
		}
		add("agency", p.Agency, p.Items)
		delegated, agencies := counter(st, p)
		for _, g := range agencies {
			add("agency", g, delegated)
		}
		if len(delegated) == 0 {
			continue
		}
		codes, err := s.regionsIn(ctx, RegionPrefix(p.region))
		if err != nil {
			return nil, err
		}
		for _, code := range codes {
			add("region", code, delegated)
		}
	}
	if len(seen) > maxSources { // who reaches so far finds enough in any part of the table
		cond, args := reach(st, posts)
		return []source{{from: "cases_case", cond: cond, args: args}}, nil
	}
	var out []source
	for k := range seen {
		switch {
		case k.item == "":
			out = append(out, source{from: "cases_case", cond: k.column + " = ?", args: []any{k.key}})
		case !seen[place{k.column, k.key, ""}]:
			out = append(out, source{from: "cases_case", cond: k.column + " = ? AND item_key = ?", args: []any{k.key, k.item}})
		}
	}
	return out, nil
}

// counter is what a post serves at a window: the items delegated to it, and the agencies of its region.
func counter(st seat, p held) (items, agencies []string) {
	items = p.Items
	if !org.IsHall(p.Agency) {
		items = slices.DeleteFunc(slices.Clone(p.Items), func(item string) bool { return item == "*" })
	}
	if len(items) == 0 || p.region == "" || !slices.ContainsFunc(p.Acts, func(act string) bool { return slices.Contains(atWindow, act) }) {
		return nil, nil
	}
	return items, st.agencies(func(g org.Agency) bool { return st.within(g.Region, p.region) })
}

// order is how a list is sorted, and what its cursor holds.
type order int

const (
	dueFirst    order = iota // what binds first coming first
	newestFirst              // ids are in order of time
	dueLast                  // backwards
	newestLast
)

func (o order) sql() string {
	return " ORDER BY " + [...]string{"sort_ms, id", "id DESC", "sort_ms DESC, id DESC", "id"}[o]
}

// back is the other way round.
func (o order) back() order { return (o + 2) % 4 }

// hit is a row of a list before it is read.
type hit struct {
	id   string
	sort int64
}

// behind narrows to what comes behind a row.
func (o order) behind(c *conditions, h hit) {
	switch o {
	case newestFirst, newestLast:
		c.add("id "+o.sign()+" ?", h.id)
		c.edge = h.id
	default:
		c.add("(sort_ms "+o.sign()+" ? OR sort_ms = ? AND id "+o.sign()+" ?)", h.sort, h.sort, h.id)
	}
}

func (o order) sign() string { return [...]string{">", "<", "<", ">"}[o] }

// cursor writes where a page ends; parse reads it.
func (o order) cursor(h hit) string {
	if o == newestFirst {
		return db.Cursor(h.id)
	}
	return db.Cursor(strconv.FormatInt(h.sort, 10), h.id)
}

func (o order) parse(cursor string) (h hit, found bool, err error) {
	parts := 2
	if o == newestFirst {
		parts = 1
	}
	keys, err := db.ParseCursor(cursor, parts)
	if err != nil || keys == nil {
		return h, false, err
	}
	h.id = keys[parts-1]
	if parts == 2 {
		if h.sort, err = strconv.ParseInt(keys[0], 10, 64); err != nil {
			return h, false, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": cursor})
		}
	}
	return h, true, nil
}

func (o order) compare(a, b hit) int {
	switch o {
	case newestFirst:
		return cmp.Compare(b.id, a.id)
	case newestLast:
		return cmp.Compare(a.id, b.id)
	case dueLast:
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.id, b.id))
}

// page gives one page of a list.
func (s *Service) page(ctx context.Context, l listing, cursor string, limit int) ([]record, string, error) {
	last, found, err := l.order.parse(cursor)
	if err != nil {
		return nil, "", err
	}
	if found {
		l.order.behind(&l.cond, last)
	}
	limit = pageSize(limit)
	hits, err := s.first(ctx, l, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(hits) > limit {
		hits = hits[:limit]
		next = l.order.cursor(hits[limit-1])
	}
	rs, err := s.records(ctx, hits)
	return rs, next, err
}

// first gives the first n rows of a list.
func (s *Service) first(ctx context.Context, l listing, n int) ([]hit, error) {
	var hits []hit
	for _, x := range l.from {
		found, err := s.hits(ctx, x, l.cond, l.order, n)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	slices.SortFunc(hits, l.order.compare)
	hits = slices.CompactFunc(hits, func(a, b hit) bool { return a.id == b.id })
	return hits[:min(n, len(hits))], nil
}

// beside gives the id after or before a place in a list.
func (s *Service) beside(ctx context.Context, l listing, mark int64, id string, back bool) (string, error) {
	if back {
		l.order = l.order.back()
	}
	l.order.behind(&l.cond, hit{id, mark})
	hits, err := s.first(ctx, l, 1)
	if err != nil || len(hits) == 0 {
		return "", err
	}
	return hits[0].id, nil
}

// hits reads the first n rows of a source.
func (s *Service) hits(ctx context.Context, x source, c conditions, o order, n int) ([]hit, error) {
	q := conditions{parts: slices.Clone(c.parts), args: slices.Clone(c.args)}
	if x.task != "" {
		way, edge := "t.case_id < ? AND "+hadPartIn+" GROUP BY t.case_id ORDER BY t.case_id DESC", cmp.Or(c.edge, afterIDs)
		if o == newestLast {
			way, edge = "t.case_id > ? AND "+hadPartIn+" GROUP BY t.case_id ORDER BY t.case_id", c.edge
		}
		x = driven("SELECT t.case_id AS tid FROM cases_task t WHERE t.post = ? AND "+way, x.task, edge)
	}
	from := x.from
	if x.cond != "" {
		q.add(x.cond, x.args...)
	} else {
		from = q.bind(x.from, x.args...)
	}
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (h hit, err error) { return h, r.Scan(&h.id, &h.sort) },
		"SELECT id, sort_ms FROM "+from+q.where()+o.sql()+q.bind(" LIMIT ?", n), q.args...)
}

// records reads the rows of a page, in its order.
func (s *Service) records(ctx context.Context, hits []hit) ([]record, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	place := map[string]int{}
	var ids []string
	for i, h := range hits {
		place[h.id], ids = i, append(ids, h.id)
	}
	cond, args := in("id", ids)
	var c conditions
	c.add(cond, args...)
	rs, err := db.All(ctx, s.DB.R(), s.scanRecord, selectCase+c.where(), c.args...)
	slices.SortFunc(rs, func(a, b record) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return rs, err
}

// countCap is where counting stops.
const countCap = 1000

// count counts a list, at most to countCap.
func (s *Service) count(ctx context.Context, l listing) (int, error) {
	seen := map[string]bool{}
	for _, x := range l.from {
		hits, err := s.hits(ctx, x, l.cond, newestFirst, countCap)
		if err != nil {
			return 0, err
		}
		for _, h := range hits {
			seen[h.id] = true
		}
		if len(seen) >= countCap {
			return countCap, nil
		}
	}
	return len(seen), nil
}

// regionsIn gives the regions with cases under a prefix, at most maxSources+1: it jumps from one to the next in the index.
func (s *Service) regionsIn(ctx context.Context, prefix string) ([]string, error) {
	return db.All(ctx, s.DB.R(), scanText, `WITH RECURSIVE r(code) AS (
		SELECT (SELECT MIN(region) FROM cases_case WHERE region >= $1)
		UNION ALL SELECT (SELECT MIN(region) FROM cases_case WHERE region > r.code) FROM r WHERE r.code < $2)
		SELECT code FROM r WHERE code < $2 LIMIT $3`, prefix, prefix+"999999999999", maxSources+1)
}

// regionSources are the sources of a supervisor's list, by what binds first: the index of each region below theirs, or of all where there are many.
func (s *Service) regionSources(ctx context.Context, prefix string) ([]source, error) {
	codes, err := s.regionsIn(ctx, prefix)
	if err != nil || len(codes) > maxSources {
		return []source{{from: "cases_case"}}, err
	}
	var out []source
	for _, code := range codes {
		out = append(out, source{from: "cases_case", cond: "region = ?", args: []any{code}})
	}
	return out, nil
}
