package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/search"
)

// tileView is one agency or theme; Foreign names stay Chinese on every page.
type tileView struct {
	Href, Name, Note string
	Foreign          bool
}

type homeView struct {
	Page         ui.PageView
	Search       ui.SearchView
	Where        regionLine
	Person, Firm []tileView
	Life         []tileView
	Agencies     []tileView
	Online       []rowView
	Demo         bool
}

// homeOnline is how many items that can be done here the home page shows.
const homeOnline = 8

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := homeView{Page: ui.PageView{NoHeading: true, Description: t(ctx, "home_lead")}, Demo: p.demo, Search: ui.SearchView{Action: "/items", ID: "home-search", Label: t(ctx, "search_home")}}
	near := p.near(r)
	v.Where = p.regionLine(r)
	online, err := p.catalog.Search(ctx, catalog.Query{Online: catalog.OnlineFull, Near: near, Limit: homeOnline})
	if err != nil {
		return err
	}
	v.Online = rows(ctx, online.Items)
	for _, it := range online.Items {
		if len(it.Everyday) > 0 && len(v.Search.Suggestions) < 5 {
			v.Search.Suggestions = append(v.Search.Suggestions, ui.Link{Label: it.Everyday[0], Href: "/items?q=" + url.QueryEscape(it.Everyday[0])})
		}
	}
	if v.Person, err = p.themeTiles(ctx, "person", near); err != nil {
		return err
	}
	if v.Firm, err = p.themeTiles(ctx, "firm", near); err != nil {
		return err
	}
	lived, traded, err := p.lifeTiles(ctx, near)
	if err != nil {
		return err
	}
	v.Life = append(lived, traded...)
	groups, err := p.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Known && g.Count > 0 && len(v.Agencies) < 12 {
			v.Agencies = append(v.Agencies, agencyTile(ctx, g))
		}
	}
	return web.Render(w, r, homePage(v))
}

func (p *Pages) themeTiles(ctx context.Context, list, near string) ([]tileView, error) {
	groups, err := p.catalog.ThemesNear(ctx, list, near)
	if err != nil {
		return nil, err
	}
	var out []tileView
	for _, g := range groups {
		out = append(out, tileView{Href: nearHref("/items?audience="+list+"&theme="+list+"%3A"+g.Key, near), Name: t(ctx, "theme_"+list+"_"+g.Key), Note: t(ctx, "n_items", errs.P{"n": g.Count})})
	}
	return out, nil
}

func agencyTile(ctx context.Context, g catalog.Group) tileView {
	href := "/items?agency=" + url.QueryEscape(g.Key)
	if g.Known {
		href = "/agencies/" + url.PathEscape(g.Key)
	}
	return tileView{Href: href, Name: g.Name, Note: t(ctx, "n_items", errs.P{"n": g.Count}), Foreign: true}
}

type tilesView struct {
	Page   ui.PageView
	Where  regionLine
	Groups []tileGroup
	Empty  string  // what it means that there is nothing
	Other  ui.Link // another way to browse
}

// none reports whether no group has anything.
func (v tilesView) none() bool {
	return !slices.ContainsFunc(v.Groups, func(g tileGroup) bool { return len(g.Tiles) > 0 })
}

type tileGroup struct {
	Title, Note string
	Tiles       []tileView
}

func (p *Pages) themes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := tilesView{Page: ui.PageView{Title: t(ctx, "themes"), Lead: t(ctx, "themes_lead"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "themes")})}, Where: p.regionLine(r), Other: ui.Link{Label: t(ctx, "life"), Href: "/life"}}
	for _, list := range []string{"person", "firm"} {
		tiles, err := p.themeTiles(ctx, list, p.near(r))
		if err != nil {
			return err
		}
		v.Groups = append(v.Groups, tileGroup{Title: t(ctx, "for_"+list), Tiles: tiles})
	}
	return web.Render(w, r, tilesPage(v))
}

func (p *Pages) agencies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	groups, err := p.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	where := regionLine{}
	if len(groups) > mostAgencies {
		groups, where = agenciesIn(groups, p.near(r)), p.regionLine(r)
	}
	known, listed := tileGroup{Title: t(ctx, "agencies_known")}, tileGroup{Title: t(ctx, "agencies_listed"), Note: t(ctx, "agencies_listed_note")}
	for _, g := range groups {
		if g.Known {
			known.Tiles = append(known.Tiles, agencyTile(ctx, g))
		} else {
			listed.Tiles = append(listed.Tiles, agencyTile(ctx, g))
		}
	}
	v := tilesView{Page: ui.PageView{Title: t(ctx, "agencies"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "agencies")})}, Where: where, Groups: []tileGroup{known, listed}}
	return web.Render(w, r, tilesPage(v))
}

// mostAgencies is how many agencies one page lists; of more, those of the reader's region.
const mostAgencies = 1000

func agenciesIn(groups []catalog.Group, near string) []catalog.Group {
	stem := search.Stem(near)
	var out []catalog.Group
	for _, g := range groups {
		if strings.HasPrefix(g.Region, stem) && len(out) < mostAgencies {
			out = append(out, g)
		}
	}
	return out
}

type agencyView struct {
	Page    ui.PageView
	Name    string
	Facts   []ui.KVRow
	Windows []windowView
	Rows    []rowView
	More    string
}

func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := p.offices.Agency(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	found, err := p.catalog.Search(ctx, catalog.Query{Agency: a.Key, Limit: 100})
	if err != nil {
		return err
	}
	v := agencyView{Name: a.Name, Rows: rows(ctx, found.Items), Page: ui.PageView{
		Title: a.Name, NoHeading: true,
		Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "agencies"), Href: "/agencies"}, ui.Crumb{Label: t(ctx, "agency_facts")}),
	}}
	v.Facts = []ui.KVRow{
		{Key: t(ctx, "address"), Value: a.Address},
		{Key: t(ctx, "phone"), Value: a.Phone, Num: true},
		{Key: t(ctx, "complaint_phone"), Value: a.ComplaintPhone, Num: true},
		{Key: t(ctx, "credit_code"), Value: a.Code, Num: true},
	}
	for _, win := range p.offices.Windows(ctx, a.Key) {
		v.Windows = append(v.Windows, windowOf(win))
	}
	if found.Next != "" {
		v.More = "/items?agency=" + url.QueryEscape(a.Key)
	}
	return web.Render(w, r, agencyPage(v))
}
