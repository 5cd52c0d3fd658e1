package design

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
)

// itemIn reads an item's file; false for any other file, and for one that cannot be read.
func itemIn(path string, data []byte) (item.Item, bool) {
	var it item.Item
	if k, _ := KindOf(path); k != ItemFile {
		return it, false
	}
	_, ps := packfile.Decode(packfile.File{Path: path, Data: data}, &it)
	return it, len(ps) == 0
}

// mayTouch refuses what an officer may not write: items of agencies out of reach, and files of a pack that such items use. What no item of the pack names
// (the papers every agency uses) belongs to the government service bureau.
func (s *Service) mayTouch(ctx context.Context, a authz.Actor, p pack.Pack, f File) error {
	if is, ok := itemIn(f.Path, f.Content); ok && !f.Removed && !s.Reaches(ctx, a, is.Agency) {
		return errs.New(errs.Forbidden, "design.out_of_reach")
	}
	data, had := find(p.Files, f.Path)
	if !had {
		return nil
	}
	if was, ok := itemIn(f.Path, data); ok {
		if !s.Reaches(ctx, a, was.Agency) {
			return errs.New(errs.Forbidden, "design.out_of_reach")
		}
		return nil
	}
	key, _ := keyIn(packfile.File{Path: f.Path, Data: data})
	k, _ := KindOf(f.Path)
	named := false
	for _, o := range p.Files {
		it, ok := itemIn(o.Path, o.Data)
		if !ok || !names(it, k, key, f.Path) {
			continue
		}
		named = true
		if !s.Reaches(ctx, a, it.Agency) {
			return errs.New(errs.Forbidden, "design.shared_file", errs.P{"path": f.Path})
		}
	}
	if !named && !org.IsHall(a.AgencyID) {
		return errs.New(errs.Forbidden, "design.shared_file", errs.P{"path": f.Path})
	}
	return nil
}

// names reports whether an item uses a definition or file.
func names(it item.Item, k Kind, key, path string) bool {
	switch k {
	case FormFile:
		return it.Form == key
	case FlowFile:
		return it.Flow == key
	case LicenceFile:
		return it.Result.LicenceType == key || slices.ContainsFunc(it.Materials, func(m item.Material) bool { return m.LicenceType == key })
	case PaperFile:
		for _, p := range it.Papers {
			if p == key {
				return true
			}
		}
	case TableFile:
		return slices.Contains(it.Tables, key)
	case SampleFile:
		return it.Names(path)
	}
	return false
}

// foreign finds new licence types and papers whose key another pack holds: loading them would put them in the place of the other's.
func (s *Service) foreign(ctx context.Context, c Change, fs []File) ([]packfile.Problem, error) {
	var ps []packfile.Problem
	for _, f := range fs {
		if f.Kind != LicenceFile && f.Kind != PaperFile || f.Removed || !f.New {
			continue
		}
		key, _ := keyIn(packfile.File{Path: f.Path, Data: f.Content})
		other, err := s.packs.Holder(ctx, string(f.Kind)+"/", func(o packfile.File) bool {
			is, ok := keyIn(o)
			return ok && is == key && o.Pack != c.Pack
		})
		if err != nil {
			return nil, err
		}
		if other != "" {
			ps = append(ps, packfile.Problem{File: f.Path, Line: 1, Pointer: "/key", Key: "design.other_pack", Params: errs.P{"key": key, "pack": other}})
		}
	}
	return ps, nil
}

// requires names the packs a new one stands on: the one that brings its agency.
func (s *Service) requires(ctx context.Context, agency string) ([]string, error) {
	p, err := s.packs.Holder(ctx, "agencies.yaml", func(f packfile.File) bool {
		var v struct {
			Agencies []struct {
				Key string `json:"key"`
			} `json:"agencies"`
		}
		return packfile.Loose(f, &v) && slices.ContainsFunc(v.Agencies, func(a struct {
			Key string `json:"key"`
		},
		) bool {
			return a.Key == agency
		})
	})
	if err != nil || p == "" {
		return []string{}, err
	}
	return []string{p}, nil
}

// Independent reports whether somebody had no hand in a change: only such a person approves it.
func (s *Service) Independent(ctx context.Context, a authz.Actor, c Change) bool {
	return c.apart(s.same(ctx), a.StaffID, c.Sender, c.Second) == nil
}

// Published gives a file of the change's pack as it is published now; nothing when the pack does not hold it.
func (s *Service) Published(ctx context.Context, a authz.Actor, id, path string) ([]byte, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p, err := s.present(ctx, c)
	data, _ := find(p.Files, path)
	return data, err
}
