package mandateweb_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
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
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/mandate/mandateweb"
	"tongban/internal/domain/notify"
	"tongban/internal/engine/clock"
)

// people is identity with five people and a firm.
type people struct{}

var everybody = []identity.Person{
	{ID: "p-shen", Name: "沈玉英", Number: "580102194103071821", Birth: "1941-03-07", Phone: "19900000102", Level: 2, Alive: true},
	{ID: "p-he", Name: "贺怀仁", Number: "580102196008303179", Birth: "1960-08-30", Phone: "19900000103", Level: 2, Alive: true},
	{ID: "p-lin", Name: "林小满", Number: "580102199605182647", Birth: "1996-05-18", Phone: "19900000101", Level: 2, Alive: true},
	{ID: "p-qin", Name: "覃美朵", Number: "580121198701262246", Birth: "1987-01-26", Phone: "19900000108", Level: 2, Alive: true},
	{ID: "p-zijin", Name: "覃子衿", Number: "580102201306011151", Birth: "2013-06-01", Level: 2, Alive: true},
}

var firm = identity.Firm{ID: "f-1", CreditCode: "91580102MACXM7P15Q", Name: "清澜小满餐饮有限公司", LegalPersonNumber: "580102199605182647", Status: "存续"}

func (people) Person(_ context.Context, id string) (identity.Person, error) {
	for _, p := range everybody {
		if p.ID == id {
			return p, nil
		}
	}
	return identity.Person{}, errs.New(errs.NotFound, "identity.person_unknown")
}

func (people) PersonByNumber(_ context.Context, number string) (identity.Person, error) {
	for _, p := range everybody {
		if p.Number == number {
			return p, nil
		}
	}
	return identity.Person{}, errs.New(errs.NotFound, "identity.person_unknown")
}

func (q people) EnsurePerson(ctx context.Context, name, number, _, _ string) (identity.Person, error) {
	p, err := q.PersonByNumber(ctx, number)
	if err != nil || p.Name != name {
		return p, errs.New(errs.Invalid, "identity.name_mismatch")
	}
	return p, nil
}

func (people) Firm(context.Context, string) (identity.Firm, error)       { return firm, nil }
func (people) EnsureFirm(context.Context, string) (identity.Firm, error) { return firm, nil }
func (people) FirmsOf(_ context.Context, id string) ([]identity.Firm, error) {
	if id == "p-lin" {
		return []identity.Firm{firm}, nil
	}
	return nil, nil
}

// signed is the declarations that were signed; nil takes no signatures.
type signed struct{ texts map[string]bool }

func (s *signed) AskSignature(_ context.Context, _ authz.Actor, a factor.Ask) (string, error) {
	s.texts[a.Text] = true
	return "ask", nil
}

func (s *signed) SignatureOf(_ context.Context, _, _, text string) (factor.Signature, bool, error) {
	return factor.Signature{ID: "sig"}, s.texts[text], nil
}

// visitors are who may ask, by the value of a cookie.
var visitors = map[string]authz.Actor{
	"shen":  {PersonID: "p-shen", Roles: []authz.Role{authz.Person}, Level: 2},
	"he":    {PersonID: "p-he", Roles: []authz.Role{authz.Person}, Level: 2},
	"low":   {PersonID: "p-he", Roles: []authz.Role{authz.Person}, Level: 1},
	"qin":   {PersonID: "p-qin", Roles: []authz.Role{authz.Person}, Level: 2},
	"lin":   {PersonID: "p-lin", Roles: []authz.Role{authz.Person}, Level: 2},
	"boss":  {PersonID: "p-lin", FirmID: "f-1", Roles: []authz.Role{authz.Person}, Level: 2},
	"agent": {PersonID: "p-he", FirmID: "f-1", MandateID: "m", Roles: []authz.Role{authz.Person}, Level: 2},
	"clerk": {StaffID: "zhang", AgencyID: "hall", Roles: []authz.Role{authz.Clerk}},
	"admin": {StaffID: "root", Roles: []authz.Role{authz.Admin}},
}

type site struct {
	*webtest.Client
	t *testing.T
	d *db.DB
	s *mandate.Service
}

