package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tongban/bench/rig"
)

type options struct {
	full, slim []int
	keep, out  string
	length     time.Duration
	slow       int
	plot, fill bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "desk:", err)
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("desk", flag.ContinueOnError)
	full := f.String("full", "10000", "sizes with full cases, such as 10000,1000000")
	slim := f.String("slim", "", "sizes with slim cases, such as 10000000")
	all := f.Bool("all", false, "10,000 and 1 million full cases, then 10 million slim ones")
	f.StringVar(&o.keep, "keep", "", "folder in which the databases stay")
	f.StringVar(&o.out, "out", "", "folder for results: a JSON file for each size, and growth.svg")
	f.DurationVar(&o.length, "for", 4*time.Second, "how long each kind of question is asked")
	f.IntVar(&o.slow, "slow", 0, "PostgreSQL logs plans of statements that take longer, in ms; 0: none")
	f.BoolVar(&o.fill, "fill", false, "only fill the databases in -keep; a later run goes on there")
	f.BoolVar(&o.plot, "plot", false, "only draw the results in -out again")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *all {
		*full, *slim = "10000,1000000", "10000000"
	}
	if o.full, err = numbers(*full); err != nil {
		return o, err
	}
	o.slim, err = numbers(*slim)
	return o, err
}

func numbers(list string) (out []int, err error) {
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: not a number of cases", s)
		}
		out = append(out, n)
	}
	return out, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil || o.plot {
		return errors.Join(err, plot(o.out))
	}
	if o.keep == "" {
		if o.keep, err = os.MkdirTemp("", "tongban-desk"); err != nil {
			return err
		}
		defer os.RemoveAll(o.keep)
		if err := os.Chmod(o.keep, 0o755); err != nil { //nolint:gosec // PostgreSQL's user passes through
			return err
		}
	}
	for _, part := range []struct {
		name  string
		sizes []int
	}{{"full", o.full}, {"slim", o.slim}} {
		if len(part.sizes) == 0 {
			continue
		}
		dir := filepath.Join(o.keep, part.name)
		if err := grow(ctx, o, dir, part.name, part.sizes); err != nil {
			return err
		}
		if o.slow > 0 || o.fill { // the log is to be read, or the rows are
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return plot(o.out)
}

// grow brings one database from size to size and measures at each.
func grow(ctx context.Context, o options, dir, kind string, sizes []int) (err error) {
	s, err := openSite(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, n := range sizes {
		if n > s.count {
			if err := s.fill(ctx, n-s.count, kind == "slim"); err != nil {
				return err
			}
		}
		if o.fill {
			continue
		}
		r := result{At: time.Now().UTC().Format(time.RFC3339), Kind: kind, Cases: n, Version: s.version, Settings: s.settings, Load: rig.Load1()}
		if err := s.measure(ctx, o.length, &r); err != nil {
			return err
		}
		if err := r.save(o.out); err != nil {
			return err
		}
	}
	return nil
}
