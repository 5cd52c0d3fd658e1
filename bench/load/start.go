package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// start measures size, starts and idle memory.
func start(ctx context.Context, o options, dir string, out io.Writer) error {
	info, err := os.Stat(o.bin)
	if err != nil {
		return err
	}
	var first, second []float64
	var mem memory
	for i := range o.repeat {
		data := filepath.Join(dir, "data"+strconv.Itoa(i))
		s, err := serve(ctx, o.bin, data)
		if err != nil {
			return err
		}
		first = append(first, s.ready.Seconds())
		if i == 0 {
			if mem, err = remember(ctx, s); err != nil {
				return errors.Join(err, s.stop())
			}
		}
		if err := s.stop(); err != nil {
			return err
		}
		if s, err = serve(ctx, o.bin, data); err != nil {
			return err
		}
		second = append(second, s.ready.Seconds())
		if err := s.stop(); err != nil {
			return err
		}
	}
	verify, err := verifies(ctx, o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `| what | figure | aim |
|---|---|---|
| stripped binary | %.1f MB | ≤ 80 MB |
| first start with the city, to ready | %s s | ≤ 10 s |
| later start, to ready | %s s | ≤ 2 s |
| resident memory after the first start | %.0f MB | ≤ 150 MB |
| … after 200 pages | %.0f MB | ≤ 150 MB |
| … and one application with its papers and licence made, and ten licences verified | %.0f MB | ≤ 150 MB |
| … 30 s later | %.0f MB | ≤ 150 MB |
| tongban verify of a licence, whole process | %s ms | ≤ 150 ms |
`, float64(info.Size())/1e6, spread(first, 2), spread(second, 2), mem.start, mem.pages, mem.papers, mem.idle, spread(verify, 0))
	return err
}

// spread writes a median with the least and the greatest value.
func spread(v []float64, digits int) string {
	slices.Sort(v)
	f := func(x float64) string { return strconv.FormatFloat(x, 'f', digits, 64) }
	return fmt.Sprintf("%s (%s–%s, n=%d)", f(v[len(v)/2]), f(v[0]), f(v[len(v)-1]), len(v))
}

// verifies times the whole process of verifying the sample licence.
func verifies(ctx context.Context, o options) ([]float64, error) {
	var out []float64
	for range max(o.repeat*2, 10) {
		c := exec.CommandContext(ctx, o.bin, "verify", "--trust", "docs/samples/ca.pem", "docs/samples/food-licence.pdf") //nolint:gosec // our own binary
		began := time.Now()
		if b, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("verify: %w\n%s", err, b)
		}
		out = append(out, float64(time.Since(began).Microseconds())/1000)
	}
	return out, nil
}

// memory is resident memory in MB after each stage.
type memory struct{ start, pages, papers, idle float64 }

func remember(ctx context.Context, s *server) (m memory, err error) {
	time.Sleep(2 * time.Second)
	m.start = s.rss()
	v, err := visit(s.base)
	if err != nil {
		return m, err
	}
	for i := range 200 {
		if _, err := v.do(ctx, http.MethodGet, portal[i%len(portal)].path, nil); err != nil {
			return m, err
		}
	}
	m.pages = s.rss()
	if err := v.elderCard(ctx); err != nil {
		return m, err
	}
	sample, err := os.ReadFile("docs/samples/food-licence.pdf")
	if err != nil {
		return m, err
	}
	for range 10 {
		if err := v.verify(ctx, sample); err != nil {
			return m, err
		}
	}
	m.papers = s.rss()
	time.Sleep(30 * time.Second)
	m.idle = s.rss()
	return m, nil
}

// visitor is a person with a browser, at the demo.
type visitor struct {
	base string
	http *http.Client
}

func visit(base string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	return &visitor{base, &http.Client{Jar: jar, Timeout: 30 * time.Second}}, err
}

// do sends JSON, or a form when body is url.Values, and gives the answer; a status of 400 and above is an error.
func (v *visitor) do(ctx context.Context, method, path string, body any) ([]byte, error) {
	kind, rd := "application/json", io.Reader(http.NoBody)
	switch b := body.(type) {
	case nil:
	case url.Values:
		kind, rd = "application/x-www-form-urlencoded", strings.NewReader(b.Encode())
	default:
		j, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		rd = bytes.NewReader(j)
	}
	return v.send(ctx, method, path, kind, rd)
}

func (v *visitor) send(ctx context.Context, method, path, kind string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin") // as a browser on our page would
	a, err := v.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %.600s", method, path, a.Status, b)
	}
	return b, err
}
