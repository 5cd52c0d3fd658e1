package ratingweb

import (
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/rating"
)

func (h handlers) desk(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := deskView{Done: q.Get("done") == "1", Now: h.svc.Now()}
	var err error
	v.BadPage, err = h.svc.BadRatings(r.Context(), actor(r), rating.BadFilter{Done: v.Done, After: q.Get("after")})
	if err != nil {
		return err
	}
	return web.Render(w, r, deskPage(v))
}

func (h handlers) bad(w http.ResponseWriter, r *http.Request) error {
	b, err := h.svc.BadRating(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, badPage(badView{BadRating: b, Now: h.svc.Now()}))
}

func (h handlers) verify(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	return h.after(w, r, "", h.svc.Verify(r.Context(), actor(r), r.PathValue("id"), f.Get("finding")))
}

func (h handlers) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	return h.after(w, r, f.Get("answer"), h.svc.Answer(r.Context(), actor(r), r.PathValue("id"), f.Get("answer")))
}

// after leads back to the rating, or shows what is wrong beside what was typed.
func (h handlers) after(w http.ResponseWriter, r *http.Request, typed string, err error) error {
	id := r.PathValue("id")
	if err == nil {
		return web.SeeOther(w, r, "/desk/ratings/"+id)
	}
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	b, again := h.svc.BadRating(r.Context(), actor(r), id)
	if again != nil {
		return again
	}
	v := badView{BadRating: b, Now: h.svc.Now(), Typed: typed, Errors: map[string]string{}}
	for _, e := range errs.As(err).Fields {
		v.Errors[e.Path] = i18n.T(r.Context(), e.Key, e.Params)
		v.List = append(v.List, ui.ErrorItem{Field: e.Path, Text: v.Errors[e.Path]})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, badPage(v))
}

// figures is the public page: by agency, or by item of one agency.
func (h handlers) figures(w http.ResponseWriter, r *http.Request) error {
	v := figuresView{Agency: r.URL.Query().Get("agency")}
	var err error
	if v.Rows, err = h.svc.Figures(r.Context(), v.Agency); err != nil {
		return err
	}
	if v.Agency != "" {
		if len(v.Rows) == 0 {
			return errs.New(errs.NotFound, "rating.no_figures")
		}
		v.AgencyName = v.Rows[0].AgencyName
	}
	return web.Render(w, r, figuresPage(v))
}
