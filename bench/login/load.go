package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tongban/internal/base/db"
)

// load is the generator and what it found.
type load struct {
	options
	*city
	rows []string
}

func (l *load) say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

func (l *load) row(what, figure, aim string) {
	l.say("  %s: %s", what, figure)
	l.rows = append(l.rows, "| "+what+" | "+figure+" | "+aim+" |\n")
}

// caller is a client at an address of its own (127.0.1.1 and up), because the server limits how often one address may call. It keeps its
// connections open and follows no redirects.
func caller(i int) *http.Client {
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))}}
	return &http.Client{
		Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, DisableCompression: true, MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// do sends a form, or asks when form is nil; the answer must have the status.
func (l *load) do(ctx context.Context, c *http.Client, path string, form url.Values, status int, more ...func(*http.Request)) (http.Header, []byte, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, l.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, set := range more {
		set(r)
	}
	a, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode != status {
		err = fmt.Errorf("%s: %s: %.300s", r.URL.Path, a.Status, b)
	}
	return a.Header, b, err
}

func cookie(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: value}) } //nolint:gosec // sent, not set
}

// times are how long each of the things took that went well, and the first of those that did not.
type times struct {
	mu     sync.Mutex
	all    []time.Duration
	failed int
	first  error
}

func (t *times) add(d time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.all = append(t.all, d)
	} else if t.failed++; t.first == nil {
		t.first = err
	}
}

// String is the median, the 99th percentile and the longest, and what failed.
func (t *times) String() string {
	slices.Sort(t.all)
	ms := func(q float64) float64 {
		if len(t.all) == 0 {
			return 0
		}
		return float64(t.all[min(len(t.all)-1, int(q*float64(len(t.all))))].Microseconds()) / 1000
	}
	s := fmt.Sprintf("p50 %.1f ms, p99 %.1f ms, longest %.1f ms", ms(0.5), ms(0.99), ms(1))
	if t.failed > 0 {
		s += fmt.Sprintf("; %d FAILED, the first: %v", t.failed, t.first)
	}
	return s
}

// most does one thing over every connection as often as it goes, with so many callers a connection in turn. It gives the time it took.
func (l *load) most(ctx context.Context, length time.Duration, callers int, one func(c *http.Client, n int) error) (*times, time.Duration) {
	began, t := time.Now(), &times{}
	var wg sync.WaitGroup
	for w := range l.conns {
		wg.Go(func() {
			own := make([]*http.Client, callers)
			for i := range own {
				own[i] = caller(w*callers + i)
				defer own[i].CloseIdleConnections()
			}
			for i := 0; time.Since(began) < length && ctx.Err() == nil; i++ {
				at := time.Now()
				err := one(own[i%callers], i*l.conns+w)
				t.add(time.Since(at), err)
			}
		})
	}
	ctx, stop := context.WithCancel(ctx)
	go l.progress(ctx, t)
	wg.Wait()
	stop()
	return t, time.Since(began)
}

func (l *load) progress(ctx context.Context, t *times) {
	const every = 5 * time.Second
	for last := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		t.mu.Lock()
		n, failed := len(t.all), t.failed
		t.mu.Unlock()
		l.say("  %d, %.0f/s lately, %d failed, resident %.0f MB", n, float64(n-last)/every.Seconds(), failed, rss())
		last = n
	}
}

// used is the processor time of this process so far, which a busy machine changes less than it changes the clock's.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perOne writes how much processor time each of the things took since a moment.
func perOne(since time.Duration, n int) string {
	return fmt.Sprintf("%.2f ms of processor each", float64((used()-since).Microseconds())/1000/float64(max(1, n)))
}

// held is what the process holds when nothing is under way and garbage is collected.
type held struct {
	heap, rss, disk float64 // MB
	goroutines      int
}

func (l *load) held(ctx context.Context) (h held, err error) {
	if err := l.idle(ctx); err != nil {
		return h, err
	}
	time.Sleep(time.Second) // until connections that were closed are gone
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h = held{heap: float64(m.HeapAlloc) / 1e6, rss: rss(), goroutines: runtime.NumGoroutine()}
	size := int64(0)
	if l.DB.Dialect() == db.Postgres {
		err = l.DB.R().QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&size)
	} else if _, err = l.DB.Raw().ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err == nil {
		var info os.FileInfo
		if info, err = os.Stat(filepath.Join(l.dir, "tongban.db")); err == nil {
			size = info.Size()
		}
	}
	h.disk = float64(size) / 1e6
	return h, err
}

func rss() float64 {
	b, _ := os.ReadFile("/proc/self/statm")
	var all, resident float64
	_, _ = fmt.Sscan(string(b), &all, &resident)
	return resident * float64(os.Getpagesize()) / 1e6
}

// run warms the server for a second, measures, and tells what the run left behind.
func (l *load) run(ctx context.Context, what, aim string, callers int, one func(c *http.Client, n int) error) error {
	if t, _ := l.most(ctx, time.Second, callers, one); len(t.all) == 0 {
		return t.first
	}
	a, err := l.held(ctx)
	if err != nil {
		return err
	}
	cpu := used()
	t, took := l.most(ctx, l.length, callers, one)
	each, peak := perOne(cpu, len(t.all)), rss()
	b, err := l.held(ctx)
	if err != nil {
		return err
	}
	n := float64(max(1, len(t.all)))
	l.row(what, fmt.Sprintf("%.0f/s over %.0f s; %s; %v", n/took.Seconds(), took.Seconds(), each, t), aim)
	l.row("… held before and after", fmt.Sprintf("heap %.1f → %.1f MB, goroutines %d → %d, resident %.0f → %.0f MB, %.0f at the end of the run",
		a.heap, b.heap, a.goroutines, b.goroutines, a.rss, b.rss, peak), "no leak")
	l.row("… database", fmt.Sprintf("%.1f → %.1f MB, %.0f bytes each", a.disk, b.disk, (b.disk-a.disk)*1e6/n), "")
	return ctx.Err()
}
