package mandateweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/mandate"
	"tongban/internal/engine/clock"
)

// Config is what the pages need.
type Config struct {
	Service *mandate.Service
	Now     func() time.Time
	// CaseHref is where giver and holder see a case an act was about; nil = no link.
	CaseHref func(id string) string
}

// Handler serves the pages.
type Handler struct {
	s   *mandate.Service
	cfg Config
}

// New makes the handler.
func New(c Config) *Handler { return &Handler{s: c.Service, cfg: c} }

// Routes is the room's part of the route table.
func (h *Handler) Routes() []web.Route {
	return []web.Route{
		web.To("GET /my/mandates", authz.MandateOwn, h.list),
		web.To("GET /my/mandates/new", authz.MandateOwn, h.kinds),
		web.To("POST /my/mandates/new", authz.MandateOwn, h.begin, web.Level(2)),
		web.To("GET /my/mandates/new/{id}/who", authz.MandateOwn, h.whoPage, web.Level(2)),
		web.To("POST /my/mandates/new/{id}/who", authz.MandateOwn, h.who, web.Level(2), web.PerMinute(60)),
		web.To("GET /my/mandates/new/{id}/what", authz.MandateOwn, h.whatPage, web.Level(2)),
		web.To("POST /my/mandates/new/{id}/what", authz.MandateOwn, h.what, web.Level(2)),
		web.To("GET /my/mandates/new/{id}/term", authz.MandateOwn, h.termPage, web.Level(2)),
		web.To("POST /my/mandates/new/{id}/term", authz.MandateOwn, h.term, web.Level(2)),
		web.To("GET /my/mandates/new/{id}/check", authz.MandateOwn, h.checkPage, web.Level(2)),
		web.To("POST /my/mandates/new/{id}/check", authz.MandateOwn, h.give, web.Level(2)),
		web.To("GET /my/mandates/guardian", authz.MandateOwn, h.guardianPage, web.Level(2)),
		web.To("POST /my/mandates/guardian", authz.MandateOwn, h.guardian, web.Level(2), web.PerMinute(60)),
		web.To("GET /my/mandates/{id}", authz.MandateOwn, h.one),
		web.To("POST /my/mandates/{id}/accept", authz.MandateOwn, h.accept, web.Level(2)),
		web.To("POST /my/mandates/{id}/confirm", authz.MandateOwn, h.confirm, web.Level(2)),
		web.To("GET /my/mandates/{id}/end", authz.MandateOwn, h.endPage),
		web.To("POST /my/mandates/{id}/end", authz.MandateOwn, h.end),
		web.To("GET /my/agents", authz.MandateOwn, h.agents),
		web.To("GET /window/mandates", authz.WindowDesk, h.window),
		web.To("POST /window/mandates", authz.WindowDesk, h.record),
		web.To("POST /window/mandates/find", authz.WindowDesk, h.find),
		web.To("POST /window/mandates/{id}/end", authz.WindowDesk, h.endAtCounter),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func minute(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func day(at time.Time) string { return at.In(clock.Shanghai).Format(time.DateOnly) }

func crumbs(ctx context.Context, last string) []ui.Crumb {
	return []ui.Crumb{{Label: t(ctx, "mandate.crumb_my"), Href: "/my"}, {Label: t(ctx, "mandate.list_title"), Href: "/my/mandates"}, {Label: last}}
}

// problems is what a form page shows of an error.
type problems struct {
	List   []ui.ErrorItem
	fields map[string]string
}

func (p problems) of(field string) string { return p.fields[field] }

// again shows a page once more with what is wrong, so that nothing typed is lost; errors nobody can mend on this page pass on.
func again(w http.ResponseWriter, r *http.Request, err error, page func(problems) templ.Component) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	switch e.Kind {
	case errs.Invalid, errs.Conflict, errs.TooMany, errs.Unavailable:
	default:
		return err
	}
	ctx := r.Context()
	p := problems{fields: map[string]string{}}
	for _, f := range e.Fields {
		words := t(ctx, f.Key, f.Params)
		p.fields[f.Path] = words
		p.List = append(p.List, ui.ErrorItem{Field: f.Path, Text: words})
	}
	if len(e.Fields) == 0 {
		p.List = append(p.List, ui.ErrorItem{Text: t(ctx, e.Key, e.Params)})
	}
	return web.RenderStatus(w, r, web.StatusOf(err), page(p))
}

// date reads the three inputs of a date; what cannot be one is given back as typed, for the page to show again.
func date(f url.Values, name string) string {
	y, m, d := f.Get(name+".y"), f.Get(name+".m"), f.Get(name+".d")
	if y == "" && m == "" && d == "" {
		return ""
	}
	return y + "-" + two(m) + "-" + two(d)
}

func two(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
