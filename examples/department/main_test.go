package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/sso/backchannel"
	"tongban/internal/domain/sso/ssoweb"
)

// tongban is a provider in which 王晓梅 is signed in, acting for her firm, at a level the test sets.
type tongban struct {
	mu    sync.Mutex
	level int
	open  bool
	at    time.Time
}

func (p *tongban) Auth(context.Context, string) (sso.Auth, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return sso.Auth{SessionID: "s1", PersonID: "mary", Level: p.level, At: p.at, Open: p.open}, nil
}

func (p *tongban) Person(context.Context, string) (sso.Person, error) {
	return sso.Person{Name: "王晓梅", Alive: true}, nil
}

func (p *tongban) Firm(context.Context, string) (sso.Firm, error) {
	return sso.Firm{Name: "云帆餐饮"}, nil
}

func (p *tongban) Staff(context.Context, string) (sso.Staff, error) {
	return sso.Staff{}, errs.New(errs.NotFound, "org.staff_unknown")
}

func (p *tongban) MayAct(_ context.Context, _, kind, _ string) (*authz.Scope, bool, error) {
	return nil, kind == "firm", nil // its legal representative
}

func (p *tongban) set(level int, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.level, p.open = level, open
}

// refresh follows a page of Tongban that leads on by itself.
func refresh(t *testing.T, c *webtest.Client, p *webtest.Page) *webtest.Page {
	t.Helper()
	_, to, ok := strings.Cut(p.Header.Get("Refresh"), "url=")
	if !ok {
		t.Fatalf("%s does not lead on", p.URL)
	}
	return c.Get(to, 0)
}

func TestTheExampleSignsInStepsUpAndOut(t *testing.T) {
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, sso.Schema)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	log := audit.NewLog(d, time.Now, quiet)
	t.Cleanup(log.Close)
	var site, department http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	rp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { department.ServeHTTP(w, r) }))
	t.Cleanup(rp.Close)
	here := strings.Replace(rp.URL, "127.0.0.1", "localhost", 1) // another host, so that cookies do not mix

	key, err := loadKey(filepath.Join(t.TempDir(), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := publicKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	p := &tongban{level: 2, open: true, at: time.Now()}
	svc := sso.New(sso.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: log, Now: time.Now, Log: quiet, People: p, Issuer: srv.URL, AllowHTTP: true, Demo: true, Send: backchannel.New().Send,
	})
	if err := svc.EnsureClient(t.Context(), sso.Client{
		ID: "department-example", Name: "示例业务系统", Agency: "market", Redirects: []string{here + "/back"}, PostLogouts: []string{here + "/bye"}, BackChannel: here + "/backchannel-logout",
		Auth: sso.AuthKey, JWKS: []byte(set), Audience: sso.ForBoth, Scopes: map[string]string{"openid": "", "profile": "显示姓名", "org": "显示企业"},
	}, ""); err != nil {
		t.Fatal(err)
	}
	// end tells the listeners of a session's end and runs their jobs, as identity and the bus do.
	end := func(ctx context.Context) error {
		p.set(2, false)
		r := job.NewRunner(d, time.Now, quiet)
		for kind, worker := range svc.Workers() {
			r.Handle(kind, worker)
		}
		r.Handle(event.DeliverKind, event.NewBus(d, svc.Listeners()...).Deliver)
		if err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return event.Publish(ctx, tx, time.Now(), ended{SessionID: "s1", PersonID: "mary"})
		}); err != nil {
			return err
		}
		return r.Drain(ctx)
	}
	w := web.New(web.Config{Log: quiet, Now: time.Now, Actor: func(*http.Request) (authz.Actor, error) {
		if a, _ := p.Auth(t.Context(), ""); !a.Open {
			return authz.Actor{}, nil
		}
		return authz.Actor{PersonID: "mary", SessionID: "s1", FirmID: "f1", Roles: []authz.Role{authz.Person}}, nil
	}})
	w.Add(ssoweb.Routes(ssoweb.Config{SSO: svc, Log: quiet, EndSession: func(ctx context.Context, _ authz.Actor) error { return end(ctx) }})...)
	w.Mount("GET /sign-in/step-up", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Query().Get("level"))
	}))
	site = w.Handler()
	if department, err = newApp(t.Context(), config{Issuer: srv.URL, Address: here, ClientID: "department-example"}, key); err != nil {
		t.Fatal(err)
	}

	who := webtest.Visit(t, here)
	home := who.Get("/", 200).Wants("用统一身份登录")
	page := home.Follow("用统一身份登录").Wants("是否登录“示例业务系统”")
	home = refresh(t, who, page.Submit("#consent", url.Values{"choice": {"agree"}}, 200)).Wants("王晓梅", "云帆餐饮")
	if home.URL.Path != "/" || home.Text("#level") != "2" {
		t.Fatalf("landed on %s at level %s", home.URL, home.Text("#level"))
	}
	page = who.Get("/login?level=3", 200)
	if page.URL.Path != "/sign-in/step-up" {
		t.Fatalf("level 3 led to %s", page.URL)
	}
	next := page.URL.Query().Get("next")
	if back := refresh(t, who, who.Get(srv.URL+next, 200)); back.Status != 403 {
		t.Errorf("without the proof = %d", back.Status)
	}
	who.Get("/", 200).Wants("王晓梅") // what was there before stays
	page = who.Get("/login?level=3", 200)
	p.set(3, true)
	refresh(t, who, who.Get(srv.URL+page.URL.Query().Get("next"), 200)).Wants("您已通过实人核验")
	who.Get("/back?state=forged&code=x&iss="+url.QueryEscape(srv.URL), 400).Wants("不是从这里开始的")

	if err := end(t.Context()); err != nil {
		t.Fatal(err)
	}
	who.Get("/", 200).Wants("用统一身份登录") // told over the back channel

	p.set(2, true)
	who.Get("/login", 200).Wants("王晓梅").Submit("form", nil, 200).Wants("您已退出登录")
	if a, _ := p.Auth(t.Context(), ""); a.Open {
		t.Error("signing out here did not sign out there")
	}
	who.Get("/", 200).Wants("用统一身份登录")
}

type ended struct{ SessionID, PersonID string }

func (ended) Topic() string { return "identity.session_ended" }
