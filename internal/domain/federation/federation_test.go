package federation_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/identity"
)

var rooms = []db.Room{audit.Schema, federation.Schema}

// identity is the door.
var _ federation.Door = (*identity.Service)(nil)

const linNumber = "580102199605182647"

// world is a room whose provider says what a test lets it say, and whose door lets everybody in.
type world struct {
	*federation.Service
	d      *db.DB
	now    time.Time
	asked  federation.Request
	says   federation.Vouched
	got    identity.Outside
	who    string // of the session that is opened
	number string // of the person who steps up
	out    []string
}

func (w *world) Authorize(_ context.Context, s federation.Settings, q federation.Request) (string, error) {
	w.asked = q
	return s.Issuer + "/authorize", nil
}

func (w *world) Redeem(_ context.Context, s federation.Settings, b federation.Back) (federation.Vouched, error) {
	if b.Code != "good" || b.Nonce != w.asked.Nonce || b.Verifier != w.asked.Verifier || s.Auth == federation.AuthKey && b.Key.Private == nil {
		return federation.Vouched{}, errs.Wrap(errors.New("spoilt"), errs.Forbidden, "federation.answer_wrong")
	}
	v := w.says
	v.Issuer = s.Issuer
	return v, nil
}

func (w *world) Probe(context.Context, federation.Settings) (federation.Probe, error) {
	return federation.Probe{}, nil
}

func (w *world) SignInOutside(_ context.Context, o identity.Outside, _ identity.From) (identity.SignedIn, error) {
	w.got = o
	return identity.SignedIn{Token: "token-of-" + w.who}, nil
}

func (w *world) Actor(_ context.Context, token string) (authz.Actor, error) {
	return authz.Actor{PersonID: strings.TrimPrefix(token, "token-of-")}, nil
}

func (w *world) Person(_ context.Context, id string) (identity.Person, error) {
	p := identity.Person{ID: id, Number: w.number, Phone: "19900000101"}
	if w.number == "shell" { // of a provider's earlier visit
		p.Number, p.Phone = "", ""
	}
	return p, nil
}

func (w *world) SignOut(_ context.Context, token string) error {
	w.out = append(w.out, token)
	return nil
}

var (
	anna = authz.Actor{StaffID: "anna", Roles: []authz.Role{authz.Security}, Via: "page"}
	bert = authz.Actor{StaffID: "bert", Roles: []authz.Role{authz.Security}, Via: "page"}
)

func province() federation.Settings {
	return federation.Settings{
		Key: "province", Issuer: "https://id.province.example", ClientID: "qinglan", Auth: federation.AuthKey, Scopes: []string{"openid", "identity"}, Mode: federation.ModeQuery,
		Claims: federation.Names{Name: "name", Number: "id_number", Phone: "phone_number"}, Levels: map[string]int{"p:2": 2, "p:3": 3, "p:3b": 3}, NameZH: "省统一身份认证平台", NameEN: "Provincial ID",
		Order: 1, Enabled: true,
	}
}

