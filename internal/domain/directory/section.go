package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/packfile"
)

const sectionFile = "base.yaml"

// baseFile is the room's section of a pack: a city's directory as data.
type baseFile struct {
	Bases []packBase `json:"bases"`
}

// packBase is a base item as a pack writes it: its elements, its state, and from when.
type packBase struct {
	Base
	State     string `json:"state,omitempty"`     // 1 when empty
	Effective string `json:"effective,omitempty"` // the day of loading when empty
}

func read(all []packfile.File) (baseFile, *packfile.Doc, string, []packfile.Problem) {
	var b baseFile
	for _, f := range all {
		if f.Path == sectionFile {
			doc, ps := packfile.Decode(f, &b)
			return b, doc, f.Pack, ps
		}
	}
	return b, nil, "", nil
}

// Names tells which base codes the files define, under the kind base. Files that cannot be read define none.
func (s *Service) Names(all []packfile.File) map[string][]string {
	b, _, _, _ := read(all)
	out := map[string][]string{}
	for _, x := range b.Bases {
		out["base"] = append(out["base"], x.Code)
	}
	return out
}

// HasKey reports whether a base item is stored.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	if kind != "base" {
		return false
	}
	_, ok, err := s.Base(ctx, key)
	if err != nil {
		s.log.Error("directory: cannot look a code up", "err", err)
	}
	return ok
}

// CheckSection finds everything wrong with base.yaml at once.
func (s *Service) CheckSection(_ context.Context, all []packfile.File, known packfile.Known) []packfile.Problem {
	b, doc, _, ps := read(all)
	if len(ps) > 0 {
		return ps
	}
	seen := map[string]bool{}
	for i, x := range b.Bases {
		fs := x.check()
		if seen[x.Code] {
			fs.add("code", "directory.code_twice", errs.P{"code": x.Code})
		}
		seen[x.Code] = true
		if x.State != "" && !slices.Contains([]string{InUse, Suspended, Cancelled}, x.State) {
			fs.add("state", "directory.bad_state")
		}
		if x.Effective != "" && !isDate(x.Effective) {
			fs.add("effective", "directory.date_wrong")
		}
		for _, c := range slices.Concat(x.Predecessor, x.Successor) {
			if known != nil && !known.Has("base", c) {
				fs.add("successors", "directory.no_base", errs.P{"code": c})
			}
		}
		for _, f := range fs {
			ps = append(ps, doc.Problem(fmt.Sprintf("/bases/%d/%s", i, f.Path), f.Key, f.Params))
		}
	}
	return ps
}

// LoadTx stores the base items of a pack that CheckSection found good. One whose text is the same as at its last loading is left as it is, so that a
// later change here stays; one whose text changed becomes a new version, and its adopters are asked to follow. Nothing is deleted.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, now time.Time, all []packfile.File) error {
	b, _, pack, ps := read(all)
	if len(ps) > 0 {
		return errs.New(errs.Invalid, ps[0].Key, ps[0].Params)
	}
	changed := 0
	for _, x := range b.Bases {
		sum, err := sumOf(x)
		if err != nil {
			return err
		}
		version, old, err := baseSum(ctx, tx, x.Code)
		if err != nil {
			return err
		}
		if old == sum {
			continue
		}
		changed++
		if err := s.loadBase(ctx, tx, now, x, pack, sum, version); err != nil {
			return err
		}
	}
	if changed == 0 {
		return nil
	}
	s.written()
	if err := bump(ctx, tx); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, now, audit.Entry{Actor: authz.System.Name(), Act: "directory.load", Object: "pack:" + pack, What: itoa(changed), Via: "command"})
}

func (s *Service) loadBase(ctx context.Context, tx *db.Tx, now time.Time, x packBase, pack, sum string, version int) error {
	is := x.Base
	is.Version, is.State, is.Effective, is.Pack, is.Kind = version+1, x.State, x.Effective, pack, Amend
	if is.State == "" {
		is.State = InUse
	}
	if is.Effective == "" {
		is.Effective = dayOf(now)
	}
	switch {
	case version == 0:
		is.Kind = Add
	case is.State == Cancelled:
		is.Kind = Cancel
	case is.State == Suspended:
		is.Kind = Suspend
	}
	if version > 0 {
		is.FollowBy = s.FollowBy(ctx, dayOf(now))
	}
	if err := putBase(ctx, tx, now, is, sum); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, BaseChanged{Code: is.Code, Version: is.Version, Kind: is.Kind})
}

// sumOf names the text of a base item.
func sumOf(x packBase) (string, error) {
	b, err := json.Marshal(x)
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), err
}
