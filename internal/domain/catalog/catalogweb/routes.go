package catalogweb

import (
	"context"

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
}

// Config is what the pages need.
type Config struct {
	Catalog *catalog.Service
	Offices Offices
	Demo    bool // the home page leads to the demo's accounts
}

// Pages are the pages of the catalog.
type Pages struct {
	catalog *catalog.Service
	offices Offices
	demo    bool
}

// New makes the pages.
func New(c Config) *Pages { return &Pages{catalog: c.Catalog, offices: c.Offices, demo: c.Demo} }

// maxUpload is the largest list the import page takes, in bytes.
const maxUpload = 64 << 20

// Routes is the route table of the room.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.To("GET /{$}", authz.Public, p.home),
		web.To("GET /items", authz.Public, p.list),
		web.To("GET /items/{key}", authz.Public, p.guide),
		web.To("GET /items/{key}/files/{name}", authz.Public, p.file),
		web.To("GET /themes", authz.Public, p.themes),
		web.To("GET /agencies", authz.Public, p.agencies),
		web.To("GET /agencies/{key}", authz.Public, p.agency),
		web.To("GET /office/items", authz.CatalogEdit, p.office),
		web.To("GET /office/items/export.csv", authz.CatalogEdit, p.export),
		web.To("GET /office/items/import", authz.CatalogEdit, p.importForm),
		web.To("POST /office/items/import", authz.CatalogEdit, p.importList, web.Upload(maxUpload+(1<<20))),
		web.To("GET /office/items/imports/{id}", authz.CatalogEdit, p.importReport),
		web.To("GET /office/items/{key}", authz.CatalogEdit, p.officeItem),
		web.To("POST /office/items/{key}/review", authz.CatalogEdit, p.review),
	}
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
