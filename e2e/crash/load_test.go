package crash

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// draft is one application as its clients know it: only what was acknowledged.
type draft struct {
	owner    *client
	item     string
	key      string // client key
	plan     int    // how often it is saved before it is sent
	files    int    // how many files it gets before it is sent
	id       string
	version  int64
	values   map[string]any // of the last save
	history  []step
	uploads  []upload
	proofs   map[string]bool
	receipt  receipt
	state    string
	licence  string
	round    int
	redone   bool // saved again after a correction notice
	busy     bool // a request about it is under way
	finished bool // there is nothing left to do
}

// step is one acknowledged change of a case: its version and how cases_history calls it.
type step struct {
	version int64
	act     string
}

type upload struct {
	key, id, name string
	sum           [32]byte
}

type receipt struct {
	ID        string `json:"id"`
	CaseNo    string `json:"case_no"`
	QueryCode string `json:"query_code"`
	State     string `json:"state"`
	Version   int64  `json:"version"`
}

// world is everything the clients do in one round.
type world struct {
	mu      sync.Mutex
	l       *ledger
	s       *server
	clients []*client
	roles   map[*client]func(*client, *rand.Rand) *call
	drafts  []*draft
	seed    uint64
	pause   time.Duration // the longest rest of a client between two requests
	faults  []error       // answers that should not have come
	n       int
}

func newWorld(s *server, seed uint64) *world {
	w := &world{l: &ledger{}, s: s, seed: seed, roles: map[*client]func(*client, *rand.Rand) *call{}, pause: 4 * time.Millisecond}
	for _, phone := range []string{"19900000102", "19900000103"} {
		w.join("person:"+phone, false, w.elder)
	}
	for _, phone := range []string{"19900000101", "19900000107"} {
		w.join("person:"+phone, true, w.shopkeeper)
	}
	for _, staff := range []string{"su-qing", "zhou-min", "feng-li", "lu-zheng"} {
		w.join("staff:"+staff, false, w.officer)
	}
	return w
}

func (w *world) join(name string, firm bool, next func(*client, *rand.Rand) *call) {
	c := &client{name: name, firm: firm, l: w.l, s: w.s}
	w.clients = append(w.clients, c)
	w.roles[c] = next
}

func (w *world) signIn() error {
	for _, c := range w.clients {
		if err := c.signIn(); err != nil {
			return err
		}
	}
	return nil
}

// run lets every client work until ctx ends or the server is gone.
func (w *world) run(ctx context.Context) {
	var wg sync.WaitGroup
	for i, c := range w.clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(w.seed, uint64(i))) //nolint:gosec // chance must be repeatable here
			for ctx.Err() == nil {
				if k := w.next(c, rng); k != nil {
					if err := c.do(k); err != nil {
						w.fault(err)
						return
					}
				}
				time.Sleep(time.Duration(rng.Int64N(int64(w.pause))))
			}
		})
	}
	wg.Wait()
}

func (w *world) next(c *client, rng *rand.Rand) *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.roles[c](c, rng)
}

// fault notes an answer that should not have come; that no answer came is none while the server is being killed.
func (w *world) fault(err error) {
	var l lost
	if errors.As(err, &l) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, err)
}

func (w *world) name(what string) string {
	w.n++
	return fmt.Sprintf("%s-%d-%d", what, w.seed, w.n)
}

func (w *world) begin(c *client, item string, plan, files int) *draft {
	d := &draft{owner: c, item: item, key: w.name("draft"), plan: plan, files: files, proofs: map[string]bool{}}
	w.drafts = append(w.drafts, d)
	return d
}

// current is the client's last draft, if it may work on it now.
func (w *world) current(c *client) *draft {
	for i := len(w.drafts) - 1; i >= 0; i-- {
		if w.drafts[i].owner == c {
			return w.drafts[i]
		}
	}
	return nil
}

// mine takes a draft for a request and gives what is to be learned from its answer.
func (w *world) mine(d *draft, learn func(answer) error) func(answer) error {
	d.busy = true
	return func(a answer) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		d.busy = false
		return learn(a)
	}
}

