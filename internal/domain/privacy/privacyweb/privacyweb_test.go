package privacyweb_test

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
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/privacy"
	"tongban/internal/domain/privacy/privacyweb"
	"tongban/internal/engine/clock"
)

const linNumber = "580102199605182647"

// kit is a site with one person, one officer, two auditors.
type kit struct {
	t     *testing.T
	h     http.Handler
	v     *vault.Vault
	log   *audit.Log
	now   time.Time
	fresh bool
	ended bool
}

var visitors = map[string]authz.Actor{
	"lin":  {PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 2},
	"wang": {PersonID: "p2", Roles: []authz.Role{authz.Person}, Level: 1},
	"eve":  {StaffID: "eve", AgencyID: "police", Roles: []authz.Role{authz.Officer}},
	"auda": {StaffID: "auda", AgencyID: "office", Roles: []authz.Role{authz.Auditor}},
	"audb": {StaffID: "audb", AgencyID: "office", Roles: []authz.Role{authz.Auditor}},
	"root": {StaffID: "root", Roles: []authz.Role{authz.Admin}},
}

func (k *kit) Person(_ context.Context, id string) (identity.Person, error) {
	if id == "p1" {
		return identity.Person{ID: id, Name: "林小满", Number: linNumber, Level: 2}, nil
	}
	return identity.Person{ID: id, Phone: "19900000102", Level: 1}, nil
}

func (k *kit) Firm(context.Context, string) (identity.Firm, error) { return identity.Firm{}, nil }
func (k *kit) SubjectOf(number string) string                      { return k.v.Blind("subject", number) }

func (k *kit) MaskedName(_ context.Context, id string) string {
	p, _ := k.Person(context.Background(), id)
	return p.Masked()
}

func (k *kit) Staff(_ context.Context, id string) (org.Staff, error) {
	if id == "eve" {
		return org.Staff{ID: "eve", Name: "周敏芝", Agency: "police", Roles: []authz.Role{authz.Officer}}, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "base.not_found")
}

func (k *kit) Agency(_ context.Context, key string) (org.Agency, error) {
	if key != "police" && key != "office" {
		return org.Agency{}, errs.New(errs.NotFound, "base.not_found")
	}
	return org.Agency{Key: key, Name: map[string]string{"police": "清江区公安分局", "office": "审计办公室"}[key], Code: "11580102MB0000001X"}, nil
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, v: vault.New(vault.NewKeys()), now: time.Date(2026, 3, 20, 10, 0, 0, 0, clock.Shanghai), fresh: true}
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, privacy.Schema)
	clk := func() time.Time { return k.now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	k.log = audit.NewLog(d, clk, log)
	t.Cleanup(k.log.Close)
	s := privacy.New(privacy.Deps{
		DB: d, Vault: k.v, Audit: k.log, People: k, Offices: k, Calendar: func(context.Context) clock.Calendar { return clock.Embedded() }, Now: clk, Log: log,
		Send:   func(context.Context, *db.Tx, time.Time, notify.Message) error { return nil },
		Enders: []privacy.Ender{func(context.Context, *db.Tx, time.Time, string) error { k.ended = true; return nil }},
		Remains: func(context.Context, string) ([]privacy.Remain, error) {
			return []privacy.Remain{{Key: "privacy.complaint_of", N: 3}}, nil
		},
	})
	site := web.New(web.Config{Log: log, Now: clk, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		a := visitors[c.Value]
		if k.fresh && a.PersonID != "" {
			a.AuthTime = k.now
		}
		return a, nil
	}})
	site.Add(privacyweb.Routes(privacyweb.Config{
		Privacy: s, SiteName: "清澜政务服务网", Now: clk, StaffName: func(_ context.Context, id string) string { return "姓名" + id },
		Agencies: func(context.Context) []ui.Option {
			return []ui.Option{{Value: "police", Label: "清江区公安分局"}}
		},
		SignOut: func(w http.ResponseWriter, _ *http.Request) error {
			http.SetCookie(w, &http.Cookie{Name: "who", Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
			return nil
		},
	})...)
	site.Add(web.To("GET /sign-in/step-up", authz.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		return web.JSON(w, 200, r.URL.RawQuery)
	}))
	site.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	k.h = site.Handler()
	return k
}

// seen writes a look of the officer at Lin.
func (k *kit) seen(object string) {
	k.t.Helper()
	e := audit.Entry{Actor: "staff:eve", Object: object, Subject: k.SubjectOf(linNumber), What: "privacy.what_number", Via: "page", Agency: "police", Reason: "核对"}
	if err := k.log.Read(k.t.Context(), e); err != nil {
		k.t.Fatal(err)
	}
	k.now = k.now.Add(time.Minute)
}

