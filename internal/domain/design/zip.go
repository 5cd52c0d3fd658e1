package design

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/pack"
)

// ImportZip begins a change from a packed folder, as another installation exported it. Over a pack that is loaded already, its files take the place of
// those there; files the folder does not have stay. Findings mean that nothing was begun. A folder that brings agencies, posts or anything else
// that is everybody's is not taken here.
func (s *Service) ImportZip(ctx context.Context, a authz.Actor, data []byte) (Change, []packfile.Problem, error) {
	if err := mayEdit(a); err != nil {
		return Change{}, nil, err
	}
	p, ps, err := pack.ReadZip(data)
	if err != nil || len(ps) > 0 {
		return Change{}, ps, err
	}
	now := s.now()
	c := Change{ID: ident.New(), Act: Publish, Pack: p.Key, PackName: p.Name, Title: p.Name, State: Draft, Author: a.StaffID, Authors: []string{a.StaffID}, Rev: 1, Created: now, Changed: now}
	is, err := s.present(ctx, c)
	if err != nil {
		return c, nil, err
	}
	c.PackVersion = is.Version
	var fs []File
	for _, f := range p.Files {
		if !Writable(f.Path) {
			ps = append(ps, packfile.Problem{File: f.Path, Key: "design.zip_shared"})
			continue
		}
		was, had := find(is.Files, f.Path)
		if it, ok := itemIn(f.Path, f.Data); ok && c.Item == "" {
			c.Item, c.Agency = it.Key, it.Agency
		}
		if f.Path == "pack.yaml" && had || had && string(was) == string(f.Data) {
			continue
		}
		own := File{Path: f.Path, Content: f.Data, Was: was, New: !had}
		if err := s.mayTouch(ctx, a, is, own); err != nil {
			e := errs.As(err)
			ps = append(ps, packfile.Problem{File: f.Path, Key: e.Key, Params: e.Params})
		}
		fs = append(fs, own)
	}
	if c.Agency == "" && len(ps) == 0 {
		ps = append(ps, packfile.Problem{File: ".", Key: "design.zip_empty"})
	}
	if len(fs) == 0 && len(ps) == 0 {
		ps = append(ps, packfile.Problem{File: ".", Key: "design.zip_same"})
	}
	if len(ps) > 0 {
		return c, ps, nil
	}
	c.Title = strings.TrimSpace(c.Title)
	c, err = s.begin(ctx, a, c, fs)
	return c, nil, err
}
