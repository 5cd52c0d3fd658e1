package sso_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/sso"
)

const (
	back     = "https://shop.example/back"
	verifier = "a-verifier-of-at-least-forty-three-characters-0123"
	secret   = "a secret / with + signs"
)

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// shop is a system with a secret, which keeps tests short; assertions have their own tests.
func shop() sso.Client {
	return sso.Client{
		ID: "shop", Name: "食品安全监管系统", Agency: "market", Redirects: []string{back}, PostLogouts: []string{"https://shop.example/bye"}, Auth: sso.AuthSecret, Alg: "ES256", Audience: sso.ForBoth,
		BackChannel: "https://shop.example/out", Refresh: true, Number: true, NumberBasis: "食品安全法 第三十五条",
		Scopes: map[string]string{"openid": "", "profile": "显示姓名", "identity": "核对经营者", "org": "核对企业", "mandate": "核对代理"},
	}
}

func (w *world) ensure(c sso.Client, secret string) {
	w.t.Helper()
	if err := w.s.EnsureClient(w.t.Context(), c, secret); err != nil {
		w.t.Fatal(err)
	}
}

func query(changes ...string) url.Values {
	v := url.Values{
		"client_id": {"shop"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"st"}, "nonce": {"no"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			v.Del(changes[i])
			continue
		}
		v.Set(changes[i], changes[i+1])
	}
	return v
}

