package mandate_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/fake/registry"
)

// People and firms of the demo city.
const (
	lin, linNumber   = "林小满", "580102199605182647" // legal representative of linFirm
	shen, shenNumber = "沈玉英", "580102194103071821" // 85
	he, heNumber     = "贺怀仁", "580102196008303179"
	gao, gaoNumber   = "高云", "58010319890922449X"
	qin, qinNumber   = "覃美朵", "580121198701262246" // mother of zijin
	zijin, zijinNo   = "覃子衿", "580102201306011151" // born 2013-06-01
	luoNumber        = "580102193802112317"        // dead
	linFirm          = "91580102MACXM7P15Q"
)

// kit is the room on a real database, with identity asking the demo's registries over HTTP, and a clock the test moves.
type kit struct {
	*mandate.Service
	d      *db.DB
	people *identity.Service
	reg    *registry.Server
	http   *httptest.Server
	runner *job.Runner
	bus    *event.Bus
	deps   mandate.Deps
	clerk  authz.Actor

	mu   sync.Mutex
	at   time.Time
	sent []notify.Message
}

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) set(s string) {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = at
}

func (k *kit) pass(d time.Duration) { k.mu.Lock(); defer k.mu.Unlock(); k.at = k.at.Add(d) }

func (k *kit) send(_ context.Context, _ *db.Tx, _ time.Time, m notify.Message) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.sent {
		if s.Key == m.Key {
			return nil // as notify does
		}
	}
	k.sent = append(k.sent, m)
	return nil
}

type noStaff struct{}

var errNone = errs.New(errs.NotFound, "base.not_found")

func (noStaff) Staff(context.Context, string) (org.Staff, error) { return org.Staff{}, errNone }

func (noStaff) StaffByLogin(context.Context, string) (org.Staff, error) { return org.Staff{}, errNone }

func (noStaff) Agency(context.Context, string) (org.Agency, error) { return org.Agency{}, errNone }

func (noStaff) MayManage(context.Context, authz.Actor, string) error { return errNone }

// noFactors is people without passwords and passkeys: nothing ends with them.
type noFactors struct{ identity.Factors }

func (noFactors) EndTx(context.Context, *db.Tx, time.Time, string) error { return nil }

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, identity.Schema, mandate.Schema}

func newKit(t *testing.T, d *db.DB) *kit {
	t.Helper()
	data, err := os.ReadFile("../../../packs/qinglan/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	people, ps := registry.Load(packfile.File{Path: "demo.yaml", Data: data})
	if len(ps) > 0 {
		t.Fatalf("%+v", ps)
	}
	k := &kit{d: d, clerk: authz.Actor{StaffID: "zhang", Roles: []authz.Role{authz.Clerk}, AgencyID: "hall", Via: "page"}}
	k.set("2026-11-21 10:00")
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	au := audit.NewLog(d, k.now, log)
	t.Cleanup(au.Close)
	v := vault.New(vault.NewKeys())
	key := []byte("a key shared by the two sides...")
	k.reg = registry.New(registry.Config{KeyID: "t", Key: key, Now: k.now}, people)
	k.http = httptest.NewServer(k.reg.Handler())
	t.Cleanup(k.http.Close)
	client := identity.NewRegistry(identity.RegistryConfig{PopulationURL: k.http.URL, FirmsURL: k.http.URL, KeyID: "t", Key: key, Now: k.now})
	k.people = identity.New(identity.Deps{DB: d, Vault: v, Audit: au, Staff: noStaff{}, Factors: noFactors{}, Send: k.send, Now: k.now, Log: log, Registry: client})
	k.deps = mandate.Deps{
		DB: d, Vault: v, Audit: au, People: k.people, Guardian: client.Guardian, Send: k.send, Now: k.now, Log: log,
		Items: func(context.Context, string) ([]mandate.Item, error) {
			return []mandate.Item{{Key: "food", Name: "食品经营许可（新办）"}, {Key: "card", Name: "老年人优待证"}}, nil
		},
	}
	k.use(k.deps)
	return k
}

// use makes the room anew with other dependencies.
func (k *kit) use(deps mandate.Deps) {
	k.Service = mandate.New(deps)
	k.runner = job.NewRunner(k.d, k.now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	for kind, w := range k.Workers() {
		k.runner.Handle(kind, w)
	}
	k.bus = event.NewBus(k.d, k.Listeners()...)
	k.runner.Handle(event.DeliverKind, k.bus.Deliver)
}

func each(t *testing.T, fn func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { fn(t, newKit(t, d)) })
}

// as is a person signed in on level 2, known to the platform with a phone.
func (k *kit) as(t *testing.T, name, number, phone string) authz.Actor {
	t.Helper()
	p, err := k.people.EnsurePerson(authz.With(t.Context(), k.clerk), name, number, "", phone)
	if err != nil {
		t.Fatal(err)
	}
	return authz.Actor{PersonID: p.ID, Roles: []authz.Role{authz.Person}, Level: 2, SessionID: "s", Via: "page"}
}

// boss is Lin acting for her firm as its legal representative.
func (k *kit) boss(t *testing.T) authz.Actor {
	t.Helper()
	a := k.as(t, lin, linNumber, "19900000101")
	f, err := k.people.EnsureFirm(t.Context(), linFirm)
	if err != nil {
		t.Fatal(err)
	}
	a.FirmID = f.ID
	return a
}

var all = authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}

