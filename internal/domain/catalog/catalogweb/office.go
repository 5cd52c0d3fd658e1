package catalogweb

import (
	"bytes"
	"context"
	"errors"
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
	"tongban/internal/engine/clock"
)

type officeView struct {
	Page    ui.PageView
	Filters ui.FilterView
	Table   ui.TableView
	Pager   ui.PagerView
	Imports ui.TableView
}

func officeCrumbs(ctx context.Context, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: t(ctx, "office"), Href: "/office/items"}}, more...)
}

// office lists the items with what the item office has to look at.
func (p *Pages) office(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	q := catalog.Query{Text: in.Get("q"), Review: in.Get("review"), Agency: in.Get("agency"), Limit: 50, After: in.Get("after")}
	found, err := p.catalog.Search(ctx, q)
	if err != nil {
		return err
	}
	agencies, err := p.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	v := officeView{Page: ui.PageView{Title: t(ctx, "office"), Lead: t(ctx, "office_lead")}}
	v.Filters = ui.FilterView{
		Action: "/office/items", Target: "found", Query: &ui.SearchView{Query: q.Text, ID: "q-office", Label: t(ctx, "search")}, Summary: t(ctx, "count", errs.P{"n": found.Count}),
		Filters: []ui.Filter{
			{Name: "review", Label: t(ctx, "review_filter"), Value: q.Review, Options: reviewOptions(ctx)},
			{Name: "agency", Label: t(ctx, "agency"), Value: q.Agency, Options: agencyOptions(agencies)},
		},
	}
	if q.Filtered() {
		v.Filters.ResetHref = address("/office/items", in, "q")
	}
	v.Table = officeTable(ctx, found.Items)
	if found.Next != "" {
		next := url.Values{"after": {found.Next}}
		for _, k := range []string{"q", "review", "agency"} {
			if in.Get(k) != "" {
				next.Set(k, in.Get(k))
			}
		}
		v.Pager.NextHref = "/office/items?" + next.Encode()
	}
	if q.After != "" {
		v.Pager.PrevHref = address("/office/items", in, "q", "review", "agency")
		v.Pager.Summary = t(ctx, "further")
	}
	if v.Imports, err = p.imports(ctx); err != nil {
		return err
	}
	return web.Render(w, r, officePage(v))
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

func (p *Pages) imports(ctx context.Context) (ui.TableView, error) {
	v := ui.TableView{Caption: t(ctx, "imports"), CaptionHide: true, Empty: t(ctx, "imports_none"), Columns: []ui.Column{{Label: t(ctx, "when")}, {Label: t(ctx, "rows"), Num: true}, {Label: t(ctx, "import_rejected"), Num: true}}}
	list, err := p.catalog.Imports(ctx, 10)
	for _, i := range list {
		v.Rows = append(v.Rows, []ui.Cell{{Text: i.At.In(clock.Shanghai).Format("2006-01-02 15:04"), Href: "/office/items/imports/" + i.ID}, {Text: strconv.Itoa(i.Rows)}, {Text: strconv.Itoa(i.Rejected)}})
	}
	return v, err
}

type officeItemView struct {
	Page     ui.PageView
	Item     *catalog.Item
	Facts    []fact
	Findings ui.TableView
	Bases    ui.TableView
	Versions ui.TableView
	Done     bool
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
		v.Findings.Rows = append(v.Findings.Rows, []ui.Cell{{Text: f.Column}, {Text: i18n.In(l, f.Key, params)}})
	}
	v.Bases = ui.TableView{Caption: t(ctx, "part_basis"), Columns: []ui.Column{{Label: t(ctx, "law")}, {Label: t(ctx, "article")}, {Label: t(ctx, "state")}}, Empty: t(ctx, "bases_none")}
	for _, b := range it.Basis {
		v.Bases.Rows = append(v.Bases.Rows, []ui.Cell{{Text: b.Law}, {Text: b.Article}, {Text: t(ctx, "basis_status_"+b.Status), Tone: basisTone(b.Status)}})
	}
	v.Versions = ui.TableView{Caption: t(ctx, "versions"), Columns: []ui.Column{{Label: t(ctx, "version")}, {Label: t(ctx, "published_on"), Num: true}, {Label: t(ctx, "form_version"), Num: true}, {Label: t(ctx, "flow_version"), Num: true}}}
	for _, x := range versions {
		v.Versions.Rows = append(v.Versions.Rows, []ui.Cell{{Text: strconv.Itoa(x.Version)}, {Text: x.Published.In(clock.Shanghai).Format("2006-01-02 15:04")}, {Text: orDash(x.FormVersion)}, {Text: orDash(x.FlowVersion)}})
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

func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	if err := p.catalog.Export(r.Context(), &b, i18n.From(r.Context())); err != nil {
		return err
	}
	return web.File(w, t(r.Context(), "export_name")+".csv", "text/csv; charset=utf-8", false, &b)
}

type importView struct {
	Page  ui.PageView
	Error string
}

func importPageView(ctx context.Context, problem error) importView {
	v := importView{Page: ui.PageView{Title: t(ctx, "import"), Lead: t(ctx, "import_lead"), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "import")})}}
	if problem != nil {
		v.Error = i18n.Err(ctx, problem)
		v.Page.Errors = []ui.ErrorItem{{Field: "list", Text: v.Error}}
	}
	return v
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, importPage(importPageView(r.Context(), nil)))
}

