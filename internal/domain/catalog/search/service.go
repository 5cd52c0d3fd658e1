package search

import (
	"log/slog"
	"sync/atomic"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/engine/lex"
)

// Deps is what the search needs.
type Deps struct {
	DB  *db.DB
	Now func() time.Time
	Log *slog.Logger
}

// Service finds items and keeps the index. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	now    func() time.Time
	log    *slog.Logger
	words  *lex.Lexicon                // without added synonyms: what the index is made with
	asking atomic.Pointer[lex.Lexicon] // with the synonyms of the database: what questions are read with
	right  atomic.Pointer[corrector]   // puts typing errors right; made anew when there are many new heads
	making atomic.Bool                 // a corrector is being made
	held   atomic.Pointer[memory]
	follow follower
	near   places
	asked  notes
}

// New makes the service; nothing is read from the database before the first question.
func New(d Deps) (*Service, error) {
	words, err := lex.New(nil)
	if err != nil {
		return nil, err
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{db: d.DB, now: d.Now, log: d.Log, words: words}
	s.held.Store(newMemory())
	s.asking.Store(words)
	s.follow.synonyms = -1
	s.asked.init()
	return s, nil
}

func (s *Service) mem() *memory { return s.held.Load() }

// Now is the service's clock.
func (s *Service) Now() time.Time { return s.now() }
