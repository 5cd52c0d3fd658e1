package identityweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// ways is what a page needs to offer the other ways to sign in.
type ways struct {
	Here         string // the page's own way
	Next         string
	Certificates bool
	NoPasskeys   bool
	Providers    []Provider
}

type wayLink struct {
	href, label, hint string
	post              bool
}

func (h *Handler) ways(ctx context.Context, here, next string) ways {
	w := ways{Here: here, Next: next, Certificates: h.cfg.Certificates, NoPasskeys: h.cfg.NoPasskeys}
	if h.cfg.Providers != nil {
		w.Providers = h.cfg.Providers(ctx)
	}
	return w
}

func waysOf(ctx context.Context, v ways) []wayLink {
	var out []wayLink
	for _, w := range []struct {
		key, path string
		post      bool
	}{
		{identity.WaySMS, "/sign-in", false},
		{identity.WayPasskey, "/sign-in/passkey", false},
		{identity.WayPassword, "/sign-in/password", false},
		{"qr", "/sign-in/qr", true},
		{identity.WayCertificate, "/sign-in/certificate", false},
	} {
		if w.key == v.Here || w.key == identity.WayCertificate && !v.Certificates || w.key == identity.WayPasskey && v.NoPasskeys {
			continue
		}
		l := wayLink{href: to(w.path, v.Next), label: t(ctx, "identityweb.by_"+w.key), hint: t(ctx, "identityweb.by_"+w.key+"_hint"), post: w.post}
		if w.post {
			l.href = w.path
		}
		out = append(out, l)
	}
	for _, p := range v.Providers {
		out = append(out, wayLink{href: to("/sign-in/with/"+url.PathEscape(p.Key), v.Next), label: t(ctx, "identityweb.by_provider", errs.P{"name": p.Name})})
	}
	return out
}

type phoneView struct {
	Phone, Next string
	Who         string // who is signed in already
	ways
	problems
}

// fresh tells the link to the staff page whether signing in is asked for though somebody is signed in.
func (v phoneView) fresh() string {
	if v.Who != "" {
		return "1"
	}
	return ""
}

type codeView struct {
	Ticket, Phone, Next string
	problems
}

type passwordSignInView struct {
	Phone, Next string
	ways
	problems
}

type loginView struct {
	Login, Next string
	Who         string
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
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	return path + "?" + q.Encode()
}

// again shows the same page with what is wrong, or passes the error on if the page cannot say it.
func again(w http.ResponseWriter, r *http.Request, err error, page func(problems) templ.Component) error {
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	retryAfter(w, err)
	return web.RenderStatus(w, r, web.StatusOf(err), page(p))
}

// retryAfter tells programs how long a limit lasts; the page says it in words.
func retryAfter(w http.ResponseWriter, err error) {
	if e := errs.As(err); e != nil && e.Kind == errs.TooMany {
		if sec, ok := e.Params["seconds"].(int); ok && sec > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(sec))
		}
	}
}

// already reports whether somebody is signed in and nobody asked to sign in anew (fresh=1: prompt=login, or another account).
func already(r *http.Request) bool {
	return authz.From(r.Context()).Signed() && r.URL.Query().Get("fresh") != "1"
}

func (h *Handler) nameOf(ctx context.Context) string {
	a := authz.From(ctx)
	switch {
	case a.StaffID != "":
		return h.s.StaffName(ctx, a.StaffID)
	case a.PersonID != "":
		return h.s.MaskedName(ctx, a.PersonID)
	}
	return ""
}

func (h *Handler) phonePage(w http.ResponseWriter, r *http.Request) error {
	if already(r) {
		return web.SeeOther(w, r, next(r, "/"))
	}
	ctx := r.Context()
	to := next(r, "/my")
	return web.Render(w, r, phonePage(phoneView{Next: to, Who: h.nameOf(ctx), ways: h.ways(ctx, identity.WaySMS, to)}))
}

func (h *Handler) phone(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := phoneView{Phone: f.Get("phone"), Next: next(r, "/my")}
	v.ways = h.ways(r.Context(), identity.WaySMS, v.Next)
	if known := h.s.PhoneOf(f.Get("t")); known != "" { // "send again" on the second page
		v.Phone = known
	}
	ticket, err := h.s.PhoneTicket(v.Phone)
	if err == nil {
		err = h.s.RequestCode(r.Context(), v.Phone, h.from(w, r))
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
	in, err := h.s.SignInWithCode(r.Context(), h.s.PhoneOf(v.Ticket), f.Get("code"), h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return codePage(v) })
	}
	return h.done(w, r, in, v.Next)
}

func (h *Handler) passwordSignInPage(w http.ResponseWriter, r *http.Request) error {
	to := next(r, "/my")
	return web.Render(w, r, passwordSignIn(passwordSignInView{Next: to, ways: h.ways(r.Context(), identity.WayPassword, to)}))
}

func (h *Handler) passwordSignIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := passwordSignInView{Phone: f.Get("phone"), Next: next(r, "/my")}
	v.ways = h.ways(r.Context(), identity.WayPassword, v.Next)
	in, err := h.s.SignInWithPassword(r.Context(), v.Phone, f.Get("password"), h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return passwordSignIn(v) })
	}
	return h.done(w, r, in, v.Next)
}

// done gives the browser its session and leads on, or to the second factor that is still needed.
func (h *Handler) done(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error {
	where, err := h.lead(w, r, in, next)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, where)
}

// Finish ends a sign-in that another room began: it gives the browser its session and leads on, or to what is still needed.
func (h *Handler) Finish(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error {
	return h.done(w, r, in, next)
}

// lead is where somebody goes who has proved themself: on, by way of what must be done first.
func (h *Handler) lead(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) (string, error) {
	if in.Token == "" {
		return secondHref(in, next), nil
	}
	if err := h.begin(w, r, in.Token); err != nil {
		return "", err
	}
	a, err := h.s.Actor(r.Context(), in.Token)
	if err != nil {
		return "", err
	}
	if in.MustEnrol {
		next = to("/my/security", next, "enrol", "1")
	}
	if !in.Staff && a.Level < levelChecked {
		next = to("/sign-in/verify-name", next)
	}
	switch {
	case in.MustChange && in.Staff:
		return to("/my/password", next), nil
	case in.MustChange:
		return to("/my/security/password", next), nil
	}
	return next, nil
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
	if authz.From(r.Context()).StaffID != "" && already(r) {
		return web.SeeOther(w, r, next(r, "/desk"))
	}
	return web.Render(w, r, loginPage(loginView{Next: next(r, "/desk"), Who: h.nameOf(r.Context())}))
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := loginView{Login: f.Get("login"), Next: next(r, "/desk")}
	in, err := h.s.SignInStaff(r.Context(), v.Login, f.Get("password"), h.from(w, r))
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return loginPage(v) })
	}
	in.Staff = true
	return h.done(w, r, in, v.Next)
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

// answerField asks for the answer of a second factor.
func answerField(ctx context.Context, method, problem string) ui.FormField {
	f := ui.FormField{Name: "code", Kind: "code", Required: true, Error: problem, MaxLength: 12}
	switch method {
	case identity.WayTOTP:
		f.Label, f.Hint = t(ctx, "identityweb.totp_label"), t(ctx, "identityweb.totp_hint")
	case identity.WayRecovery:
		f.Kind, f.MaxLength, f.Autocomplete = "text", 40, "off"
		f.Label, f.Hint = t(ctx, "identityweb.recovery_label"), t(ctx, "identityweb.recovery_hint")
	default:
		f.Label, f.Hint = t(ctx, "identity.code_label"), t(ctx, "identity.code_hint")
	}
	return f
}
