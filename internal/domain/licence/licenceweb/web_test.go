package licenceweb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/pdf"
)

var noon = time.Date(2026, 3, 16, 12, 0, 0, 0, beijing)

const typeYAML = `{"key":"elder-card","code":"11580000MB0D119080001","name":"老年人优待证","definer":"澜州省民政厅","holder":"person","number":"LN{region}{year}{seq:6}",
"fields":[{"key":"holder_name","label":"姓名","from":"applicant.name"},{"key":"holder_number","label":"证件号码","from":"applicant.number"},{"key":"sex","label":"性别","from":"form.sex"}],
"validity":{"years":1},"exclusive":true,"issued_here":true,"trust":"A","layout":{"blocks":[{"kind":"field","text":"{{number}} {{licence_id}} {{agency}}","x":20,"y":20},
{"kind":"seal","x":100,"y":100},{"kind":"qr","qr":"{{verify_url}}","x":20,"y":100}]}}`

// numbers are the holders' numbers by person; a person acting for firm f1 has its code too.
type numbers map[string]string

func (n numbers) Numbers(_ context.Context, a authz.Actor) (string, string, error) {
	return n[a.PersonID], n[a.FirmID], nil
}

type world struct {
	opened []string // who opened which licence
	t      *testing.T
	h      http.Handler
	svc    *licence.Service
	d      *db.DB
	l      licence.Licence
	file   []byte
	api    *web.API
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, blob.Schema, licence.Schema)
	now := func() time.Time { return noon }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	v := vault.New(vault.NewKeys())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := paper.NewKeyring(filepath.Join(t.TempDir(), "keys"))
	must(err)
	agency := org.Agency{Key: "civil", Code: "11580102004192572R", Name: "清澜市清江区民政局", Region: "580102"}
	must(errors.Join(keys.EnsureCA("测试根", noon, true), keys.EnsureAgency("civil", agency.Name, noon)))
	blobs, err := blob.Open(t.TempDir(), v)
	must(err)
	al := audit.NewLog(d, now, log)
	t.Cleanup(al.Close)
	w := &world{t: t, d: d}
	w.svc = licence.New(licence.Deps{DB: d, Vault: v, Blobs: blobs, Audit: al, Keys: keys, Now: now, Log: log, PublicURL: "http://localhost"})
	must(d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := w.svc.LoadTx(ctx, tx, noon, []packfile.File{{Path: "licence-types/a.json", Data: []byte(typeYAML)}}); err != nil {
			return err
		}
		w.l, err = w.svc.IssueTx(ctx, tx, noon, licence.Issue{
			TypeKey: "elder-card", Agency: agency, CaseID: "c1", ItemKey: "elder-card", HolderKind: licence.Person, HolderName: "古丽娜尔·买买提", HolderNumber: "110101195003070011", PersonID: "p1",
			Values: map[string]string{"applicant.name": "古丽娜尔·买买提", "applicant.number": "110101195003070011", "form.sex": "女"},
		})
		return err
	}))
	must(w.svc.Make(t.Context(), job.Job{Args: []byte(`{"id":"` + w.l.ID + `"}`), Attempt: 1, Tries: 12}))
	w.file, w.l, err = w.svc.PDF(t.Context(), w.l.ID)
	must(err)
	site := web.New(web.Config{Log: log, Now: now, Actor: func(r *http.Request) (authz.Actor, error) {
		if p := r.Header.Get("X-Person"); p != "" {
			a := authz.Actor{PersonID: p, Roles: []authz.Role{authz.Person}}
			if items, acts, ok := strings.Cut(r.Header.Get("X-Scope"), "/"); ok { // acts for p1 under a mandate
				a.ForPerson, a.MandateID, a.Scope = "p1", "m1", &authz.Scope{Items: strings.Fields(items), Acts: strings.Fields(acts)}
			}
			return a, nil
		}
		return authz.Actor{}, nil
	}})
	site.Add(Routes(Deps{
		Licences: w.svc, Holders: numbers{"p1": "110101195003070011", "p2": "110101195003070038"}, Now: now,
		Opened: func(_ context.Context, a authz.Actor, l licence.Licence) error {
			w.opened = append(w.opened, a.PersonID+" "+l.ID)
			return nil
		},
		Principal: func(_ context.Context, a authz.Actor) (string, string, error) {
			return "古丽娜尔·买买提", "110101195003070011", nil
		},
	})...)
	w.api = web.NewAPI(site, "1", nil)
	Document(w.api.Spec())
	w.h = site.Handler()
	return w
}

