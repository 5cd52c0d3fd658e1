package ssoweb_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

// BenchmarkLogin is authorize and token over loopback with a session and a consent there and an assertion by ES256; the client's own work counts
// too. The figure is 200 a second on two cores.
func BenchmarkLogin(b *testing.B) {
	run := func(name string, with func(testing.TB, ...db.Room) *db.DB) {
		b.Run(name, func(b *testing.B) {
			s := open(b, with(b, schema...))
			s.register(nil)
			s.agreed()
			var cookie *http.Cookie
			for id := range s.sessions {
				cookie = &http.Cookie{Name: "session", Value: id} //nolint:gosec // sent, not set
			}
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.url+s.query(), nil)
					if err != nil {
						b.Error(err)
						return
					}
					r.AddCookie(cookie)
					res, err := http.DefaultTransport.RoundTrip(r)
					if err != nil {
						b.Error(err)
						return
					}
					_ = res.Body.Close()
					to, err := url.Parse(res.Header.Get("Location"))
					if err != nil {
						b.Error(err)
						return
					}
					if st, got, _ := s.post("/oauth/token", s.exchange(to.Query().Get("code"))); st != 200 {
						b.Errorf("%d %v", st, got)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
		})
	}
	run("sqlite", dbtest.SQLite)
	if os.Getenv(dbtest.ServerVar) != "" {
		run("postgres", dbtest.Postgres)
	}
}
