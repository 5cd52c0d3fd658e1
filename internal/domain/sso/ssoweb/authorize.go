package ssoweb

import (
	"net/http"
	"net/url"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
)

// authorize is where a system sends somebody to sign in. With a session, and nothing to ask, it answers at once and writes nothing.
func (h handlers) authorize(w http.ResponseWriter, r *http.Request) error {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	rq, err := h.svc.Read(r.Context(), v)
	if e := sso.AsError(err); e != nil {
		return h.send(w, r, h.svc.Refuse(rq, e))
	}
	if err != nil {
		return err
	}
	st, err := h.svc.Decide(r.Context(), actor(r), sso.Parked{Request: rq})
	if err != nil {
		return err
	}
	if st.Next == sso.Done {
		return h.send(w, r, st.Answer)
	}
	h.speak(w, r, rq.Lang)
	p, err := h.svc.Park(r.Context(), rq)
	if err != nil {
		return err
	}
	return h.lead(w, r, p, st)
}

// authorizePosted turns a posted request into one of our own site: a post from elsewhere carries no session cookie.
func (h handlers) authorizePosted(w http.ResponseWriter, r *http.Request) error {
	c, err := call(r)
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	rq, err := h.svc.Read(r.Context(), c.Form)
	if e := sso.AsError(err); e != nil {
		return h.leave(w, r, h.svc.Refuse(rq, e))
	}
	if err != nil {
		return err
	}
	h.speak(w, r, rq.Lang)
	p, err := h.svc.Park(r.Context(), rq)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, sso.PathResume+p.ID)
}

// speak takes up the language a system asks for, unless the person has chosen one.
func (h handlers) speak(w http.ResponseWriter, r *http.Request, lang string) {
	if _, err := r.Cookie("lang"); err == nil || lang == "" {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: h.HTTPS}) //nolint:gosec // Secure wherever the site is reached by https
}

// resume takes a parked request up again after a sign-in, a step up or a consent.
func (h handlers) resume(w http.ResponseWriter, r *http.Request) error {
	p, err := h.svc.Parked(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	st, err := h.svc.Decide(r.Context(), actor(r), p)
	if err != nil {
		return err
	}
	if st.Next != sso.Done {
		return h.lead(w, r, p, st)
	}
	if err := h.svc.Finish(r.Context(), p); err != nil {
		return err
	}
	return h.leave(w, r, st.Answer)
}

// lead sends the person to what is missing; from there they come back to resume.
func (h handlers) lead(w http.ResponseWriter, r *http.Request, p sso.Parked, st sso.Step) error {
	q := url.Values{"next": {sso.PathResume + p.ID}}
	page := "/sign-in"
	if st.Staff {
		page = "/sign-in/staff"
	}
	switch st.Next {
	case sso.StepUp:
		if err := h.svc.Stepped(r.Context(), p); err != nil {
			return err
		}
		page = "/sign-in/step-up"
		q.Set("level", strconv.Itoa(st.Level))
	case sso.AskConsent:
		return web.SeeOther(w, r, sso.PathConsent+p.ID)
	case sso.Fresh:
		q.Set("fresh", "1")
	}
	if p.Request.LoginHint != "" && st.Next != sso.StepUp && len(p.Request.LoginHint) <= 200 {
		q.Set("login_hint", p.Request.LoginHint)
	}
	return web.SeeOther(w, r, page+"?"+q.Encode())
}

// send answers a request that came by GET from the system: a redirect, or the form.
func (h handlers) send(w http.ResponseWriter, r *http.Request, a sso.Answer) error {
	if a.Mode == sso.ByForm {
		return h.post(w, r, a)
	}
	quiet(w)
	http.Redirect(w, r, a.URL(), http.StatusSeeOther)
	return nil
}

// leave answers after a form of ours: a page that leads on by itself, because a redirect would count as sending our form elsewhere.
func (h handlers) leave(w http.ResponseWriter, r *http.Request, a sso.Answer) error {
	if a.Mode == sso.ByForm {
		return h.post(w, r, a)
	}
	return h.goOn(w, r, a.URL())
}

func (h handlers) goOn(w http.ResponseWriter, r *http.Request, to string) error {
	quiet(w)
	w.Header().Set("Refresh", "0; url="+to)
	return web.Render(w, r, leavePage(leaveView{To: to, Host: hostOf(to)}))
}

func (h handlers) post(w http.ResponseWriter, r *http.Request, a sso.Answer) error {
	quiet(w)
	web.AllowForm(w, originOf(a.Redirect))
	return web.Render(w, r, postPage(postView{To: a.Redirect, Host: hostOf(a.Redirect), Params: sorted(a.Params)}))
}

// quiet keeps codes out of caches and of the next site's referrer.
func quiet(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
