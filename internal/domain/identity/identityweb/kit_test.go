package identityweb_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/identityweb"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/fake/registry"
)

const (
	linPhone, lin, linNumber = "19900000101", "林小满", "580102199605182647"
	password                 = "澜江夜雨-2026-竹影"
)

// kit is the whole site with identity's routes and one form of another room, /form.
type kit struct {
	*identity.Service
	site  *web.Site
	pages *identityweb.Handler
	reg   *registry.Server
	keys  *keys
	face  *camera
	man   *mandates
	audit *audit.Log
	srv   *httptest.Server

	mu     sync.Mutex
	at     time.Time
	code   map[string]string
	posted url.Values
}

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) pass(d time.Duration) { k.mu.Lock(); defer k.mu.Unlock(); k.at = k.at.Add(d) }

func (k *kit) send(_ context.Context, _ *db.Tx, _ time.Time, m notify.Message) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.code[m.To.Phone] = m.Data["code"]
	return nil
}

func (k *kit) codeOf(phone string) string { k.mu.Lock(); defer k.mu.Unlock(); return k.code[phone] }

type book struct{}

var zhou = org.Staff{ID: "zhou-min", Login: "zhoumin", Name: "周敏芝", Agency: "market", Roles: []authz.Role{authz.Officer}, Phone: "19900000002"}

func (book) Staff(_ context.Context, id string) (org.Staff, error) {
	switch id {
	case zhou.ID:
		return zhou, nil
	case "gu-wei":
		return org.Staff{ID: "gu-wei", Login: "guwei", Name: "顾巍", Agency: "hall", Roles: []authz.Role{authz.Supervisor}, Phone: "19900000012"}, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "base.not_found")
}

func (b book) StaffByLogin(ctx context.Context, login string) (org.Staff, error) {
	return b.Staff(ctx, strings.Replace(login, "zhoumin", "zhou-min", 1))
}

func (book) Agency(_ context.Context, key string) (org.Agency, error) {
	return org.Agency{Key: key, Name: "清澜市清江区市场监督管理局", Region: "580102"}, nil
}

// MayManage lets the security officer reach everybody but themself.
func (book) MayManage(_ context.Context, a authz.Actor, staffID string) error {
	switch staffID {
	case a.StaffID:
		return errs.New(errs.Forbidden, "base.forbidden")
	case zhou.ID, "gu-wei":
		return nil
	}
	return errs.New(errs.NotFound, "base.not_found")
}

func newKit(t *testing.T, set ...func(*identity.Deps)) *kit {
	t.Helper()
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, factor.Schema, identity.Schema)
	data, err := os.ReadFile("../../../../packs/qinglan/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	people, ps := registry.Load(packfile.File{Path: "demo.yaml", Data: data})
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	k := &kit{keys: newKeys(), face: &camera{}, man: &mandates{}, at: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC), code: map[string]string{}}
	key := []byte("a key shared by the two sides...")
	k.reg = registry.New(registry.Config{KeyID: "t", Key: key, Now: k.now}, people)
	regs := httptest.NewServer(k.reg.Handler())
	t.Cleanup(regs.Close)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	k.audit = audit.NewLog(d, k.now, log)
	t.Cleanup(k.audit.Close)
	deps := identity.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: k.audit, Staff: book{}, Send: k.send, Now: k.now, Log: log, Factors: k.keys, Face: k.face, Represent: k.man,
		Registry: identity.NewRegistry(identity.RegistryConfig{PopulationURL: regs.URL, FirmsURL: regs.URL, KeyID: "t", Key: key, Now: k.now}),
	}
	for _, change := range set {
		change(&deps)
	}
	k.Service = identity.New(deps)
	h := identityweb.New(identityweb.Config{
		Service: k.Service, PublicURL: "https://qinglan.example/", Certificates: true, ProxyCertificates: true,
		Providers: func(context.Context) []identityweb.Provider {
			return []identityweb.Provider{{Key: "province", Name: "临江省政务服务网"}}
		},
		StepProviders: func(_ context.Context, level int) []identityweb.Provider {
			if level > 3 {
				return nil
			}
			return []identityweb.Provider{{Key: "province", Name: "临江省政务服务网"}}
		},
	})
	k.pages = h
	k.site = web.New(web.Config{
		Actor: h.Actor, SignIn: h.SignIn, StepUp: h.StepUp, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Log: log, Now: k.now,
		Prepare: func(ctx context.Context, r *http.Request) context.Context {
			s := ui.Shell{Path: r.URL.RequestURI(), NowMS: k.now().UnixMilli()}
			if err := h.Shell(ctx, &s); err != nil {
				t.Error(err)
			}
			return ui.WithShell(ctx, s)
		},
	})
	k.site.Add(h.Routes()...)
	k.site.Add(
		web.To("GET /form", authz.PersonSelf, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, "form") }),
		web.To("POST /form", authz.PersonSelf, func(w http.ResponseWriter, r *http.Request) error {
			f, err := web.Form(r)
			k.posted = f
			if err != nil {
				return err
			}
			return web.JSON(w, 200, "sent")
		}),
		web.To("GET /outside", authz.Public, func(w http.ResponseWriter, r *http.Request) error {
			o := identity.Outside{Issuer: "province", Subject: "s1", Name: lin, Number: linNumber, Level: 2, AuthTime: k.now()}
			in, err := k.SignInOutside(r.Context(), o, h.From(w, r))
			if err != nil {
				return err
			}
			return h.Finish(w, r, in, "/form")
		}),
		web.To("GET /strong", authz.PersonSelf, func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, 200, "strong") }, web.Level(3)),
		web.To("POST /strong", authz.PersonSelf, func(w http.ResponseWriter, r *http.Request) error {
			f, err := web.Form(r)
			k.posted = f
			return errors.Join(err, web.JSON(w, 200, "sent"))
		}, web.Level(3)),
	)
	h.AddAPI(web.NewAPI(k.site, "test", nil))
	k.srv = httptest.NewServer(k.site.Handler())
	t.Cleanup(k.srv.Close)
	return k
}

