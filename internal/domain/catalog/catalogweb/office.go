package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/engine/clock"
)

type officeView struct {
	Page    ui.PageView
	Filters ui.FilterView
	Table   ui.TableView
	Pager   ui.PagerView
	Imports ui.TableView
	Follow  string // how many items await following; empty when none does
}

func officeCrumbs(ctx context.Context, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: t(ctx, "office"), Href: "/office/items"}}, more...)
}

// office lists the items with what the item office has to look at.
func (p *Pages) office(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	q := catalog.Query{Text: in.Get("q"), Review: in.Get("review"), Agency: in.Get("agency"), State: in.Get("state"), Limit: 50, After: in.Get("after")}
	found, err := p.catalog.Search(ctx, q)
	if err != nil {
		return err
	}
	agencies, err := p.agencyOptions(ctx, q)
	if err != nil {
		return err
	}
	v := officeView{Page: ui.PageView{Title: t(ctx, "office"), Lead: t(ctx, "office_lead")}}
	v.Filters = ui.FilterView{
		Action: "/office/items", Target: "found", Query: &ui.SearchView{Query: q.Text, ID: "q-office", Label: t(ctx, "search")}, Summary: t(ctx, "count", errs.P{"n": found.Count}),
		Filters: []ui.Filter{
			{Name: "review", Label: t(ctx, "review_filter"), Value: q.Review, Options: reviewOptions(ctx)},
			{Name: "agency", Label: t(ctx, "agency"), Value: q.Agency, Options: agencies},
			{Name: "state", Label: t(ctx, "state"), Value: q.State, Options: []ui.Option{{Value: catalog.Suspended, Label: t(ctx, "state_2")}, {Value: catalog.Cancelled, Label: t(ctx, "state_3")}}},
		},
	}
	if q.Filtered() {
		v.Filters.ResetHref = address("/office/items", in, "q")
	}
	v.Table = officeTable(ctx, found.Items)
	if found.Next != "" {
		next := url.Values{"after": {found.Next}}
		for _, k := range []string{"q", "review", "agency", "state"} {
			if in.Get(k) != "" {
				next.Set(k, in.Get(k))
			}
		}
		v.Pager.NextHref = "/office/items?" + next.Encode()
	}
	if q.After != "" {
		v.Pager.PrevHref = address("/office/items", in, "q", "review", "agency", "state")
		v.Pager.Summary = t(ctx, "further")
	}
	if v.Imports, err = p.imports(ctx); err != nil {
		return err
	}
	if v.Follow, err = p.awaiting(ctx); err != nil {
		return err
	}
	return web.Render(w, r, officePage(v))
}

// awaiting says how many items of who asks stand on an older version of their base.
func (p *Pages) awaiting(ctx context.Context) (string, error) {
	if p.following == nil {
		return "", nil
	}
	n, more, err := p.following(ctx)
	switch {
	case err != nil || n == 0:
		return "", err
	case more:
		return ft(ctx, "follow_awaits_more", errs.P{"n": n}), nil
	}
	return ft(ctx, "follow_awaits", errs.P{"n": n}), nil
}

func reviewOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "unreviewed", Label: t(ctx, "unreviewed")}, {Value: "findings", Label: t(ctx, "with_findings")}}
	for _, c := range catalog.Codes("basis_status") {
		out = append(out, ui.Option{Value: c, Label: t(ctx, "with_basis", errs.P{"status": t(ctx, "basis_status_"+c)})})
	}
	return out
}

func officeTable(ctx context.Context, items []catalog.Item) ui.TableView {
	v := ui.TableView{Caption: t(ctx, "items"), CaptionHide: true, Sticky: true, Empty: t(ctx, "nothing"), Columns: []ui.Column{
		{Label: t(ctx, "name")}, {Label: t(ctx, "agency")}, {Label: t(ctx, "code")}, {Label: t(ctx, "version"), Num: true}, {Label: t(ctx, "published_on"), Num: true}, {Label: t(ctx, "state")},
	}}
	for i := range items {
		it := &items[i]
		state := ui.Cell{Text: t(ctx, "reviewed")}
		if it.Unreviewed {
			state = ui.Cell{Text: t(ctx, "unreviewed"), Tone: ui.Warn}
		}
		if it.Pack != "" {
			state = ui.Cell{Text: t(ctx, "from_pack", errs.P{"pack": it.Pack})}
		}
		if it.State == catalog.Suspended || it.State == catalog.Cancelled {
			state = ui.Cell{Text: t(ctx, "state_"+it.State), Tone: ui.Bad}
		}
		if n := len(it.Findings); n > 0 {
			state.Sub = t(ctx, "n_findings", errs.P{"n": n})
		}
		if s := statuses(ctx, it); s != "" {
			state.Sub = s
		}
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: it.Name, Href: "/office/items/" + url.PathEscape(it.Key), Sub: catalog.CodeName(i18n.From(ctx), "type", it.ItemType)},
			{Text: it.AgencyName},
			{Text: it.Code},
			{Text: strconv.Itoa(it.Version)},
			{Text: it.Published.In(clock.Shanghai).Format("2006-01-02")},
			state,
		})
	}
	return v
}

