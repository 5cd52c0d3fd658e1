package catalog

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// settleBatch is how many rows one transaction brings up to date.
const settleBatch = 500

// Settle brings rows up to date that are not as they would be written now: those of an earlier release, and those of a list that named an agency before it
// was known here; and lets items be judged behind it (JudgeOn). It goes on where it broke off and does nothing when there is nothing to do. Package app
// runs it from time to time, so that a new agency gets its items.
func (s *Service) Settle(ctx context.Context) error {
	if err := s.settleAll(ctx); err != nil {
		return err
	}
	s.judgeBehind(ctx)
	return nil
}

// settleAll is Settle without judging; it runs at start.
func (s *Service) settleAll(ctx context.Context) error {
	if err := s.settle(ctx, ""); err != nil {
		return err
	}
	v, err := s.look(ctx)
	if err != nil {
		return err
	}
	for agency := range s.memory.tally.homeless(v.find) {
		if err := s.settle(ctx, agency); err != nil {
			return err
		}
	}
	return nil
}

// settle writes the rows of an agency anew, "" for those of an earlier release.
func (s *Service) settle(ctx context.Context, agency string) error {
	after, began, done := "", s.now(), 0
	for {
		keys, err := keysToSettle(ctx, s.db.R(), agency, after, settleBatch)
		if err != nil || len(keys) == 0 {
			if done > 0 {
				s.log.Info("catalog: rows brought up to date", "rows", done, "agency", agency, "took", s.now().Sub(began).Round(time.Second))
			}
			return err
		}
		find := s.offices(ctx)
		if err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.settleTx(ctx, tx, keys, find) }); err != nil {
			return err
		}
		after, done = keys[len(keys)-1], done+len(keys)
	}
}

func (s *Service) settleTx(ctx context.Context, tx *db.Tx, keys []string, find agencyIndex) error {
	was, err := linesOf(ctx, tx, keys)
	if err != nil {
		return err
	}
	all, err := itemsOf(ctx, tx, keys)
	if err != nil {
		return err
	}
	w := s.writer(tx, find)
	for _, h := range all {
		old := was[h.Key]
		p := publishing{item: h.Item, pack: old.pack, unreviewed: old.unreviewed}
		if err := w.replace(ctx, old, lineOf(p, old.version, old.hash, old.publishedMS, find)); err != nil {
			return err
		}
	}
	return w.finish(ctx)
}
