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
}

const (
	defaultBody   = 1 << 20
	defaultMinute = 6000 // a service hall's shared address included
)

// Option changes a route.
type Option func(*Route)

// Upload lets a route take a large body.
func Upload(limit int64) Option { return func(r *Route) { r.Body, r.Upload = limit, true } }

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
func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }
