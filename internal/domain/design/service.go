package design

import (
	"context"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/vault"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
)

// Org is what the room asks of agencies and their people.
type Org interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Posts(ctx context.Context, agency string) []org.Post
	Within(ctx context.Context, code, above string) bool
	SamePerson(ctx context.Context, x, y string) bool
	Region(ctx context.Context, code string) (org.Region, error)
}

// Powers gives posts what a published flow asks of them; package org does.
type Powers interface {
	AllowItemTx(ctx context.Context, tx *db.Tx, now time.Time, post, item, by string) error
	PowersMoved()
}

// Items is what the room asks of the catalogue.
type Items interface {
	Item(ctx context.Context, key string) (item.Item, error)
	State(ctx context.Context, key string) (catalog.State, error)
	// SetStateTx suspends, cancels or takes up again a published item.
	SetStateTx(ctx context.Context, tx *db.Tx, now time.Time, actor authz.Actor, key string, to catalog.State) error
}

// Bases is what the room asks of the base directory.
type Bases interface {
	// Bases lists base items by code.
	Bases(ctx context.Context, q directory.Query) (out []directory.Base, total int, next string, err error)
	// Adopt makes a new item of a base item for an agency.
	Adopt(ctx context.Context, code, agency string) (*item.Item, error)
	// FollowItem gives the item as the newest version of its base makes it, and where both had changed the same.
	FollowItem(ctx context.Context, it *item.Item) (*item.Item, []directory.Conflict, error)
}

// Deps is what the room needs. Bases may be nil where no base directory is kept.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Packs  *pack.Service
	Org    Org
	Powers Powers
	Items  Items
	Bases  Bases
	Now    func() time.Time
	Log    *slog.Logger
}

// Service keeps changes. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	vault  *vault.Vault
	packs  *pack.Service
	org    Org
	powers Powers
	items  Items
	bases  Bases
	now    func() time.Time
	log    *slog.Logger
}

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d.DB, vault: d.Vault, packs: d.Packs, org: d.Org, powers: d.Powers, items: d.Items, bases: d.Bases, now: d.Now, log: d.Log}
}

// deepest is how many steps the tree of agencies is followed upward.
const deepest = 8

// Reaches reports whether an officer of a's agency looks after the items of an agency: its own, those of agencies below it, or, as the government
// service bureau (政务服务管理机构), those of its region and below.
func (s *Service) Reaches(ctx context.Context, a authz.Actor, agency string) bool {
	if a.AgencyID == "" || agency == "" {
		return false
	}
	is, err := s.org.Agency(ctx, agency)
	if err != nil {
		return false
	}
	if org.IsHall(a.AgencyID) {
		if mine, err := s.org.Agency(ctx, a.AgencyID); err == nil && s.org.Within(ctx, is.Region, mine.Region) {
			return true
		}
	}
	for range deepest {
		if is.Key == a.AgencyID {
			return true
		}
		if is, err = s.org.Agency(ctx, is.Parent); err != nil {
			return false
		}
	}
	return false
}

// scopeOf is what an actor's list shows.
func (s *Service) scopeOf(ctx context.Context, a authz.Actor) scope {
	sc := scope{agencies: []string{a.AgencyID}}
	bureau := org.IsHall(a.AgencyID)
	seen := map[string]bool{}
	for _, g := range s.org.Agencies(ctx) {
		switch {
		case bureau && seen[g.Region], !bureau && g.Parent == "", !s.Reaches(ctx, a, g.Key):
		case bureau:
			seen[g.Region] = true
			sc.regions = append(sc.regions, g.Region)
		default:
			sc.agencies = append(sc.agencies, g.Key)
		}
	}
	return sc
}

// open gives a change to whoever may look at it: item officers and legal reviewers in reach. To others there is none.
func (s *Service) open(ctx context.Context, a authz.Actor, id string) (Change, error) {
	if a.StaffID == "" || !a.May(authz.CatalogSee) {
		return Change{}, errs.New(errs.Forbidden, "base.forbidden")
	}
	c, err := changeOf(ctx, s.db.R(), id)
	if err != nil {
		return c, err
	}
	if !s.Reaches(ctx, a, c.Agency) {
		return Change{}, errs.New(errs.NotFound, "design.no_change")
	}
	return c, nil
}

// edit is open for item officers, for a change that is a draft.
func (s *Service) edit(ctx context.Context, a authz.Actor, id string) (Change, error) {
	if err := mayEdit(a); err != nil {
		return Change{}, err
	}
	c, err := s.open(ctx, a, id)
	if err == nil && !c.Open() {
		err = errs.New(errs.Conflict, "design.closed")
	}
	return c, err
}

func (s *Service) entry(a authz.Actor, act string, c Change, what string) audit.Entry {
	return audit.Entry{Actor: a.Name(), Act: "design." + act, Object: "change:" + c.ID, What: what, Via: a.Via, Agency: a.AgencyID}.From(s.vault, a.Origin)
}

func stateName(st State) i18n.Key { return i18n.Key("design.state_" + string(st)) }

// Filter narrows a list of changes.
type Filter struct {
	States []State
	Mine   string // staff id: those this person wrote into
	Item   string
	Before string // id of the last change of the page before
	Limit  int    // 50 when 0
}

// Changes lists the changes an actor may look at, newest first.
func (s *Service) Changes(ctx context.Context, a authz.Actor, f Filter) ([]Change, error) {
	if a.StaffID == "" || !a.May(authz.CatalogSee) {
		return nil, errs.New(errs.Forbidden, "base.forbidden")
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	return listChanges(ctx, s.db.R(), s.scopeOf(ctx, a), f, f.Limit)
}

// Change gives one change; errs.NotFound "design.no_change" also for those out of reach.
func (s *Service) Change(ctx context.Context, a authz.Actor, id string) (Change, error) {
	return s.open(ctx, a, id)
}

// History gives what happened to a change, oldest first.
func (s *Service) History(ctx context.Context, a authz.Actor, id string) ([]Step, error) {
	if _, err := s.open(ctx, a, id); err != nil {
		return nil, err
	}
	return stepsOf(ctx, s.db.R(), id)
}

// OpenOn lists the changes of an item that have not ended yet.
func (s *Service) OpenOn(ctx context.Context, a authz.Actor, itemKey string) ([]Change, error) {
	if a.StaffID == "" || !a.May(authz.CatalogSee) {
		return nil, errs.New(errs.Forbidden, "base.forbidden")
	}
	all, err := openOn(ctx, s.db.R(), itemKey)
	out := all[:0]
	for _, c := range all {
		if s.Reaches(ctx, a, c.Agency) {
			out = append(out, c)
		}
	}
	return out, err
}
