package casesweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
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
	"tongban/internal/base/idem"
	"tongban/internal/base/job"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/cases/casesweb"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// tuesday is a plain working day.
var tuesday = time.Date(2026, 3, 10, 10, 0, 0, 0, clock.Shanghai)

// The people of these tests. The ID number is invented and has a valid check character; 58 is assigned to no province.
var (
	mei     = authz.Actor{PersonID: "mei", Roles: []authz.Role{authz.Person}, Level: 2}
	other   = authz.Actor{PersonID: "other", Roles: []authz.Role{authz.Person}, Level: 2}
	weak    = authz.Actor{PersonID: "mei", Roles: []authz.Role{authz.Person}, Level: 1}
	asFirm  = authz.Actor{PersonID: "mei", FirmID: "noodles", Roles: []authz.Role{authz.Person}, Level: 2}
	officer = authz.Actor{StaffID: "zhou", Roles: []authz.Role{authz.Officer}, AgencyID: "market"}
	chief   = authz.Actor{StaffID: "qin", Roles: []authz.Role{authz.Officer}, AgencyID: "market"}
)

const meiNumber = "580102199003070023"

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func when(field string, value any) cond.Expr { return cond.Expr{Field: field, Op: "eq", Value: value} }

const formJSON = `{"key":"shop","title":"申请书","sections":[
 {"key":"who","title":"申请人","fields":[
  {"key":"name","kind":"text","label":"姓名","level":"name","term":"person.name","required":true,"read_only":true},
  {"key":"home","kind":"address","label":"住址","term":"person.address","required":true}]},
 {"key":"shop","title":"店铺","hint":"照实填写","fields":[
  {"key":"shop_name","kind":"text","label":"店名","required":true},
  {"key":"shop_area","kind":"number","label":"面积","unit":"平方米","required":true,"min":1},
  {"key":"shop_region","kind":"region","label":"区县","required":true},
  {"key":"opened","kind":"date","label":"开业日期"},
  {"key":"delivery","kind":"yesno","label":"送不送外卖","required":true},
  {"key":"platform","kind":"text","label":"外卖平台","required":true,"when":{"field":"delivery","op":"eq","value":true}},
  {"key":"staff","kind":"table","label":"员工","columns":[{"key":"name","kind":"text","label":"姓名","required":true},{"key":"post","kind":"text","label":"岗位"}]},
  {"key":"headcount","kind":"computed","label":"员工人数","compute":"count(staff)"}]}]}`

const flowJSON = `{"key":"shop","name":"开店","steps":[
 {"key":"accept","name":"受理","kind":"accept","post":"review"},
 {"key":"decide","name":"决定","kind":"decide","post":"decide"},
 {"key":"deliver","name":"送达","kind":"deliver","post":"review"}]}`

// shopItem has what the pages must cope with: a question that hangs on another, a stop, a warning, an upload, a licence, something generated.
func shopItem() catalog.Item {
	yesno := []catalog.Option{{Value: "yes", Label: "是"}, {Value: "no", Label: "否"}}
	return catalog.Item{
		Key: "shop", ID: "shop", Name: "开店许可", Agency: "market", AgencyName: "清江区市场监督管理局", Region: "580102", Audience: []string{"1", "2"}, ItemType: "01",
		CaseKind: "2", Online: catalog.OnlineFull, Form: "shop", Flow: "shop", Version: 1, FormVersion: 1, FlowVersion: 1, Level: 2, PreReview: true, Result: catalog.Result{Kind: "approval"},
		Code: "11580102MB0000000X3000131006000", VariantCode: "11580102MB0000000X300013100600001",
		Limits: catalog.Limits{Legal: catalog.Limit{N: 10, Unit: "workday"}, Promised: catalog.Limit{N: 8, Unit: "workday"}, AcceptanceRule: catalog.AcceptLicensing},
		Scenario: []catalog.Question{
			{Key: "food", Ask: "卖不卖食品？", Options: yesno},
			{
				Key: "packed", Ask: "只卖预包装食品吗？", Options: yesno, When: when("scenario.food", "yes"),
				Stop: &catalog.Stop{When: when("scenario.packed", "yes"), Title: "办备案就可以", Text: "填一张表即可。", Item: "filing"},
			},
			{Key: "night", Ask: "夜里营业吗？", Options: yesno, Warn: &catalog.Warn{When: when("scenario.night", "yes"), Text: "请注意噪声。"}},
		},
		Materials: []catalog.Material{
			{Key: "plan", Name: "平面图", Source: catalog.FromApplicant, Required: catalog.RequiredYes, Formats: []string{"pdf", "png"}, MaxMB: 1, MaxFiles: 2, Accept: "看得清楚", Basis: "某办法第三条", Sample: "files/sample.pdf"},
			{Key: "id", Name: "身份证明", Source: catalog.FromLicence, LicenceType: "id-card", Required: catalog.RequiredYes},
			{Key: "sheet", Name: "申请书", Source: catalog.FromPlatform, Required: catalog.RequiredYes},
		},
	}
}

