package app_test

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/ident"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/privacy"
	"tongban/internal/domain/sso"
)

const (
	elderName, elderNumber = "贺怀仁", "580102196008303179"
	signSecret             = "青石板路雨后初晴3178"
)

// everyAct is all a mandate may cover, on some items.
func everyAct(items ...string) authz.Scope { return authz.Scope{Items: items, Acts: authz.ScopeActs} }

// appoint lets a person act for the giver's firm, asked and accepted online.
func (c *city) appoint(t *testing.T, giver, holder authz.Actor, n mandate.Named, sc authz.Scope) string {
	t.Helper()
	ctx := t.Context()
	d, err := c.Mandates.NewDraft(ctx, giver, mandate.Agent)
	if err == nil {
		_, err = c.Mandates.SetWho(ctx, giver, d.ID, n)
	}
	if err == nil {
		_, err = c.Mandates.SetWhat(ctx, giver, d.ID, sc)
	}
	if err == nil {
		_, err = c.Mandates.SetTerm(ctx, giver, d.ID, mandate.Term{From: d.Term.From, Until: inDays(60)})
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := c.Mandates.Give(ctx, giver, d.ID, true)
	if err == nil {
		err = c.Mandates.Accept(ctx, holder, g.MandateID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g.MandateID
}

// entrust records at a window that the elder lets somebody act, who accepts online.
func (c *city) entrust(t *testing.T, clerk, holder authz.Actor, n mandate.Named, sc authz.Scope) string {
	t.Helper()
	g, err := c.Mandates.RecordAtCounter(t.Context(), clerk, mandate.Counter{
		Kind: mandate.Care, Giver: mandate.Named{Name: elderName, Number: elderNumber}, Holder: n, Scope: sc, Until: inDays(60),
		Ground: mandate.ByPresence, Basis: "本人到场，出示居民身份证原件，口头确认委托事项",
	})
	if err == nil {
		err = c.Mandates.Accept(t.Context(), holder, g.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

// mandates lets agents and helpers act, and gives the ids by holder.
func (m *matrix) mandates(t *testing.T, c *city, firm string) map[string]string {
	t.Helper()
	boss, clerk, him := m.actor(t, c, owner), m.actor(t, c, hall), m.actor(t, c, elder)
	out := map[string]string{}
	for _, x := range []struct {
		holder string
		named  mandate.Named
		item   string
	}{
		{agent, mandate.Named{Name: "朴顺姬", Number: "58023119591202068X"}, "food-licence-new"},
		{narrowFor, mandate.Named{Name: "覃美朵", Number: "580121198701262246"}, "food-licence-new"},
	} {
		out[x.holder] = c.appoint(t, boss, m.actor(t, c, x.holder), x.named, everyAct(x.item))
		m.actFor(t, c, x.holder, identity.KindFirm, firm)
	}
	for _, x := range []struct {
		holder string
		named  mandate.Named
		item   string
	}{
		{helper, mandate.Named{Name: "周𠮷祥", Number: "580102197006190734"}, "elder-card"},
		{narrow, mandate.Named{Name: "迪丽努尔·艾山江", Number: "580427198511030481"}, "elder-card"},
	} {
		out[x.holder] = c.entrust(t, clerk, m.actor(t, c, x.holder), x.named, everyAct(x.item))
		m.actFor(t, c, x.holder, identity.KindPerson, him.PersonID)
	}
	for _, holder := range []string{narrowFor, narrow} { // the city offers few items to name; theirs is another one
		if _, err := c.DB.Raw().ExecContext(t.Context(), `UPDATE mandate_mandate SET items = $1 WHERE id = $2`, `["shop-sign-filing"]`, out[holder]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// draftOf begins an application as somebody who acts for another.
func (m *matrix) draftOf(t *testing.T, c *city, name, item string) string {
	t.Helper()
	d, err := c.Cases.CreateDraft(t.Context(), m.actor(t, c, name), item, "matrix-"+item)
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

func must[T any](t *testing.T, what string) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %+v", what, err)
		}
		return v
	}
}

// doors adds what a person has to sign in with, mandates, systems and providers.
func (m *matrix) doors(t *testing.T, c *city, given map[string]string) {
	t.Helper()
	ctx, him := t.Context(), m.actor(t, c, elder)
	passkey, cert := m.keys(t, c, him.Name())
	ask := must[string](t, "ask for a signature")(c.Factor.AskSignature(ctx, him, factor.Ask{Object: "matrix:1", Title: "承诺书", Text: "本人承诺所填内容属实。", Back: "/my"}))
	other := must[authz.Actor](t, "another session")(c.Identity.Actor(ctx, must[string](t, "sign in")(c.Demo().SignIn(ctx, "person", "19900000103"))))
	token, _, err := c.Identity.CreateToken(ctx, him, "报表", 30)
	if err != nil {
		t.Fatal(err)
	}
	draft := must[mandate.Draft](t, "draft of a mandate")(c.Mandates.NewDraft(ctx, him, mandate.Care))
	m.objects = append(m.objects,
		object{name: "a passkey", at: map[string]string{"id": passkey}, may: []string{elder}, views: true, routes: lines(`
GET /my/security/passkeys/{id}
POST /my/security/passkeys/{id}
POST /my/security/passkeys/{id}/remove`)},
		object{name: "a certificate", at: map[string]string{"id": cert}, may: []string{elder}, views: true, routes: lines(`
GET /my/security/certificates/{id}
POST /my/security/certificates/{id}/remove`)},
		object{name: "a text to sign", at: map[string]string{"id": ask}, may: []string{elder}, views: true, routes: lines(`
GET /my/sign/{id}
GET /my/sign/{id}/text
POST /my/sign/{id}/password
POST /my/sign/{id}/app
POST /my/sign/{id}/certificate
POST /my/sign/{id}/passkey/begin
POST /my/sign/{id}/passkey/finish
POST /my/sign/{id}/refuse`)},
		object{name: "a signature", at: map[string]string{"id": m.signed(t, c, him)}, may: []string{elder}, views: true, routes: lines(`
GET /my/sign/{id}/evidence`)},
		object{name: "a session", at: map[string]string{"id": other.SessionID}, may: []string{elder}, routes: lines(`
POST /my/devices/{id}/end`)},
		object{name: "an access token", at: map[string]string{"id": token.ID}, may: []string{elder}, routes: lines(`
POST /my/tokens/{id}/revoke`)},
		object{name: "a mandate being written", at: map[string]string{"id": draft.ID}, may: []string{elder}, views: true, routes: lines(`
GET /my/mandates/new/{id}/who
POST /my/mandates/new/{id}/who
GET /my/mandates/new/{id}/what
POST /my/mandates/new/{id}/what
GET /my/mandates/new/{id}/term
POST /my/mandates/new/{id}/term
GET /my/mandates/new/{id}/check
POST /my/mandates/new/{id}/check`)},
		object{name: "a mandate", at: map[string]string{"id": given[helper]}, may: []string{elder, helper}, views: true, routes: lines(`
GET /my/mandates/{id}
GET /my/mandates/{id}/end
POST /my/mandates/{id}/end
POST /api/v1/mandates/{id}/end`)},
		object{name: "an agent's appointment", at: map[string]string{"id": given[agent]}, may: []string{owner, agent}, views: true, routes: lines(`
GET /my/mandates/{id}
GET /my/mandates/{id}/end
POST /my/mandates/{id}/end
POST /api/v1/mandates/{id}/end`)},
		object{name: "a mandate to accept", at: map[string]string{"id": given[helper]}, may: []string{helper}, routes: lines(`
POST /my/mandates/{id}/accept`)},
		object{name: "an appointment to confirm", at: map[string]string{"id": given[agent]}, may: []string{owner}, routes: lines(`
POST /my/mandates/{id}/confirm`)},
		object{name: "a mandate of somebody who is not at the window", at: map[string]string{"id": given[helper]}, routes: lines(`
POST /window/mandates/{id}/end`)},
	)
	m.systems(t, c)
}

// keys binds a passkey and a certificate, as registering them does.
func (m *matrix) keys(t *testing.T, c *city, owner string) (passkey, cert string) {
	t.Helper()
	passkey, cert = ident.New(), ident.New()
	now := time.Now().UnixMilli()
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO factor_passkey (id, owner, handle, cred_key, credential, label, synced, counter, made_ms, used_ms) VALUES ($1, $2, 'h', $1, $3, $4, FALSE, 0, $5, 0)`,
		passkey, owner, c.Vault.Seal("factor_passkey.credential."+passkey, []byte("{}")), c.Vault.SealText("factor_passkey.label."+passkey, "手机"), now); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO factor_certificate (id, owner, cert_key, facts, not_after_ms, made_ms) VALUES ($1, $2, $1, $3, $4, $4)`,
		cert, owner, c.Vault.Seal("factor_certificate.facts."+cert, []byte(`{"Name":"贺怀仁","Algorithm":"SM2"}`)), now); err != nil {
		t.Fatal(err)
	}
	return passkey, cert
}

// signed is a text that was signed with the second secret.
func (m *matrix) signed(t *testing.T, c *city, a authz.Actor) string {
	t.Helper()
	ctx := t.Context()
	if err := c.Factor.SetSignPassword(ctx, a, a.Name(), nil, signSecret); err != nil {
		t.Fatal(err)
	}
	id := must[string](t, "ask")(c.Factor.AskSignature(ctx, a, factor.Ask{Object: "matrix:2", Title: "承诺书", Text: "本人知悉告知事项。", Back: "/my"}))
	if err := c.Factor.SignWithPassword(ctx, a, a.Name(), id, signSecret); err != nil {
		t.Fatal(err)
	}
	return id
}

// systems adds a system and a provider that the first security officer asks for, so that another one decides.
func (m *matrix) systems(t *testing.T, c *city) {
	t.Helper()
	ctx, sec := t.Context(), m.actor(t, c, security)
	client := must[string](t, "propose a system")(c.SSO.Propose(ctx, sec, sso.Client{
		Name: "排水许可管理系统", Agency: "urban", Redirects: []string{"https://drain.example/back"}, Auth: sso.AuthNone, Scopes: map[string]string{"openid": "识别同一个人", "profile": "显示姓名"},
		Audience: sso.ForPeople, Alg: "ES256", MinLevel: 1, Native: true,
	}))
	_, ps, err := c.SSO.Client(ctx, client)
	if err != nil || len(ps) != 1 {
		t.Fatalf("proposals %+v %v", ps, err)
	}
	provider := must[string](t, "propose a provider")(c.Federation.Propose(ctx, sec, federation.Settings{
		Key: "province", Issuer: "https://id.province.example", ClientID: "qinglan", Auth: federation.AuthKey, Scopes: []string{"openid"}, Mode: federation.ModeQuery,
		Claims: federation.Names{Name: "name", Number: "id_number"}, Levels: map[string]int{"p:2": 2}, NameZH: "省统一身份认证平台", Enabled: true,
	}, 0, "省市身份认证对接协议"))
	m.objects = append(m.objects,
		object{name: "a system asked for by the first officer", at: map[string]string{"id": client, "proposal": ps[0].ID}, may: []string{second, farSec}, routes: lines(`
POST /admin/clients/{id}/proposals/{proposal}`)},
		object{name: "a provider asked for by the first officer", at: map[string]string{"id": provider}, may: []string{second, farSec}, routes: lines(`
POST /admin/providers/changes/{id}/approve
POST /admin/providers/changes/{id}/refuse`)},
		object{name: "the first officer's own wish", at: map[string]string{"id": provider}, may: []string{security}, routes: lines(`
POST /admin/providers/changes/{id}/withdraw`)},
	)
}

// looks adds a look at somebody's data, a complaint about it, and an order to tell of others later.
func (m *matrix) looks(t *testing.T, c *city, card string) {
	t.Helper()
	ctx, him := t.Context(), m.actor(t, c, elder)
	if _, err := c.Cases.Case(ctx, m.actor(t, c, civil), card); err != nil {
		t.Fatal(err)
	}
	access := first(t, c, `SELECT id FROM audit_entry WHERE object = $1 AND act = 'read' AND actor = 'staff:wei-chun' ORDER BY id LIMIT 1`, "case:"+card)
	must[privacy.Complaint](t, "complain")(c.Privacy.Complain(ctx, him, access, "我没有办理社会救助业务，为什么查看我的申请材料？"))
	order := must[string](t, "order")(c.Privacy.ProposeDelay(ctx, m.actor(t, c, auditor), privacy.Delay{
		Number: elderNumber, Agency: "civil", Basis: "行政监察机关调查通知书〔2026〕8号", Why: "正在核查违规发放线索", Until: inDays(90),
	}))
	m.objects = append(m.objects,
		object{name: "a look at a person's data", at: map[string]string{"id": access}, may: []string{elder}, routes: lines(`
GET /my/access/{id}/complain
POST /my/access/{id}/complain`)},
		object{name: "an order asked for by the first auditor", at: map[string]string{"id": order}, may: []string{farAudit}, routes: lines(`
POST /privacy/delays/{id}/approve`)},
		object{name: "the first auditor's own order", at: map[string]string{"id": order}, may: []string{auditor}, routes: lines(`
POST /privacy/delays/{id}/withdraw`)},
		object{name: "an order to be refused", at: map[string]string{"id": order}, may: []string{farAudit}, routes: lines(`
POST /privacy/delays/{id}/refuse`)},
	)
}

// staffTable is a table of one new account.
func staffTable() []byte {
	return []byte(strings.Join([]string{"登录名", "姓名", "手机号", "机构标识", "岗位标识", "开始日期", "截止日期"}, ",") + "\nxinren,辛仁,19900000077,market,market-review,,\n")
}
