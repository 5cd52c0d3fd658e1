package org

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/engine/clock"
)

// Deps is what the room needs. Audit may be nil where no page shows staff (commands, tests).
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Audit *audit.Log
	Now   func() time.Time
	Log   *slog.Logger
	// Send hands a message for an officer's telephone to notify, in the same transaction; nil: officers look for themselves.
	Send func(ctx context.Context, tx *db.Tx, now time.Time, m Notice) error
	// Items is the catalogue, asked before an agency ends; nil: nothing is said of items (commands, tests).
	Items Items
}

// Service answers from a snapshot in memory and takes changes. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	audit *audit.Log
	now   func() time.Time
	log   *slog.Logger
	send  func(ctx context.Context, tx *db.Tx, now time.Time, m Notice) error
	items Items
	cache cache
}

// New makes the service; nothing is read before the first question.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d.DB, vault: d.Vault, audit: d.Audit, now: d.Now, log: d.Log, send: d.Send, items: d.Items}
}

// Ready reads the first snapshot. Package app asks before it serves, so that the lists below have an answer even if the database goes away.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.snap(ctx)
	return err
}

// all gives the snapshot for lists, which have no error: only before the first snapshot can there be none, and then the list is empty.
func (s *Service) all(ctx context.Context) *snapshot {
	n, err := s.snap(ctx)
	if err == nil {
		return n
	}
	s.log.Error("org: no state to answer from", "err", err)
	if cur := s.cache.current.Load(); cur != nil {
		return cur
	}
	return &snapshot{calendar: clock.Embedded(), years: clock.Embedded().Years()}
}

func one[T any](ctx context.Context, s *Service, pick func(*snapshot) ([]T, map[string]int), key, missing string) (T, error) {
	n, err := s.snap(ctx)
	if err != nil {
		var none T
		return none, err
	}
	list, by := pick(n)
	if i, ok := by[key]; ok {
		return list[i], nil
	}
	var none T
	return none, errs.New(errs.NotFound, missing, errs.P{"key": key, "code": key})
}

// Region gives a region; errs.NotFound if the code is unknown.
func (s *Service) Region(ctx context.Context, code string) (Region, error) {
	return one(ctx, s, func(n *snapshot) ([]Region, map[string]int) { return n.regions, n.region }, code, "org.no_region")
}

// Regions lists all regions by code.
func (s *Service) Regions(ctx context.Context) []Region { return slices.Clone(s.all(ctx).regions) }

// Within reports whether a region is another or lies below it. It is the scope of supervisors.
func (s *Service) Within(ctx context.Context, code, above string) bool {
	return s.all(ctx).within(code, above)
}

// Agency gives an agency; errs.NotFound if the key is unknown.
func (s *Service) Agency(ctx context.Context, key string) (Agency, error) {
	return one(ctx, s, func(n *snapshot) ([]Agency, map[string]int) { return n.agencies, n.agency }, key, "org.no_agency")
}

// Agencies lists all agencies by region and key.
func (s *Service) Agencies(ctx context.Context) []Agency { return slices.Clone(s.all(ctx).agencies) }

// Window gives a window; errs.NotFound if the key is unknown.
func (s *Service) Window(ctx context.Context, key string) (Window, error) {
	return one(ctx, s, func(n *snapshot) ([]Window, map[string]int) { return n.windows, n.window }, key, "org.no_window")
}

// Windows lists the windows of an agency, or all for "".
func (s *Service) Windows(ctx context.Context, agency string) []Window {
	return filter(s.all(ctx).windows, func(w Window) bool { return agency == "" || w.Agency == agency })
}

// Post gives a post; errs.NotFound if the key is unknown.
func (s *Service) Post(ctx context.Context, key string) (Post, error) {
	return one(ctx, s, func(n *snapshot) ([]Post, map[string]int) { return n.posts, n.post }, key, "org.no_post")
}

// Posts lists the posts of an agency, or all for "", without the basic ones.
func (s *Service) Posts(ctx context.Context, agency string) []Post {
	return filter(s.all(ctx).posts, func(p Post) bool { return !p.Basic && (agency == "" || p.Agency == agency) })
}

// EveryPost is Posts with the basic ones.
func (s *Service) EveryPost(ctx context.Context, agency string) []Post {
	return filter(s.all(ctx).posts, func(p Post) bool { return agency == "" || p.Agency == agency })
}

// PostsFor lists the posts that may do an act on an item.
func (s *Service) PostsFor(ctx context.Context, act, item string) []Post {
	return filter(s.all(ctx).posts, func(p Post) bool { return p.May(act, item) })
}

