package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tongban/bench"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

func city(b *testing.B) *bench.City {
	b.Helper()
	c, err := bench.OpenCity(b.Context(), b.TempDir(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.Error(err)
		}
	})
	return c
}

// Twenty working days over Spring Festival with one stop.
func BenchmarkDeadline(b *testing.B) {
	at := func(s string) time.Time {
		t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
		if err != nil {
			b.Fatal(err)
		}
		return t
	}
	stops := []clock.Stop{{From: at("2026-02-24 09:00"), To: at("2026-03-02 17:00")}}
	from, cal := at("2026-02-10 15:00"), clock.Embedded()
	for b.Loop() {
		if _, err := clock.Deadline(from, clock.Period{N: 20, Unit: clock.Workday}, stops, cal); err != nil {
			b.Fatal(err)
		}
	}
}

// The form of the food licence with everything still missing: the most findings it can have.
func BenchmarkValidateForm(b *testing.B) {
	def, _, err := city(b).Catalog.Form(b.Context(), "food", 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if len(def.Validate(form.Answers{}, "2026-11-21")) == 0 {
			b.Fatal("an empty form has no findings")
		}
	}
}

// Whole pages through every layer but the network.
func BenchmarkPage(b *testing.B) {
	h := city(b).Site.Handler()
	for name, path := range map[string]string{"home": "/", "list": "/items", "search": "/items?q=%E9%A3%9F%E5%93%81", "item": "/items/food-licence-new", "lookup": "/lookup"} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
				r.RemoteAddr = fmt.Sprintf("127.%d.%d.1:1000", n/100%200, n%100) // one address may ask only so often
				r.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("%s: %d", path, w.Code)
				}
			}
		})
	}
}
