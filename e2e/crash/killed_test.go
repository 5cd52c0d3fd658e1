package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// roundsVar says how often the program is killed on SQLite and on PostgreSQL: "30,10". Unset is once on SQLite.
const roundsVar = "TONGBAN_CRASH"

// seedVar repeats the rounds of one seed.
const seedVar = "TONGBAN_CRASH_SEED"

func rounds(t *testing.T) (sqlite, postgres int) {
	t.Helper()
	v := os.Getenv(roundsVar)
	if v == "" {
		return 1, 0
	}
	a, b, _ := strings.Cut(v, ",")
	sqlite, err := strconv.Atoi(strings.TrimSpace(a))
	if err == nil && b != "" {
		postgres, err = strconv.Atoi(strings.TrimSpace(b))
	}
	if err != nil {
		t.Fatalf("%s=%q: want two numbers such as 30,10", roundsVar, v)
	}
	return sqlite, postgres
}

func firstSeed(t *testing.T) uint64 {
	t.Helper()
	v := os.Getenv(seedVar)
	if v == "" {
		return rand.Uint64() % 1e9 //nolint:gosec // chance, no secret
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q: want a number", seedVar, v)
	}
	return n
}

// TestKilled kills the server at random points of everything people and officers do at once, and then counts: whatever was acknowledged is there
// exactly once, in the answers of the API and in the tables.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds a round")
	}
	lite, pg := rounds(t)
	seed := firstSeed(t)
	filled := template(t)
	for i := range lite {
		t.Run(fmt.Sprintf("sqlite/seed=%d", seed+uint64(i)), func(t *testing.T) { //nolint:gosec // never negative
			t.Parallel()
			round(t, &server{t: t, dir: copyOf(t, filled)}, seed+uint64(i)) //nolint:gosec // never negative
		})
	}
	if pg == 0 {
		return
	}
	p := pgTemplate(t)
	for i := range pg {
		t.Run(fmt.Sprintf("postgres/seed=%d", seed+uint64(i)), func(t *testing.T) { //nolint:gosec // never negative
			t.Parallel()
			round(t, &server{t: t, dir: copyOf(t, p.dir), db: p.clone(t)}, seed+uint64(i)) //nolint:gosec // never negative
		})
	}
}

// round is one life of the server: work, death, sometimes death again while it gets up, and the reckoning.
func round(t *testing.T, s *server, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1<<32)) //nolint:gosec // chance must be repeatable here
	s.start()
	w := newWorld(s, seed)
	if err := w.signIn(); err != nil {
		t.Fatal(err)
	}
	after := 50*time.Millisecond + time.Duration(rng.Int64N(int64(2500*time.Millisecond)))
	t.Logf("seed %d: killed after %d ms of work", seed, after.Milliseconds())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with %s=%d %s=1,0 (or 0,1)\n%s", seedVar, seed, roundsVar, s.tail())
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		time.Sleep(after)
		s.kill()
		cancel()
	}()
	w.run(ctx)
	<-ctx.Done()
	for range rng.IntN(5) / 3 { // two rounds of five: again, while it is starting
		s.launch()
		again := time.Duration(rng.Int64N(int64(2 * time.Second)))
		t.Logf("seed %d: killed again after %d ms of starting", seed, again.Milliseconds())
		time.Sleep(again)
		s.kill()
	}
	killedAt := time.Now()
	s.start()
	for _, err := range w.faults {
		t.Error("before the kill: ", err)
	}
	w.faults = nil
	reckon(t, s, w, killedAt)
}

// goesOn is how long everybody works on after the kill, before the reckoning.
const goesOn = 300 * time.Millisecond

// reckon sends what was never answered again, lets work go on for a moment, waits for the jobs and checks everything.
func reckon(t *testing.T, s *server, w *world, killedAt time.Time) {
	t.Helper()
	in := inside(t, s)
	in.minutePasses(killedAt)
	open := w.l.open()
	for _, k := range open {
		if err := w.clientOf(k.who).try(k); err != nil {
			t.Errorf("not taken when sent again: %v", err)
		}
	}
	if t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), goesOn)
	defer cancel()
	w.run(ctx)
	for _, err := range w.faults {
		t.Error("after the kill: ", err)
	}
	in.settle()
	t.Logf("%d requests, %d sent again, %d applications, %d sent in", len(w.l.calls), len(open), len(w.drafts), w.sent())
	in.check(w)
	checkAPI(t, w)
	checkLicences(t, s, in)
}

func (w *world) clientOf(name string) *client {
	for _, c := range w.clients {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (w *world) sent() int {
	n := 0
	for _, d := range w.drafts {
		if d.receipt.CaseNo != "" {
			n++
		}
	}
	return n
}
