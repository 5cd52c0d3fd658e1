package ratingweb_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
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
	"tongban/internal/domain/cases"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/rating/ratingweb"
	"tongban/internal/engine/clock"
)

type oneCase struct{}

func (oneCase) Head(_ context.Context, id string) (cases.Case, error) {
	if id != "kase-one" {
		return cases.Case{}, errs.New(errs.NotFound, "rating.no_contact")
	}
	return cases.Case{ID: "kase-one", CaseNo: "QL-NO-1", PersonID: "person-one", Channel: cases.Online, ItemName: "食品经营许可（新办）", AgencyName: "清江区市场监督管理局"}, nil
}

// visitors are who may ask, by the value of a cookie.
var visitors = map[string]authz.Actor{
	"applicant": {PersonID: "person-one", Roles: []authz.Role{authz.Person}},
	"stranger":  {PersonID: "p2", Roles: []authz.Role{authz.Person}},
	"officer":   {StaffID: "s1", AgencyID: "market", Roles: []authz.Role{authz.Officer}},
	"other":     {StaffID: "s2", AgencyID: "civil", Roles: []authz.Role{authz.Officer}},
}

// pages is a site with one submitted and decided case.
func pages(t *testing.T) http.Handler {
	t.Helper()
	now := time.Date(2026, 3, 20, 10, 0, 0, 0, clock.Shanghai)
	clk := func() time.Time { return now }
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, rating.Schema)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	au := audit.NewLog(d, clk, log)
	t.Cleanup(au.Close)
	name := func(_ context.Context, key string) string {
		return map[string]string{"market": "清江区市场监督管理局", "food": "食品经营许可（新办）"}[key]
	}
	s := rating.New(rating.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: au, Now: clk, Cases: oneCase{}, AgencyName: name, ItemName: name,
		Calendar: func(context.Context) clock.Calendar { return clock.Embedded() },
	})
	f := cases.Fact{CaseID: "kase-one", ItemKey: "food", Agency: "market", By: "person:person-one", At: now}
	hear(t, d, s, cases.SubmittedEvent{Fact: f})
	f.At = now.Add(time.Hour)
	hear(t, d, s, cases.DecidedEvent{Fact: f})
	site := web.New(web.Config{Log: log, Now: clk, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		return visitors[c.Value], nil
	}})
	site.Add(ratingweb.Routes(s)...)
	site.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	return site.Handler()
}

func hear(t *testing.T, d *db.DB, s *rating.Service, e event.Event) {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Listeners() {
		if l.Topic != e.Topic() {
			continue
		}
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: e.Topic(), Data: data})
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func as(c *webtest.Client, who string) *webtest.Client {
	a := c.Another()
	a.Get("/as/"+who, 200)
	return a
}

func TestAPersonRatesAndTheAgencyAnswers(t *testing.T) {
	c := webtest.New(t, pages(t))
	me, officer := as(c, "applicant"), as(c, "officer")

	p := me.Get("/my/cases/kase-one/rate", 200).Wants("食品经营许可（新办）", "审批决定", "2026-03-20", "看不到是谁")
	radios := p.Find("input[name=grade]")
	if radios.Length() != 5 || radios.First().AttrOr("value", "") != "1" || radios.First().Closest("label").Find(".stars .on").Length() != 5 {
		t.Errorf("%d grades; 非常满意 must come first with five stars", radios.Length())
	}
	p = p.Submit("#rate", url.Values{"text": {"<b>慢</b>"}}, 422).Wants("请选择您的满意程度", "<b>慢</b>")
	if p.Find(".error-summary a[href='#f-grade']").Length() != 1 || p.Find("#f-grade").Length() != 1 {
		t.Error("the summary does not lead to the grades")
	}
	p = p.Submit("#rate", url.Values{"grade": {"4"}, "bad": {"slow"}, "good": {"fast"}}, 200).Wants("感谢您的评价", "不满意", "办得慢", "部门会核实")
	p.Lacks("办得快")
	if got := p.URL.Path; got != "/my/cases/kase-one/rate" {
		t.Errorf("landed on %s", got)
	}
	contact := p.URL.Query().Get("contact")
	me.Get("/my/cases/kase-one/rate?contact="+contact, 200).Wants("已经评价过了")
	me.Post("/my/cases/kase-one/rate", url.Values{"contact": {contact}, "grade": {"1"}}, 409)
	me.Get("/my/cases/kase-one/rate", 200).Wants("网上申请") // the other contact waits

	list := officer.Get("/desk/ratings", 200).Wants("食品经营许可（新办）", "不满意", "2026-03-23 前核实")
	list.Lacks("kase-one", "QL-NO-1", "person-one", contact)
	bad := list.Follow("食品经营许可")
	bad.Wants("依法保护", "<b>慢</b>").Lacks("kase-one", "QL-NO-1", "person-one", contact)
	bad.Submit("#verify", nil, 422).Wants("请选择核实结果")
	bad = bad.Submit("#verify", url.Values{"finding": {"clear"}}, 200).Wants("问题属实")
	bad.Submit("#answer", url.Values{"answer": {"好"}}, 422).Wants("现在是 1 个字")
	bad.Submit("#answer", url.Values{"answer": {"经核实确有积压，已增派人员。"}}, 200).Wants("已增派人员")
	as(c, "other").Get(bad.URL.Path, 404)
	as(c, "other").Get("/desk/ratings", 200).Wants("没有需要显示的差评")
	me.Get("/my/cases/kase-one/rate?contact="+contact, 200).Wants("清江区市场监督管理局的答复", "已增派人员")

	c.Get("/ratings", 200).Wants("清江区市场监督管理局", "未评价", "0.0%", "1 / 1").Lacks("kase-one", "QL-NO-1")
	c.Get("/ratings?agency=market", 200).Wants("食品经营许可（新办）")
	c.Get("/ratings?agency=none", 404)
}

func TestStrangersAreKeptOut(t *testing.T) {
	c := webtest.New(t, pages(t))
	c.Get("/my/cases/kase-one/rate", 401)
	as(c, "stranger").Get("/my/cases/kase-one/rate", 404)
	as(c, "applicant").Get("/desk/ratings", 403)
	as(c, "officer").Get("/my/cases/kase-one/rate", 403)
	as(c, "applicant").Get("/my/cases/kase-one/rate?contact=none", 404)
}

func TestTheFiguresSpeakEnglish(t *testing.T) {
	c := webtest.New(t, pages(t))
	c.Lang = "en"
	c.Get("/ratings", 200).Wants("Published ratings", "No ratings yet", "Not rated")
}
