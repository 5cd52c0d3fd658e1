package counterweb_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/counter"
	"tongban/internal/domain/counter/counterweb"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/packs"
)

// The invented people; 58 is assigned to no province.
const (
	oldName, oldNumber           = "沈秋月", "580102194002030027"
	daughterName, daughterNumber = "沈小云", "580102196805060024"
	phone                        = "13812345678"
	readerURL, secret            = "http://127.0.0.1:17653", "a pairing secret of the test"
)

type people struct{ v *vault.Vault }

func (people) Person(_ context.Context, id string) (identity.Person, error) {
	if id == "daughter" {
		return identity.Person{ID: id, Name: daughterName, Number: daughterNumber, NumberKind: "citizen", Birth: "1968-05-06", Phone: phone, Alive: true}, nil
	}
	return identity.Person{ID: "old", Name: oldName, Number: oldNumber, NumberKind: "citizen", Birth: "1940-02-03", Phone: phone, Alive: true}, nil
}

func (people) Firm(context.Context, string) (identity.Firm, error) {
	return identity.Firm{ID: "f1", CreditCode: "91580102MA0000001X", Name: "清澜小满餐饮店"}, nil
}

func (p people) EnsurePerson(ctx context.Context, name, number, _, _ string) (identity.Person, error) {
	switch {
	case name == daughterName && number == daughterNumber:
		return p.Person(ctx, "daughter")
	case name == oldName && number == oldNumber:
		return p.Person(ctx, "old")
	}
	return identity.Person{}, errs.New(errs.Invalid, "identity.name_mismatch")
}

func (p people) EnsureFirm(ctx context.Context, _ string) (identity.Firm, error) {
	return p.Firm(ctx, "")
}

func (p people) PersonByNumber(ctx context.Context, number string) (identity.Person, error) {
	if number == oldNumber {
		return p.Person(ctx, "old")
	}
	return identity.Person{}, errs.New(errs.NotFound, "identity.person_unknown")
}

func (p people) SubjectOf(number string) string { return p.v.Blind("subject", number) }

func (people) Prefill(context.Context, string, string) (map[string]identity.Known, bool, error) {
	known := map[string]identity.Known{}
	for term, value := range map[string]string{"person.name": oldName, "person.id_number": oldNumber, "person.address": "清江区柳桥路9号"} {
		known[term] = identity.Known{Value: value, Source: identity.SourcePopulation}
	}
	return known, true, nil
}

func (people) HeldDocuments(context.Context, string, string) ([]identity.Document, error) {
	return []identity.Document{{Type: "id-card", Number: oldNumber, Holder: oldName, HolderNumber: oldNumber}}, nil
}

type papers struct{}

func (papers) IssueTx(_ context.Context, _ *db.Tx, now time.Time, r paper.Request) (paper.Paper, error) {
	return paper.Paper{ID: ident.New(), CaseID: r.CaseID, Act: r.Act, Title: r.Act, Number: "1号", Issued: now, State: paper.Ready}, nil
}

type licences struct{}

func (licences) IssueTx(_ context.Context, _ *db.Tx, _ time.Time, r licence.Issue) (licence.Licence, error) {
	return licence.Licence{ID: "lic-" + r.CaseID, TypeName: "证照"}, nil
}

func (licences) Usable(context.Context, string, string) ([]licence.Licence, error) { return nil, nil }

func (licences) UseTx(context.Context, *db.Tx, time.Time, string, string, string) error {
	return nil
}

type notices struct{}

func (notices) SendTx(context.Context, *db.Tx, time.Time, notify.Message) error { return nil }

// kit is a counter over the real cases, with the offices and items of the packs.
type kit struct {
	*counter.Service
	t       *testing.T
	d       *db.DB
	cases   *cases.Service
	org     *org.Service
	handler http.Handler
	at      time.Time
}

type presence struct{ k *kit }

func (p presence) Presence(ctx context.Context, staff, caseID, subject string) (string, error) {
	return p.k.Service.Presence(ctx, staff, caseID, subject)
}

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, catalog.Schema, cases.Schema, counter.Schema}

func each(t *testing.T, fn func(k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { fn(open(t, d)) })
}

func open(t *testing.T, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, d: d, at: time.Date(2026, 3, 10, 10, 0, 0, 0, clock.Shanghai)}
	now, quiet, v := func() time.Time { return k.at }, slog.New(slog.DiscardHandler), vault.New(vault.NewKeys())
	log := audit.NewLog(d, now, quiet)
	t.Cleanup(log.Close)
	k.org = org.New(org.Deps{DB: d, Vault: v, Audit: log, Now: now, Log: quiet})
	its := catalog.New(catalog.Deps{DB: d, Org: k.org, Now: now, Log: quiet})
	for _, name := range packs.Names {
		sub, err := fs.Sub(packs.FS, name)
		k.ok(err)
		p, problems := pack.Read(sub)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		k.ok(d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := k.org.LoadTx(ctx, tx, k.at, p.Files); err != nil {
				return err
			}
			return its.LoadTx(ctx, tx, k.at, p.Files)
		}))
	}
	blobs, err := blob.Open(t.TempDir(), v)
	k.ok(err)
	k.cases = cases.New(cases.Deps{
		DB: d, Vault: v, Blobs: blobs, Audit: log, Now: now, Items: its, Offices: k.org, People: people{v}, Papers: papers{}, Licences: licences{}, Notices: notices{}, Here: presence{k},
	})
	k.Service = counter.New(counter.Deps{DB: d, Vault: v, Blobs: blobs, Audit: log, Cases: k.cases, People: people{v}, Items: its, Now: now, ReaderSecret: secret})
	site := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: now, ErrorPage: errorPage, Prepare: func(ctx context.Context, _ *http.Request) context.Context { return ui.WithShell(ctx, ui.Shell{}) },
		Actor: func(r *http.Request) (authz.Actor, error) { return k.staff(r.Header.Get("X-Who")), nil },
	})
	site.Add(counterweb.Routes(counterweb.Config{
		Counter: k.Service, Cases: k.cases, Items: its, Offices: k.org, Now: now, Track: func(no, code string) string { return "https://qinglan.example/lookup?no=" + no },
		PhoneURL: "https://qinglan.example", ReaderURL: readerURL,
	})...)
	k.handler = site.Handler()
	return k
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) staff(id string) authz.Actor {
	st, err := k.org.Staff(context.Background(), id)
	if err != nil {
		return authz.Actor{}
	}
	return authz.Actor{StaffID: st.ID, Roles: st.Roles, Posts: st.Posts, AgencyID: st.Agency, Via: "page"}
}

// as gives somebody of the staff at a browser; an empty id is nobody.
func (k *kit) as(id string) *webtest.Client {
	return webtest.New(k.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", id)
		k.handler.ServeHTTP(w, r)
	}))
}

func errorPage(v web.ErrorView) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<html><body><main><h1>"+http.StatusText(v.Status)+"</h1><p>"+templ.EscapeString(v.Text)+"</p></main></body></html>")
		return err
	})
}