func as(c *webtest.Client, who string) *webtest.Client {
	a := c.Another()
	a.Get("/as/"+who, 200)
	return a
}

func TestAPersonQuestionsALookAndIsAnswered(t *testing.T) {
	k := newKit(t)
	k.seen("case:k1")
	c := webtest.New(t, k.h)
	lin, aud := as(c, "lin"), as(c, "auda")
	p := lin.Get("/my/access", 200).Wants("清江区公安分局", "周*芝", "完整证件号码", "办件", "2026-03-20 10:00").Lacks("周敏芝", linNumber)
	form := p.Follow("提出疑问").Wants("周*芝", "15 个工作日")
	form.Submit("#complain", url.Values{"text": {"短"}}, 422).Wants("现在是 1 个字")
	form.Submit("#complain", url.Values{"text": {"<b>我没有去过</b>"}}, 200).Wants("已收到您的疑问", "<b>我没有去过</b>", "2026-04-13", "正在核查")
	form.Submit("#complain", url.Values{"text": {"我再问一次看看"}}, 409).Wants("已经对这次查看提出过疑问")
	as(c, "wang").Get(form.URL.Path, 404)

	list := aud.Get("/privacy/complaints", 200).Wants("林*满", "2026-04-13").Lacks("没有去过", "林小满", linNumber)
	one := list.Follow("林*满").Wants("周敏芝", "我没有去过", "case:k1", "已经记入查看记录").Lacks(linNumber, "林小满")
	one.Submit("form[action$='/number']", url.Values{"reason": {""}}, 422).Wants("请选择查看完整号码的理由").Lacks(linNumber)
	one.Submit("form[action$='/number']", url.Values{"reason": {"complaint"}}, 200).Wants(linNumber)
	one.Submit("#answer", nil, 422).Wants("请选择核查结论")
	one.Submit("#answer", url.Values{"finding": {"improper"}, "text": {"没有正当目的，已经处理。"}}, 200).Wants("已答复，并已通知本人")
	aud.Get("/privacy/complaints?state=answered", 200).Wants("林*满", "查看没有正当目的")
	lin.Get("/my/complaints", 200).Wants("已答复", "查看没有正当目的", "已经处理").Lacks("姓名auda")
	lin.Get("/my/access", 200).Wants("审计办公室", "本人提出的疑问")

	for who, want := range map[string]int{"lin": 403, "eve": 403, "root": 403} {
		as(c, who).Get("/privacy/complaints", want)
		as(c, who).Get("/privacy/delays", want)
	}
	c.Get("/my/access", 401)
	aud.Get("/my/access", 403)
	lin.Lang = "en"
	lin.Get("/my/access", 200).Wants("Who saw my data", "Question this")
}

func TestTwoAuditorsDelayAndNothingShows(t *testing.T) {
	k := newKit(t)
	c := webtest.New(t, k.h)
	a, b, lin := as(c, "auda"), as(c, "audb"), as(c, "lin")
	empty := lin.Get("/my/access", 200).Text("main")
	f := a.Get("/privacy/delays/new", 200)
	f.Submit("#delay", nil, 422).Wants("请填写完整正确的证件号码", "请选择单位", "请写明法律依据")
	f.Submit("#delay", url.Values{
		"number": {linNumber}, "agency": {"police"}, "basis": {"《刑事诉讼法》第五十四条"}, "why": {"正在侦查，会妨碍取证"}, "until.y": {"2026"}, "until.m": {"6"}, "until.d": {"1"},
	}, 200).Wants("等待复核", "2026-06-01", "清江区公安分局").Lacks(linNumber)
	one := a.Get("/privacy/delays", 200).Follow("580***").Wants("要由另一位审计管理员复核", "会妨碍取证")
	a.Post(one.URL.Path+"/approve", nil, 403)
	b.Post(one.URL.Path+"/approve", nil, 200).Wants("生效中")
	k.seen("case:secret")
	if got := lin.Get("/my/access", 200).Lacks("secret", "公安").Text("main"); got != empty {
		t.Errorf("the page shows a difference:\n%s\n%s", got, empty)
	}
	if n := usages(t, lin, "/api/tracker/v2/findUsage?userCode="+linNumber); n.TotalUsages != 0 || len(n.Usages) != 0 {
		t.Errorf("%+v", n)
	}
	b.Post(one.URL.Path+"/lift", nil, 200).Wants("已提前解除")
	lin.Get("/my/access", 200).Wants("清江区公安分局", "依据《刑事诉讼法》第五十四条，推迟到 2026-03-20 告知").Lacks("妨碍取证")
	b.Post(one.URL.Path+"/lift", nil, 409)
	b.Get("/privacy/delays/none", 404)
}

