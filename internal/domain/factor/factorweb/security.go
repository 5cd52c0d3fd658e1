package factorweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
)

type overviewView struct {
	factor.Methods
	Desk, Passkeys, Takes bool // staff; this address can have passkeys; certificates are taken
	Done                  string
}

func (h handlers) overview(w http.ResponseWriter, r *http.Request) error {
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return err
	}
	v := overviewView{Methods: m, Desk: actor(r).StaffID != "", Passkeys: h.s.HasPasskeys(), Takes: h.s.TakesCertificates()}
	if key := "factor.done_" + r.URL.Query().Get("done"); i18n.Has(key) {
		v.Done = t(r.Context(), key)
	}
	return web.Render(w, r, overviewPage(v))
}

type passwordView struct {
	Sign, Desk, Has bool // the signing password; staff; there is one
	Query           string
	problems
}

func (v passwordView) base() string {
	if v.Sign {
		return "/my/security/sign-password"
	}
	return "/my/security/password"
}

func (h handlers) passwordView(r *http.Request, sign bool) (passwordView, error) {
	m, err := h.s.Methods(r.Context(), owner(r))
	v := passwordView{Sign: sign, Desk: actor(r).StaffID != "", Has: m.Password, Query: query(r)}
	if sign {
		v.Has = m.SignPassword
	}
	return v, err
}

func (h handlers) passwordPage(w http.ResponseWriter, r *http.Request) error {
	if actor(r).StaffID != "" {
		return web.SeeOther(w, r, "/my/password")
	}
	v, err := h.passwordView(r, false)
	if err != nil {
		return err
	}
	return web.Render(w, r, passwordPage(v))
}

func (h handlers) signPasswordPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.passwordView(r, true)
	if err != nil {
		return err
	}
	return web.Render(w, r, passwordPage(v))
}

func (h handlers) password(w http.ResponseWriter, r *http.Request) error {
	if actor(r).StaffID != "" { // their own page asks for the old one
		return errs.New(errs.Forbidden, "factor.staff_password")
	}
	return h.changePassword(w, r, false, "password", h.setPassword)
}

func (h handlers) signPassword(w http.ResponseWriter, r *http.Request) error {
	return h.changePassword(w, r, true, "sign_password", func(ctx context.Context, a authz.Actor, related []string, password string) error {
		return h.s.SetSignPassword(ctx, a, a.Name(), related, password)
	})
}

func (h handlers) setPassword(ctx context.Context, a authz.Actor, related []string, password string) error {
	if h.SetPassword != nil {
		return h.SetPassword(ctx, a, related, password)
	}
	return h.s.SetPassword(ctx, a, a.Name(), related, password)
}

func (h handlers) changePassword(w http.ResponseWriter, r *http.Request, sign bool, what string, set func(context.Context, authz.Actor, []string, string) error) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	who, err := h.who(r)
	if err != nil {
		return err
	}
	field := "password"
	if f.Get("password") != f.Get("repeat") {
		field, err = "repeat", errs.New(errs.Invalid, "factor.password_repeat")
	} else {
		err = set(r.Context(), actor(r), who.Related, f.Get("password"))
	}
	if err == nil && !sign && h.EndOthers != nil {
		err = h.EndOthers(r.Context(), actor(r))
	}
	if err != nil {
		v, e := h.passwordView(r, sign)
		if e != nil {
			return e
		}
		return again(w, r, err, field, func(p problems) templ.Component { v.problems = p; return passwordPage(v) })
	}
	return done(w, r, what)
}

func (h handlers) removePassword(w http.ResponseWriter, r *http.Request) error {
	if actor(r).StaffID != "" {
		return errs.New(errs.Forbidden, "factor.staff_password")
	}
	if err := h.s.RemovePassword(r.Context(), actor(r), owner(r)); err != nil {
		return err
	}
	return done(w, r, "removed")
}

func (h handlers) removeSignPassword(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.RemoveSignPassword(r.Context(), actor(r), owner(r)); err != nil {
		return err
	}
	return done(w, r, "removed")
}

type recoveryView struct {
	Desk  bool
	Left  int
	Codes []string // shown once, on the answer that made them
}

func (h handlers) recoveryPage(w http.ResponseWriter, r *http.Request) error {
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, recoveryPage(recoveryView{Desk: actor(r).StaffID != "", Left: m.RecoveryLeft}))
}

// recovery answers with the codes themselves, not with a redirect: they exist in this one answer only.
func (h handlers) recovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := h.s.NewRecoveryCodes(r.Context(), actor(r), owner(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, recoveryPage(recoveryView{Desk: actor(r).StaffID != "", Left: len(codes), Codes: codes}))
}
