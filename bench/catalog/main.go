package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tongban/bench/rig"
	"tongban/internal/base/db"
)

// options are the flags of the command.
type options struct {
	sizes            []int
	engine, url      string
	keep, out, root  string
	profile, only    string
	seed             uint64
	slow             int
	length, limit    time.Duration
	all, plot, known bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("catalog", flag.ContinueOnError)
	sizes := f.String("n", "100000", "items, one size or several, such as 1000000,5200000")
	f.StringVar(&o.engine, "db", "sqlite", "sqlite or postgres")
	f.StringVar(&o.url, "url", "", "an empty database to use instead of an own one")
	f.StringVar(&o.keep, "keep", "", "folder in which the databases stay; a later run goes on there")
	f.StringVar(&o.out, "out", "", "folder for results: a JSON file for each size, and growth.svg")
	f.StringVar(&o.root, "root", ".", "the repository")
	f.StringVar(&o.profile, "profile", "", "folder for processor profiles of each part")
	f.StringVar(&o.only, "only", "", "measure only one kind of question: "+strings.Join(kindsAsked, ", "))
	f.Uint64Var(&o.seed, "seed", 1, "of the generator")
	f.IntVar(&o.slow, "slow", 0, "PostgreSQL logs plans of statements that take longer, in ms; 0: none")
	f.DurationVar(&o.length, "for", 4*time.Second, "how long each kind of question is asked")
	f.DurationVar(&o.limit, "limit", 28*time.Minute, "when everything must be over")
	f.BoolVar(&o.all, "all", false, "100,000 on SQLite; 100,000, 1 and 5.2 million on PostgreSQL")
	f.BoolVar(&o.known, "known", false, "the offices are known as agencies, not only from lists")
	f.BoolVar(&o.plot, "plot", false, "only draw the results in -out again")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, s := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-n %s: not a number of items", s)
		}
		o.sizes = append(o.sizes, n)
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.plot {
		return plot(o.out)
	}
	if o.keep == "" {
		dir, err := os.MkdirTemp("", "tongban-catalog")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.keep = dir
		if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's user passes through
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	if !o.all {
		return errors.Join(grow(ctx, o), plot(o.out))
	}
	lite, post := o, o
	lite.engine, lite.sizes = string(db.SQLite), []int{100_000}
	post.engine, post.sizes = string(db.Postgres), []int{100_000, 1_000_000, 5_200_000}
	return errors.Join(grow(ctx, lite), grow(ctx, post), plot(o.out))
}

// grow brings one database from size to size and measures at each.
func grow(ctx context.Context, o options) (err error) {
	c, err := newCountry(o.root, o.seed)
	if err != nil {
		return err
	}
	rig.Say("%s: %d matters, %d places, load average %.1f", o.engine, len(c.matters), len(c.places), rig.Load1())
	s, err := openSite(ctx, c, o, o.engine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, n := range o.sizes {
		if n = s.fitting(ctx, n); n == 0 {
			return errors.New("no time is left for the next size")
		}
		if err := s.enough(n); err != nil {
			return err
		}
		if err := s.size(ctx, o, n); err != nil {
			return err
		}
	}
	return nil
}

// perItem and besides are what the disk must hold: rows and indexes of an item with the log of its writing, and the server's own log.
const perItem, besides = 5 << 10, 10 << 30

// enough says what is missing when a disk will not hold so many items.
func (s *site) enough(n int) error {
	var f syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &f); err != nil {
		return err
	}
	need := int64(n-s.state.items()) * perItem
	if n > 500_000 {
		need += besides
	}
	if free := int64(f.Bavail) * f.Bsize; free < need { //nolint:gosec // disks are smaller
		return fmt.Errorf("%s has %d GB free, %d items need %d GB: name another folder with -keep", s.dir, free>>30, n, need>>30)
	}
	return nil
}

// fitting cuts a size that would not be over in time, from the speed so far. Imports become slower as indexes grow; and asking takes its time, too.
func (s *site) fitting(ctx context.Context, n int) int {
	end, bounded := ctx.Deadline()
	have := s.state.items()
	if !bounded || have == 0 || n <= have {
		return n
	}
	var seconds float64
	for _, l := range s.state.Lists[max(0, len(s.state.Lists)-3):] {
		seconds = max(seconds, 1/max(l.rate(), 1))
	}
	left := time.Until(end).Seconds() - 300
	if most := have + int(left/(seconds*1.25)); most < n {
		rig.Say("%d items would take too long: %d fit", n, most)
		n = max(0, most/100_000*100_000)
	}
	if n <= have {
		return 0
	}
	return n
}

// size fills up to n items and measures.
func (s *site) size(ctx context.Context, o options, n int) error {
	r := &result{At: time.Now().UTC().Format(time.RFC3339), Engine: string(s.db.Dialect()), Version: s.version, Items: n, Seed: s.seed, Load: rig.Load1(), Settings: s.settings}
	before := s.state.items()
	rig.Fresh()
	done := profile(o.profile, string(s.db.Dialect())+"-import")
	err := s.fill(ctx, n)
	done()
	if err != nil {
		return err
	}
	r.Import, r.Lists = rig.MemoryNow(), s.state.Lists
	var seconds, items float64
	for _, l := range s.state.Lists {
		if l.From >= before || before >= n {
			seconds, items = seconds+l.Seconds, items+float64(l.Timed)
		}
	}
	r.Rate = items / max(seconds, 0.001)
	if before < n {
		if r.Tidy, err = s.tidy(ctx); err != nil {
			return err
		}
	}
	rig.Say("%d items: %.0f/s, import took at most %d MB; housekeeping %.1f s", n, r.Rate, r.Import.Peak, r.Tidy)
	if err := s.sizes(ctx, r); err != nil {
		return err
	}
	rig.Say("database %d MB, of it indexes %d MB; %d distinct names, %d offices", r.Size, r.Indexes, r.Heads, r.Offices)
	rig.Fresh()
	node, began := s.service(), time.Now()
	if err := errors.Join(node.Ready(ctx), node.Words().Ready(ctx)); err != nil {
		return err
	}
	r.Ready = time.Since(began).Seconds()
	r.Idle = rig.MemoryNow()
	rig.Say("ready after %.2f s with %d MB resident, heap %d MB", r.Ready, r.Idle.Resident, r.Idle.Heap)
	rig.Fresh()
	if err := s.asked(ctx, o, node, r); err != nil {
		return err
	}
	r.Asked = rig.MemoryNow()
	rig.Say("after all questions %d MB resident, at most %d MB, heap %d MB", r.Asked.Resident, r.Asked.Peak, r.Asked.Heap)
	if r.Publish, err = s.published(ctx, node); err != nil {
		return err
	}
	rig.Say("published and found by another node after %.0f to %.0f ms", r.Publish[0], r.Publish[len(r.Publish)-1])
	return r.save(o.out)
}
