package directoryweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

const pageSize = 50

type listView struct {
	Page    ui.PageView
	Tabs    []ui.NavItem
	Keeper  bool
	Filters ui.FilterView
	Table   ui.TableView
	Pager   ui.PagerView
	Actions []ui.Link
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	query := directory.Query{Text: q.Get("q"), Type: q.Get("type"), State: q.Get("state"), Level: q.Get("level"), After: q.Get("after"), Limit: pageSize}
	bases, total, next, err := p.dir.Bases(ctx, query)
	if err != nil {
		return err
	}
	l := i18n.From(ctx)
	v := listView{Page: ui.PageView{Title: t(ctx, "title"), Lead: t(ctx, "lead"), Wide: true}, Tabs: p.tabs(ctx, "/office/directory"), Keeper: p.keeper(ctx)}
	v.Filters = ui.FilterView{
		Action: "/office/directory", Summary: t(ctx, "count", errs.P{"n": total}), Target: "found",
		Query: &ui.SearchView{Query: query.Text, Label: t(ctx, "search")},
		Filters: []ui.Filter{
			{Name: "type", Label: t(ctx, "part_item_type"), Value: query.Type, Options: p.options(ctx, "type")},
			{Name: "level", Label: t(ctx, "part_use_level"), Value: query.Level, Options: p.options(ctx, "use_level")},
			{Name: "state", Label: t(ctx, "part_state"), Value: query.State, Options: p.options(ctx, "state")},
		},
	}
	if query.Text+query.Type+query.State+query.Level != "" {
		v.Filters.ResetHref = "/office/directory"
	}
	v.Table = ui.TableView{Caption: t(ctx, "title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "none_found"), Columns: []ui.Column{
		{Label: t(ctx, "part_name")}, {Label: t(ctx, "part_code"), Num: true}, {Label: t(ctx, "part_item_type")}, {Label: t(ctx, "part_use_level")}, {Label: t(ctx, "part_department")}, {Label: t(ctx, "version"), Num: true}, {Label: t(ctx, "part_state")},
	}}
	for _, b := range bases {
		sub := ""
		if b.SubItem != "" {
			sub = b.Main() + " · " + b.SubItem
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: b.Name, Sub: sub, Href: "/office/directory/" + b.Code},
			{Text: b.Code},
			{Text: item.CodeName(l, "type", b.ItemType)},
			{Text: directory.Words(l, "use_level", "use_level", b.UseLevels)},
			{Text: b.Department},
			{Text: strconv.Itoa(b.Version)},
			{Text: t(ctx, "state_"+b.State), Tone: stateTone(b.State)},
		})
	}
	if next != "" {
		q.Set("after", next)
		v.Pager.NextHref = "/office/directory?" + q.Encode()
	}
	if query.After != "" {
		q.Del("after")
		v.Pager.PrevHref = "/office/directory?" + q.Encode()
	}
	if v.Keeper {
		for _, k := range directory.Kinds {
			v.Actions = append(v.Actions, ui.Link{Label: t(ctx, "start_"+string(k)), Href: "/office/directory-changes/new?" + url.Values{"kind": {string(k)}}.Encode()})
		}
	}
	return web.Render(w, r, listPage(v))
}

// keeper reports whether who asks may change the directory.
func (p *Pages) keeper(ctx context.Context) bool {
	a := authz.From(ctx)
	return a.May(authz.DirectoryEdit) && p.dir.Keeps(ctx, a)
}