// Staff gives an account of staff as it is now, also a disabled one; errs.NotFound if the id is unknown.
func (s *Service) Staff(ctx context.Context, id string) (Staff, error) {
	return s.staffBy(ctx, id, func(n *snapshot) map[string]int { return n.staffID })
}

// StaffByLogin is Staff by the name to sign in with.
func (s *Service) StaffByLogin(ctx context.Context, login string) (Staff, error) {
	return s.staffBy(ctx, strings.ToLower(strings.TrimSpace(login)), func(n *snapshot) map[string]int { return n.staffName })
}

func (s *Service) staffBy(ctx context.Context, key string, by func(*snapshot) map[string]int) (Staff, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Staff{}, err
	}
	i, ok := by(n)[key]
	if !ok {
		return Staff{}, errs.New(errs.NotFound, "org.no_staff", errs.P{"key": key})
	}
	return n.account(i, s.now()), nil
}

// StaffOfPost lists who holds a post now, those who stand in for somebody too.
func (s *Service) StaffOfPost(ctx context.Context, post string) []Staff {
	n, now := s.all(ctx), s.now()
	var out []Staff
	for _, id := range n.posted[post] {
		if slices.ContainsFunc(n.held[id], func(h Holding) bool { return h.Post == post && n.holds(h, now) }) {
			out = append(out, n.account(n.staffID[id], now))
		}
	}
	slices.SortFunc(out, func(a, b Staff) int { return compare(a.ID, b.ID) })
	return out
}

// StaffList lists the accounts of an agency, or all for "", disabled ones too.
func (s *Service) StaffList(ctx context.Context, agency string) []Staff {
	return filter(s.all(ctx).accounts(s.now()), func(st Staff) bool { return agency == "" || st.Agency == agency })
}

// StaffMay reports whether an account may do an act on an item now through a post it holds or stands in on.
func (s *Service) StaffMay(ctx context.Context, id, act, item string) bool {
	ok, _ := s.StaffActs(ctx, id, act, item)
	return ok
}

// StaffActs is StaffMay that also tells for whom the account stands in when it does the act; "" when the right is its own.
func (s *Service) StaffActs(ctx context.Context, id, act, item string) (ok bool, standsFor string) {
	n, now := s.all(ctx), s.now()
	for _, h := range n.held[id] {
		k, known := n.post[h.Post]
		if !known || !n.posts[k].May(act, item) || !n.holds(h, now) {
			continue
		}
		if h.For == "" {
			return true, ""
		}
		ok, standsFor = true, h.For
	}
	return ok, standsFor
}

// Holdings lists the terms of an account, ended ones too, as they were granted.
func (s *Service) Holdings(ctx context.Context, id string) []Holding {
	return slices.Clone(s.all(ctx).held[id])
}

// Calendar gives the calendar of working days: the national lists and the days set here.
func (s *Service) Calendar(ctx context.Context) clock.Calendar { return s.all(ctx).calendar }

// Years lists the years whose national holiday list is known.
func (s *Service) Years(ctx context.Context) []int { return slices.Clone(s.all(ctx).years) }

// CalendarRows lists the exceptions of a year as they count, by date.
func (s *Service) CalendarRows(ctx context.Context, year int) []clock.Row {
	return filter(s.all(ctx).calendar.Rows(), func(r clock.Row) bool { return yearOf(r.Date) == year })
}

// Holidays lists what is stored for a year beyond the embedded lists.
func (s *Service) Holidays(ctx context.Context, year int) []Holiday {
	return filter(s.all(ctx).holidays, func(h Holiday) bool { return yearOf(h.Date) == year })
}

// MissingYear gives the year whose holiday list should be known by now and is not, or 0: this year, and from November on the next, because
// the General Office of the State Council publishes the list in October or November.
func (s *Service) MissingYear(ctx context.Context) int {
	now := s.now().In(clock.Shanghai)
	years := s.Years(ctx)
	if !slices.Contains(years, now.Year()) {
		return now.Year()
	}
	if now.Month() >= time.November && !slices.Contains(years, now.Year()+1) {
		return now.Year() + 1
	}
	return 0
}

// HasKey reports whether an element is stored. Kinds: region, agency, window, post, staff.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	return s.all(ctx).Has(kind, key)
}

func filter[T any](all []T, keep func(T) bool) []T {
	var out []T
	for _, v := range all {
		if keep(v) {
			out = append(out, v)
		}
	}
	return out
}

func compare(a, b string) int { return strings.Compare(a, b) }
