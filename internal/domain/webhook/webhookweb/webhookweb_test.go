package webhookweb_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/domain/webhook"
	"tongban/internal/domain/webhook/push"
	"tongban/internal/domain/webhook/webhookweb"
)

var visitors = map[string]authz.Actor{
	"admin":    {StaffID: "fang", AgencyID: "gov", Roles: []authz.Role{authz.Admin}},
	"operator": {StaffID: "shi", AgencyID: "market", Roles: []authz.Role{authz.Operator}},
	"other":    {StaffID: "ot", AgencyID: "civil", Roles: []authz.Role{authz.Operator}},
	"officer":  {StaffID: "of", AgencyID: "market", Roles: []authz.Role{authz.Officer}},
}

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

type offices struct{}

func (offices) Agency(_ context.Context, key string) (org.Agency, error) {
	return org.Agency{Key: key, Region: "580102"}, nil
}

func (offices) Region(_ context.Context, code string) (org.Region, error) {
	if code != "580102" {
		return org.Region{}, errs.New(errs.NotFound, "org.no_region")
	}
	return org.Region{Code: code}, nil
}
func (offices) Within(_ context.Context, code, above string) bool { return code == above }
func (offices) Reaches(_ context.Context, a authz.Actor, _ authz.Role, _ string) bool {
	return a.AgencyID == "gov"
}

type site struct {
	http.Handler
	d    *db.DB
	s    *webhook.Service
	jobs *job.Runner
}

func open(t *testing.T) *site {
	t.Helper()
	now := func() time.Time { return noon }
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, webhook.Schema)
	s := webhook.New(webhook.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Now: now, Log: quiet, Offices: offices{}, PublicURL: "https://zwfw.example.gov.cn", AllowHTTP: true,
		Send: push.New(push.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, HTTP: true, Timeout: time.Second}),
	})
	jobs := job.NewRunner(d, now, quiet)
	jobs.Handle(event.DeliverKind, event.NewBus(d, s.Listeners()...).Deliver)
	for kind, w := range s.Workers() {
		jobs.Handle(kind, w)
	}
	w := web.New(web.Config{Log: quiet, Now: now, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		return visitors[c.Value], nil
	}})
	c := webhookweb.Config{
		Webhooks: s, AgencyName: func(_ context.Context, key string) string { return key + "局" }, StaffName: func(_ context.Context, id string) string { return id },
		Agencies: func(context.Context) []ui.Option {
			return []ui.Option{{Value: "market", Label: "市场监管局"}, {Value: "civil", Label: "民政局"}}
		},
		Regions: func(context.Context) []ui.Option { return []ui.Option{{Value: "580102", Label: "清江区"}} },
	}
	w.Add(webhookweb.Routes(c)...)
	webhookweb.API(web.NewAPI(w, "test", nil), c)
	w.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	return &site{w.Handler(), d, s, jobs}
}

func (x *site) happens(t *testing.T) {
	t.Helper()
	e := cases.AcceptedEvent{Fact: cases.Fact{CaseID: "c1", CaseNo: "QL-1", ItemKey: "food", Agency: "market", Region: "580102"}}
	err := x.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, noon, e) })
	if err == nil {
		err = x.jobs.Drain(t.Context())
	}
	if err == nil {
		err = x.s.Drain(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPages walks the desk: subscribe, see the secret once, try the target, look at a delivery, change the secret, turn off, replay.
func TestPages(t *testing.T) {
	x := open(t)
	status := http.StatusInternalServerError
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<script>alert(1)</script>")
	}))
	defer srv.Close()
	admin := webtest.New(t, x)
	admin.Get("/as/admin", 200)
	form := admin.Get("/admin/webhooks", 200).Wants("还没有订阅").Follow("新增订阅").Wants("全部事件", "已受理")
	bad := form.Submit("#webhook", url.Values{"name": {""}, "agency": {"market"}, "url": {"http://10.0.0.1/"}, "topics": {"cases.*"}, "wide": {"false"}}, http.StatusUnprocessableEntity)
	bad.Wants("请填写系统名称", "内部网络")
	made := bad.Submit("#webhook", url.Values{"name": {"食品系统"}, "url": {srv.URL + "/in?key=vertraut"}, "regions": {"580102"}}, 200)
	secret := made.Text("#secret")
	if !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("no secret: %s", made.Text("main"))
	}
	made.Wants("食品系统", "清江区", "正常").Lacks("vertraut")
	id := made.Find(`form[action$="/test"]`).AttrOr("action", "")
	at := strings.TrimSuffix(id, "/test")
	again := admin.Get(at, 200).Lacks(secret, "vertraut")
	again.Submit(`form[action$="/test"]`, nil, 200).Wants("500", "对方返回错误状态码", "<script>alert(1)</script>")
	x.happens(t)
	admin.Get("/admin/webhooks", 200).Wants("推送失败，重试中")
	one := admin.Get(at+"/deliveries?case=QL-1", 200).Wants("等待推送", "QL-1").Follow("已受理").Wants("500", "对方返回错误状态码")
	admin.Post(one.URL.Path+"/again", nil, http.StatusConflict)
	status = http.StatusOK
	show := admin.Get(at, 200)
	if s := show.Submit("#rotate", url.Values{"keep": {"24"}}, 200).Text("#secret"); !strings.HasPrefix(s, "whsec_") || s == secret {
		t.Errorf("no other secret: %q", s)
	}
	show.Submit("#rotate", url.Values{"keep": {"999"}}, http.StatusUnprocessableEntity).Wants("0 到 168")
	admin.Get(at, 200).Submit(`form[action$="/end-secret"]`, nil, 200).Wants("旧密钥已停用")
	show.Submit(`form[action$="/switch"]`, nil, 200).Wants("已停用")
	admin.Get(at, 200).Submit(`form[action$="/switch"]`, nil, 200).Wants("订阅已启用")
	show.Submit("#replay", url.Values{"from": {"昨天"}}, http.StatusUnprocessableEntity).Wants("最近 90 天")
	show.Submit("#replay", url.Values{"from": {"2026-03-01 09:00"}}, 200).Wants("已安排重放")
	edit := admin.Get(at+"/edit", 200)
	edit.Submit("#webhook", url.Values{"name": {"新名称"}}, 200).Wants("新名称", "已保存")
	edit.Submit("#webhook", url.Values{"name": {"旧名称"}}, http.StatusConflict)
	for who, want := range map[string]int{"operator": 200, "other": 404, "officer": 403} {
		v := admin.Another()
		v.Get("/as/"+who, 200)
		v.Get(at, want)
		v.Get(at+"/deliveries", want)
		v.Get(one.URL.Path, want)
		v.Post(at+"/resume", nil, map[int]int{200: 409, 404: 404, 403: 403}[want])
	}
}

