package mandateweb

import (
	"net/http"

	"github.com/a-h/templ"

	"tongban/internal/base/web"
	"tongban/internal/domain/mandate"
	"tongban/internal/engine/cnid"
)

type guardianView struct {
	Name, Number string
	problems
}

func (h *Handler) guardianPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, guardianPage(guardianView{}))
}

func (h *Handler) guardian(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := guardianView{Name: f.Get("name"), Number: f.Get("number")}
	m, err := h.s.AskGuardian(r.Context(), actor(r), v.Name, v.Number)
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return guardianPage(v) })
	}
	return web.SeeOther(w, r, "/my/mandates/"+m.ID+"?done=proved")
}

// maskedOf is the number or phone by which somebody was named, masked.
func maskedOf(n mandate.Named) string {
	if n.Number != "" {
		return cnid.MaskID(n.Number)
	}
	return cnid.MaskPhone(n.Phone)
}
