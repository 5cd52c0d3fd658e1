package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// page is one of the portal's pages under load.
type page struct{ name, path string }

// portal lists the pages everybody may open. The items are those of the demo city.
var portal = []page{
	{"home", "/"},
	{"list of items", "/items"},
	{"search", "/items?" + url.Values{"q": {"食品"}}.Encode()},
	{"item start page", "/items/food-licence-new"},
	{"look a case up", "/lookup"},
	{"verify a licence", "/verify"},
}

// pages measures each portal page with eight connections as fast as they go, then at a steady rate, and all of them mixed at the steady rate.
func pages(ctx context.Context, o options, dir string, out io.Writer) error {
	data := filepath.Join(dir, "data")
	s, err := serve(ctx, o.bin, data)
	if err != nil {
		return err
	}
	err = loadPages(ctx, o, s, data, out)
	return errors.Join(err, s.stop())
}

func loadPages(ctx context.Context, o options, s *server, data string, out io.Writer) error {
	if o.items != "" {
		c := exec.CommandContext(ctx, o.bin, "catalog", "import", o.items, "--data", data) //nolint:gosec // our own binary
		if b, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("import: %w\n%s", err, b)
		}
		time.Sleep(3 * time.Second) // until the running server has seen it
	}
	callers := newCallers(s.base)
	defer callers.close()
	if _, err := fmt.Fprint(out, "| page | most with 8 connections | processor of the server a page | p50 / p99 / longest at a steady rate | HTML+CSS+JS on the wire |\n|---|---|---|---|---|\n"); err != nil {
		return err
	}
	length := time.Duration(o.seconds) * time.Second
	for _, p := range portal {
		wire, err := weigh(ctx, s.base, p.path)
		if err != nil {
			return err
		}
		callers.most(ctx, []page{p}, time.Second) // warm
		before := s.cpu()
		most := callers.most(ctx, []page{p}, length)
		each := (s.cpu() - before) / time.Duration(max(1, most.n))
		steady := callers.steady(ctx, []page{p}, o.rate, length)
		if _, err := fmt.Fprintf(out, "| %s | %.0f/s%s | %.2f ms | %s at %d/s | %.1f KB |\n", p.name, most.perSecond(), most.bad(), float64(each.Microseconds())/1000,
			steady, o.rate, float64(wire)/1000); err != nil {
			return err
		}
	}
	before := s.cpu()
	mixed := callers.steady(ctx, portal, o.rate, 3*length)
	used := float64(s.cpu()-before) / float64(mixed.took)
	_, err := fmt.Fprintf(out, "| all mixed | | %.0f %% of one processor | %s at %d/s | |\n\nresident memory after it all: %.0f MB\n", used*100, mixed, o.rate, s.rss())
	return err
}

var asset = regexp.MustCompile(`(?:href|src)="(/a/[^"]+\.(?:css|js))"`)

// weigh gives the bytes a first visit takes for a page with its style sheets and scripts, bodies as compressed for a browser.
func weigh(ctx context.Context, base, path string) (int, error) {
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableCompression: true}}
	plain, err := body(ctx, c, base+path, "identity")
	if err != nil {
		return 0, err
	}
	zipped, err := body(ctx, c, base+path, "gzip")
	if err != nil {
		return 0, err
	}
	n := len(zipped)
	seen := map[string]bool{}
	for _, m := range asset.FindAllSubmatch(plain, -1) {
		if name := string(m[1]); !seen[name] {
			seen[name] = true
			b, err := body(ctx, c, base+name, "gzip")
			if err != nil {
				return 0, err
			}
			n += len(b)
		}
	}
	return n, nil
}

func body(ctx context.Context, c *http.Client, url, encoding string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", encoding)
	a, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, a.Status)
	}
	return io.ReadAll(a.Body)
}
