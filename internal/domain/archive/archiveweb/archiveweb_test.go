package archiveweb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/archive/archiveweb"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, clock.Shanghai)

const bureau = "清江区市场监督管理局"

type rooms struct{}

func (rooms) Dossier(_ context.Context, id string) (cases.Dossier, error) {
	return cases.Dossier{
		Case: cases.Case{
			ID: id, CaseNo: "QL-" + id, State: cases.Withdrawn, ItemKey: "food", ItemName: "食品经营许可（新办）", Agency: "market", Region: "580102", Updated: noon,
			Submitted: noon,
		},
		Item: catalog.Item{Key: "food", Name: "食品经营许可（新办）", ItemType: "01"}, Applicant: cases.DossierApplicant{Name: "王小梅"},
		Rounds: []cases.DossierRound{{Round: 1, At: noon}},
		Events: []cases.Event{{Seq: 1, Kind: "submitted", At: noon, Data: json.RawMessage(`{}`)}},
	}, nil
}

func (rooms) Agency(context.Context, string) (org.Agency, error) {
	return org.Agency{Key: "market", Code: "11580102MB0K731283", Name: bureau}, nil
}

type noPapers struct{}

func (noPapers) OfCase(context.Context, string) ([]paper.Paper, error) { return nil, nil }
func (noPapers) PDF(context.Context, string) ([]byte, paper.Paper, error) {
	return nil, paper.Paper{}, nil
}
func (noPapers) Proofs(context.Context, string) ([]paper.Proof, error) { return nil, nil }

type noLicences struct{}

func (noLicences) OfCase(context.Context, string) ([]licence.Licence, error) { return nil, nil }
func (noLicences) PDF(context.Context, string) ([]byte, licence.Licence, error) {
	return nil, licence.Licence{}, nil
}

var visitors = map[string]authz.Actor{
	"archivist": {StaffID: "arc", Roles: []authz.Role{authz.Archivist}, AgencyID: "market", Region: "580102"},
	"neighbour": {StaffID: "civ", Roles: []authz.Role{authz.Archivist}, AgencyID: "civil", Region: "580102"},
	"auditor":   {StaffID: "bai", Roles: []authz.Role{authz.Auditor}, AgencyID: "office", Region: "580100"},
	"officer":   {StaffID: "zhou", Roles: []authz.Role{authz.Officer}, AgencyID: "market", Region: "580102"},
}

type pages struct {
	http.Handler
	run *job.Runner
	d   *db.DB
}

func site(t *testing.T) pages {
	t.Helper()
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, blob.Schema, archive.Schema)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	v := vault.New(vault.NewKeys())
	blobs, err := blob.Open(t.TempDir(), v)
	ok(err)
	ring, err := paper.NewKeyring(filepath.Join(t.TempDir(), "keys"))
	ok(err)
	ok(ring.EnsureCA("测试根", noon, true))
	ok(ring.EnsureAgency("market", bureau, noon))
	now, log := func() time.Time { return noon }, slog.New(slog.DiscardHandler)
	a := audit.NewLog(d, now, log)
	t.Cleanup(a.Close)
	s := archive.New(archive.Deps{DB: d, Vault: v, Blobs: blobs, Audit: a, Keys: ring, Now: now, Log: log, Cases: rooms{}, Papers: noPapers{}, Licences: noLicences{}, Offices: rooms{}})
	run := job.NewRunner(d, now, log)
	for kind, w := range s.Workers() {
		run.Handle(kind, w)
	}
	run.Handle(event.DeliverKind, event.NewBus(d, s.Listeners()...).Deliver)
	for _, id := range []string{"one", "two"} {
		ok(d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return event.Publish(ctx, tx, noon, cases.WithdrawnEvent{Fact: cases.Fact{CaseID: id, CaseNo: "QL-" + id, Agency: "market", Region: "580102", At: noon}})
		}))
		ok(run.Drain(t.Context())) // one after the other: "one" gets the first number
	}
	w := web.New(web.Config{
		Actor: func(r *http.Request) (authz.Actor, error) {
			c, err := r.Cookie("who")
			if err != nil {
				return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
			}
			return visitors[c.Value], nil
		},
		Log: log, Now: now,
	})
	w.Add(archiveweb.Routes(s)...)
	w.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	return pages{w.Handler(), run, d}
}