// elder applies for one elder card, which is decided on the spot.
func (w *world) elder(c *client, rng *rand.Rand) *call {
	d := w.current(c)
	if d == nil {
		d = w.begin(c, "elder-card", 2+rng.IntN(5), 0)
	}
	if d.busy || d.finished {
		return nil
	}
	k := w.write(d, elderAnswers, []string{"id-card"}, rng)
	if k == nil {
		d.finished = true
	}
	return k
}

// shopkeeper applies for food licences, one after the other, and answers correction notices first.
func (w *world) shopkeeper(c *client, rng *rand.Rand) *call {
	for _, d := range w.drafts {
		if d.owner == c && d.state == "correction" && !d.busy {
			return w.correct(d, rng)
		}
	}
	d := w.current(c)
	if d == nil || d.receipt.CaseNo != "" {
		d = w.begin(c, "food-licence-new", 2+rng.IntN(4), 1+rng.IntN(2))
	}
	if d.busy {
		return nil
	}
	return w.write(d, shopAnswers, []string{"business-licence", "id-card"}, rng)
}

// materialOf is the material a register document stands for.
var materialOf = map[string]string{"id-card": "identity", "business-licence": "business-licence"}

// write gives the next request of an applicant: begin, save, use documents, upload, send.
func (w *world) write(d *draft, answers func(n int, last bool) (map[string]string, map[string]any), proofs []string, rng *rand.Rand) *call {
	switch {
	case d.id == "":
		return w.create(d)
	case len(d.history) < 1+d.plan:
		n := len(d.history)
		scenario, values := answers(n, n == d.plan)
		return w.save(d, scenario, values)
	}
	for _, p := range proofs {
		if !d.proofs[p] {
			return w.useDocument(d, p)
		}
	}
	switch {
	case len(d.uploads) < d.files:
		return w.upload(d, rng)
	case d.receipt.CaseNo == "":
		return w.submit(d)
	}
	return nil
}

func (w *world) create(d *draft) *call {
	return jsonCall(http.MethodPost, "/api/v1/drafts", w.name("create"), map[string]any{"item": d.item, "client_key": d.key}, w.mine(d, func(a answer) error {
		var doc struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		}
		if err := a.into(&doc); err != nil {
			return err
		}
		d.id, d.version, d.state = doc.ID, doc.Version, "draft"
		return d.moved(doc.Version, "create")
	}))
}

// moved notes one acknowledged change; each raises the version by exactly one.
func (d *draft) moved(version int64, act string) error {
	want := int64(1)
	if n := len(d.history); n > 0 {
		want = d.history[n-1].version + 1
	}
	if version != want {
		return fmt.Errorf("case %s: %s gave version %d, want %d", d.id, act, version, want)
	}
	d.version = version
	d.history = append(d.history, step{version, act})
	return nil
}

func (w *world) save(d *draft, scenario map[string]string, values map[string]any) *call {
	body := map[string]any{"version": d.version, "scenario": scenario, "form": values}
	return jsonCall(http.MethodPut, "/api/v1/drafts/"+d.id, w.name("save"), body, w.mine(d, func(a answer) error {
		var doc struct {
			Version int64 `json:"version"`
		}
		if err := a.into(&doc); err != nil {
			return err
		}
		d.values = values
		return d.moved(doc.Version, "save")
	}))
}

func (w *world) useDocument(d *draft, kind string) *call {
	body := map[string]any{"material": materialOf[kind], "ref": "register:" + kind}
	return jsonCall(http.MethodPost, "/api/v1/drafts/"+d.id+"/licences", w.name("use"), body, w.mine(d, func(answer) error {
		d.proofs[kind] = true
		return nil
	}))
}

func (w *world) upload(d *draft, rng *rand.Rand) *call {
	content := []byte("%PDF-1.4\n")
	for range 1 + rng.IntN(20<<10) {
		content = fmt.Appendf(content, "%016x", rng.Uint64())
	}
	content = append(content, "\n%%EOF\n"...)
	u := upload{key: w.name("file"), name: fmt.Sprintf("平面图 %d.pdf", len(d.uploads)+1), sum: sha256.Sum256(content)}
	return fileCall("/api/v1/drafts/"+d.id+"/materials/layout-plan", u.key, u.name, content, w.mine(d, func(a answer) error {
		var f struct {
			ID   string `json:"id"`
			Size int    `json:"size"`
		}
		if err := a.into(&f); err != nil {
			return err
		}
		if f.Size != len(content) {
			return fmt.Errorf("file %s of case %s: %d bytes acknowledged, %d sent", f.ID, d.id, f.Size, len(content))
		}
		u.id = f.ID
		d.uploads = append(d.uploads, u)
		return nil
	}))
}