func newWorld(t testing.TB, d *db.DB, preset ...federation.Settings) *world {
	t.Helper()
	w := &world{d: d, now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), who: "p1", number: linNumber}
	w.says = federation.Vouched{Subject: "s-1", ACR: "p:2", AMR: []string{"pwd"}, Claims: map[string]any{"name": "林小满", "id_number": linNumber, "phone_number": "+8619900000101"}}
	var err error
	w.Service, err = federation.New(federation.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Party: w, Door: w, PublicURL: "https://ql.example/", Preset: preset, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { return w.now }, SameOffice: func(_ context.Context, x, y string) bool { return x == y || x+y == "annacarl" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) setUp(t *testing.T, s federation.Settings, base int64) {
	t.Helper()
	id, err := w.Propose(t.Context(), anna, s, base, "省市对接协议〔2026〕1号")
	if err == nil {
		err = w.Approve(t.Context(), bert, id)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAProviderTakesTwoSecurityOfficers(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		s := province()
		s.Auth, s.Secret = federation.AuthSecret, "hidden"
		id, err := w.Propose(ctx, anna, s, 0, "协议")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Propose(ctx, bert, s, 0, "协议"); !errs.Is(err, "federation.open_already") {
			t.Errorf("a second open proposal: %v", err)
		}
		if err := w.Approve(ctx, anna, id); !errs.Is(err, "federation.second_person") {
			t.Errorf("approved by oneself: %v", err)
		}
		if err := w.Approve(ctx, authz.Actor{StaffID: "carl", Roles: []authz.Role{authz.Security}}, id); !errs.Is(err, "federation.second_person") {
			t.Errorf("approved with another account of one's own: %v", err)
		}
		if err := w.Withdraw(ctx, bert, id); !errs.Is(err, "federation.not_yours") {
			t.Errorf("withdrawn by another: %v", err)
		}
		if os, err := w.Offers(ctx); err != nil || len(os) != 0 {
			t.Errorf("offered before approval: %v, %v", os, err)
		}
		if err := w.Approve(ctx, bert, id); err != nil {
			t.Fatal(err)
		}
		if err := w.Approve(ctx, bert, id); !errs.Is(err, "federation.decided") {
			t.Errorf("approved twice: %v", err)
		}
		p, err := w.Provider(ctx, "province")
		if err != nil || p.Secret != "hidden" || p.Version != 1 || p.By != "anna" || p.With != "bert" {
			t.Errorf("%+v, %v", p, err)
		}
		// The secret is kept when the form leaves it empty, but never handed on to another issuer.
		s.Secret, s.Order = "", 5
		w.setUp(t, s, 1)
		if p, _ := w.Provider(ctx, "province"); p.Secret != "hidden" || p.Order != 5 || p.Version != 2 {
			t.Errorf("%+v", p)
		}
		s.Issuer = "https://evil.example"
		if _, err := w.Propose(ctx, anna, s, 2, "协议"); errs.As(err) == nil || errs.As(err).Fields[0].Key != "federation.secret_missing" {
			t.Errorf("the secret went on to another issuer: %v", err)
		}
		if _, err := w.Propose(ctx, anna, province(), 1, "协议"); !errs.Is(err, "federation.changed_meanwhile") {
			t.Errorf("an old version: %v", err)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act IN ('federation.propose', 'federation.approve')"); n != 4 {
			t.Errorf("%d acts on record", n)
		}
		if n := dbtest.Count(t, d, "federation_proposal", "state <> 'open' AND secret IS NOT NULL"); n != 0 {
			t.Errorf("%d decided proposals keep a secret", n)
		}
	})
}

func TestWhatSettingsMustBe(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, rooms...))
	for field, change := range map[string]func(s *federation.Settings){
		"key":       func(s *federation.Settings) { s.Key = "../x" },
		"issuer":    func(s *federation.Settings) { s.Issuer = "http://id.province.example" },
		"client_id": func(s *federation.Settings) { s.ClientID = "" },
		"auth":      func(s *federation.Settings) { s.Auth = "none" },
		"secret":    func(s *federation.Settings) { s.Auth = federation.AuthSecret },
		"scopes":    func(s *federation.Settings) { s.Scopes = []string{"profile"} },
		"claims":    func(s *federation.Settings) { s.Claims.Name = "na me" },
		"levels":    func(s *federation.Settings) { s.Levels = map[string]int{"x": 5} },
		"mode":      func(s *federation.Settings) { s.Mode = "fragment" },
		"name_zh":   func(s *federation.Settings) { s.NameZH = " " },
		"order":     func(s *federation.Settings) { s.Order = -1 },
	} {
		s := province()
		change(&s)
		_, err := w.Propose(t.Context(), anna, s, 0, "协议")
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := w.Propose(t.Context(), anna, province(), 0, " "); errs.As(err) == nil || errs.As(err).Fields[0].Path != "why" {
		t.Errorf("without a basis: %v", err)
	}
	for _, u := range []string{"http://127.0.0.1:1", "http://localhost:9", "http://[::1]:1", "https://a.example"} {
		if !federation.SafeURL(u, true) {
			t.Errorf("%s is refused in a demo", u)
		}
	}
	for _, u := range []string{"http://10.0.0.1", "http://localhost.evil.example", "https://u@a.example", "ftp://a.example", "https://", "//a.example", ""} {
		if federation.SafeURL(u, true) {
			t.Errorf("%s is taken", u)
		}
	}
	if s := province(); federation.SafeURL("http://127.0.0.1:1", false) || s.Key == "" {
		t.Error("http is taken outside a demo")
	}
}

