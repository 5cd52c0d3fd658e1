package factorweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
)

// Who is the account holder as devices show them, and what their passwords must not lean on.
type Who struct {
	Account string   // for an authenticator app and a passkey: a masked phone, a login name
	Display string   // for a passkey: a masked name
	Related []string // login name, name, phone
	NoSMS   bool     // staff without a registered phone: something else must stay as the second step
}

// Config is what the pages need.
type Config struct {
	Service *factor.Service
	Now     func() time.Time
	// Who tells about the actor; nil = nothing is known.
	Who func(ctx context.Context, a authz.Actor) (Who, error)
	// EndOthers ends the actor's other sessions after a password was changed; nil = they stay.
	EndOthers func(ctx context.Context, a authz.Actor) error
	// SetPassword sets the sign-in password of the actor; nil = through the service alone. Staff have their own page for it.
	SetPassword func(ctx context.Context, a authz.Actor, related []string, password string) error
}

type handlers struct {
	Config
	s *factor.Service
}

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c, c.Service}
	return slices.Concat(h.overviewRoutes(), h.deviceRoutes(), h.signRoutes())
}

const perMinute = 60

func (h handlers) overviewRoutes() []web.Route {
	return []web.Route{
		web.To("GET /my/security", authz.FactorOwn, h.overview),
		web.To("GET /my/security/password", authz.FactorOwn, h.fresh(h.passwordPage)),
		web.To("POST /my/security/password", authz.FactorOwn, h.fresh(h.password), web.PerMinute(perMinute)),
		web.To("POST /my/security/password/remove", authz.FactorOwn, h.fresh(h.removePassword)),
		web.To("GET /my/security/sign-password", authz.FactorOwn, h.fresh(h.signPasswordPage)),
		web.To("POST /my/security/sign-password", authz.FactorOwn, h.fresh(h.signPassword), web.PerMinute(perMinute)),
		web.To("POST /my/security/sign-password/remove", authz.FactorOwn, h.fresh(h.removeSignPassword)),
		web.To("GET /my/security/recovery", authz.FactorOwn, h.fresh(h.recoveryPage)),
		web.To("POST /my/security/recovery", authz.FactorOwn, h.fresh(h.recovery), web.PerMinute(perMinute)),
	}
}

func (h handlers) deviceRoutes() []web.Route {
	return []web.Route{
		web.To("GET /my/security/app", authz.FactorOwn, h.fresh(h.appPage)),
		web.To("POST /my/security/app/begin", authz.FactorOwn, h.fresh(h.beginApp), web.PerMinute(perMinute)),
		web.To("POST /my/security/app", authz.FactorOwn, h.fresh(h.confirmApp), web.PerMinute(perMinute)),
		web.To("POST /my/security/app/remove", authz.FactorOwn, h.fresh(h.removeApp)),
		web.To("GET /my/security/passkeys/new", authz.FactorOwn, h.fresh(h.newPasskey)),
		web.To("POST /my/security/passkeys/begin", authz.FactorOwn, h.beginPasskey, web.PerMinute(perMinute)),
		web.To("POST /my/security/passkeys/finish", authz.FactorOwn, h.finishPasskey, web.PerMinute(perMinute)),
		web.To("GET /my/security/passkeys/{id}", authz.FactorOwn, h.fresh(h.passkey)),
		web.To("POST /my/security/passkeys/{id}", authz.FactorOwn, h.fresh(h.renamePasskey)),
		web.To("POST /my/security/passkeys/{id}/remove", authz.FactorOwn, h.fresh(h.removePasskey)),
		web.To("GET /my/security/certificates/new", authz.FactorOwn, h.fresh(h.newCertificate), web.PerMinute(perMinute)),
		web.To("POST /my/security/certificates/new", authz.FactorOwn, h.fresh(h.addCertificate), web.PerMinute(perMinute)),
		web.To("GET /my/security/certificates/{id}", authz.FactorOwn, h.fresh(h.certificate)),
		web.To("POST /my/security/certificates/{id}/remove", authz.FactorOwn, h.fresh(h.removeCertificate)),
	}
}

func (h handlers) signRoutes() []web.Route {
	return []web.Route{
		web.To("GET /my/sign/{id}", authz.FactorOwn, h.paper),
		web.To("GET /my/sign/{id}/text", authz.FactorOwn, h.text),
		web.To("GET /my/sign/{id}/evidence", authz.FactorOwn, h.evidence),
		web.To("POST /my/sign/{id}/password", authz.FactorOwn, h.signWithPassword, web.PerMinute(perMinute)),
		web.To("POST /my/sign/{id}/app", authz.FactorOwn, h.signWithApp, web.PerMinute(perMinute)),
		web.To("POST /my/sign/{id}/certificate", authz.FactorOwn, h.signWithCertificate, web.PerMinute(perMinute)),
		web.To("POST /my/sign/{id}/passkey/begin", authz.FactorOwn, h.beginSign, web.PerMinute(perMinute)),
		web.To("POST /my/sign/{id}/passkey/finish", authz.FactorOwn, h.finishSign, web.PerMinute(perMinute)),
		web.To("POST /my/sign/{id}/refuse", authz.FactorOwn, h.refuse),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func owner(r *http.Request) string { return actor(r).Name() }

// freshFor is how long ago a session may have proved who it is to change what one signs in with.
const freshFor = 10 * time.Minute

func (h handlers) isFresh(r *http.Request) bool {
	at := actor(r).AuthTime
	return !at.IsZero() && h.Now().Sub(at) <= freshFor
}

// proveHref leads through the proof and back to a page of this room: the one asked for, or that whose form was sent.
func proveHref(r *http.Request) string {
	back := r.URL.Path
	if r.Method != http.MethodGet {
		back = "/my/security"
	}
	return "/sign-in/step-up?" + url.Values{"fresh": {"1"}, "next": {back + query(r)}}.Encode()
}

// query keeps where the person wants to go afterwards.
func query(r *http.Request) string {
	if next := r.URL.Query().Get("next"); next != "" {
		return "?" + url.Values{"next": {next}}.Encode()
	}
	return ""
}

// fresh lets through a session that has just proved who it is and leads any other through the proof.
func (h handlers) fresh(handle web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !h.isFresh(r) {
			return web.SeeOther(w, r, proveHref(r))
		}
		return handle(w, r)
	}
}

func (h handlers) who(r *http.Request) (Who, error) {
	if h.Who == nil {
		return Who{}, nil
	}
	return h.Who(r.Context(), actor(r))
}

// done leads back to the overview, or to where the person came from, and says what was done.
func done(w http.ResponseWriter, r *http.Request, what string) error {
	if next := r.URL.Query().Get("next"); next != "" {
		return web.SeeOther(w, r, next)
	}
	return web.SeeOther(w, r, "/my/security?done="+what)
}
