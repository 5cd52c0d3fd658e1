package catalogweb

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

// Offices is what the pages ask of the agencies.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Window(ctx context.Context, key string) (org.Window, error)
	Windows(ctx context.Context, agency string) []org.Window
	Region(ctx context.Context, code string) (org.Region, error)
	Regions(ctx context.Context) []org.Region
}

// Config is what the pages need.
type Config struct {
	Catalog *catalog.Service
	Offices Offices
	Demo    bool // the home page leads to the demo's accounts
	HTTPS   bool // cookies are for encrypted connections only
	// HomeRegion is the region of the signed-in person's account, "" when it is not known; nil asks nobody.
	HomeRegion func(ctx context.Context) string
	// Following counts the items of who asks that have to follow their base (Follow.Mine); nil where no directory is kept.
	Following func(ctx context.Context) (n int, more bool, err error)
}

// Pages are the pages of the catalog.
type Pages struct {
	catalog    *catalog.Service
	offices    Offices
	demo       bool
	https      bool
	homeRegion func(ctx context.Context) string
	following  func(ctx context.Context) (n int, more bool, err error)
}

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{catalog: c.Catalog, offices: c.Offices, demo: c.Demo, https: c.HTTPS, homeRegion: c.HomeRegion, following: c.Following}
}

// Routes is the route table of the room.
func (p *Pages) Routes() []web.Route {
	return slices.Concat([]web.Route{
		web.To("GET /{$}", authz.Public, p.home),
		web.To("GET /items", authz.Public, p.list),
		web.To("GET /items/suggest", authz.Public, p.suggest),
		web.To("GET /items/{key}", authz.Public, p.guide),
		web.To("GET /items/{key}/files/{name}", authz.Public, p.file),
		web.To("GET /themes", authz.Public, p.themes),
		web.To("GET /life", authz.Public, p.life),
		web.To("GET /region", authz.Public, p.region),
		web.To("POST /region", authz.Public, p.chooseRegion),
		web.To("GET /agencies", authz.Public, p.agencies),
		web.To("GET /agencies/{key}", authz.Public, p.agency),
		web.To("GET /office/items", authz.CatalogEdit, p.office),
		web.To("GET /office/items/{key}", authz.CatalogEdit, p.officeItem),
		web.To("GET /office/items/{key}/versions/compare", authz.CatalogSee, p.between),
		web.To("POST /office/items/{key}/review", authz.CatalogEdit, p.review),
	}, p.listRoutes(), p.qualityRoutes(), p.powerListRoutes(), p.searchRoutes())
}

func t(ctx context.Context, key string, ps ...errs.P) string {
	return i18n.T(ctx, "catalog."+key, ps...)
}

// itemLang is the language of texts that come from items: they are Chinese on every page.
func itemLang(ctx context.Context) string {
	if i18n.From(ctx) == i18n.Chinese {
		return ""
	}
	return string(i18n.Chinese)
}

func crumbs(ctx context.Context, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: t(ctx, "home"), Href: "/"}}, more...)
}

// chinese marks an element whose words are Chinese although the page is not.
func chinese(ctx context.Context) templ.Attributes {
	if l := itemLang(ctx); l != "" {
		return templ.Attributes{"lang": l}
	}
	return nil
}

func basisTone(status string) ui.Tone {
	switch status {
	case "read":
		return ui.Success
	case "fictional":
		return ui.Neutral
	}
	return ui.Warn
}
