package search

import (
	"context"
	"strings"
	"unicode"

	"tongban/internal/engine/lex"
)

const maxTyped = 40 // runes of what is typed that are read

// Suggest completes what a person types: characters, full pinyin, initials, or a mixture. Names the person's own authorities offer come first. n is at
// most 20.
func (s *Service) Suggest(ctx context.Context, text, region string, n int) ([]Suggestion, error) {
	typed := typedText(text)
	if rs := []rune(typed); len(rs) > maxTyped {
		typed = string(rs[:maxTyped])
	}
	n = min(max(n, 1), 20)
	if typed == "" {
		return nil, nil
	}
	if err := s.fresh(ctx); err != nil {
		return nil, err
	}
	near, err := s.levels(ctx, region)
	if err != nil {
		return nil, err
	}
	out := s.complete(typed, region, near, n)
	heads := make([]int64, len(out))
	for i, o := range out {
		heads[i] = o.Head
	}
	keys, err := nearest(ctx, s.db.R(), heads, region, Filter{})
	if err != nil {
		return nil, err
	}
	kept := out[:0]
	for _, o := range out {
		if o.Key = keys[o.Head]; o.Key != "" {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

func (s *Service) complete(typed, region string, near []uint8, n int) []Suggestion {
	m := s.mem()
	m.mu.RLock()
	defer m.mu.RUnlock()
	hits := m.sounds.find(s.words, typed, 2*n, m.worth(region, near))
	var out []Suggestion
	seen := map[string]bool{}
	for _, h := range hits {
		x := &m.heads[h.slot]
		if !seen[x.name] && len(out) < n {
			seen[x.name] = true
			out = append(out, Suggestion{Text: x.name, Head: x.head})
		}
	}
	return out
}

// worth is what a head is worth before anything is asked: near, handled on line, offered by many. False for heads nobody bears.
func (m *memory) worth(region string, near []uint8) func(slot int32) (float64, bool) {
	r := ranking{m: m, near: near, province: province(region)}
	return func(slot int32) (float64, bool) { return r.static(slot), m.quick[slot].live }
}

// closeness is what nearness is worth.
var closeness = [...]float64{elsewhere: 0, sameProvince: 0.5, ownProvince: 1, ownCity: 1.2, ownCounty: 1.5}

// bySound finds heads whose names sound like a question that is typed in Latin letters; nil for any other question.
func (s *Service) bySound(text, region string, near []uint8, n int) []typedHit {
	typed := typedText(text)
	if len(typed) < 2 || len(typed) > maxTyped || strings.IndexFunc(typed, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) }) >= 0 {
		return nil
	}
	return s.mem().sounds.find(s.words, lex.Fold(typed), n, s.mem().worth(region, near))
}
