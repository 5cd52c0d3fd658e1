package identityweb

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
)

type tokensView struct {
	Tokens     []identity.Token
	Name, Days string
	Secret     string // shown once, on the answer that made it
	Done       string
	Desk       bool
	problems
}

func (h *Handler) tokensView(r *http.Request) (tokensView, error) {
	a := authz.From(r.Context())
	ts, err := h.s.Tokens(r.Context(), a)
	v := tokensView{Tokens: ts, Days: "90", Desk: a.StaffID != ""}
	if r.URL.Query().Get("done") == "revoked" {
		v.Done = t(r.Context(), "identity.token_revoked")
	}
	return v, err
}

func (h *Handler) tokens(w http.ResponseWriter, r *http.Request) error {
	v, err := h.tokensView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, tokensPage(v))
}

// createToken answers with the page itself, not with a redirect: the secret exists in this one answer only.
func (h *Handler) createToken(w http.ResponseWriter, r *http.Request) error {
	if h.s.Fresh(authz.From(r.Context()), freshFor) != nil {
		return web.SeeOther(w, r, freshHref("/my/tokens"))
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(f.Get("days")) // what is no number is 0, which is refused
	_, secret, failed := h.s.CreateToken(r.Context(), authz.From(r.Context()), f.Get("name"), days)
	v, err := h.tokensView(r)
	if err != nil {
		return err
	}
	if failed != nil {
		v.Name, v.Days = f.Get("name"), f.Get("days")
		return again(w, r, failed, func(p problems) templ.Component { v.problems = p; return tokensPage(v) })
	}
	v.Secret = secret
	return web.Render(w, r, tokensPage(v))
}

func (h *Handler) revokeToken(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.RevokeToken(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/tokens?done=revoked")
}

type passwordView struct {
	Next string
	Done string
	problems
}

func (h *Handler) passwordPage(w http.ResponseWriter, r *http.Request) error {
	if authz.From(r.Context()).StaffID == "" { // people have no password
		return errs.New(errs.NotFound, "base.not_found")
	}
	v := passwordView{Next: next(r, "/desk")}
	if r.URL.Query().Get("done") != "" {
		v.Done = t(r.Context(), "identity.password_done")
	}
	return web.Render(w, r, passwordPage(v))
}

func (h *Handler) password(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := passwordView{Next: next(r, "/desk")}
	if f.Get("password") != f.Get("repeat") {
		err = &errs.E{Kind: errs.Invalid, Key: "base.invalid", Params: errs.P{"n": 1}, Fields: []errs.Field{{Path: "repeat", Key: "identity.password_repeat"}}}
	} else {
		err = h.s.ChangePassword(r.Context(), authz.From(r.Context()), f.Get("old"), f.Get("password"))
	}
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return passwordPage(v) })
	}
	return web.SeeOther(w, r, to("/my/password", v.Next, "done", "1"))
}
