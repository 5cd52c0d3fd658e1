package sso_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/sso"
)

var (
	first  = authz.Actor{StaffID: "sec1", Roles: []authz.Role{authz.Security}}
	second = authz.Actor{StaffID: "sec2", Roles: []authz.Role{authz.Security}}
)

func TestTwoOfficersAdmitASystem(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		c := shop()
		c.ID = ""
		id, err := w.s.Propose(t.Context(), first, c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Read(t.Context(), query("client_id", id)); !errs.Is(err, "sso.client_not_here") {
			t.Errorf("asked client may sign in: %v", err)
		}
		proposal := func() string {
			_, ps, err := w.s.Client(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return ps[0].ID
		}
		if err := w.s.Approve(t.Context(), first, proposal()); !errs.Is(err, "sso.own_proposal") {
			t.Errorf("own proposal approved: %v", err)
		}
		one := w.s.SameOffice
		w.s.SameOffice = func(_ context.Context, x, y string) bool { return x != "" && y != "" } // two accounts of one person
		if err := w.s.Approve(t.Context(), second, proposal()); !errs.Is(err, "sso.own_proposal") {
			t.Errorf("approved with another account of one's own: %v", err)
		}
		w.s.SameOffice = one
		if err := w.s.Approve(t.Context(), second, proposal()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Read(t.Context(), query("client_id", id)); err != nil {
			t.Errorf("approved client: %v", err)
		}
		if err := w.s.Approve(t.Context(), second, proposal()); errs.KindOf(err) != errs.Conflict {
			t.Errorf("approved twice: %v", err)
		}
		secret, err := w.s.NewSecret(t.Context(), first, id)
		if err != nil {
			t.Fatal(err)
		}
		cl := call("token", "x")
		cl.User, cl.Password = id, secret
		if _, err := w.s.Introspect(t.Context(), cl); err != nil {
			t.Errorf("with the new secret: %v", err)
		}
		c.ID, c.Redirects = id, append(c.Redirects, "https://shop.example/two")
		other := c
		other.Name = "另一个名称"
		if _, err := w.s.Propose(t.Context(), first, c); err != nil {
			t.Fatal(err)
		}
		stale := proposal()
		w.pass(time.Second)
		if _, err := w.s.Propose(t.Context(), first, other); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Approve(t.Context(), second, proposal()); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Approve(t.Context(), second, stale); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a proposal made of an older version went through: %v", err)
		}
		if err := w.s.Refusal(t.Context(), first, stale); err != nil {
			t.Errorf("taking one's own back: %v", err)
		}
		node := w.node()
		if _, err := node.Read(t.Context(), query("client_id", id)); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Suspend(t.Context(), first, id, "调查"); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		for _, s := range []*sso.Service{w.s, node} {
			if _, err := s.Read(t.Context(), query("client_id", id)); !errs.Is(err, "sso.client_not_here") {
				t.Errorf("suspended client may sign in: %v", err)
			}
		}
	})
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	for field, change := range map[string]func(*sso.Client){
		"name": func(c *sso.Client) { c.Name = " " }, "agency": func(c *sso.Client) { c.Agency = "" }, "redirects": func(c *sso.Client) { c.Redirects = []string{"http://shop.example/back"} },
		"post_logouts": func(c *sso.Client) { c.PostLogouts = []string{"https://shop.example/#x"} }, "back_channel": func(c *sso.Client) { c.BackChannel = "https://a@shop.example" },
		"auth": func(c *sso.Client) { c.Auth = "client_secret_post" }, "jwks": func(c *sso.Client) { c.Auth, c.JWKS = sso.AuthKey, []byte(`{"keys":[{"kty":"oct","k":"AA"}]}`) },
		"scopes": func(c *sso.Client) { c.Number, c.Scopes = false, map[string]string{"profile": "x"} }, "why_org": func(c *sso.Client) { c.Scopes["org"] = "" }, "number_basis": func(c *sso.Client) { c.NumberBasis = "" },
		"audience": func(c *sso.Client) { c.Audience = "all" }, "alg": func(c *sso.Client) { c.Alg = "HS256" }, "min_level": func(c *sso.Client) { c.MinLevel = 5 },
	} {
		c := shop()
		c.ID = ""
		change(&c)
		_, err := w.s.Propose(t.Context(), first, c)
		e := errs.As(err)
		if e == nil || e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := w.s.Propose(t.Context(), authz.Actor{PersonID: "mary"}, shop()); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a person proposed: %v", err)
	}
}

