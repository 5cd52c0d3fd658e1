package catalog

import (
	"cmp"
	"context"
	"slices"

	"tongban/internal/domain/catalog/rule"
)

// Judged is an item with what the rules find in it.
type Judged struct {
	Item     Item
	Findings []rule.Finding
	Score    int
}

// Quality judges the items a query finds, the worst first, and sums them up. At most most items are judged, as many pages of the search as that takes;
// whole is false when there are more. Quality is computed when it is looked at, so that it is never behind the items.
func (s *Service) Quality(ctx context.Context, q Query, most int) (all []Judged, sum rule.Tally, whole bool, err error) {
	facts := s.RuleFacts(ctx)
	q.Limit, q.After = min(maxLimit, most), ""
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return nil, rule.Tally{}, false, err
		}
		for i := range page.Items {
			it := &page.Items[i]
			fs := rule.Check(facts, it)
			all = append(all, Judged{Item: *it, Findings: fs, Score: rule.Score(fs, it)})
			sum = sum.Add(fs, it)
		}
		if page.Next == "" || len(all) >= most {
			whole = page.Next == ""
			break
		}
		q.After = page.Next
	}
	slices.SortStableFunc(all, func(a, b Judged) int {
		return cmp.Or(a.Score-b.Score, cmp.Compare(a.Item.Name, b.Item.Name), cmp.Compare(a.Item.Key, b.Item.Key))
	})
	return all, sum, whole, nil
}
