package deskweb_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"sync"
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
	"tongban/internal/domain/cases/deskweb"
	"tongban/internal/domain/catalog"
	deskroom "tongban/internal/domain/desk"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
	"tongban/packs"
)

// tuesday is a plain working day.
var tuesday = time.Date(2026, 3, 10, 10, 0, 0, 0, clock.Shanghai)

// oldNumber is invented and has a valid check character; 58 is assigned to no province.
const oldNumber, phone = "580102194002030027", "13812345678"

// daughter comes for her mother; her number is invented too.
const daughter, daughterNumber = "沈小云", "580102196805060024"

// shopForm stands in for the long form of the food licence; its flow, posts and checklist are those of the pack.
const shopForm = `{"key":"shop","title":"申请书","sections":[{"key":"shop","title":"店铺","fields":[
 {"key":"owner","kind":"text","label":"负责人","level":"name","required":true},
 {"key":"owner_phone","kind":"phone","label":"负责人电话","required":true},
 {"key":"shop_name","kind":"text","label":"店名","required":true},
 {"key":"shop_area","kind":"number","label":"面积","unit":"平方米","required":true}]}]}`

const food = "food-licence-new"

// onPaper is worked on paper here and recorded afterwards.
const onPaper = "food-licence-cancel"

// items is the catalog with the packs, but for the form and materials of the food licence.
type items struct {
	*catalog.Service
	form form.Definition
}

func short(it catalog.Item) catalog.Item {
	if it.Key == food {
		it.Scenario, it.CheckRules, it.PreReview = nil, nil, true
		it.Materials = []catalog.Material{{Key: "plan", Name: "布局图", Source: catalog.FromApplicant, Required: catalog.RequiredYes, Formats: []string{"png"}, MaxMB: 1, MaxFiles: 2}}
	}
	if it.Key == onPaper {
		it.Integration.Mode = "entered"
	}
	return it
}

func (i items) Search(ctx context.Context, q catalog.Query) (catalog.Page, error) {
	p, err := i.Service.Search(ctx, q)
	for n := range p.Items {
		p.Items[n] = short(p.Items[n])
	}
	return p, err
}

func (i items) Item(ctx context.Context, key string) (catalog.Item, error) {
	it, err := i.Service.Item(ctx, key)
	return short(it), err
}

func (i items) ItemVersion(ctx context.Context, key string, v int) (catalog.Item, error) {
	it, err := i.Service.ItemVersion(ctx, key, v)
	return short(it), err
}

func (i items) Form(ctx context.Context, key string, v int) (form.Definition, int, error) {
	if d, n, err := i.Service.Form(ctx, key, v); err != nil || key != "food" {
		return d, n, err
	}
	return i.form, v, nil
}

// people is identity with registers that can be switched off.
type people struct{ away bool }

func (people) Person(_ context.Context, id string) (identity.Person, error) {
	if id == "daughter" {
		return identity.Person{ID: id, Name: daughter, Number: daughterNumber, NumberKind: "citizen", Phone: phone}, nil
	}
	return identity.Person{ID: id, Name: "沈秋月", Number: oldNumber, NumberKind: "citizen", Birth: "1940-02-03", Phone: phone, Alive: true}, nil
}

func (people) Firm(_ context.Context, id string) (identity.Firm, error) {
	return identity.Firm{ID: id, CreditCode: "91580102MA0000001X", Name: "清澜小满餐饮店"}, nil
}

func (p people) EnsurePerson(ctx context.Context, name, number, _, _ string) (identity.Person, error) {
	if name == daughter && number == daughterNumber {
		return identity.Person{ID: "daughter", Name: daughter, Number: number, NumberKind: "citizen", Phone: phone}, nil
	}
	if number != oldNumber {
		return identity.Person{}, errs.New(errs.Invalid, "cnid.id_check")
	}
	return p.Person(ctx, "old")
}

func (p people) EnsureFirm(ctx context.Context, _ string) (identity.Firm, error) {
	return p.Firm(ctx, "f1")
}