// give goes through the steps and gives the mandate's id.
func (k *kit) give(t *testing.T, a authz.Actor, kind mandate.Kind, to mandate.Named, sc authz.Scope, term mandate.Term) (string, error) {
	t.Helper()
	ctx := t.Context()
	d, err := k.NewDraft(ctx, a, kind)
	if err == nil {
		_, err = k.SetWho(ctx, a, d.ID, to)
	}
	if err == nil {
		_, err = k.SetWhat(ctx, a, d.ID, sc)
	}
	if err == nil {
		_, err = k.SetTerm(ctx, a, d.ID, term)
	}
	if err != nil {
		return "", err
	}
	g, err := k.Give(ctx, a, d.ID, true)
	return g.MandateID, err
}

func (k *kit) given(t *testing.T, a authz.Actor, kind mandate.Kind, to mandate.Named, until string) string {
	t.Helper()
	id, err := k.give(t, a, kind, to, all, mandate.Term{From: k.now().In(clock.Shanghai).Format(time.DateOnly), Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (k *kit) accept(t *testing.T, a authz.Actor, id string) {
	t.Helper()
	if err := k.Accept(t.Context(), a, id); err != nil {
		t.Fatal(err)
	}
}

// may asks as identity would, at every request.
func (k *kit) may(t *testing.T, holder, forKind, forID string) (identity.Acting, bool) {
	t.Helper()
	acting, ok, err := k.MayAct(t.Context(), holder, forKind, forID)
	if err != nil {
		t.Fatal(err)
	}
	return acting, ok
}

func (k *kit) wantMay(t *testing.T, when string, want bool, holder, forKind, forID string) {
	t.Helper()
	if _, ok := k.may(t, holder, forKind, forID); ok != want {
		t.Errorf("%s: may act = %v, want %v", when, ok, want)
	}
}

// both is what told gives when both were told.
func both(template, a, b string) string {
	out := []string{template + ">" + a, template + ">" + b}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// run does every job that is due.
func (k *kit) run(t *testing.T) {
	t.Helper()
	if err := k.runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := job.Count(t.Context(), k.d, "dead"); err != nil || n > 0 {
		t.Fatalf("%d dead jobs, %v", n, err)
	}
}

// told lists who was told by which template since the last time, "template>person or phone", sorted.
func (k *kit) told(t *testing.T) string {
	t.Helper()
	k.run(t)
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for _, m := range k.sent {
		to := m.To.Person
		if to == "" {
			to = m.To.Phone
		}
		out = append(out, m.Template+">"+to)
	}
	k.sent = nil
	slices.Sort(out) // jobs run beside each other
	return strings.Join(out, " ")
}

func (k *kit) publish(t *testing.T, e event.Event) {
	t.Helper()
	if err := k.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, k.now(), e) }); err != nil {
		t.Fatal(err)
	}
	k.run(t)
}

func (k *kit) why(t *testing.T, a authz.Actor, id string) mandate.Why {
	t.Helper()
	v, _, err := k.One(t.Context(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Why
}

// sealed fails the test if any of these words stands readable in the room's tables, or in jobs, events and the audit record it wrote.
func (k *kit) sealed(t *testing.T, secrets ...string) {
	t.Helper()
	for table, columns := range map[string]string{
		"mandate_mandate": "named, relation, basis, phone_key, legal_key", "mandate_act": "what, object", "mandate_draft": "body", "mandate_try": "key", "mandate_lock": "key",
		"job_job": "args", "event_event": "data", "audit_entry": "reason, what, object, subject, actor",
	} {
		n := strings.Count(columns, ",") + 1
		_, err := db.All(t.Context(), k.d.R(), func(r *db.Rows) (int, error) {
			cells, to := make([][]byte, n), make([]any, n)
			for i := range cells {
				to[i] = &cells[i]
			}
			if err := r.Scan(to...); err != nil {
				return 0, err
			}
			for _, c := range cells {
				for _, s := range secrets {
					if bytes.Contains(c, []byte(s)) {
						t.Errorf("%s holds %q readable", table, s)
					}
				}
			}
			return 0, nil
		}, "SELECT "+columns+" FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func wantErr(t *testing.T, what string, err error, want string) {
	t.Helper()
	if e := errs.As(err); e != nil {
		if e.Key == want {
			return
		}
		for _, f := range e.Fields {
			if f.Key == want {
				return
			}
		}
	}
	t.Errorf("%s = %v, want %s", what, err, want)
}
