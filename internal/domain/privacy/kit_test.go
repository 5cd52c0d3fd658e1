package privacy_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/privacy"
	"tongban/internal/engine/clock"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, privacy.Schema}

// The rooms below are what the room asks.
var (
	_ privacy.People   = (*identity.Service)(nil)
	_ privacy.Accounts = (*identity.Service)(nil)
	_ privacy.Offices  = (*org.Service)(nil)
	_ privacy.Factors  = (*factor.Service)(nil)
	_ privacy.Mandates = (*mandate.Service)(nil)
)

const linNumber, firmCode = "580102199605182647", "91580102MACXM7P15Q"

// Friday 20 March 2026, an ordinary working day.
var friday = time.Date(2026, 3, 20, 10, 0, 0, 0, clock.Shanghai)

// world is the room with two people, one firm, two agencies and their staff.
type world struct {
	*privacy.Service
	t    *testing.T
	d    *db.DB
	v    *vault.Vault
	log  *audit.Log
	now  time.Time
	sent []notify.Message
	end  []privacy.Ender
}

var (
	lin    = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Via: "page", FirmID: "f1"}
	wang   = authz.Actor{PersonID: "p2", Roles: []authz.Role{authz.Person}, Via: "page"}
	eve    = authz.Actor{StaffID: "eve", Roles: []authz.Role{authz.Officer}, Via: "page", AgencyID: "market"}
	pol    = authz.Actor{StaffID: "pol", Roles: []authz.Role{authz.Officer}, Via: "page", AgencyID: "police"}
	audA   = authz.Actor{StaffID: "auda", Roles: []authz.Role{authz.Auditor}, Via: "page", AgencyID: "office"}
	audB   = authz.Actor{StaffID: "audb", Roles: []authz.Role{authz.Auditor}, Via: "page", AgencyID: "office"}
	people = map[string]identity.Person{
		"p1": {ID: "p1", Name: "林小满", Number: linNumber, Phone: "19900000101", Level: 2},
		"p2": {ID: "p2", Phone: "19900000102", Level: 1},
	}
	staff = map[string]org.Staff{
		"eve": {ID: "eve", Name: "周敏芝", Agency: "market", Roles: []authz.Role{authz.Officer}}, "pol": {ID: "pol", Name: "石磊", Agency: "police"},
		"pil": {ID: "pil", Name: "高远", Agency: "police"}, "auda": {ID: "auda", Name: "许知行", Agency: "office"}, "audb": {ID: "audb", Name: "温如玉", Agency: "office", Phone: "19900000112"},
		"clerkb": {ID: "clerkb", Name: "温如玉", Agency: "market", Phone: "19900000112"}, // another account of audb
	}
	agencies = map[string]string{"market": "清江区市场监督管理局", "police": "清江区公安分局", "office": "审计办公室"}
)

func (w *world) Person(_ context.Context, id string) (identity.Person, error) {
	p, ok := people[id]
	if !ok {
		return p, errs.New(errs.NotFound, "base.not_found")
	}
	return p, nil
}

func (w *world) Firm(context.Context, string) (identity.Firm, error) {
	return identity.Firm{ID: "f1", CreditCode: firmCode, Name: "清江区小满面馆"}, nil
}

func (w *world) SubjectOf(number string) string                 { return w.v.Blind("subject", number) }
func (w *world) MaskedName(_ context.Context, id string) string { return people[id].Masked() }
func (w *world) Staff(_ context.Context, id string) (org.Staff, error) {
	st, ok := staff[id]
	if !ok {
		return st, errs.New(errs.NotFound, "base.not_found")
	}
	return st, nil
}

func (w *world) Agency(_ context.Context, key string) (org.Agency, error) {
	name, ok := agencies[key]
	if !ok {
		return org.Agency{}, errs.New(errs.NotFound, "base.not_found")
	}
	return org.Agency{Key: key, Name: name, Code: "11" + key}, nil
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, now: friday, v: vault.New(vault.NewKeys())}
	clk := func() time.Time { return w.now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.log = audit.NewLog(d, clk, log)
	t.Cleanup(w.log.Close)
	w.Service = privacy.New(privacy.Deps{
		DB: d, Vault: w.v, Audit: w.log, People: w, Offices: w, Calendar: func(context.Context) clock.Calendar { return clock.Embedded() }, Now: clk, Log: log,
		Send: func(_ context.Context, _ *db.Tx, _ time.Time, m notify.Message) error {
			w.sent = append(w.sent, m)
			return nil
		},
		System: func(_ context.Context, id string) (privacy.System, error) {
			return privacy.System{Name: "不动产登记系统", Agency: "market"}, nil
		},
		MaySee: func(_ context.Context, a authz.Actor, personID string) (bool, error) {
			return a.StaffID == "eve" && personID == "p1", nil
		},
		Sources: []privacy.Source{{Key: "phones", Export: func(_ context.Context, a authz.Actor) (any, error) { return []string{people[a.PersonID].Phone}, nil }}},
		Enders: []privacy.Ender{
			func(ctx context.Context, tx *db.Tx, now time.Time, id string) error {
				for _, e := range w.end {
					if err := e(ctx, tx, now, id); err != nil {
						return err
					}
				}
				return nil
			},
		},
	})
	return w
}

// seen writes a look at a number and gives the entry's id; a minute passes.
func (w *world) seen(a authz.Actor, number, object string, what ...string) string {
	w.t.Helper()
	e := audit.Entry{Actor: a.Name(), Object: object, Subject: w.SubjectOf(number), Via: a.Via, Agency: a.AgencyID, Reason: "办理"}
	if len(what) > 0 {
		e.What = what[0]
	}
	e = e.From(w.v, "192.0.2.1")
	if err := w.log.Read(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	return e.ID
}

// list is what a person sees, as "agency/who" by page.
func (w *world) list(a authz.Actor, firm bool, limit int) (all []privacy.Access, pages int) {
	w.t.Helper()
	for after := ""; ; pages++ {
		rows, next, err := w.Accesses(w.t.Context(), a, firm, after, limit)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, rows...)
		if next == "" {
			return all, pages + 1
		}
		after = next
	}
}

func wantErr(t *testing.T, what string, err error, key string) {
	t.Helper()
	if !errs.Is(err, key) {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func fieldsOf(err error) string {
	e := errs.As(err)
	if e == nil {
		return fmt.Sprint(err)
	}
	out := ""
	for _, f := range e.Fields {
		out += f.Path + " "
	}
	return out
}
