package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"time"

	"tongban/bench/rig"
	"tongban/internal/base/db"
	"tongban/internal/domain/catalog"
)

// listOf is how many items one list has: some more than a province writes down at once, and within the size a list may have.
const listOf = 200_000

// fill imports lists until the database holds n items. What stands in it already is not imported again.
func (s *site) fill(ctx context.Context, n int) error {
	have := s.state.items()
	if have >= n {
		rig.Say("%d items are there", have)
		return nil
	}
	w := s.walk()
	w.skip(have)
	said := time.Now()
	for have < n {
		l, err := s.oneList(ctx, w, have, min(listOf, n-have), func(done int) {
			if time.Since(said) > 5*time.Second {
				said = time.Now()
				rig.Say("  %d of %d items", have+done, n)
			}
		})
		if err != nil {
			return err
		}
		if l.Items == 0 {
			return fmt.Errorf("the country has only %d items", have)
		}
		have += l.Items
		s.state.Lists = append(s.state.Lists, l)
		if err := s.remember(); err != nil {
			return err
		}
		rig.Say("%d items: %d in %.1f s, %.0f/s, %.0f µs of processor each and %.0f µs of the server's", have, l.Timed, l.Seconds, l.rate(), l.CPU*1e6/float64(max(1, l.Timed)), l.Server*1e6/float64(max(1, l.Timed)))
	}
	return nil
}

// oneList writes a list and imports it. Only the import is timed; writing the list is not part of it, but taking in its bytes is.
func (s *site) oneList(ctx context.Context, w *walk, from, n int, progress func(done int)) (loaded, error) {
	f, err := os.CreateTemp(s.dir, "list-*.csv")
	if err != nil {
		return loaded{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	b := bufio.NewWriterSize(f, 1<<20)
	if n, err = w.list(b, n); err != nil || n == 0 {
		return loaded{}, err
	}
	if err := b.Flush(); err != nil {
		return loaded{}, err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return loaded{}, err
	}
	behind := 0 // of a list that broke off
	if err := s.db.R().QueryRowContext(ctx, `SELECT COALESCE(MAX(behind), 0) FROM catalog_import WHERE state = 'loading'`).Scan(&behind); err != nil {
		return loaded{}, db.Classify(err)
	}
	began, cpu, server := time.Now(), rig.Used(), rig.UsedBy(s.server)
	rep, err := s.service().Import(ctx, f, catalog.ImportOptions{Name: fmt.Sprintf("items-%d.csv", from), Progress: func(done, _ int) { progress(done) }})
	if err != nil {
		return loaded{}, err
	}
	l := loaded{From: from, Items: n, Timed: n - behind, Seconds: time.Since(began).Seconds(), CPU: (rig.Used() - cpu).Seconds(), Server: (rig.UsedBy(s.server) - server).Seconds()}
	if got := rep.Count.Imported(); got != n || len(rep.Ignored) > 0 {
		return l, fmt.Errorf("%d of %d items were taken: %+v; columns not understood: %v; findings: %v", got, n, rep.Count, rep.Ignored, kinds(rep))
	}
	if from == 0 {
		rig.Say("  findings: %v", kinds(rep))
	}
	return l, nil
}

func kinds(r catalog.Report) map[string]int {
	out := map[string]int{}
	for _, k := range r.Kinds {
		out[k.Column+" "+k.Key] += k.Count
	}
	return out
}

// tidy does at once what the server's own housekeeping does over the next hour.
func (s *site) tidy(ctx context.Context) (float64, error) {
	if s.db.Dialect() == db.SQLite {
		return 0, nil
	}
	began := time.Now()
	_, err := s.db.Raw().ExecContext(ctx, `VACUUM ANALYZE`)
	return time.Since(began).Seconds(), err
}
