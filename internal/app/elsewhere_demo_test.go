package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"tongban/examples/vertical/bureau"
	"tongban/internal/base/authz"
	"tongban/internal/domain/cases"
	border "tongban/internal/domain/elsewhere"
	"tongban/internal/engine/form"
)

// TestTheExampleSystemHandlesAnItemOfTheDemo: with the system of examples/vertical connected, an application of the demo city is worked on there.
func TestTheExampleSystemHandlesAnItemOfTheDemo(t *testing.T) {
	c := startCity(t, "sqlite")
	ctx := t.Context()
	var b *bureau.Server
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.ServeHTTP(w, r) }))
	t.Cleanup(there.Close)
	admin := authz.Actor{StaffID: "qin-zhuo", Roles: []authz.Role{authz.Security}}
	key, err := c.Elsewhere.Register(ctx, admin, border.System{Key: "childcare", Name: "育儿补贴信息管理系统", URL: there.URL + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	if b, err = bureau.Open(ctx, filepath.Join(t.TempDir(), "b.db"), bureau.Config{Key: "childcare", Secret: key, Platform: c.base, Now: time.Now, Client: &http.Client{Timeout: 10 * time.Second}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })

	clerk := authz.Actor{StaffID: "jin-mei", Roles: []authz.Role{authz.Officer}, Via: "page"}
	who := cases.Applicant{Kind: cases.ByPerson, Name: "沈玉英", Number: "580102194103071821", NumberKind: "citizen", Phone: "19900000102"}
	d := must[cases.Detail](t, "draft")(c.Cases.CreateDraftFor(ctx, clerk, "childcare-subsidy", "vertical-1", who))
	p := cases.Patch{Scenario: map[string]string{"applicant": "parent"}, Form: d.Answers, Contact: d.Contact}
	if p.Form == nil {
		p.Form = form.Answers{}
	}
	for k, v := range map[string]any{
		"phone": "19900000102", "child_name": "沈小苗", "child_number": "580102202503071828", "child_birth": "2025-03-07", "child_address": "清江区望江街道石板弄7号",
		"account_name": "沈玉英", "account_bank": "清澜银行望江支行", "account_number": "6217000000000000", "truth": true,
	} {
		p.Form[k] = v
	}
	v := must[int64](t, "save")(c.Cases.SaveDraft(ctx, clerk, d.ID, d.Version, p))
	pdf := []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
	must[cases.File](t, "attach")(c.Cases.Attach(ctx, clerk, d.ID, cases.Upload{Material: "birth", ClientKey: "u1", Name: "birth.pdf", Size: int64(len(pdf)), Body: bytes.NewReader(pdf)}))
	r, err := c.Cases.Submit(ctx, clerk, d.ID, v)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	c.settle(t)
	if st := b.State(ctx, r.CaseID); st != "submitted" {
		t.Fatalf("there it is %q", st)
	}
	c.as(t, "staff:jin-mei").Get("/desk/cases/"+r.CaseID, 200).Wants("由业务系统“childcare”办理")
	for _, a := range []bureau.Act{{Kind: "accepted"}, {Kind: "decided", Data: map[string]any{"outcome": "grant"}}, {Kind: "delivered"}} {
		if err := b.Do(ctx, r.CaseID, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SendAll(ctx); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if h, err := c.Cases.Head(ctx, r.CaseID); err != nil || h.State != cases.Concluded {
		t.Errorf("%+v %v", h, err)
	}
}
