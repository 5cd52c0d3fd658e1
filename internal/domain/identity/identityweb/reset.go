package identityweb

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

// resetRoutes are for the security officer whose colleague lost a telephone or key; who reaches whom is the organisation's rule.
func (h *Handler) resetRoutes() []web.Route {
	return []web.Route{
		web.To("GET /admin/staff/{id}/reset", authz.StaffAdmin, h.resetPage),
		web.To("POST /admin/staff/{id}/reset", authz.StaffAdmin, h.reset, web.PerMinute(30)),
	}
}

type resetView struct {
	ID, Name  string
	Done      bool
	Password  string // shown once, on the answer that made it; empty when the directory has the password
	Directory bool
	problems
}

func (v resetView) back() string { return "/admin/staff/" + url.PathEscape(v.ID) }

func (h *Handler) resetView(r *http.Request) (resetView, error) {
	id := r.PathValue("id")
	name, err := h.s.ResettableStaff(r.Context(), authz.From(r.Context()), id)
	return resetView{ID: id, Name: name}, err
}

func (h *Handler) resetPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.resetView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, resetPage(v))
}

// reset answers with the page itself, not with a redirect: the password exists in this one answer only.
func (h *Handler) reset(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := h.resetView(r)
	if err != nil {
		return err
	}
	if h.s.Fresh(authz.From(ctx), freshFor) != nil {
		return web.SeeOther(w, r, freshHref(v.back()+"/reset"))
	}
	if v.Password, err = h.s.ResetStaff(ctx, authz.From(ctx), v.ID); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return resetPage(v) })
	}
	v.Done, v.Directory = true, v.Password == ""
	return web.Render(w, r, resetPage(v))
}
