package web

import (
	"fmt"
	"net/http"
	"strings"

	"tongban/internal/base/authz"
)

// Handler answers a request or returns an error, which Site turns into an answer.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of the route table.
type Route struct {
	Method, Path string
	Perm         authz.Permission
	Handle       Handler
	Body         int64 // largest request body in bytes
	PerMinute    int   // requests of one address a minute; 0 = the site's limit
	Upload       bool  // a long body: no read deadline but the upload's
	Level        int   // identity level a person needs; staff are not asked
	CrossSite    bool  // takes requests other sites' pages or servers send; it must prove its caller by something a browser does not add
	Shared       bool  // may be read by scripts of any site (CORS, without cookies)
}

const (
	defaultBody   = 1 << 20
	defaultMinute = 6000 // a service hall's shared address included
)

// Option changes a route.
type Option func(*Route)

// Upload lets a route take a large body.
func Upload(limit int64) Option { return func(r *Route) { r.Body, r.Upload = limit, true } }

// Level asks for an identity level; a person below it is led through a step up and back.
func Level(n int) Option { return func(r *Route) { r.Level = n } }

// CrossSite exempts a route from the refusal of cross-origin posts. Its handler must not trust a cookie: a token endpoint trusts the client's
// assertion, a callback its state, a logout token its signature.
func CrossSite() Option { return func(r *Route) { r.CrossSite = true } }

// Shared lets scripts of any site read the answers, without cookies: discovery, keys, token and userinfo endpoints (Fetch standard, CORS).
func Shared() Option { return func(r *Route) { r.Shared, r.CrossSite = true, true } }

// PerMinute limits how often one address may call a route.
func PerMinute(n int) Option { return func(r *Route) { r.PerMinute = n } }

// To makes a route from "METHOD /path". A pattern without a method or with an unknown permission is a mistake of the program and panics.
func To(pattern string, perm authz.Permission, h Handler, opts ...Option) Route {
	parts := strings.Fields(pattern)
	if len(parts) != 2 || !authz.Known(perm) || h == nil {
		panic(fmt.Sprintf("web: bad route %q with permission %q", pattern, perm))
	}
	r := Route{Method: parts[0], Path: parts[1], Perm: perm, Handle: h, Body: defaultBody}
	for _, o := range opts {
		o(&r)
	}
	return r
}

// Pattern is the route as http.ServeMux writes it.
func (r Route) Pattern() string { return r.Method + " " + r.Path }

// isAPI reports whether answers are JSON.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/govstack/")
}
