package identityweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
)

// Config is what the pages need.
type Config struct {
	Service *identity.Service
	// HTTPS says that the site is reached by https only: the cookie is then __Host-session.
	HTTPS bool
	// CaseHref is where a person sees a case; nil = /my/cases/{id}.
	CaseHref func(id string) string
}

// Handler serves the pages.
type Handler struct {
	s    *identity.Service
	cfg  Config
	name string
}

// New makes the handler.
func New(c Config) *Handler {
	h := &Handler{s: c.Service, cfg: c, name: "session"}
	if c.HTTPS {
		h.name = "__Host-session"
	}
	if c.CaseHref == nil {
		h.cfg.CaseHref = func(id string) string { return "/my/cases/" + id }
	}
	return h
}

// Routes is the room's part of the route table.
func (h *Handler) Routes() []web.Route {
	return []web.Route{
		web.To("GET /sign-in", authz.Public, h.phonePage),
		web.To("POST /sign-in", authz.Public, h.phone, web.PerMinute(120)),
		web.To("GET /sign-in/code", authz.Public, h.codePage),
		web.To("POST /sign-in/code", authz.Public, h.code, web.PerMinute(120)),
		web.To("GET /sign-in/staff", authz.Public, h.loginPage),
		web.To("POST /sign-in/staff", authz.Public, h.login, web.PerMinute(60)),
		web.To("GET /sign-in/staff/code", authz.Public, h.staffCodePage),
		web.To("POST /sign-in/staff/code", authz.Public, h.staffCode, web.PerMinute(60)),
		web.To("GET /sign-in/verify-name", authz.PersonSelf, h.namePage),
		web.To("POST /sign-in/verify-name", authz.PersonSelf, h.verifyName, web.PerMinute(60)),
		web.To("POST /sign-out", authz.Public, h.signOut),
		web.To("POST /session/extend", authz.SignedIn, h.extend),
		web.To("GET /my/identity", authz.PersonSelf, h.identity),
		web.To("POST /my/act-for", authz.PersonSelf, h.actFor),
		web.To("GET /my/access", authz.PersonSelf, h.access),
		web.To("GET /my/tokens", authz.SignedIn, h.tokens),
		web.To("POST /my/tokens", authz.SignedIn, h.createToken),
		web.To("POST /my/tokens/{id}/revoke", authz.SignedIn, h.revokeToken),
		web.To("GET /my/password", authz.StaffSelf, h.passwordPage),
		web.To("POST /my/password", authz.StaffSelf, h.password, web.PerMinute(60)),
		web.To("GET /resume/{token}", authz.SignedIn, h.resume),
	}
}

// Actor tells who is asking; it is web.Config.Actor. An access token counts for the API only, a cookie everywhere.
func (h *Handler) Actor(r *http.Request) (authz.Actor, error) {
	if head := r.Header.Get("Authorization"); head != "" && strings.HasPrefix(r.URL.Path, "/api/") {
		scheme, token, _ := strings.Cut(head, " ")
		if !strings.EqualFold(scheme, "Bearer") || !identity.IsAccessToken(strings.TrimSpace(token)) {
			return authz.Actor{}, nil // never fall back to the cookie: the caller meant the token
		}
		return h.s.Actor(r.Context(), strings.TrimSpace(token))
	}
	token := h.cookie(r)
	if identity.IsAccessToken(token) {
		return authz.Actor{}, nil
	}
	return h.s.Actor(r.Context(), token)
}

func (h *Handler) cookie(r *http.Request) string {
	c, err := r.Cookie(h.name)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession gives the browser a session's token; an empty one takes it away. The cookie lives as long as the browser, so that the page after
// a session's end still knows whose it was.
func (h *Handler) SetSession(w http.ResponseWriter, token string) {
	c := &http.Cookie{Name: h.name, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: h.cfg.HTTPS}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// begin ends the browser's earlier session and gives it the new one.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, token string) error {
	if old := h.cookie(r); old != "" {
		if err := h.s.SignOut(r.Context(), old); err != nil {
			return err
		}
	}
	h.SetSession(w, token)
	return nil
}

// Shell fills in what identity knows of the page's surroundings: who is signed in, until when, and where to sign in and out.
func (h *Handler) Shell(ctx context.Context, s *ui.Shell) error {
	s.SignInURL, s.SignOutURL, s.ExtendURL = "/sign-in", "/sign-out", "/session/extend"
	a := authz.From(ctx)
	if !a.Signed() {
		return nil
	}
	ends, err := h.s.SessionEnds(ctx, a)
	if err != nil {
		return err
	}
	if !ends.IsZero() {
		s.SessionEndsMS = ends.UnixMilli()
	}
	s.User, err = h.user(ctx, a)
	return err
}

func (h *Handler) user(ctx context.Context, a authz.Actor) (*ui.ShellUser, error) {
	if a.StaffID != "" {
		u := &ui.ShellUser{Name: h.s.StaffName(ctx, a.StaffID), Home: "/desk", Desk: true}
		if len(a.Roles) > 0 {
			u.Role = roleName(ctx, a.Roles[0])
		}
		return u, nil
	}
	u := &ui.ShellUser{Name: h.s.MaskedName(ctx, a.PersonID), Home: "/my"}
	if a.FirmID == "" {
		return u, nil
	}
	f, err := h.s.Firm(ctx, a.FirmID)
	u.ActingFor = f.Name
	return u, err
}

func roleName(ctx context.Context, r authz.Role) string { return t(ctx, "identity.role_"+string(r)) }

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

var china = time.FixedZone("Asia/Shanghai", 8*60*60)

func minute(at time.Time) string { return at.In(china).Format("2006-01-02 15:04") }

func day(at time.Time) string { return at.In(china).Format(time.DateOnly) }

// next is where a form or link says to go on; other sites and nothing become the given page.
func next(r *http.Request, otherwise string) string {
	if to := r.FormValue("next"); to != "" {
		if local := web.LocalPath(to); local != "/" || to == "/" {
			return local
		}
	}
	return otherwise
}

// problems is what a form page shows of an error.
type problems struct {
	List   []ui.ErrorItem
	fields map[string]string
}

// of gives the words beside a field.
func (p problems) of(field string) string { return p.fields[field] }

// explain turns an error a person can do something about into words for the same page; ok is false for the others.
func explain(ctx context.Context, err error) (p problems, ok bool) {
	e := errs.As(err)
	if e == nil || e.Kind == errs.Internal || e.Kind == errs.Unauthorized {
		return p, false
	}
	p.fields = map[string]string{}
	for _, f := range e.Fields {
		words := t(ctx, f.Key, f.Params)
		p.fields[f.Path] = words
		p.List = append(p.List, ui.ErrorItem{Field: f.Path, Text: words})
	}
	if len(e.Fields) == 0 {
		p.List = append(p.List, ui.ErrorItem{Text: t(ctx, e.Key, e.Params)})
	}
	return p, true
}
