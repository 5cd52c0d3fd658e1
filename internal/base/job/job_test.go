package job_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/job"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func enqueue(t *testing.T, d *db.DB, specs ...job.Spec) {
	t.Helper()
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, s := range specs {
			if err := job.EnqueueTx(ctx, tx, noon, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestEachJobRunsOnceAmongManyRunners(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema}, func(t *testing.T, d *db.DB) {
		for range 60 {
			enqueue(t, d, job.Spec{Kind: "count"})
		}
		enqueue(t, d, job.Spec{Kind: "count", Key: "same"}, job.Spec{Kind: "count", Key: "same"})
		var mu sync.Mutex
		seen := map[string]int{}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				r := job.NewRunner(d, (&clock{at: noon}).now, quiet())
				r.Handle("count", func(_ context.Context, j job.Job) error {
					mu.Lock()
					defer mu.Unlock()
					seen[j.ID]++
					return nil
				})
				if err := r.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(seen) != 61 {
			t.Errorf("%d jobs ran, want 61", len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("job %s ran %d times", id, n)
			}
		}
	})
}

func TestFailureWaitsThenDies(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema}, func(t *testing.T, d *db.DB) {
		c := &clock{at: noon}
		r := job.NewRunner(d, c.now, quiet())
		calls := 0
		r.Handle("fail", func(context.Context, job.Job) error { calls++; return errors.New("provider is away") })
		enqueue(t, d, job.Spec{Kind: "fail", Tries: 2}, job.Spec{Kind: "unknown"})
		drain := func() {
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		drain()
		drain()
		if calls != 1 {
			t.Fatalf("tried %d times before the pause was over", calls)
		}
		c.add(time.Minute)
		drain()
		if n := dbtest.Count(t, d, "job_job", "state = 'dead'"); n != 2 || calls != 2 {
			t.Errorf("%d dead jobs after %d calls, want 2 after 2", n, calls)
		}
	})
}

func TestALostLeaseIsClaimedAgain(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema}, func(t *testing.T, d *db.DB) {
		enqueue(t, d, job.Spec{Kind: "work"})
		c := &clock{at: noon}
		r := job.NewRunner(d, c.now, quiet())
		first := true
		r.Handle("work", func(context.Context, job.Job) error {
			if first { // the node dies here: its lease runs out while another node looks
				first = false
				c.add(2 * time.Minute)
				if n, err := job.NewRunner(d, c.now, quiet()).Round(t.Context()); n != 1 || err != nil {
					t.Errorf("the second node claimed %d jobs, %v", n, err)
				}
			}
			return nil
		})
		if _, err := r.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The second node had no worker, so the job is dead; the first node's late success must not overwrite that.
		if n := dbtest.Count(t, d, "job_job", "state = 'dead' AND attempt = 2"); n != 1 {
			t.Error("a late outcome of a lost lease was written")
		}
	})
}

func TestMoveRearmsATimer(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema}, func(t *testing.T, d *db.DB) {
		c := &clock{at: noon}
		r := job.NewRunner(d, c.now, quiet())
		rang := 0
		r.Handle("due", func(context.Context, job.Job) error { rang++; return nil })
		move := func(at time.Time) {
			if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return job.MoveTx(ctx, tx, c.now(), job.Spec{Kind: "due", Key: "case1", Due: at})
			}); err != nil {
				t.Fatal(err)
			}
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		move(noon.Add(time.Hour))
		move(noon) // brought forward: rings
		move(noon.Add(time.Hour))
		if rang != 1 {
			t.Errorf("rang %d times, want 1", rang)
		}
		c.add(2 * time.Hour)
		if err := r.Drain(t.Context()); err != nil || rang != 2 {
			t.Errorf("rang %d times, want 2 (%v)", rang, err)
		}
	})
}

func TestReclaimFreesWhatAKilledProcessHeld(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema}, func(t *testing.T, d *db.DB) {
		enqueue(t, d, job.Spec{Kind: "work"})
		r := job.NewRunner(d, (&clock{at: noon}).now, quiet())
		ran := 0
		r.Handle("work", func(context.Context, job.Job) error { ran++; return nil })
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { // as a process that was killed leaves it
			_, err := tx.ExecContext(ctx, `UPDATE job_job SET state = 'run', attempt = 1, lease_ms = $1`, noon.Add(time.Minute).UnixMilli())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := job.Reclaim(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := 0
		if d.Dialect() == db.SQLite {
			want = 1
		}
		if ran != want {
			t.Errorf("ran %d times, want %d", ran, want)
		}
	})
}