// decide reads and decides a request that was not parked.
func (w *world) decide(a authz.Actor, v url.Values) sso.Step {
	w.t.Helper()
	rq, err := w.s.Read(w.t.Context(), v)
	if e := sso.AsError(err); e != nil {
		return sso.Step{Answer: w.s.Refuse(rq, e)}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	st, err := w.s.Decide(w.t.Context(), a, sso.Parked{Request: rq})
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

// agree says yes on the consent page.
func (w *world) agree(a authz.Actor, v url.Values) {
	w.t.Helper()
	rq, err := w.s.Read(w.t.Context(), v)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.s.Park(w.t.Context(), rq)
	if err == nil {
		err = w.s.Agree(w.t.Context(), a, p)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) code(a authz.Actor, v url.Values) string {
	w.t.Helper()
	c := w.decide(a, v).Answer.Params.Get("code")
	if c == "" {
		w.t.Fatalf("no code: %+v", w.decide(a, v))
	}
	return c
}

func call(form ...string) sso.Call {
	c := sso.Call{Form: url.Values{}, Basic: true, User: "shop", Password: url.QueryEscape(secret)}
	for i := 0; i+1 < len(form); i += 2 {
		c.Form.Set(form[i], form[i+1])
	}
	return c
}

func exchange(code string) sso.Call {
	return call("grant_type", "authorization_code", "code", code, "redirect_uri", back, "code_verifier", verifier)
}

func (w *world) signIn(a authz.Actor, v url.Values) sso.Tokens {
	w.t.Helper()
	t, err := w.s.Token(w.t.Context(), exchange(w.code(a, v)))
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if e := sso.AsError(err); e == nil || e.Code != code {
		t.Errorf("error = %v, want %s", err, code)
	}
}

func (w *world) activeToken(token string) bool {
	w.t.Helper()
	in, err := w.s.Introspect(w.t.Context(), call("token", token))
	if err != nil {
		w.t.Fatal(err)
	}
	return in.Active
}

// claims reads an ID or logout token and checks its signature with the published keys.
func (w *world) claims(token string, alg string) map[string]any {
	w.t.Helper()
	b, err := w.s.Keys(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(b, &set); err != nil {
		w.t.Fatal(err)
	}
	if strings.Contains(string(b), `"d"`) {
		w.t.Error("the key set holds private parts")
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		w.t.Fatal(err)
	}
	keys := set.Key(jws.Signatures[0].Header.KeyID)
	if len(keys) != 1 {
		w.t.Fatalf("%d keys for the token's kid", len(keys))
	}
	payload, err := jws.Verify(keys[0])
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(payload, &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func each(t *testing.T, fn func(*world)) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) { fn(newWorld(t, d)) })
}

func TestSignInTellsWhatWasAgreed(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		all := query("scope", "openid profile identity org mandate")
		if st := w.decide(w.mary, all); st.Next != sso.AskConsent {
			t.Fatalf("first sign-in = %+v, want the consent page", st)
		}
		w.agree(w.mary, all)
		if st := w.decide(w.mary, query()); st.Next != sso.Done || st.Answer.Params.Get("iss") != issuer || st.Answer.Params.Get("state") != "st" {
			t.Errorf("narrower request after consent = %+v", st)
		}
		got := w.signIn(w.mary, all)
		id := w.claims(got.ID, "ES256")
		if id["iss"] != issuer || id["aud"] != "shop" || id["nonce"] != "no" || id["acr"] != "urn:tongban:loa:2" || id["sid"] == "" {
			t.Errorf("id token = %v", id)
		}
		if _, told := id["name"]; told {
			t.Error("the ID token holds a name")
		}
		info, err := w.s.UserInfo(t.Context(), got.Access, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if info["sub"] != id["sub"] || info["name"] != "王晓梅" || info["id_number"] != number || info["birthdate"] != "1990-03-07" {
			t.Errorf("userinfo = %v", info)
		}
		if n := dbtest.Count(t, w.d, "audit_entry", "act = 'read' AND subject = $1 AND what LIKE '%sso.data_number%' AND agency = 'market'", w.v.Blind("subject", number)); n != 1 {
			t.Errorf("%d records of the released number", n)
		}
		if n := dbtest.Count(t, w.d, "sso_token", "hash = $1", got.Access); n != 0 {
			t.Error("the access token stands readable in the database")
		}
		narrow := w.signIn(w.mary, query())
		info, err = w.s.UserInfo(t.Context(), narrow.Access, "")
		if _, told := info["id_number"]; err != nil || told || info["birthdate"] != nil {
			t.Errorf("userinfo of openid profile = %v, %v", info, err)
		}
		staff := query("scope", "openid profile org")
		w.agree(w.clerk, staff)
		info, err = w.s.UserInfo(t.Context(), w.signIn(w.clerk, staff).Access, "")
		if org, _ := info["org"].(map[string]any); err != nil || org["name"] != "市场监督管理局" || info["account_type"] != "staff" {
			t.Errorf("userinfo of staff = %v, %v", info, err)
		}
	})
}

func TestSubIsPairwisePerSector(t *testing.T) {
	each(t, func(w *world) {
		sub := func(id, agency, sector string) string {
			c := shop()
			c.ID, c.Agency, c.Sector = id, agency, sector
			w.ensure(c, secret)
			v := query("client_id", id)
			w.agree(w.mary, v)
			cl := exchange(w.code(w.mary, v))
			cl.User = id
			got, err := w.s.Token(w.t.Context(), cl)
			if err != nil {
				w.t.Fatal(err)
			}
			return w.claims(got.ID, "ES256")["sub"].(string)
		}
		a, b, c, d := sub("a", "market", ""), sub("b", "market", ""), sub("c", "civil", ""), sub("d", "civil", "market")
		if a != b || a != d || a == c || len(a) != 32 {
			w.t.Errorf("subs = %s %s %s %s", a, b, c, d)
		}
	})
}

func TestCodeReplayEndsItsTokens(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		code := w.code(w.mary, query())
		got, err := w.s.Token(t.Context(), exchange(code))
		if err != nil || !w.activeToken(got.Access) {
			t.Fatal("first use:", err)
		}
		_, err = w.node().Token(t.Context(), exchange(code))
		wantCode(t, err, sso.InvalidGrant)
		if w.activeToken(got.Access) {
			t.Error("the token of a replayed code is still active")
		}
		_, err = w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", got.Refresh))
		wantCode(t, err, sso.InvalidGrant)

		got = w.signIn(w.mary, query())
		late := w.code(w.mary, query())
		w.pass(61 * time.Second)
		_, err = w.s.Token(t.Context(), exchange(late))
		wantCode(t, err, sso.InvalidGrant)
		if !w.activeToken(got.Access) {
			t.Error("another code's expiry ended a token")
		}
	})
}

func TestCodeFitsOnlyItsRequest(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		other := shop()
		other.ID = "thief"
		w.ensure(other, secret)
		w.agree(w.mary, query())
		for name, change := range map[string]func(*sso.Call){
			"another client":   func(c *sso.Call) { c.User = "thief" },
			"another redirect": func(c *sso.Call) { c.Form.Set("redirect_uri", back+"/") },
			"no redirect":      func(c *sso.Call) { c.Form.Del("redirect_uri") },
			"no verifier":      func(c *sso.Call) { c.Form.Del("code_verifier") },
			"plain verifier":   func(c *sso.Call) { c.Form.Set("code_verifier", challenge()) },
			"wrong verifier":   func(c *sso.Call) { c.Form.Set("code_verifier", strings.Repeat("x", 50)) },
			"a cut code":       func(c *sso.Call) { c.Form.Set("code", c.Form.Get("code")[:40]) },
			"no code":          func(c *sso.Call) { c.Form.Del("code") },
			"an altered code":  func(c *sso.Call) { c.Form.Set("code", "AAAA"+c.Form.Get("code")[4:]) },
			"not base64":       func(c *sso.Call) { c.Form.Set("code", "%%%") },
		} {
			c := exchange(w.code(w.mary, query()))
			change(&c)
			_, err := w.s.Token(t.Context(), c)
			if e := sso.AsError(err); e == nil || e.Code != sso.InvalidGrant {
				t.Errorf("%s: %v", name, err)
			}
		}
		c := exchange(w.code(w.mary, query()))
		c.Password = "wrong"
		_, err := w.s.Token(t.Context(), c)
		wantCode(t, err, sso.InvalidClient)
		w.p.set(func() { delete(w.p.sessions, "s-mary") })
		w.p.set(func() { w.p.sessions["s-mary"] = sso.Auth{SessionID: "s-mary", PersonID: "mary"} })
		dbtest.WantCounts(t, w.d, map[string]int{"sso_grant": 0, "sso_token": 0})
	})
}

