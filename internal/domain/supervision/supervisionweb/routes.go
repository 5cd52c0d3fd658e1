package supervisionweb

import (
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
)

type handlers struct {
	svc *supervision.Service
}

// Routes is the room's route table.
func Routes(s *supervision.Service) []web.Route {
	h := handlers{s}
	return []web.Route{
		web.To("GET /supervision", authz.Supervise, h.list),
		web.To("GET /supervision/alarms", authz.Supervise, h.alarms),
		web.To("GET /supervision/cases/{id}", authz.Supervise, h.show),
		web.To("GET /desk/alarms", authz.CaseDesk, h.desk),
		web.To("GET /desk/alarms/{id}", authz.CaseDesk, h.alarm),
		web.To("POST /desk/alarms/{id}", authz.CaseDesk, h.explain),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

// list is the region's cases, overdue first, with the four numbers above them.
func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := listView{Query: q, Filter: cases.Filter{
		Agency: q.Get("agency"), Item: q.Get("item"), State: cases.State(q.Get("state")), Overdue: q.Get("clock") == "overdue", After: q.Get("after"), Limit: 20,
	}}
	var err error
	if v.Figures, err = h.svc.Figures(ctx, a); err != nil {
		return err
	}
	if v.Agencies, v.Items, err = h.svc.Names(ctx, a); err != nil {
		return err
	}
	if v.Page, err = h.svc.List(ctx, a, v.Filter); err != nil {
		return err
	}
	return web.Render(w, r, listPage(v))
}

func (h handlers) alarms(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := alarmsView{Query: q, Filter: filterOf(q)}
	var err error
	if v.Page, err = h.svc.Alarms(r.Context(), actor(r), v.Filter); err != nil {
		return err
	}
	return web.Render(w, r, alarmsPage(v))
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	v, err := h.svc.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, casePage(caseView{CaseView: v, Who: h.svc.Who}))
}

// desk is the alarms of the officer's own agency.
func (h handlers) desk(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := alarmsView{Query: q, Filter: filterOf(q), Desk: true}
	var err error
	if v.Page, err = h.svc.AgencyAlarms(r.Context(), actor(r), v.Filter); err != nil {
		return err
	}
	return web.Render(w, r, alarmsPage(v))
}

func (h handlers) alarm(w http.ResponseWriter, r *http.Request) error {
	a, err := h.svc.AgencyAlarm(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, explainPage(explainView{Alarm: a}))
}

func (h handlers) explain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = h.svc.Explain(r.Context(), actor(r), id, f.Get("explanation"))
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/desk/alarms/"+id)
	case errs.KindOf(err) != errs.Invalid:
		return err
	}
	a, again := h.svc.AgencyAlarm(r.Context(), actor(r), id)
	if again != nil {
		return again
	}
	v := explainView{Alarm: a, Typed: f.Get("explanation")}
	for _, e := range errs.As(err).Fields {
		v.Error = i18n.T(r.Context(), e.Key, e.Params)
		v.List = append(v.List, ui.ErrorItem{Field: e.Path, Text: v.Error})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, explainPage(v))
}
