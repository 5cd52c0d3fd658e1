package ratingweb

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/rating"
)

// rateView is the page of one case's contacts.
type rateView struct {
	CaseID string
	All    []rating.Rateable
	Now    *rating.Rateable // the one to rate, or shown again
	Thanks bool
	In     rating.Input
	Errors map[string]string
	List   []ui.ErrorItem
}

// rate shows the form for a contact: the one asked for, else the newest not yet rated. A rated one is shown with what was said.
func (h handlers) rate(w http.ResponseWriter, r *http.Request) error {
	v, err := h.rateView(r, r.URL.Query().Get("contact"))
	if err != nil {
		return err
	}
	v.Thanks = r.URL.Query().Get("thanks") == "1"
	return web.Render(w, r, ratePage(v))
}

func (h handlers) rateView(r *http.Request, contact string) (rateView, error) {
	id := r.PathValue("id")
	all, err := h.svc.ForCase(r.Context(), actor(r), id)
	if err != nil {
		return rateView{}, err
	}
	v := rateView{CaseID: id, All: all}
	for i := range all {
		if contact == all[i].ID || contact == "" && v.Now == nil && all[i].Given == nil {
			v.Now = &all[i]
		}
	}
	if v.Now == nil && contact != "" {
		return v, errs.New(errs.NotFound, "rating.no_contact")
	}
	if v.Now == nil && len(all) > 0 {
		v.Now = &all[0]
	}
	return v, nil
}

// give takes the rating; a mistake shows the same page with everything that was typed.
func (h handlers) give(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	contact := f.Get("contact")
	grade, _ := strconv.Atoi(f.Get("grade")) // anything else is no grade, which Rate says
	in := rating.Input{Grade: grade, Tags: slices.Concat(f["good"], f["bad"]), Text: f.Get("text"), Via: via(r)}
	_, err = h.svc.Rate(r.Context(), actor(r), contact, in)
	page := "/my/cases/" + r.PathValue("id") + "/rate?contact=" + contact
	switch {
	case err == nil:
		return web.SeeOther(w, r, page+"&thanks=1")
	case errs.KindOf(err) != errs.Invalid:
		return err
	}
	v, again := h.rateView(r, contact)
	if again != nil {
		return again
	}
	v.In, v.Errors = in, map[string]string{}
	for _, e := range errs.As(err).Fields {
		text := i18n.T(r.Context(), e.Key, e.Params)
		v.Errors[e.Path] = text
		v.List = append(v.List, ui.ErrorItem{Field: cmp.Or(map[string]string{"tags": "good"}[e.Path], e.Path), Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, ratePage(v))
}

// via tells the channel 移动服务端 from PC端 by what the browser says of itself.
func via(r *http.Request) string {
	if r.Header.Get("Sec-CH-UA-Mobile") == "?1" {
		return "mobile"
	}
	return "pc"
}
