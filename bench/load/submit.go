package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"

	"tongban/bench"
)

// submit measures submissions on SQLite and, where a server is named, on PostgreSQL.
func submit(ctx context.Context, o options, dir string, out io.Writer) error {
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := submitOn(ctx, o, filepath.Join(dir, "sqlite"), "", out); err != nil {
		return err
	}
	server := os.Getenv("TONGBAN_TEST_PG")
	if server == "" {
		return nil
	}
	at, drop, err := bench.NewPostgres(ctx, server)
	if err != nil {
		return err
	}
	return errors.Join(submitOn(ctx, o, filepath.Join(dir, "postgres"), at, out), drop())
}

func submitOn(ctx context.Context, o options, dir, database string, out io.Writer) error {
	c, err := bench.OpenCity(ctx, dir, database)
	if err != nil {
		return err
	}
	s, err := c.Submit(ctx, o.rounds, o.n)
	if err := errors.Join(err, c.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%s: one submission writes %d rows, %d bytes: %s\n\n| round | submissions | bare transactions | ratio | longest submission | processor a submission |\n|---|---|---|---|---|---|\n",
		s.Engine, s.Count, s.Bytes, s.Rows)
	if err != nil {
		return err
	}
	var sub, bare, ratio []float64
	for i, r := range s.Rounds {
		sub, bare, ratio = append(sub, r.Submitted), append(bare, r.Bare), append(ratio, r.Ratio())
		if _, err := fmt.Fprintf(out, "| %d | %.0f/s | %.0f/s | %.2f | %.0f ms | %.1f ms |\n", i+1, r.Submitted, r.Bare, r.Ratio(), float64(r.Longest.Milliseconds()), float64(r.Processor.Microseconds())/1000); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "| median | %s | %s | %s | | |\n\nafterwards, the jobs of one submission (papers, messages, events): %.1f ms of processor\n",
		spread(sub, 0), spread(bare, 0), spread(ratio, 2), float64(s.After.Microseconds())/1000)
	return err
}
