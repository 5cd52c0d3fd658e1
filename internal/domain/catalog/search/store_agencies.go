package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tongban/internal/base/db"
)

// An agency is meant when a question holds its name, its short name, or the end of its name (水务局 of 锦江区水务局), in runes.
const (
	leastAgencyName, mostAgencyName = 3, 24
	mostAgencyEnd                   = 7
	mostAgencies                    = 40 // how many agencies a name may mean; the nearest ones count
)

// agencyEnds are the last characters that ends of names are filed for: what ends otherwise is too often no agency.
const agencyEnds = "局委厅部院署所府队关"

// addAgency files an agency under all it is called by. Callers hold m.mu.
func (m *memory) addAgency(a *agency) {
	file := func(name string) {
		if !slices.Contains(m.called[name], a.key) {
			m.called[name] = append(m.called[name], a.key)
		}
	}
	for _, name := range []string{compact(a.folded), compact(a.foldedShort)} {
		rs := []rune(name)
		if len(rs) < leastAgencyName {
			continue
		}
		file(name)
		if !strings.ContainsRune(agencyEnds, rs[len(rs)-1]) {
			continue
		}
		for n := leastAgencyName; n <= min(mostAgencyEnd, len(rs)-1); n++ {
			file(string(rs[len(rs)-n:]))
		}
	}
}

// agencyIn finds the longest name of agencies in a question and gives it with their keys, nearest first, and the question without it.
func (m *memory) agencyIn(text, stem string) (name string, keys []string, rest string) {
	rs := []rune(compact(text))
	if len(rs) > 60 {
		return "", nil, text
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for n := min(len(rs), mostAgencyName); n >= leastAgencyName; n-- {
		for i := 0; i+n <= len(rs); i++ {
			if name = string(rs[i : i+n]); len(m.called[name]) > 0 {
				return name, m.nearestAgencies(m.called[name], stem), string(rs[:i]) + " " + string(rs[i+n:])
			}
		}
	}
	return "", nil, text
}

func (m *memory) nearestAgencies(keys []string, stem string) []string {
	level := func(key string) uint8 {
		if len(stem) < 4 {
			return elsewhere
		}
		return nearness(m.offic[key].region, stem)
	}
	if len(keys) > mostAgencies {
		keys = slices.Clone(keys)
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(level(b), level(a)), strings.Compare(a, b)) })
		keys = keys[:mostAgencies]
	}
	return keys
}

// offering gives the slots of heads that agencies offer, in order.
func (s *Service) offering(ctx context.Context, m *memory, keys []string) ([]int32, error) {
	levels, err := s.near.get("of "+strings.Join(keys, " "), s.now(), func() ([]uint8, error) {
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT DISTINCT i.head, '' FROM catalog_item i WHERE i.agency IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
		if err != nil {
			return nil, err
		}
		return m.place(rows, func(placed) uint8 { return 1 }), nil
	})
	var out []int32
	for slot, level := range levels {
		if level > 0 {
			out = append(out, int32(slot)) //nolint:gosec // slots count up from 0
		}
	}
	return out, err
}

// ask understands a question. A name of an agency in it becomes a term that the heads of that agency meet.
func (s *Service) ask(ctx context.Context, m *memory, text, region string) (question, error) {
	l := s.asking.Load()
	name, keys, rest := m.agencyIn(fold(text), Stem(region))
	if name == "" {
		return understand(l, text), nil
	}
	q := understand(l, rest)
	slots, err := s.offering(ctx, m, keys)
	if err != nil || len(slots) == 0 {
		return understand(l, text), err
	}
	if fold(rest) == "" {
		q = question{}
	}
	q.text = fold(text)
	q.must = append([]wanted{{text: name, weight: 1, heads: slots}}, q.must[:min(len(q.must), maxTerms-1)]...)
	return q, nil
}
