package talk_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/talk"
	"tongban/internal/engine/clock"
)

// The real rooms satisfy what this room asks for.
var (
	_ talk.Cases   = (*cases.Service)(nil)
	_ talk.Org     = (*org.Service)(nil)
	_ talk.Notices = (*notify.Service)(nil)
	_ cases.Shares = (*talk.Service)(nil)
)

var told = db.Room{Name: "told", Files: fstest.MapFS{"migrations/0001_told.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE told_row (id TEXT PRIMARY KEY, template TEXT NOT NULL, person TEXT NOT NULL, body TEXT NOT NULL);")}}}

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, talk.Schema, told}

type kit struct {
	*talk.Service
	t   *testing.T
	d   *db.DB
	run *job.Runner
	dir string

	mu    sync.Mutex
	at    time.Time
	c     cases.Case
	ended time.Time
	tasks []cases.Task
}

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) set(s string) {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		k.t.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = at
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) refused(err error, key string) {
	k.t.Helper()
	if e := errs.As(err); e != nil && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Key == key }) {
		return
	}
	if !errs.Is(err, key) {
		k.t.Errorf("error %v, want %s", err, key)
	}
}

func (k *kit) count(table, where string, args ...any) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, table, where, args...)
}

func (k *kit) events(topic string) int {
	k.t.Helper()
	return k.count("event_event", "topic = $1", topic)
}

func (k *kit) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

var (
	owner    = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Via: "page"}
	agent    = authz.Actor{PersonID: "p2", ForPerson: "p1", MandateID: "m1", Roles: []authz.Role{authz.Person}, Via: "page"}
	nobody   = authz.Actor{PersonID: "p9", Roles: []authz.Role{authz.Person}, Via: "page"}
	zhou     = authz.Actor{StaffID: "zhou", AgencyID: "market", Posts: []string{"review"}, Roles: []authz.Role{authz.Officer}, Via: "page", Origin: "10.0.0.1"}
	civil    = authz.Actor{StaffID: "wei", AgencyID: "civil", Posts: []string{"welfare"}, Roles: []authz.Role{authz.Officer}, Via: "page"}
	overseer = authz.Actor{StaffID: "gu", AgencyID: "office", Region: "580102", Roles: []authz.Role{authz.Supervisor}, Via: "page"}
	boss     = authz.Actor{StaffID: "adm", AgencyID: "office", Region: "580102", Roles: []authz.Role{authz.Admin}, Via: "page"}
)

// Standing answers for one case, as the case engine would.
func (k *kit) Standing(ctx context.Context, a authz.Actor, id string) (cases.Standing, error) {
	st := cases.Standing{Case: k.c, Subject: "subject-1", To: []notify.To{{Person: "p1", Phone: "19900000001"}}, Tasks: k.tasks, Ended: k.ended}
	if id != k.c.ID {
		return cases.Standing{}, errs.New(errs.NotFound, "cases.not_found")
	}
	switch a.StaffID + a.PersonID {
	case "p1":
		st.Own, st.Writes = true, true
	case "p2":
		st.Own, st.Writes = true, a.Scope.Covers(authz.ActApply, "food")
	case "zhou", "li", "wang":
		st.Writes, st.Handles = true, true
	case "gu":
		st.Supervises = true
	case authz.System.StaffID:
	default:
		if ok, err := k.Shared(ctx, id, a.StaffID, a.Posts); err == nil && ok {
			st.Informed = true
			return st, nil
		}
		return cases.Standing{}, errs.New(errs.NotFound, "cases.not_found")
	}
	return st, nil
}

func (k *kit) Among(_ context.Context, a authz.Actor, ids []string) ([]string, error) {
	if a.AgencyID != "market" {
		return nil, nil
	}
	return ids, nil
}

