package creditweb

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/credit"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// listLimit bounds a list that is read in, in bytes.
const listLimit = 16 << 20

type handlers struct {
	s   *credit.Service
	pdf func(ctx context.Context, id string) ([]byte, paper.Paper, error)
}

// Routes is the room's route table; pdf gives the file of a paper.
func Routes(s *credit.Service, pdf func(ctx context.Context, id string) ([]byte, paper.Paper, error)) []web.Route {
	h := handlers{s, pdf}
	return []web.Route{
		web.To("GET /desk/credit", authz.CreditDesk, h.desk),
		web.To("GET /desk/credit/new", authz.CreditDesk, h.newPage),
		web.To("POST /desk/credit", authz.CreditDesk, h.enter),
		web.To("GET /desk/credit/import", authz.CreditDesk, h.importPage),
		web.To("POST /desk/credit/import", authz.CreditDesk, h.load, web.Upload(listLimit)),
		web.To("GET /desk/credit/{id}", authz.CreditDesk, h.entry),
		web.To("GET /desk/credit/{id}/paper", authz.CreditDesk, h.paper),
		web.To("POST /desk/credit/{id}/repair", authz.CreditDesk, h.decide),
		web.To("GET /my/credit", authz.PersonSelf, h.mine),
		web.To("GET /my/credit/{id}/paper", authz.PersonSelf, h.paper),
		web.To("POST /my/credit/{id}/repair", authz.PersonSelf, h.ask),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, "credit."+key, p...) }

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format(time.DateOnly)
}

// problems are what is wrong with a form.
type problems struct {
	Errors map[string]string
	List   []ui.ErrorItem
}

// explain puts an error of the room beside its fields; others go up.
func explain(ctx context.Context, err error) (problems, bool) {
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Kind != errs.TooLarge {
		return problems{}, false
	}
	p := problems{Errors: map[string]string{}}
	for _, f := range e.Fields {
		p.Errors[f.Path] = i18n.T(ctx, f.Key, f.Params)
		p.List = append(p.List, ui.ErrorItem{Field: f.Path, Text: p.Errors[f.Path]})
	}
	if len(e.Fields) == 0 {
		p.List = append(p.List, ui.ErrorItem{Text: i18n.Err(ctx, err)})
	}
	return p, true
}

func (h handlers) desk(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := deskView{State: q.Get("state"), Done: doneText(r.Context(), q.Get("done"))}
	var err error
	if v.Page, err = h.s.List(r.Context(), actor(r), credit.Filter{State: v.State, After: q.Get("after")}); err != nil {
		return err
	}
	return web.Render(w, r, deskPage(v))
}

func doneText(ctx context.Context, done string) string {
	if done == "entered" || done == "decided" || done == "ask_sent" {
		return t(ctx, done)
	}
	return ""
}

func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, enterPage(enterView{}))
}

// enter enters somebody, or, with the button for it, looks a number up: numbers never stand in addresses.
func (h handlers) enter(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if f.Get("act") == "search" {
		p, err := h.s.List(r.Context(), actor(r), credit.Filter{Number: f.Get("number")})
		if err != nil {
			return err
		}
		return web.Render(w, r, deskPage(deskView{Page: p, Number: f.Get("number"), Searched: true}))
	}
	d := credit.Decision{
		Name: f.Get("name"), Number: f.Get("number"), Ground: f.Get("ground"), Reason: f.Get("reason"), Basis: f.Get("basis"), CaseNo: f.Get("ref"), Item: f.Get("item"),
		From: f.Get("from"), Until: f.Get("until"),
	}
	_, err = h.s.Enter(r.Context(), actor(r), d)
	if err == nil {
		return web.SeeOther(w, r, "/desk/credit?done=entered")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	return web.RenderStatus(w, r, web.StatusOf(err), enterPage(enterView{d, p}))
}

func (h handlers) importPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, importPage(importView{}))
}

func (h handlers) load(w http.ResponseWriter, r *http.Request) error {
	var v importView
	err := h.loadFile(r, &v)
	if err != nil {
		p, ok := explain(r.Context(), err)
		if !ok {
			return err
		}
		v.problems = p
		_, _ = io.Copy(io.Discard, r.Body) // the browser reads our answer only after it has sent everything
		return web.RenderStatus(w, r, web.StatusOf(err), importPage(v))
	}
	return web.Render(w, r, importPage(v))
}

func (h handlers) loadFile(r *http.Request, v *importView) error {
	mr, err := r.MultipartReader()
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	var part *multipart.Part
	for part == nil || part.FormName() != "list" {
		if part, err = mr.NextPart(); err != nil {
			return errs.Wrap(err, errs.BadRequest, "base.bad_request")
		}
	}
	rep, err := h.s.Import(r.Context(), actor(r), part)
	v.Report = &rep
	return err
}

func (h handlers) entry(w http.ResponseWriter, r *http.Request) error {
	e, err := h.s.Entry(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, entryPage(entryView{Entry: e}))
}

// paper gives the notice of an entry to whom it is about and to the agency that entered them; the look is on record.
func (h handlers) paper(w http.ResponseWriter, r *http.Request) error {
	id, err := h.s.PaperOf(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	body, p, err := h.pdf(r.Context(), id)
	if err != nil {
		return err
	}
	return web.File(w, p.FileName(), "application/pdf", true, bytes.NewReader(body))
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = h.s.DecideRepair(r.Context(), actor(r), id, f.Get("act") == "grant", f.Get("answer"))
	if err == nil {
		return web.SeeOther(w, r, "/desk/credit?done=decided")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	e, again := h.s.Entry(r.Context(), actor(r), id)
	if again != nil {
		return again
	}
	return web.RenderStatus(w, r, web.StatusOf(err), entryPage(entryView{e, f.Get("answer"), p}))
}

func (h handlers) mine(w http.ResponseWriter, r *http.Request) error {
	es, err := h.s.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, minePage(mineView{Entries: es, Done: doneText(r.Context(), r.URL.Query().Get("done"))}))
}

func (h handlers) ask(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = h.s.AskRepair(r.Context(), actor(r), id, f.Get("text"))
	if err == nil {
		return web.SeeOther(w, r, "/my/credit?done=ask_sent")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	es, again := h.s.Mine(r.Context(), actor(r))
	if again != nil {
		return again
	}
	return web.RenderStatus(w, r, web.StatusOf(err), minePage(mineView{Entries: es, Asked: id, Text: f.Get("text"), problems: p}))
}
