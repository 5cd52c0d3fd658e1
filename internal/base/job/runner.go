package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tongban/internal/base/db"
)

// Worker does one job. It may be called again for the same job after a crash, so its effects must be idempotent.
type Worker func(ctx context.Context, j Job) error

// Runner claims jobs and runs them. Any number of runners, on any number of nodes, may work on one database.
type Runner struct {
	d       *db.DB
	now     func() time.Time
	log     *slog.Logger
	workers map[string]Worker
	pause   time.Duration
}

// NewRunner makes a runner without workers.
func NewRunner(d *db.DB, now func() time.Time, log *slog.Logger) *Runner {
	return &Runner{d: d, now: now, log: log, workers: map[string]Worker{}, pause: 200 * time.Millisecond}
}

// Handle registers the worker of a kind. Two workers of one kind are a mistake of the wiring and panic.
func (r *Runner) Handle(kind string, w Worker) {
	if r.workers[kind] != nil {
		panic("job: two workers for " + kind)
	}
	r.workers[kind] = w
}

// Run works until ctx ends; jobs under way are finished first.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := r.Round(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("jobs", "err", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.pause):
		}
	}
}

const batch, parallel = 32, 4

// Round claims what is due now and runs it; it returns the number of jobs claimed.
func (r *Runner) Round(ctx context.Context) (int, error) {
	if some, err := waiting(ctx, r.d, r.now()); err != nil || !some {
		return 0, err
	}
	jobs, err := claim(ctx, r.d, r.now(), batch)
	if err != nil {
		return 0, err
	}
	// A stop of the program lets claimed jobs end: they run on a context that outlives ctx.
	work := context.WithoutCancel(ctx)
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for _, j := range jobs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r.one(work, j)
		})
	}
	wg.Wait()
	return len(jobs), nil
}

// Drain runs rounds until nothing is due; for tests and for loading the demo city.
func (r *Runner) Drain(ctx context.Context) error {
	for {
		if n, err := r.Round(ctx); err != nil || n == 0 {
			return err
		}
	}
}

func (r *Runner) one(ctx context.Context, j Job) {
	ctx, cancel := context.WithTimeout(ctx, lease-5*time.Second)
	defer cancel()
	err := r.call(ctx, j)
	state, text, due := "done", "", r.now()
	if err != nil {
		state, text, due = "ready", clip(err.Error()), r.now().Add(backoff(j.Attempt))
		if j.Attempt >= j.Tries || errors.Is(err, errHopeless) {
			state = "dead"
		}
		r.log.Warn("job failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "state", state, "err", text)
	}
	if err := finish(context.WithoutCancel(ctx), r.d, j, state, text, due); err != nil {
		r.log.Error("job outcome not written; it will run again", "job", j.ID, "err", err)
	}
}

var errHopeless = errors.New("no further try can help")

func (r *Runner) call(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	w := r.workers[j.Kind]
	if w == nil {
		return Permanent(errors.New("no worker for " + j.Kind))
	}
	return w(ctx, j)
}

// backoff is 1 s, 2 s, 4 s … at most 1 hour.
func backoff(attempt int) time.Duration { return min(time.Second<<min(attempt-1, 12), time.Hour) }

func clip(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}

// Permanent wraps an error that no further try can mend.
func Permanent(err error) error { return fmt.Errorf("%w: %w", errHopeless, err) }
