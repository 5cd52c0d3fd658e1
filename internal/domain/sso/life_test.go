package sso_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/sso"
)

func TestMandateIsToldAndItsEndIsFelt(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		v := query("scope", "openid profile org mandate")
		w.agree(w.mary, v)
		w.p.mandates["mary person old"] = &authz.Scope{Items: []string{"food"}, Acts: []string{authz.ActApply}}
		forOld := w.mary
		forOld.ForPerson, forOld.MandateID = "old", "m1"
		got := w.signIn(forOld, v)
		info, err := w.s.UserInfo(t.Context(), got.Access, "")
		if err != nil {
			t.Fatal(err)
		}
		m, _ := info["mandate"].(map[string]any)
		principal, _ := m["principal"].(map[string]any)
		scope, _ := m["scope"].(map[string]any)
		if principal["name"] != "王建国" || principal["sub"] == info["sub"] || scope["items"].([]string)[0] != "food" || info["name"] != "王晓梅" {
			t.Errorf("userinfo under a mandate = %v", info)
		}
		w.p.set(func() { delete(w.p.mandates, "mary person old") })
		if w.activeToken(got.Access) {
			t.Error("a token of an ended mandate is active")
		}
		_, err = w.s.UserInfo(t.Context(), got.Access, "")
		wantCode(t, err, sso.InvalidToken)
		_, err = w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", got.Refresh))
		wantCode(t, err, sso.InvalidGrant)

		firm := w.mary
		firm.FirmID = "f1"
		w.p.set(func() { w.p.mandates["mary firm f1"] = nil })
		got = w.signIn(firm, v)
		info, err = w.s.UserInfo(t.Context(), got.Access, "")
		if org, _ := info["org"].(map[string]any); err != nil || org["role"] != "legal_representative" || info["mandate"] != nil {
			t.Errorf("userinfo of a legal representative = %v, %v", info, err)
		}
		w.p.set(func() { delete(w.p.mandates, "mary firm f1") }) // the registry names somebody else
		_, err = w.s.UserInfo(t.Context(), got.Access, "")
		wantCode(t, err, sso.InvalidToken)
		if w.activeToken(got.Access) {
			t.Error("a token of a former legal representative is active")
		}
	})
}

func TestIntrospectionAndRevocationAreTheOwnersOnly(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		for id, serves := range map[string][]string{"api": {"shop"}, "stranger": nil} {
			c := shop()
			c.ID, c.Agency, c.Serves = id, "civil", serves
			w.ensure(c, secret)
		}
		w.agree(w.mary, query())
		got := w.signIn(w.mary, query())
		as := func(id, token string) sso.Call {
			c := call("token", token)
			c.User = id
			return c
		}
		written := func() int {
			return dbtest.Count(t, w.d, "audit_entry", "") + dbtest.Count(t, w.d, "sso_assertion", "") + dbtest.Count(t, w.d, "sso_token", "") + dbtest.Count(t, w.d, "job_job", "")
		}
		before := written()
		own, err := w.s.Introspect(t.Context(), as("shop", got.Access))
		if n := written(); n != before {
			t.Errorf("a question about a token wrote %d rows", n-before)
		}
		if err != nil || !own.Active || own.Client != "shop" || own.ACR != "urn:tongban:loa:2" {
			t.Errorf("own = %+v, %v", own, err)
		}
		api, err := w.s.Introspect(t.Context(), as("api", got.Access))
		if err != nil || !api.Active || api.Sub == own.Sub {
			t.Errorf("api of another sector = %+v, %v", api, err)
		}
		if in, err := w.s.Introspect(t.Context(), as("stranger", got.Access)); err != nil || in.Active || in.Sub != "" {
			t.Errorf("stranger = %+v, %v", in, err)
		}
		if in, err := w.s.Introspect(t.Context(), as("shop", got.Refresh)); err != nil || in.Active {
			t.Errorf("a refresh token = %+v, %v", in, err)
		}
		if err := w.s.Revoke(t.Context(), as("stranger", got.Access)); err != nil || !w.activeToken(got.Access) {
			t.Errorf("a stranger revoked: %v", err)
		}
		if err := w.s.Revoke(t.Context(), as("shop", got.Access)); err != nil || w.activeToken(got.Access) {
			t.Errorf("still active after revocation: %v", err)
		}
		two, err := w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", got.Refresh))
		if err != nil {
			t.Fatal("refresh after the access token alone was revoked:", err)
		}
		if err := w.s.Revoke(t.Context(), as("shop", two.Refresh)); err != nil || w.activeToken(two.Access) {
			t.Errorf("the family lives on: %v", err)
		}
		if err := w.s.Revoke(t.Context(), as("shop", "unknown")); err != nil {
			t.Errorf("unknown token = %v", err)
		}
	})
}

// publish delivers an event to the listeners and runs the jobs that follow.
func (w *world) publish(topic, data string) {
	w.t.Helper()
	for _, l := range w.s.Listeners() {
		if l.Topic != topic {
			continue
		}
		if err := w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: topic, Data: json.RawMessage(data)})
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.drain()
}

