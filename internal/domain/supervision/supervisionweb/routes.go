package supervisionweb

import (
	"net/http"

	"tongban/internal/base/authz"
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
		web.To("GET /supervision/alarms/{id}", authz.Supervise, h.card),
		web.To("POST /supervision/alarms/{id}", authz.Supervise, h.step),
		web.To("GET /supervision/bottlenecks", authz.Supervise, h.bottlenecks),
		web.To("GET /supervision/bottlenecks/cases", authz.Supervise, h.behind),
		web.To("GET /supervision/points", authz.Supervise, h.points),
		web.To("GET /supervision/thresholds", authz.Supervise, h.limits),
		web.To("POST /supervision/thresholds", authz.Supervise, h.setLimit),
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
	c, err := h.svc.AgencyCard(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, cardPage(cardView{CardView: c, Desk: true}))
}

// explain is what the department says: its explanation, its answer to an urging, or an appeal.
func (h handlers) explain(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	c, err := h.svc.AgencyCard(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := cardView{CardView: c, Desk: true, Act: f.Get("act"), Typed: f.Get("explanation")}
	switch act := supervision.CardAct(v.Act); act {
	case supervision.Answer, supervision.Appeal:
		err = h.svc.Act(r.Context(), actor(r), id, act, supervision.Said{Text: v.Typed})
	default:
		err = h.svc.Explain(r.Context(), actor(r), id, v.Typed)
	}
	return h.stepped(w, r, v, err, "/desk/alarms/"+id)
}
