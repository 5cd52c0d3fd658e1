package federationweb

import (
	"context"
	"net/http"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/identity"
)

// Config is what the pages need.
type Config struct {
	Federation *federation.Service
	// Finish gives the browser the session, ending its earlier one, or leads to the second factor; identityweb.Handler.Finish.
	Finish func(w http.ResponseWriter, r *http.Request, in identity.SignedIn, next string) error
	// From says from where the browser asks, with its device cookie; identityweb.Handler.From.
	From func(w http.ResponseWriter, r *http.Request) identity.From
	// StaffName names a staff member; nil: by id.
	StaffName func(ctx context.Context, id string) string
	HTTPS     bool
}

type handlers struct {
	Config
	s *federation.Service
}

const (
	callbackBody = 64 << 10
	perMinute    = 60 // sign-ins of one address
)

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c, c.Federation}
	if h.StaffName == nil {
		h.StaffName = func(_ context.Context, id string) string { return id }
	}
	small := func(r *web.Route) { r.Body = callbackBody }
	return []web.Route{
		web.To("GET /sign-in/with/{key}", authz.Public, h.begin, web.PerMinute(perMinute)),
		web.To("GET /sign-in/with/{key}/back", authz.Public, h.back, web.PerMinute(perMinute)),
		web.To("POST /sign-in/with/{key}/back", authz.Public, h.hop, web.PerMinute(perMinute), web.CrossSite(), small), // the state proves it, at the GET
		web.To("GET /federation/keys", authz.Public, h.keys, web.Shared()),
		web.To("GET /admin/providers", authz.ClientAdmin, h.list),
		web.To("POST /admin/providers/new-key", authz.ClientAdmin, h.newKey),
		web.To("GET /admin/providers/new", authz.ClientAdmin, h.edit),
		web.To("POST /admin/providers/new", authz.ClientAdmin, h.propose),
		web.To("GET /admin/providers/edit/{key}", authz.ClientAdmin, h.edit),
		web.To("POST /admin/providers/edit/{key}", authz.ClientAdmin, h.propose),
		web.To("GET /admin/providers/check/{key}", authz.ClientAdmin, h.probe, web.PerMinute(perMinute)),
		web.To("GET /admin/providers/changes/{id}", authz.ClientAdmin, h.change),
		web.To("POST /admin/providers/changes/{id}/approve", authz.ClientAdmin, h.approve),
		web.To("POST /admin/providers/changes/{id}/refuse", authz.ClientAdmin, h.refuse),
		web.To("POST /admin/providers/changes/{id}/withdraw", authz.ClientAdmin, h.withdraw),
	}
}

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func minute(at time.Time) string { return at.In(china).Format("2006-01-02 15:04") }

var china = time.FixedZone("Asia/Shanghai", 8*60*60)
