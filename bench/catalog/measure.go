package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"tongban/bench/rig"
	"tongban/internal/domain/catalog"
)

// clientsAtOnce are how many ask at once.
var clientsAtOnce = []int{1, 8}

// mostTimes is how many answers of one measurement are remembered.
const mostTimes = 2_000_000

// kindsAsked are what is measured, one after the other. mixed is what the aims are held against.
var kindsAsked = []string{"mixed", "lay", "word", "exact", "filter", "wrong", "type", "browse", "guide"}

// ask answers question i of a kind, and gives how many hits it had and what was asked.
func (a *asker) ask(ctx context.Context, s *catalog.Service, kind string, i int) (hits int, what string, err error) {
	switch kind {
	case "type":
		h := mix(uint64(i)) //nolint:gosec // counts up from 0
		text := a.beginning(i)
		list, err := s.Suggest(ctx, text, pick(a.regions, h>>8), 8)
		return len(list), text, err
	case "guide":
		key := pick(a.keys, mix(uint64(i))>>8) //nolint:gosec // counts up from 0
		it, err := s.Item(ctx, key)
		return len(it.Name), key, err
	}
	q := a.question(kind, i)
	p, err := s.Search(ctx, q)
	return len(p.Items), describe(q), err
}

// measure lets clients ask for a time, each again as soon as it was answered.
func measure(ctx context.Context, clients int, length time.Duration, ask func(i int) (int, string, error)) (answers, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	out := answers{Clients: clients}
	longest := time.Duration(0)
	cpu, end := rig.Used(), time.Now().Add(length)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			var mine []time.Duration
			for i := c; time.Now().Before(end) && ctx.Err() == nil && len(mine) < mostTimes/clients; i += clients {
				at := time.Now()
				hits, what, err := ask(i)
				took := time.Since(at)
				mine = append(mine, took)
				if err == nil && hits > 0 && took <= longest {
					continue
				}
				mu.Lock()
				failed = errors.Join(failed, err)
				if hits == 0 {
					out.Empty++
				}
				if took > longest {
					longest, out.Worst = took, what
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(all)
	out.N, out.P50, out.P90, out.P99, out.Most = len(all), part(all, 0.5), part(all, 0.9), part(all, 0.99), part(all, 1)
	out.CPU = float64((rig.Used() - cpu).Microseconds()) / 1000 / float64(max(1, len(all)))
	return out, errors.Join(failed, ctx.Err())
}

// asked measures all kinds of questions.
func (s *site) asked(ctx context.Context, o options, node *catalog.Service, r *result) error {
	a, err := newAsker(ctx, s, o.root)
	if err != nil {
		return err
	}
	if _, err := measure(ctx, 2, o.length, func(i int) (int, string, error) { return a.ask(ctx, node, "mixed", i+1_000_003) }); err != nil {
		return err // this one only warms
	}
	for _, clients := range clientsAtOnce {
		for _, kind := range kindsAsked {
			if o.only != "" && o.only != kind {
				continue
			}
			done := profile(o.profile, fmt.Sprintf("%s-%s-%d", s.db.Dialect(), kind, clients))
			x, err := measure(ctx, clients, o.length, func(i int) (int, string, error) { return a.ask(ctx, node, kind, i) })
			done()
			if err != nil {
				return err
			}
			x.Kind = kind
			r.Answers = append(r.Answers, x)
			rig.Say("  %v", x)
		}
	}
	return nil
}

// profile writes where the processor's time goes until the function it gives is called; nothing without a folder.
func profile(dir, name string) func() {
	if dir == "" {
		return func() {}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return func() {}
	}
	f, err := os.Create(dir + "/" + name + ".pprof") //nolint:gosec // named by the caller
	if err != nil {
		return func() {}
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		rig.Say("%v", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}
}

// rounds is how many items are published to see when they are found.
const rounds = 10

// published gives one node an item and asks another until it finds it; the time counts from the beginning, the writing included.
func (s *site) published(ctx context.Context, node *catalog.Service) ([]float64, error) {
	writer := s.service()
	var out []float64
	for i := range rounds {
		stamp := time.Now().UnixNano()
		name := fmt.Sprintf("萤火观测点%d设置许可", stamp)
		var b bytes.Buffer
		c := csv.NewWriter(&b)
		p := s.places[i]
		_ = c.WriteAll([][]string{{"事项名称", "实施编码", "事项类型", "实施主体", "行政区划代码"}, {name, fmt.Sprintf("BENCH-%d", stamp), "01", p.name + "林业局", p.code}}) // a buffer takes everything
		began := time.Now()
		if _, err := writer.Import(ctx, &b, catalog.ImportOptions{}); err != nil {
			return out, err
		}
		for found := false; !found; {
			r, err := node.Search(ctx, catalog.Query{Text: name})
			if err != nil {
				return out, err
			}
			found = len(r.Items) > 0 && r.Items[0].Name == name
			if !found {
				time.Sleep(time.Millisecond) // a person types again no sooner, and the node needs the processor
			}
			if time.Since(began) > 10*time.Second {
				return out, fmt.Errorf("%s is not found after ten seconds", name)
			}
		}
		out = append(out, float64(time.Since(began).Microseconds())/1000)
	}
	slices.Sort(out)
	return out, nil
}