func (w *world) drain() {
	w.t.Helper()
	r := job.NewRunner(w.d, w.clock, w.s.Log)
	for kind, worker := range w.s.Workers() {
		r.Handle(kind, worker)
	}
	if err := r.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func TestTheEndOfASessionEndsItEverywhere(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		rs := shop()
		rs.ID, rs.Alg, rs.BackChannel = "rs", "RS256", "https://rs.example/out"
		w.ensure(rs, secret)
		w.agree(w.mary, query())
		w.agree(w.mary, query("client_id", "rs"))
		one, two := w.signIn(w.mary, query()), w.signIn(w.mary, query())
		c := exchange(w.code(w.mary, query("client_id", "rs")))
		c.User = "rs"
		other, err := w.s.Token(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		w.publish("identity.session_ended", `{"SessionID":"s-mary","PersonID":"mary"}`)
		if w.activeToken(one.Access) || w.activeToken(two.Access) {
			t.Error("tokens outlived the session")
		}
		if len(w.sent) != 2 {
			t.Fatalf("%d logout tokens, want one for each system", len(w.sent))
		}
		for _, s := range w.sent {
			address, token, _ := strings.Cut(s, " ")
			alg, id := "ES256", one.ID
			if strings.Contains(address, "rs.example") {
				alg, id = "RS256", other.ID
			}
			got, was := w.claims(token, alg), w.claims(id, alg)
			events, _ := got["events"].(map[string]any)
			if got["sid"] != was["sid"] || got["sub"] != was["sub"] || got["nonce"] != nil || events["http://schemas.openid.net/event/backchannel-logout"] == nil || got["jti"] == "" {
				t.Errorf("logout token = %v", got)
			}
			if h, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0]); !strings.Contains(string(h), `"logout+jwt"`) {
				t.Errorf("header = %s", h)
			}
		}
		w.publish("identity.session_ended", `{"SessionID":"s-mary","PersonID":"mary"}`)
		if len(w.sent) != 2 {
			t.Error("told twice")
		}
	})
}

func TestConsentIsRememberedListedAndWithdrawn(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		if st := w.decide(w.mary, query("scope", "openid profile org")); st.Next != sso.AskConsent {
			t.Errorf("more than agreed = %+v", st)
		}
		got := w.signIn(w.mary, query())
		all, err := w.s.Consents(t.Context(), w.mary)
		if err != nil || len(all) != 1 || all[0].Client.Name != shop().Name || all[0].Last.IsZero() {
			t.Fatalf("consents = %+v, %v", all, err)
		}
		if err := w.s.Withdraw(t.Context(), w.clerk, "shop"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("another's consent withdrawn: %v", err)
		}
		if err := w.s.Withdraw(t.Context(), w.mary, "shop"); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if w.activeToken(got.Access) || len(w.sent) != 1 {
			t.Errorf("after withdrawal: active, %d told", len(w.sent))
		}
		if st := w.decide(w.mary, query()); st.Next != sso.AskConsent {
			t.Errorf("after withdrawal = %+v", st)
		}
	})
}

func TestOneCodeChangedAtTheSameTime(t *testing.T) {
	each(t, func(w *world) {
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		code, node := w.code(w.mary, query()), w.node()
		var wg sync.WaitGroup
		won := make(chan sso.Tokens, 8)
		for i := range 8 {
			wg.Go(func() {
				got, err := []*sso.Service{w.s, node}[i%2].Token(w.t.Context(), exchange(code))
				if err == nil {
					won <- got
				} else if e := sso.AsError(err); e == nil || e.Code != sso.InvalidGrant {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		close(won)
		if len(won) != 1 {
			w.t.Fatalf("%d of one code", len(won))
		}
		if w.activeToken((<-won).Access) {
			w.t.Error("the tokens of a code that came eight times are active")
		}
		if n := dbtest.Count(w.t, w.d, "audit_entry", "act = 'sso.replay'"); n != 1 {
			w.t.Errorf("%d replays on record", n)
		}
	})
}

func TestPublicClientsAndStaffWithoutLevel(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	c := shop()
	c.ID, c.Auth, c.MinLevel, c.Native = "app", sso.AuthNone, 1, true
	w.ensure(c, "")
	v := query("client_id", "app", "state", "", "nonce", "")
	w.agree(w.clerk, v)
	w.p.set(func() { a := w.p.sessions["s-clerk"]; a.Level = 0; w.p.sessions["s-clerk"] = a })
	cl := exchange(w.code(w.clerk, v))
	cl.Basic = false
	cl.Form.Set("client_id", "app")
	got, err := w.s.Token(t.Context(), cl)
	if err != nil {
		t.Fatal(err)
	}
	if id := w.claims(got.ID, "ES256"); id["acr"] != nil || id["nonce"] != nil || id["aud"] != "app" {
		t.Errorf("id token = %v", id)
	}
	in := call("token", got.Access, "client_id", "app")
	in.Basic = false
	_, err = w.s.Introspect(t.Context(), in)
	wantCode(t, err, sso.InvalidClient)
	if err := w.s.Revoke(t.Context(), in); err != nil {
		t.Errorf("a public client revokes its own: %v", err)
	}
	if e := w.decide(w.clerk, query("client_id", "app", "acr_values", "urn:tongban:loa:2")).Answer.Params.Get("error"); e != sso.Unmet {
		t.Errorf("level 2 asked of staff without one = %q", e)
	}
	only := shop()
	only.ID, only.Audience = "people", sso.ForPeople
	w.ensure(only, secret)
	if e := w.decide(w.clerk, query("client_id", "people")).Answer.Params.Get("error"); e != sso.AccessDenied {
		t.Errorf("staff at a system for people = %q", e)
	}
}

func TestASystemThatIsAwayIsToldLater(t *testing.T) {
	each(t, func(w *world) {
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		w.signIn(w.mary, query())
		send, away := w.s.Send, 2
		w.s.Send = func(ctx context.Context, address, token string) error {
			if away--; away >= 0 {
				return errors.New("away")
			}
			return send(ctx, address, token)
		}
		w.publish("identity.session_ended", `{"SessionID":"s-mary","PersonID":"mary"}`)
		if len(w.sent) != 0 {
			w.t.Fatal("told while away")
		}
		for range 2 {
			w.pass(3 * time.Second)
			w.drain()
		}
		if len(w.sent) != 1 {
			w.t.Errorf("told %d times after two failures", len(w.sent))
		}
	})
}