func pages(t *testing.T, sign mandate.Signer) site {
	t.Helper()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, clock.Shanghai)
	clk := func() time.Time { return now }
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, mandate.Schema)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	au := audit.NewLog(d, clk, log)
	t.Cleanup(au.Close)
	s := mandate.New(mandate.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: au, People: people{}, Now: clk, Log: log, Signed: sign,
		Guardian: func(_ context.Context, guardian, ward string) (string, error) {
			if guardian == "580121198701262246" && ward == "580102201306011151" {
				return "母亲", nil
			}
			return "", nil
		},
		Items: func(context.Context, string) ([]mandate.Item, error) {
			return []mandate.Item{{Key: "food", Name: "食品经营许可（新办）"}, {Key: "card", Name: "老年人优待证"}}, nil
		},
		Send: func(context.Context, *db.Tx, time.Time, notify.Message) error { return nil },
	})
	h := mandateweb.New(mandateweb.Config{Service: s, Now: clk, CaseHref: func(id string) string { return "/my/cases/" + id }})
	site1 := web.New(web.Config{Log: log, Now: clk, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		return visitors[c.Value], nil
	}})
	site1.Add(h.Routes()...)
	site1.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	h.AddAPI(web.NewAPI(site1, "test", nil))
	return site{webtest.New(t, site1.Handler()), t, d, s}
}

// as is a visitor of the same site, signed in.
func (s site) as(who string) *webtest.Client {
	c := s.Another()
	c.Get("/as/"+who, http.StatusOK)
	return c
}

// given goes the whole way of giving a mandate and gives the mandate's address.
func given(t *testing.T, c *webtest.Client, kind string) *webtest.Page {
	t.Helper()
	p := c.Post("/my/mandates/new", url.Values{"kind": {kind}}, http.StatusOK)
	p = p.Submit("main form", url.Values{"name": {"贺怀仁"}, "number": {"580102196008303179"}}, http.StatusOK)
	p = p.Submit("main form", url.Values{"acts": {"apply", "collect"}, "which": {"some"}, "items": {"card"}}, http.StatusOK)
	return p.Submit("main form", url.Values{"length": {"year"}}, http.StatusOK)
}

