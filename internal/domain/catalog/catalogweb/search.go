package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/search"
	"tongban/internal/engine/clock"
)

// searchRoutes are the pages on which the item office looks after the search: everyday words, a test, and what people do not find. The words belong to the whole
// installation, to no agency: every item officer may change them, and the audit record names who did.
func (p *Pages) searchRoutes() []web.Route {
	return []web.Route{
		web.To("GET /office/search", authz.CatalogSee, p.everyday),
		web.To("POST /office/search", authz.CatalogEdit, p.addEveryday),
		web.To("POST /office/search/{id}/remove", authz.CatalogEdit, p.removeEveryday),
		web.To("GET /office/search/test", authz.CatalogSee, p.searchTest),
		web.To("GET /office/search/missed", authz.CatalogSee, p.missed),
	}
}

func ts(ctx context.Context, key string, ps ...errs.P) string {
	return i18n.T(ctx, "search."+key, ps...)
}

type everydayView struct {
	Page   ui.PageView
	Done   string
	May    bool
	Fields []ui.FormField
	Table  ui.TableView
}

// searchPage is the head of one of the three pages.
func searchPage(ctx context.Context, key string) ui.PageView {
	return ui.PageView{Title: ts(ctx, key), Lead: ts(ctx, key+"_lead"), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: ts(ctx, "office"), Href: "/office/search"})}
}

// everyday lists the added words. said and terms in the address fill the form: the page of missed words leads here.
func (p *Pages) everyday(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	v, err := p.everydayView(r, search.Synonym{Said: in.Get("said"), Terms: in["terms"]}, nil)
	if err != nil {
		return err
	}
	if in.Has("added") {
		v.Done = ts(r.Context(), "added")
	}
	if in.Has("removed") {
		v.Done = ts(r.Context(), "removed")
	}
	return web.Render(w, r, everydayPage(v))
}

func (p *Pages) everydayView(r *http.Request, typed search.Synonym, problem error) (everydayView, error) {
	ctx := r.Context()
	all, err := p.catalog.Words().Synonyms(ctx)
	if err != nil {
		return everydayView{}, err
	}
	v := everydayView{Page: searchPage(ctx, "everyday"), May: authz.From(ctx).May(authz.CatalogEdit), Table: everydayTable(ctx, all, authz.From(ctx).May(authz.CatalogEdit))}
	said := ui.FormField{Name: "said", Kind: "text", Label: ts(ctx, "said"), Hint: ts(ctx, "said_hint"), Value: typed.Said, MaxLength: 40, Required: true}
	terms := ui.FormField{Name: "terms", Kind: "textarea", Label: ts(ctx, "terms"), Hint: ts(ctx, "terms_hint"), Value: strings.Join(typed.Terms, "\n"), MaxLength: 1000, Required: true}
	if problem != nil {
		f := &terms
		if errs.Is(problem, "search.said_empty") || errs.Is(problem, "search.said_length") {
			f = &said
		}
		f.Error = i18n.Err(ctx, problem)
		v.Page.Errors = []ui.ErrorItem{{Field: f.Name, Text: f.Error}}
	}
	v.Fields = []ui.FormField{said, terms}
	return v, nil
}

