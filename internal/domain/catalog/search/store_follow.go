package search

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/lex"
)

// checkEvery is how long a node answers before the change number is looked at again: one row by primary key.
const checkEvery = 50 * time.Millisecond

// follower keeps the memory of a node as the database is.
type follower struct {
	mu       sync.Mutex
	seq      atomic.Int64
	loaded   atomic.Bool
	next     atomic.Int64 // Unix ms before which nobody looks
	synonyms int64        // seq of the newest synonym that was read
}

// Ready reads the heads, so that the first question is answered at once.
func (s *Service) Ready(ctx context.Context) error { return s.fresh(ctx) }

// fresh brings the memory up to date. When the database is away the last state serves on.
func (s *Service) fresh(ctx context.Context) error {
	f, now := &s.follow, s.now().UnixMilli()
	loaded := f.loaded.Load()
	// A clock that stands still, as in tests, looks every time.
	if next := f.next.Load(); loaded && now < next && now > next-10_000 && now != next-checkEvery.Milliseconds() {
		return nil
	}
	if !loaded {
		f.mu.Lock()
	} else if !f.mu.TryLock() {
		return nil // somebody is looking already
	}
	defer f.mu.Unlock()
	began := s.now()
	err := s.catchUp(ctx)
	if err != nil && (!loaded || errs.KindOf(err) != errs.Unavailable) {
		return err
	}
	if err != nil {
		s.log.Warn("search: the database is away, the last state serves on", "err", err)
	}
	// While a list of millions is imported, reading along must not take more than a part of the time.
	pause := min(max(checkEvery, 4*s.now().Sub(began)), 500*time.Millisecond)
	f.next.Store(now + pause.Milliseconds())
	return nil
}

func (s *Service) catchUp(ctx context.Context) error {
	f := &s.follow
	var seq int64
	if err := s.db.R().QueryRowContext(ctx, `SELECT seq FROM catalog_change WHERE id = 1`).Scan(&seq); err != nil {
		return db.Classify(err)
	}
	have := f.seq.Load()
	if f.loaded.Load() && have == seq {
		return nil
	}
	if !f.loaded.Load() || seq < have { // an older state of the database was put back: nothing that was read still counts
		s.held.Store(newMemory())
		s.near.clear()
		have, f.synonyms = -1, -1
	}
	if err := s.read(ctx, have); err != nil {
		return err
	}
	if err := s.readSynonyms(ctx); err != nil {
		return err
	}
	s.near.forget()
	f.seq.Store(seq)
	f.loaded.Store(true)
	return nil
}

// headRow is a row of catalog_head.
type headRow struct {
	id                   int64
	name, aliases, words string
}

// read takes in what changed after a number. Rows that become visible while it reads carry a higher number than the one that was looked at, and are
// read again by the next call.
func (s *Service) read(ctx context.Context, have int64) error {
	heads, err := db.All(ctx, s.db.R(), func(r *db.Rows) (headRow, error) {
		var h headRow
		err := r.Scan(&h.id, &h.name, &h.aliases, &h.words)
		return h, err
	}, `SELECT id, name, aliases, words FROM catalog_head WHERE seq > $1 ORDER BY seq, id`, have)
	if err != nil {
		return err
	}
	uses, err := db.All(ctx, s.db.R(), scanUse, `SELECT `+useColumns+` FROM catalog_head_use WHERE seq > $1`, have)
	if err != nil {
		return err
	}
	offices, err := db.All(ctx, s.db.R(), func(r *db.Rows) (*agency, error) {
		a := &agency{}
		err := r.Scan(&a.key, &a.name, &a.short, &a.region)
		a.folded, a.foldedShort = fold(a.name), fold(a.short)
		return a, err
	}, `SELECT key, name, short, region FROM catalog_agency_name WHERE seq > $1`, have)
	if err != nil {
		return err
	}
	if !s.mem().take(s.words, heads, uses, offices) {
		f := &s.follow
		f.loaded.Store(false) // the words were made again with another dictionary: everything is read anew, by this very call
		return s.catchUp(ctx)
	}
	return nil
}

// take brings rows into the memory, some at a time, so that questions wait for moments only. It gives false when a head has other words now.
func (m *memory) take(l *lex.Lexicon, heads []headRow, uses []use, offices []*agency) bool {
	const step = 500
	for len(heads) > 0 {
		n := min(step, len(heads))
		same := true
		m.mu.Lock()
		for _, h := range heads[:n] {
			same = m.addHead(l, h) && same
		}
		m.mu.Unlock()
		if !same {
			return false
		}
		heads = heads[n:]
	}
	for len(uses) > 0 {
		n := min(8*step, len(uses))
		m.mu.Lock()
		for _, u := range uses[:n] {
			m.setUse(u)
		}
		m.mu.Unlock()
		uses = uses[n:]
	}
	if len(offices) == 0 {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := make(map[string]*agency, len(m.offic)+len(offices))
	for k, a := range m.offic {
		next[k] = a
	}
	for _, a := range offices {
		next[a.key] = a
		m.addAgency(a)
	}
	m.offic = next
	return true
}

// readSynonyms makes the lexicon of questions anew when an everyday word was added or taken away.
func (s *Service) readSynonyms(ctx context.Context) error {
	var newest int64
	if err := s.db.R().QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM catalog_synonym`).Scan(&newest); err != nil {
		return db.Classify(err)
	}
	if newest == s.follow.synonyms {
		return nil
	}
	all, err := synonyms(ctx, s.db.R(), true)
	if err != nil {
		return err
	}
	extra := make([]lex.Synonym, 0, len(all))
	for _, y := range all {
		if strings.TrimSpace(y.Said) != "" && len(y.Terms) > 0 {
			extra = append(extra, lex.Synonym{Said: y.Said, Terms: y.Terms, Weight: float64(y.Weight) / 100})
		}
	}
	l, err := lex.New(extra)
	if err != nil {
		return err
	}
	s.asking.Store(l)
	s.follow.synonyms = newest
	return nil
}
