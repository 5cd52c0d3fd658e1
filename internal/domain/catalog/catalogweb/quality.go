package catalogweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
)

const (
	qualityPage = 50  // items a page shows
	mostScored  = 300 // agencies it shows, the worst first
)

// qualityRoutes are the pages of quality. Everybody of an item office and of legal review may look at all agencies; nothing can be changed here.
func (p *Pages) qualityRoutes() []web.Route {
	return []web.Route{
		web.To("GET /office/quality", authz.CatalogSee, p.quality),
		web.To("GET /office/quality/{key}", authz.CatalogSee, p.qualityItem),
	}
}

func tr(ctx context.Context, key string, ps ...errs.P) string {
	return i18n.T(ctx, "rule."+key, ps...)
}

type qualityView struct {
	Page     ui.PageView
	Filters  ui.FilterView
	KPIs     []ui.KPIView
	Partly   string
	Agencies ui.TableView
	ByRule   ui.TableView
	Items    ui.TableView
	Pager    ui.PagerView
}

// quality shows scores: of all agencies while they can be judged at once, else of one that is chosen; the worst items; the findings by rule.
func (p *Pages) quality(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	agencies, err := p.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	agency, only := in.Get("agency"), in.Get("rule")
	found, err := p.catalog.Quality(ctx, catalog.QualityQuery{Agency: agency, Rule: only, Limit: qualityPage, After: in.Get("after")})
	if err != nil {
		return err
	}
	sum := found.Sum
	v := qualityView{Page: ui.PageView{Title: tr(ctx, "quality"), Lead: tr(ctx, "quality_lead"), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: tr(ctx, "quality")})}}
	v.Filters = ui.FilterView{Action: "/office/quality", Filters: []ui.Filter{
		{Name: "agency", Label: t(ctx, "agency"), Value: agency, Options: agencyOptions(agencies)}, {Name: "rule", Label: tr(ctx, "rule"), Value: only, Options: ruleOptions(ctx, sum)},
	}}
	if agency != "" || only != "" {
		v.Filters.ResetHref = "/office/quality"
	}
	v.KPIs = qualityKPIs(ctx, sum)
	if found.Waiting > 0 {
		v.Partly = tr(ctx, "quality_partly", errs.P{"n": found.Waiting})
	}
	if agency == "" {
		sums, err := p.catalog.QualityOfAgencies(ctx)
		if err != nil {
			return err
		}
		v.Agencies = agencyScores(ctx, agencies, sums)
	}
	v.ByRule = ruleTable(ctx, sum, agency)
	v.Items, v.Pager = p.itemScores(ctx, in, found, only)
	return web.Render(w, r, qualityOverview(v))
}

func ruleOptions(ctx context.Context, sum rule.Tally) []ui.Option {
	var out []ui.Option
	for _, r := range rule.All {
		if sum.ByRule[r.Key] > 0 {
			out = append(out, ui.Option{Value: r.Key, Label: r.Title(i18n.From(ctx))})
		}
	}
	return out
}

func qualityKPIs(ctx context.Context, sum rule.Tally) []ui.KPIView {
	blocked := ui.KPIView{Label: tr(ctx, "level_block"), Value: strconv.Itoa(sum.ByLevel[rule.Block]), Unit: tr(ctx, "findings_unit")}
	if sum.ByLevel[rule.Block] > 0 {
		blocked.Tone = ui.Bad
	}
	return []ui.KPIView{
		{Label: tr(ctx, "score"), Value: strconv.Itoa(sum.Score()), Unit: tr(ctx, "points")},
		{Label: tr(ctx, "items"), Value: strconv.Itoa(sum.Items), Note: tr(ctx, "clean", errs.P{"n": sum.Clean})},
		blocked,
		{Label: tr(ctx, "level_warn"), Value: strconv.Itoa(sum.ByLevel[rule.Warn]), Unit: tr(ctx, "findings_unit")},
		{Label: tr(ctx, "level_advice"), Value: strconv.Itoa(sum.ByLevel[rule.Advice]), Unit: tr(ctx, "findings_unit")},
	}
}

// agencyScores lists the agencies with items, the worst first.
func agencyScores(ctx context.Context, agencies []catalog.Group, sums map[string]rule.Tally) ui.TableView {
	v := ui.TableView{Caption: tr(ctx, "by_agency"), Columns: []ui.Column{{Label: t(ctx, "agency")}, {Label: tr(ctx, "items"), Num: true}, {Label: tr(ctx, "score"), Num: true}, {Label: tr(ctx, "clean_items"), Num: true}, {Label: tr(ctx, "level_block"), Num: true}}}
	agencies = slices.DeleteFunc(slices.Clone(agencies), func(g catalog.Group) bool { return sums[g.Key].Items == 0 })
	slices.SortStableFunc(agencies, func(a, b catalog.Group) int { return cmp.Compare(sums[a.Key].Score(), sums[b.Key].Score()) })
	names := agencyNames(agencies)
	for i, g := range agencies[:min(len(agencies), mostScored)] {
		sum := sums[g.Key]
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: names[i], Href: "/office/quality?agency=" + url.QueryEscape(g.Key)},
			{Text: strconv.Itoa(sum.Items)},
			{Text: strconv.Itoa(sum.Score())},
			{Text: strconv.Itoa(sum.Clean)},
			{Text: strconv.Itoa(sum.ByLevel[rule.Block])},
		})
	}
	return v
}

