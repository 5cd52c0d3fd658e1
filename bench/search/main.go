package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
)

// rooms are the tables that are needed; the catalog's are read from its folder.
func rooms(root string) []db.Room {
	return []db.Room{audit.Schema, {Name: "catalog", Files: os.DirFS(filepath.Join(root, "internal/domain/catalog"))}}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("say questions or speed")
	}
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	show := f.Bool("show", false, "print the questions of the open halves that are not answered among the first three")
	o := speedOptions{}
	f.IntVar(&o.items, "items", 100_000, "items")
	f.IntVar(&o.heads, "heads", 20_000, "distinct names among them")
	f.IntVar(&o.counties, "counties", 13, "counties of a city, all of which use the same names")
	f.IntVar(&o.clients, "clients", 8, "clients at once")
	f.DurationVar(&o.time, "time", 10*time.Second, "how long to ask")
	f.StringVar(&o.only, "only", "", "ask only words of this kind: common, middle, rare …")
	f.BoolVar(&o.kept, "kept", false, "the database holds the items already")
	url := f.String("db", "", "address of the database; a new SQLite file when empty")
	root := f.String("root", ".", "the repository")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	d, done, err := open(ctx, *root, *url)
	if err != nil {
		return err
	}
	defer done()
	switch args[0] {
	case "questions":
		return questions(ctx, d, *root, *show, out)
	case "speed":
		return speed(ctx, d, o, out)
	}
	return fmt.Errorf("%s is neither questions nor speed", args[0])
}

// open opens a database and brings its tables up to date.
func open(ctx context.Context, root, url string) (*db.DB, func(), error) {
	remove := func() {}
	if url == "" {
		dir, err := os.MkdirTemp("", "tongban-search")
		if err != nil {
			return nil, nil, err
		}
		remove = func() { _ = os.RemoveAll(dir) }
		url = "sqlite:" + filepath.Join(dir, "search.db")
	}
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		remove()
		return nil, nil, err
	}
	done := func() { _ = d.Close(); remove() }
	if err := d.Migrate(ctx, rooms(root)...); err != nil {
		done()
		return nil, nil, err
	}
	return d, done, nil
}