type items struct {
	form form.Definition
	flow flow.Definition
	sign *bool   // the item is signed
	kind *string // its type (L1), when it is no licence
}

func (i items) Item(_ context.Context, key string) (catalog.Item, error) {
	if key != "shop" {
		return catalog.Item{}, errs.New(errs.NotFound, "base.not_found")
	}
	it := shopItem()
	it.Sign = *i.sign
	if *i.kind != "" {
		it.ItemType = *i.kind
	}
	return it, nil
}

func (items) TakesApplications(context.Context, string) error { return nil }

func (i items) ItemVersion(ctx context.Context, key string, _ int) (catalog.Item, error) {
	return i.Item(ctx, key)
}

func (i items) Form(context.Context, string, int) (form.Definition, int, error) {
	return i.form, 1, nil
}

func (i items) Flow(context.Context, string, int) (flow.Definition, int, error) {
	return i.flow, 1, nil
}

type offices struct{}

func (offices) Agency(context.Context, string) (org.Agency, error) {
	return org.Agency{Key: "market", Name: "清江区市场监督管理局", Region: "580102", NumberMark: "清江市监"}, nil
}

func (offices) Post(_ context.Context, key string) (org.Post, error) {
	acts := map[string][]string{"review": {"receive", "accept", "review", "deliver"}, "decide": {"decide", "certificate"}}[key]
	return org.Post{Key: key, Agency: "market", Name: key, Acts: acts, Items: []string{"*"}}, nil
}

func (offices) Staff(_ context.Context, id string) (org.Staff, error) {
	post := map[string]string{"zhou": "review", "qin": "decide"}[id]
	return org.Staff{ID: id, Name: "周敏", Agency: "market", Posts: []string{post}, Roles: []authz.Role{authz.Officer}}, nil
}
func (offices) Agencies(context.Context) []org.Agency { return nil }

func (offices) Within(context.Context, string, string) bool { return true }
func (offices) Calendar(context.Context) clock.Calendar     { return clock.Embedded() }

// people is identity with a register that can be switched off.
type people struct{ away bool }

func (people) Person(_ context.Context, id string) (identity.Person, error) {
	return identity.Person{ID: id, Name: map[string]string{"son": "陈小宝"}[id] + map[bool]string{true: "陈晓梅"}[id != "son"], Number: meiNumber, NumberKind: "citizen", Birth: "1990-03-07", Phone: "13800000001"}, nil
}

func (people) Firm(context.Context, string) (identity.Firm, error) {
	return identity.Firm{ID: "noodles", Name: "小满面馆", CreditCode: "91580102MA00000G5X"}, nil
}

func (p people) EnsurePerson(ctx context.Context, _, _, _, _ string) (identity.Person, error) {
	return p.Person(ctx, "mei")
}

func (people) EnsureFirm(context.Context, string) (identity.Firm, error) { return identity.Firm{}, nil }

func (p *people) Prefill(context.Context, string, string) (map[string]identity.Known, bool, error) {
	if p.away {
		return nil, false, nil
	}
	src := identity.SourcePopulation
	return map[string]identity.Known{"person.name": {Value: "陈晓梅", Source: src}, "person.address": {Value: "清江区柳荫路 8 号", Source: src}}, true, nil
}

func (p *people) HeldDocuments(context.Context, string, string) ([]identity.Document, error) {
	if p.away {
		return nil, errs.New(errs.Unavailable, "base.unavailable")
	}
	return []identity.Document{{Type: "id-card", Number: meiNumber, Holder: "陈晓梅", HolderNumber: meiNumber}}, nil
}

// archive keeps which papers were made and which proofs of delivery.
type archive struct {
	mu     sync.Mutex
	made   []paper.Paper
	proofs []paper.Proof
}

func (s *archive) IssueTx(_ context.Context, _ *db.Tx, now time.Time, r paper.Request) (paper.Paper, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := paper.Paper{ID: "paper-" + r.Act, CaseID: r.CaseID, Act: r.Act, Title: "文书 " + r.Act, Issued: now, State: paper.Ready}
	s.made = append(s.made, p)
	return p, nil
}

func (s *archive) OfCase(_ context.Context, id string) (out []paper.Paper, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.made {
		if p.CaseID == id {
			out = append(out, p)
		}
	}
	return out, nil
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

func (s *archive) Delivered(_ context.Context, pr paper.Proof) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.proofs, func(p paper.Proof) bool { return p.PaperID == pr.PaperID && p.How == pr.How }) {
		return false, nil
	}
	s.proofs = append(s.proofs, pr)
	return true, nil
}

func (s *archive) DeliveredTx(ctx context.Context, _ *db.Tx, _ time.Time, pr paper.Proof) (bool, error) {
	return s.Delivered(ctx, pr)
}

type licences struct{}

func (licences) IssueTx(context.Context, *db.Tx, time.Time, licence.Issue) (licence.Licence, error) {
	return licence.Licence{ID: "licence-1"}, nil
}

func (licences) Usable(context.Context, string, string) ([]licence.Licence, error) { return nil, nil }

func (licences) UseTx(context.Context, *db.Tx, time.Time, string, string, string) error { return nil }

