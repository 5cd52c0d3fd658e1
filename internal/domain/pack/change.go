package pack

import (
	"context"
	"path"
	"slices"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

// Change is a set of files laid over a pack, as it is made in the browser. The pack's own files stay where the change says nothing.
type Change struct {
	Pack    string
	Name    string          // of a pack that is new
	Base    int64           // version of the loaded pack it was laid over; 0: the pack is new
	Files   []packfile.File // in place of the pack's, or new
	Removed []string        // paths that go
	// Gives gives a post an item that its flow needs, in the change's transaction; nil: posts must have it already.
	Gives func(ctx context.Context, tx *db.Tx, post, item string) error
}

// Content gives the files of a loaded pack as they are now. errs.NotFound "pack.not_loaded", or "pack.no_files" when a program that kept no files
// loaded it: loading its folder again mends that.
func (s *Service) Content(ctx context.Context, key string) (Pack, error) {
	v, err := s.version(ctx, key)
	if err != nil {
		return Pack{}, err
	}
	if v == 0 {
		return Pack{}, errs.New(errs.NotFound, "pack.not_loaded", errs.P{"key": key})
	}
	p := Pack{}
	if p.Files, err = s.content(ctx, s.d.R(), key); err != nil {
		return p, err
	}
	if len(p.Files) == 0 || len(p.readHead()) > 0 {
		return p, errs.New(errs.NotFound, "pack.no_files", errs.P{"key": key})
	}
	return p, nil
}

// Over lays a change over the pack as it is loaded now and gives the whole; the version is one more. errs.Conflict "pack.moved" if another
// version than the change's base is loaded.
func (s *Service) Over(ctx context.Context, c Change) (Pack, error) {
	is := Pack{Key: c.Pack}
	if c.Base > 0 {
		var err error
		if is, err = s.Content(ctx, c.Pack); err != nil {
			return is, err
		}
	} else if v, err := s.version(ctx, c.Pack); err != nil || v > 0 {
		if err == nil {
			err = errMoved(c.Pack)
		}
		return is, err
	}
	if is.Version != c.Base {
		return is, errMoved(c.Pack)
	}
	return lay(is, c)
}

// Head writes the text of a pack.yaml.
func Head(p Pack) (packfile.File, error) {
	text, err := Encode(head{Key: p.Key, Version: max(1, p.Version), Name: p.Name, NameEn: p.NameEn, Requires: append([]string{}, p.Requires...)})
	return packfile.File{Pack: p.Key, Path: headFile, Data: text}, err
}

// lay makes the pack a change leads to. pack.yaml is written anew, from the change's own if it has one.
func lay(is Pack, c Change) (Pack, error) {
	out := Pack{Key: c.Pack, Version: is.Version + 1, Name: is.Name, NameEn: is.NameEn, Requires: is.Requires}
	if out.Name == "" {
		out.Name = c.Name
	}
	gone := func(p string) bool {
		return p == headFile || slices.Contains(c.Removed, p) || slices.ContainsFunc(c.Files, func(f packfile.File) bool { return f.Path == p })
	}
	for _, f := range is.Files {
		if !gone(f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	for _, f := range c.Files {
		if f.Path == headFile {
			var h head
			if _, ps := packfile.Decode(f, &h); len(ps) == 0 {
				out.Name, out.NameEn, out.Requires, out.Version = h.Name, h.NameEn, h.Requires, max(out.Version, h.Version)
			}
			continue
		}
		out.Files = append(out.Files, packfile.File{Pack: c.Pack, Path: f.Path, Data: f.Data})
	}
	own, err := Head(out)
	if err != nil {
		return out, err
	}
	out.Files = append(out.Files, own)
	slices.SortFunc(out.Files, func(a, b packfile.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// CheckChange gives every finding that a change would bring, at once: those of its own files, and those in files it does not touch that were
// not there before. errs.Conflict as Over.
func (s *Service) CheckChange(ctx context.Context, c Change) ([]packfile.Problem, error) {
	p, err := s.Over(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.findings(ctx, c, p)
}

func (s *Service) findings(ctx context.Context, c Change, p Pack) ([]packfile.Problem, error) {
	found := shape(p)
	more, err := s.check(ctx, p, c.Gives != nil)
	if err != nil {
		return nil, err
	}
	found = append(found, more...)
	own := func(file string) bool {
		return slices.ContainsFunc(c.Files, func(f packfile.File) bool { return f.Path == file })
	}
	if c.Base == 0 || !slices.ContainsFunc(found, func(x packfile.Problem) bool { return !own(x.File) }) {
		return found, nil
	}
	is, err := s.Content(ctx, c.Pack)
	if err != nil {
		return nil, err
	}
	old, err := s.check(ctx, is, c.Gives != nil)
	if err != nil {
		return nil, err
	}
	was := map[[3]string]bool{}
	for _, x := range old {
		was[[3]string{x.File, x.Pointer, x.Key}] = true
	}
	return slices.DeleteFunc(found, func(x packfile.Problem) bool {
		return !own(x.File) && was[[3]string{x.File, x.Pointer, x.Key}]
	}), nil
}

// shape finds what is wrong with the folder itself: names no pack may hold, too many files, files too large.
func shape(p Pack) []packfile.Problem {
	var ps []packfile.Problem
	if !keyForm.MatchString(p.Key) {
		ps = append(ps, packfile.Problem{File: headFile, Key: "pack.bad_key", Params: errs.P{"key": p.Key}})
	}
	if strings.TrimSpace(p.Name) == "" {
		ps = append(ps, packfile.Problem{File: headFile, Key: "pack.no_name"})
	}
	if len(p.Files) > maxFiles {
		ps = append(ps, packfile.Problem{File: ".", Key: "pack.too_many", Params: errs.P{"max": maxFiles}})
	}
	for _, f := range p.Files {
		if !FileKind(f.Path) {
			ps = append(ps, packfile.Problem{File: f.Path, Key: "pack.unknown_file"})
		}
		if len(f.Data) > maxFile {
			ps = append(ps, packfile.Problem{File: f.Path, Key: "pack.file_large", Params: errs.P{"max": "2 MB"}})
		}
	}
	return ps
}

// FileKind reports whether a pack may hold a file of this name. It must be a clean relative path.
func FileKind(name string) bool {
	return path.Clean(name) == name && !path.IsAbs(name) && !strings.Contains(name, "\\") && fileKind(name)
}

// LoadChange checks a change as a whole and loads it in one transaction, together with the caller's own step: the pack's new version, the rights
// its flows need (Change.Gives) and also stand or fall together. Findings mean that nothing was written. errs.Conflict "pack.moved" if the pack
// is no longer at the change's base.
func (s *Service) LoadChange(ctx context.Context, c Change, also func(ctx context.Context, tx *db.Tx, loaded Pack) error) (Pack, []packfile.Problem, error) {
	p, err := s.Over(ctx, c)
	if err != nil {
		return p, nil, err
	}
	found, err := s.findings(ctx, c, p)
	if err != nil || len(found) > 0 {
		return p, found, err
	}
	var rights []Right
	if c.Gives != nil {
		if rights, err = s.Rights(ctx, p, c); err != nil {
			return p, nil, err
		}
	}
	now := s.now()
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, sec := range s.sections {
			if err := sec.LoadTx(ctx, tx, now, p.Files); err != nil {
				return err
			}
		}
		for _, r := range rights {
			if err := c.Gives(ctx, tx, r.Post, r.Item); err != nil {
				return err
			}
		}
		if err := s.noteTx(ctx, tx, now, p, c.Base); err != nil || also == nil {
			return err
		}
		return also(ctx, tx, p)
	})
	return p, nil, err
}
