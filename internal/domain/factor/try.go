package factor

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// The first tries are free; then each wrong one doubles the wait. Only somebody who got past another factor or holds the session can try, so
// the wait cannot be used to lock a stranger out. The rows are in the database: every node counts the same.
const (
	triesFree   = 5
	firstWait   = 30 * time.Second
	longestWait = 15 * time.Minute
	triesForgot = 24 * time.Hour
)

// take counts a try before it is judged, so that tries made at once are counted too. A right answer forgets them.
func (s *Service) take(ctx context.Context, owner, kind string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		failed, wait, err := tries(ctx, tx, owner, kind)
		if err != nil {
			return err
		}
		if left := wait.Sub(now); failed > 0 && left > 0 {
			return errs.New(errs.TooMany, "factor.too_many", errs.P{"seconds": int(left.Seconds()) + 1})
		}
		if failed > 0 && now.Sub(wait) > triesForgot {
			failed = 0
		}
		return putTries(ctx, tx, owner, kind, failed+1, now.Add(waitAfter(failed+1)))
	})
}

// waitAfter is the pause after so many wrong tries.
func waitAfter(failed int64) time.Duration {
	if failed < triesFree {
		return 0
	}
	wait := firstWait
	for range failed - triesFree {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}
