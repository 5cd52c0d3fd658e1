package identityweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/engine/cnid"
)

type phoneView struct {
	Phone, Next string
	problems
}

type codeView struct {
	Ticket, Phone, Next string
	problems
}

type loginView struct {
	Login, Next string
	problems
}

type nameView struct {
	Name, Number, Next string
	Done               bool // already confirmed
	problems
}

func to(path, next string, more ...string) string {
	q := url.Values{"next": {next}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return path + "?" + q.Encode()
}

// again shows the same page with what is wrong, or passes the error on if the page cannot say it.
func again(w http.ResponseWriter, r *http.Request, err error, page func(problems) templ.Component) error {
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	return web.RenderStatus(w, r, web.StatusOf(err), page(p))
}

func (h *Handler) phonePage(w http.ResponseWriter, r *http.Request) error {
	if authz.From(r.Context()).Signed() {
		return web.SeeOther(w, r, next(r, "/"))
	}
	return web.Render(w, r, phonePage(phoneView{Next: next(r, "/my")}))
}

func (h *Handler) phone(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := phoneView{Phone: f.Get("phone"), Next: next(r, "/my")}
	if known := h.s.PhoneOf(f.Get("t")); known != "" { // "send again" on the second page
		v.Phone = known
	}
	ticket, err := h.s.PhoneTicket(v.Phone)
	if err == nil {
		err = h.s.RequestCode(r.Context(), v.Phone, web.Origin(r))
	}
	switch {
	case err == nil:
		return web.SeeOther(w, r, to("/sign-in/code", v.Next, "t", ticket))
	case errs.Is(err, "identity.code_wait"): // the code of a moment ago is still good
		return again(w, r, err, func(p problems) templ.Component {
			return codePage(codeView{Ticket: ticket, Phone: cnid.MaskPhone(v.Phone), Next: v.Next, problems: p})
		})
	}
	return again(w, r, err, func(p problems) templ.Component { v.problems = p; return phonePage(v) })
}

func (h *Handler) codeOf(r *http.Request) codeView {
	v := codeView{Ticket: r.FormValue("t"), Next: next(r, "/my")}
	v.Phone = cnid.MaskPhone(h.s.PhoneOf(v.Ticket))
	return v
}

func (h *Handler) codePage(w http.ResponseWriter, r *http.Request) error {
	v := h.codeOf(r)
	if v.Phone == "" {
		return web.SeeOther(w, r, to("/sign-in", v.Next))
	}
	return web.Render(w, r, codePage(v))
}

func (h *Handler) code(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := h.codeOf(r)
	if v.Phone == "" {
		return web.SeeOther(w, r, to("/sign-in", v.Next))
	}
	token, err := h.s.SignInWithCode(r.Context(), h.s.PhoneOf(v.Ticket), f.Get("code"), web.Origin(r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return codePage(v) })
	}
	if err := h.begin(w, r, token); err != nil {
		return err
	}
	a, err := h.s.Actor(r.Context(), token)
	if err != nil {
		return err
	}
	if a.Level < levelChecked {
		return web.SeeOther(w, r, to("/sign-in/verify-name", v.Next))
	}
	return web.SeeOther(w, r, v.Next)
}

func (h *Handler) namePage(w http.ResponseWriter, r *http.Request) error {
	a := authz.From(r.Context())
	return web.Render(w, r, namePage(nameView{Next: next(r, "/my"), Done: a.Level >= levelChecked}))
}

func (h *Handler) verifyName(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := nameView{Name: f.Get("name"), Number: f.Get("number"), Next: next(r, "/my")}
	token, err := h.s.VerifyName(r.Context(), authz.From(r.Context()), v.Name, v.Number)
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return namePage(v) })
	}
	h.SetSession(w, token)
	return web.SeeOther(w, r, v.Next)
}

func (h *Handler) loginPage(w http.ResponseWriter, r *http.Request) error {
	if authz.From(r.Context()).StaffID != "" {
		return web.SeeOther(w, r, next(r, "/desk"))
	}
	return web.Render(w, r, loginPage(loginView{Next: next(r, "/desk")}))
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := loginView{Login: f.Get("login"), Next: next(r, "/desk")}
	ticket, err := h.s.SignInStaff(r.Context(), v.Login, f.Get("password"), web.Origin(r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return loginPage(v) })
	}
	return web.SeeOther(w, r, to("/sign-in/staff/code", v.Next, "t", ticket))
}

func (h *Handler) staffCodeOf(r *http.Request) codeView {
	ticket := r.FormValue("t")
	return codeView{Ticket: ticket, Phone: h.s.StaffPhone(r.Context(), ticket), Next: next(r, "/desk")}
}

func (h *Handler) staffCodePage(w http.ResponseWriter, r *http.Request) error {
	v := h.staffCodeOf(r)
	if !strings.Contains(v.Ticket, ".") {
		return web.SeeOther(w, r, to("/sign-in/staff", v.Next))
	}
	return web.Render(w, r, staffCodePage(v))
}

func (h *Handler) staffCode(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := h.staffCodeOf(r)
	token, mustChange, err := h.s.ConfirmStaff(r.Context(), v.Ticket, f.Get("code"), web.Origin(r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return staffCodePage(v) })
	}
	if err := h.begin(w, r, token); err != nil {
		return err
	}
	if mustChange {
		return web.SeeOther(w, r, to("/my/password", v.Next))
	}
	return web.SeeOther(w, r, v.Next)
}

func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	if token := h.cookie(r); token != "" {
		if err := h.s.SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	h.SetSession(w, "")
	return web.SeeOther(w, r, "/")
}

// extend answers the script that asks whether somebody is still there, and a form without scripts by going back to its page.
func (h *Handler) extend(w http.ResponseWriter, r *http.Request) error {
	ends, err := h.s.Extend(r.Context(), authz.From(r.Context()))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]int64{"session_ends_ms": ends.UnixMilli()})
}
