package ssoweb_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/sso/backchannel"
	"tongban/internal/domain/sso/ssoweb"
)

// visitors are who may sign in, by the name given to the sign-in page of the tests.
var visitors = map[string]authz.Actor{
	"mary": {PersonID: "mary", Roles: []authz.Role{authz.Person}, Level: 2},
	"sec1": {StaffID: "sec1", AgencyID: "gov", Roles: []authz.Role{authz.Security}},
	"sec2": {StaffID: "sec2", AgencyID: "gov", Roles: []authz.Role{authz.Security}},
}

// site is a running Tongban with nothing but sso, and a department's system that records what comes in.
type site struct {
	t        testing.TB
	d        *db.DB
	svc      *sso.Service
	url      string
	rp       *httptest.Server
	mu       sync.Mutex
	ahead    time.Duration
	sessions map[string]sso.Auth
	actors   map[string]authz.Actor
	posted   []url.Values // at the system's /back and /out
	key      *ecdsa.PrivateKey
	handler  http.Handler
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead) //nolint:forbidigo // the clients under test look at the wall clock
}

func (s *site) Auth(_ context.Context, id string) (sso.Auth, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id], nil
}

func (s *site) Person(_ context.Context, id string) (sso.Person, error) {
	if id != "mary" {
		return sso.Person{}, errs.New(errs.NotFound, "identity.person_unknown")
	}
	return sso.Person{Name: "买买提·艾力", Number: "330102199003078888", NumberKind: "resident", Birth: "1990-03-07", Alive: true}, nil
}

func (s *site) Firm(context.Context, string) (sso.Firm, error) {
	return sso.Firm{}, errs.New(errs.NotFound, "identity.firm_unknown")
}

func (s *site) Staff(_ context.Context, id string) (sso.Staff, error) {
	return sso.Staff{Name: id, Agency: "gov", AgencyName: "区政务服务局"}, nil
}

func (s *site) MayAct(context.Context, string, string, string) (*authz.Scope, bool, error) {
	return nil, false, nil
}

func open(t testing.TB, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, d: d, sessions: map[string]sso.Auth{}, actors: map[string]authz.Actor{}}
	s.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.rp = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = r.ParseForm()
			s.mu.Lock()
			s.posted = append(s.posted, r.PostForm)
			s.mu.Unlock()
		}
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(s.rp.Close)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	log := audit.NewLog(d, s.now, quiet)
	t.Cleanup(log.Close)
	s.svc = sso.New(sso.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: log, Now: s.now, Log: quiet, People: s, Issuer: s.url, AllowHTTP: true, Demo: true, Send: backchannel.New().Send, NewKey: cheapKey,
	})
	fail := func(v web.ErrorView) templ.Component {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "<!DOCTYPE html><body><h1>"+templ.EscapeString(v.Text)+"</h1></body>")
			return err
		})
	}
	w := web.New(web.Config{Log: slog.New(slog.NewTextHandler(failing{t}, nil)), Now: s.now, ErrorPage: fail, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("session")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.sessions[c.Value].Open {
			return authz.Actor{}, nil
		}
		return s.actors[c.Value], nil
	}})
	w.Add(ssoweb.Routes(ssoweb.Config{SSO: s.svc, Log: slog.New(slog.NewTextHandler(failing{t}, nil)), EndSession: s.end})...)
	w.Mount("GET /sign-in/as/{who}", http.HandlerFunc(s.signIn))
	w.Mount("GET /sign-in/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }))
	w.Mount("GET /sign-in", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "sign in") }))
	s.handler = w.Handler()
	return s
}

// failing fails the test on anything logged as an error: no request may lead to one.
type failing struct{ t testing.TB }

func (f failing) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=ERROR") {
		f.t.Errorf("logged: %s", b)
	}
	return len(b), nil
}

// signIn opens a new session, as identityweb's pages would.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	a, id := visitors[r.PathValue("who")], ident.Secret(10)
	a.SessionID, a.AuthTime = id, s.now()
	au := sso.Auth{SessionID: id, PersonID: a.PersonID, StaffID: a.StaffID, Level: a.Level, AMR: []string{"sms"}, At: s.now(), Open: true}
	s.mu.Lock()
	s.sessions[id], s.actors[id] = au, a
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	_, _ = io.WriteString(w, "signed in")
}

// end ends a session and delivers the event, as identity and the bus would.
func (s *site) end(ctx context.Context, a authz.Actor) error {
	s.mu.Lock()
	au := s.sessions[a.SessionID]
	au.Open = false
	s.sessions[a.SessionID] = au
	s.mu.Unlock()
	data, err := json.Marshal(map[string]string{"SessionID": a.SessionID, "PersonID": a.PersonID})
	if err != nil {
		return err
	}
	for _, l := range s.svc.Listeners() {
		if l.Topic != "identity.session_ended" {
			continue
		}
		if err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: l.Topic, Data: data})
		}); err != nil {
			return err
		}
	}
	r := job.NewRunner(s.d, s.now, s.svc.Log)
	for kind, worker := range s.svc.Workers() {
		r.Handle(kind, worker)
	}
	return r.Drain(ctx)
}

func (s *site) visitor(who string) *webtest.Client {
	c := webtest.Visit(s.t, s.url)
	if who != "" {
		c.Get("/sign-in/as/"+who, 200)
	}
	return c
}

var schema = []db.Room{job.Schema, event.Schema, audit.Schema, sso.Schema}

func jwk(t testing.TB, kid string, k any) json.RawMessage {
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: k, KeyID: kid}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// register admits the department's system.
func (s *site) register(change func(*sso.Client)) sso.Client {
	s.t.Helper()
	c := sso.Client{
		ID: "shop", Name: "食品安全监管系统", Agency: "market", Redirects: []string{s.rp.URL + "/back"}, PostLogouts: []string{s.rp.URL + "/bye"}, BackChannel: s.rp.URL + "/out",
		Auth: sso.AuthKey, JWKS: jwk(s.t, "k1", &s.key.PublicKey), Alg: "ES256", Audience: sso.ForBoth, Refresh: true, Scopes: map[string]string{"openid": "", "profile": "显示姓名"},
	}
	if change != nil {
		change(&c)
	}
	if err := s.svc.EnsureClient(s.t.Context(), c, ""); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// assertion is a client assertion with the system's key.
func (s *site) assertion(changes map[string]any) string {
	s.t.Helper()
	claims := map[string]any{"iss": "shop", "sub": "shop", "aud": s.url, "jti": ident.Secret(10), "iat": s.now().Unix(), "exp": s.now().Add(time.Minute).Unix()}
	for k, v := range changes {
		claims[k] = v
	}
	b, err := json.Marshal(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	sg, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: s.key, KeyID: "k1"}}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	jws, err := sg.Sign(b)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// refresh follows the page that leads on by itself.
func refresh(t testing.TB, c *webtest.Client, p *webtest.Page) *webtest.Page {
	t.Helper()
	_, to, ok := strings.Cut(p.Header.Get("Refresh"), "url=")
	if !ok {
		t.Fatalf("%s does not lead on", p.URL)
	}
	if p.Find(`a[href="`+strings.ReplaceAll(to, `"`, "")+`"]`).Length() != 1 {
		t.Errorf("%s has no link to where it leads", p.URL)
	}
	return c.Get(to, 200)
}

var oneRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// cheapKey gives the same RSA key again and again: making them would take most of the tests' time.
func cheapKey(alg string) (crypto.Signer, error) {
	if alg == "RS256" {
		return oneRSA()
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}
