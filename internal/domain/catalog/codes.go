package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
)

// CodeTables is what the catalogue asks of the dictionaries; directory.Service is one.
type CodeTables interface {
	Systems(ctx context.Context) ([]directory.System, error)
	Mappings(ctx context.Context, system, list string) ([]directory.Mapping, error)
	Newest(ctx context.Context) (map[string]map[string]directory.Code, error)
}

// Systems are the systems lists may be from or for, by key, the national tables first.
func (s *Service) Systems(ctx context.Context) ([]string, error) {
	keys := map[string]bool{directory.SystemNational: true}
	if s.codes == nil {
		for _, m := range directory.Shipped() {
			keys[m.System] = true
		}
	} else {
		all, err := s.codes.Systems(ctx)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			keys[x.Key] = true
		}
	}
	delete(keys, directory.SystemNational)
	return append([]string{directory.SystemNational}, slices.Sorted(maps.Keys(keys))...), nil
}

// system gives the system a list is from: the national one where nobody says. errs.Invalid if there is no table for it.
func (s *Service) system(ctx context.Context, key string) (string, error) {
	if key == "" {
		return directory.SystemNational, nil
	}
	all, err := s.Systems(ctx)
	if err == nil && !slices.Contains(all, key) {
		err = errs.New(errs.Invalid, "list.system_unknown", errs.P{"system": key, "systems": strings.Join(all, "、")})
	}
	return key, err
}

// codesOf makes the codes of a system, once for a list.
func (s *Service) codesOf(ctx context.Context, key string) (*list.Codes, error) {
	key, err := s.system(ctx, key)
	if err != nil {
		return nil, err
	}
	own, err := s.pairs(ctx, key)
	if err != nil {
		return nil, err
	}
	var national []list.Pair
	if key != directory.SystemNational {
		if national, err = s.pairs(ctx, directory.SystemNational); err != nil {
			return nil, err
		}
	}
	c := list.NewCodes(key, own, national)
	c.Swaps = directory.SwapsMaterialColumns(key)
	if s.codes == nil {
		return c, nil
	}
	newest, err := s.codes.Newest(ctx)
	for of, codes := range newest {
		for code, x := range codes {
			if !slices.Contains(item.Lists[of], code) {
				c.Local(of, code, x.Name, x.NameEn)
			}
		}
	}
	return c, err
}

func (s *Service) pairs(ctx context.Context, system string) ([]list.Pair, error) {
	rows := directory.Shipped()
	if s.codes != nil {
		var err error
		if rows, err = s.codes.Mappings(ctx, system, ""); err != nil {
			return nil, err
		}
	}
	var out []list.Pair
	for _, m := range rows {
		if m.System == system {
			out = append(out, list.Pair{List: m.List, There: m.There, Here: m.Here, Takes: m.Takes, Gives: m.Gives})
		}
	}
	return out, nil
}

// codeFacts tells the rules how codes stand today in the dictionaries; nil where none are kept, where they cannot be read, or where none has ended.
func (s *Service) codeFacts(ctx context.Context) (known func(list, code string) bool, ended func(list, code string) string) {
	if s.codes == nil {
		return nil, nil
	}
	newest, err := s.codes.Newest(ctx)
	if err != nil {
		s.log.Error("catalog: cannot read the dictionaries", "err", err)
		return nil, nil
	}
	today := s.Today()
	last := map[[2]string]string{}
	for of, codes := range newest {
		for code, c := range codes {
			if c.To != "" && c.To < today {
				last[[2]string{of, code}] = c.To
			}
		}
	}
	if len(last) > 0 {
		ended = func(list, code string) string { return last[[2]string{list, code}] }
	}
	return func(list, code string) bool { _, ok := newest[list][code]; return ok }, ended
}
