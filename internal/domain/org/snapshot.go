package org

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

// snapshot is all of the room at one version. It never changes after it was made.
type snapshot struct {
	version  int64
	regions  []Region
	agencies []Agency
	windows  []Window
	posts    []Post
	staff    []Staff              // without roles and posts, see account
	held     map[string][]Holding // by account, own and stood in for
	posted   map[string][]string  // accounts with a holding of a post
	holidays []Holiday
	calendar *clock.Table
	years    []int

	region    map[string]int
	agency    map[string]int
	window    map[string]int
	post      map[string]int
	staffID   map[string]int
	staffName map[string]int      // by login
	phones    map[string][]string // accounts by telephone
}

// Has implements places over what is stored.
func (s *snapshot) Has(kind, key string) bool {
	index, ok := map[string]map[string]int{"region": s.region, "agency": s.agency, "window": s.window, "post": s.post, "staff": s.staffID}[kind]
	if !ok {
		return false
	}
	_, ok = index[key]
	return ok
}

func index[T any](all []T, key func(T) string) map[string]int {
	m := make(map[string]int, len(all))
	for i, v := range all {
		m[key(v)] = i
	}
	return m
}

// cache holds the current snapshot and when it was last compared with the database.
type cache struct {
	mu      sync.Mutex
	current atomic.Pointer[snapshot]
	checked atomic.Int64 // Unix ms
	watch   atomic.Int64 // until then, compare on every read: a write of this node may be about to commit
}

// fresh gives the snapshot if it was compared with the database less than a second before now (Unix ms), else nil.
func (c *cache) fresh(now int64) *snapshot {
	if now < c.watch.Load() || now-c.checked.Load() >= checkEvery.Milliseconds() {
		return nil
	}
	return c.current.Load()
}

const checkEvery, watchFor = time.Second, 10 * time.Second