func TestRefreshRotatesAndReuseEndsTheFamily(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		one := w.signIn(w.mary, query())
		refresh := func(tok string) (sso.Tokens, error) {
			return w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", tok))
		}
		two, err := refresh(one.Refresh)
		if err != nil || two.Refresh == one.Refresh || !w.activeToken(two.Access) {
			t.Fatalf("refresh = %+v, %v", two, err)
		}
		if id := w.claims(two.ID, "ES256"); id["sub"] != w.claims(one.ID, "ES256")["sub"] || id["nonce"] != nil {
			t.Errorf("refreshed id token = %v", id)
		}
		_, err = refresh(one.Refresh)
		wantCode(t, err, sso.InvalidGrant)
		if w.activeToken(two.Access) {
			t.Error("reuse left the family's access token active")
		}
		_, err = refresh(two.Refresh)
		wantCode(t, err, sso.InvalidGrant)

		three := w.signIn(w.mary, query())
		w.p.set(func() { p := w.p.persons["mary"]; p.Alive = false; w.p.persons["mary"] = p })
		_, err = refresh(three.Refresh)
		wantCode(t, err, sso.InvalidGrant)
		w.p.set(func() { p := w.p.persons["mary"]; p.Alive = true; w.p.persons["mary"] = p })
		w.pass(12*time.Hour + time.Second)
		_, err = refresh(three.Refresh)
		wantCode(t, err, sso.InvalidGrant)
	})
}

func TestLevelsAreDeliveredOrRefused(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		three := query("acr_values", "urn:tongban:loa:3")
		w.agree(w.mary, three)
		if st := w.decide(w.mary, three); st.Next != sso.StepUp || st.Level != 3 {
			t.Fatalf("level 3 asked of level 2 = %+v", st)
		}
		if st := w.decide(w.mary, query("acr_values", "urn:tongban:loa:4 urn:tongban:loa:2")); st.Next != sso.Done || st.Answer.Params.Get("code") == "" {
			t.Errorf("either level = %+v", st)
		}
		if got := w.decide(w.mary, query("acr_values", "urn:other:9")).Answer.Params.Get("error"); got != sso.Unmet {
			t.Errorf("unknown level = %q", got)
		}
		if got := w.decide(w.mary, query("acr_values", "urn:tongban:loa:3", "prompt", "none")).Answer.Params.Get("error"); got != "interaction_required" {
			t.Errorf("level 3 without a prompt = %q", got)
		}
		rq, err := w.s.Read(t.Context(), three)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.s.Park(t.Context(), rq)
		if err == nil {
			err = w.s.Stepped(t.Context(), p)
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err = w.node().Parked(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		st, err := w.s.Decide(t.Context(), w.mary, p)
		if err != nil || st.Answer.Params.Get("error") != sso.Unmet {
			t.Errorf("back from the step up without it = %+v, %v", st, err)
		}
		w.p.set(func() { a := w.p.sessions["s-mary"]; a.Level = 3; w.p.sessions["s-mary"] = a })
		if id := w.claims(w.signIn(w.mary, three).ID, "ES256"); id["acr"] != "urn:tongban:loa:3" {
			t.Errorf("acr = %v", id["acr"])
		}
	})
}

