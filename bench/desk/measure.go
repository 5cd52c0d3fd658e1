package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tongban/bench/rig"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/domain/cases"
)

// question is one thing an officer asks for; ask gives how many rows came.
type question struct {
	name string
	ask  func(ctx context.Context, i int) (int, error)
}

// questions are the lists as the desk shows them. Whose: an officer of the bureau, a clerk at its window, a clerk of the city's hall, a supervisor.
func (s *site) questions(ctx context.Context) ([]question, error) {
	who := map[string]authz.Actor{}
	for _, login := range []string{"zhou-min", "su-qing", "he-jing", "gu-wei"} {
		a, err := s.Staff(ctx, login)
		if err != nil {
			return nil, err
		}
		who[login] = a
	}
	numbers, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (string, error) { var n string; return n, r.Scan(&n) },
		`SELECT case_no FROM cases_case WHERE agency = 'market' AND case_no IS NOT NULL ORDER BY id DESC LIMIT 500`)
	if err != nil || len(numbers) == 0 {
		return nil, errors.Join(err, errors.New("no numbers to look for"))
	}
	list := func(login string, f cases.Filter) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) {
			p, err := s.Cases.Inbox(ctx, who[login], f)
			return len(p.Cases), err
		}
	}
	deep := func(login, tab string, pages int) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) {
			f, rows := cases.Filter{Tab: tab}, 0
			for range pages {
				p, err := s.Cases.Inbox(ctx, who[login], f)
				if err != nil || p.Next == "" {
					return rows + len(p.Cases), err
				}
				rows, f.After = rows+len(p.Cases), p.Next
			}
			return rows, nil
		}
	}
	counts := func(login string) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) {
			n, err := s.Cases.Counts(ctx, who[login])
			return n[cases.TabAll], err
		}
	}
	return []question{
		{"inbox", list("zhou-min", cases.Filter{})},
		{"inbox of the window", list("su-qing", cases.Filter{})},
		{"inbox of the hall", list("he-jing", cases.Filter{})},
		{"done", list("zhou-min", cases.Filter{Tab: cases.TabDone})},
		{"doing", list("zhou-min", cases.Filter{Tab: cases.TabDoing})},
		{"all of the hall", list("he-jing", cases.Filter{Tab: cases.TabAll})},
		{"five pages", deep("zhou-min", cases.TabAll, 5)},
		{"counts", counts("zhou-min")},
		{"counts of the hall", counts("he-jing")},
		{"by number", func(ctx context.Context, i int) (int, error) {
			p, err := s.Cases.Inbox(ctx, who["zhou-min"], cases.Filter{Tab: cases.TabAll, Query: numbers[i%len(numbers)]})
			return len(p.Cases), err
		}},
		{"region", func(ctx context.Context, _ int) (int, error) {
			p, err := s.Cases.RegionCases(ctx, who["gu-wei"], cases.Filter{})
			return len(p.Cases), err
		}},
		{"region, overdue", func(ctx context.Context, _ int) (int, error) {
			p, err := s.Cases.RegionCases(ctx, who["gu-wei"], cases.Filter{Overdue: true})
			return len(p.Cases), err
		}},
	}, nil
}

// clients are how many ask at once.
var clients = []int{1, 8}

func (s *site) measure(ctx context.Context, length time.Duration, r *result) error {
	qs, err := s.questions(ctx)
	if err != nil {
		return err
	}
	for _, n := range clients {
		for _, q := range qs {
			if _, err := timed(ctx, q, n, length/4); err != nil { // this one only warms
				return fmt.Errorf("%s: %w", q.name, err)
			}
			a, err := timed(ctx, q, n, length)
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			r.Answers = append(r.Answers, a)
			rig.Say("  %v", a)
		}
	}
	if err := s.sizes(ctx, r); err != nil {
		return err
	}
	r.Acts, r.ActCPU, err = s.acts(ctx)
	rig.Say("%.0f acceptances a second, %.2f ms of processor each; %.2f KB a case", r.Acts, r.ActCPU, r.PerCase)
	return err
}

func timed(ctx context.Context, q question, clients int, length time.Duration) (answers, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	out := answers{Kind: q.name, Clients: clients}
	cpu, end := rig.Used(), time.Now().Add(length)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			var mine []time.Duration
			rows := 0
			for i := c; (time.Now().Before(end) || len(mine) == 0) && ctx.Err() == nil; i += clients {
				at := time.Now()
				n, err := q.ask(ctx, i)
				mine, rows = append(mine, time.Since(at)), n
				if err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
			}
			mu.Lock()
			all, out.Rows = append(all, mine...), rows
			mu.Unlock()
		})
	}
	wg.Wait()
	if failed = errors.Join(failed, ctx.Err()); failed != nil {
		return out, failed
	}
	slices.Sort(all)
	part := func(p float64) float64 {
		return float64(all[min(len(all)-1, int(p*float64(len(all))))].Microseconds()) / 1000
	}
	out.N, out.P50, out.P95, out.P99, out.Most = len(all), part(0.5), part(0.95), part(0.99), part(1)
	out.CPU = float64((rig.Used() - cpu).Microseconds()) / 1000 / float64(len(all))
	return out, nil
}

// sizes are what the cases take on disk.
func (s *site) sizes(ctx context.Context, r *result) error {
	err := s.DB.R().QueryRowContext(ctx, `SELECT SUM(pg_total_relation_size(c.oid))::bigint, SUM(pg_indexes_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname ~ '^(cases|paper|licence|archive|rating)_'`).Scan(&r.Bytes, &r.Indexes)
	if err != nil {
		return db.Classify(err)
	}
	_, err = db.All(ctx, s.DB.R(), func(rows *db.Rows) (string, error) {
		var name string
		var n, table, index int64
		err := rows.Scan(&name, &n, &table, &index)
		rig.Say("  %-24s %9d rows, table %6d MB, indexes %6d MB", name, n, table>>20, index>>20)
		return name, err
	}, `SELECT relname, GREATEST(reltuples, 0)::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' AND relname ~ '^(cases|paper|licence|archive|rating)_'
		ORDER BY pg_total_relation_size(oid) DESC LIMIT 14`)
	r.PerCase = float64(r.Bytes) / 1024 / float64(max(1, r.Cases))
	return db.Classify(err)
}

// actsMeasured is how many applications are filed and accepted.
const actsMeasured = 400

// acts files applications, then accepts them from eight clients at once: how many a second, and the processor time of one.
func (s *site) acts(ctx context.Context) (perSecond, cpu float64, err error) {
	ids, err := s.File(ctx, actsMeasured, s.count)
	if err != nil {
		return 0, 0, err
	}
	began, used := time.Now(), rig.Used()
	if err := s.Accept(ctx, ids, 8); err != nil {
		return 0, 0, err
	}
	n := float64(len(ids))
	return n / time.Since(began).Seconds(), float64((rig.Used() - used).Microseconds()) / 1000 / n, nil
}
