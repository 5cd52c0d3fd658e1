package identityweb

import (
	"context"
	"net/http"
	"slices"
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
	// PublicURL is the address people reach the site at; the code to scan and the face check lead back to it.
	PublicURL string
	// Providers are the outside providers one may sign in with; nil = none.
	Providers func(ctx context.Context) []Provider
	// StepProviders are those by which who is signed in can reach a level; nil = none.
	StepProviders func(ctx context.Context, level int) []Provider
	// Certificates offers signing in with a certificate: some authority is trusted here.
	Certificates bool
	// NoPasskeys leaves passkeys out: browsers offer them at names, over https or on localhost, and the address of this site is none of these.
	NoPasskeys bool
	// IssuerName names who vouches for a level: an agency's key or an outside provider's address; nil = as it is.
	IssuerName func(ctx context.Context, issuer string) string
	// ProxyCertificates says that the reverse proxy in front asks browsers for certificates and tells of them in the header Client-Cert (RFC
	// 9440), and that nobody else's header of that name gets here.
	ProxyCertificates bool
}

// Provider is an outside provider; /sign-in/with/{Key} leads to it.
type Provider struct{ Key, Name string }

// Handler serves the pages.
type Handler struct {
	s    *identity.Service
	cfg  Config
	name string
}

// New makes the handler.
func New(c Config) *Handler {
	h := &Handler{s: c.Service, cfg: c}
	h.name = h.prefixed("session")
	return h
}

// Routes is the room's part of the route table.
func (h *Handler) Routes() []web.Route {
	return slices.Concat(h.signInRoutes(), h.stepUpRoutes(), h.recoverRoutes(), h.myRoutes(), h.resetRoutes())
}

func (h *Handler) signInRoutes() []web.Route {
	return []web.Route{
		web.To("GET /sign-in", authz.Public, h.phonePage),
		web.To("POST /sign-in", authz.Public, h.phone, web.PerMinute(120)),
		web.To("GET /sign-in/code", authz.Public, h.codePage),
		web.To("POST /sign-in/code", authz.Public, h.code, web.PerMinute(120)),
		web.To("GET /sign-in/password", authz.Public, h.passwordSignInPage),
		web.To("POST /sign-in/password", authz.Public, h.passwordSignIn, web.PerMinute(120)),
		web.To("GET /sign-in/passkey", authz.Public, h.passkeyPage),
		web.To("POST /sign-in/passkey/begin", authz.Public, h.passkeyBegin, web.PerMinute(120)),
		web.To("POST /sign-in/passkey/finish", authz.Public, h.passkeyFinish, web.PerMinute(120)),
		web.To("GET /sign-in/certificate", authz.Public, h.certificatePage, web.PerMinute(120)),
		web.To("POST /sign-in/certificate", authz.Public, h.certificate, web.PerMinute(60)),
		web.To("GET /sign-in/certificate/tls", authz.Public, h.tlsPage),
		web.To("POST /sign-in/certificate/tls", authz.Public, h.tls, web.PerMinute(60)),
		web.To("GET /sign-in/qr", authz.Public, h.qr),
		web.To("GET /sign-in/qr/state", authz.Public, h.qrState),
		web.To("POST /sign-in/qr", authz.Public, h.startQR, web.PerMinute(60)),
		web.To("GET /sign-in/second", authz.Public, h.secondPage),
		web.To("POST /sign-in/second", authz.Public, h.second, web.PerMinute(120)),
		web.To("POST /sign-in/second/send", authz.Public, h.secondSend, web.PerMinute(60)),
		web.To("POST /sign-in/second/passkey/begin", authz.Public, h.secondPasskeyBegin, web.PerMinute(120)),
		web.To("POST /sign-in/second/passkey/finish", authz.Public, h.secondPasskeyFinish, web.PerMinute(120)),
		web.To("GET /sign-in/second/certificate", authz.Public, h.secondCertificatePage, web.PerMinute(120)),
		web.To("POST /sign-in/second/certificate", authz.Public, h.secondCertificate, web.PerMinute(60)),
		web.To("GET /sign-in/staff", authz.Public, h.loginPage),
		web.To("POST /sign-in/staff", authz.Public, h.login, web.PerMinute(60)),
		web.To("POST /sign-out", authz.Public, h.signOut),
		web.To("POST /session/extend", authz.SignedIn, h.extend),
		web.To("POST /session/lock", authz.Public, h.lock),
		web.To("GET /session/unlock", authz.Public, h.unlockPage),
		web.To("POST /session/unlock", authz.Public, h.unlock, web.PerMinute(60)),
		web.To("POST /session/unlock/passkey/begin", authz.Public, h.unlockPasskeyBegin, web.PerMinute(60)),
		web.To("POST /session/unlock/passkey/finish", authz.Public, h.unlockPasskeyFinish, web.PerMinute(60)),
	}
}

