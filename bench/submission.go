package bench

import (
	"cmp"
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Clients is how many send applications at once.
const Clients = 8

// Round is one pair of runs: applications, and bare transactions of the same rows.
type Round struct {
	Submitted, Bare float64       // a second
	Longest         time.Duration // one submission
	Processor       time.Duration // used by the whole process for one submission, the demo's registries among it
}

// Ratio is what submissions reach of the bare transactions.
func (r Round) Ratio() float64 { return r.Submitted / r.Bare }

// Submissions is the report of a measurement.
type Submissions struct {
	Engine string
	Rows   string // per table, of one submission
	Count  int    // of rows
	Bytes  int
	Rounds []Round
	After  time.Duration // processor time of the jobs of one submission: papers, messages, events
}

// Submit measures rounds of n applications for a food licence, from eight clients at once, on the database of a city.
func (c *City) Submit(ctx context.Context, rounds, n int) (Submissions, error) {
	out := Submissions{Engine: string(c.DB.Dialect())}
	sample, err := c.sample(ctx)
	if err != nil {
		return out, err
	}
	out.describe(sample)
	b, err := newBare(ctx, c.DB, sample)
	if err != nil {
		return out, err
	}
	for i := range rounds {
		r, err := c.round(ctx, b, i, n)
		if err != nil {
			return out, err
		}
		out.Rounds = append(out.Rounds, r)
	}
	before := processor()
	err = c.Jobs.Drain(ctx)
	out.After = (processor() - before) / time.Duration(rounds*n+2)
	return out, err
}

// sample sends two applications in and gives what the second one wrote; the first one makes the counters.
func (c *City) sample(ctx context.Context) ([]written, error) {
	ts, err := tables(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	var before state
	for i := range 2 {
		a, err := c.prepare(ctx, i)
		if err != nil {
			return nil, err
		}
		if before, err = look(ctx, c.DB, ts); err != nil {
			return nil, err
		}
		if err := c.submit(ctx, a); err != nil {
			return nil, err
		}
	}
	after, err := look(ctx, c.DB, ts)
	return between(ts, before, after), err
}

func (s *Submissions) describe(sample []written) {
	type count struct{ inserted, updated, bytes int }
	by := map[string]count{}
	for _, w := range sample {
		n := by[w.t.name]
		if n.bytes += w.values.bytes(); w.update {
			n.updated++
		} else {
			n.inserted++
		}
		by[w.t.name] = n
		s.Bytes += w.values.bytes()
	}
	s.Count = len(sample)
	var lines []string
	for name, n := range by {
		lines = append(lines, fmt.Sprintf("%s +%d ~%d (%d B)", name, n.inserted, n.updated, n.bytes))
	}
	slices.Sort(lines)
	s.Rows = strings.Join(lines, ", ")
}

// round measures both, the order changing from round to round so that what the machine does beside us meets both alike.
func (c *City) round(ctx context.Context, b *bare, i, n int) (r Round, err error) {
	var apps []application
	var txs [][]statement
	for k := range n {
		a, err := c.prepare(ctx, 2+i*n+k)
		if err != nil {
			return r, err
		}
		tx, err := b.prepare(ctx)
		if err != nil {
			return r, err
		}
		apps, txs = append(apps, a), append(txs, tx)
	}
	submissions := func() error {
		before := processor()
		took, longest, err := together(apps, func(a application) (err error) {
			pprof.Do(ctx, pprof.Labels("work", "submit"), func(ctx context.Context) { err = c.submit(ctx, a) })
			return err
		})
		r.Submitted, r.Longest, r.Processor = float64(n)/took.Seconds(), longest, (processor()-before)/time.Duration(n)
		return err
	}
	bares := func() error {
		took, _, err := together(txs, func(tx []statement) error { return b.run(ctx, tx) })
		r.Bare = float64(n) / took.Seconds()
		return err
	}
	if i%2 == 1 {
		submissions, bares = bares, submissions
	}
	if err := submissions(); err != nil {
		return r, err
	}
	return r, bares()
}

// together does all the work with eight at once and gives the time for all of it and the longest single one.
func together[T any](all []T, do func(T) error) (took, longest time.Duration, err error) {
	work := make(chan T, len(all))
	for _, w := range all {
		work <- w
	}
	close(work)
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for range Clients {
		wg.Go(func() {
			for w := range work {
				at := time.Now()
				e := do(w)
				mu.Lock()
				longest, err = max(longest, time.Since(at)), cmp.Or(err, e)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return time.Since(began), longest, err
}

// processor is the processor time this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