func TestAPresetProviderIsNobodysToChange(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, rooms...), province())
	if _, err := w.Propose(t.Context(), anna, province(), 0, "协议"); errs.As(err) == nil || errs.As(err).Fields[0].Key != "federation.key_preset" {
		t.Error(err)
	}
	if os, err := w.Offers(t.Context()); err != nil || len(os) != 1 || os[0].Name != "省统一身份认证平台" {
		t.Errorf("%v, %v", os, err)
	}
	bad := province()
	bad.Issuer = "http://x"
	if _, err := federation.New(federation.Deps{Preset: []federation.Settings{bad}}); err == nil {
		t.Error("a preset that is wrong is taken")
	}
}

func (w *world) begin(t testing.TB, b federation.Start, a authz.Actor) federation.Answer {
	t.Helper()
	if _, err := w.Begin(authz.With(t.Context(), a), "province", b); err != nil {
		t.Fatal(err)
	}
	return federation.Answer{State: w.asked.State, Code: "good"}
}

func TestAStateIsOneBrowsersOnceTenMinutes(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.setUp(t, province(), 0)
		other := province()
		other.Key, other.Issuer = "other", "https://other.example"
		w.setUp(t, other, 0)
		finish := func(key, browser string, a federation.Answer) error {
			_, err := w.Finish(ctx, key, browser, a, identity.From{})
			return err
		}
		a := w.begin(t, federation.Start{Browser: "b1", Next: "/my/cases"}, authz.Actor{})
		for what, c := range map[string]struct {
			key, browser, state, want string
		}{
			"other browser":  {"province", "b2", a.State, "federation.other_browser"},
			"no cookie":      {"province", "", a.State, "federation.other_browser"},
			"other provider": {"other", "b1", a.State, "federation.state_gone"},
			"made up":        {"province", "b1", "x", "federation.state_gone"},
			"none":           {"province", "b1", "", "federation.state_gone"},
		} {
			if err := finish(c.key, c.browser, federation.Answer{State: c.state, Code: "good"}); !errs.Is(err, c.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if !slices.Equal(w.asked.ACR, []string{"p:2", "p:3", "p:3b"}) || w.asked.Fresh {
			t.Errorf("asked %+v", w.asked)
		}
		done, err := w.Finish(ctx, "province", "b1", a, identity.From{})
		if err != nil || done.Token != "token-of-p1" || done.Next != "/my/cases" {
			t.Fatalf("%+v, %v", done, err)
		}
		if err := finish("province", "b1", a); !errs.Is(err, "federation.state_gone") {
			t.Errorf("replayed: %v", err)
		}
		a = w.begin(t, federation.Start{Browser: "b1"}, authz.Actor{})
		w.now = w.now.Add(10*time.Minute + time.Second)
		if err := finish("province", "b1", a); !errs.Is(err, "federation.state_gone") {
			t.Errorf("too late: %v", err)
		}
		for code, want := range map[string]string{"access_denied": "federation.cancelled", "server_error": "federation.refused", "unmet_authentication_requirements": "federation.level_low"} {
			a := w.begin(t, federation.Start{Browser: "b1"}, authz.Actor{})
			a.Error = code
			if err := finish("province", "b1", a); !errs.Is(err, want) {
				t.Errorf("%s: %v", code, err)
			}
		}
		a = w.begin(t, federation.Start{Browser: "b1"}, authz.Actor{})
		off := province()
		off.Enabled = false
		w.setUp(t, off, 1)
		if err := finish("province", "b1", a); !errs.Is(err, "federation.unknown") {
			t.Errorf("switched off meanwhile: %v", err)
		}
		if dbtest.Count(t, d, "federation_key", "") != 1 {
			t.Error("our key was not made once")
		}
	})
}

func TestWhatAProviderSaysIsWorthWhatItsTableSays(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, rooms...), province())
	for what, c := range map[string]struct {
		change func(v *federation.Vouched)
		level  int
		fails  string
	}{
		"listed":        {level: 2},
		"higher":        {change: func(v *federation.Vouched) { v.ACR = "p:3" }, level: 3},
		"not listed":    {change: func(v *federation.Vouched) { v.ACR = "urn:tongban:loa:4" }, level: 1},
		"no acr":        {change: func(v *federation.Vouched) { v.ACR = "" }, level: 1},
		"no number":     {change: func(v *federation.Vouched) { v.ACR = "p:3"; delete(v.Claims, "id_number") }, level: 1},
		"number wrong":  {change: func(v *federation.Vouched) { v.Claims["id_number"] = "580102199605182648" }, fails: "federation.answer_wrong"},
		"name wrong":    {change: func(v *federation.Vouched) { v.Claims["name"] = "<b>" }, fails: "federation.answer_wrong"},
		"number a list": {change: func(v *federation.Vouched) { v.Claims["id_number"] = []any{1} }, level: 1},
	} {
		v := w.says
		w.says.Claims = map[string]any{"name": "林小满", "id_number": linNumber, "phone_number": "+8619900000101"}
		if c.change != nil {
			c.change(&w.says)
		}
		_, err := w.Finish(t.Context(), "province", "b", w.begin(t, federation.Start{Browser: "b"}, authz.Actor{}), identity.From{})
		if c.fails != "" {
			if !errs.Is(err, c.fails) {
				t.Errorf("%s: %v", what, err)
			}
		} else if err != nil || w.got.Level != c.level || w.got.Subject != "s-1" || w.got.Issuer != province().Issuer || w.got.Phone != "19900000101" || !w.got.AuthTime.Equal(w.now.Add(-time.Hour)) {
			t.Errorf("%s: %+v, %v", what, w.got, err)
		}
		w.says = v
	}
}