func TestPromptsAndAge(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		if got := w.decide(authz.Actor{}, query("prompt", "none")).Answer.Params; got.Get("error") != sso.LoginRequired || got.Get("iss") != issuer {
			t.Errorf("prompt none, nobody there = %v", got)
		}
		if got := w.decide(w.mary, query("prompt", "none")).Answer.Params.Get("error"); got != "consent_required" {
			t.Errorf("prompt none without consent = %q", got)
		}
		w.agree(w.mary, query())
		for _, c := range []struct {
			changes []string
			want    sso.Next
		}{
			{nil, sso.Done},
			{[]string{"prompt", "login"}, sso.Fresh},
			{[]string{"prompt", "select_account"}, sso.Fresh},
			{[]string{"prompt", "consent"}, sso.AskConsent},
			{[]string{"max_age", "0"}, sso.Fresh},
			{[]string{"max_age", "30"}, sso.Fresh},
			{[]string{"max_age", "61"}, sso.Done},
			{[]string{"max_age", "99999999999999999"}, sso.Done},
		} {
			if st := w.decide(w.mary, query(c.changes...)); st.Next != c.want {
				t.Errorf("%v = %+v", c.changes, st)
			}
		}
		if st := w.decide(authz.Actor{}, query()); st.Next != sso.SignIn {
			t.Errorf("nobody there = %+v", st)
		}
		rq, _ := w.s.Read(t.Context(), query("max_age", "0"))
		p, err := w.s.Park(t.Context(), rq)
		if err != nil {
			t.Fatal(err)
		}
		w.p.set(func() { a := w.p.sessions["s-mary"]; a.At = w.now.Add(time.Second); w.p.sessions["s-mary"] = a })
		st, err := w.s.Decide(t.Context(), w.mary, p)
		if err != nil || st.Next != sso.Done || st.Answer.Params.Get("code") == "" {
			t.Errorf("after a fresh sign-in = %+v, %v", st, err)
		}
		if err := w.s.Finish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Finish(t.Context(), p); errs.KindOf(err) != errs.Gone {
			t.Errorf("second answer of one request = %v", err)
		}
		got := w.signIn(w.mary, query())
		if e := w.decide(w.clerk, query("id_token_hint", got.ID)).Answer.Params.Get("error"); e != sso.LoginRequired {
			t.Errorf("hint of another person = %q", e)
		}
	})
}

func TestRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, schema...))
	w.ensure(shop(), secret)
	for name, v := range map[string]url.Values{
		"slash": query("redirect_uri", back+"/"), "case": query("redirect_uri", "https://SHOP.example/back"), "no client": query("client_id", ""), "unknown": query("client_id", "x"),
		"query": query("redirect_uri", back+"?a=1"), "none": query("redirect_uri", ""), "two": {"client_id": {"shop", "shop"}, "redirect_uri": {back}},
	} {
		if _, err := w.s.Read(t.Context(), v); errs.KindOf(err) != errs.BadRequest || sso.AsError(err) != nil {
			t.Errorf("%s: %v must be shown to the person, not sent anywhere", name, err)
		}
	}
	double := query()
	double["scope"] = []string{"openid", "openid"}
	for want, v := range map[string]url.Values{
		"invalid_request 1": query("state", ""), "invalid_request 2": query("nonce", ""), "invalid_request 3": query("code_challenge", ""),
		"invalid_request 4": query("code_challenge_method", "plain"), "invalid_request 5": query("code_challenge_method", ""), "invalid_request 6": query("response_type", ""),
		"unsupported_response_type": query("response_type", "code id_token"), "invalid_request 7": query("response_mode", "fragment"), "invalid_scope 1": query("scope", "profile"),
		"invalid_scope 2": query("scope", "openid admin"), "request_not_supported": query("request", "x.y.z"), "request_uri_not_supported": query("request_uri", "https://x"),
		"invalid_request 8": query("prompt", "none login"), "invalid_request 9": query("max_age", "-1"), "invalid_request 10": query("max_age", "x"), "invalid_request 11": double,
		"invalid_request 12": query("nonce", "a\x00b"), "invalid_request 13": query("scope", "openid \xff"), "invalid_request 14": query("id_token_hint", "a.b.c"),
		"invalid_request 15": query("code_challenge", "short"), "invalid_request 16": query("prompt", "create"),
		"invalid_request 17": query("claims", `{"id_token":{"acr":{"essential":true,"values":["urn:tongban:loa:4"]}}}`), "invalid_request 18": query("claims", `{"acr`),
	} {
		rq, err := w.s.Read(t.Context(), v)
		e := sso.AsError(err)
		if e == nil || e.Code != strings.Fields(want)[0] {
			t.Errorf("%s: %v", want, err)
			continue
		}
		if a := w.s.Refuse(rq, e); !strings.HasPrefix(a.URL(), back+"?") || a.Params.Get("iss") != issuer {
			t.Errorf("%s goes to %s", want, a.URL())
		}
	}
	if _, err := w.s.Read(t.Context(), query("claims", `{"userinfo":{"name":null}}`)); err != nil {
		t.Errorf("a claims parameter that asks for no level = %v", err)
	}
}
