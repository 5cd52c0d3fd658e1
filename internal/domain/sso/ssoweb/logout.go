package ssoweb

import (
	"net/http"
	"net/url"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
)

// logoutParams are the parameters of RP-Initiated Logout 1.0 §2 that are looked at.
var logoutParams = []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}

type logoutView struct {
	Name   string
	Hidden []ui.KV
}

// logout signs somebody out because a system asks. Only when the request proves that it comes from a system this very session signed in to is
// nobody asked.
func (h handlers) logout(w http.ResponseWriter, r *http.Request) error {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	l, err := h.readLogout(r, v)
	if err != nil {
		return err
	}
	a := actor(r)
	switch {
	case a.SessionID == "":
	case h.svc.Of(l, a):
		if err := h.EndSession(r.Context(), a); err != nil {
			return err
		}
	default:
		return web.Render(w, r, logoutPage(logoutView{Name: l.Client.Name, Hidden: kept(v)}))
	}
	if l.Redirect == "" {
		return web.Render(w, r, outPage())
	}
	quiet(w)
	http.Redirect(w, r, l.Redirect, http.StatusSeeOther)
	return nil
}

func (h handlers) readLogout(r *http.Request, v url.Values) (sso.Logout, error) {
	l, err := h.svc.ReadLogout(r.Context(), v)
	if e := sso.AsError(err); e != nil {
		return l, errs.Wrap(err, errs.BadRequest, "sso.logout_bad")
	}
	return l, err
}

func kept(v url.Values) []ui.KV {
	var out []ui.KV
	for _, k := range logoutParams {
		if v.Get(k) != "" {
			out = append(out, ui.KV{Key: k, Value: v.Get(k)})
		}
	}
	return out
}

// logoutPosted turns a posted request into a GET of ours: a post from elsewhere carries no session cookie, so it could end nothing.
func (h handlers) logoutPosted(w http.ResponseWriter, r *http.Request) error {
	c, err := call(r)
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	q := url.Values{}
	for _, kv := range kept(c.Form) {
		q.Set(kv.Key, kv.Value)
	}
	return web.SeeOther(w, r, sso.PathLogout+"?"+q.Encode())
}

// logoutConfirmed is the person's yes.
func (h handlers) logoutConfirmed(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	l, err := h.readLogout(r, f)
	if err != nil {
		return err
	}
	if a := actor(r); a.SessionID != "" {
		if err := h.EndSession(r.Context(), a); err != nil {
			return err
		}
	}
	if l.Redirect == "" {
		return web.Render(w, r, outPage())
	}
	return h.goOn(w, r, l.Redirect)
}
