package deskweb

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// supplyRoutes take at the counter what was accepted as missing.
func supplyRoutes(h handlers) []web.Route {
	return []web.Route{
		web.To("GET /desk/cases/{id}/supply", authz.CaseDesk, h.supplyPage),
		web.To("POST /desk/cases/{id}/supply", authz.CaseDesk, h.supply, web.Upload(filesBody)),
	}
}

func (h handlers) supplyPage(w http.ResponseWriter, r *http.Request) error {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, supplyPage(h.actView(r, d, cases.ActSupply, "supply")))
}

// supply stores the files and hands them in at once: the person stands at the counter.
func (h handlers) supply(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	if _, err := h.Cases.Case(ctx, a, id); err != nil { // before anything is read
		return err
	}
	key, n := newKey(), 0
	v, err, cut := stream(r, func(_ url.Values, p *multipart.Part) error {
		n++
		_, err := h.Cases.Attach(ctx, a, id, cases.Upload{Material: strings.TrimPrefix(p.FormName(), "material."), ClientKey: key + ":" + strconv.Itoa(n), Name: p.FileName(), Body: p})
		return err
	})
	if cut != nil {
		return cut
	}
	if err == nil {
		shown, _ := strconv.ParseInt(v.Get("_v"), 10, 64) // without one the act is refused
		_, err = h.Cases.Supply(ctx, a, id, shown, nil)
	}
	if err == nil {
		return web.SeeOther(w, r, caseURL(id)+"?done="+string(cases.ActSupply))
	}
	e := errs.As(err)
	if e == nil || e.Kind == errs.NotFound || e.Kind == errs.Internal {
		return err
	}
	d, again := h.Cases.Case(ctx, a, id)
	if again != nil {
		return again
	}
	page := h.actView(r, d, cases.ActSupply, "supply")
	page.Problem = i18n.Err(ctx, err)
	if len(e.Fields) > 0 {
		page.Problem = tr(ctx, e.Fields[0].Key, e.Fields[0].Params)
	}
	return web.RenderStatus(w, r, web.StatusOf(err), supplyPage(page))
}

// missingOf gives what is still to come.
func missingOf(d cases.Detail) []cases.Owed {
	var out []cases.Owed
	for _, o := range d.Owed {
		if o.Supplied.IsZero() {
			out = append(out, o)
		}
	}
	return out
}
