package supervisionweb_test

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
	"tongban/internal/domain/supervision"
	"tongban/internal/domain/supervision/supervisionweb"
	"tongban/internal/engine/clock"
)

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, clock.Shanghai) }

// late is a case one working day past the promised date.
var late = cases.Case{
	ID: "kase-one", CaseNo: "QL-NO-1", State: cases.Reviewing, Agency: "market", AgencyName: "清江区市场监督管理局", ItemKey: "food", ItemName: "食品经营许可（新办）",
	Region: "990102", Applicant: "王*梅", Channel: cases.Online, Step: "review", StepName: "书面审查", Submitted: at(2, 8), Accepted: at(2, 9), DaysLeft: -1, Overdue: true,
	Clock: cases.Clock{Phase: "decision", PromisedDue: at(12, 23), LegalDue: at(16, 23)},
}

// room answers like the cases room and notes what was asked.
type room struct{ asked []cases.Filter }

func (*room) Head(context.Context, string) (cases.Case, error) { return late, nil }

func (o *room) RegionCases(_ context.Context, _ authz.Actor, f cases.Filter) (cases.Page, error) {
	o.asked = append(o.asked, f)
	if f.After != "" {
		return cases.Page{}, nil
	}
	return cases.Page{Cases: []cases.Case{late}, Next: "more"}, nil
}

func (*room) Case(_ context.Context, a authz.Actor, id string) (cases.Detail, error) {
	if id != late.ID || !a.Is(authz.Supervisor) {
		return cases.Detail{}, errs.New(errs.NotFound, "supervision.no_case")
	}
	return cases.Detail{
		Case: late, Events: []cases.Event{{Kind: "accepted", At: at(2, 9), Recorded: at(2, 9), By: "staff:s1"}},
		Corrections: []cases.CorrectionNotice{{Round: 1, At: at(2, 8), Defects: make([]cases.Defect, 3)}},
		Progress:    cases.Progress{Stages: []cases.Stage{{Key: cases.StageSubmit, Status: "done", At: at(2, 8)}, {Key: cases.StageReview, Status: "now"}}},
	}, nil
}

var visitors = map[string]authz.Actor{
	"supervisor": {StaffID: "su", Roles: []authz.Role{authz.Supervisor}, Region: "990100"},
	"second":     {StaffID: "su2", Roles: []authz.Role{authz.Supervisor}, Region: "990102"},
	"abroad":     {StaffID: "ab", Roles: []authz.Role{authz.Supervisor}, Region: "990200"},
	"nowhere":    {StaffID: "no", Roles: []authz.Role{authz.Supervisor}},
	"officer":    {StaffID: "of", Roles: []authz.Role{authz.Officer}, AgencyID: "market"},
	"other":      {StaffID: "ot", Roles: []authz.Role{authz.Officer}, AgencyID: "civil"},
	"person":     {PersonID: "p1", Roles: []authz.Role{authz.Person}},
}

// pages is a site whose one case has raised its alarm.
func pages(t *testing.T) (http.Handler, *room) {
	t.Helper()
	now := func() time.Time { return at(13, 9) }
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, supervision.Schema)
	o := &room{}
	s := supervision.New(supervision.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Now: now, Cases: o, Calendar: func(context.Context) clock.Calendar { return clock.Embedded() },
		Papers: func(context.Context, string) ([]supervision.PaperLine, error) {
			return []supervision.PaperLine{{Title: "受理通知书", Number: "清江市监食许受〔2026〕1号", Date: "2026-03-02"}}, nil
		},
	})
	e := cases.DuePassedEvent{Fact: cases.Fact{CaseID: late.ID, At: now()}, Which: "promised"}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Listeners() {
		if l.Topic == e.Topic() {
			err = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return l.Handle(ctx, tx, event.Stored{Topic: e.Topic(), At: now(), Data: data})
			})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	site := web.New(web.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: now, Actor: func(r *http.Request) (authz.Actor, error) {
		c, err := r.Cookie("who")
		if err != nil {
			return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
		}
		return visitors[c.Value], nil
	}})
	site.Add(supervisionweb.Routes(s)...)
	site.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	return site.Handler(), o
}

func as(c *webtest.Client, who string) *webtest.Client {
	a := c.Another()
	a.Get("/as/"+who, 200)
	return a
}

func TestTheSupervisorReadsAndTheDepartmentExplains(t *testing.T) {
	h, o := pages(t)
	c := webtest.New(t, h)
	su, officer := as(c, "supervisor"), as(c, "officer")

	p := su.Get("/supervision?agency=market&clock=overdue", 200).Wants("QL-NO-1", "王*梅", "已超期 1 个工作日", "法定期限 2026-03-16", "书面审查")
	if f := o.asked[0]; f.Agency != "market" || !f.Overdue {
		t.Errorf("asked for %+v", f)
	}
	if got := p.Text(".kpi.danger .kpi-value"); got != "1" {
		t.Errorf("overdue KPI %q", got)
	}
	if p.Find("#main form[method=post]").Length() != 0 {
		t.Error("the supervisor's page can change something")
	}
	p.Follow("下一页")
	if f := o.asked[1]; f.After != "more" || f.Agency != "market" || !f.Overdue {
		t.Errorf("the next page lost its filters: %+v", f)
	}
	p = p.Follow("QL-NO-1").Wants("王*梅", "受理通知书", "清江市监食许受〔2026〕1号", "列出 3 处", "承诺期限 2026-03-12 已过", "工作人员")
	if p.Find("#main form[method=post]").Length() != 0 {
		t.Error("the supervisor's case page can change something")
	}
	su.Get("/supervision/alarms?level=red", 200).Wants("红牌", "承诺期限 2026-03-12 已过", "行政许可法", "待说明")
	su.Get("/supervision/alarms?level=yellow", 200).Wants("没有符合条件的预警")

	list := officer.Get("/desk/alarms", 200).Wants("红牌", "QL-NO-1")
	page := officer.Get(list.Find("tbody th a").AttrOr("href", "/none"), 200)
	page = page.Submit("#explain", url.Values{"explanation": {"<i>无</i>"}}, 422).Wants("至 2000 个字", "<i>无</i>")
	if page.Find(".error-summary a[href='#f-explanation']").Length() != 1 {
		t.Error("the summary does not lead to the field")
	}
	page.Submit("#explain", url.Values{"explanation": {"因暴雨改期核查，已告知申请人。"}}, 200).Wants("因暴雨改期核查")
	officer.Post(page.URL.Path, url.Values{"explanation": {"因暴雨改期核查，已告知申请人。"}}, 409)
	as(c, "other").Get(page.URL.Path, 404)
	su.Get("/supervision/alarms?state=explained", 200).Wants("因暴雨改期核查", "工作人员")
}

func TestOnlyTheRegionsSupervisor(t *testing.T) {
	h, _ := pages(t)
	c := webtest.New(t, h)
	for who, want := range map[string]int{"officer": 403, "person": 403, "nowhere": 403, "supervisor": 200} {
		as(c, who).Get("/supervision", want)
		as(c, who).Get("/supervision/alarms", want)
	}
	c.Get("/supervision", 401)
	as(c, "abroad").Get("/supervision/cases/kase-one", 404)
	as(c, "abroad").Get("/supervision/alarms", 200).Wants("没有符合条件的预警")
	as(c, "supervisor").Get("/desk/alarms", 403)
	as(c, "supervisor").Get("/supervision/cases/none", 404)
	en := as(c, "supervisor")
	en.Lang = "en"
	en.Get("/supervision", 200).Wants("Cases under supervision", "Overdue")
	en.Get("/supervision/alarms", 200).Wants("Red card")
}
