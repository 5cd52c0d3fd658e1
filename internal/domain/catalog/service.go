package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Org is what the catalog asks of the room below.
type Org interface {
	Agencies(ctx context.Context) []org.Agency
	HasKey(ctx context.Context, kind, key string) bool
}

// Deps is what the room needs.
type Deps struct {
	DB  *db.DB
	Org Org
	Now func() time.Time
	Log *slog.Logger
}

// Service answers from a snapshot in memory and takes changes. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	org   Org
	now   func() time.Time
	log   *slog.Logger
	cache cache
	kept  sync.Map // parsed versions, which never change, by kind, key and version
}

// New makes the service; nothing is read before the first question.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: d.DB, org: d.Org, now: d.Now, log: d.Log}
}

// Ready reads the first snapshot.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.snap(ctx)
	return err
}

// Item gives the current version of an item; errs.NotFound if there is none. Its lists are shared: nobody changes them.
func (s *Service) Item(ctx context.Context, key string) (Item, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Item{}, err
	}
	if it, ok := n.items[key]; ok {
		return *it, nil
	}
	return Item{}, errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
}

// ItemVersion gives one version of an item, for cases that were filed on it; version 0 is the current one. errs.NotFound if there is none.
func (s *Service) ItemVersion(ctx context.Context, key string, version int) (Item, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Item{}, err
	}
	if it, ok := n.items[key]; ok && (version == 0 || it.Version == version) {
		return *it, nil
	}
	old, err := keep(s, fmt.Sprint("item ", key, " ", version), func() (*Item, error) { return itemVersion(ctx, s.db.R(), key, version) })
	if err != nil {
		return Item{}, err
	}
	it := *old
	directory(n.agencies).complete(&it)
	return it, nil
}

// Versions lists the versions of an item, newest first.
func (s *Service) Versions(ctx context.Context, key string) ([]VersionInfo, error) {
	return versions(ctx, s.db.R(), key)
}

// Form gives a form; version 0 is the newest. It also gives the version. errs.NotFound if there is none.
func (s *Service) Form(ctx context.Context, key string, version int) (form.Definition, int, error) {
	d, err := defined[form.Definition](ctx, s, kindForm, key, version)
	return d.doc, d.version, err
}

// Flow gives a flow; version 0 is the newest. It also gives the version. errs.NotFound if there is none.
func (s *Service) Flow(ctx context.Context, key string, version int) (flow.Definition, int, error) {
	d, err := defined[flow.Definition](ctx, s, kindFlow, key, version)
	return d.doc, d.version, err
}

type definedDoc[T any] struct {
	doc     T
	version int
}

func defined[T any](ctx context.Context, s *Service, kind, key string, version int) (definedDoc[T], error) {
	read := func() (definedDoc[T], error) {
		var d definedDoc[T]
		doc, found, err := definition(ctx, s.db.R(), kind, key, version)
		if err != nil {
			return d, err
		}
		d.version = found
		return d, json.Unmarshal([]byte(doc), &d.doc)
	}
	if version == 0 {
		return read()
	}
	return keep(s, fmt.Sprint(kind, " ", key, " ", version), read)
}

// keep remembers what never changes.
func keep[T any](s *Service, name string, read func() (T, error)) (T, error) {
	if v, ok := s.kept.Load(name); ok {
		return v.(T), nil
	}
	v, err := read()
	if err == nil {
		s.kept.Store(name, v)
	}
	return v, err
}

// File gives a sample or blank form an item names by its path; errs.NotFound if the item names no such file.
func (s *Service) File(ctx context.Context, itemKey, path string) (File, error) {
	it, err := s.Item(ctx, itemKey)
	if err != nil {
		return File{}, err
	}
	if !it.Names(path) {
		return File{}, errs.New(errs.NotFound, "catalog.no_file", errs.P{"path": path})
	}
	return fileOf(ctx, s.db.R(), it.Pack, path)
}

// Group is an agency or a theme with how many items it has.
type Group struct {
	Key, Name string // Name is empty for themes, whose names are texts
	Code      string
	Region    string
	Count     int
	Known     bool // an agency of this installation, not only named by a list
}

// Themes counts the items of each theme of a list (person or firm), in the order of the list; themes without items are left out.
func (s *Service) Themes(ctx context.Context, list string) ([]Group, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	return n.themes[list], nil
}

// Agencies counts the items of each agency: first those that are known, then those only a list names.
func (s *Service) Agencies(ctx context.Context) ([]Group, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	return n.groups, nil
}

// Regions lists the codes of regions that have items.
func (s *Service) Regions(ctx context.Context) ([]string, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	return n.regions, nil
}

// HasKey reports whether a key of a kind is stored. Kinds: item, form, flow, file.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	has, err := hasKey(ctx, s.db.R(), kind, key)
	if err != nil {
		s.log.Error("catalog: cannot look a key up", "kind", kind, "err", err)
	}
	return has
}

// Review notes that the item office has looked at an imported item. errs.Conflict if it was changed or reviewed meanwhile.
func (s *Service) Review(ctx context.Context, actor authz.Actor, key string, version int) error {
	if !actor.May(authz.CatalogEdit) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := markReviewed(ctx, tx, key, version); err != nil {
			return err
		}
		now := s.now()
		return audit.Tx(ctx, tx, now, audit.Entry{Actor: actor.Name(), Act: "catalog.review", Object: "item:" + key, Via: actor.Via, Agency: actor.AgencyID})
	})
}
