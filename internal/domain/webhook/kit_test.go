package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/domain/webhook"
	"tongban/internal/domain/webhook/push"
)

var (
	rooms = []db.Room{job.Schema, event.Schema, audit.Schema, webhook.Schema}
	noon  = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

	admin    = authz.Actor{StaffID: "admin", AgencyID: "gov", Roles: []authz.Role{authz.Admin}, Via: "page"}
	operator = authz.Actor{StaffID: "it", AgencyID: "market", Roles: []authz.Role{authz.Operator}, Via: "page"}
	farAdmin = authz.Actor{StaffID: "far", AgencyID: "far", Roles: []authz.Role{authz.Admin}, Via: "page"}
)

// offices is a district 580102 with two agencies and one next door.
type offices struct{}

var regionOf = map[string]string{"gov": "580102", "market": "580102", "civil": "580102", "far": "580103"}

func (offices) Agency(_ context.Context, key string) (org.Agency, error) {
	if regionOf[key] == "" {
		return org.Agency{}, errs.New(errs.NotFound, "org.no_agency")
	}
	return org.Agency{Key: key, Name: key, Region: regionOf[key]}, nil
}

func (offices) Region(_ context.Context, code string) (org.Region, error) {
	if code != "580100" && code != "580102" && code != "580103" && code != "580102001" {
		return org.Region{}, errs.New(errs.NotFound, "org.no_region")
	}
	return org.Region{Code: code}, nil
}

func (offices) Within(_ context.Context, code, above string) bool {
	return code == above || above == "580100" || above == "580102" && code == "580102001"
}

func (o offices) Reaches(_ context.Context, a authz.Actor, _ authz.Role, region string) bool {
	return o.Within(context.Background(), region, regionOf[a.AgencyID])
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// hub is a platform with nothing but events, jobs and webhooks.
type hub struct {
	*clock
	t    *testing.T
	d    *db.DB
	v    *vault.Vault
	s    *webhook.Service
	jobs *job.Runner
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// sender may reach this machine and loses patience soon.
func sender() *push.Sender {
	return push.New(push.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, HTTP: true, Timeout: 400 * time.Millisecond, BodyTimeout: 100 * time.Millisecond})
}

func open(t *testing.T, d *db.DB) *hub {
	t.Helper()
	h := &hub{clock: &clock{at: noon}, t: t, d: d, v: vault.New(vault.NewKeys())}
	h.s = h.node()
	h.jobs = job.NewRunner(d, h.now, quiet())
	h.jobs.Handle(event.DeliverKind, event.NewBus(d, h.s.Listeners()...).Deliver)
	for kind, w := range h.s.Workers() {
		h.jobs.Handle(kind, w)
	}
	return h
}

// node is one more server over the same database.
func (h *hub) node() *webhook.Service {
	return webhook.New(webhook.Deps{
		DB: h.d, Vault: h.v, Now: h.now, Log: quiet(), Offices: offices{}, Send: sender(), PublicURL: "https://zwfw.example.gov.cn", AllowHTTP: true, Jitter: func() float64 { return 0.5 },
		Client: func(_ context.Context, id string) (string, bool, error) {
			return "market", id != "stopped", nil
		},
	})
}

func (h *hub) subscribe(url string, change ...func(*webhook.Subscription)) (id, secret string) {
	h.t.Helper()
	x := webhook.Subscription{Agency: "market", URL: url, Name: "食品许可管理系统", Topics: []string{webhook.AllTopics}}
	for _, c := range change {
		c(&x)
	}
	id, secret, err := h.s.Create(h.t.Context(), admin, x)
	if err != nil {
		h.t.Fatal(err)
	}
	return id, secret
}

func fact(caseID string) cases.Fact {
	return cases.Fact{CaseID: caseID, CaseNo: "No-" + caseID, ItemKey: "food", Agency: "market", Region: "580102", By: "staff:lu-zheng", At: noon, State: cases.Accepted}
}

func (h *hub) publish(es ...event.Event) {
	h.t.Helper()
	for _, e := range es {
		if err := h.d.Tx(h.t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, h.now(), e) }); err != nil {
			h.t.Fatal(err)
		}
	}
}

// work lets the rooms hear and the messages go.
func (h *hub) work() {
	h.t.Helper()
	if err := h.jobs.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	if err := h.s.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hub) get(id string) webhook.Target {
	h.t.Helper()
	x, err := h.s.Get(h.t.Context(), admin, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

// got is a message a target took.
type got struct {
	ID, Type, Subject string
	Header            http.Header
	Body              []byte
	Data              map[string]any
}

// target is a department's system; answer decides on each message and nil takes all.
type target struct {
	*httptest.Server
	mu     sync.Mutex
	took   []got
	asked  int
	answer func(n int, m got) int
}

func listen(t *testing.T, answer func(n int, m got) int) *target {
	t.Helper()
	x := &target{answer: answer}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var m got
		if err != nil || json.Unmarshal(b, &m) != nil {
			t.Errorf("unreadable message %s", b)
		}
		m.Header, m.Body = r.Header, b
		x.mu.Lock()
		defer x.mu.Unlock()
		x.asked++
		status := http.StatusNoContent
		if x.answer != nil {
			status = x.answer(x.asked, m)
		}
		if status < 300 {
			x.took = append(x.took, m)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *target) messages() []got {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]got(nil), x.took...)
}

func (x *target) calls() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.asked
}

func (x *target) answers(f func(n int, m got) int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer = f
}

func always(status int) func(int, got) int { return func(int, got) int { return status } }
