package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
)

// modelVar says how many episodes are played in all: a third on SQLite, a third by two servers on PostgreSQL, a third by those at REPEATABLE READ.
const modelVar = "TONGBAN_MODEL"

// modelSeedVar repeats one episode.
const modelSeedVar = "TONGBAN_MODEL_SEED"

// episodes is how many are played: as the variable says, else 2 on SQLite alone.
func episodes(t *testing.T) int {
	t.Helper()
	if v := os.Getenv(modelVar); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q: want a number", modelVar, v)
		}
		return n
	}
	return 2
}

// TestModel plays episodes: a food licence is applied for, and then everybody tries legal and illegal acts on it at once, at old and present versions, some
// twice, on any node, while now and then a server is killed. What came of it is compared with a small model and with the tables.
func TestModel(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds an episode")
	}
	n := episodes(t)
	seed := rand.Uint64() % 1e9 //nolint:gosec // chance, no secret
	if v := os.Getenv(modelSeedVar); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("%s=%q: want a number", modelSeedVar, v)
		}
	}
	lite := n
	if os.Getenv(dbtest.ServerVar) != "" && os.Getenv(modelVar) != "" { // the server keeps what it acknowledges
		lite = (n + 2) / 3
	}
	t.Run("sqlite", func(t *testing.T) {
		play(t, []*server{{t: t, dir: copyOf(t, template(t))}}, seed, lite)
	})
	if lite == n {
		return
	}
	p := pgTemplate(t)
	for i, level := range []string{"", "&tongban_isolation=repeatable_read"} {
		t.Run("postgres"+map[string]string{"": "/serializable"}[level]+strings.TrimPrefix(level, "&tongban_isolation="), func(t *testing.T) {
			dir, db := copyOf(t, p.dir), p.clone(t)
			if !strings.Contains(db, "?") {
				level = strings.Replace(level, "&", "?", 1)
			}
			a := &server{t: t, dir: dir, db: db + level, log: dir + ".a.log"}
			b := &server{t: t, dir: dir, db: db + level, log: dir + ".b.log"}
			play(t, []*server{a, b}, seed+uint64(lite+i*(n-lite)/2), (n-lite+1-i)/2) //nolint:gosec // never negative
		})
	}
}

// stage is the servers and who acts on them.
type stage struct {
	t       *testing.T
	nodes   []*server
	cookies map[string]string // by account
	in      *insider
	seed    uint64
}

func play(t *testing.T, nodes []*server, seed uint64, n int) {
	t.Helper()
	st := &stage{t: t, nodes: nodes, cookies: map[string]string{}}
	for _, s := range nodes {
		s.start()
	}
	for _, name := range everybody {
		c := &client{name: name, firm: strings.HasPrefix(name, "person:"), l: &ledger{}, s: nodes[0]}
		if err := c.signIn(); err != nil {
			t.Fatal(err)
		}
		st.cookies[name] = c.cookie
	}
	st.in = inside(t, nodes[0])
	for i := range n {
		st.seed = seed + uint64(i) //nolint:gosec // never negative
		st.episode()
		if t.Failed() {
			t.Fatalf("episode %d of %d; repeat with %s=%d %s=1\n%s", i+1, n, modelSeedVar, st.seed, modelVar, nodes[0].tail())
		}
	}
	st.fifty()
	st.in.settle()
	st.in.wholeTables()
}

// attempt is one act somebody tried.
type attempt struct {
	try
	by, key string
	node    int
	body    []byte
	asked   int64 // version it acts on: done, it makes the next one
	status  int   // 0: no answer yet
	version int64 // as it was told: the next one, or a later one when it had been done before
	state   string
	code    string
}

// played is the case of an episode.
type played struct {
	mu      sync.Mutex
	id      string
	version int64
	state   string
	tries   []*attempt
	before  int64 // version when the acts began
}

func (st *stage) client(name string, node int) *client {
	return &client{name: name, cookie: st.cookies[name], l: &ledger{}, s: st.nodes[node]}
}

// apply files a complete application and gives its case.
func (st *stage) apply(rng *rand.Rand) *played {
	st.t.Helper()
	w := newWorld(st.nodes[0], st.seed)
	c := st.client(everybody[0], rng.IntN(len(st.nodes)))
	d := w.begin(c, "food-licence-new", 1, 1)
	for k := w.write(d, shopAnswers, []string{"business-licence", "id-card"}, rng); k != nil; k = w.write(d, shopAnswers, []string{"business-licence", "id-card"}, rng) {
		if err := c.do(k); err != nil {
			st.t.Fatalf("seed %d: apply: %v", st.seed, err)
		}
	}
	return &played{id: d.id, version: d.version, state: d.state, before: d.version}
}

const (
	actors  = 4
	perOne  = 7
	perKill = 4 // one episode in so many has a server killed
)

