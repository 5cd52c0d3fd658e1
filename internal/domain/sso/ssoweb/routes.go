package ssoweb

import (
	"context"
	"log/slog"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
)

// Config is what the pages need.
type Config struct {
	SSO *sso.Service
	Log *slog.Logger
	// EndSession ends the actor's own session with identity, which tells identity.session_ended.
	EndSession func(ctx context.Context, a authz.Actor) error
	// Agencies lists the agencies a system may belong to; nil: the key is typed.
	Agencies func(ctx context.Context) []ui.Option
	// StaffName gives an officer's name for the desk; nil: none is shown.
	StaffName func(ctx context.Context, id string) string
	HTTPS     bool
}

type handlers struct {
	Config
	svc *sso.Service
}

const (
	endpointBody = 64 << 10 // bytes; an assertion is a few kilobytes
	perMinute    = 60000
)

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{Config: c, svc: c.SSO}
	// One address may be a whole department's servers, or a hall of people: the limit only keeps one caller from taking everything.
	small := func(r *web.Route) { r.Body, r.PerMinute = endpointBody, perMinute }
	many := web.PerMinute(perMinute)
	out := []web.Route{
		web.To("GET "+sso.PathDiscovery, authz.Public, h.discovery, web.Shared(), many),
		web.To("GET "+sso.PathKeys, authz.Public, h.keys, web.Shared(), many),
		web.To("POST "+sso.PathToken, authz.Public, h.token, web.Shared(), small),
		web.To("GET "+sso.PathUserInfo, authz.Public, h.userInfo, web.Shared(), many),
		web.To("POST "+sso.PathUserInfo, authz.Public, h.userInfo, web.Shared(), small),
		web.To("POST "+sso.PathRevoke, authz.Public, h.revoke, web.Shared(), small),
		web.To("POST "+sso.PathIntrospect, authz.Public, h.introspect, web.CrossSite(), small),
		web.To("GET "+sso.PathAuthorize, authz.Public, h.authorize, web.PerMinute(perMinute/3)),
		web.To("POST "+sso.PathAuthorize, authz.Public, h.authorizePosted, web.CrossSite(), small),
		web.To("GET "+sso.PathResume+"{id}", authz.Public, h.resume, many),
		web.To("GET "+sso.PathConsent+"{id}", authz.ConsentOwn, h.consent),
		web.To("POST "+sso.PathConsent+"{id}", authz.ConsentOwn, h.decide),
		web.To("GET "+sso.PathLogout, authz.Public, h.logout),
		web.To("POST "+sso.PathLogout, authz.Public, h.logoutPosted, web.CrossSite(), small),
		web.To("POST "+sso.PathLogout+"/confirm", authz.Public, h.logoutConfirmed),
		web.To("GET /my/consents", authz.ConsentOwn, h.consents),
		web.To("POST /my/consents/{client}/withdraw", authz.ConsentOwn, h.withdraw),
	}
	for _, path := range []string{sso.PathDiscovery, sso.PathKeys, sso.PathToken, sso.PathUserInfo, sso.PathRevoke} {
		out = append(out, web.To("OPTIONS "+path, authz.Public, preflight, web.Shared()))
	}
	return append(out, h.adminRoutes()...)
}

// preflight answers a browser's question before a script's call; the headers are those of every shared route.
func preflight(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }
