package catalog

import (
	"context"
	"strings"
	"time"

	"tongban/internal/domain/catalog/rule"
)

// Judged is an item with its score and how many findings it has.
type Judged struct {
	Item     Item
	Score    int
	Findings int
}

// QualityQuery asks for the quality of the items of an agency, "" for all; Rule leaves only those that break it.
type QualityQuery struct {
	Agency, Rule string
	Limit        int
	After        string // Next of the page before
}

// QualityPage is a page of the worst items, with the sums of all.
type QualityPage struct {
	Items   []Judged // the worst first
	Next    string
	Sum     rule.Tally
	Waiting int // items that changed and are not judged yet
}

const (
	judgedAtOnce = 1500                   // items judged while somebody waits
	judgeWhile   = 400 * time.Millisecond // for at most so long
	mostWaiting  = 1_000_000
)

// Quality gives the worst items along an index and the sums as they are kept. A few items that changed are judged first; when there are many they are
// judged behind the page, which says how many are left.
func (s *Service) Quality(ctx context.Context, q QualityQuery) (QualityPage, error) {
	short, cancel := context.WithTimeout(ctx, judgeWhile)
	left, err := s.JudgeOn(short, judgedAtOnce)
	cancel()
	if err != nil && ctx.Err() != nil {
		return QualityPage{}, err
	}
	if left || err != nil { // what cannot be written now is written later: the page shows what is known
		s.judgeBehind(ctx)
	}
	p := QualityPage{}
	if p.Waiting, err = waiting(ctx, s.db.R()); err != nil {
		return p, err
	}
	agency := q.Agency
	if agency == "" {
		agency = allAgencies
	}
	if p.Sum, err = tallyOf(ctx, s.db.R(), agency); err != nil {
		return p, err
	}
	if q.Rule != "" && p.Sum.ByRule[q.Rule] == 0 {
		return p, nil
	}
	return p, s.worst(ctx, q, &p)
}

// judgeBehind goes on judging until all is done; one at a time.
func (s *Service) judgeBehind(ctx context.Context) {
	if !s.judging.TryLock() {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer s.judging.Unlock()
		if _, err := s.JudgeOn(ctx, 0); err != nil {
			s.log.Warn("catalog: items are not judged", "err", err)
		}
	}()
}

// summed is one number of a sum.
type summed struct {
	agency, what string
	n            int
}

func (c summed) into(t *rule.Tally) {
	switch c.what {
	case "items":
		t.Items = c.n
	case "points":
		t.Points = c.n
	case "clean":
		t.Clean = c.n
	}
	if l, ok := strings.CutPrefix(c.what, "level:"); ok {
		t.ByLevel[rule.Level(l)] = c.n
	}
	if r, ok := strings.CutPrefix(c.what, "rule:"); ok {
		t.ByRule[r] = c.n
	}
}

func emptyTally() rule.Tally {
	return rule.Tally{ByRule: map[string]int{}, ByLevel: map[rule.Level]int{}}
}
