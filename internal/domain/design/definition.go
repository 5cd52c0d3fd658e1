package design

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/table"
)

// structures makes the structure a kind of file is written from.
var structures = map[Kind]func() any{
	ItemFile:    func() any { return &item.Item{} },
	FormFile:    func() any { return &form.Definition{} },
	FlowFile:    func() any { return &flow.Definition{} },
	PaperFile:   func() any { return &paper.Template{} },
	LicenceFile: func() any { return &licence.Type{} },
	TableFile:   func() any { return &table.Definition{} },
}

// Empty makes the structure of a kind with nothing in it; errs.NotFound "design.bad_kind" for a kind that is none.
func Empty(k Kind) (any, error) {
	fresh, ok := structures[k]
	if !ok {
		return nil, errs.New(errs.NotFound, "design.bad_kind")
	}
	return fresh(), nil
}

// Parse reads a definition from JSON, strictly: a pointer to item.Item, form.Definition, flow.Definition, paper.Template, licence.Type or
// table.Definition. What cannot be read is errs.Invalid "design.bad_json".
func Parse(k Kind, b []byte) (any, error) {
	v, err := Empty(k)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err = dec.Decode(v); err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "design.bad_json", errs.P{"detail": err.Error()})
	}
	return v, nil
}

// keyOf is the key a structure of Parse defines.
func keyOf(v any) string {
	switch v := v.(type) {
	case *item.Item:
		return v.Key
	case *form.Definition:
		return v.Key
	case *flow.Definition:
		return v.Key
	case *paper.Template:
		return v.Key
	case *licence.Type:
		return v.Key
	case *table.Definition:
		return v.Key
	}
	return ""
}

// Locate finds the file that defines a key; its name need not be the key. errs.NotFound "design.no_file".
func (s *Service) Locate(ctx context.Context, a authz.Actor, id string, k Kind, key string) (File, error) {
	fs, err := s.Files(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if f, ok := defining(fs, k, key); ok {
		return f, nil
	}
	return File{}, errs.New(errs.NotFound, "design.no_file", errs.P{"path": k.Path(key)})
}

// defining finds the file among a change's that defines a key.
func defining(fs []File, k Kind, key string) (File, bool) {
	i := slices.IndexFunc(fs, func(f File) bool {
		if f.Kind != k || f.Removed {
			return false
		}
		is, ok := keyIn(packfile.File{Path: f.Path, Data: f.Content})
		return ok && is == key || !ok && f.Key == key
	})
	if i < 0 {
		return File{}, false
	}
	return fs[i], true
}

// Definition reads what defines a key, as Parse gives it, with its file.
func (s *Service) Definition(ctx context.Context, a authz.Actor, id string, k Kind, key string) (any, File, error) {
	f, err := s.Locate(ctx, a, id, k, key)
	if err != nil {
		return nil, f, err
	}
	v, err := Empty(k)
	if err != nil {
		return nil, f, err
	}
	return v, f, decode(f, v)
}

// Define writes a definition over the revision it was read with, and makes its file when there is none; v is what Parse gave. It gives the new
// revision. The key cannot be changed: errs.Invalid "design.key_fixed". Other errors as WriteAs.
func (s *Service) Define(ctx context.Context, a authz.Actor, id string, k Kind, key string, rev int, v any) (int, error) {
	if keyOf(v) != key {
		return 0, errs.New(errs.Invalid, "design.key_fixed", errs.P{"key": key})
	}
	path := k.Path(key)
	f, err := s.Locate(ctx, a, id, k, key)
	switch {
	case err == nil:
		path = f.Path
	case errs.KindOf(err) != errs.NotFound || errs.Is(err, "design.no_change"):
		return 0, err
	}
	return s.WriteAs(ctx, a, id, path, rev, v)
}

// ProblemsOf gives what Check finds in one file of a change.
func (s *Service) ProblemsOf(ctx context.Context, a authz.Actor, id, path string) ([]packfile.Problem, error) {
	ps, err := s.Check(ctx, a, id)
	return slices.DeleteFunc(ps, func(p packfile.Problem) bool { return p.File != path }), err
}

// MainItem gives the item a change is about as the change has it, with its file; errs.NotFound when it is about none.
func (s *Service) MainItem(ctx context.Context, a authz.Actor, id string) (item.Item, File, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return item.Item{}, File{}, err
	}
	v, f, err := s.Definition(ctx, a, id, ItemFile, c.Item)
	if err != nil {
		return item.Item{}, f, err
	}
	return *v.(*item.Item), f, nil
}

// Add makes a new definition with a first text (see Skeleton) and names it in the change's item. errs.Invalid with fields for a key of a wrong
// shape or one that is taken.
func (s *Service) Add(ctx context.Context, a authz.Actor, id string, k Kind, key, act string) error {
	if _, err := s.edit(ctx, a, id); err != nil {
		return err
	}
	if keyShapes[k] == nil {
		return errs.New(errs.Invalid, "design.bad_kind")
	}
	if !keyShapes[k].MatchString(key) || len(key) > 60 {
		return errs.Fields("design.invalid", []errs.Field{{Path: "key", Key: "design.bad_key_" + string(k)}})
	}
	if _, err := s.Locate(ctx, a, id, k, key); err == nil {
		return errs.Fields("design.invalid", []errs.Field{{Path: "key", Key: "design.key_taken", Params: errs.P{"key": key}}})
	}
	it, f, err := s.MainItem(ctx, a, id)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	named := err == nil
	v, err := s.Skeleton(ctx, it, k, key, act)
	if err != nil {
		return err
	}
	if _, err := s.WriteAs(ctx, a, id, k.Path(key), 0, v); err != nil || !named {
		return err
	}
	if !name(&it, k, key, v) {
		return nil
	}
	_, err = s.WriteAs(ctx, a, id, f.Path, f.Rev, it)
	return err
}

// Export gives the pack as a change leaves it; of a published change, the pack as it is loaded now.
func (s *Service) Export(ctx context.Context, a authz.Actor, id string) (pack.Pack, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return pack.Pack{}, err
	}
	if c.Ended() || c.Act != Publish {
		return s.packs.Content(ctx, c.Pack)
	}
	fs, err := filesOf(ctx, s.db.R(), id)
	if err != nil {
		return pack.Pack{}, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return p, err
	}
	return s.packs.Over(ctx, laid(c, p, fs))
}
