package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzhttp"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
)

// Config is what the site is given by package app.
type Config struct {
	// Actor tells who is asking, from a session cookie or an access token. A token or session that has ended is a visitor, not an error.
	Actor func(r *http.Request) (authz.Actor, error)
	// Prepare puts what the pages need (shell, preferences) into the context; it runs after Actor.
	Prepare func(ctx context.Context, r *http.Request) context.Context
	// ErrorPage draws an error for people.
	ErrorPage func(ErrorView) templ.Component
	// SignIn answers a request for which nobody is signed in: it keeps what was typed and leads to the sign-in page.
	SignIn func(w http.ResponseWriter, r *http.Request) error
	// StepUp answers a request that needs a higher identity level: it keeps what was typed and leads through the proof and back.
	StepUp func(w http.ResponseWriter, r *http.Request, need int) error
	// Observe is told of every answer, for metrics.
	Observe func(pattern string, status int, took time.Duration)
	Log     *slog.Logger
	Now     func() time.Time
	// HTTPS says that the site is reached by https only.
	HTTPS bool
	// Proxies are the reverse proxies whose X-Forwarded-For is believed; nobody else's is.
	Proxies []netip.Prefix
}

// Site is the route table and everything around it.
type Site struct {
	cfg    Config
	mux    *http.ServeMux
	routes []Route
	rates  *rates
}

// New makes a site without routes.
func New(cfg Config) *Site {
	return &Site{cfg: cfg, mux: http.NewServeMux(), rates: newRates(cfg.Now)}
}

// Add mounts routes.
func (s *Site) Add(routes ...Route) {
	for _, rt := range routes {
		s.routes = append(s.routes, rt)
		s.mux.Handle(rt.Pattern(), s.wrap(rt))
	}
}

// Mount mounts a plain handler without actor or limits: assets and health.
func (s *Site) Mount(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Routes is the route table.
func (s *Site) Routes() []Route { return s.routes }

// Variant is the same site with other lines in place of some: for a test that shows that a deliberate hole would be found.
func (s *Site) Variant(change func(Route) Route) *Site {
	out := New(s.cfg)
	for _, rt := range s.routes {
		out.Add(change(rt))
	}
	return out
}

// Handler is the whole site; routes added later are not exempt from anything.
func (s *Site) Handler() http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, rt := range s.routes {
		if rt.CrossSite {
			cross.AddInsecureBypassPattern(rt.Pattern())
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fail(w, r, errs.New(errs.Forbidden, "base.cross_origin"))
	}))
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(512))
	if err != nil {
		panic(err)
	}
	return s.outer(zip(cross.Handler(http.HandlerFunc(s.dispatch))))
}

func (s *Site) dispatch(w http.ResponseWriter, r *http.Request) {
	h, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.noRoute(w, r, h)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// noRoute tells an address that does not exist from a method that it does not take.
func (s *Site) noRoute(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := &statusOnly{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		s.fail(w, r, errs.New(errs.BadRequest, "base.method"), http.StatusMethodNotAllowed)
		return
	}
	if probe.status == http.StatusMovedPermanently || probe.status == http.StatusTemporaryRedirect || probe.status == http.StatusPermanentRedirect {
		http.Redirect(w, r, probe.header.Get("Location"), probe.status)
		return
	}
	s.Fail(w, r, errs.New(errs.NotFound, "base.not_found"))
}

type statusOnly struct {
	header http.Header
	status int
}

func (p *statusOnly) Header() http.Header         { return p.header }
func (p *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusOnly) WriteHeader(status int)      { p.status = status }

// wrap is the way of every request of a route: limits, actor, permission, handler.
func (s *Site) wrap(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setPattern(r.Context(), rt.Pattern())
		if rt.Shared {
			share(w.Header())
		}
		r = r.WithContext(withSite(r.Context(), s))
		if err := s.admit(w, &r, rt); err != nil {
			if rt.Upload {
				drain(w, r)
			}
			s.Fail(w, r, err)
			return
		}
		if err := rt.Handle(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

func (s *Site) admit(w http.ResponseWriter, r **http.Request, rt Route) error {
	limit := rt.PerMinute
	if limit == 0 {
		limit = defaultMinute
	}
	key := ""
	if rt.PerMinute > 0 {
		key = rt.Pattern()
	}
	if wait := s.rates.take(key+" "+Origin(*r), limit); wait > 0 {
		return errs.New(errs.TooMany, "base.too_many", errs.P{"seconds": wait})
	}
	if (*r).Body != nil {
		(*r).Body = http.MaxBytesReader(w, (*r).Body, rt.Body)
	}
	if rt.Upload {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not every writer has one (tests)
	}
	a, err := s.cfg.Actor(*r)
	if err != nil {
		return err
	}
	if a.Signed() && unsourced(*r, rt) {
		return errs.New(errs.Forbidden, "base.cross_origin")
	}
	a.Origin, a.Via = Origin(*r), "page"
	if isAPI(*r) {
		a.Via = "api"
	}
	ctx := authz.With((*r).Context(), a)
	if s.cfg.Prepare != nil {
		ctx = s.cfg.Prepare(ctx, *r)
	}
	*r = (*r).WithContext(ctx)
	if a.May(rt.Perm) {
		if a.PersonID != "" && a.Level < rt.Level {
			return LevelNeeded(rt.Level)
		}
		return nil
	}
	if a.Signed() {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return errs.New(errs.Unauthorized, "base.unauthorized")
}

// unsourced reports whether a write of the API that a session cookie vouches for does not say which site sends it. Every browser says it with a write
// (Fetch standard: Origin, Sec-Fetch-Site), and what they say http.CrossOriginProtection judges; whoever writes programs uses a token, which no
// browser adds by itself. An Authorization header is never mixed with a cookie (Config.Actor).
func unsourced(r *http.Request, rt Route) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return isAPI(r) && !rt.CrossSite && r.Header.Get("Authorization") == "" && r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
}

// LevelNeeded is the error of an act that needs a higher identity level than the session has.
func LevelNeeded(need int) error {
	return errs.New(errs.Forbidden, "base.level_needed", errs.P{"need": need})
}

func share(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

type reqKey struct{}

// state is what the outer layers keep of a request.
type state struct {
	number  string // the number a person can quote
	pattern string
}

func setPattern(ctx context.Context, p string) {
	if st, ok := ctx.Value(reqKey{}).(*state); ok {
		st.pattern = p
	}
}

// Number is the request's number, which error pages show and logs hold.
func Number(ctx context.Context) string {
	if st, ok := ctx.Value(reqKey{}).(*state); ok {
		return st.number
	}
	return ""
}

func withNumber(ctx context.Context) (context.Context, *state) {
	st := &state{number: ident.Secret(5)}
	return context.WithValue(ctx, reqKey{}, st), st
}

type siteKey struct{}

func withSite(ctx context.Context, s *Site) context.Context {
	return context.WithValue(ctx, siteKey{}, s)
}

// language chooses a request's language: the cookie a person set, then the browser's wish.
func language(r *http.Request) i18n.Lang {
	if c, err := r.Cookie("lang"); err == nil && !isAPI(r) {
		return i18n.Parse(c.Value)
	}
	return i18n.Parse(r.Header.Get("Accept-Language"))
}
