package privacyweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
	"tongban/internal/engine/clock"
)

// Config is what the pages need.
type Config struct {
	Privacy *privacy.Service
	// CaseHref is the address of a case of one's own; nil: /my/cases/<id>.
	CaseHref func(id string) string
	// SignOut ends the browser's session, after the account has ended.
	SignOut func(w http.ResponseWriter, r *http.Request) error
	// Agencies are the agencies an auditor may choose; StaffName names a member of staff.
	Agencies  func(ctx context.Context) []ui.Option
	StaffName func(ctx context.Context, id string) string
	SiteName  string // stands in the name of the exported file
	Now       func() time.Time
}

type handlers struct {
	Config
	s *privacy.Service
}

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c, c.Privacy}
	if h.CaseHref == nil {
		h.CaseHref = func(id string) string { return "/my/cases/" + url.PathEscape(id) }
	}
	return []web.Route{
		web.To("GET /my/access", authz.PersonSelf, h.access),
		web.To("GET /my/access/{id}/complain", authz.PersonSelf, h.complainPage),
		web.To("POST /my/access/{id}/complain", authz.PersonSelf, h.complain, web.PerMinute(20)),
		web.To("GET /my/complaints", authz.PersonSelf, h.complaints),
		web.To("GET /my/data", authz.PersonSelf, h.data),
		web.To("POST /my/data/number", authz.PersonSelf, h.number, web.PerMinute(20)),
		web.To("POST /my/data/export", authz.PersonSelf, h.export, web.PerMinute(6)),
		web.To("GET /my/data/erase", authz.PersonSelf, h.erasePage),
		web.To("POST /my/data/erase", authz.PersonSelf, h.erase, web.PerMinute(6)),
		web.To("GET /account-ended", authz.Public, h.ended),

		web.To("GET /privacy/complaints", authz.PrivacyDesk, h.deskList),
		web.To("GET /privacy/complaints/{id}", authz.PrivacyDesk, h.deskCase),
		web.To("POST /privacy/complaints/{id}/answer", authz.PrivacyDesk, h.deskAnswer),
		web.To("POST /privacy/complaints/{id}/number", authz.PrivacyDesk, h.deskNumber, web.PerMinute(20)),
		web.To("GET /privacy/delays", authz.PrivacyDesk, h.delays),
		web.To("GET /privacy/delays/new", authz.PrivacyDesk, h.delayForm),
		web.To("POST /privacy/delays/new", authz.PrivacyDesk, h.delayNew),
		web.To("GET /privacy/delays/{id}", authz.PrivacyDesk, h.delay),
		web.To("POST /privacy/delays/{id}/approve", authz.PrivacyDesk, h.delayMove((*privacy.Service).ApproveDelay)),
		web.To("POST /privacy/delays/{id}/refuse", authz.PrivacyDesk, h.delayMove((*privacy.Service).RefuseDelay)),
		web.To("POST /privacy/delays/{id}/withdraw", authz.PrivacyDesk, h.delayMove((*privacy.Service).WithdrawDelay)),
		web.To("POST /privacy/delays/{id}/lift", authz.PrivacyDesk, h.delayMove((*privacy.Service).LiftDelay)),

		web.To("GET /api/tracker/v2/findUsage", authz.PersonSelf, h.findUsage, web.PerMinute(60)),
	}
}

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func minute(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func day(at time.Time) string { return at.In(clock.Shanghai).Format(time.DateOnly) }

func crumbs(ctx context.Context, title string) []ui.Crumb {
	return []ui.Crumb{{Label: t(ctx, "privacy.crumb_my"), Href: "/my"}, {Label: title}}
}

// problems is what a form page shows of an error.
type problems struct {
	List []ui.ErrorItem
	at   map[string]string
}

func (p problems) of(field string) string { return p.at[field] }

// explain turns what a person can correct into words for the same page; ok is false for other errors.
func explain(ctx context.Context, err error) (p problems, ok bool) {
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict {
		return p, false
	}
	p.at = map[string]string{}
	for _, f := range e.Fields {
		words := t(ctx, f.Key, f.Params)
		p.at[f.Path] = words
		p.List = append(p.List, ui.ErrorItem{Field: f.Path, Text: words})
	}
	if len(e.Fields) == 0 {
		p.List = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
	}
	return p, true
}
