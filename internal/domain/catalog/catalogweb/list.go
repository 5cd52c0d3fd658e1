package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
)

// rowView is one item in a list.
type rowView struct {
	Href, Name, Short, Agency, Type string
	Facts                           []string
	Tags                            []ui.TagView
	Apply                           string // address for applying, when that is done here
}

func row(ctx context.Context, it *catalog.Item) rowView {
	v := rowView{Href: "/items/" + url.PathEscape(it.Key), Name: it.Name, Short: it.Short, Agency: it.AgencyName, Type: catalog.CodeName(i18n.From(ctx), "type", it.ItemType)}
	switch {
	case it.Applicable():
		v.Tags = append(v.Tags, ui.TagView{Tone: ui.Success, Text: t(ctx, "online_full")})
		v.Apply = "/apply/" + url.PathEscape(it.Key)
	case it.Online == catalog.OnlineExternal:
		v.Tags = append(v.Tags, ui.TagView{Tone: ui.Info, Text: t(ctx, "online_external")})
	}
	if it.Unreviewed {
		v.Tags = append(v.Tags, ui.TagView{Tone: ui.Warn, Text: t(ctx, "unreviewed")})
		return v
	}
	for _, f := range []string{promiseWords(ctx, it), feeWords(ctx, it), visitWords(ctx, it)} {
		if f != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	return v
}

func rows(ctx context.Context, items []catalog.Item) []rowView {
	out := make([]rowView, len(items))
	for i := range items {
		out[i] = row(ctx, &items[i])
	}
	return out
}

// listView is the list page.
type listView struct {
	Page    ui.PageView
	Filters ui.FilterView
	Rows    []rowView
	Loose   bool
	Query   string
	Pager   ui.PagerView
	Removed string // the list without its filters, when only they make it empty
}

// filterNames are the parameters that narrow the list, besides q.
var filterNames = []string{"audience", "theme", "agency", "region", "online", "type"}

func queryOf(v url.Values) catalog.Query {
	return catalog.Query{
		Text: v.Get("q"), Audience: v.Get("audience"), Theme: v.Get("theme"), Agency: v.Get("agency"), Region: v.Get("region"), Online: v.Get("online"),
		Type: v.Get("type"), After: v.Get("after"),
	}
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	q := queryOf(in)
	found, err := p.catalog.Search(ctx, q)
	if err != nil {
		return err
	}
	filters, err := p.filters(ctx, in, q)
	if err != nil {
		return err
	}
	filters.Summary = t(ctx, "count", errs.P{"n": found.Count})
	v := listView{
		Filters: filters, Rows: rows(ctx, found.Items), Loose: found.Loose && len(found.Items) > 0, Query: strings.TrimSpace(q.Text),
		Page: ui.PageView{Title: t(ctx, "items"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "items")})},
	}
	if v.Query != "" {
		v.Page.Title = t(ctx, "results", errs.P{"q": shortened(v.Query)})
	}
	if q.Filtered() {
		v.Removed = address("/items", in, "q")
	}
	if found.Next != "" {
		v.Pager.NextHref = withAfter(in, found.Next)
	}
	if q.After != "" {
		v.Pager.PrevHref = address("/items", in, append([]string{"q"}, filterNames...)...)
		v.Pager.Summary = t(ctx, "further")
	}
	return web.Render(w, r, listPage(v))
}

func shortened(s string) string {
	if rs := []rune(s); len(rs) > 30 {
		return string(rs[:30]) + "…"
	}
	return s
}

// address keeps the named parameters that are set.
func address(path string, in url.Values, keep ...string) string {
	out := url.Values{}
	for _, k := range keep {
		if v := in.Get(k); v != "" {
			out.Set(k, v)
		}
	}
	if len(out) == 0 {
		return path
	}
	return path + "?" + out.Encode()
}

func withAfter(in url.Values, after string) string {
	out := url.Values{"after": {after}}
	for _, k := range append([]string{"q"}, filterNames...) {
		if v := in.Get(k); v != "" {
			out.Set(k, v)
		}
	}
	return "/items?" + out.Encode()
}

// filters offers only choices that have items.
func (p *Pages) filters(ctx context.Context, in url.Values, q catalog.Query) (ui.FilterView, error) {
	v := ui.FilterView{Action: "/items", Target: "found", Query: &ui.SearchView{Query: q.Text, ID: "q-list", Label: t(ctx, "search")}}
	themes, err := p.themeOptions(ctx)
	if err != nil {
		return v, err
	}
	agencies, err := p.catalog.Agencies(ctx)
	if err != nil {
		return v, err
	}
	regions, err := p.catalog.Regions(ctx)
	if err != nil {
		return v, err
	}
	v.Filters = []ui.Filter{
		{Name: "audience", Label: t(ctx, "audience"), Value: q.Audience, Options: []ui.Option{{Value: "person", Label: t(ctx, "for_person")}, {Value: "firm", Label: t(ctx, "for_firm")}}},
		{Name: "theme", Label: t(ctx, "theme"), Value: q.Theme, Options: themes},
		{Name: "agency", Label: t(ctx, "agency"), Value: q.Agency, Options: agencyOptions(agencies)},
		{Name: "region", Label: t(ctx, "region"), Value: q.Region, Options: p.regionOptions(ctx, regions)},
		{Name: "online", Label: t(ctx, "online"), Value: q.Online, Options: codeOptions(ctx, "online")},
	}
	if q.Filtered() {
		v.ResetHref = address("/items", in, "q")
	}
	return v, nil
}

func (p *Pages) themeOptions(ctx context.Context) ([]ui.Option, error) {
	var out []ui.Option
	for _, list := range []string{"person", "firm"} {
		groups, err := p.catalog.Themes(ctx, list)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			name := t(ctx, "theme_"+list+"_"+g.Key)
			out = append(out, ui.Option{Value: list + ":" + g.Key, Label: t(ctx, "theme_option_"+list, errs.P{"name": name})})
		}
	}
	return out, nil
}

func agencyOptions(groups []catalog.Group) []ui.Option {
	var out []ui.Option
	for _, g := range groups {
		if g.Count > 0 {
			out = append(out, ui.Option{Value: g.Key, Label: g.Name})
		}
	}
	return out
}

func (p *Pages) regionOptions(ctx context.Context, codes []string) []ui.Option {
	var out []ui.Option
	for _, code := range codes {
		o := ui.Option{Value: code, Label: t(ctx, "region_code", errs.P{"code": code})}
		if r, err := p.offices.Region(ctx, code); err == nil {
			o.Label = r.Name
		}
		out = append(out, o)
	}
	return out
}

func codeOptions(ctx context.Context, list string) []ui.Option {
	var out []ui.Option
	for _, c := range catalog.Codes(list) {
		out = append(out, ui.Option{Value: c, Label: catalog.CodeName(i18n.From(ctx), list, c)})
	}
	return out
}
