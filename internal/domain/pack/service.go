package pack

import (
	"context"
	"sort"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
)

// Section is a room's part of a pack.
type Section interface {
	// Names gives the keys the files define, by kind.
	Names(files []packfile.File) map[string][]string
	// HasKey reports whether the database holds a key already.
	HasKey(ctx context.Context, kind, key string) bool
	// CheckSection gives every finding at once.
	CheckSection(ctx context.Context, files []packfile.File, known packfile.Known) []packfile.Problem
	// LoadTx writes what changed; loading the same files again changes nothing.
	LoadTx(ctx context.Context, tx *db.Tx, now time.Time, files []packfile.File) error
}

// Powers gives posts what the flows of loaded items ask of them; the section of agencies does (package org).
type Powers interface {
	AllowItemTx(ctx context.Context, tx *db.Tx, now time.Time, post, item, by string) error
	PowersMoved()
}

// Service checks and loads packs.
type Service struct {
	d        *db.DB
	vault    *vault.Vault // seals the files: agencies bring their staff
	now      func() time.Time
	shelf    Shelf
	sections []Section
	powers   Powers // nil: posts must have their items already
}

// New makes the service; sections are in the order in which they are loaded. Without a shelf the rooms' parts are not checked against each other.
// A section that has Powers gives posts of an item's own agency the item, as publishing in the browser does.
func New(d *db.DB, v *vault.Vault, now func() time.Time, shelf Shelf, sections ...Section) *Service {
	s := &Service{d: d, vault: v, now: now, shelf: shelf, sections: sections}
	for _, sec := range sections {
		if p, ok := sec.(Powers); ok {
			s.powers = p
		}
	}
	return s
}

// known looks in the pack itself first, then in the database.
type known struct {
	ctx      context.Context
	own      map[string]map[string]bool
	sections []Section
}

func (k known) Has(kind, key string) bool {
	if k.own[kind][key] {
		return true
	}
	for _, s := range k.sections {
		if s.HasKey(k.ctx, kind, key) {
			return true
		}
	}
	return false
}

func (s *Service) known(ctx context.Context, p Pack) known {
	k := known{ctx: ctx, own: map[string]map[string]bool{"file": {}}, sections: s.sections}
	for _, f := range p.Files {
		k.own["file"][f.Path] = true
	}
	for _, sec := range s.sections {
		for kind, keys := range sec.Names(p.Files) {
			if k.own[kind] == nil {
				k.own[kind] = map[string]bool{}
			}
			for _, key := range keys {
				k.own[kind][key] = true
			}
		}
	}
	return k
}

// Check gives every finding of a pack whose requirements are loaded, in the order of files and lines.
func (s *Service) Check(ctx context.Context, p Pack) ([]packfile.Problem, error) {
	return s.check(ctx, p, s.powers != nil)
}

// check is Check; gives means that posts of the item's own agency will be given the item where a flow needs them.
func (s *Service) check(ctx context.Context, p Pack, gives bool) ([]packfile.Problem, error) {
	var ps []packfile.Problem
	for _, r := range p.Requires {
		loaded, err := s.version(ctx, r)
		if err != nil {
			return nil, err
		}
		if loaded == 0 {
			ps = append(ps, packfile.Problem{File: headFile, Line: 1, Key: "pack.missing", Params: errs.P{"key": r}})
		}
	}
	k := s.known(ctx, p)
	for _, sec := range s.sections {
		ps = append(ps, sec.CheckSection(ctx, p.Files, k)...)
	}
	ps = append(ps, s.fit(ctx, p, gives)...)
	ps = append(ps, p.markup()...)
	sort.SliceStable(ps, func(i, j int) bool {
		if ps[i].File != ps[j].File {
			return ps[i].File < ps[j].File
		}
		return ps[i].Line < ps[j].Line
	})
	return ps, nil
}

// LoadShipped is Load for packs that come with the program: a version made in the browser, or a newer one, stays.
func (s *Service) LoadShipped(ctx context.Context, p Pack) (changed bool, found []packfile.Problem, err error) {
	if _, yes, err := s.kept(ctx, p.Key, p.Version); err != nil || yes {
		return false, nil, err
	}
	return s.Load(ctx, p)
}

// Load checks a pack and writes it in one transaction. Findings mean that nothing was written; changed is false when this very content is
// loaded already. A folder that is no newer than what was published in the browser is a finding: its version must be raised on purpose.
func (s *Service) Load(ctx context.Context, p Pack) (changed bool, found []packfile.Problem, err error) {
	if same, err := s.loaded(ctx, p); err != nil || same {
		return false, nil, err
	}
	if v, yes, err := s.kept(ctx, p.Key, p.Version); err != nil || yes {
		return false, []packfile.Problem{{File: headFile, Line: 1, Pointer: "/version", Key: "pack.older", Params: errs.P{"key": p.Key, "version": v}}}, err
	}
	if found, err = s.Check(ctx, p); err != nil || len(found) > 0 {
		return false, found, err
	}
	rights, err := s.loading(ctx, p)
	if err != nil {
		return false, nil, err
	}
	now := s.now()
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, sec := range s.sections {
			if err := sec.LoadTx(ctx, tx, now, p.Files); err != nil {
				return err
			}
		}
		for _, r := range rights {
			if err := s.powers.AllowItemTx(ctx, tx, now, r.Post, r.Item, ""); err != nil {
				return err
			}
		}
		return s.noteTx(ctx, tx, now, p, -1)
	})
	if len(rights) > 0 {
		s.powers.PowersMoved()
	}
	return err == nil, nil, err
}

// loading lists the posts a folder gives items to. Those that it brings itself are written from its text first, whatever they have now.
func (s *Service) loading(ctx context.Context, p Pack) ([]Right, error) {
	if s.powers == nil {
		return nil, nil
	}
	return s.rights(ctx, p, Change{Files: p.Files}, true)
}
