package search

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// hit is a candidate with the others of its name that are elsewhere.
type hit struct {
	candidate
	head   int64
	others int64
}

// page cuts a page from what was found. Heads without an item that the filter lets through are passed over.
func (s *Service) page(ctx context.Context, f found, q Query, at cursor) (Result, error) {
	r := Result{Loose: !f.full && !f.sound && !f.nearest && len(f.all) > 0, Corrected: f.corrected, Nearest: f.nearest && len(f.all) > 0, Words: strings.Join(loggable(f.q.words()), " "), Intent: f.q.intent}
	near, err := s.levels(ctx, q.Region)
	if err != nil {
		return r, err
	}
	all := f.m.gather(f.all, near)
	hits, more, err := s.verify(ctx, all, q.Filter, mostVerified)
	if err != nil {
		return r, err
	}
	r.Count = strconv.Itoa(len(hits))
	switch {
	case more:
		r.Count += "+"
	case len(f.all) >= mostCandidates || len(hits) >= countCap:
		r.Count = "1,000+"
	}
	if f.nearest { // what is near is no answer: it does not count, and there is no more of it
		r.Count, hits = "0", hits[:min(len(hits), mostNearest)]
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	if at.set && !f.nearest { // only what this page needs is looked at
		if hits, _, err = s.verify(ctx, behind(all, at), q.Filter, limit+1); err != nil {
			return r, err
		}
	} else {
		hits = behind(hits, at)
	}
	for len(hits) > 0 && len(r.Hits) < limit {
		n := min(limit-len(r.Hits), len(hits))
		part := hits[:n]
		hits = hits[n:]
		if err := s.fill(ctx, &r, f, q, part); err != nil {
			return r, err
		}
		if len(hits) > 0 {
			last := part[n-1]
			r.Next = db.Cursor(strconv.FormatFloat(last.score, 'f', -1, 64), strconv.FormatInt(last.head, 10))
		} else {
			r.Next = ""
		}
	}
	return r, nil
}

// fill adds hits with the item of their nearest agency and what they were found by.
func (s *Service) fill(ctx context.Context, r *Result, f found, q Query, part []hit) error {
	heads := make([]int64, len(part))
	for i, h := range part {
		heads[i] = h.head
	}
	keys, err := nearest(ctx, s.db.R(), heads, q.Region, q.Filter)
	if errs.KindOf(err) == errs.Unavailable { // the database is away: any item of the head is better than none
		keys, err = f.m.anyItem(heads), nil
	}
	if err != nil {
		return err
	}
	f.m.mu.RLock()
	defer f.m.mu.RUnlock()
	for _, h := range part {
		if key := keys[h.head]; key != "" {
			x := &f.m.heads[h.slot]
			r.Hits = append(r.Hits, Hit{Key: key, Head: h.head, Name: x.name, Others: int(max(h.others, 0)), Score: h.score, Why: f.why(x, h.slot, q.Text)})
		}
	}
	return nil
}

func (m *memory) anyItem(heads []int64) map[int64]string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make(map[int64]string, len(heads))
	for _, h := range heads {
		if slot, ok := m.slots[h]; ok {
			out[h] = m.heads[slot].key
		}
	}
	return out
}

// gather lets a name that only authorities elsewhere offer stand once: behind the best head of that name, as others.
func (m *memory) gather(all []candidate, near []uint8) []hit {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]hit, 0, len(all))
	first := make(map[string]int, len(all))
	for _, c := range all {
		h := &m.heads[c.slot]
		if i, ok := first[h.name]; ok && near != nil && levelAt(near, c.slot) < ownProvince {
			out[i].others += h.n
			continue
		} else if !ok {
			first[h.name] = len(out)
		}
		out = append(out, hit{c, h.head, h.n - 1})
	}
	return out
}

// mostVerified is how many hits with a filter are counted: whoever has that many narrows the question, and each is a look into the database.
const mostVerified = 200

// verifyStep is how many heads are asked for at once.
const verifyStep = 100

// verify leaves the heads that bear an item the filter lets through, the first so many; more tells that there may be others. What is known in memory has
// ruled most others out before.
func (s *Service) verify(ctx context.Context, hits []hit, f Filter, most int) (out []hit, more bool, err error) {
	if f.State == "1" {
		f.State = ""
	}
	if f == (Filter{}) {
		return hits, false, nil
	}
	for len(hits) > 0 && len(out) < most {
		part := hits[:min(verifyStep, len(hits))]
		heads := make([]int64, len(part))
		for i, h := range part {
			heads[i] = h.head
		}
		ok, err := bearing(ctx, s.db.R(), heads, f)
		if errs.KindOf(err) == errs.Unavailable {
			return append(out, hits...), false, nil
		}
		if err != nil {
			return nil, false, err
		}
		for _, h := range part {
			if ok[h.head] {
				out = append(out, h)
			}
		}
		hits = hits[len(part):]
	}
	if len(out) > most {
		return out[:most], true, nil
	}
	return out, len(hits) > 0, nil
}

// behind gives the hits after a cursor. If its head moved meanwhile, its score tells.
func behind(hits []hit, at cursor) []hit {
	if !at.set {
		return hits
	}
	if i := slices.IndexFunc(hits, func(h hit) bool { return h.head == at.head }); i >= 0 {
		return hits[i+1:]
	}
	i := slices.IndexFunc(hits, func(h hit) bool { return h.score < at.score || h.score == at.score && h.head > at.head })
	if i < 0 {
		return nil
	}
	return hits[i:]
}

// findCode answers a question that is a code or the key of an item. ok is false when it is none.
func (s *Service) findCode(ctx context.Context, text string, q Query) (Result, bool, error) {
	text = strings.TrimSpace(text)
	if len(text) < 6 || len(text) > 80 || strings.IndexFunc(text, notCode) >= 0 || strings.IndexFunc(text, unicode.IsDigit) < 0 && !strings.Contains(text, "-") {
		return Result{}, false, nil
	}
	all, err := byCode(ctx, s.db.R(), text, q.Filter, maxLimit)
	if err != nil || len(all) == 0 {
		return Result{}, false, err
	}
	r := Result{Count: strconv.Itoa(len(all))}
	m := s.mem()
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, c := range all {
		h := Hit{Key: c.key, Head: c.head, Why: []Why{{Field: FieldCode, Word: c.code}}}
		if slot, ok := m.slots[c.head]; ok {
			h.Name = m.heads[slot].name
		}
		r.Hits = append(r.Hits, h)
	}
	return r, true, nil
}

func notCode(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' && r != ':'
}
