package catalogweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
)

// BenchmarkPages measures the pages most people see, each time another address, on both engines. The 99th of a hundred is what counts: at most 10 ms.
func BenchmarkPages(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPages(b, openOn(b, dbtest.SQLite(b, rooms...), "food-licence", "elder-card")) })
	if os.Getenv(dbtest.ServerVar) != "" {
		b.Run("postgres", func(b *testing.B) {
			benchPages(b, openOn(b, dbtest.Postgres(b, rooms...), "food-licence", "elder-card"))
		})
	}
}

func benchPages(b *testing.B, p *portal) {
	p.district(b)
	var guides, lists, words []string
	for _, code := range []string{"01", "05", "07", "10", "20"} {
		for _, online := range []string{"full", "guide"} {
			lists = append(lists, "/items?type="+code+"&online="+online, "/items?region=511602000000&type="+code+"&online="+online)
		}
	}
	for _, q := range []string{"许可", "开饭店", "老年证", "我爸驾照过期了", "采砂", "医疗机构", "变更登记", "补贴"} {
		words = append(words, "/items?q="+url.QueryEscape(q))
	}
	for next := "/items"; next != "" && len(guides) < 400; {
		page := p.Get(next, http.StatusOK)
		guides = append(guides, hrefs(page, ".item h3 a")...)
		lists = append(lists, next)
		if next = ""; len(hrefs(page, "a[rel=next]")) > 0 {
			next = hrefs(page, "a[rel=next]")[0]
		}
	}
	for _, kind := range []struct {
		name  string
		paths []string
	}{{"home", []string{"/"}}, {"list", lists}, {"guide", guides}, {"search", words}} {
		b.Run(kind.name, func(b *testing.B) { p.measure(b, kind.paths) })
	}
}

func (p *portal) measure(b *testing.B, paths []string) {
	h := p.site.Handler()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, paths[i%len(paths)], nil)
		r.RemoteAddr = fmt.Sprintf("10.0.%d.%d:1", i/250%250, i%250)
		r.Header.Set("Accept-Encoding", "gzip")
		w := &sink{header: http.Header{}}
		began := time.Now() //nolint:forbidigo // it measures
		h.ServeHTTP(w, r)
		took = append(took, time.Since(began))
		if w.status != http.StatusOK && w.status != http.StatusTooManyRequests {
			b.Fatal(w.status, paths[i%len(paths)])
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

type sink struct {
	header http.Header
	status int
	n      int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.n += len(b); return len(b), nil }
