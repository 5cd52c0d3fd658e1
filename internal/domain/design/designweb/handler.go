package designweb

import (
	"context"
	"net/http"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/design"
	"tongban/internal/domain/org"
	"tongban/internal/engine/form"
)

// Offices is what the pages ask of agencies and their people.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Windows(ctx context.Context, agency string) []org.Window
	Posts(ctx context.Context, agency string) []org.Post
	Staff(ctx context.Context, id string) (org.Staff, error)
}

// Config is what the pages need. What is nil is not offered: keys are typed then.
type Config struct {
	Design  *design.Service
	Offices Offices
	// Facts gives the rules what they judge an item by; nil: no hints are shown while editing.
	Facts func(ctx context.Context) rule.Facts
	// Licences and Items list what is published, for pickers: key and name.
	Licences func(ctx context.Context) []ui.Option
	Items    func(ctx context.Context) []ui.Option
	// Forms gives the published forms, newest version of each: the questions they ask are offered again.
	Forms func(ctx context.Context) []form.Definition
	// Regions lists regions to choose from, as forms show them.
	Regions func(ctx context.Context) []ui.Option
	Now     func() time.Time
}

// Handler answers the pages.
type Handler struct {
	design  *design.Service
	offices Offices
	cfg     Config
	now     func() time.Time
}

// New makes the pages.
func New(c Config) *Handler {
	return &Handler{design: c.Design, offices: c.Offices, cfg: c, now: c.Now}
}

// designerRoutes gathers the routes of the designers; each stands in files of its own.
func (h *Handler) designerRoutes() []web.Route {
	return slices.Concat(h.formRoutes(), h.flowRoutes(), h.paperRoutes(), h.licenceRoutes(), h.tableRoutes(), h.scenarioRoutes())
}

// hints gives the rules' findings on an item, with its score from 0 to 100; shown is false where there are no rules.
func (h *Handler) hints(ctx context.Context, it *item.Item) (found []rule.Finding, score int, shown bool) {
	if h.cfg.Facts == nil {
		return nil, 0, false
	}
	found = rule.Check(h.cfg.Facts(ctx), it)
	return found, rule.Score(found, it), true
}

// t is a text in the page's language.
func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

// actor is who is asking.
func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

// idOf is the change a request is about.
func idOf(r *http.Request) string { return r.PathValue("id") }