// browser keeps cookies, follows nothing, and remembers every address it was sent to.
type browser struct {
	t    *testing.T
	k    *kit
	c    *http.Client
	seen []string
	lang string
}

func (k *kit) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, k: k, lang: "zh-CN", c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type page struct {
	status   int
	location string
	doc      *goquery.Document
	html     string
	head     http.Header
}

func (b *browser) do(method, path string, form url.Values, head ...string) page {
	b.t.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(method, path, kind, form.Encode(), head...)
}

func (b *browser) send(method, path, kind, body string, head ...string) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.k.srv.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", b.lang)
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	res, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(read)))
	if err != nil {
		b.t.Fatal(err)
	}
	p := page{res.StatusCode, res.Header.Get("Location"), doc, string(read), res.Header}
	b.seen = append(b.seen, path, p.location)
	return p
}

func (b *browser) get(path string, head ...string) page { return b.do("GET", path, nil, head...) }

// fill posts the page's first form inside main as it stands, with some values typed.
func (b *browser) fill(p page, typed ...string) page {
	b.t.Helper()
	return b.fillIn(p, "main form", typed...)
}

// fillIn is fill for the first form of a selector.
func (b *browser) fillIn(p page, selector string, typed ...string) page {
	b.t.Helper()
	form := p.doc.Find(selector).First()
	action, ok := form.Attr("action")
	if !ok {
		b.t.Fatalf("no form on the page (%d): %s", p.status, p.html)
	}
	v := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		if name, ok := s.Attr("name"); ok {
			v.Add(name, s.AttrOr("value", ""))
		}
	})
	for i := 0; i+1 < len(typed); i += 2 {
		v.Set(typed[i], typed[i+1])
	}
	return b.do("POST", action, v)
}

func (b *browser) want(p page, status int, location string) page {
	b.t.Helper()
	if p.status != status || !strings.HasPrefix(p.location, location) {
		b.t.Fatalf("status %d to %q, want %d to %q\n%s", p.status, p.location, status, location, p.html)
	}
	return p
}

// signIn goes through the pages up to the given address.
func (b *browser) signIn(phone, next string) page {
	b.t.Helper()
	p := b.want(b.fill(b.get("/sign-in?next="+url.QueryEscape(next)), "phone", phone), 303, "/sign-in/code?")
	return b.fill(b.get(p.location), "code", b.k.codeOf(phone))
}

func (b *browser) verified(phone, name, number, next string) {
	b.t.Helper()
	p := b.want(b.signIn(phone, next), 303, "/sign-in/verify-name?")
	b.want(b.fill(b.get(p.location), "name", name, "number", number), 303, next)
}

// person is who is signed in.
func (b *browser) person() string {
	b.t.Helper()
	a, err := b.k.Actor(b.t.Context(), b.token())
	if err != nil || a.PersonID == "" {
		b.t.Fatalf("nobody is signed in: %v", err)
	}
	return a.PersonID
}

// passkey posts what the script would: the browser's answer, here the owner of the passkey.
func (b *browser) passkey(form *goquery.Selection, owner string) (int, map[string]any) {
	b.t.Helper()
	begun := b.do("POST", form.AttrOr("data-begin", ""), url.Values{})
	var c struct{ ID string }
	if begun.status != 200 || json.Unmarshal([]byte(begun.html), &c) != nil || c.ID == "" {
		b.t.Fatalf("begin: %d %s", begun.status, begun.html)
	}
	body, err := json.Marshal(map[string]any{"id": c.ID, "response": map[string]string{"owner": owner}})
	if err != nil {
		b.t.Fatal(err)
	}
	done := b.send("POST", form.AttrOr("data-finish", ""), "application/json", string(body))
	var out map[string]any
	if err := json.Unmarshal([]byte(done.html), &out); err != nil {
		b.t.Fatalf("finish: %d %s", done.status, done.html)
	}
	return done.status, out
}

func (b *browser) token() string {
	u, _ := url.Parse(b.k.srv.URL)
	for _, c := range b.c.Jar.Cookies(u) {
		if c.Name == "session" {
			return c.Value
		}
	}
	return ""
}