func (st *stage) episode() {
	rng := rand.New(rand.NewPCG(st.seed, 1)) //nolint:gosec // chance must be repeatable here
	p := st.apply(rng)
	victim := -1
	if rng.IntN(perKill) == 0 {
		victim = rng.IntN(len(st.nodes))
	}
	after := time.Duration(rng.IntN(150)) * time.Millisecond
	var wg sync.WaitGroup
	for i := range actors {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(st.seed, uint64(2+i))) //nolint:gosec // chance must be repeatable here
			for n := range perOne {
				st.one(p, r, fmt.Sprintf("model-%d-%d-%d", st.seed, i, n))
			}
		})
	}
	if victim >= 0 {
		time.Sleep(after)
		st.nodes[victim].kill()
	}
	wg.Wait()
	if victim >= 0 {
		killed := time.Now()
		st.nodes[victim].start()
		if victim == 0 && len(st.nodes) == 1 {
			st.in = inside(st.t, st.nodes[0])
		}
		st.in.minutePasses(killed)
	}
	for _, a := range p.tries { // whoever had no answer asks again, with the same key
		for range 3 {
			if a.status == 0 {
				st.send(p, a)
			}
		}
		if a.status == 0 || a.status >= 500 {
			st.t.Errorf("seed %d: %s by %s: %d %s", st.seed, a.act, a.by, a.status, a.code)
		}
	}
	st.in.settle()
	st.in.judge(p)
}

// one tries one act.
func (st *stage) one(p *played, rng *rand.Rand, key string) {
	p.mu.Lock()
	version, state := p.version, p.state
	p.mu.Unlock()
	x, by := choose(rng, state)
	if rng.IntN(6) == 0 && version > p.before {
		version-- // a page somebody left open
	}
	body := x.body(rng)
	body["version"] = version
	raw, _ := json.Marshal(body) //nolint:errchkjson // plain values
	a := &attempt{try: x, by: by, key: key, node: rng.IntN(len(st.nodes)), body: raw, asked: version}
	p.mu.Lock()
	p.tries = append(p.tries, a)
	p.mu.Unlock()
	st.send(p, a)
	if rng.IntN(4) == 0 { // and again, as an impatient hand does
		again := *a
		again.node, again.status = rng.IntN(len(st.nodes)), 0
		st.send(p, &again)
		if a.status/100 == 2 && again.status != 0 && again.code != "base.idempotency_running" && (again.status != a.status || again.version != a.version) {
			st.t.Errorf("seed %d: %s sent twice gave %d version %d, then %d version %d", st.seed, a.act, a.status, a.version, again.status, again.version)
		}
	}
}

func (st *stage) send(p *played, a *attempt) {
	c := st.client(a.by, a.node)
	ans, err := c.send(http.MethodPost, "/api/v1/cases/"+p.id+"/"+a.path, a.key, "application/json", a.body)
	if err != nil {
		return // the server is being killed
	}
	a.code = ans.code()
	if a.code == "base.idempotency_running" {
		return
	}
	a.status = ans.status
	if !ans.ok() {
		return
	}
	var c2 struct {
		State   string `json:"state"`
		Version int64  `json:"version"`
	}
	if err := ans.into(&c2); err != nil {
		st.t.Errorf("seed %d: %v", st.seed, err)
		return
	}
	a.version, a.state = c2.Version, c2.State
	p.mu.Lock()
	if c2.Version > p.version {
		p.version, p.state = c2.Version, c2.State
	}
	p.mu.Unlock()
}

// fifty lets fifty decisions meet on one case: one of them is made.
func (st *stage) fifty() {
	st.t.Helper()
	rng := rand.New(rand.NewPCG(st.seed, 99)) //nolint:gosec // chance must be repeatable here
	st.seed += 1 << 40                        // keys of its own
	p := st.apply(rng)
	for i, x := range []struct {
		try
		by string
	}{{forward[0], "staff:su-qing"}, {forward[1], "staff:zhou-min"}, {forward[3], "staff:zhou-min"}, {forward[4], "staff:zhou-min"}} {
		body := x.body(rng)
		body["version"] = p.version
		raw, _ := json.Marshal(body) //nolint:errchkjson // plain values
		a := &attempt{try: x.try, by: x.by, key: fmt.Sprintf("fifty-%d-%d", st.seed, i), body: raw, asked: p.version}
		p.tries = append(p.tries, a)
		if st.send(p, a); a.status != http.StatusOK {
			st.t.Fatalf("%s: %d %s", x.act, a.status, a.code)
		}
	}
	var wg sync.WaitGroup
	tries := make([]*attempt, 50)
	for i := range tries {
		body := map[string]any{"version": p.version, "outcome": "grant", "conditions": "第" + strconv.Itoa(i) + "份决定"}
		if i%2 == 1 {
			body = map[string]any{"version": p.version, "outcome": "refuse", "reason": "第" + strconv.Itoa(i) + "份决定", "basis": "食品安全法第三十三条"}
		}
		raw, _ := json.Marshal(body) //nolint:errchkjson // plain values
		tries[i] = &attempt{try: forward[5], by: "staff:lu-zheng", key: fmt.Sprintf("fifty-%d-d%d", st.seed, i), node: i % len(st.nodes), body: raw, asked: p.version}
		wg.Go(func() { st.send(p, tries[i]) })
	}
	wg.Wait()
	done := 0
	for i, a := range tries {
		switch {
		case a.status == http.StatusOK:
			done++
		case a.status != http.StatusConflict:
			st.t.Errorf("decision %d: %d %s", i, a.status, a.code)
		}
	}
	if done != 1 {
		st.t.Errorf("%d of 50 decisions were made", done)
	}
	p.tries = slices.Concat(p.tries, tries)
	st.in.settle()
	st.in.judge(p)
}
