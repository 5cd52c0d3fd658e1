package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/search"
)

type speedOptions struct {
	items, heads, clients int
	counties              int // of a city
	time                  time.Duration
	only                  string // kind of words
	kept                  bool   // the items are there already
}

// asked are the words of a measurement, by how common they are.
var asked = map[string][]string{
	"common":  {"登记", "许可", "证明", "申请", "审批", "备案", "变更登记", "许可证", "办理许可证", "企业登记申请"},
	"middle":  {"食品经营许可", "道路运输", "社会保险登记", "养老保险", "医疗机构", "驾驶证换证", "公司设立登记", "不动产登记"},
	"rare":    {"河道采砂许可", "养蜂证", "无犯罪记录证明", "股权出质", "护士执业注册", "犬只登记"},
	"lay":     {"想在家开网店", "我爸的退休金怎么查", "孩子上学要办什么", "开饭店要哪些证", "残疾人补贴怎么申请", "房子过户给儿子"},
	"body":    {"免冠照片", "居民身份证原件", "河道采砂 免冠照片"},
	"wrong":   {"营业直照", "道路远输", "养老保先"},
	"nothing": {"火星移民", "租飞船"},
}

var typed = []string{"shi", "s", "sp", "spjy", "食品", "食品j", "shipinjingying", "daolu", "dlys", "gong", "公司", "gsdj", "yanglao", "养老bx", "xuke", "x", "登记", "bian", "biangeng"}

func speed(ctx context.Context, d *db.DB, o speedOptions, out io.Writer) error {
	clock := time.Now //nolint:forbidigo // a command's own clock
	s, err := search.New(search.Deps{DB: d, Now: clock})
	if err != nil {
		return err
	}
	g, err := newGenerator(".", o.heads, o.counties)
	if err != nil {
		return err
	}
	if !o.kept {
		began := clock()
		if err := g.load(ctx, d, s, 0, o.items); err != nil {
			return err
		}
		t := clock().Sub(began)
		_, _ = fmt.Fprintf(out, "%s: %d items in %.1f s, %.0f/s\n", d.Dialect(), o.items, t.Seconds(), float64(o.items)/t.Seconds())
		if d.Dialect() == db.Postgres {
			if _, err := d.Raw().ExecContext(ctx, `VACUUM ANALYZE`); err != nil {
				return err
			}
		}
	}
	began := clock()
	if err := s.Ready(ctx); err != nil {
		return err
	}
	ready := clock().Sub(began)
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	_, _ = fmt.Fprintf(out, "ready after %.2f s, heap %d MB, resident %s\n", ready.Seconds(), mem.HeapAlloc>>20, resident())
	regions := []string{"110101", "110203", "120305", "130407", "140509"}
	kinds := make([]string, 0, len(asked))
	if o.only != "" {
		asked = map[string][]string{o.only: asked[o.only]}
	}
	for k := range asked {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, clients := range []int{1, o.clients} {
		for _, k := range kinds {
			ts, err := measure(ctx, clients, o.time, clock, func(i int) error {
				words := asked[k]
				_, err := s.Find(ctx, search.Query{Text: words[i%len(words)], Region: regions[i/len(words)%len(regions)]})
				return err
			})
			if err != nil {
				return err
			}
			report(out, k, clients, ts)
		}
		ts, err := measure(ctx, clients, o.time, clock, func(i int) error {
			_, err := s.Find(ctx, search.Query{Text: "登记", Filter: search.Filter{Region: regions[i%len(regions)], Type: "01"}})
			return err
		})
		if err != nil {
			return err
		}
		report(out, "narrow", clients, ts)
		ts, err = measure(ctx, clients, o.time, clock, func(i int) error {
			_, err := s.Suggest(ctx, typed[i%len(typed)], regions[i/len(typed)%len(regions)], 8)
			return err
		})
		if err != nil {
			return err
		}
		report(out, "suggest", clients, ts)
	}
	return nil
}

// measure runs clients at once and gives how long each answer took, in order of length.
func measure(ctx context.Context, clients int, span time.Duration, clock func() time.Time, ask func(i int) error) (timing, error) {
	before := processorTime()
	var mu sync.Mutex
	var all []time.Duration
	var first error
	var wg sync.WaitGroup
	end := clock().Add(span)
	for c := range clients {
		wg.Go(func() {
			var mine []time.Duration
			for i := c * 7; clock().Before(end) && ctx.Err() == nil; i++ {
				t := clock()
				if err := ask(i); err != nil {
					mu.Lock()
					first = err
					mu.Unlock()
					return
				}
				mine = append(mine, clock().Sub(t))
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(all)
	return timing{all, processorTime() - before}, first
}

// timing is how long each answer took, in order of length, and the processor time of this process for all of them. Under a foreign load the second
// says more than the first.
type timing struct {
	all []time.Duration
	cpu time.Duration
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(out io.Writer, what string, clients int, m timing) {
	ts := m.all
	if len(ts) == 0 {
		return
	}
	at := func(p float64) float64 {
		return float64(ts[min(len(ts)-1, int(p*float64(len(ts))))].Microseconds()) / 1000
	}
	_, _ = fmt.Fprintf(out, "%-8s %d clients: %6d answers, p50 %6.2f ms, p99 %6.2f ms, most %6.2f ms, %.2f ms of processor each\n", what, clients, len(ts), at(0.5), at(0.99), at(1),
		float64(m.cpu.Microseconds())/1000/float64(len(ts)))
}

// resident is the memory of the process as the system counts it.
func resident() string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for _, line := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}