// signer is the page on which people sign; here it is signed as soon as it is asked for.
type signer struct{ text, back string }

func (s *signer) Ask(_ context.Context, _ authz.Actor, _, _, text, back string) (string, error) {
	s.text, s.back = text, back
	return back + "?signed=1", nil
}

func (s *signer) Signed(_ context.Context, _ authz.Actor, _, text string) (string, bool, error) {
	return "sig-1", text == s.text, nil
}

type notices struct{}

func (notices) SendTx(context.Context, *db.Tx, time.Time, notify.Message) error { return nil }

// bench is a site over the real service on SQLite.
type bench struct {
	*webtest.Client
	t      *testing.T
	s      *cases.Service
	papers *archive
	people *people
	sign   bool   // the item is signed
	kind   string // the item's type, when it is no licence
	signer *signer

	handler http.Handler
}

var actors = map[string]authz.Actor{
	"mei": mei, "other": other, "weak": weak, "firm": asFirm, "officer": officer, "chief": chief,
	"son": {PersonID: "son", Roles: mei.Roles, Level: 2}, "viewer": forMei(authz.ActView), "helper": forMei(authz.ActApply, authz.ActView), "fetcher": forMei(authz.ActCollect),
	"misfit": {PersonID: "son", ForPerson: "mei", MandateID: "m1", Scope: &authz.Scope{Items: []string{"another"}, Acts: []string{"*"}}, Roles: mei.Roles, Level: 2},
}

// forMei is mei's son acting for her.
func forMei(acts ...string) authz.Actor {
	return authz.Actor{PersonID: "son", ForPerson: "mei", MandateID: "m1", Scope: &authz.Scope{Items: []string{"shop"}, Acts: acts}, Roles: mei.Roles, Level: 2}
}

func setup(t *testing.T) *bench {
	d := dbtest.SQLite(t, audit.Schema, job.Schema, event.Schema, blob.Schema, idem.Schema, cases.Schema)
	v := vault.New(vault.NewKeys())
	now := func() time.Time { return tuesday }
	log := audit.NewLog(d, now, slog.New(slog.DiscardHandler))
	b := &bench{t: t, papers: &archive{}, people: &people{}, signer: &signer{}}
	it := items{must[form.Definition](t)(form.Parse([]byte(formJSON))), must[flow.Definition](t)(flow.Parse([]byte(flowJSON))), &b.sign, &b.kind}
	b.s = cases.New(cases.Deps{
		DB: d, Vault: v, Blobs: must[*blob.Store](t)(blob.Open(t.TempDir(), v)), Audit: log, Now: now, Items: it,
		Offices: offices{}, People: b.people, Papers: b.papers, Licences: licences{}, Notices: notices{}, Signatures: b.signer,
	})
	cfg := casesweb.Config{
		Cases: b.s, Papers: b.papers, Audit: log, Item: it.Item, PublicURL: "https://qinglan.example", Now: now,
		Who: func(context.Context, authz.Actor) (casesweb.Who, error) {
			return casesweb.Who{Person: "陈晓梅"}, nil
		},
		Evidence: func(_ context.Context, id string) ([]byte, error) { return []byte(`{"signature":"` + id + `"}`), nil },
		Firms: func(_ context.Context, a authz.Actor) ([]casesweb.Firm, error) {
			switch a.PersonID {
			case "mei":
			case "son":
				return []casesweb.Firm{{ID: "mei", Name: "陈晓梅", Person: true, MandateID: "m1", Scope: &authz.Scope{Items: []string{"shop"}, Acts: []string{authz.ActApply, authz.ActView}}}}, nil
			default:
				return nil, nil
			}
			return []casesweb.Firm{{ID: "noodles", Name: "小满面馆"}}, nil
		},
		Regions:  func(context.Context) []ui.Option { return []ui.Option{{Value: "580102", Label: "清江区"}} },
		Remedies: func(context.Context, string, string) string { return "可以申请行政复议。" },
		FileURL:  func(item, path string) string { return "/items/" + item + "/" + path },
	}
	site := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: now, ErrorPage: errorPage, Actor: func(r *http.Request) (authz.Actor, error) {
		return actors[r.Header.Get("X-Who")], nil
	}, StepUp: func(w http.ResponseWriter, _ *http.Request, need int) error {
		w.Header().Set("X-Step-Up", strconv.Itoa(need))
		w.WriteHeader(http.StatusForbidden)
		return nil
	}})
	site.Add(casesweb.Routes(cfg)...)
	casesweb.API(web.NewAPI(site, "test", nil), cfg)
	b.handler = site.Handler()
	b.Client = b.as("mei")
	return b
}

// as gives a visitor who is signed in as somebody; empty for nobody.
func (b *bench) as(who string) *webtest.Client {
	return webtest.New(b.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", who)
		b.handler.ServeHTTP(w, r)
	}))
}

func errorPage(v web.ErrorView) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<html><body><main><h1>"+http.StatusText(v.Status)+"</h1><p>"+templ.EscapeString(v.Text)+"</p></main></body></html>")
		return err
	})
}
