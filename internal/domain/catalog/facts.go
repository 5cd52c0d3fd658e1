package catalog

import (
	"context"
	"time"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// BaseLookup finds a base item of the directory; directory.Service.Base is one.
type BaseLookup func(ctx context.Context, code string) (directory.Base, bool, error)

// RuleFacts are the look-ups the rules of package rule need, as things stand today. Where no directory is kept, rules about it are silent.
func (s *Service) RuleFacts(ctx context.Context) rule.Facts {
	agencies := map[string]org.Agency{}
	for _, a := range s.org.Agencies(ctx) {
		agencies[a.Key] = a
	}
	f := rule.Facts{Today: s.now().In(clock.Shanghai).Format(time.DateOnly)}
	f.Agency = func(key string) (rule.AgencyFacts, bool) {
		a, ok := agencies[key]
		return AgencyFacts(a, f.Today), ok
	}
	f.Code, f.Ended = s.codeFacts(ctx)
	f.Region = func(code string) (known, retired bool) {
		if tree, ok := s.org.(regionTree); ok {
			if r, err := tree.Region(ctx, code); err == nil {
				return true, r.Retired(f.Today)
			}
		}
		return s.org.HasKey(ctx, "region", code), false
	}
	if s.base != nil {
		f.Base = func(code string) (*rule.BaseFacts, bool) {
			b, ok, err := s.base(ctx, code)
			if err != nil || !ok {
				return nil, false
			}
			return BaseFacts(b), true
		}
	}
	return f
}

// useLevels are the levels of exercise by the level of a region.
var useLevels = map[string]string{"province": "2", "city": "3", "county": "4", "town": "5", "village": "6"}

// regionTree is an Org that knows its regions and which of them were retired.
type regionTree interface {
	Region(ctx context.Context, code string) (org.Region, error)
}

// AgencyFacts is what the rules ask of an agency, on a day.
func AgencyFacts(a org.Agency, today string) rule.AgencyFacts {
	return rule.AgencyFacts{
		Code: a.Code, Level: useLevels[a.Level], Nature: a.Nature, Region: a.Region, Review: org.ReviewAuthority(a) != "", Court: a.Court != "", Retired: a.Retired(today),
	}
}

// BaseFacts is what the rules ask of a base item. What contradicts it package directory says.
func BaseFacts(b directory.Base) *rule.BaseFacts {
	f := &rule.BaseFacts{Version: b.Version, State: b.State}
	for _, x := range b.Basis {
		f.Basis = append(f.Basis, x.Law)
	}
	f.Against = func(it *item.Item) []rule.Contradiction {
		var out []rule.Contradiction
		for _, c := range directory.Contradicts(b, it) {
			if own, ok := elementOf[c.Element]; ok {
				c.Element = own
			}
			out = append(out, rule.Contradiction(c))
		}
		return out
	}
	return f
}

// elementOf are places the directory names otherwise than the elements do.
var elementOf = map[string]string{"basis": "bases", "fee": "charged"}

// Judge gives what the rules find in an item, and its score of quality.
func (s *Service) Judge(ctx context.Context, it *item.Item) ([]rule.Finding, int) {
	fs := rule.Check(s.RuleFacts(ctx), it)
	return fs, rule.Score(fs, it)
}
