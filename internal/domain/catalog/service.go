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
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/table"
)

// Org is what the catalog asks of the room below.
type Org interface {
	Agencies(ctx context.Context) []org.Agency
	HasKey(ctx context.Context, kind, key string) bool
}

// Deps is what the room needs. Files keeps lists that are imported; it may be nil where none are.
type Deps struct {
	DB    *db.DB
	Org   Org
	Files *blob.Store
	Base  BaseLookup // the directory of base items; nil without one
	Codes CodeTables // the dictionaries; nil: the tables and lists that come with the program
	Now   func() time.Time
	Log   *slog.Logger
}

// Service answers from the database with what it remembers of it, and takes changes. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	org    Org
	files  *blob.Store
	base   BaseLookup
	codes  CodeTables
	now    func() time.Time
	log    *slog.Logger
	memory *memory
	search *search.Service
	runs   importRuns

	judging sync.Mutex // held while items are judged behind a page
}

// New makes the service; nothing is read before the first question. It panics when the words built into the program cannot be read.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	words, err := search.New(search.Deps{DB: d.DB, Now: d.Now, Log: d.Log})
	if err != nil {
		panic(err)
	}
	return &Service{db: d.DB, org: d.Org, files: d.Files, base: d.Base, codes: d.Codes, now: d.Now, log: d.Log, memory: newMemory(), search: words}
}

// Today is the date in China, YYYY-MM-DD.
func (s *Service) Today() string { return s.now().In(clock.Shanghai).Format(time.DateOnly) }

// Words is the search of the catalogue, for its office pages.
func (s *Service) Words() *search.Service { return s.search }

// Ready brings rows of earlier releases up to date and reads the counts.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.settleAll(ctx); err != nil {
		return err
	}
	_, err := s.look(ctx)
	return err
}

// Item gives the current version of an item; errs.NotFound if there is none. Its lists are shared: nobody changes them.
func (s *Service) Item(ctx context.Context, key string) (Item, error) {
	h, err := s.held(ctx, key)
	if err != nil {
		return Item{}, err
	}
	return h.Item, nil
}

// ItemVersion gives one version of an item, for cases that were filed on it; version 0 is the current one. errs.NotFound if there is none.
func (s *Service) ItemVersion(ctx context.Context, key string, version int) (Item, error) {
	h, err := s.held(ctx, key)
	if err != nil && errs.KindOf(err) != errs.Unavailable {
		return Item{}, err
	}
	if err == nil && (version == 0 || h.Version == version) {
		return h.Item, nil
	}
	if err != nil && version == 0 {
		return Item{}, err
	}
	old, err := keep(s, fmt.Sprint("item ", key, " ", version), func() (*held, error) { return itemVersion(ctx, s.db.R(), key, version) })
	if err != nil {
		return Item{}, err
	}
	v, err := s.look(ctx)
	if err != nil {
		return Item{}, err
	}
	it := old.Item
	v.find.complete(&it)
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

// Table gives a decision table; version 0 is the newest. It also gives the version. errs.NotFound if there is none.
func (s *Service) Table(ctx context.Context, key string, version int) (table.Definition, int, error) {
	d, err := defined[table.Definition](ctx, s, kindTable, key, version)
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
	return s.ThemesNear(ctx, list, "")
}

// ThemesNear is Themes for what serves a region: it, all below it and the regions above; "" is everywhere.
func (s *Service) ThemesNear(ctx context.Context, list, region string) ([]Group, error) {
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	return s.memory.tally.byCode(list, item.ThemeCodes(list), serving(region)), nil
}

// LifeEvents counts the items of each life event (list life_event) that serve a region, in the order of the list; "" is everywhere.
func (s *Service) LifeEvents(ctx context.Context, region string) ([]Group, error) {
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	return s.memory.tally.byCode(tallyLife, item.Codes("life_event"), serving(region)), nil
}

// Agencies counts the items of each agency: first those that are known, then those only a list names. The list is shared: nobody changes it.
func (s *Service) Agencies(ctx context.Context) ([]Group, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	return s.memory.tally.agencies(v.agencies), nil
}

// Regions lists the codes of regions that have items.
func (s *Service) Regions(ctx context.Context) ([]string, error) {
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	return s.memory.tally.regions(), nil
}

// Count is how many items in use there are in a region and all below it; "" is everywhere.
func (s *Service) Count(ctx context.Context, region string) (int, error) {
	if _, err := s.look(ctx); err != nil {
		return 0, err
	}
	return s.memory.tally.total(tallyRegion, "", inside(region)), nil
}

// HasKey reports whether a key of a kind is stored. Kinds: item, form, flow, table, file.
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
	find := s.offices(ctx)
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		w := s.writer(tx, find)
		seq, err := w.nextSeq(ctx)
		if err != nil {
			return err
		}
		if err := markReviewed(ctx, tx, key, version, seq); err != nil {
			return err
		}
		now := s.now()
		return audit.Tx(ctx, tx, now, audit.Entry{Actor: actor.Name(), Act: "catalog.review", Object: "item:" + key, Via: actor.Via, Agency: actor.AgencyID})
	})
}