func (p *people) Prefill(context.Context, string, string) (map[string]identity.Known, bool, error) {
	if p.away {
		return nil, false, nil
	}
	known := map[string]identity.Known{}
	for term, value := range map[string]string{
		"person.name": "沈秋月", "person.id_number": oldNumber, "person.sex": "女", "person.birth": "1940-02-03",
		"person.address": "清江区柳桥路9号", "person.phone": phone,
	} {
		known[term] = identity.Known{Value: value, Source: identity.SourcePopulation}
	}
	return known, true, nil
}

func (p *people) HeldDocuments(context.Context, string, string) ([]identity.Document, error) {
	if p.away {
		return nil, errs.New(errs.Unavailable, "base.unavailable")
	}
	return []identity.Document{{Type: "id-card", Number: oldNumber, Holder: "沈秋月", HolderNumber: oldNumber}}, nil
}

// archive keeps the papers that were asked for.
type archive struct {
	mu   sync.Mutex
	made []paper.Paper
}

func (s *archive) IssueTx(_ context.Context, _ *db.Tx, now time.Time, r paper.Request) (paper.Paper, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := paper.Paper{ID: ident.New(), CaseID: r.CaseID, Act: r.Act, Title: "文书" + r.Act, Number: "清江市监〔2026〕1号", Issued: now, State: paper.Ready, Subject: r.Subject}
	s.made = append(s.made, p)
	return p, nil
}

func (*archive) DeliveredTx(context.Context, *db.Tx, time.Time, paper.Proof) (bool, error) {
	return true, nil
}

func (s *archive) OfCase(_ context.Context, id string) ([]paper.Paper, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.made), func(p paper.Paper) bool { return p.CaseID != id }), nil
}

func (s *archive) Paper(_ context.Context, id string) (paper.Paper, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.made {
		if p.ID == id {
			return p, nil
		}
	}
	return paper.Paper{}, errs.New(errs.NotFound, "base.not_found")
}

func (s *archive) PDF(ctx context.Context, id string) ([]byte, paper.Paper, error) {
	p, err := s.Paper(ctx, id)
	return []byte("%PDF-1.7"), p, err
}

type licences struct{}

func (licences) IssueTx(_ context.Context, _ *db.Tx, _ time.Time, r licence.Issue) (licence.Licence, error) {
	return licence.Licence{ID: "lic-" + r.CaseID, TypeName: "证照"}, nil
}

func (licences) Usable(context.Context, string, string) ([]licence.Licence, error) { return nil, nil }

func (licences) UseTx(context.Context, *db.Tx, time.Time, string, string, string) error { return nil }

// signer has everything signed.
type signer struct{}

func (signer) Ask(_ context.Context, _ authz.Actor, _, _, _, back string) (string, error) {
	return back, nil
}

func (signer) Signed(_ context.Context, a authz.Actor, object, _ string) (string, bool, error) {
	return "signed-" + a.PersonID, a.PersonID != "unsigned", nil
}

// counter keeps what clerks recorded about people who were present.
type counter struct {
	*people
	proofs, phones []string
}

func (c *counter) AddCounterProof(_ context.Context, clerk authz.Actor, person, basis string) error {
	c.proofs = append(c.proofs, clerk.StaffID+" "+person+" "+basis)
	return nil
}

func (c *counter) RecoverAtCounter(_ context.Context, clerk authz.Actor, person, phone, basis string) error {
	c.phones = append(c.phones, clerk.StaffID+" "+person+" "+phone+" "+basis)
	return nil
}

type notices struct{}

func (notices) SendTx(context.Context, *db.Tx, time.Time, notify.Message) error { return nil }

// desk is a site over the real service on SQLite, with the offices and items of the packs.
type desk struct {
	t       *testing.T
	s       *cases.Service
	d       *db.DB
	org     *org.Service
	people  *people
	papers  *archive
	counter *counter
	room    *deskroom.Service
	run     *job.Runner
	marks   map[string]deskweb.Mark // what applicants wait for
	handler http.Handler
	at      time.Time // by the clock of the desk
}

