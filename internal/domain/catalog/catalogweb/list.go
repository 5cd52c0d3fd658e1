package catalogweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/search"
)

// rowView is one item in a list.
type rowView struct {
	Href, Name, Short, Agency, Type string
	Facts                           []string
	Why                             string // why it was found, in one sentence
	Others                          string // that other agencies offer the same
	OthersHref                      string
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
	switch it.State {
	case catalog.Suspended, catalog.Cancelled:
		v.Apply, v.Tags = "", []ui.TagView{{Tone: ui.Bad, Text: t(ctx, "state_"+it.State)}}
		return v
	}
	if it.Unreviewed {
		v.Tags = append(v.Tags, ui.TagView{Tone: ui.Warn, Text: t(ctx, "unreviewed")})
		v.Facts = listedWords(ctx, it)
		return v
	}
	for _, f := range []string{promiseWords(ctx, it), feeWords(ctx, it), visitWords(ctx, it)} {
		if f != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	return v
}

// listedWords are what a list said of an item that nobody has checked, with the mark that it did; nil when it said nothing.
func listedWords(ctx context.Context, it *catalog.Item) []string {
	var out []string
	for _, f := range []string{promiseWords(ctx, it), visitWords(ctx, it), it.Consult.Phone} {
		if f != "" {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		out = append(out, t(ctx, "listed_short"))
	}
	return out
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
	Page      ui.PageView
	Filters   ui.FilterView
	Where     regionLine
	Rows      []rowView
	Loose     bool
	Nearest   bool // nothing matched: Rows have the nearest names
	Query     string
	Corrected string // what was looked for instead of Query
	AsTyped   string // address that looks for Query all the same
	Pager     ui.PagerView
	Removed   string // the list without its filters, when only they make it empty
	Hotline   string
}

// filterNames are the parameters that narrow the list, besides q.
var filterNames = []string{"audience", "theme", "life", "agency", "region", "near", "online", "type", "base", "same"}

func queryOf(v url.Values) catalog.Query {
	return catalog.Query{
		Text: v.Get("q"), Audience: v.Get("audience"), Theme: v.Get("theme"), Life: v.Get("life"), Agency: v.Get("agency"), Region: v.Get("region"), Near: v.Get("near"),
		Online: v.Get("online"), Type: v.Get("type"), Base: v.Get("base"), Same: v.Get("same"), Exact: v.Has("exact"), After: v.Get("after"),
	}
}

// who is the reader's audience, as far as it is known.
func who(ctx context.Context) string {
	switch a := authz.From(ctx); {
	case a.FirmID != "":
		return "firm"
	case a.PersonID != "":
		return "person"
	}
	return ""
}

// placed takes near for the reader's region when there is a question: it is answered from everywhere, the nearest first.
func placed(q catalog.Query) catalog.Query {
	if strings.TrimSpace(q.Text) != "" && q.Near != "" {
		q.Home, q.Near = q.Near, ""
	}
	return q
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	q := queryOf(in)
	q.Home, q.Who = p.near(r), who(ctx)
	q = placed(q)
	found, err := p.catalog.Search(ctx, q)
	if err != nil {
		return err
	}
	p.catalog.Words().Note(search.Asked{Result: found.Asked, Found: len(found.Items), Region: q.Home, Sender: web.Origin(r), First: q.After == ""})
	filters, err := p.filters(ctx, in, q)
	if err != nil {
		return err
	}
	filters.Summary = t(ctx, "count", errs.P{"n": found.Count})
	if found.Count == "0" {
		filters.Summary = t(ctx, "count_none")
	}
	v := listView{
		Filters: filters, Where: p.regionLine(r), Rows: foundRows(ctx, found), Loose: found.Loose && len(found.Items) > 0, Nearest: found.Nearest && len(found.Items) > 0,
		Query: strings.TrimSpace(q.Text), Corrected: found.Corrected, Hotline: ui.ShellFrom(ctx).Hotline,
		Page: ui.PageView{Title: t(ctx, "items"), Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "items")})},
	}
	if v.Query != "" {
		v.Page.Title = t(ctx, "results", errs.P{"q": shortened(v.Query)})
	}
	if v.Corrected != "" {
		v.AsTyped = address("/items", in, append([]string{"q"}, filterNames...)...) + "&exact=1"
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
	shell := ui.ShellFrom(ctx)
	shell.SearchURL = "" // the page has a box of its own, which holds the question
	return web.Render(w, r.WithContext(ui.WithShell(ctx, shell)), listPage(v))
}

// foundRows are rows with why each was found and who else offers it.
func foundRows(ctx context.Context, p catalog.Page) []rowView {
	out := rows(ctx, p.Items)
	for i := range p.Found {
		if p.Asked.Words != "" {
			out[i].Href += "?from=" + url.QueryEscape(p.Asked.Words) // the item office sees which words lead where
		}
		out[i].Why = whyWords(ctx, p.Found[i].Why)
		if n := p.Found[i].Others; n > 0 {
			out[i].Others = t(ctx, "others", errs.P{"n": n})
			out[i].OthersHref = "/items?same=" + url.QueryEscape(p.Items[i].Key)
		}
	}
	return out
}

