package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"tongban/bench"
	"tongban/bench/rig"
	"tongban/internal/base/db"
)

// site is the demo city over a PostgreSQL server of its own, full of cases.
type site struct {
	*bench.City
	stock    *bench.Stock
	settings []string
	version  string
	close    func() error
	dir      string
	count    int // cases filled in so far; kept beside the database
}

func openSite(ctx context.Context, o options, dir string) (*site, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's user passes through
		return nil, err
	}
	s := &site{dir: dir, settings: rig.SettingsFor(rig.Status("/proc/meminfo", "MemTotal:")<<10, o.slow)}
	k, err := rig.StartCluster(ctx, filepath.Join(dir, "server"), s.settings)
	if err != nil {
		return nil, err
	}
	s.close = k.Stop
	if s.City, err = bench.OpenCity(ctx, dir, k.URL("postgres")); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.close = func() error { return errors.Join(s.City.Close(), k.Stop()) }
	if err := s.DB.R().QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version')`).Scan(&s.version); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if b, err := os.ReadFile(s.counted()); err == nil {
		s.count, _ = strconv.Atoi(string(b))
	}
	if s.stock, err = s.NewStock(ctx, s.count); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// elsewhere is how the cases are spread: the city's market bureau keeps about 100,000 of a million and 200,000 of ten million, with three in a hundred
// open; the others belong to 400 agencies beside it.
func elsewhere(n int) bench.Home {
	if n > 2_000_000 {
		return bench.Home{Share: 20, Agencies: 400}
	}
	return bench.Home{Share: 100, Agencies: 400}
}

func (s *site) counted() string { return filepath.Join(s.dir, "cases") }

func (s *site) fill(ctx context.Context, n int, slim bool) error {
	began, told := time.Now(), time.Now()
	indexes, err := s.withoutIndexes(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	h := elsewhere(s.count + n)
	err = s.stock.Grow(ctx, n, slim, h, func(done int) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(told) > 10*time.Second || done == n {
			rig.Say("%d of %d cases, %.0f a second", done, n, float64(done)/time.Since(began).Seconds())
			told = time.Now()
		}
	})
	if err != nil {
		return err
	}
	s.count += n
	if err := os.WriteFile(s.counted(), []byte(strconv.Itoa(s.count)), 0o600); err != nil {
		return err
	}
	began = time.Now()
	for _, q := range indexes {
		if _, err := s.DB.Raw().ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	rig.Say("%d indexes built: %.0f s", len(indexes), time.Since(began).Seconds())
	began = time.Now()
	_, err = s.DB.Raw().ExecContext(ctx, "VACUUM ANALYZE")
	rig.Say("vacuum and analyse: %.0f s", time.Since(began).Seconds())
	return err
}

// withoutIndexes drops what only speeds reading up and gives the statements that make it again: built in one go it takes a fraction of the time.
func (s *site) withoutIndexes(ctx context.Context) ([]string, error) {
	type index struct{ name, make string }
	all, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (x index, err error) { return x, r.Scan(&x.name, &x.make) },
		`SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname JOIN pg_index x ON x.indexrelid = c.oid
			WHERE i.schemaname = 'public' AND i.tablename ~ '^(cases|licence|rating)_' AND NOT x.indisunique`)
	var out []string
	for _, x := range all {
		if err == nil {
			_, err = s.DB.Raw().ExecContext(ctx, "DROP INDEX "+x.name)
		}
		out = append(out, x.make)
	}
	return out, err
}
