package directoryweb

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// Offices is what the pages ask of the agencies.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Region(ctx context.Context, code string) (org.Region, error)
	Regions(ctx context.Context) []org.Region
	RegionPath(ctx context.Context, code string) []org.Region
	Staff(ctx context.Context, id string) (org.Staff, error)
}

// Config is what the pages need.
type Config struct {
	Directory *directory.Service
	Offices   Offices
	// Adopters asks the catalogue for the items of a base code; nil: pages say that they do not know.
	Adopters directory.Adopters
	Now      func() time.Time
}

// Pages are the pages of the room.
type Pages struct {
	dir      *directory.Service
	offices  Offices
	adopters directory.Adopters
	now      func() time.Time
}

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{dir: c.Directory, offices: c.Offices, adopters: c.Adopters, now: c.Now}
}

// Routes is the route table of the room.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.To("GET /office/directory", authz.CatalogSee, p.list),
		web.To("GET /office/directory/{code}", authz.CatalogSee, p.base),
		web.To("GET /office/directory/{code}/history", authz.CatalogSee, p.history),
		web.To("GET /office/directory/{code}/adopters", authz.CatalogSee, p.reach),
		web.To("GET /office/directory/{code}/adopt", authz.CatalogEdit, p.adopt),
		web.To("GET /office/directory-regions", authz.CatalogSee, p.regions),
		web.To("GET /office/directory-changes", authz.CatalogSee, p.changes),
		web.To("GET /office/directory-changes/new", authz.DirectoryEdit, p.newChange),
		web.To("POST /office/directory-changes", authz.DirectoryEdit, p.saveChange),
		web.To("GET /office/directory-changes/{id}", authz.CatalogSee, p.change),
		web.To("GET /office/directory-changes/{id}/edit", authz.DirectoryEdit, p.editChange),
		web.To("POST /office/directory-changes/{id}", authz.DirectoryEdit, p.saveChange),
		web.To("POST /office/directory-changes/{id}/submit", authz.DirectoryEdit, p.submit),
		web.To("POST /office/directory-changes/{id}/audit", authz.DirectoryEdit, p.audit),
		web.To("POST /office/directory-changes/{id}/legal", authz.LegalReview, p.legal),
		web.To("POST /office/directory-changes/{id}/drop", authz.DirectoryEdit, p.drop),
		web.To("GET /office/codelists", authz.CatalogSee, p.lists),
		web.To("GET /office/codelists/{list}", authz.CatalogSee, p.codes),
		web.To("POST /office/codelists/{list}", authz.DirectoryEdit, p.addCode),
		web.To("POST /office/codelists/{list}/rename", authz.DirectoryEdit, p.renameCode),
		web.To("POST /office/codelists/{list}/retire", authz.DirectoryEdit, p.retireCode),
		web.To("GET /office/mappings", authz.CatalogSee, p.systems),
		web.To("GET /office/mappings/{system}", authz.CatalogSee, p.mappings),
		web.To("POST /office/mappings", authz.DirectoryEdit, p.saveMapping),
		web.To("POST /office/mappings/{system}/drop", authz.DirectoryEdit, p.dropMapping),
	}
}

func t(ctx context.Context, key string, p ...errs.P) string {
	return i18n.T(ctx, "directory."+key, p...)
}

// tabs are the parts of the room; behind the changes stands how many wait for who asks.
func (p *Pages) tabs(ctx context.Context, path string) []ui.NavItem {
	var out []ui.NavItem
	for _, x := range [][2]string{
		{"/office/directory", "title"}, {"/office/directory-changes", "changes"}, {"/office/directory-regions", "regions"}, {"/office/codelists", "codelists"}, {"/office/mappings", "mappings"},
	} {
		out = append(out, ui.NavItem{Href: x[0], Label: t(ctx, x[1]), Current: x[0] == path})
	}
	a, state := authz.From(ctx), directory.Auditing
	if a.May(authz.LegalReview) {
		state = directory.Reviewing
	}
	if n, err := p.dir.Waiting(ctx, state); err == nil && p.dir.Keeps(ctx, a) { // a count that cannot be had costs the count, not the page
		out[1].Count = n
	}
	return out
}

func crumbs(ctx context.Context, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: t(ctx, "title"), Href: "/office/directory"}}, more...)
}

// listName names a code list.
func listName(ctx context.Context, list string) string {
	if key := "directory.list_" + list; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return list
}

func systemName(ctx context.Context, system string) string {
	if key := "directory.system_" + system; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return system
}

func stateTone(state string) ui.Tone {
	switch state {
	case directory.InUse:
		return ui.Success
	case directory.Suspended:
		return ui.Warn
	}
	return ui.Neutral
}

func changeTone(state string) ui.Tone {
	switch state {
	case directory.Effective:
		return ui.Success
	case directory.Auditing, directory.Reviewing, directory.Approved:
		return ui.Info
	case directory.Outdated:
		return ui.Warn
	case directory.Refused:
		return ui.Bad
	}
	return ui.Neutral
}

// who names a member of staff by the name and the agency.
func (p *Pages) who(ctx context.Context, id string) string {
	if id == "" {
		return "—"
	}
	st, err := p.offices.Staff(ctx, id)
	if err != nil {
		return t(ctx, "by_system")
	}
	if g, err := p.offices.Agency(ctx, st.Agency); err == nil {
		return st.Name + "（" + g.Short + "）"
	}
	return st.Name
}

func when(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func dateFrom(v url.Values, name string) string {
	y, m, d := strings.TrimSpace(v.Get(name+".y")), strings.TrimSpace(v.Get(name+".m")), strings.TrimSpace(v.Get(name+".d"))
	if y+m+d == "" {
		return ""
	}
	if day, err := time.Parse("2006-1-2", y+"-"+m+"-"+d); err == nil {
		return day.Format(time.DateOnly)
	}
	return y + "-" + m + "-" + d
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}

// options are the codes of a list as answers.
func (p *Pages) options(ctx context.Context, list string) []ui.Option {
	cs, err := p.dir.Codes(ctx, list, "")
	if err != nil {
		return nil
	}
	out := make([]ui.Option, 0, len(cs))
	for _, c := range cs {
		out = append(out, ui.Option{Value: c.Code, Label: c.Label(i18n.From(ctx))})
	}
	return out
}