// snap gives the current snapshot. When the database is away, the last one serves on; without any, the error is errs.Unavailable.
func (s *Service) snap(ctx context.Context) (*snapshot, error) {
	now := s.now().UnixMilli()
	if cur := s.cache.fresh(now); cur != nil {
		return cur, nil
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if cur := s.cache.fresh(now); cur != nil { // another request has just looked
		return cur, nil
	}
	cur := s.cache.current.Load()
	next, err := s.follow(ctx, cur)
	switch {
	case err == nil:
		s.cache.current.Store(next)
	case cur == nil || errs.KindOf(err) != errs.Unavailable:
		return nil, err
	default:
		s.log.Warn("org: the database is away, the last state serves on", "err", err)
		next = cur
	}
	s.cache.checked.Store(now)
	return next, nil
}

// written makes this node look at the database on every read for a while.
func (s *Service) written() { s.cache.watch.Store(s.now().Add(watchFor).UnixMilli()) }

// follow gives cur if it is still the newest, else a new snapshot. The version is read before and after, so that no half of a change is kept.
func (s *Service) follow(ctx context.Context, cur *snapshot) (*snapshot, error) {
	for {
		before, err := version(ctx, s.db.R())
		if err != nil || cur != nil && cur.version == before {
			return cur, err
		}
		next, err := s.load(ctx, s.db.R())
		if err != nil {
			return nil, err
		}
		after, err := version(ctx, s.db.R())
		if err != nil {
			return nil, err
		}
		if after == before {
			next.version = after
			return next, nil
		}
	}
}

func (s *Service) load(ctx context.Context, q db.Q) (*snapshot, error) {
	n := &snapshot{}
	var err error
	if n.regions, err = elements(ctx, q, regionTable, func(r *Region, v int64) { r.Version = v }); err != nil {
		return nil, err
	}
	if n.agencies, err = elements(ctx, q, agencyTable, func(a *Agency, v int64) { a.Version = v }); err != nil {
		return nil, err
	}
	if n.windows, err = elements(ctx, q, windowTable, func(w *Window, v int64) { w.Version = v }); err != nil {
		return nil, err
	}
	if n.posts, err = elements(ctx, q, postTable, func(p *Post, v int64) { p.Version = v }); err != nil {
		return nil, err
	}
	if n.staff, err = s.allStaff(ctx, q); err != nil {
		return nil, err
	}
	if err := n.loadHoldings(ctx, q); err != nil {
		return nil, err
	}
	if n.holidays, err = holidays(ctx, q); err != nil {
		return nil, err
	}
	slices.SortFunc(n.regions, func(a, b Region) int { return compare(a.Code, b.Code) })
	n.calendar, n.years = overlay(clock.Embedded(), n.holidays), nationalYears(clock.Embedded(), n.holidays)
	n.region = index(n.regions, func(r Region) string { return r.Code })
	n.agency = index(n.agencies, func(a Agency) string { return a.Key })
	n.window = index(n.windows, func(w Window) string { return w.Key })
	n.post = index(n.posts, func(p Post) string { return p.Key })
	n.staffID = index(n.staff, func(s Staff) string { return s.ID })
	n.staffName = index(n.staff, func(s Staff) string { return s.Login })
	n.phones = map[string][]string{}
	for _, st := range n.staff {
		n.phones[st.Phone] = append(n.phones[st.Phone], st.ID)
	}
	return n, nil
}

func (n *snapshot) loadHoldings(ctx context.Context, q db.Q) error {
	hs, err := holdings(ctx, q)
	n.held, n.posted = map[string][]Holding{}, map[string][]string{}
	for _, h := range hs {
		n.hold(h)
	}
	return err
}

// hold adds a holding to a snapshot that nobody else sees yet.
func (n *snapshot) hold(h Holding) {
	if !slices.ContainsFunc(n.held[h.StaffID], func(o Holding) bool { return o.Post == h.Post }) {
		n.posted[h.Post] = append(n.posted[h.Post], h.StaffID)
	}
	n.held[h.StaffID] = append(slices.Clone(n.held[h.StaffID]), h)
}

// with gives a copy of the snapshot to try changes on.
func (n *snapshot) with(d delta) *snapshot {
	c := *n
	c.staff, c.posts = slices.Clone(n.staff), slices.Clone(n.posts)
	c.staffID, c.staffName, c.post = maps.Clone(n.staffID), maps.Clone(n.staffName), maps.Clone(n.post)
	c.held, c.posted, c.phones = maps.Clone(n.held), maps.Clone(n.posted), maps.Clone(n.phones)
	for post, ids := range c.posted {
		c.posted[post] = slices.Clip(ids) // adding to the copy leaves the original alone
	}
	c.apply(d)
	return &c
}

// around gives a small snapshot of one person's accounts after a change: enough to judge what the person holds, whatever the number of others.
func (n *snapshot) around(d delta, staffID string) *snapshot {
	c := *n
	c.staff, c.staffID, c.staffName = nil, map[string]int{}, map[string]int{}
	c.held, c.posted, c.phones = map[string][]Holding{}, map[string][]string{}, map[string][]string{}
	ids := n.samePerson(staffID)
	if d.account != nil {
		ids = append(ids, n.phones[d.account.Phone]...)
	}
	for _, id := range ids {
		if _, seen := c.staffID[id]; !seen {
			c.putAccount(n.staff[n.staffID[id]])
			c.held[id] = n.held[id]
		}
	}
	c.apply(d)
	return &c
}

// after is the snapshot a change is judged on.
func (n *snapshot) after(d delta, staffID string) *snapshot {
	if d.post != nil {
		return n.with(d)
	}
	return n.around(d, staffID)
}

// apply changes a snapshot that nobody else sees yet.
func (n *snapshot) apply(d delta) {
	if d.account != nil {
		n.putAccount(*d.account)
	}
	for _, h := range d.cuts {
		hs := slices.Clone(n.held[h.StaffID])
		for i := range hs {
			if hs[i].ID == h.ID {
				hs[i].Until = h.Until
			}
		}
		n.held[h.StaffID] = hs
	}
	for _, h := range d.adds {
		n.hold(h)
	}
	if p := d.post; p != nil {
		if i, ok := n.post[p.Key]; ok {
			n.posts[i] = *p
		} else {
			n.post[p.Key] = len(n.posts)
			n.posts = append(n.posts, *p)
		}
	}
}

func (n *snapshot) putAccount(st Staff) {
	if i, ok := n.staffID[st.ID]; ok {
		old := n.staff[i]
		delete(n.staffName, old.Login)
		n.phones[old.Phone] = slices.DeleteFunc(slices.Clone(n.phones[old.Phone]), func(id string) bool { return id == st.ID })
		n.staff[i] = st
	} else {
		n.staffID[st.ID] = len(n.staff)
		n.staff = append(n.staff, st)
	}
	n.staffName[st.Login] = n.staffID[st.ID]
	n.phones[st.Phone] = append(slices.Clone(n.phones[st.Phone]), st.ID)
}

// within reports whether a region is another or lies below it, by the tree.
func (n *snapshot) within(code, above string) bool {
	for range Levels {
		if code == above {
			return true
		}
		i, ok := n.region[code]
		if !ok || n.regions[i].Parent == "" {
			return false
		}
		code = n.regions[i].Parent
	}
	return code == above
}