func TestGivingStepByStep(t *testing.T) {
	s := pages(t, nil)
	shen, he := s.as("shen"), s.as("he")
	shen.Get("/my/mandates", http.StatusOK).Wants("您没有授权任何人").Follow("授权给别人").Submit("main form", url.Values{}, http.StatusUnprocessableEntity).Wants("请选择您要办哪一种授权")
	p := shen.Post("/my/mandates/new", url.Values{"kind": {"care"}}, http.StatusOK).Wants("授权给谁？")
	draft := strings.TrimSuffix(p.URL.Path, "/who")
	p = p.Submit("main form", url.Values{"name": {"贺怀仁"}, "number": {"580102196008303170"}}, http.StatusUnprocessableEntity)
	if _, v := p.Form("main form"); v.Get("name") != "贺怀仁" || v.Get("number") != "580102196008303170" {
		t.Errorf("what was typed is lost: %v", v)
	}
	p = p.Submit("main form", url.Values{"number": {"580102196008303179"}}, http.StatusOK).Wants("可以替您办什么？")
	shen.Get(draft+"/check", http.StatusOK).Wants("可以替您办什么？") // nobody checks half a mandate
	p.Submit("main form", url.Values{"acts": {"apply"}, "which": {"some"}, "items": {}}, http.StatusUnprocessableEntity).Wants("请至少选择一个事项")
	p = p.Submit("main form", url.Values{"acts": {"apply"}, "which": {"some"}, "items": {"card"}}, http.StatusOK).Wants("授权多久？")
	p.Submit("main form", url.Values{"length": {"own"}, "until.y": {"2031"}, "until.m": {"2"}, "until.d": {"30"}}, http.StatusUnprocessableEntity).Wants("这个日期不存在")
	p.Submit("main form", url.Values{"length": {"own"}, "until.y": {"2031"}, "until.m": {"2"}, "until.d": {"3"}}, http.StatusUnprocessableEntity).Wants("一次授权最长 3 年")
	p = p.Submit("main form", url.Values{"length": {"year"}}, http.StatusOK).Wants("贺怀仁", "580***********3179", "老年人优待证", "2026-11-21 至 2027-11-20").Lacks("580102196008303179")
	p.Submit("main form", url.Values{}, http.StatusUnprocessableEntity).Wants("请阅读授权书")
	for _, step := range []string{"/who", "/what", "/term", "/check"} {
		he.Get(draft+step, http.StatusNotFound)
		he.Post(draft+step, url.Values{}, http.StatusNotFound)
	}
	one := p.Submit("main form", url.Values{"agree": {"true"}}, http.StatusOK).Wants("授权已发出", "等待接受")
	shen.Get(draft+"/check", http.StatusNotFound)

	// The helper reads who asks, masked, and accepts.
	s.as("low").Post(one.URL.Path+"/accept", url.Values{}, http.StatusForbidden)
	p = he.Get("/my/mandates", http.StatusOK).Wants("等您答复", "沈*英", "老年人优待证").Follow("沈*英").Wants("沈*英请您替其办事").Lacks("沈玉英")
	p.Submit(`form[action$="/accept"]`, nil, http.StatusOK).Wants("您已接受", "有效")
	if _, ok, err := s.s.MayAct(t.Context(), "p-he", "person", "p-shen"); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	he.Post(one.URL.Path+"/accept", url.Values{}, http.StatusConflict)
	for _, who := range []string{"lin", "qin", "boss"} {
		c := s.as(who)
		c.Get(one.URL.Path, http.StatusNotFound)
		c.Get(one.URL.Path+"/end", http.StatusNotFound)
		c.Post(one.URL.Path+"/end", url.Values{}, http.StatusNotFound)
		c.Post(one.URL.Path+"/accept", url.Values{}, http.StatusNotFound)
		c.Post(one.URL.Path+"/confirm", url.Values{}, http.StatusNotFound)
	}
	// What was done in her name is on the page, with a link to the case; then she takes the mandate back.
	err := s.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return s.s.Acted(ctx, tx, time.Date(2026, 11, 22, 9, 30, 0, 0, clock.Shanghai), mandate.Act{
			MandateID: one.URL.Path[len("/my/mandates/"):], ByPerson: "p-he", ForKind: "person", ForID: "p-shen", Act: "apply", Object: "case:c1", What: "老年人优待证",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	page := shen.Get(one.URL.Path, http.StatusOK).Wants("2026-11-22 09:30", "办理了申请", "接受授权")
	if page.Find(`a[href="/my/cases/c1"]`).Length() != 1 {
		t.Error("no link to the case")
	}
	page.Follow("收回授权").Wants("收回给贺怀仁的授权").Submit("main form", nil, http.StatusOK).Wants("授权已收回")
	if _, ok, _ := s.s.MayAct(t.Context(), "p-he", "person", "p-shen"); ok {
		t.Error("still acts")
	}
	he.Get("/my/mandates", http.StatusOK).Wants("已终止的授权", "授权人收回")
}

func TestSigningLeadsAwayAndBack(t *testing.T) {
	s := pages(t, &signed{texts: map[string]bool{}})
	shen := s.as("shen")
	p := given(t, shen, "family")
	action, v := p.Form("main form")
	v.Set("agree", "true")
	if got := shen.Post(action, v, http.StatusNotFound); got.URL.Path != "/my/sign/ask" { // factor's page is not part of this site
		t.Errorf("led to %s", got.URL)
	}
	p.Submit("main form", url.Values{"agree": {"true"}}, http.StatusOK).Wants("授权已发出", "本人在网上签名授权")
}

func TestAgentsOfAFirm(t *testing.T) {
	s := pages(t, nil)
	boss := s.as("boss")
	for _, who := range []string{"lin", "agent", "shen"} {
		s.as(who).Get("/my/agents", http.StatusForbidden)
		s.as(who).Post("/my/mandates/new", url.Values{"kind": {"agent"}}, http.StatusForbidden)
	}
	boss.Post("/my/mandates/new", url.Values{"kind": {"family"}}, http.StatusForbidden) // not in the firm's session
	p := boss.Get("/my/agents", http.StatusOK).Wants("清澜小满餐饮有限公司", "还没有委派经办人").Submit("main form", nil, http.StatusOK).Wants("委派谁做经办人？")
	p.Submit("main form", url.Values{"name": {"林小满"}, "number": {"580102199605182647"}}, http.StatusUnprocessableEntity).Wants("法定代表人本来就能")
	p = given(t, boss, "agent").Wants("清澜小满餐饮有限公司委派贺怀仁").Submit("main form", url.Values{"agree": {"true"}}, http.StatusOK)
	he := s.as("he")
	he.Get(p.URL.Path, http.StatusOK).Wants("清澜小满餐饮有限公司").Submit(`form[action$="/accept"]`, nil, http.StatusOK)
	boss.Get("/my/agents", http.StatusOK).Wants("贺怀仁", "有效").Follow("收回授权").Submit("main form", nil, http.StatusOK).Wants("授权已收回", "还没有委派经办人")
}

func TestGuardianPage(t *testing.T) {
	s := pages(t, nil)
	child := url.Values{"name": {"覃子衿"}, "number": {"580102201306011151"}}
	s.as("lin").Post("/my/mandates/guardian", child, http.StatusUnprocessableEntity).Wants("没有查到您是这个孩子的监护人")
	s.as("qin").Get("/my/mandates/guardian", http.StatusOK).Submit("main form", child, http.StatusOK).Wants("监护关系已核对", "2031-05-31", "母亲")
}

func TestTheWindowWritesDown(t *testing.T) {
	s := pages(t, nil)
	clerk := s.as("clerk")
	for _, who := range []string{"shen", "admin"} {
		s.as(who).Get("/window/mandates", http.StatusForbidden)
		s.as(who).Post("/window/mandates", url.Values{}, http.StatusForbidden)
		s.as(who).Post("/window/mandates/find", url.Values{}, http.StatusForbidden)
	}
	clerk.Get("/my/mandates", http.StatusForbidden)
	form := url.Values{
		"kind": {"care"}, "giver_name": {"沈玉英"}, "giver_number": {"580102194103071821"}, "holder_name": {"贺怀仁"}, "holder_number": {"580102196008303179"},
		"acts": {"apply"}, "which": {"all"}, "length": {"quarter"}, "ground": {"present"}, "basis": {"到场"}, "holder_present": {"true"},
	}
	p := clerk.Get("/window/mandates", http.StatusOK).Submit("#record", form, http.StatusUnprocessableEntity).Wants("请写明核验了什么")
	if _, v := p.Form("#record"); v.Get("giver_name") != "沈玉英" || v.Get("holder_present") != "true" || v.Get("length") != "quarter" {
		t.Errorf("what was typed is lost: %v", v)
	}
	p.Submit("#record", url.Values{"basis": {"沈玉英本人到场，出示居民身份证原件"}}, http.StatusOK).Wants("授权已登记", "沈*英", "贺*仁", "2026-11-21 至 2027-02-20")
	if n := dbtest.Count(t, s.d, "mandate_mandate", "state = 'active'"); n != 1 {
		t.Fatalf("%d written", n)
	}
	clerk.Post("/window/mandates/find", url.Values{"name": {"沈玉芬"}, "number": {"580102194103071821"}}, http.StatusUnprocessableEntity)
	found := clerk.Post("/window/mandates/find", url.Values{"name": {"沈玉英"}, "number": {"580102194103071821"}}, http.StatusOK).Wants("贺*仁 替 沈*英 办事")
	found.Submit(`form[action$="/end"]`, url.Values{"basis": {"口头"}}, http.StatusUnprocessableEntity).Wants("贺*仁 替 沈*英 办事")
	found.Submit(`form[action$="/end"]`, url.Values{"basis": {"沈玉英本人到场要求终止"}}, http.StatusOK).Wants("授权已终止")
	if _, ok, _ := s.s.MayAct(t.Context(), "p-he", "person", "p-shen"); ok {
		t.Error("still acts")
	}
}

func TestAPI(t *testing.T) {
	s := pages(t, nil)
	shen, he := s.as("shen"), s.as("he")
	call := func(c *webtest.Client, method, path, body string, status int) map[string]any {
		t.Helper()
		p := c.Send(method, "/api/v1"+path, "application/json", strings.NewReader(body), status)
		out := map[string]any{}
		if err := json.Unmarshal(p.Raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	const body = `{"kind":"family","name":"贺怀仁","number":"580102196008303179","acts":["apply"],"items":["*"],"from":"2026-11-21","until":"2027-01-31","agree":true}`
	call(s.as("low"), "POST", "/mandates", body, http.StatusForbidden)
	bad := call(shen, "POST", "/mandates", strings.Replace(body, "2027-01-31", "2025-01-31", 1), http.StatusUnprocessableEntity)
	if errors, _ := bad["errors"].([]any); len(errors) != 1 {
		t.Errorf("%v", bad)
	}
	call(shen, "POST", "/mandates", strings.Replace(body, "family", "guardian", 1), http.StatusUnprocessableEntity)
	id, _ := call(shen, "POST", "/mandates", body, http.StatusCreated)["id"].(string)
	call(shen, "POST", "/mandates", body, http.StatusConflict)
	list, _ := call(he, "GET", "/mandates", "", http.StatusOK)["mandates"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["giver"] != "沈*英" || list[0].(map[string]any)["stands"] != false {
		t.Errorf("%v", list)
	}
	call(s.as("lin"), "POST", "/mandates/"+id+"/end", "", http.StatusNotFound)
	if out := call(he, "POST", "/mandates/"+id+"/end", "", http.StatusOK); out["why"] != "refused" {
		t.Errorf("%v", out)
	}
	call(shen, "POST", "/mandates/"+id+"/end", "", http.StatusConflict)
}

func TestPagesInEnglish(t *testing.T) {
	s := pages(t, nil)
	c := s.as("shen")
	c.Lang = "en"
	c.Get("/my/mandates", http.StatusOK).Wants("Who may act for me")
	c.Get("/my/mandates/new", http.StatusOK).Wants("Which kind?")
	given(t, c, "care").Wants("Please check")
}