func as(c *webtest.Client, who string) *webtest.Client {
	a := c.Another()
	a.Get("/as/"+who, 200)
	return a
}

const first = "11580102MB0K731283-ZW·2026-D10-MARKET-00001"

func TestTheArchivistsPages(t *testing.T) {
	p := site(t)
	c := as(webtest.New(t, p), "archivist")
	list := c.Get("/archive", 200).Wants(first, "食品经营许可（新办）", "申请人撤回", "10年", "检测通过").Lacks("王小梅")
	one := list.Follow(first).Wants("真实性", "完整性", "可用性", "安全性", "通过", "form/round-01.json", "使用测试密钥签名", "申请人撤回，没有作出决定").Lacks("王小梅")
	one.Submit(`form[action$="/check"]`, nil, 200).Wants("工作人员")
	if n := dbtest.Count(t, p.d, "archive_check", "actor = 'staff:arc'"); n != 1 {
		t.Errorf("%d checks on demand", n)
	}
	file := c.Get(one.URL.Path+"/file", 200)
	if !bytes.HasPrefix(file.Raw, []byte("PK\x03\x04")) || !bytes.Contains(file.Raw, []byte("王小梅")) {
		t.Error("the package is not given whole")
	}
	if n := dbtest.Count(t, p.d, "audit_entry", "act = 'read' AND what = 'archive.whole_package'"); n != 1 {
		t.Errorf("%d downloads on record", n)
	}
	c.Get("/archive?q=QL-two", 200).Wants("00002").Lacks("00001")
	c.Get("/archive?state=unsound", 200).Wants("没有符合条件的归档包")
	c.Lang = "en"
	c.Get("/archive", 200).Wants("Archive packages", "10 years")
}

func TestHandOverByPage(t *testing.T) {
	p := site(t)
	c := as(webtest.New(t, p), "auditor")
	page := c.Get("/archive?period=y10", 200).Follow("移交或导出归档包").Wants("您还没有导出过归档包")
	page.Submit("#export", nil, 422).Wants("请填写移交或导出的理由")
	page.Submit("#export", url.Values{"year": {"2020"}, "reason": {"移交"}}, 422).Wants("没有可以导出的归档包")
	page.Submit("#export", url.Values{"reason": {"向市档案馆移交"}}, 200).Wants("生成中")
	if err := p.run.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	ready := c.Get("/archive/exports", 200).Wants("已完成", "第 1 卷（2 个归档包")
	href := ready.Find(`a[href^="/archive/exports/"]`).First().AttrOr("href", "")
	if zip := c.Get(href, 200); !bytes.Contains(zip.Raw, []byte("catalogue.csv")) {
		t.Error("no catalogue")
	}
	as(c, "archivist").Get(href, 404)
	c.Get(href+"0", 404)
	c.Get(href+"x", 404)
}

func TestWhoSeesTheArchive(t *testing.T) {
	p := site(t)
	c := webtest.New(t, p)
	one := as(c, "auditor").Get("/archive", 200).Follow(first).URL.Path
	for who, want := range map[string][2]int{"officer": {403, 403}, "neighbour": {200, 404}, "archivist": {200, 200}} {
		v := as(c, who)
		v.Get("/archive", want[0])
		v.Get(one, want[1])
		v.Get(one+"/file", want[1])
	}
	as(c, "neighbour").Get("/archive", 200).Wants("没有符合条件的归档包")
	as(c, "neighbour").Post(one+"/check", nil, 404)
	c.Get("/archive", 401)
}
