package design

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/pack"
)

// Moved is what somebody is told who saved on top of an older revision: the text that is there now. It wraps errs.Conflict "design.moved".
type Moved struct {
	Path   string
	Rev    int
	Theirs []byte
	By     string
	err    error
}

// Error is the conflict's.
func (m *Moved) Error() string { return m.err.Error() }

// Unwrap gives the conflict.
func (m *Moved) Unwrap() error { return m.err }

// present gives the pack's files as they are loaded now; none for a pack that is new.
func (s *Service) present(ctx context.Context, c Change) (pack.Pack, error) {
	p, err := s.packs.Content(ctx, c.Pack)
	if errs.Is(err, "pack.not_loaded") {
		return pack.Pack{Key: c.Pack}, nil
	}
	return p, err
}

func find(fs []packfile.File, path string) ([]byte, bool) {
	i := slices.IndexFunc(fs, func(f packfile.File) bool { return f.Path == path })
	if i < 0 {
		return nil, false
	}
	return fs[i].Data, true
}

// Files lists the change's own files and, after them, those of the pack it has not touched, by path.
func (s *Service) Files(ctx context.Context, a authz.Actor, id string) ([]File, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	own, err := filesOf(ctx, s.db.R(), id)
	if err != nil || c.Ended() || c.Act != Publish {
		return own, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return nil, err
	}
	out := own
	for _, f := range p.Files {
		if slices.ContainsFunc(own, func(o File) bool { return o.Path == f.Path }) {
			continue
		}
		k, key := KindOf(f.Path)
		out = append(out, File{Path: f.Path, Kind: k, Key: key, Content: f.Data})
	}
	return out, nil
}

// Read gives one file: the change's own, or the pack's with revision 0. errs.NotFound "design.no_file".
func (s *Service) Read(ctx context.Context, a authz.Actor, id, path string) (File, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	return s.read(ctx, c, path)
}

func (s *Service) read(ctx context.Context, c Change, path string) (File, error) {
	missing := errs.New(errs.NotFound, "design.no_file", errs.P{"path": path})
	f, own, err := fileOf(ctx, s.db.R(), c.ID, path)
	if err != nil {
		return f, err
	}
	if own {
		if f.Removed {
			return f, missing
		}
		return f, nil
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return f, err
	}
	data, ok := find(p.Files, path)
	if !ok {
		return f, missing
	}
	k, key := KindOf(path)
	return File{Path: path, Kind: k, Key: key, Content: data}, nil
}

// ReadAs decodes a file strictly into v and gives its revision, 0 for the pack's own. A file that cannot be read is errs.Invalid "design.unreadable".
func (s *Service) ReadAs(ctx context.Context, a authz.Actor, id, path string, v any) (rev int, err error) {
	f, err := s.Read(ctx, a, id, path)
	if err != nil {
		return 0, err
	}
	return f.Rev, decode(f, v)
}

func decode(f File, v any) error {
	if _, ps := packfile.Decode(packfile.File{Path: f.Path, Data: f.Content}, v); len(ps) > 0 {
		return errs.New(errs.Invalid, "design.unreadable", errs.P{"path": f.Path, "line": ps[0].Line})
	}
	return nil
}

// WriteAs writes a structure as a file of a draft, over the revision it was read with (0: the pack's own, or a new file), and gives the new one.
// What says the same as before is not written again. Errors: *Moved (errs.Conflict "design.moved") with the text that is there when rev is old,
// errs.Conflict "design.closed" when the change is no draft, errs.Invalid for a path no pack may hold.
func (s *Service) WriteAs(ctx context.Context, a authz.Actor, id, path string, rev int, v any) (int, error) {
	text, err := pack.Encode(v)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return s.Write(ctx, a, id, path, rev, text)
}

// Write is WriteAs for a text as it stands: samples and blank forms.
func (s *Service) Write(ctx context.Context, a authz.Actor, id, path string, rev int, text []byte) (int, error) {
	return s.save(ctx, a, id, rev, File{Path: path, Content: text})
}

// Remove takes a file out of the pack, or a new one out of the change.
func (s *Service) Remove(ctx context.Context, a authz.Actor, id, path string, rev int) error {
	_, err := s.save(ctx, a, id, rev, File{Path: path, Removed: true})
	return err
}

const maxText = 2 << 20 // bytes of one file, as packs allow