func (k *desk) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func open(t *testing.T) *desk {
	t.Helper()
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, blob.Schema, org.Schema, catalog.Schema, cases.Schema, deskroom.Schema)
	k := &desk{t: t, d: d, people: &people{}, papers: &archive{}, at: tuesday}
	k.counter = &counter{people: k.people}
	now, quiet, v := func() time.Time { return tuesday }, slog.New(slog.DiscardHandler), vault.New(vault.NewKeys())
	log := audit.NewLog(d, now, quiet)
	t.Cleanup(log.Close)
	k.org = org.New(org.Deps{DB: d, Vault: v, Audit: log, Now: now, Log: quiet})
	its := items{Service: catalog.New(catalog.Deps{DB: d, Org: k.org, Now: now, Log: quiet})}
	k.room = deskroom.New(deskroom.Deps{DB: d, Vault: v, Posts: k.org, Now: func() time.Time { return k.at }})
	var err error
	its.form, err = form.Parse([]byte(shopForm))
	k.ok(err)
	for _, name := range packs.Names {
		sub, err := fs.Sub(packs.FS, name)
		k.ok(err)
		p, problems := pack.Read(sub)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		k.ok(d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := k.org.LoadTx(ctx, tx, tuesday, p.Files); err != nil {
				return err
			}
			return its.LoadTx(ctx, tx, tuesday, p.Files)
		}))
	}
	blobs, err := blob.Open(t.TempDir(), v)
	k.ok(err)
	k.s = cases.New(cases.Deps{DB: d, Vault: v, Blobs: blobs, Audit: log, Now: now, Items: its, Offices: k.org, People: k.people, Papers: k.papers, Licences: licences{}, Notices: notices{}, Signatures: signer{}})
	k.run = job.NewRunner(d, now, quiet)
	for kind, w := range k.s.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, event.NewBus(d, k.s.Listeners()...).Deliver)
	shell := ui.Shell{Nav: []ui.NavItem{{Href: "/desk/cases", Label: "办件收件箱"}, {Href: "/window", Label: "综合窗口"}}, Watermark: "周敏 2026-03-10 10:00"}
	prepare := func(ctx context.Context, _ *http.Request) context.Context { return ui.WithShell(ctx, shell) }
	site := web.New(web.Config{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: now, ErrorPage: errorPage, Prepare: prepare, Actor: func(r *http.Request) (authz.Actor, error) {
		return k.staff(r.Header.Get("X-Who")), nil
	}})
	site.Add(deskweb.Routes(deskweb.Config{
		Cases: k.s, Items: its, Offices: k.org, Papers: k.papers, Reads: log, Now: now, Desk: k.room,
		Track: func(no, code string) string { return "https://qinglan.example/progress" }, Counter: k.counter,
		Voices:   voices{k},
		Evidence: func(_ context.Context, id string) ([]byte, error) { return []byte(id), nil },
	})...)
	k.handler = site.Handler()
	return k
}

func (k *desk) staff(id string) authz.Actor {
	st, err := k.org.Staff(context.Background(), id)
	if err != nil {
		return authz.Actor{}
	}
	return authz.Actor{StaffID: st.ID, Roles: st.Roles, Posts: st.Posts, AgencyID: st.Agency, Via: "page"}
}

// as gives a visitor who is signed in as a member of staff.
func (k *desk) as(id string) *webtest.Client {
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

var (
	owner = authz.Actor{PersonID: "p1", FirmID: "f1", Roles: []authz.Role{authz.Person}, Level: 4, Via: "page"}
	png   = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 300)...)
)

// evil must never reach a page as markup.
const evil = `<script>alert(1)</script>'; DROP TABLE cases_case; --`

// voices tells of the marks a test has set.
type voices struct{ k *desk }

func (v voices) Urged(context.Context, authz.Actor) ([]string, error) {
	return v.ids(func(m deskweb.Mark) bool { return m.Urged }), nil
}

func (v voices) Unread(context.Context, authz.Actor) ([]string, error) {
	return v.ids(func(m deskweb.Mark) bool { return m.Unread > 0 }), nil
}

func (v voices) ids(fits func(deskweb.Mark) bool) []string {
	out := []string{}
	for id, m := range v.k.marks {
		if fits(m) {
			out = append(out, id)
		}
	}
	return out
}

func (v voices) Marks(_ context.Context, ids []string) (map[string]deskweb.Mark, error) {
	out := map[string]deskweb.Mark{}
	for _, id := range ids {
		if m, ok := v.k.marks[id]; ok {
			out[id] = m
		}
	}
	return out, nil
}
