package directoryweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

type baseView struct {
	Page    ui.PageView
	Tabs    []ui.NavItem
	State   string
	Tone    ui.Tone
	Facts   []ui.KVRow
	Related []ui.Link
	Bases   ui.TableView
	Mats    ui.TableView
	Only    bool
	Actions []ui.Link
}

func (p *Pages) found(ctx context.Context, code string) (directory.Base, error) {
	b, ok, err := p.dir.Base(ctx, code)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "directory.no_base", errs.P{"code": code})
	}
	return b, err
}

// baseTabs are the pages of one base item.
func baseTabs(ctx context.Context, code, current string) []ui.NavItem {
	var out []ui.NavItem
	for _, x := range [][2]string{{"", "part_elements"}, {"/history", "history"}, {"/adopters", "adopters"}} {
		out = append(out, ui.NavItem{Href: "/office/directory/" + code + x[0], Label: t(ctx, x[1]), Current: x[0] == current})
	}
	return out
}

func (p *Pages) base(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := p.found(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	v := baseView{
		Page: ui.PageView{Title: b.Name, Eyebrow: b.Code, Crumbs: crumbs(ctx, ui.Crumb{Label: b.Name}), Wide: true}, Tabs: baseTabs(ctx, b.Code, ""),
		State: t(ctx, "state_"+b.State), Tone: stateTone(b.State), Only: b.OnlyThese,
	}
	v.Facts = append(baseFacts(ctx, b), ui.KVRow{Key: t(ctx, "version"), Value: strconv.Itoa(b.Version), Num: true}, ui.KVRow{Key: t(ctx, "effective"), Value: b.Effective, Num: true})
	if b.FollowBy != "" {
		v.Facts = append(v.Facts, ui.KVRow{Key: t(ctx, "follow_by"), Value: b.FollowBy, Num: true})
	}
	for _, c := range slices.Concat(b.Predecessor, b.Successor) {
		if o, ok, err := p.dir.Base(ctx, c); err == nil && ok {
			v.Related = append(v.Related, ui.Link{Label: o.Code + " " + o.Name, Href: "/office/directory/" + c})
		}
	}
	v.Bases, v.Mats = basisTable(ctx, b), materialTable(ctx, b)
	a := authz.From(ctx)
	if b.State == directory.InUse && a.May(authz.CatalogEdit) {
		v.Actions = append(v.Actions, ui.Link{Label: t(ctx, "adopt"), Href: "/office/directory/" + b.Code + "/adopt"})
	}
	if b.State != directory.Cancelled && p.keeper(ctx) {
		for _, k := range directory.Kinds[1:] {
			v.Actions = append(v.Actions, ui.Link{Label: t(ctx, "start_"+string(k)), Href: "/office/directory-changes/new?" + url.Values{"kind": {string(k)}, "of": {b.Code}}.Encode()})
		}
	}
	return web.Render(w, r, basePage(v))
}

func baseFacts(ctx context.Context, b directory.Base) []ui.KVRow {
	out := []ui.KVRow{{Key: t(ctx, "part_code"), Value: b.Code, Num: true}}
	for _, f := range directory.Facts(i18n.From(ctx), b) {
		out = append(out, ui.KVRow{Key: t(ctx, "part_"+f.Element), Value: f.Text})
	}
	return out
}

func basisTable(ctx context.Context, b directory.Base) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "part_basis"), Columns: []ui.Column{{Label: t(ctx, "basis_law")}, {Label: t(ctx, "basis_article")}, {Label: t(ctx, "basis_issuer")}, {Label: t(ctx, "basis_text")}, {Label: t(ctx, "basis_status_label")}}}
	for _, x := range b.Basis {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: x.Law, Sub: x.Number}, {Text: x.Article}, {Text: x.Issuer, Sub: x.Effective}, {Text: x.Text}, {Text: item.CodeName(i18n.From(ctx), "basis_status", x.Status), Tone: ui.Neutral}})
	}
	return tv
}