func TestAStepUpIsMadeByTheSamePerson(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, rooms...), province())
	lin := authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 1}
	step := federation.Start{Browser: "b", Next: "/x", Step: true, Level: 3}
	a := w.begin(t, step, lin)
	if !slices.Equal(w.asked.ACR, []string{"p:3", "p:3b"}) || !w.asked.Fresh {
		t.Errorf("asked %+v", w.asked)
	}
	if d, err := w.Finish(t.Context(), "province", "b", a, identity.From{}); !errs.Is(err, "federation.level_low") || d.Token != "" || !d.Step || d.Level != 3 || d.Next != "/x" {
		t.Errorf("level 2 for level 3: %+v, %v", d, err)
	}
	w.says.ACR = "p:3"
	if _, err := w.Finish(t.Context(), "province", "b", w.begin(t, step, lin), identity.From{}); err != nil {
		t.Error(err)
	}
	w.who = "p2"
	if _, err := w.Finish(t.Context(), "province", "b", w.begin(t, step, lin), identity.From{}); !errs.Is(err, "federation.other_person") || !slices.Equal(w.out, []string{"token-of-p2"}) {
		t.Errorf("somebody else: %v, ended %v", err, w.out)
	}
	w.number, w.got, w.out = "580427198511030481", identity.Outside{}, nil
	if _, err := w.Finish(t.Context(), "province", "b", w.begin(t, step, lin), identity.From{}); !errs.Is(err, "federation.other_person") || w.got.Subject != "" || w.out != nil {
		t.Errorf("somebody else's number: %v, told identity %+v", err, w.got)
	}
	w.number = ""
	if _, err := w.Begin(authz.With(t.Context(), lin), "province", step); !errs.Is(err, "federation.name_first") {
		t.Errorf("a phone's account: %v", err)
	}
	if os, err := w.Steps(authz.With(t.Context(), lin), 3); err != nil || len(os) != 0 {
		t.Errorf("offered to a phone's account: %v, %v", os, err)
	}
	w.number, w.who = "shell", "p1"
	if _, err := w.Finish(t.Context(), "province", "b", w.begin(t, step, lin), identity.From{}); err != nil {
		t.Errorf("the account of an earlier visit by the provider: %v", err)
	}
	step.Level = 4
	if _, err := w.Begin(authz.With(t.Context(), lin), "province", step); !errs.Is(err, "federation.not_enough") {
		t.Errorf("a level it cannot vouch for: %v", err)
	}
	if _, err := w.Begin(t.Context(), "province", step); errs.KindOf(err) != errs.Unauthorized {
		t.Errorf("a visitor: %v", err)
	}
	for level, n := range map[int]int{1: 1, 3: 1, 4: 0} {
		if os, err := w.Steps(t.Context(), level); err != nil || len(os) != n {
			t.Errorf("level %d: %v, %v", level, os, err)
		}
	}
}

func TestKeysChangeWithOverlap(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		first, err := w.Key(ctx)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := w.Key(ctx)
		w.now = w.now.Add(time.Hour)
		if err := w.NewKey(ctx, anna); err != nil {
			t.Fatal(err)
		}
		second, _ := w.Key(ctx)
		ks, err := w.Keys(ctx)
		if err != nil || again.ID != first.ID || second.ID == first.ID || len(ks) != 2 || ks[1].ID != first.ID || !ks[1].Private.Equal(first.Private) {
			t.Errorf("%v, %v", ks, err)
		}
	})
}