func everydayTable(ctx context.Context, all []search.Synonym, may bool) ui.TableView {
	v := ui.TableView{Caption: ts(ctx, "everyday"), CaptionHide: true, Empty: ts(ctx, "everyday_none"), Columns: []ui.Column{
		{Label: ts(ctx, "said")}, {Label: ts(ctx, "terms")}, {Label: ts(ctx, "touched"), Num: true},
	}}
	if may {
		v.Columns = append(v.Columns, ui.Column{Label: ts(ctx, "act")})
	}
	for _, y := range all {
		row := []ui.Cell{
			{Text: y.Said, Href: "/office/search/test?" + url.Values{"q": {y.Said}}.Encode()},
			{Text: strings.Join(y.Terms, "、")},
			{Text: y.At.In(clock.Shanghai).Format(time.DateOnly)},
		}
		if may {
			row = append(row, ui.Cell{Part: ui.ActionForm(ui.ActionView{
				Action: "/office/search/" + url.PathEscape(y.ID) + "/remove", Label: ts(ctx, "remove"), Kind: ui.Secondary, Small: true,
			})})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (p *Pages) addEveryday(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	y := search.Synonym{Said: form.Get("said"), Terms: strings.FieldsFunc(form.Get("terms"), func(c rune) bool { return strings.ContainsRune("\r\n、，,;；", c) })}
	err = p.catalog.Words().AddSynonym(ctx, authz.From(ctx), y)
	if err == nil {
		return web.SeeOther(w, r, "/office/search?added")
	}
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	v, failed := p.everydayView(r, y, err)
	if failed != nil {
		return failed
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, everydayPage(v))
}

func (p *Pages) removeEveryday(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.catalog.Words().RemoveSynonym(ctx, authz.From(ctx), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/search?removed")
}

type searchTestView struct {
	Page   ui.PageView
	Box    ui.SearchView
	Asked  bool
	Facts  []ui.KVRow
	Terms  ui.TableView
	Hits   ui.TableView
	AddTo  string
	Reason string
}

// searchTest shows how a question is understood and why each hit stands where it stands.
func (p *Pages) searchTest(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), strings.TrimSpace(r.URL.Query().Get("q"))
	v := searchTestView{Page: searchPage(ctx, "test"), Box: ui.SearchView{Action: "/office/search/test", Query: q, ID: "q-test", Label: ts(ctx, "test_box")}, Asked: q != ""}
	if q == "" {
		return web.Render(w, r, searchTestPage(v))
	}
	e, err := p.catalog.Words().Explain(ctx, search.Query{Text: q, Region: p.near(r), Limit: 20, Filter: search.Filter{State: "1"}})
	if err != nil {
		return err
	}
	v.Facts = testFacts(ctx, e)
	v.Terms, v.Hits = testTerms(ctx, e), testHits(ctx, e.Result.Hits)
	if authz.From(ctx).May(authz.CatalogEdit) {
		v.AddTo = "/office/search?" + url.Values{"said": {q}}.Encode()
	}
	return web.Render(w, r, searchTestPage(v))
}

func testFacts(ctx context.Context, e search.Explained) []ui.KVRow {
	certain := "certain"
	switch {
	case e.Result.Nearest:
		certain = "nearest"
	case e.Result.Loose:
		certain = "loose"
	}
	out := []ui.KVRow{{Key: ts(ctx, "outcome"), Value: ts(ctx, "outcome_"+certain)}, {Key: ts(ctx, "found"), Value: e.Result.Count}}
	if e.Result.Corrected != "" {
		out = append(out, ui.KVRow{Key: ts(ctx, "corrected"), Value: e.Result.Corrected})
	}
	if e.Intent != "" {
		out = append(out, ui.KVRow{Key: ts(ctx, "intent"), Value: ts(ctx, "intent_"+e.Intent)})
	}
	if len(e.Chatter) > 0 {
		out = append(out, ui.KVRow{Key: ts(ctx, "chatter"), Value: strings.Join(e.Chatter, "、")})
	}
	return out
}

func testTerms(ctx context.Context, e search.Explained) ui.TableView {
	v := ui.TableView{Caption: ts(ctx, "understood"), Empty: ts(ctx, "understood_none"), Columns: []ui.Column{
		{Label: ts(ctx, "term")}, {Label: ts(ctx, "kind")}, {Label: ts(ctx, "weight"), Num: true}, {Label: ts(ctx, "heads"), Num: true}, {Label: ts(ctx, "ways")},
	}}
	add := func(kind string, terms []search.ExplainedTerm) {
		for _, x := range terms {
			var ways []string
			for _, y := range x.Ways {
				if x.Guessed && y.Word == x.Text { // the key of the intent, which is no word
					continue
				}
				ways = append(ways, y.Word+" "+strconv.FormatFloat(y.Weight, 'f', 2, 64)+"（"+strconv.Itoa(y.Heads)+"）")
			}
			said := x.Text
			if x.Guessed {
				said = ts(ctx, "guessed", errs.P{"intent": ts(ctx, "intent_"+x.Text)})
			}
			v.Rows = append(v.Rows, []ui.Cell{
				{Text: said}, {Text: ts(ctx, kind)}, {Text: strconv.FormatFloat(x.Weight, 'f', 2, 64)}, {Text: strconv.Itoa(x.Heads)}, {Text: strings.Join(ways, "、")},
			})
		}
	}
	add("must", e.Must)
	add("should", e.Should)
	return v
}

func testHits(ctx context.Context, hits []search.Hit) ui.TableView {
	v := ui.TableView{Caption: ts(ctx, "hits"), Empty: ts(ctx, "hits_none"), Columns: []ui.Column{
		{Label: t(ctx, "name")}, {Label: ts(ctx, "score"), Num: true}, {Label: ts(ctx, "others"), Num: true}, {Label: ts(ctx, "why")},
	}}
	for _, h := range hits {
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: h.Name, Href: "/items/" + url.PathEscape(h.Key)}, {Text: strconv.FormatFloat(h.Score, 'f', 2, 64)}, {Text: strconv.Itoa(h.Others)}, {Text: whyText(ctx, h.Why)},
		})
	}
	return v
}