func materialTable(ctx context.Context, b directory.Base) ui.TableView {
	l := i18n.From(ctx)
	tv := ui.TableView{Caption: t(ctx, "part_materials"), Empty: t(ctx, "materials_open"), Columns: []ui.Column{{Label: t(ctx, "material_name")}, {Label: t(ctx, "material_required")}, {Label: t(ctx, "material_source")}}}
	for _, m := range b.Materials {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: m.Name}, {Text: item.CodeName(l, "required", m.Required)}, {Text: item.CodeName(l, "source", m.Source)}})
	}
	return tv
}

func diffRows(ctx context.Context, was, is directory.Base) []ui.DiffRow {
	l := i18n.From(ctx)
	var out []ui.DiffRow
	for _, d := range directory.Diff(l, was, is) {
		out = append(out, ui.DiffRow{Label: d.Label(l), Old: d.Old, New: d.New})
	}
	return out
}

type versionView struct {
	Title string
	Notes []ui.KVRow
	Diff  []ui.DiffRow
	First bool
	Link  string // the change it came by
}

type historyView struct {
	Page     ui.PageView
	Tabs     []ui.NavItem
	Versions []versionView
}

func (p *Pages) history(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	vs, err := p.dir.History(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	b := vs[0]
	v := historyView{Page: ui.PageView{Title: t(ctx, "history_of", errs.P{"name": b.Name}), Eyebrow: b.Code, Crumbs: crumbs(ctx, ui.Crumb{Label: b.Name, Href: "/office/directory/" + b.Code}, ui.Crumb{Label: t(ctx, "history")}), Wide: true}, Tabs: baseTabs(ctx, b.Code, "/history")}
	for i, x := range vs {
		one := versionView{Title: t(ctx, "version_n", errs.P{"n": x.Version, "kind": t(ctx, "kind_"+string(x.Kind)), "date": x.Effective}), First: i == len(vs)-1}
		if x.ChangeID != "" {
			one.Link = "/office/directory-changes/" + x.ChangeID
		} else {
			one.Notes = append(one.Notes, ui.KVRow{Key: t(ctx, "came_by"), Value: t(ctx, "came_by_pack", errs.P{"pack": x.Pack})})
		}
		if x.FollowBy != "" {
			one.Notes = append(one.Notes, ui.KVRow{Key: t(ctx, "follow_by"), Value: x.FollowBy, Num: true})
		}
		if !one.First {
			one.Diff = diffRows(ctx, vs[i+1], x)
		}
		v.Versions = append(v.Versions, one)
	}
	return web.Render(w, r, historyPage(v))
}

// most is how many adopters of one base item a page reads.
const most = 5000

// allAdopters reads the adopters of a base item, page by page.
func (p *Pages) allAdopters(ctx context.Context, code string) ([]directory.Adopter, error) {
	if p.adopters == nil {
		return nil, nil
	}
	var out []directory.Adopter
	for after := ""; ; {
		page, err := p.adopters.Adopters(ctx, code, after, 500)
		out = append(out, page...)
		if err != nil || len(page) < 500 || len(out) >= most {
			return out, err
		}
		after = page[len(page)-1].Item
	}
}

type reachView struct {
	Page    ui.PageView
	Tabs    []ui.NavItem
	KPIs    []ui.KPIView
	Filters ui.FilterView
	Table   ui.TableView
	Note    string
}

func (p *Pages) reach(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	b, err := p.found(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	adopters, err := p.allAdopters(ctx, b.Code)
	if err != nil {
		return err
	}
	rows := p.dir.Reach(ctx, b, adopters, q.Get("region"))
	v := reachView{
		Page: ui.PageView{Title: t(ctx, "adopters_of", errs.P{"name": b.Name}), Eyebrow: b.Code, Lead: t(ctx, "adopters_lead"), Wide: true, Crumbs: crumbs(ctx, ui.Crumb{Label: b.Name, Href: "/office/directory/" + b.Code}, ui.Crumb{Label: t(ctx, "adopters")})},
		Tabs: baseTabs(ctx, b.Code, "/adopters"), Filters: p.regionFilter(ctx, "/office/directory/"+b.Code+"/adopters", q),
	}
	if slices.Contains(b.UseLevels, "7") {
		v.Note = t(ctx, "reach_by_grade")
	}
	v.Table = ui.TableView{Caption: t(ctx, "adopters"), CaptionHide: true, Empty: t(ctx, "reach_none"), Columns: []ui.Column{{Label: t(ctx, "region")}, {Label: t(ctx, "region_level")}, {Label: t(ctx, "adopters")}, {Label: t(ctx, "delegated")}, {Label: t(ctx, "part_state")}}}
	gaps, old, items := 0, 0, 0
	for _, x := range rows {
		state := ui.Cell{Text: t(ctx, "reach_ok"), Tone: ui.Success}
		switch {
		case x.Gap():
			gaps++
			state = ui.Cell{Text: t(ctx, "reach_gap"), Tone: ui.Warn}
		case len(x.Adopters) == 0:
			state = ui.Cell{Text: t(ctx, "reach_delegated"), Tone: ui.Neutral}
		}
		for _, a := range x.Adopters {
			items++
			if a.On() < b.Version {
				old++
				state = ui.Cell{Text: t(ctx, "reach_old"), Tone: ui.Warn}
			}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: indent(x.Region.Level) + x.Region.Name, Sub: x.Region.Code}, {Text: i18n.T(ctx, "org.level_"+x.Region.Level)}, {Part: adopterLinks(x.Adopters)}, {Text: handed(ctx, x.Delegated)}, state})
	}
	v.KPIs = []ui.KPIView{{Label: t(ctx, "kpi_items"), Value: strconv.Itoa(items)}, {Label: t(ctx, "kpi_gaps"), Value: strconv.Itoa(gaps), Tone: toneIf(gaps)}, {Label: t(ctx, "kpi_old"), Value: strconv.Itoa(old), Tone: toneIf(old), Href: "/office/follow"}}
	return web.Render(w, r, reachPage(v))
}