// whyWords says in one sentence what an item was found by. What needs explaining goes first: an everyday word that stands for another.
func whyWords(ctx context.Context, why []search.Why) string {
	var words []string
	for _, y := range why {
		switch {
		case y.Field == search.FieldSynonym && y.Via != "":
			return t(ctx, "why_means", errs.P{"via": y.Via, "word": y.Word})
		case y.Field == search.FieldPinyin:
			return t(ctx, "why_pinyin", errs.P{"via": y.Via})
		case y.Field == search.FieldName:
			words = append(words, y.Word)
		}
	}
	for _, y := range why {
		switch y.Field {
		case search.FieldEveryday, search.FieldShort, search.FieldBody, search.FieldAgency, search.FieldCode:
			return t(ctx, "why_"+y.Field, errs.P{"word": y.Word})
		}
	}
	if len(words) > 0 {
		return t(ctx, "why_name", errs.P{"word": strings.Join(words, t(ctx, "why_and"))})
	}
	return ""
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
	v := ui.FilterView{Action: "/items", Target: "found", Fold: true, Query: &ui.SearchView{Query: q.Text, ID: "q-list", Label: t(ctx, "search")}}
	themes, err := p.themeOptions(ctx)
	if err != nil {
		return v, err
	}
	agencies, err := p.agencyOptions(ctx, q)
	if err != nil {
		return v, err
	}
	regions, err := p.regionOptions(ctx, q)
	if err != nil {
		return v, err
	}
	v.Filters = []ui.Filter{
		{Name: "audience", Label: t(ctx, "audience"), Value: q.Audience, Options: []ui.Option{{Value: "person", Label: t(ctx, "for_person")}, {Value: "firm", Label: t(ctx, "for_firm")}}},
		{Name: "theme", Label: t(ctx, "theme"), Value: q.Theme, Options: themes},
		{Name: "agency", Label: t(ctx, "agency"), Value: q.Agency, Options: agencies},
		{Name: "region", Label: t(ctx, "region"), Value: q.Region, Options: regions},
		{Name: "online", Label: t(ctx, "online"), Value: q.Online, Options: codeOptions(ctx, "online")},
	}
	for _, k := range []string{"life", "near", "base", "same"} {
		if in.Get(k) != "" {
			v.Hidden = append(v.Hidden, ui.KV{Key: k, Value: in.Get(k)})
		}
	}
	if q.Filtered() {
		v.ResetHref = address("/items", in, "q")
	}
	return v, nil
}

// mostOptions is how many agencies or regions a select offers. A nation has more: then those of the chosen region, or none.
const mostOptions = 200

// agencyOptions offers the agencies that have items, where there are too many those of the region in question.
func (p *Pages) agencyOptions(ctx context.Context, q catalog.Query) ([]ui.Option, error) {
	groups, err := p.catalog.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	if len(groups) > mostOptions {
		stem := search.Stem(cmp.Or(q.Region, q.Near, q.Home, "-"))
		var here []catalog.Group
		for _, g := range groups {
			if g.Key == q.Agency || strings.HasPrefix(g.Region, stem) && len(here) < mostOptions {
				here = append(here, g)
			}
		}
		groups = here
	}
	return agencyOptions(groups), nil
}

// regionOptions offers the regions that have items, where there are too many the reader's and those above it, and what is chosen.
func (p *Pages) regionOptions(ctx context.Context, q catalog.Query) ([]ui.Option, error) {
	codes, err := p.catalog.Regions(ctx)
	if err != nil {
		return nil, err
	}
	if len(codes) > mostOptions {
		codes = nil
		for _, of := range []string{q.Home, q.Region} {
			for _, reg := range p.chain(ctx, of) {
				if !slices.Contains(codes, reg.Code) {
					codes = append(codes, reg.Code)
				}
			}
		}
	}
	var out []ui.Option
	for _, code := range codes {
		out = append(out, ui.Option{Value: code, Label: p.regionName(ctx, code)})
	}
	return out, nil
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
	names := agencyNames(groups)
	var out []ui.Option
	for i, g := range groups {
		if g.Count > 0 {
			out = append(out, ui.Option{Value: g.Key, Label: names[i]})
		}
	}
	return out
}

// agencyNames names agencies, with the code behind where several have one name.
func agencyNames(groups []catalog.Group) []string {
	same := map[string]int{}
	for _, g := range groups {
		if g.Count > 0 {
			same[g.Name]++
		}
	}
	out := make([]string, len(groups))
	for i, g := range groups {
		if out[i] = g.Name; same[g.Name] > 1 {
			out[i] += "（" + cmp.Or(g.Code, g.Key) + "）"
		}
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