func TestKeysRotateUnderLoad(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		rs := shop()
		rs.ID, rs.Alg = "rs", "RS256"
		w.ensure(rs, secret)
		w.agree(w.mary, query())
		node := w.node()
		before := w.signIn(w.mary, query()).ID
		var wg sync.WaitGroup
		ids := make(chan string, 200)
		for range 4 {
			wg.Go(func() {
				for range 10 {
					got, err := node.Token(t.Context(), exchange(w.code(w.mary, query())))
					if err != nil {
						t.Error(err)
						return
					}
					ids <- got.ID
				}
			})
		}
		for range 3 {
			if err := w.s.Rotate(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
		wg.Wait()
		close(ids)
		for id := range ids {
			w.claims(id, "ES256")
		}
		w.claims(before, "ES256")
		w.pass(11*time.Minute + time.Hour)
		if err := w.s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := dbtest.Count(t, w.d, "sso_key", "state = 'gone' AND private IS NULL"); n != 6 {
			t.Errorf("%d keys destroyed, want 6", n)
		}
		if n := dbtest.Count(t, w.d, "sso_key", "state = 'now'"); n != 2 {
			t.Errorf("%d keys sign, want one for each algorithm", n)
		}
		w.pass(90 * 24 * time.Hour)
		w.drain()
		if n := dbtest.Count(t, w.d, "sso_key", "state = 'old'"); n != 2 {
			t.Errorf("the job left %d old keys, want 2", n)
		}
	})
}

func TestTwoNodesMakeOneSetOfKeys(t *testing.T) {
	each(t, func(w *world) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := w.node().Keys(w.t.Context()); err != nil {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		dbtest.WantCounts(w.t, w.d, map[string]int{"sso_key": 4})
	})
}

func TestOnlyDemoTakesShortcuts(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	deps := w.s.Deps
	deps.Demo = false
	if err := sso.New(deps).EnsureClient(t.Context(), shop(), secret); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a client without officers, outside of demo: %v", err)
	}
	for _, issuer := range []string{"http://tongban.example", "http://127.0.0.1:80", "tongban.example", "https://a@tongban.example", "https://tongban.example?x=1"} {
		deps.Issuer, deps.AllowHTTP = issuer, false
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("issuer %s was taken", issuer)
				}
			}()
			sso.New(deps)
		}()
	}
	deps.Issuer, deps.AllowHTTP = "http://127.0.0.1:8080", true
	if d := sso.New(deps).Discovery(); d.TokenEndpoint != "http://127.0.0.1:8080/oauth/token" {
		t.Errorf("token endpoint = %s", d.TokenEndpoint)
	}
}

// TestOwnKeys: without a maker of keys, both kinds are random and of the right size.
func TestOwnKeys(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	deps := w.s.Deps
	deps.NewKey = nil
	b, err := sso.New(deps).Keys(t.Context())
	var set jose.JSONWebKeySet
	if err != nil || json.Unmarshal(b, &set) != nil || len(set.Keys) != 4 {
		t.Fatalf("keys = %s, %v", b, err)
	}
	seen := map[string]bool{}
	for _, k := range set.Keys {
		thumb, err := k.Thumbprint(crypto.SHA256)
		if err != nil || seen[string(thumb)] || k.KeyID == "" || k.Use != "sig" {
			t.Errorf("key %+v, %v", k, err)
		}
		seen[string(thumb)] = true
		if r, ok := k.Key.(*rsa.PublicKey); ok && r.N.BitLen() < 2048 {
			t.Errorf("RSA of %d bits", r.N.BitLen())
		}
	}
}