func (p *Pages) importList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := web.Form(r); err != nil {
		return err
	}
	file, _, err := r.FormFile("list")
	if err != nil {
		if !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart) {
			return err
		}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, importPage(importPageView(ctx, errs.New(errs.Invalid, "catalog.import_no_file"))))
	}
	defer func() { _ = file.Close() }()
	report, err := p.catalog.Import(ctx, file, catalog.ImportOptions{Actor: authz.From(ctx)})
	if errs.KindOf(err) == errs.Invalid {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, importPage(importPageView(ctx, err)))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/items/imports/"+report.ID)
}

type reportView struct {
	Page    ui.PageView
	Counts  []ui.KPIView
	Ignored string
	Table   ui.TableView
}

func (p *Pages) importReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rep, err := p.catalog.ImportReport(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	c := rep.Count
	v := reportView{Page: ui.PageView{
		Title: t(ctx, "import_report"), Lead: t(ctx, "import_encoding_was", errs.P{"encoding": rep.Encoding, "rows": rep.Rows}),
		Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "import"), Href: "/office/items/import"}, ui.Crumb{Label: t(ctx, "import_report")}),
	}}
	for _, k := range []struct {
		key string
		n   int
		bad bool
	}{{"import_added", c.Added, false}, {"import_changed", c.Changed, false}, {"import_unchanged", c.Unchanged, false}, {"import_repeated", c.Repeated, false}, {"import_rejected", c.Rejected, true}} {
		kpi := ui.KPIView{Label: t(ctx, k.key), Value: strconv.Itoa(k.n)}
		if k.bad && k.n > 0 {
			kpi.Tone = ui.Bad
		}
		v.Counts = append(v.Counts, kpi)
	}
	if len(rep.Ignored) > 0 {
		v.Ignored = t(ctx, "import_ignored", errs.P{"columns": strings.Join(rep.Ignored, "、")})
	}
	v.Table = ui.TableView{Caption: t(ctx, "findings"), Empty: t(ctx, "findings_none"), Columns: []ui.Column{{Label: t(ctx, "finding")}, {Label: t(ctx, "column")}, {Label: t(ctx, "rows")}, {Label: t(ctx, "n_rows"), Num: true}, {Label: t(ctx, "state")}}}
	for _, s := range rep.Summaries(i18n.From(ctx)) {
		state := ui.Cell{Text: t(ctx, "import_taken"), Tone: ui.Neutral}
		if s.Serious {
			state = ui.Cell{Text: t(ctx, "import_not_taken"), Tone: ui.Bad}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: s.Text}, {Text: s.Column}, {Text: s.Rows}, {Text: strconv.Itoa(s.Count)}, state})
	}
	return web.Render(w, r, reportPage(v))
}