func toneIf(n int) ui.Tone {
	if n > 0 {
		return ui.Warn
	}
	return ""
}

func indent(level string) string {
	return strings.Repeat("　", max(0, slices.Index([]string{"province", "city", "county", "town", "village"}, level)))
}

func handed(ctx context.Context, hs []directory.Handed) string {
	out := make([]string, 0, len(hs))
	for _, h := range hs {
		acts := make([]string, 0, len(h.Acts))
		for _, a := range h.Acts {
			acts = append(acts, i18n.T(ctx, "org.act_"+a))
		}
		text := h.Office
		if len(acts) > 0 {
			text += "（" + strings.Join(acts, "、") + "）"
		}
		out = append(out, text)
	}
	return strings.Join(out, "；")
}

func (p *Pages) regionFilter(ctx context.Context, action string, q url.Values) ui.FilterView {
	f := ui.Filter{Name: "region", Label: t(ctx, "region"), Value: q.Get("region")}
	for _, r := range p.offices.Regions(ctx) {
		f.Options = append(f.Options, ui.Option{Value: r.Code, Label: indent(r.Level) + r.Name})
	}
	return ui.FilterView{Action: action, Filters: []ui.Filter{f}}
}

// regions shows who exercises what in which region: every base item whose level the region has, with its adopters there.
func (p *Pages) regions(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	code := q.Get("region")
	if code == "" {
		code = p.home(ctx)
		q.Set("region", code)
	}
	region, err := p.offices.Region(ctx, code)
	if err != nil {
		return err
	}
	bases, _, next, err := p.dir.Bases(ctx, directory.Query{State: directory.InUse, Level: directory.LevelOf(region.Level), After: q.Get("after"), Limit: pageSize})
	if err != nil {
		return err
	}
	v := reachView{Page: ui.PageView{Title: t(ctx, "regions_of", errs.P{"name": region.Name}), Eyebrow: p.path(ctx, code), Lead: t(ctx, "regions_lead"), Wide: true}, Tabs: p.tabs(ctx, "/office/directory-regions"), Filters: p.regionFilter(ctx, "/office/directory-regions", q)}
	v.Table = ui.TableView{Caption: t(ctx, "regions"), CaptionHide: true, Empty: t(ctx, "regions_none"), Columns: []ui.Column{{Label: t(ctx, "part_name")}, {Label: t(ctx, "part_item_type")}, {Label: t(ctx, "adopters")}, {Label: t(ctx, "part_state")}}}
	gaps := 0
	for _, b := range bases {
		adopters, err := p.allAdopters(ctx, b.Code)
		if err != nil {
			return err
		}
		adopters = slices.DeleteFunc(adopters, func(a directory.Adopter) bool { return a.Region != code || a.State == directory.Cancelled })
		state := ui.Cell{Text: t(ctx, "reach_ok"), Tone: ui.Success}
		if len(adopters) == 0 {
			gaps++
			state = ui.Cell{Text: t(ctx, "reach_gap"), Tone: ui.Warn}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: b.Name, Sub: b.Code, Href: "/office/directory/" + b.Code + "/adopters"}, {Text: item.CodeName(i18n.From(ctx), "type", b.ItemType)}, {Part: adopterLinks(adopters)}, state})
	}
	v.KPIs = []ui.KPIView{{Label: t(ctx, "kpi_bases"), Value: strconv.Itoa(len(bases))}, {Label: t(ctx, "kpi_page_gaps"), Value: strconv.Itoa(gaps), Tone: toneIf(gaps)}}
	if next != "" {
		q.Set("after", next)
		v.Note = "/office/directory-regions?" + q.Encode()
	}
	return web.Render(w, r, regionsPage(v))
}