func (h *Handler) stepUpRoutes() []web.Route {
	return []web.Route{
		web.To("GET /approve", authz.PersonSelf, h.approveCodePage),
		web.To("POST /approve", authz.PersonSelf, h.approveCode),
		web.To("GET /approve/{code}", authz.PersonSelf, h.approvePage, web.PerMinute(120), web.Level(levelChecked)),
		web.To("POST /approve/{code}", authz.PersonSelf, h.approve, web.PerMinute(120), web.Level(levelChecked)),
		web.To("GET /sign-in/verify-name", authz.PersonSelf, h.namePage),
		web.To("POST /sign-in/verify-name", authz.PersonSelf, h.verifyName, web.PerMinute(60)),
		web.To("GET /sign-in/step-up", authz.SignedIn, h.stepUpPage),
		web.To("POST /sign-in/step-up", authz.SignedIn, h.stepUp, web.PerMinute(120)),
		web.To("POST /sign-in/step-up/send", authz.SignedIn, h.stepUpSend, web.PerMinute(60)),
		web.To("POST /sign-in/step-up/passkey/begin", authz.SignedIn, h.stepUpPasskeyBegin, web.PerMinute(120)),
		web.To("POST /sign-in/step-up/passkey/finish", authz.SignedIn, h.stepUpPasskeyFinish, web.PerMinute(120)),
		web.To("GET /sign-in/step-up/certificate", authz.SignedIn, h.stepUpCertificatePage, web.PerMinute(120)),
		web.To("POST /sign-in/step-up/certificate", authz.SignedIn, h.stepUpCertificate, web.PerMinute(60)),
		web.To("POST /sign-in/step-up/face", authz.PersonSelf, h.face, web.PerMinute(60)),
		web.To("GET /sign-in/face/back", authz.PersonSelf, h.faceBack, web.PerMinute(60)),
	}
}

func (h *Handler) recoverRoutes() []web.Route {
	return []web.Route{
		web.To("GET /sign-in/recover", authz.Public, h.recoverPage),
		web.To("POST /sign-in/recover", authz.Public, h.recover, web.PerMinute(60)),
		web.To("GET /sign-in/recover/prove", authz.Public, h.provePage),
		web.To("POST /sign-in/recover/prove", authz.Public, h.prove, web.PerMinute(60)),
		web.To("POST /sign-in/recover/passkey/begin", authz.Public, h.provePasskeyBegin, web.PerMinute(60)),
		web.To("POST /sign-in/recover/passkey/finish", authz.Public, h.provePasskeyFinish, web.PerMinute(60)),
		web.To("POST /sign-in/recover/face", authz.Public, h.proveFace, web.PerMinute(60)),
		web.To("GET /sign-in/recover/face", authz.Public, h.proveFaceBack, web.PerMinute(60)),
		web.To("GET /sign-in/recover/phone", authz.Public, h.newPhonePage),
		web.To("POST /sign-in/recover/phone", authz.Public, h.newPhone, web.PerMinute(60)),
		web.To("POST /sign-in/recover/code", authz.Public, h.newPhoneCode, web.PerMinute(60)),
	}
}

func (h *Handler) myRoutes() []web.Route {
	return []web.Route{
		web.To("GET /my/identity", authz.PersonSelf, h.identity),
		web.To("POST /my/act-for", authz.PersonSelf, h.actFor),
		web.To("GET /my/devices", authz.FactorOwn, h.devices),
		web.To("POST /my/devices/end-others", authz.FactorOwn, h.endOthers),
		web.To("POST /my/devices/{id}/end", authz.FactorOwn, h.endDevice),
		web.To("GET /my/phone", authz.PersonSelf, h.phoneChangePage),
		web.To("POST /my/phone", authz.PersonSelf, h.phoneChange, web.PerMinute(60)),
		web.To("GET /my/phone/code", authz.PersonSelf, h.phoneCodePage),
		web.To("POST /my/phone/code", authz.PersonSelf, h.phoneCode, web.PerMinute(60)),
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
	a, err := h.s.ActorAt(r.Context(), token, h.device(r))
	if err == nil && a.Is(authz.Limited) && closed(r) {
		err = web.LevelNeeded(1) // a page leads to what must be done first, by StepUp
	}
	return a, err
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
	life := time.Duration(0)
	if token == "" {
		life = -1
	}
	h.setCookie(w, h.name, token, life)
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
	if a.StaffID != "" {
		s.SignInURL = "/sign-in/staff"
	}
	if err := h.lost(ctx, a, s); err != nil {
		return err
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

// lost tells once that a mandate under which the session acted has ended: from now on the person acts for themself.
func (h *Handler) lost(ctx context.Context, a authz.Actor, s *ui.Shell) error {
	if a.PersonID == "" || a.SessionID == "" || s.Path == "/" { // the path of a form that was sent: it draws no page
		return nil
	}
	p, lost, err := h.s.LostPrincipal(ctx, a)
	if err != nil || !lost {
		return err
	}
	f, _, err := h.principal(ctx, p)
	s.Notice = t(ctx, "identityweb.act_ended_"+p.Kind, errs.P{"name": f.Name})
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
	switch {
	case a.ForPerson != "":
		u.ActingFor = h.s.MaskedName(ctx, a.ForPerson)
	case a.FirmID != "":
		f, err := h.s.Firm(ctx, a.FirmID)
		u.ActingFor = f.Name
		return u, err
	}
	return u, nil
}

func roleName(ctx context.Context, r authz.Role) string { return t(ctx, "identity.role_"+string(r)) }

func hasText(key string) bool { return i18n.Has(key) }

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

// renamed gives the findings of one field to another: what the service calls a code stands in an input named after its way.
func (p problems) renamed(from, to string) problems {
	out := problems{fields: map[string]string{}}
	for k, v := range p.fields {
		if k == from {
			k = to
		}
		out.fields[k] = v
	}
	for _, e := range p.List {
		if e.Field == from {
			e.Field = to
		}
		out.List = append(out.List, e)
	}
	return out
}
