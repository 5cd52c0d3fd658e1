// Command login measures how people sign in, over HTTP on loopback against the whole demo city: sign-ins to a system by the authorization code,
// introspection at a fixed rate, sign-ins by password, and the size of the sign-in page. Server and generator are one process, so memory and
// processor time are those of both. Every run is bounded in count and time.
//
//	go run ./bench/login [-for 60s] [-engine sqlite|postgres] [page] [public] [key] [introspect] [password]
//
// Without a part it measures all. PostgreSQL is the server TONGBAN_TEST_PG names; internal/base/dbtest/withpg -fsync starts one. Progress goes to
// standard error, the table to standard output as Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"tongban/bench"
	"tongban/internal/domain/sso"
)

// options are the flags of the command.
type options struct {
	length               time.Duration
	engine, profile      string
	conns, persons, rate int
}

func main() {
	var o options
	flag.DurationVar(&o.length, "for", time.Minute, "length of each run of sign-ins; introspection takes half of it; at most 5m")
	flag.StringVar(&o.engine, "engine", "sqlite", "sqlite or postgres")
	flag.IntVar(&o.conns, "conns", 8, "connections, at most 32")
	flag.IntVar(&o.persons, "persons", 500, "people who sign in, at most 2000")
	flag.IntVar(&o.rate, "rate", 200, "introspections a second, at most 900")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a profile of all runs to this file")
	flag.Parse()
	o.length, o.conns, o.persons, o.rate = min(o.length, 5*time.Minute), min(o.conns, 32), min(o.persons, 2000), min(o.rate, 900)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	if err := measure(ctx, o, flag.Args()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, o options, parts []string) error {
	dir, err := os.MkdirTemp("", "tongban-login")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, database, drop := &load{options: o}, "", func() error { return nil }
	if o.engine == "postgres" {
		if database, drop, err = bench.NewPostgres(ctx, os.Getenv("TONGBAN_TEST_PG")); err != nil {
			return fmt.Errorf("server TONGBAN_TEST_PG: %w", err)
		}
	}
	l.say("the city opens on %s, and %d people register", o.engine, o.persons)
	if l.city, err = openCity(ctx, dir, database, o.persons); err != nil {
		return errors.Join(err, drop())
	}
	err = l.parts(ctx, parts)
	if err := errors.Join(err, l.close(), drop()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s, %d cores of %s, %s, %d connections, %d people\n\n| what | figure | aim |\n|---|---|---|\n%s",
		o.engine, runtime.NumCPU(), cpu(), runtime.Version(), o.conns, o.persons, strings.Join(l.rows, ""))
	return err
}

// parts runs the parts that are asked for. Passwords come last: they open sessions, and the oldest ones end of it.
func (l *load) parts(ctx context.Context, asked []string) error {
	if l.profile != "" {
		f, err := os.Create(l.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for _, p := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"page", l.page},
		{"public", func(ctx context.Context) error { return l.codes(ctx, publicClient, sso.AuthNone) }},
		{"key", func(ctx context.Context) error { return l.codes(ctx, keyClient, sso.AuthKey) }},
		{"introspect", l.introspect},
		{"password", l.passwords},
	} {
		if len(asked) > 0 && !slices.Contains(asked, p.name) {
			continue
		}
		l.say("%s", p.name)
		if err := p.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

func cpu() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	_, after, _ := strings.Cut(string(b), "model name\t: ")
	model, _, _ := strings.Cut(after, "\n")
	return model
}
