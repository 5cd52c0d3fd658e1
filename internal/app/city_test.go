package app_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/webtest"
)

// city is the whole demo, running on a real listener over a database.
type city struct {
	*app.App
	base string
	stop func() // ends the server; its data stay
}

// startCity starts the demo city over a fresh database of an engine: sqlite or postgres.
func startCity(t *testing.T, engine string) *city {
	t.Helper()
	o := app.DemoOptions{Dir: t.TempDir()}
	if engine == "postgres" {
		o.Database = dbtest.PostgresURL(t)
	}
	return startNode(t, o)
}

// startNode starts one server over the folder and database of the options, at an address of its own; without a public address that is it.
func startNode(t *testing.T, o app.DemoOptions) *city {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	base := "http://localhost:" + port // passkeys belong to a name, not to an address
	o.BaseURL = cmp.Or(o.BaseURL, base)
	o.Version, o.Now, o.Log = "test", time.Now, slog.New(slog.NewTextHandler(logTo(t), &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.OpenDemo(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx, l) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := a.Demo().Close(); err != nil {
			t.Errorf("close demo: %v", err)
		}
	})
	t.Cleanup(stop)
	return &city{a, base, stop}
}

func logTo(t *testing.T) io.Writer {
	if testing.Verbose() {
		return os.Stderr
	}
	t.Helper()
	return io.Discard
}

// each runs a test on both engines, the second where a server is named.
func each(t *testing.T, fn func(t *testing.T, c *city)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, startCity(t, "sqlite")) })
	if os.Getenv(dbtest.ServerVar) != "" {
		t.Run("postgres", func(t *testing.T) { fn(t, startCity(t, "postgres")) })
	}
}

// visitor is a browser with nobody signed in.
func (c *city) visitor(t *testing.T) *webtest.Client { t.Helper(); return webtest.Visit(t, c.base) }

// as signs in by the demo page: "person:19900000101" or "staff:zhou-min".
func (c *city) as(t *testing.T, account string) *webtest.Client {
	t.Helper()
	v := c.visitor(t)
	v.Post("/demo/sign-in", url.Values{"account": {account}, "next": {"/accessibility"}}, 200)
	return v
}

// settle waits until no job is due: papers made, messages sent.
func (c *city) settle(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if dbtest.Count(t, c.DB, "job_job", "state = 'run' OR (state = 'ready' AND due_ms <= $1)", time.Now().UnixMilli()) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("jobs did not settle within 20 s")
}
