package search

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// few is how many hits by names make it needless to look into the bodies of items.
const few = 10

// mostNearest is how many names are offered to a question that nothing answers.
const mostNearest = 5

// mostBodies is how many heads the text index is asked for.
const mostBodies = 400

// Find answers a question: all of its words, else words put right, else most of them, else the nearest names. A cursor that is none is errs.BadRequest.
func (s *Service) Find(ctx context.Context, q Query) (Result, error) {
	at, err := parseCursor(q.After)
	if err != nil {
		return Result{}, err
	}
	text := string(firstRunes(strings.ToValidUTF8(q.Text, " "), maxText))
	if fold(text) == "" {
		return Result{Count: "0"}, nil
	}
	if err := s.fresh(ctx); err != nil {
		return Result{}, err
	}
	if r, ok, err := s.findCode(ctx, text, q); ok || err != nil {
		return r, err
	}
	f, err := s.search(ctx, text, q)
	if err != nil {
		return Result{}, err
	}
	return s.page(ctx, f, q, at)
}

func firstRunes(s string, n int) []rune {
	rs := []rune(s)
	return rs[:min(len(rs), n)]
}

// found is what a question found, before a page is cut from it.
type found struct {
	m         *memory
	q         question
	all       []candidate
	full      bool // something meets all terms
	corrected string
	nearest   bool
	sound     bool
	bodies    []int32 // slots that the text index found, in order
}

// search tries one reading of the question after the other.
func (s *Service) search(ctx context.Context, text string, q Query) (found, error) {
	near, err := s.levels(ctx, q.Region)
	if err != nil {
		return found{}, err
	}
	in, err := s.within(ctx, q.Filter)
	if err != nil {
		return found{}, err
	}
	m := s.mem()
	keep := m.keep(q.Filter, in)
	f := found{m: m}
	if f.q, err = s.ask(ctx, m, text, q.Region); err != nil {
		return f, err
	}
	if err := s.match(ctx, &f, q, near, keep); err != nil || f.full {
		return f, err
	}
	if hits := s.soundHits(m, text, q, near, keep); len(hits) > 0 {
		f.all, f.sound = hits, true
		return f, nil
	}
	if right, ok := s.correct(text); ok && right != text {
		g := found{m: m, corrected: right}
		if g.q, err = s.ask(ctx, m, right, q.Region); err != nil {
			return g, err
		}
		if err := s.match(ctx, &g, q, near, keep); err != nil || g.full {
			return g, err
		}
	}
	if len(f.all) == 0 || f.nearest && len(f.q.should) == 0 {
		f.all, f.nearest = s.nearestNames(m, cmp.Or(f.q.core, f.q.text), q, near, keep), true
	}
	return f, nil
}

// match gives the heads that meet the terms of a question, or most of them.
func (s *Service) match(ctx context.Context, f *found, q Query, near []uint8, keep func(int32) bool) error {
	if len(f.q.must)+len(f.q.should) == 0 {
		return nil
	}
	m := f.m
	m.mu.RLock()
	b := newBoard(len(m.heads))
	b.score(m, f.q)
	enough := b.fully(len(f.q.must), few, keep)
	m.mu.RUnlock()
	defer b.free()
	if !enough {
		var err error
		if f.bodies, err = s.bodyHits(ctx, f); err != nil {
			return err
		}
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	b.body(m, f.bodies, f.q.must)
	r := s.ranking(m, f.q, q.Region, q.Audience, near)
	f.all = b.pick(keep, r.rough)
	r.finish(f.all, b.need)
	f.full, f.nearest = slices.ContainsFunc(f.all, r.full), b.vague && len(f.all) > 0
	return nil
}

// bodyHits asks the text index of the database. When it is away, the names alone answer.
func (s *Service) bodyHits(ctx context.Context, f *found) ([]int32, error) {
	all := clauses(f.q.must)
	if len(all) == 0 {
		return nil, nil
	}
	heads, err := matchText(ctx, s.db, all, mostBodies)
	if errs.KindOf(err) == errs.Unavailable {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return f.m.slotsOf(heads), nil
}

func (m *memory) slotsOf(heads []int64) []int32 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]int32, 0, len(heads))
	for _, h := range heads {
		if slot, ok := m.slots[h]; ok {
			out = append(out, slot)
		}
	}
	slices.Sort(out)
	return out
}

// keep rules heads out by what is known of them in memory. It never rules out one that has an item the filter lets through.
func (m *memory) keep(f Filter, in []uint8) func(slot int32) bool {
	column, theme := f.theme()
	types, audience := typeBit(f.Type), audienceBits(f.Audience)
	online, bit := onlineBit(f.Online), int64(0)
	if stem := Stem(f.Region); len(stem) >= 2 {
		bit = province(stem)
	}
	if f.State == "1" {
		f.State = ""
	}
	if in == nil && f == (Filter{}) {
		return func(slot int32) bool { return m.quick[slot].live }
	}
	halted := f.State != "" // heads whose items are all suspended are in no count
	return func(slot int32) bool {
		h := &m.heads[slot]
		if in != nil && levelAt(in, slot) == 0 {
			return false
		}
		if halted {
			return true
		}
		switch {
		case h.n <= 0,
			bit != 0 && h.provinces&bit == 0,
			f.Type != "" && h.types&types == 0,
			f.Online != "" && h.online&online == 0,
			f.Audience != "" && h.audience&audience == 0,
			f.Theme != "" && column == "themes_person" && h.person&theme == 0,
			f.Theme != "" && column == "themes_firm" && h.firm&theme == 0:
			return false
		}
		return true
	}
}

// soundHits are heads whose names sound like what was typed in Latin letters.
func (s *Service) soundHits(m *memory, text string, q Query, near []uint8, keep func(int32) bool) []candidate {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []candidate
	for _, h := range s.bySound(text, q.Region, near, maxLimit) {
		if keep(h.slot) {
			out = append(out, candidate{slot: h.slot, score: round(h.score)})
		}
	}
	m.order(out)
	return out
}

// nearestNames are what has most pairs of characters in common with the words of a question of which none is known.
func (s *Service) nearestNames(m *memory, text string, q Query, near []uint8, keep func(int32) bool) []candidate {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var pairs []wanted
	rs := []rune(compact(text))
	for i := 0; i+1 < len(rs) && len(pairs) < maxTerms; i++ {
		t := string(rs[i : i+2])
		pairs = append(pairs, wanted{text: t, weight: 1, ways: []way{{tokens: []string{t}, weight: 1, word: t}}})
	}
	if len(pairs) == 0 {
		return nil
	}
	b := newBoard(len(m.heads))
	defer b.free()
	asked := question{text: text, core: text, must: pairs}
	b.score(m, asked)
	r := s.ranking(m, asked, q.Region, q.Audience, near)
	out := b.pick(keep, r.rough)
	r.finish(out, b.need)
	return out
}

// cursor is where a page begins: behind a head with a score.
type cursor struct {
	set   bool
	score float64
	head  int64
}

func parseCursor(text string) (cursor, error) {
	keys, err := db.ParseCursor(text, 2)
	if err != nil || keys == nil {
		return cursor{}, err
	}
	score, err1 := strconv.ParseFloat(keys[0], 64)
	id, err2 := strconv.ParseInt(keys[1], 10, 64)
	if err1 != nil || err2 != nil {
		return cursor{}, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": text})
	}
	return cursor{true, score, id}, nil
}
