package directory

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// Org is what the room asks of the agencies.
type Org interface {
	Region(ctx context.Context, code string) (org.Region, error)
	Regions(ctx context.Context) []org.Region
	Within(ctx context.Context, code, above string) bool
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Calendar(ctx context.Context) clock.Calendar
}

// Deps is what the room needs.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault // seals network addresses in the audit record
	Org   Org
	Now   func() time.Time
	Log   *slog.Logger
}

// Service answers from a snapshot in memory, which follows the database within a second, and takes changes. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	vault   *vault.Vault
	org     Org
	now     func() time.Time
	log     *slog.Logger
	mu      sync.Mutex
	current atomic.Pointer[snapshot]
	checked atomic.Int64 // Unix ms
	watch   atomic.Int64 // until then every read looks at the database: a write of this node may be about to commit
}

// New makes the service; nothing is read before the first question.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d.DB, vault: d.Vault, org: d.Org, now: d.Now, log: d.Log}
}

// Ready fills the dictionaries with what is new in the program and reads the first snapshot. Package app calls it at every start.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.seed(ctx); err != nil {
		return err
	}
	_, err := s.snap(ctx)
	return err
}

// snapshot is all of the room but changes and old versions. It never changes after it was made.
type snapshot struct {
	state    int64
	bases    []Base // by code
	base     map[string]int
	codes    map[string][]Code // by list
	newest   map[string]map[string]Code
	mappings []Mapping
}

func (n *snapshot) at(code string) (Base, bool) {
	i, ok := n.base[code]
	if !ok {
		return Base{}, false
	}
	return n.bases[i], true
}

const checkEvery, watchFor = time.Second, 10 * time.Second

func (s *Service) fresh(now int64) *snapshot {
	if now < s.watch.Load() || now-s.checked.Load() >= checkEvery.Milliseconds() {
		return nil
	}
	return s.current.Load()
}

// snap gives the current snapshot; the last one serves on while the database is away.
func (s *Service) snap(ctx context.Context) (*snapshot, error) {
	now := s.now().UnixMilli()
	if cur := s.fresh(now); cur != nil {
		return cur, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cur := s.fresh(now); cur != nil {
		return cur, nil
	}
	cur := s.current.Load()
	next, err := follow(ctx, s.db.R(), cur)
	switch {
	case err == nil:
		s.current.Store(next)
	case cur == nil || errs.KindOf(err) != errs.Unavailable:
		return nil, err
	default:
		s.log.Warn("directory: the database is away, the last state serves on", "err", err)
		next = cur
	}
	s.checked.Store(now)
	return next, nil
}

func (s *Service) written() { s.watch.Store(s.now().Add(watchFor).UnixMilli()) }

// follow gives cur if it is still the newest, else a new snapshot. The state is read before and after, so that no half of a change is kept.
func follow(ctx context.Context, q db.Q, cur *snapshot) (*snapshot, error) {
	for {
		before, err := stateOf(ctx, q)
		if err != nil || cur != nil && cur.state == before {
			return cur, err
		}
		n, err := load(ctx, q)
		if err != nil {
			return nil, err
		}
		if n.state, err = stateOf(ctx, q); err != nil {
			return nil, err
		}
		if n.state == before {
			return n, nil
		}
	}
}

// Base gives the current version of a base item.
func (s *Service) Base(ctx context.Context, code string) (Base, bool, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Base{}, false, err
	}
	b, ok := n.at(code)
	return b, ok, nil
}

// BaseVersion gives one version of a base item; errs.NotFound if there is none.
func (s *Service) BaseVersion(ctx context.Context, code string, version int) (Base, error) {
	return baseVersion(ctx, s.db.R(), code, version)
}

// History gives all versions of a base item, newest first; errs.NotFound if there is none.
func (s *Service) History(ctx context.Context, code string) ([]Base, error) {
	out, err := versionsOf(ctx, s.db.R(), code)
	if err == nil && len(out) == 0 {
		err = errNoBase(code)
	}
	return out, err
}

func errNoBase(code string) error {
	return errs.New(errs.NotFound, "directory.no_base", errs.P{"code": code})
}

// Query narrows a list of base items; empty fields do not.
type Query struct {
	Text  string // words of the name, or the beginning of a code
	Type  string
	State string
	Level string // code list use_level
	After string // code
	Limit int    // 0: all
}

// Bases lists base items by code; next is the After of the next page, or "".
func (s *Service) Bases(ctx context.Context, q Query) (out []Base, total int, next string, err error) {
	if total, err = countBases(ctx, s.db.R(), q); err != nil {
		return nil, 0, "", err
	}
	out, err = basesIn(ctx, s.db.R(), q)
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
		next = out[q.Limit-1].Code
	}
	return out, total, next, err
}

// entry is the audit record of an act. The address is sealed for its own row.
func (s *Service) entry(a authz.Actor, act, object, what string) audit.Entry {
	e := audit.Entry{Actor: a.Name(), Act: act, Object: object, What: what, Via: a.Via, Agency: a.AgencyID}
	if s.vault == nil {
		return e
	}
	return e.From(s.vault, a.Origin)
}

// write runs a change of what the snapshot holds, with its audit record.
func (s *Service) write(ctx context.Context, e audit.Entry, fn func(ctx context.Context, tx *db.Tx) error) error {
	defer s.written()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.now(), e)
	})
}

func may(a authz.Actor, p authz.Permission) error {
	if a.May(p) {
		return nil
	}
	return errs.New(errs.Forbidden, "base.forbidden")
}

// keepers are the levels of region whose offices keep the directory.
var keepers = []string{"province", "city"}

// Keeps reports whether an actor's office keeps the directory: its agency's region is a city or above.
func (s *Service) Keeps(ctx context.Context, a authz.Actor) bool { return s.keeper(ctx, a) == nil }

func (s *Service) keeper(ctx context.Context, a authz.Actor) error {
	g, err := s.org.Agency(ctx, a.AgencyID)
	if errs.KindOf(err) == errs.NotFound {
		return errs.New(errs.Forbidden, "directory.not_keeper")
	}
	if err != nil {
		return err
	}
	r, err := s.org.Region(ctx, g.Region)
	if err != nil {
		return err
	}
	if !slices.Contains(keepers, r.Level) {
		return errs.New(errs.Forbidden, "directory.not_keeper")
	}
	return nil
}

// keepsCodes refuses codes of another province: an office keeps national ones and its own.
func (s *Service) keepsCodes(ctx context.Context, a authz.Actor, codes []string) error {
	g, err := s.org.Agency(ctx, a.AgencyID)
	if err != nil {
		return err
	}
	for _, c := range codes {
		if len(c) >= 2 && !National(c) && !strings.HasPrefix(g.Region, c[:2]) {
			return errs.New(errs.Forbidden, "directory.other_province", errs.P{"code": c})
		}
	}
	return nil
}

// mayKeep is the permission and the office's level together.
func (s *Service) mayKeep(ctx context.Context, a authz.Actor, p authz.Permission) error {
	return cmp.Or(may(a, p), s.keeper(ctx, a))
}
