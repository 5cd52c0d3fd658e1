package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// callers are clients at addresses of their own (127.0.1.1 and up), because the server limits how often one address may call. Each keeps its
// connection open, as browsers do.
type callers struct {
	base string
	all  []*http.Client
}

const (
	addresses   = 240
	connections = 8
)

func newCallers(base string) *callers {
	c := &callers{base: base}
	for i := range addresses {
		d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(i+1))}}
		c.all = append(c.all, &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, DisableCompression: true, MaxIdleConnsPerHost: connections}})
	}
	return c
}

func (c *callers) close() {
	for _, h := range c.all {
		h.CloseIdleConnections()
	}
}

// get reads one page whole and compressed, as a browser would; false when it was not given.
func (c *callers) get(ctx context.Context, h *http.Client, path string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return false
	}
	r.Header.Set("Accept-Encoding", "gzip")
	a, err := h.Do(r)
	if err != nil {
		return false
	}
	defer a.Body.Close()
	_, err = io.Copy(io.Discard, a.Body)
	return err == nil && a.StatusCode == http.StatusOK
}

// result is one run.
type result struct {
	n, failed int
	took      time.Duration
	times     []time.Duration // sorted; of a steady run
	late      []time.Duration // sorted; by how much this program itself asked too late
}

func (r result) perSecond() float64 { return float64(r.n) / r.took.Seconds() }

func (r result) bad() string {
	if r.failed == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d failed)", r.failed)
}

// quantile gives milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Microseconds()) / 1000
}

// String is the latencies of a steady run, and by how much this program was late itself: no server can answer a question before it is asked.
func (r result) String() string {
	return fmt.Sprintf("%.1f / %.1f / %.1f ms (generator late %.1f / %.1f ms)%s", quantile(r.times, 0.5), quantile(r.times, 0.99), quantile(r.times, 1),
		quantile(r.late, 0.5), quantile(r.late, 0.99), r.bad())
}

// most asks with eight connections, each as soon as it was answered.
func (c *callers) most(ctx context.Context, ps []page, length time.Duration) result {
	var n, failed atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for w := range connections {
		wg.Go(func() {
			for i := 0; time.Since(began) < length && ctx.Err() == nil; i++ {
				h := c.all[(i*connections+w)%len(c.all)]
				if c.get(ctx, h, ps[i%len(ps)].path) {
					n.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return result{n: int(n.Load()), failed: int(failed.Load()), took: time.Since(began)}
}

// steady asks at moments fixed beforehand, however slow the answers are, and times each answer from its moment: a server that stalls cannot hide it.
func (c *callers) steady(ctx context.Context, ps []page, perSecond int, length time.Duration) result {
	count := int(length.Seconds() * float64(perSecond))
	times, late := make([]time.Duration, count), make([]time.Duration, count)
	var failed atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for i := range count {
		at := began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(at))
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			late[i] = time.Since(at)
			if !c.get(ctx, c.all[i%len(c.all)], ps[i%len(ps)].path) {
				failed.Add(1)
			}
			times[i] = time.Since(at)
		})
	}
	wg.Wait()
	slices.Sort(times)
	slices.Sort(late)
	return result{n: count, failed: int(failed.Load()), took: time.Since(began), times: times, late: late}
}
