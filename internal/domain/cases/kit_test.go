package cases_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

type kit struct {
	*cases.Service
	t     *testing.T
	d     *db.DB
	mu    sync.Mutex
	at    time.Time
	items *items
	lic   *licences
	ppl   *people
	off   *offices
	sig   *signer
	log   *audit.Log
	run   *job.Runner
}

type orgStaff = org.Staff

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) set(s string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	k.at = at
}

func newKit(t *testing.T, d *db.DB) *kit {
	k := &kit{
		t: t, d: d, items: &items{map[string]catalog.Item{"food": foodItem(), "elder": elderItem()}}, lic: &licences{}, sig: &signer{map[string]string{}},
		ppl: &people{
			known: map[string]identity.Known{"firm.name": {Value: "清澜小满餐饮店", Source: "identity.source_firms"}, "person.name": {Value: "罗小满", Source: "identity.source_population"}},
			docs:  []identity.Document{{Type: "business-licence", Number: "91580102MA0000001X", Holder: "清澜小满餐饮店"}},
		},
	}
	k.set("2026-03-02 10:00") // a Monday
	post := func(key, agency, items string, acts ...string) org.Post {
		return org.Post{Key: key, Agency: agency, Acts: acts, Items: []string{items}}
	}
	k.off = &offices{cal: clock.Embedded(), posts: map[string]org.Post{
		"window": post("window", "hall", "*", "receive", "deliver"), "review": post("review", "market", "food", "accept", "review", "inspect"),
		"decide": post("decide", "market", "food", "decide", "review"), "counter": post("counter", "civil", "elder", "receive", "accept", "decide", "deliver"),
		"tax": post("tax", "tax", "*", "accept", "review", "decide"),
	}, staff: map[string]org.Staff{}}
	for id, p := range map[string]string{"chen": "window", "zhou": "review", "li": "review", "wang": "decide", "sun": "counter", "qian": "tax"} {
		k.off.staff[id] = org.Staff{ID: id, Name: "工作人员" + id, Posts: []string{p}}
	}
	k.off.staff["wu"] = org.Staff{ID: "wu", Name: "监督员"}
	v := vault.New(vault.NewKeys())
	b, err := blob.Open(t.TempDir(), v)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	a := audit.NewLog(d, k.now, log)
	t.Cleanup(a.Close)
	k.log = a
	k.Service = cases.New(cases.Deps{DB: d, Vault: v, Blobs: b, Audit: a, Now: k.now, Log: log, Items: k.items, Offices: k.off, People: k.ppl, Papers: papers{}, Licences: k.lic, Notices: notices{}, Signatures: k.sig})
	k.run = job.NewRunner(d, k.now, log)
	for kind, w := range k.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, event.NewBus(d, k.Listeners()...).Deliver)
	return k
}

func each(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { f(t, newKit(t, d)) })
}

func staff(id string) authz.Actor {
	return authz.Actor{StaffID: id, Roles: []authz.Role{authz.Officer, authz.Clerk}, Via: "page", Origin: "10.0.0.1"}
}

var (
	firm     = authz.Actor{PersonID: "p1", FirmID: "f1", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	person   = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	stranger = authz.Actor{PersonID: "p9", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	elder    = authz.Actor{PersonID: "old", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	// authorised is what a firm's agent shows at the window.
	authorised = &cases.Behalf{Basis: cases.BasisFirmAgent, Relation: "店长", Seen: true}

	overseer = authz.Actor{StaffID: "wu", Roles: []authz.Role{authz.Supervisor}, Region: "580100", Via: "page"}
)

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) refused(err error, key string) {
	k.t.Helper()
	if !errs.Is(err, key) {
		k.t.Errorf("error %v, want %s", err, key)
	}
}

func (k *kit) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 600)...)

func (k *kit) upload(a authz.Actor, id, material, key string) cases.File {
	k.t.Helper()
	f, err := k.Attach(k.t.Context(), a, id, cases.Upload{Material: material, ClientKey: key, Name: `<b>图'; DROP TABLE x</b>.png`, Size: int64(len(png)), Body: bytes.NewReader(png)})
	k.ok(err)
	return f
}

var answers = cases.Patch{
	Scenario: map[string]string{"kind": "restaurant"}, Form: form.Answers{"address": "清江区滨河路18号", "area": "86", "fee": "1000.50"},
	Contact: cases.Contact{Name: "罗小满", Phone: "13812345678"},
}

// filled makes a draft of the food licence that is ready to go.
func (k *kit) filled(a authz.Actor, key string) cases.Detail {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.CreateDraft(ctx, a, "food", key)
	k.ok(err)
	_, err = k.SaveDraft(ctx, a, d.ID, d.Version, answers)
	k.ok(err)
	k.upload(a, d.ID, "plan", "u1")
	_, err = k.UseLicence(ctx, a, d.ID, "biz", "register:business-licence")
	k.ok(err)
	d, err = k.Case(ctx, a, d.ID)
	k.ok(err)
	return d
}

func (k *kit) submitted(a authz.Actor, key string) cases.Receipt {
	k.t.Helper()
	d := k.filled(a, key)
	r, err := k.Submit(k.t.Context(), a, d.ID, d.Version)
	k.ok(err)
	return r
}

// v gives a case's version.
func (k *kit) v(id string) int64 {
	k.t.Helper()
	c, err := k.Head(k.t.Context(), id)
	k.ok(err)
	return c.Version
}

func (k *kit) told(room, what string) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, "told_row", "room = $1 AND what = $2", room, what)
}

func (k *kit) events(topic string) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, "event_event", "topic = $1", topic)
}

// replays fails the test unless every stored clock equals the one computed from the events.
func (k *kit) replays() {
	k.t.Helper()
	for _, id := range k.ids() {
		h, err := k.Head(k.t.Context(), id)
		k.ok(err)
		got, err := k.Replay(k.t.Context(), id)
		k.ok(err)
		h.Clock.Skipped, got.Skipped = nil, nil
		if fmt.Sprint(h.Clock) != fmt.Sprint(got) {
			k.t.Errorf("stored clock %+v, replayed %+v", h.Clock, got)
		}
	}
}

func (k *kit) ids() []string {
	k.t.Helper()
	out, err := db.All(k.t.Context(), k.d.R(), func(r *db.Rows) (string, error) { var s string; return s, r.Scan(&s) }, `SELECT id FROM cases_case`)
	k.ok(err)
	return out
}

func wantDue(t *testing.T, got time.Time, want string) {
	t.Helper()
	if s := got.In(clock.Shanghai).Format("2006-01-02 15:04:05"); s != want {
		t.Errorf("due %s, want %s", s, want)
	}
}