func (k *kit) SendTx(ctx context.Context, tx *db.Tx, _ time.Time, m notify.Message) error {
	b, err := json.Marshal(m.Data)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO told_row (id, template, person, body) VALUES ($1, $2, $3, $4)`, ident.New(), m.Template, m.To.Person, string(b))
	return err
}

type offices struct{}

var posts = map[string]org.Post{
	"review":  {Key: "review", Agency: "market", Name: "审查岗", Acts: []string{"accept", "review"}, Items: []string{"food"}},
	"decide":  {Key: "decide", Agency: "market", Name: "决定岗", Acts: []string{"decide"}, Items: []string{"food"}},
	"welfare": {Key: "welfare", Agency: "civil", Name: "福利岗", Acts: []string{"review"}, Items: []string{"elder"}},
}

var staff = map[string]org.Staff{
	"zhou": {ID: "zhou", Name: "周敏", Agency: "market", Posts: []string{"review"}, Roles: []authz.Role{authz.Officer}},
	"li":   {ID: "li", Name: "李青", Agency: "market", Posts: []string{"review"}, Roles: []authz.Role{authz.Officer}},
	"wang": {ID: "wang", Name: "王正", Agency: "market", Posts: []string{"decide"}, Roles: []authz.Role{authz.Officer}},
	"wei":  {ID: "wei", Name: "魏春", Agency: "civil", Posts: []string{"welfare"}, Roles: []authz.Role{authz.Officer}},
	"gu":   {ID: "gu", Name: "顾维", Agency: "office", Roles: []authz.Role{authz.Supervisor}},
	"far":  {ID: "far", Name: "卓远", Agency: "city", Roles: []authz.Role{authz.Supervisor}},
	"gone": {ID: "gone", Name: "离岗", Agency: "civil", Disabled: true},
}

func (offices) Agency(_ context.Context, key string) (org.Agency, error) {
	for _, g := range (offices{}).Agencies(context.Background()) {
		if g.Key == key {
			return g, nil
		}
	}
	return org.Agency{}, errs.New(errs.NotFound, "org.no_agency")
}

func (offices) Agencies(context.Context) []org.Agency {
	return []org.Agency{{Key: "market", Short: "市场局", Region: "580102"}, {Key: "civil", Short: "民政局", Region: "580102"}, {Key: "office", Short: "政务局", Region: "580102"}, {Key: "city", Short: "市政务局", Region: "580100"}}
}

func (offices) Within(_ context.Context, code, above string) bool {
	return strings.HasPrefix(code, strings.TrimRight(above, "0"))
}
func (offices) Calendar(context.Context) clock.Calendar { return clock.Embedded() }

func (offices) Post(_ context.Context, key string) (org.Post, error) {
	if p, ok := posts[key]; ok {
		return p, nil
	}
	return org.Post{}, errs.New(errs.NotFound, "org.no_post")
}

func (offices) Posts(_ context.Context, agency string) (out []org.Post) {
	for _, p := range posts {
		if p.Agency == agency {
			out = append(out, p)
		}
	}
	return out
}

func (offices) Staff(_ context.Context, id string) (org.Staff, error) {
	if s, ok := staff[id]; ok {
		return s, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "org.no_staff")
}

func (offices) StaffList(_ context.Context, agency string) (out []org.Staff) {
	for _, s := range staff {
		if agency == "" || s.Agency == agency {
			out = append(out, s)
		}
	}
	return out
}

func (offices) StaffOfPost(_ context.Context, post string) (out []org.Staff) {
	for _, s := range staff {
		if slices.Contains(s.Posts, post) {
			out = append(out, s)
		}
	}
	return out
}

func (offices) Reaches(_ context.Context, a authz.Actor, _ authz.Role, region string) bool {
	return a.Region == region
}

// newKit has one case, accepted on Monday 2 March 2026 and promised for Monday 16 March: ten working days. Zhou and Li hold its post.
func newKit(t *testing.T, d *db.DB) *kit {
	k := &kit{t: t, d: d, dir: t.TempDir()}
	k.set("2026-03-02 10:00")
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, clock.Shanghai) }
	k.c = cases.Case{
		ID: "c1", CaseNo: "QL1", State: cases.Reviewing, ItemKey: "food", ItemName: "食品经营许可", Agency: "market", AgencyName: "清江区市场监督管理局", Region: "580102", Post: "review", Step: "review",
		StepName: "审查", PersonID: "p1", Applicant: "罗*满", Submitted: day(2), Accepted: day(2), Clock: cases.Clock{Phase: "decision", PromisedDue: day(17).Add(-time.Second), StepDue: day(7).Add(-time.Second)},
	}
	k.tasks = []cases.Task{{ID: "t1", CaseID: "c1", Step: "review", Post: "review"}}
	v := vault.New(vault.NewKeys())
	b, err := blob.Open(k.dir, v)
	k.ok(err)
	log := slog.New(slog.DiscardHandler)
	a := audit.NewLog(d, k.now, log)
	t.Cleanup(a.Close)
	k.Service = talk.New(talk.Deps{DB: d, Vault: v, Blobs: b, Audit: a, Now: k.now, Log: log, Cases: k, Org: offices{}, Notices: k})
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

func (k *kit) told(staff, kind string) int {
	k.t.Helper()
	return k.count("talk_notice", "staff_id = $1 AND kind = $2", staff, kind)
}

func (k *kit) tell(e event.Event) {
	k.t.Helper()
	k.ok(k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, k.now(), e) }))
	k.drain()
}

func merged() event.Event { return identity.Merged{From: "p2", Into: "p1"} }