// whyText says what a hit was found by.
func whyText(ctx context.Context, why []search.Why) string {
	var out []string
	for _, y := range why {
		if y.Via != "" {
			out = append(out, ts(ctx, "why_via", errs.P{"via": y.Via, "word": y.Word, "field": ts(ctx, "field_"+y.Field)}))
			continue
		}
		out = append(out, ts(ctx, "why_word", errs.P{"word": y.Word, "field": ts(ctx, "field_"+y.Field)}))
	}
	return strings.Join(out, "；")
}

type missedView struct {
	Page    ui.PageView
	Filters ui.FilterView
	Table   ui.TableView
	Note    string
}

const (
	missedDays = 90
	mostMissed = 200
)

// missed shows what people look for and do not find.
func (p *Pages) missed(w http.ResponseWriter, r *http.Request) error {
	ctx, region := r.Context(), r.URL.Query().Get("region")
	since := p.catalog.Words().Now().AddDate(0, 0, -missedDays)
	all, err := p.catalog.Words().Missed(ctx, region, since, mostMissed)
	if err != nil {
		return err
	}
	v := missedView{Page: searchPage(ctx, "missed"), Note: ts(ctx, "missed_note", errs.P{"days": missedDays, "people": search.LeastPeople})}
	options := []ui.Option{}
	for _, g := range p.offices.Regions(ctx) {
		options = append(options, ui.Option{Value: g.Code, Label: g.Name})
	}
	v.Filters = ui.FilterView{Action: "/office/search/missed", Filters: []ui.Filter{{Name: "region", Label: ts(ctx, "region"), Value: region, Options: options}}}
	v.Table = missedTable(ctx, all, authz.From(ctx).May(authz.CatalogEdit))
	return web.Render(w, r, missedPage(v))
}

func missedTable(ctx context.Context, all []search.Missed, may bool) ui.TableView {
	v := ui.TableView{Caption: ts(ctx, "missed"), CaptionHide: true, Empty: ts(ctx, "missed_none"), Columns: []ui.Column{
		{Label: ts(ctx, "words")}, {Label: ts(ctx, "times_missed"), Num: true}, {Label: ts(ctx, "times_asked"), Num: true}, {Label: ts(ctx, "times_opened"), Num: true}, {Label: ts(ctx, "last"), Num: true},
	}}
	if may {
		v.Columns = append(v.Columns, ui.Column{Label: ts(ctx, "act")})
	}
	for _, m := range all {
		row := []ui.Cell{
			{Text: m.Words, Href: "/office/search/test?" + url.Values{"q": {m.Words}}.Encode()},
			{Text: strconv.Itoa(m.Missed)},
			{Text: strconv.Itoa(m.Asked)},
			{Text: strconv.Itoa(m.Clicks)},
			{Text: m.Last},
		}
		if may {
			row = append(row, ui.Cell{Text: ts(ctx, "add_for"), Href: "/office/search?" + url.Values{"said": {strings.ReplaceAll(m.Words, " ", "")}}.Encode()})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