// ruleTable counts the items that break each rule, the most frequent first.
func ruleTable(ctx context.Context, sum rule.Tally, agency string) ui.TableView {
	v := ui.TableView{Caption: tr(ctx, "by_rule"), Empty: tr(ctx, "none"), Columns: []ui.Column{{Label: tr(ctx, "rule")}, {Label: tr(ctx, "basis_of")}, {Label: tr(ctx, "level")}, {Label: tr(ctx, "items"), Num: true}}}
	rules := slices.DeleteFunc(slices.Clone(rule.All), func(r rule.Rule) bool { return sum.ByRule[r.Key] == 0 })
	slices.SortStableFunc(rules, func(a, b rule.Rule) int { return sum.ByRule[b.Key] - sum.ByRule[a.Key] })
	for _, r := range rules {
		to := url.Values{"rule": {r.Key}}
		if agency != "" {
			to.Set("agency", agency)
		}
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: r.Title(i18n.From(ctx)), Href: "/office/quality?" + to.Encode()},
			{Text: r.Basis},
			{Text: tr(ctx, "level_"+string(r.Level)), Tone: ruleTone(r.Level)},
			{Text: strconv.Itoa(sum.ByRule[r.Key])},
		})
	}
	return v
}

func ruleTone(l rule.Level) ui.Tone {
	switch l {
	case rule.Block:
		return ui.Bad
	case rule.Warn:
		return ui.Warn
	}
	return ui.Neutral
}

// itemScores lists a page of items, the worst first; with a rule only those that break it.
func (p *Pages) itemScores(ctx context.Context, in url.Values, found catalog.QualityPage, only string) (ui.TableView, ui.PagerView) {
	v := ui.TableView{Caption: tr(ctx, "worst"), Empty: tr(ctx, "none"), Columns: []ui.Column{{Label: t(ctx, "name")}, {Label: t(ctx, "agency")}, {Label: tr(ctx, "score"), Num: true}, {Label: tr(ctx, "findings"), Num: true}, {Label: tr(ctx, "first_finding")}}}
	facts := p.catalog.RuleFacts(ctx)
	for _, j := range found.Items {
		row := []ui.Cell{{Text: j.Item.Name, Href: "/office/quality/" + url.PathEscape(j.Item.Key)}, {Text: j.Item.AgencyText()}, {Text: strconv.Itoa(j.Score)}, {Text: strconv.Itoa(j.Findings)}, {}}
		fs := rule.Check(facts, &j.Item)
		if i := slices.IndexFunc(fs, func(f rule.Finding) bool { return only == "" || f.Rule == only }); i >= 0 {
			row[4].Text = fs[i].Text(i18n.From(ctx))
		}
		v.Rows = append(v.Rows, row)
	}
	var pager ui.PagerView
	if in.Get("after") != "" {
		pager.PrevHref = address("/office/quality", in, "agency", "rule")
	}
	if found.Next != "" {
		next := url.Values{"agency": in["agency"], "rule": in["rule"], "after": {found.Next}}
		pager.NextHref = address("/office/quality", next, "agency", "rule", "after")
	}
	return v, pager
}

type qualityItemView struct {
	Page     ui.PageView
	KPIs     []ui.KPIView
	Findings ui.TableView
	Item     *catalog.Item
}

// qualityItem shows all that is wrong with one item, with its remedy.
func (p *Pages) qualityItem(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l := i18n.From(ctx)
	it, err := p.catalog.Item(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	fs, score := p.catalog.Judge(ctx, &it)
	v := qualityItemView{Item: &it, Page: ui.PageView{Title: it.Name, Lead: it.AgencyText(), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: tr(ctx, "quality"), Href: "/office/quality"}, ui.Crumb{Label: tr(ctx, "item")})}}
	star, _ := item.ByKey("star")
	grade, _ := item.ByKey("grade")
	trips, why := item.Trips(&it)
	v.KPIs = []ui.KPIView{
		{Label: tr(ctx, "score"), Value: strconv.Itoa(score), Unit: tr(ctx, "points")},
		{Label: star.Label(l), Value: cmp.Or(star.Text(l, &it), "—")},
		{Label: grade.Label(l), Value: cmp.Or(grade.Text(l, &it), "—")},
		{Label: tr(ctx, "trips"), Value: strconv.Itoa(trips)},
	}
	if why != "" {
		v.KPIs[3].Note = i18n.T(ctx, why)
	}
	v.Findings = ui.TableView{Caption: tr(ctx, "findings"), Empty: tr(ctx, "none"), Columns: []ui.Column{{Label: tr(ctx, "element")}, {Label: tr(ctx, "wrong")}, {Label: tr(ctx, "remedy")}, {Label: tr(ctx, "level")}, {Label: tr(ctx, "basis_of")}}}
	for _, f := range fs {
		basis, _ := rule.ByKey(f.Rule)
		v.Findings.Rows = append(v.Findings.Rows, []ui.Cell{{Text: f.Place(l)}, {Text: f.Text(l)}, {Text: f.Remedy(l)}, {Text: tr(ctx, "level_"+string(f.Level)), Tone: ruleTone(f.Level)}, {Text: basis.Basis}})
	}
	return web.Render(w, r, qualityItemPage(v))
}
