package crash

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/i18n"
)

// long skips what takes more than a few seconds unless the rounds are asked for, as ./check full does.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv(roundsVar) == "" {
		t.Skipf("SKIPPED: takes a while; set %s=30,10", roundsVar)
	}
}

// pair is one person with everything filled in and ready to send, and one firm in the middle of a form.
type pair struct {
	w             *world
	elder, keeper *client
	ready, open   *draft
	in            *insider
}

func halfway(t *testing.T, s *server) *pair {
	t.Helper()
	w := newWorld(s, 1)
	p := &pair{w: w, elder: w.clientOf("person:19900000103"), keeper: w.clientOf("person:19900000101")}
	if err := w.signIn(); err != nil {
		t.Fatal(err)
	}
	p.ready = w.begin(p.elder, "elder-card", 2, 0)
	p.work(t, p.elder, func() *call {
		if len(p.ready.proofs) == 1 {
			return nil
		}
		return w.write(p.ready, elderAnswers, []string{"id-card"}, nil)
	})
	p.open = w.begin(p.keeper, "food-licence-new", 1, 0)
	p.work(t, p.keeper, func() *call {
		if len(p.open.history) == 2 {
			return nil
		}
		return w.write(p.open, func(n int, _ bool) (map[string]string, map[string]any) { return shopAnswers(n, false) }, nil, nil)
	})
	p.in = inside(t, s)
	p.in.settle()
	return p
}

func (p *pair) work(t *testing.T, c *client, next func() *call) {
	t.Helper()
	for k := next(); k != nil; k = next() {
		if err := c.do(k); err != nil {
			t.Fatal(err)
		}
	}
}

// page posts the form of the premises as a browser without scripts does, or, with autosave, as its script does.
func (p *pair) page(how, shop string) (answer, error) {
	v := url.Values{"shop_name": {shop}, "shop_region": {"580102"}, "shop_address": {"清澜市清江区望江街道石栏路58号一层"}, "_act": {"save"}}
	return p.keeper.send(http.MethodPost, "/drafts/"+p.open.id+"/form/premises", how, formType, []byte(v.Encode()))
}

// TestDatabaseGoesAway stops PostgreSQL under a form that is being filled in: everybody is told so, nothing typed is lost, and when the database
// is back the server goes on by itself.
func TestDatabaseGoesAway(t *testing.T) {
	long(t)
	program(t)
	c := newCluster(t)
	c.start()
	s := &server{t: t, dir: filepath.Join(t.TempDir(), "data"), db: c.url()}
	s.start()
	p := halfway(t, s)
	c.stop()
	const typed = "断线时写的店名"
	a, err := p.page("", typed)
	wantTold(t, "the form's page", a, err, http.StatusServiceUnavailable, "base.unavailable")
	a, err = p.page(autosave, typed)
	wantTold(t, "autosave", a, err, http.StatusServiceUnavailable, "base.unavailable")
	a, err = p.keeper.get("/drafts/" + p.open.id + "/form/premises")
	wantTold(t, "reading the form", a, err, http.StatusServiceUnavailable, "base.unavailable")
	for name, k := range p.requests() {
		err := p.w.clientOf(k.who).try(k)
		r, _ := err.(refusal) //nolint:errorlint // never wrapped
		wantTold(t, name, r.a, err, http.StatusServiceUnavailable, "base.unavailable")
	}
	s.alive()
	if err := s.answers("/healthz"); err != nil {
		t.Error("the process itself is well: ", err)
	}
	if err := s.answers("/readyz"); err == nil {
		t.Error("/readyz says ready without a database")
	}
	c.start()
	s.ready(30 * time.Second)
	p.goesOn(t, typed)
}

// requests are what is under way when the fault comes: a draft saved by API, a file, and an application sent in.
func (p *pair) requests() map[string]*call {
	w := p.w
	_, values := shopAnswers(9, true)
	out := map[string]*call{
		"save":   w.save(p.open, nil, values),
		"upload": fileCall("/api/v1/drafts/"+p.open.id+"/materials/layout-plan", "fault-file", "平面图.pdf", []byte("%PDF-1.4\n"+strings.Repeat("x", 100<<10)), nil),
		"submit": w.submit(p.ready),
	}
	for name, k := range out {
		k.who = p.keeper.name
		if name == "submit" {
			k.who = p.elder.name
		}
		w.l.add(k)
	}
	return out
}

// goesOn checks that after the fault everything is taken when it is sent again, and nothing was lost or doubled.
func (p *pair) goesOn(t *testing.T, typed string) {
	t.Helper()
	for _, k := range p.w.l.open() {
		learn := k.done
		k.done = func(a answer) error {
			if learn == nil { // the file
				p.open.uploads = append(p.open.uploads, uploaded(k, a))
				return nil
			}
			return learn(a)
		}
		err := p.w.clientOf(k.who).try(k)
		var r refusal
		if errors.As(err, &r) && r.a.code() == "base.idempotency_running" { // the key could not be given back on the full disk; it is free after a minute
			p.in.minutePasses(time.Now())
			err = p.w.clientOf(k.who).try(k)
		}
		if err != nil {
			t.Errorf("not taken after the fault: %v", err)
		}
	}
	a, err := p.page("", typed)
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("the form sent again: %d %v", a.status, err)
	}
	if err := p.open.moved(p.open.version+1, "save"); err != nil {
		t.Fatal(err)
	}
	p.open.values["shop_name"] = typed
	p.in.settle()
	p.in.check(p.w)
	checkAPI(t, p.w)
}

// wantTold checks that an answer says what is the matter, to programs by its code and to people in words.
func wantTold(t *testing.T, what string, a answer, err error, status int, key string) {
	t.Helper()
	if a.status == 0 {
		t.Errorf("%s: no answer: %v", what, err)
		return
	}
	text := i18n.In(i18n.Chinese, key)
	if a.status != status || a.code() != key && !strings.Contains(string(a.body), text) {
		t.Errorf("%s: %d %.600s, want %d %s", what, a.status, a.body, status, key)
	}
}

// TestUnsafePostgresIsRefused: a server that may lose what it acknowledged is not used, unless a test says that it may.
func TestUnsafePostgresIsRefused(t *testing.T) {
	long(t)
	c := newCluster(t)
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		c.start(setting + "=off")
		d, err := db.Open(t.Context(), c.url(), db.Options{})
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s=off: Open gives %v", setting, err)
		}
		if d != nil {
			_ = d.Close()
		}
		c.opens(t, "&tongban_unsafe=1")
		c.stop()
	}
	c.start()
	c.opens(t, "")
}

func (c *cluster) opens(t *testing.T, more string) {
	t.Helper()
	d, err := db.Open(t.Context(), c.url()+more, db.Options{})
	if err != nil {
		t.Errorf("Open%s: %v", more, err)
		return
	}
	_ = d.Close()
}