// path names a region with those above it.
func (p *Pages) path(ctx context.Context, code string) string {
	var names []string
	for _, r := range p.offices.RegionPath(ctx, code) {
		names = append(names, r.Name)
	}
	return strings.Join(names, " › ")
}

// home is the region of who asks, else the first.
func (p *Pages) home(ctx context.Context) string {
	if g, err := p.offices.Agency(ctx, authz.From(ctx).AgencyID); err == nil {
		return g.Region
	}
	for _, r := range p.offices.Regions(ctx) {
		return r.Code
	}
	return ""
}

type adoptView struct {
	Page    ui.PageView
	Facts   []ui.KVRow
	Choices []ui.Option
	Agency  string
	Mine    []directory.Adopter
	Href    string
	Problem string
}

// adopt shows what of a base item is fixed for an agency, and leads to the new item.
func (p *Pages) adopt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := p.found(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	agency := r.URL.Query().Get("agency")
	if agency == "" {
		agency = authz.From(ctx).AgencyID
	}
	v := adoptView{Page: ui.PageView{Title: t(ctx, "adopt_title", errs.P{"name": b.Name}), Eyebrow: b.Code, Lead: t(ctx, "adopt_lead"), Crumbs: crumbs(ctx, ui.Crumb{Label: b.Name, Href: "/office/directory/" + b.Code}, ui.Crumb{Label: t(ctx, "adopt")})}, Agency: agency, Facts: baseFacts(ctx, b)}
	for _, g := range p.offices.Agencies(ctx) {
		v.Choices = append(v.Choices, ui.Option{Value: g.Key, Label: g.Name})
	}
	if _, err := p.dir.Adopt(ctx, b.Code, agency); err != nil {
		if k := errs.KindOf(err); k != errs.Conflict && k != errs.NotFound {
			return err
		}
		v.Problem = i18n.Err(ctx, err)
	} else {
		v.Href = "/office/changes/new?" + url.Values{"base": {b.Code}, "agency": {agency}}.Encode()
	}
	adopters, err := p.allAdopters(ctx, b.Code)
	if err != nil {
		return err
	}
	for _, a := range adopters {
		if a.Agency == agency {
			v.Mine = append(v.Mine, a)
		}
	}
	return web.Render(w, r, adoptPage(v))
}
