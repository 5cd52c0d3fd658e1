package identity

import (
	"context"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

// A request that waited for its turn has an older now than the one before it, and nodes' clocks differ: without a gap that is no reason to refuse.
func TestALimitWithoutAGapDoesNotMindTheOrderOfClocks(t *testing.T) {
	dbtest.Each(t, []db.Room{Schema}, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		for i, c := range []struct {
			key  string
			at   time.Time
			l    limit
			want bool
		}{
			{"day", now, limit{n: 3, window: time.Hour}, true},
			{"day", now.Add(-time.Second), limit{n: 3, window: time.Hour}, true},
			{"day", now, limit{n: 3, window: time.Hour}, true},
			{"day", now.Add(time.Second), limit{n: 3, window: time.Hour}, false},
			{"phone", now, limit{n: 3, window: time.Hour, gap: time.Minute}, true},
			{"phone", now.Add(time.Second), limit{n: 3, window: time.Hour, gap: time.Minute}, false},
		} {
			var wait time.Duration
			err := d.TxQueue(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
				wait, err = take(ctx, tx, c.at, c.key, c.l)
				return err
			})
			if err != nil || (wait == 0) != c.want {
				t.Errorf("use %d of %s: wait %v, %v", i+1, c.key, wait, err)
			}
		}
	})
}