func (s *Service) save(ctx context.Context, a authz.Actor, id string, rev int, f File) (int, error) {
	c, err := s.edit(ctx, a, id)
	if err != nil {
		return 0, err
	}
	if !Writable(f.Path) {
		return 0, errs.New(errs.Invalid, "design.bad_path", errs.P{"path": f.Path})
	}
	if len(f.Content) > maxText {
		return 0, errs.New(errs.TooLarge, "design.file_large")
	}
	old, own, err := fileOf(ctx, s.db.R(), id, f.Path)
	if err != nil {
		return 0, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return 0, err
	}
	if err := s.mayTouch(ctx, a, p, f); err != nil {
		return 0, err
	}
	if !own {
		if err := takeOver(c, p, &f, rev); err != nil {
			return 0, err
		}
	}
	switch {
	case old.Rev != rev:
		return 0, &Moved{Path: f.Path, Rev: old.Rev, Theirs: old.Content, By: old.By, err: errs.New(errs.Conflict, "design.moved", errs.P{"path": f.Path})}
	case own && old.Removed == f.Removed && bytes.Equal(old.Content, f.Content):
		return rev, nil
	case !own && !f.New && !f.Removed && bytes.Equal(f.Was, f.Content):
		return 0, nil // as the pack has it
	}
	f.By, f.At = a.StaffID, s.now()
	gone := own && f.Removed && old.New
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx, id, f.At); err != nil {
			return err
		}
		if err := addAuthor(ctx, tx, id, a.StaffID); err != nil {
			return err
		}
		if gone {
			err = dropFile(ctx, tx, id, f.Path, rev)
		} else {
			err = putFile(ctx, tx, id, rev, f)
		}
		if err != nil {
			return err
		}
		return audit.Tx(ctx, tx, f.At, s.entry(a, "write", c, f.Path))
	})
	if errs.Is(err, "design.moved") {
		if now, _, e := fileOf(ctx, s.db.R(), id, f.Path); e == nil {
			return 0, &Moved{Path: f.Path, Rev: now.Rev, Theirs: now.Content, By: now.By, err: err}
		}
	}
	if err != nil {
		return 0, err
	}
	return rev + 1, nil
}

// shared are the files of a pack that concern everybody: agencies with their powers, the base directory, messages. Administrators load them.
var shared = []string{"agencies.yaml", "regions.yaml", "base.yaml", "messages.yaml", "demo.yaml"}

// Writable reports whether a change may hold a file of this name.
func Writable(path string) bool { return pack.FileKind(path) && !slices.Contains(shared, path) }

// takeOver notes what the pack says about a file that the change writes for the first time. When the pack has moved since the change began, what
// the editor had seen may be old: the editor gets the present text instead.
func takeOver(c Change, p pack.Pack, f *File, rev int) error {
	data, had := find(p.Files, f.Path)
	f.New, f.Was = !had, data
	if f.Removed && !had {
		return errs.New(errs.NotFound, "design.no_file", errs.P{"path": f.Path})
	}
	if had && rev == 0 && p.Version != c.PackVersion {
		return &Moved{Path: f.Path, Theirs: data, err: errs.New(errs.Conflict, "design.moved", errs.P{"path": f.Path})}
	}
	return nil
}

// Adopt takes a file of the pack into the change as it is now, so that it can be edited.
func (s *Service) Adopt(ctx context.Context, a authz.Actor, id, path string) (File, error) {
	c, err := s.edit(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if f, own, err := fileOf(ctx, s.db.R(), id, path); err != nil || own {
		return f, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return File{}, err
	}
	data, ok := find(p.Files, path)
	if !ok {
		return File{}, errs.New(errs.NotFound, "design.no_file", errs.P{"path": path})
	}
	f := File{Path: path, Content: data, Was: data, By: a.StaffID, At: s.now()}
	if err := s.mayTouch(ctx, a, p, f); err != nil {
		return File{}, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx, id, f.At); err != nil {
			return err
		}
		return putFile(ctx, tx, id, 0, f)
	})
	f.Rev = 1
	f.Kind, f.Key = KindOf(path)
	return f, err
}

// laid gives a change's files as the pack room lays them over a pack.
func laid(c Change, p pack.Pack, fs []File) pack.Change {
	over := pack.Change{Pack: c.Pack, Name: c.PackName, Base: p.Version}
	over.Files, over.Removed = ownFiles(fs)
	return over
}

// ownFiles gives a change's files in the shape the pack room takes.
func ownFiles(fs []File) (files []packfile.File, removed []string) {
	for _, f := range fs {
		switch {
		case f.Removed:
			removed = append(removed, f.Path)
		case !strings.HasPrefix(f.Path, "."):
			files = append(files, packfile.File{Path: f.Path, Data: f.Content})
		}
	}
	return files, removed
}
