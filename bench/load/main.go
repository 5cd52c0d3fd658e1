// Command load measures the built server from outside: how long it takes to start, what it holds in memory, how many portal pages it gives a
// second and how fast, and how many applications it takes in. Everything it starts listens on loopback and ends with it; every run is bounded in
// count and time.
//
//	go run ./bench/load [-bin FILE] start|pages|submit
//
// submit also measures PostgreSQL when TONGBAN_TEST_PG names a server. Answers go to standard output as Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// options are the flags of the command.
type options struct {
	bin     string
	repeat  int
	rate    int
	seconds int
	items   string
	n       int
	rounds  int
	profile string
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "", "server binary; built when empty")
	flag.IntVar(&o.repeat, "repeat", 5, "start: starts of each kind")
	flag.IntVar(&o.rate, "rate", 500, "pages: requests a second of the steady run")
	flag.IntVar(&o.seconds, "seconds", 10, "pages: length of each run, at most 60")
	flag.StringVar(&o.items, "items", "internal/domain/catalog/testdata/district-items.csv", "pages: list of items to import first; empty for none")
	flag.IntVar(&o.n, "n", 80, "submit: applications a round")
	flag.IntVar(&o.rounds, "rounds", 6, "submit: rounds")
	flag.StringVar(&o.profile, "cpuprofile", "", "submit: write a profile to this file; pprof -tagfocus=work=submit shows the submissions alone")
	flag.Parse()
	o.seconds, o.n, o.rounds = min(o.seconds, 60), min(o.n, 1000), min(o.rounds, 20)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	if err := run(ctx, o, flag.Arg(0), os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, what string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "tongban-load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if what == "submit" {
		return submit(ctx, o, dir, out)
	}
	if o.bin == "" {
		o.bin = filepath.Join(dir, "tongban")
		c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", o.bin, "./cmd/tongban") //nolint:gosec // fixed words
		if b, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w\n%s", err, b)
		}
	}
	switch what {
	case "start":
		return start(ctx, o, dir, out)
	case "pages":
		return pages(ctx, o, dir, out)
	}
	return errors.New("say what to measure: start, pages or submit")
}