type tracker struct {
	TotalUsages int
	Usages      []struct{ Logtime, Action, ReceiverCode, ReceiverName, ReceiverSystem string }
}

func usages(t *testing.T, c *webtest.Client, path string) tracker {
	t.Helper()
	var out tracker
	if err := json.Unmarshal(c.Get(path, 200).Raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFindUsageIsShapedLikeTheDataTracker(t *testing.T) {
	k := newKit(t)
	for _, o := range []string{"case:1", "case:2", "case:3"} {
		k.seen(o)
	}
	c := webtest.New(t, k.h)
	lin := as(c, "lin")
	const base = "/api/tracker/v2/findUsage?userCode=" + linNumber
	got := usages(t, lin, base+"&periodStart=2026-03-01&periodEnd=2026-03-20&offset=1&limit=1")
	if got.TotalUsages != 3 || len(got.Usages) != 1 {
		t.Fatalf("%+v", got)
	}
	u := got.Usages[0]
	if u.Logtime != "2026-03-20T10:01:00+08:00" || u.Action != "完整证件号码（核对）" || u.ReceiverCode != "11580102MB0000001X" || u.ReceiverName != "清江区公安分局" || u.ReceiverSystem != "tongban" {
		t.Errorf("%+v", u)
	}
	if raw := string(lin.Get(base+"&limit=1", 200).Raw); !strings.HasPrefix(raw, `{"totalUsages":3,"usages":[{"logtime":`) {
		t.Errorf("%s", raw)
	}
	if got := usages(t, lin, base+"&periodEnd=2026-03-19"); got.TotalUsages != 0 || got.Usages == nil {
		t.Errorf("%+v", got)
	}
	for query, want := range map[string]int{
		base + "&periodStart=yesterday": 422, base + "&offset=-1": 422, base + "&offset=100001": 422, base + "&limit=0": 422, base + "&limit=9999": 422, "/api/tracker/v2/findUsage": 422,
		base + "&periodStart=2026-03-20&periodEnd=2026-03-01": 422, "/api/tracker/v2/findUsage?userCode=580427198511030481": 403,
	} {
		p := lin.Get(query, want)
		var problem web.Problem
		if err := json.Unmarshal(p.Raw, &problem); err != nil || p.Header.Get("Content-Type") != "application/problem+json" || problem.Status != want || problem.Code == "" {
			t.Errorf("%s: %s", query, p.Raw)
		}
	}
	c.Get(base, 401)
	as(c, "wang").Get(base, 403)
	as(c, "auda").Get(base, 403)
}

func TestOnesOwnDataAndTheEndOfTheAccount(t *testing.T) {
	k := newKit(t)
	c := webtest.New(t, k.h)
	lin := as(c, "lin")
	p := lin.Get("/my/data", 200).Wants("580***********2647").Lacks(linNumber)
	p.Submit("form[action='/my/data/number']", nil, 422).Lacks(linNumber)
	p.Submit("form[action='/my/data/number']", url.Values{"reason": {"fill"}}, 200).Wants(linNumber)
	lin.Get("/my/access", 200).Wants("您本人", "填写其他表格要用")
	as(c, "wang").Get("/my/data", 200).Lacks("/my/data/number")

	k.fresh = false
	for path, next := range map[string]string{"/my/data/export": "/my/data?ready=1", "/my/data/erase": "/my/data/erase"} {
		got := lin.Post(path, url.Values{"sure": {"true"}}, 200)
		if want := "fresh=1&next=" + url.QueryEscape(next); got.URL.Path != "/sign-in/step-up" || got.URL.RawQuery != want {
			t.Errorf("%s leads to %s", path, got.URL)
		}
	}
	if lin.Get("/my/data/erase", 200).URL.Path != "/sign-in/step-up" || k.ended {
		t.Error("an old session ends the account")
	}
	k.fresh = true
	f := lin.Post("/my/data/export", nil, 200)
	if d := f.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || !strings.Contains(d, url.PathEscape("清澜政务服务网-账号数据-2026-03-20.json")) || !json.Valid(f.Raw) {
		t.Errorf("%s %s", d, f.Raw)
	}
	e := lin.Get("/my/data/erase", 200).Wants("档案法", "依法继续保存", "注销后立即结束", "通行密钥")
	e.Submit("#erase", nil, 422).Wants("请先勾选确认")
	if k.ended {
		t.Fatal("ended without a confirmation")
	}
	e.Submit("#erase", url.Values{"sure": {"true"}}, 200).Wants("账号已经注销")
	if !k.ended {
		t.Error("not ended")
	}
	lin.Get("/my/data", 401)
}