func (w *world) do(r *http.Request, person string) *httptest.ResponseRecorder {
	r.Header.Set("X-Person", person)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) get(path, person string) *httptest.ResponseRecorder {
	return w.do(httptest.NewRequest(http.MethodGet, path, nil), person)
}

func (w *world) post(path, field string, file []byte) *httptest.ResponseRecorder {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile(field, "x.pdf")
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, m.Close()); err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.do(r, "")
}

func page(t *testing.T, rec *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(rec.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func TestMyLicencesAreMineAndMasked(t *testing.T) {
	w := newWorld(t)
	list := w.get("/my/licences", "p1")
	row := page(t, list).Find("tbody tr")
	if list.Code != 200 || row.Length() != 1 || !strings.Contains(text(row), "老年人优待证") || !strings.Contains(text(row), "有效") {
		t.Errorf("list %d: %s", list.Code, text(row))
	}
	one := w.get("/my/licences/"+w.l.ID, "p1")
	if doc := page(t, one); one.Code != 200 || !strings.Contains(text(doc.Find("main")), w.l.Identifier) || doc.Find(`a[href="/my/licences/`+w.l.ID+`/pdf"]`).Length() != 1 {
		t.Errorf("one %d: %s", one.Code, text(doc.Find("main")))
	}
	for _, rec := range []*httptest.ResponseRecorder{list, one} {
		if b := rec.Body.String(); strings.Contains(b, "古丽娜尔·买买提") || strings.Contains(b, "110101195003070011") || strings.Contains(b, w.l.Number) {
			t.Error("a page shows a name or number whole")
		}
	}
	if empty := w.get("/my/licences", "p2"); page(t, empty).Find(".empty").Length() != 1 {
		t.Error("a person without licences sees no explanation")
	}
	for _, path := range []string{"/my/licences/" + w.l.ID, "/my/licences/" + w.l.ID + "/pdf", "/my/licences/x"} {
		if rec := w.get(path, "p2"); rec.Code != 404 {
			t.Errorf("%s for somebody else = %d", path, rec.Code)
		}
		if rec := w.get(path, ""); rec.Code != 401 {
			t.Errorf("%s for a stranger = %d", path, rec.Code)
		}
	}
}

func TestADownloadIsRecorded(t *testing.T) {
	w := newWorld(t)
	rec := w.get("/my/licences/"+w.l.ID+"/pdf", "p1")
	if rec.Code != 200 || !bytes.Equal(rec.Body.Bytes(), w.file) || rec.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %s", rec.Code, rec.Header())
	}
	if n := dbtest.Count(t, w.d, "audit_entry", "act = 'read' AND via = 'pdf' AND actor = 'person:p1' AND object = $1", "licence:"+w.l.ID); n != 1 {
		t.Errorf("%d records", n)
	}
	w.get("/my/licences/"+w.l.ID, "p1")
	w.get("/my/licences/"+w.l.ID+"/pdf", "p2")
	if len(w.opened) != 1 || w.opened[0] != "p1 "+w.l.ID {
		t.Errorf("told of %q", w.opened)
	}
}

func TestVerifyPage(t *testing.T) {
	w := newWorld(t)
	forged := bytes.Clone(w.file)
	forged[len(forged)/2] ^= 1
	unsigned, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{{Kind: "para", Text: "没有签章"}}}, pdf.Meta{ID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		code int
		h1   string
		has  string
	}{
		"genuine":  {w.file, 200, "有效", "测试证照，不具有法律效力"},
		"forged":   {forged, 200, "疑似伪造", "请不要采用"},
		"unsigned": {unsigned, 200, "无法判断", "不等于伪造"},
		"not PDF":  {[]byte("GIF89a"), 200, "无法判断", "原始 PDF"},
		"empty":    {nil, 400, "查验电子证照", "没有收到文件"},
		"too big":  {make([]byte, licence.MaxVerify+1), 413, "查验电子证照", "10 MB"},
	} {
		rec := w.post("/verify", "file", c.file)
		doc := page(t, rec)
		if rec.Code != c.code || text(doc.Find("h1")) != c.h1 || !strings.Contains(text(doc.Find("main")), c.has) {
			t.Errorf("%s = %d %s: %s", name, rec.Code, text(doc.Find("h1")), text(doc.Find("main")))
		}
		if raw := text(doc.Find("main")); strings.Contains(raw, "seal.") || strings.Contains(raw, "licence.") {
			t.Errorf("%s shows a text key: %s", name, raw)
		}
	}
	if err := w.svc.SetState(t.Context(), w.l.ID, licence.Cancelled, "持证人去世", "staff:x"); err != nil {
		t.Fatal(err)
	}
	if doc := page(t, w.post("/verify", "file", w.file)); text(doc.Find("h1")) != "已失效" || !strings.Contains(text(doc.Find("main")), "注销") {
		t.Errorf("cancelled: %s", text(doc.Find("main")))
	}
}

