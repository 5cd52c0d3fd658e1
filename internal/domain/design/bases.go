package design

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/domain/directory"
)

// BaseItems lists the base items in use that an agency in the actor's reach exercises at its level and whose name, code or department holds all words of
// text, by name. Without a base directory there are none.
func (s *Service) BaseItems(ctx context.Context, a authz.Actor, text string) ([]directory.Base, error) {
	if err := mayEdit(a); err != nil || s.bases == nil {
		return nil, err
	}
	levels := s.levels(ctx, a)
	all, _, _, err := s.bases.Bases(ctx, directory.Query{Text: strings.TrimSpace(text), State: directory.InUse})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(b directory.Base) bool {
		return len(b.UseLevels) > 0 && !slices.ContainsFunc(b.UseLevels, func(l string) bool { return levels[l] })
	})
	slices.SortStableFunc(all, func(x, y directory.Base) int { return strings.Compare(x.Name, y.Name) })
	return all, nil
}

// levels are those (code list use_level) at which agencies in the actor's reach exercise items.
func (s *Service) levels(ctx context.Context, a authz.Actor) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	for _, g := range s.org.Agencies(ctx) {
		if seen[g.Region] || !s.Reaches(ctx, a, g.Key) {
			continue
		}
		seen[g.Region] = true
		if r, err := s.org.Region(ctx, g.Region); err == nil {
			out[directory.LevelOf(r.Level)] = true
		}
	}
	return out
}
