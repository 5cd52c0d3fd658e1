package catalogweb

import (
	"context"
	"net/http"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
)

// lifeTiles are the life events that have items, first a person's, then a firm's.
func (p *Pages) lifeTiles(ctx context.Context, near string) (person, firm []tileView, err error) {
	groups, err := p.catalog.LifeEvents(ctx, near)
	if err != nil {
		return nil, nil, err
	}
	codes := catalog.Codes("life_event")
	for _, g := range groups {
		tile := tileView{
			Href: nearHref("/items?life="+g.Key, near), Name: catalog.CodeName(i18n.From(ctx), "life_event", g.Key), Note: t(ctx, "n_items", errs.P{"n": g.Count}),
		}
		if slices.Index(codes, g.Key) < item.PersonEvents {
			person = append(person, tile)
		} else {
			firm = append(firm, tile)
		}
	}
	return person, firm, nil
}

// life lists the items by what happens in a life or in a firm.
func (p *Pages) life(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := tilesView{Page: ui.PageView{Title: t(ctx, "life"), Lead: t(ctx, "life_lead"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "life")})}, Where: p.regionLine(r), Empty: t(ctx, "life_empty")}
	person, firm, err := p.lifeTiles(ctx, p.near(r))
	if err != nil {
		return err
	}
	v.Groups = []tileGroup{{Title: t(ctx, "life_person"), Tiles: person}, {Title: t(ctx, "life_firm"), Tiles: firm}}
	v.Other = ui.Link{Label: t(ctx, "browse_themes"), Href: "/themes"}
	return web.Render(w, r, tilesPage(v))
}
