package sso_test

import (
	"os"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

// BenchmarkLogin is authorize, code and token with a session and a consent there: the figure is 200 a second on two cores.
func BenchmarkLogin(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := w.s.Token(b.Context(), exchange(w.code(w.mary, query()))); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
	})
}

// BenchmarkIntrospect is one question about an access token.
func BenchmarkIntrospect(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		t := w.signIn(w.mary, query())
		b.ResetTimer()
		for b.Loop() {
			if in, err := w.s.Introspect(b.Context(), call("token", t.Access)); err != nil || !in.Active {
				b.Fatal(err)
			}
		}
	})
}

func eachBench(b *testing.B, fn func(*testing.B, *world)) {
	run := func(name string, open func(testing.TB, ...db.Room) *db.DB) {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, open(b, schema...))
			w.ensure(shop(), secret)
			w.agree(w.mary, query())
			w.signIn(w.mary, query())
			b.ResetTimer()
			fn(b, w)
		})
	}
	run("sqlite", dbtest.SQLite)
	if os.Getenv(dbtest.ServerVar) != "" {
		run("postgres", dbtest.Postgres)
	}
}