func TestVerifyByIdentifier(t *testing.T) {
	w := newWorld(t)
	rec := w.get("/verify?id="+w.l.Identifier, "")
	main := text(page(t, rec).Find("main"))
	if rec.Code != 200 || text(page(t, rec).Find("h1")) != "有效" || !strings.Contains(main, "清澜市清江区民政局") || strings.Contains(rec.Body.String(), "古丽娜尔·买买提") {
		t.Errorf("%d %s", rec.Code, main)
	}
	other := strings.Replace(w.l.Identifier, "1158", "1159", 1)
	unknown, err := cnid.LicenceID("11580000MB0D119080001", "11580102004192572R", "1", "001")
	if err != nil {
		t.Fatal(err)
	}
	for id, code := range map[string]int{"": 422, "<script>alert(1)</script>": 422, other: 422, unknown: 404} {
		rec := w.get("/verify?id="+strings.NewReplacer("<", "%3C", ">", "%3E").Replace(id), "")
		doc := page(t, rec)
		if rec.Code != code || doc.Find(".error-summary a[href='#f-id']").Length() != 1 || strings.Contains(rec.Body.String(), "<script>alert") {
			t.Errorf("%q = %d", id, rec.Code)
		}
	}
	if rec := w.get("/verify", ""); rec.Code != 200 || page(t, rec).Find("form[method=post] input[type=file]").Length() != 1 {
		t.Errorf("page = %d", rec.Code)
	}
}

func TestTheEndpointAnswersExactlyThat(t *testing.T) {
	w := newWorld(t)
	rec := w.post("/api/v1/verify", "file", w.file)
	var got map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != 200 || len(got) != 3 || got["status"] != "valid" || got["test"] != true {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	for _, c := range got["checks"].([]any) {
		if m := c.(map[string]any); len(m) != 3 || m["name"] == "" || m["ok"] != true {
			t.Errorf("check %v", m)
		}
	}
	for name, c := range map[string]struct {
		rec  *httptest.ResponseRecorder
		code int
	}{
		"other field": {w.post("/api/v1/verify", "document", w.file), 400},
		"empty":       {w.post("/api/v1/verify", "file", nil), 400},
		"no form":     {w.do(httptest.NewRequest(http.MethodPost, "/api/v1/verify", strings.NewReader("{}")), ""), 400},
		"too big":     {w.post("/api/v1/verify", "file", make([]byte, licence.MaxVerify+1)), 413},
	} {
		if c.rec.Code != c.code || c.rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s = %d %s", name, c.rec.Code, c.rec.Body)
		}
	}
	spec, err := w.api.OpenAPI()
	if err != nil || !strings.Contains(string(spec), `"/api/v1/verify"`) || !strings.Contains(string(spec), "#/components/schemas/Answer") {
		t.Errorf("OpenAPI: %v", err)
	}
}

func TestVerifyingIsRateLimited(t *testing.T) {
	w := newWorld(t)
	for range 600 {
		w.get("/verify", "")
	}
	if rec := w.get("/verify", ""); rec.Code != 429 {
		t.Errorf("the 601st call in a minute = %d", rec.Code)
	}
}
