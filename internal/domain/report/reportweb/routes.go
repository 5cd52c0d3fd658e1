package reportweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/sheet"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/report"
)

// Config is what package app hands in.
type Config struct {
	Reports *report.Service
	Now     func() time.Time
	// Tabs leads between the supervisor's pages; here is the address of this one.
	Tabs func(ctx context.Context, here string) []ui.NavItem
	// RegionName gives a region's name by its code.
	RegionName func(ctx context.Context, code string) string
}

type handlers struct{ Config }

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	return []web.Route{
		web.To("GET /supervision/reports", authz.Supervise, h.list),
		web.To("POST /supervision/reports", authz.Supervise, h.run, web.PerMinute(20)),
		web.To("GET /supervision/reports/{id}", authz.Supervise, h.show),
		web.To("POST /supervision/reports/{id}/check", authz.Supervise, h.check, web.PerMinute(20)),
		web.To("GET /supervision/reports/{id}/cases", authz.Supervise, h.behind),
		web.To("GET /exports", authz.ExportOwn, h.exports),
		web.To("GET /exports/new", authz.ExportOwn, h.wanted),
		web.To("POST /exports", authz.ExportOwn, h.export, web.PerMinute(20)),
		web.To("GET /exports/{id}/file", authz.ExportOwn, h.file),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	return h.showList(w, r, http.StatusOK, listView{Now: h.Now()})
}

func (h handlers) showList(w http.ResponseWriter, r *http.Request, status int, v listView) error {
	ctx, a := r.Context(), actor(r)
	var err error
	if v.Reports, err = h.Reports.Reports(ctx, a); err != nil {
		return err
	}
	v.Region, v.Tabs = h.RegionName(ctx, a.Region), h.Tabs(ctx, "/supervision/reports")
	return web.RenderStatus(w, r, status, listPage(v))
}

func (h handlers) run(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id, err := h.Reports.Run(r.Context(), actor(r), f.Get("month"))
	if k := errs.KindOf(err); err != nil && (k == errs.Invalid || k == errs.BadRequest) {
		return h.showList(w, r, http.StatusUnprocessableEntity, listView{Now: h.Now(), Month: f.Get("month"), Error: i18n.Err(r.Context(), err)})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/supervision/reports/"+url.PathEscape(id))
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	return h.showReport(w, r, reportView{By: report.By(r.URL.Query().Get("by"))})
}

func (h handlers) showReport(w http.ResponseWriter, r *http.Request, v reportView) error {
	ctx := r.Context()
	var err error
	if v.View, err = h.Reports.Report(ctx, actor(r), r.PathValue("id")); err != nil {
		return err
	}
	if v.By != report.ByItem && v.By != report.ByChannel {
		v.By = report.ByAgency
	}
	v.RegionName = h.RegionName(ctx, v.Region)
	return web.Render(w, r, reportPage(v))
}

// check counts the report anew and shows what came of it on its page.
func (h handlers) check(w http.ResponseWriter, r *http.Request) error {
	ok, err := h.Reports.Check(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := reportView{Checked: "differs"}
	if ok {
		v.Checked = "same"
	}
	return h.showReport(w, r, v)
}

func (h handlers) behind(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := behindView{Query: q, Asked: askedOf(q)}
	var err error
	if v.Report, err = h.Reports.Report(ctx, a, r.PathValue("id")); err != nil {
		return err
	}
	if v.Page, err = h.Reports.Behind(ctx, a, v.Report.ID, v.Asked, q.Get("after")); err != nil {
		return err
	}
	return web.Render(w, r, behindPage(v))
}

func askedOf(q url.Values) report.Asked {
	return report.Asked{By: report.By(q.Get("by")), Key: q.Get("key"), Of: q.Get("number")}
}

func (h handlers) exports(w http.ResponseWriter, r *http.Request) error {
	xs, err := h.Reports.Exports(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, exportsPage(exportsView{Exports: xs, Supervisor: actor(r).May(authz.Supervise), Officer: actor(r).May(authz.CaseDesk)}))
}

// wantedOf reads what is to be exported from an address or a form; the conditions of a list have the names they have in the list's own address.
func wantedOf(q url.Values) report.Wanted {
	days, _ := strconv.Atoi(q.Get("days")) // what is no number narrows nothing
	return report.Wanted{
		Of: q.Get("of"), Format: q.Get("format"), Report: q.Get("report"), Behind: askedOf(q),
		Cases: cases.Filter{
			Tab: q.Get("tab"), Post: q.Get("post"), Item: q.Get("item"), Agency: q.Get("agency"), State: cases.State(q.Get("state")), Channel: q.Get("channel"), Region: q.Get("region"),
			Kind: q.Get("kind"), Days: max(0, min(days, 365)), Overdue: q.Get("overdue") == "1" || q.Get("clock") == "overdue", Taken: q.Get("mine") == "1", Query: q.Get("q"),
		},
	}
}

func (h handlers) wanted(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	switch q.Get("of") {
	case report.OfInbox, report.OfRegion, report.OfReport, report.OfFacts:
	default:
		return errs.New(errs.NotFound, "report.nothing_wanted")
	}
	return web.Render(w, r, wantedPage(wantedView{Query: q, Format: sheet.XLSX, Key: ident.New()}))
}

func (h handlers) export(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.Reports.Export(r.Context(), actor(r), f.Get("once"), wantedOf(f))
	if errs.KindOf(err) == errs.Invalid && err != nil {
		v := wantedView{Query: f, Format: f.Get("format"), Key: f.Get("once"), Error: t(r.Context(), "choose_format")}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, wantedPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/exports")
}

func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	body, x, err := h.Reports.Open(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // only read
	return web.File(w, x.FileName(), sheet.MIME(x.Format), false, body)
}
