package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// take counts one use; wait is 0, or how long to wait because the limit is reached (then nothing is counted). The one statement is atomic on
// every isolation level, so uses at the same moment cannot pass together. Without a gap the order of clocks does not matter: requests wait for their
// turn with an older now, and nodes differ.
func take(ctx context.Context, tx *db.Tx, now time.Time, key string, l limit) (wait time.Duration, err error) {
	ms := now.UnixMilli()
	r, err := tx.ExecContext(ctx, `INSERT INTO identity_limit (key, start_ms, n, last_ms) VALUES ($1, $2, 1, $2)
		ON CONFLICT (key) DO UPDATE SET last_ms = CASE WHEN identity_limit.last_ms > $2 THEN identity_limit.last_ms ELSE $2 END,
			n = CASE WHEN identity_limit.start_ms <= $3 THEN 1 ELSE identity_limit.n + 1 END,
			start_ms = CASE WHEN identity_limit.start_ms <= $3 THEN $2 ELSE identity_limit.start_ms END
		WHERE (identity_limit.start_ms <= $3 OR identity_limit.n < $4) AND ($6 = 0 OR identity_limit.last_ms <= $5)`,
		key, ms, now.Add(-l.window).UnixMilli(), l.n, now.Add(-l.gap).UnixMilli(), l.gap.Milliseconds())
	if err != nil {
		return 0, err
	}
	if changed, err := r.RowsAffected(); err != nil || changed == 1 {
		return 0, err
	}
	var start, n, last int64
	if err := tx.QueryRowContext(ctx, `SELECT start_ms, n, last_ms FROM identity_limit WHERE key = $1`, key).Scan(&start, &n, &last); err != nil {
		return 0, err
	}
	wait = time.UnixMilli(last).Add(l.gap).Sub(now)
	if n >= int64(l.n) {
		wait = max(wait, time.UnixMilli(start).Add(l.window).Sub(now))
	}
	return max(wait, time.Second), nil
}

// try counts one try under a growing delay; wait is 0, or how long to wait (then nothing is counted). It belongs into a transaction at READ
// COMMITTED: the row stays locked from the first statement to the commit, so tries at the same moment queue up and see the delay.
func try(ctx context.Context, tx *db.Tx, now time.Time, key string, b backoff) (wait time.Duration, err error) {
	ms := now.UnixMilli()
	counted, err := db.All(ctx, tx, func(r *db.Rows) (int, error) {
		var n int
		err := r.Scan(&n)
		return n, err
	}, `INSERT INTO identity_limit (key, start_ms, n, last_ms, until_ms) VALUES ($1, $2, 1, $2, 0)
		ON CONFLICT (key) DO UPDATE SET last_ms = $2, n = CASE WHEN identity_limit.last_ms <= $3 THEN 1 ELSE identity_limit.n + 1 END
		WHERE identity_limit.until_ms <= $2 RETURNING n`, key, ms, now.Add(-b.quiet).UnixMilli())
	if err != nil {
		return 0, err
	}
	if len(counted) == 0 {
		var until int64
		err := tx.QueryRowContext(ctx, `SELECT until_ms FROM identity_limit WHERE key = $1`, key).Scan(&until)
		return max(time.UnixMilli(until).Sub(now), time.Second), err
	}
	if next := b.wait(counted[0]); next > 0 {
		_, err = tx.ExecContext(ctx, `UPDATE identity_limit SET until_ms = $1 WHERE key = $2`, now.Add(next).UnixMilli(), key)
	}
	return 0, err
}

// giveBack undoes one take or try; a delay that it began goes on.
func giveBack(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.ExecContext(ctx, `UPDATE identity_limit SET n = n - 1 WHERE key = $1 AND n > 0`, key)
	return err
}

// forget ends a count, after a success.
func forget(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM identity_limit WHERE key = $1`, key)
	return err
}

// used is how often a key was taken in its window.
func used(ctx context.Context, q db.Q, key string) (n int, err error) {
	err = q.QueryRowContext(ctx, `SELECT n FROM identity_limit WHERE key = $1`, key).Scan(&n)
	return n, err
}