// TestAPI does the same by program.
func TestAPI(t *testing.T) {
	x := open(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") }))
	defer srv.Close()
	c := webtest.New(t, x)
	c.Get("/as/operator", 200)
	call := func(method, path, body string, status int) map[string]any {
		t.Helper()
		p := c.Send(method, "/api/v1/webhooks"+path, "application/json", strings.NewReader(body), status)
		var out map[string]any
		if len(p.Raw) > 0 && json.Unmarshal(p.Raw, &out) != nil {
			t.Fatalf("%s", p.Raw)
		}
		return out
	}
	if ts, _ := call("GET", "/topics", "", 200)["topics"].([]any); len(ts) < 20 {
		t.Errorf("%d topics", len(ts))
	}
	shape := `{"agency":"market","name":"系统","url":"` + srv.URL + `","topics":["cases.accepted"]`
	call("POST", "", shape+`,"wide":true}`, http.StatusUnprocessableEntity)
	made := call("POST", "", shape+`}`, http.StatusCreated)
	id, _ := made["id"].(string)
	if s, _ := made["secret"].(string); !strings.HasPrefix(s, "whsec_") {
		t.Errorf("made %v", made)
	}
	got := call("GET", "/"+id, "", 200)
	if got["state"] != "on" || got["secret"] != nil || got["version"] != 1.0 {
		t.Errorf("%v", got)
	}
	if a := call("POST", "/"+id+"/test", "", 200); a["status"] != 200.0 || a["answer"] != "thanks" {
		t.Errorf("%v", a)
	}
	x.happens(t)
	ds, _ := call("GET", "/"+id+"/deliveries?state=done", "", 200)["deliveries"].([]any)
	if len(ds) != 1 {
		t.Fatalf("%v", ds)
	}
	one, _ := ds[0].(map[string]any)["id"].(string)
	if d := call("GET", "/"+id+"/deliveries/"+one, "", 200); len(d["log"].([]any)) != 1 || d["topic"] != "cases.accepted" {
		t.Errorf("%v", d)
	}
	call("POST", "/"+id+"/deliveries/"+one+"/again", "", http.StatusNoContent)
	call("POST", "/"+id+"/rotate", `{"keep_hours":1}`, 200)
	call("POST", "/"+id+"/end-secret", "", 200)
	call("POST", "/"+id+"/resume", "", http.StatusConflict)
	call("POST", "/"+id+"/off", "", 200)
	call("POST", "/"+id+"/on", "", 200)
	call("POST", "/"+id+"/replays", `{"from":"2026-03-02T00:00:00Z"}`, http.StatusAccepted)
	if rs, _ := call("GET", "/"+id+"/replays", "", 200)["replays"].([]any); len(rs) != 1 {
		t.Errorf("%v", rs)
	}
	got = call("GET", "/"+id, "", 200)
	version, _ := json.Marshal(got["version"])
	call("PATCH", "/"+id, `{"name":"新","url":"`+srv.URL+`","topics":["cases.*"],"version":`+string(version)+`}`, 200)
	c.Get("/as/other", 200)
	call("GET", "/"+id, "", http.StatusNotFound)
	if ws, _ := call("GET", "", "", 200)["webhooks"].([]any); len(ws) != 0 {
		t.Errorf("another's: %v", ws)
	}
}