func (w *world) submit(d *draft) *call {
	return jsonCall(http.MethodPost, "/api/v1/drafts/"+d.id+"/submit", w.name("submit"), map[string]any{"version": d.version}, w.mine(d, func(a answer) error {
		if err := a.into(&d.receipt); err != nil {
			return err
		}
		d.state, d.round = d.receipt.State, 1
		return d.moved(d.receipt.Version, "submit")
	}))
}

// correct answers a correction notice: a changed field, one more file, and back.
func (w *world) correct(d *draft, rng *rand.Rand) *call {
	switch {
	case !d.redone:
		k := w.save(d, nil, map[string]any{"shop_area": 130 + rng.IntN(50), "shop_name": "小满饭庄（补正后）"})
		learn := k.done
		k.done = func(a answer) error {
			err := learn(a)
			w.mu.Lock()
			d.redone = true
			w.mu.Unlock()
			return err
		}
		return k
	case len(d.uploads) == d.files:
		return w.upload(d, rng)
	}
	return w.act(d, "/api/v1/cases/"+d.id+"/resubmit", "resubmit", map[string]any{}, func() { d.round++ })
}

// act gives a request that moves a case on at its present version.
func (w *world) act(d *draft, path, name string, body map[string]any, then func()) *call {
	body["version"] = d.version
	return jsonCall(http.MethodPost, path, w.name(name), body, w.mine(d, func(a answer) error {
		var c struct {
			State   string `json:"state"`
			Version int64  `json:"version"`
			Licence string `json:"licence"`
		}
		if err := a.into(&c); err != nil {
			return err
		}
		d.state, d.licence = c.State, c.Licence
		if then != nil {
			then()
		}
		return d.moved(c.Version, name)
	}))
}

// officer does the next act its post has to do on any application, oldest first.
func (w *world) officer(c *client, rng *rand.Rand) *call {
	for _, d := range w.drafts {
		if d.busy || d.item != "food-licence-new" || d.receipt.CaseNo == "" {
			continue
		}
		if k := w.handle(c, d, rng); k != nil {
			return k
		}
	}
	return nil
}

func (w *world) handle(c *client, d *draft, rng *rand.Rand) *call {
	at := "/api/v1/cases/" + d.id + "/acts/"
	last := d.history[len(d.history)-1].act
	switch {
	case c.name == "staff:su-qing" && last == "submit":
		return w.act(d, at+"receive", "receive", map[string]any{}, nil)
	case c.name == "staff:zhou-min" && last == "receive" && rng.IntN(3) == 0:
		return w.act(d, at+"correction", "request_correction", map[string]any{"defects": []map[string]string{
			{"kind": "field", "key": "shop_area", "text": "面积与平面图不一致，请核对后改正。"},
			{"kind": "material", "key": "layout-plan", "text": "平面图没有标出排烟设施的位置，请补画。"},
		}}, nil)
	case c.name == "staff:zhou-min" && (last == "receive" || last == "resubmit"):
		return w.act(d, at+"accept", "accept", map[string]any{}, nil)
	case c.name == "staff:zhou-min" && last == "accept":
		return w.act(d, at+"opinion", "opinion", map[string]any{"outcome": "pass", "text": "材料齐全，符合法定形式。"}, nil)
	case c.name == "staff:feng-li" && last == "opinion":
		results := map[string]any{}
		for _, k := range []string{"site", "layout", "washing", "disinfection", "special_room", "supply_water"} {
			results[k] = map[string]any{"pass": true}
		}
		return w.act(d, at+"inspection", "inspect", map[string]any{"officers": []string{"feng-li", "zhou-min"}, "results": results, "conclusion": "现场与申请一致。"}, nil)
	case c.name == "staff:lu-zheng" && last == "inspect":
		return w.act(d, at+"decision", "decide", map[string]any{"outcome": "grant"}, nil)
	}
	return nil
}
