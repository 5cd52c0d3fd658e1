package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
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
	"tongban/internal/domain/report"
	"tongban/internal/engine/clock"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, report.Schema}

// desk is a cases room of a few cases.
type desk struct {
	mu    sync.Mutex
	cases map[string]cases.Case
	took  map[string]cases.Measured
	list  []cases.Case // what Walk gives, in order
	walks int
	fails int // the walk that fails, counted from 1
}

func (o *desk) Head(_ context.Context, id string) (cases.Case, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.cases[id]
	if !ok {
		return c, errs.New(errs.NotFound, "cases.not_found")
	}
	return c, nil
}

func (o *desk) Measure(_ context.Context, id string) (cases.Measured, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.took[id], nil
}

func (o *desk) Walk(_ context.Context, _ authz.Actor, _ string, f cases.Filter) (cases.Page, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.walks++; o.walks == o.fails {
		panic("the process is killed here")
	}
	from := 0
	if f.After != "" {
		_, _ = fmt.Sscan(f.After, &from)
	}
	to := min(len(o.list), from+f.Limit)
	p := cases.Page{Cases: o.list[from:to]}
	if to < len(o.list) {
		p.Next = fmt.Sprint(to)
	}
	return p, nil
}

type kit struct {
	*report.Service
	t    testing.TB
	d    *db.DB
	desk *desk
	run  *job.Runner
	mu   sync.Mutex
	at   time.Time
	gone bool // the supervisor lost the role
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *kit) set(t time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = t
}

var (
	supervisor = authz.Actor{StaffID: "su", Roles: []authz.Role{authz.Supervisor}, AgencyID: "watch", Region: "990100"}
	abroad     = authz.Actor{StaffID: "ab", Roles: []authz.Role{authz.Supervisor}, AgencyID: "watch2", Region: "990200"}
	officer    = authz.Actor{StaffID: "of", Roles: []authz.Role{authz.Officer}, AgencyID: "market", Region: "990102"}
)

func newKit(t testing.TB, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, d: d, desk: &desk{cases: map[string]cases.Case{}, took: map[string]cases.Measured{}}, at: day(2026, 4, 2, 9)}
	v := vault.New(vault.NewKeys())
	blobs, err := blob.Open(t.TempDir(), v)
	k.ok(err)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	record := audit.NewLog(d, k.now, log)
	t.Cleanup(record.Close)
	k.Service = report.New(report.Deps{
		DB: d, Vault: v, Blobs: blobs, Audit: record, Now: k.now, Log: log, Cases: k.desk, Planned: func(context.Context, cases.Case) (*int, error) { return new(1), nil },
		RegionOf: func(context.Context, string) string { return "990102" },
		Name:     func(_ context.Context, kind, key string) string { return kind + " " + key },
		Staff: func(_ context.Context, id string) (authz.Actor, error) {
			for _, a := range []authz.Actor{supervisor, abroad, officer} {
				if a.StaffID == id && !k.gone {
					return a, nil
				}
			}
			return authz.Actor{}, nil
		},
	})
	k.run = job.NewRunner(d, k.now, log)
	for kind, w := range k.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, func(context.Context, job.Job) error { return nil })
	return k
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

func day(y int, m time.Month, d, h int) time.Time {
	return time.Date(y, m, d, h, 0, 0, 0, clock.Shanghai)
}

// hear hands events to their listeners, as often as they are delivered.
func (k *kit) hear(times int, es ...event.Event) {
	k.t.Helper()
	listeners := map[string]event.Listener{}
	for _, l := range k.Listeners() {
		listeners[l.Topic] = l
	}
	for range times {
		k.ok(k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for _, e := range es {
				if err := listeners[e.Topic()].Handle(ctx, tx, stored(k.t, e, k.now())); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func stored(t testing.TB, e event.Event, at time.Time) event.Stored {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return event.Stored{Topic: e.Topic(), At: at, Data: b}
}

// report runs a month and gives what came of it.
func (k *kit) report(a authz.Actor, month string) report.View {
	k.t.Helper()
	id, err := k.Run(k.t.Context(), a, month)
	k.ok(err)
	k.drain()
	v, err := k.Report(k.t.Context(), a, id)
	k.ok(err)
	return v
}

func line(v report.View, by report.By, key string) report.Numbers {
	for _, l := range v.Lines {
		if l.By == by && l.Key == key {
			return l.Numbers
		}
	}
	return report.Numbers{}
}

func text(b []byte) string { return strings.TrimPrefix(string(b), "\uFEFF") }

func each(t *testing.T, fn func(t *testing.T, k *kit)) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { fn(t, newKit(t, d)) })
}