// statuses sums up how far the legal bases were checked.
func statuses(ctx context.Context, it *catalog.Item) string {
	var parts []string
	for _, c := range catalog.Codes("basis_status") {
		n := 0
		for _, b := range it.Basis {
			if b.Status == c {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, t(ctx, "n_bases", errs.P{"n": n, "status": t(ctx, "basis_status_"+c)}))
		}
	}
	return strings.Join(parts, t(ctx, "comma"))
}

type officeItemView struct {
	Page     ui.PageView
	Item     *catalog.Item
	Facts    []fact
	Findings ui.TableView
	Bases    ui.TableView
	Versions ui.TableView
	Done     bool
	State    stateView
}

func (p *Pages) officeItem(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	it, err := p.catalog.Item(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	versions, err := p.catalog.Versions(ctx, it.Key)
	if err != nil {
		return err
	}
	l := i18n.From(ctx)
	v := officeItemView{Item: &it, Facts: details(ctx, &it, true), Done: r.URL.Query().Has("reviewed"), Page: ui.PageView{Title: it.Name, Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "guide")})}}
	v.Findings = ui.TableView{Caption: t(ctx, "findings"), Columns: []ui.Column{{Label: t(ctx, "column")}, {Label: t(ctx, "finding")}}, Empty: t(ctx, "findings_none")}
	for _, f := range it.Findings {
		params := errs.P{}
		for k, x := range f.Params {
			params[k] = x
		}
		v.Findings.Rows = append(v.Findings.Rows, []ui.Cell{{Text: list.ColumnText(l, f.Column, "")}, {Text: i18n.In(l, f.Key, params)}})
	}
	v.Bases = ui.TableView{Caption: t(ctx, "part_basis"), Columns: []ui.Column{{Label: t(ctx, "law")}, {Label: t(ctx, "article")}, {Label: t(ctx, "state")}}, Empty: t(ctx, "bases_none")}
	for _, b := range it.Basis {
		v.Bases.Rows = append(v.Bases.Rows, []ui.Cell{{Text: b.Law}, {Text: b.Article}, {Text: t(ctx, "basis_status_"+b.Status), Tone: basisTone(b.Status)}})
	}
	v.Versions = ui.TableView{Caption: t(ctx, "versions"), Columns: []ui.Column{{Label: t(ctx, "version")}, {Label: t(ctx, "published_on"), Num: true}, {Label: t(ctx, "form_version"), Num: true}, {Label: t(ctx, "flow_version"), Num: true}, {Label: t(ctx, "difference")}}}
	for i, x := range versions {
		v.Versions.Rows = append(v.Versions.Rows, []ui.Cell{{Text: strconv.Itoa(x.Version)}, {Text: x.Published.In(clock.Shanghai).Format("2006-01-02 15:04")}, {Text: orDash(x.FormVersion)}, {Text: orDash(x.FlowVersion)}, betweenCell(ctx, it.Key, versions, i)})
	}
	if v.State, err = p.stateView(ctx, it.Key); err != nil {
		return err
	}
	return web.Render(w, r, officeItemPage(v))
}

func orDash(n int) string {
	if n == 0 {
		return "—"
	}
	return strconv.Itoa(n)
}

func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	if _, err := p.catalog.Item(r.Context(), key); err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("version")) // 0 matches no version and is refused as a conflict
	if err := p.catalog.Review(r.Context(), authz.From(r.Context()), key, version); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/items/"+url.PathEscape(key)+"?reviewed")
}
