package designweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/clock"
)

const pageSize = 50

type listView struct {
	Page     ui.PageView
	Filter   ui.FilterView
	Table    ui.TableView
	Pager    ui.PagerView
	May      bool // begin changes
	Imported []ui.ErrorItem
}

// tones colour the states.
var tones = map[design.State]ui.Tone{
	design.Draft: ui.Neutral, design.Second: ui.Warn, design.Legal: ui.Warn, design.Approved: ui.Info, design.Scheduled: ui.Info, design.Published: ui.Success, design.Dropped: ui.Neutral,
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	f := design.Filter{Item: q.Get("item"), Before: q.Get("before"), Limit: pageSize + 1}
	if s := design.State(q.Get("state")); slices.Contains(design.States, s) {
		f.States = []design.State{s}
	}
	if q.Get("mine") == "1" {
		f.Mine = a.StaffID
	}
	all, err := h.design.Changes(ctx, a, f)
	if err != nil {
		return err
	}
	v := listView{Page: ui.PageView{Title: t(ctx, "design.list_title"), Lead: t(ctx, "design.list_lead"), Wide: true}, May: a.May(authz.CatalogEdit)}
	if len(all) > pageSize {
		all = all[:pageSize]
		next := url.Values{"state": q["state"], "mine": q["mine"], "item": q["item"], "before": {all[len(all)-1].ID}}
		v.Pager.NextHref = "/office/changes?" + next.Encode()
	}
	v.Filter = h.filter(ctx, q)
	v.Table = h.changeTable(ctx, all)
	return web.Render(w, r, listPage(v))
}

func (h *Handler) filter(ctx context.Context, q url.Values) ui.FilterView {
	states := []ui.Option{{Label: t(ctx, "design.any_state")}}
	for _, s := range design.States {
		states = append(states, ui.Option{Value: string(s), Label: t(ctx, "design.state_"+string(s))})
	}
	return ui.FilterView{Action: "/office/changes", ResetHref: "/office/changes", Filters: []ui.Filter{
		{Name: "state", Label: t(ctx, "design.col_state"), Value: q.Get("state"), Options: states},
		{Name: "mine", Label: t(ctx, "design.whose"), Value: q.Get("mine"), Options: []ui.Option{{Label: t(ctx, "design.everybodys")}, {Value: "1", Label: t(ctx, "design.mine")}}},
	}}
}

func (h *Handler) changeTable(ctx context.Context, all []design.Change) ui.TableView {
	v := ui.TableView{Caption: t(ctx, "design.list_title"), CaptionHide: true, Empty: t(ctx, "design.list_empty"), Columns: []ui.Column{
		{Label: t(ctx, "design.col_title")},
		{Label: t(ctx, "design.col_act")},
		{Label: t(ctx, "design.col_agency")},
		{Label: t(ctx, "design.col_state")},
		{Label: t(ctx, "design.col_author")},
		{Label: t(ctx, "design.col_changed")},
	}}
	for _, c := range all {
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: c.Title, Href: changeHref(c.ID), Sub: c.Item},
			{Text: t(ctx, "design.act_"+string(c.Act))},
			{Text: h.agencyName(ctx, c.Agency)},
			{Text: t(ctx, "design.state_"+string(c.State)), Tone: tones[c.State]},
			{Text: h.staffName(ctx, c.Author)},
			{Text: stamp(c.Changed)},
		})
	}
	return v
}

func changeHref(id string, more ...string) string {
	at := "/office/changes/" + url.PathEscape(id)
	for _, m := range more {
		at += "/" + url.PathEscape(m)
	}
	return at
}

func stamp(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func (h *Handler) agencyName(ctx context.Context, key string) string {
	if g, err := h.offices.Agency(ctx, key); err == nil {
		return g.Short
	}
	return key
}

func (h *Handler) staffName(ctx context.Context, id string) string {
	if id == "" {
		return ""
	}
	if s, err := h.offices.Staff(ctx, id); err == nil {
		return s.Name
	}
	return t(ctx, "design.by_system")
}

// agencies lists those the actor looks after.
func (h *Handler) agencies(ctx context.Context, a authz.Actor) []ui.Option {
	var out []ui.Option
	for _, g := range h.offices.Agencies(ctx) {
		if h.design.Reaches(ctx, a, g.Key) {
			out = append(out, ui.Option{Value: g.Key, Label: g.Name})
		}
	}
	return out
}

type newView struct {
	Page   ui.PageView
	Fields []ui.FormField
	Hidden []ui.KV
	Lead   string
	Import bool
	Find   bool   // base items can be looked for
	Search string // the words they were looked for with
	Open   []design.Change
}

// starting fills the form of a new change from a query or from what was typed; errs.NotFound for an item there is not.
func (h *Handler) starting(ctx context.Context, a authz.Actor, q url.Values) (newView, error) {
	v := newView{Page: ui.PageView{Title: t(ctx, "design.new_title"), Lead: t(ctx, "design.new_lead"), Crumbs: listCrumbs(ctx, t(ctx, "design.new_title"))}}
	field := func(name, kind string, required bool) *ui.FormField {
		f := ui.FormField{Name: name, Kind: kind, Label: t(ctx, "design.new_"+name), Value: q.Get(name), Required: required, Autocomplete: "off"}
		if key := "design.new_" + name + "_hint"; i18n.Has(key) {
			f.Hint = t(ctx, key)
		}
		v.Fields = append(v.Fields, f)
		return &v.Fields[len(v.Fields)-1]
	}
	if q.Get("item") != "" {
		name, state, err := h.design.Subject(ctx, a, q.Get("item"))
		if err != nil {
			return v, err
		}
		v.Page.Title = t(ctx, "design.new_of", errs.P{"name": name})
		v.Page.Lead = t(ctx, "design.new_of_lead", errs.P{"state": t(ctx, "catalog.state_"+state)})
		v.Page.Crumbs = listCrumbs(ctx, v.Page.Title)
		v.Hidden = append(v.Hidden, ui.KV{Key: "item", Value: q.Get("item")})
		act := field("act", "radio", true)
		for _, x := range design.ActsIn(state) {
			act.Options = append(act.Options, ui.Option{Value: string(x), Label: t(ctx, "design.act_"+string(x)), Hint: t(ctx, "design.act_"+string(x)+"_hint")})
		}
		if act.Value == "" {
			act.Value = string(design.Publish)
		}
		if q.Get("follow") != "" {
			v.Hidden = append(v.Hidden, ui.KV{Key: "follow", Value: "1"})
		}
		field("reason", "textarea", false)
		instead := field("instead", "text", false)
		if h.cfg.Items != nil {
			h.choose(instead, h.cfg.Items(ctx))
			instead.Options = slices.DeleteFunc(instead.Options, func(o ui.Option) bool { return o.Value == q.Get("item") })
			instead.Options = append([]ui.Option{{Label: t(ctx, "design.new_instead_none")}}, instead.Options...)
		}
		field("title", "text", false).Label = t(ctx, "design.new_title_label")
		return v, nil
	}
	v.Import = true
	field("name", "text", q.Get("base") == "")
	field("key", "text", true)
	agency := field("agency", "select", true)
	if agency.Options = h.agencies(ctx, a); agency.Value == "" && len(agency.Options) == 1 {
		agency.Value = agency.Options[0].Value
	}
	v.Search = q.Get("find")
	h.bases(ctx, a, &v, field("base", "select", false))
	return v, nil
}

// shownBases is how many base items a page lists; with more, a word narrows them.
const shownBases = 300

// bases offers the base items that the actor's agencies exercise, or those of them that a word finds.
func (h *Handler) bases(ctx context.Context, a authz.Actor, v *newView, f *ui.FormField) {
	all, err := h.design.BaseItems(ctx, a, v.Search)
	if err != nil || len(all) == 0 && v.Search == "" { // without a directory nothing is offered, and every item is begun from nothing
		v.Fields = v.Fields[:len(v.Fields)-1]
		return
	}
	v.Find = true
	f.Hint = t(ctx, "design.new_base_found", errs.P{"n": len(all)})
	if len(all) > shownBases {
		f.Hint = t(ctx, "design.new_base_many", errs.P{"n": len(all), "shown": shownBases})
		all = all[:shownBases]
	}
	f.Options = []ui.Option{{Label: t(ctx, "design.new_base_none")}}
	for _, b := range all {
		f.Options = append(f.Options, ui.Option{Value: b.Code, Label: b.Name + "（" + b.Code + "）"})
	}
	if f.Value != "" && !slices.ContainsFunc(all, func(b directory.Base) bool { return b.Code == f.Value }) {
		f.Options = append(f.Options, ui.Option{Value: f.Value, Label: f.Value})
	}
	if f.Value == "" && v.Search != "" && len(all) == 1 {
		f.Value = all[0].Code
	}
}

func listCrumbs(ctx context.Context, last string) []ui.Crumb {
	return []ui.Crumb{{Label: t(ctx, "design.list_title"), Href: "/office/changes"}, {Label: last}}
}

func (h *Handler) newForm(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v, err := h.starting(ctx, a, q)
	if err != nil {
		return err
	}
	if key := q.Get("item"); key != "" {
		if v.Open, err = h.design.OpenOn(ctx, a, key); err != nil {
			return err
		}
	}
	return web.Render(w, r, newPage(v))
}

func (h *Handler) begin(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	c, err := h.design.Start(ctx, a, design.Start{
		Act: design.Act(q.Get("act")), Title: q.Get("title"), Item: q.Get("item"), Key: q.Get("key"), Name: q.Get("name"), Agency: q.Get("agency"),
		Base: q.Get("base"), Follow: q.Get("follow") != "", Reason: q.Get("reason"), Instead: q.Get("instead"),
	})
	if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.Conflict) {
		v, none := h.starting(ctx, a, q)
		if none != nil {
			return none
		}
		mark(ctx, &v.Page, v.Fields, e)
		return web.RenderStatus(w, r, web.StatusOf(err), newPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(c.ID))
}

// mark puts the findings of an error beside their fields and into the summary.
func mark(ctx context.Context, page *ui.PageView, fields []ui.FormField, e *errs.E) {
	found := e.Fields
	if len(found) == 0 {
		found = []errs.Field{{Key: e.Key, Params: e.Params}}
	}
	for _, x := range found {
		text := t(ctx, x.Key, x.Params)
		name := ""
		if i := slices.IndexFunc(fields, func(f ui.FormField) bool { return f.Name == x.Path }); i >= 0 {
			fields[i].Error, name = text, x.Path
		}
		page.Errors = append(page.Errors, ui.ErrorItem{Field: name, Text: text})
	}
}

func (h *Handler) importZip(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	if _, err := web.Form(r); err != nil {
		return err
	}
	data, _, err := uploaded(r, "folder", maxFolder)
	if err != nil {
		return err
	}
	c, ps, err := h.design.ImportZip(ctx, a, data)
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		v, none := h.starting(ctx, a, nil)
		if none != nil {
			return none
		}
		v.Page.Errors = []ui.ErrorItem{{Field: "folder", Text: i18n.Err(ctx, err)}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, newPage(v))
	}
	if err != nil {
		return err
	}
	if len(ps) > 0 {
		v, err := h.starting(ctx, a, nil)
		if err != nil {
			return err
		}
		for _, p := range ps {
			v.Page.Errors = append(v.Page.Errors, ui.ErrorItem{Text: p.File + "：" + t(ctx, p.Key, p.Params)})
		}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, newPage(v))
	}
	return web.SeeOther(w, r, changeHref(c.ID))
}

// opened is a change with the item it is about, as every page of it needs them.
type opened struct {
	Change design.Change
	Item   item.Item
	File   design.File // of the item
	Has    bool        // it is about an item
	May    bool        // the actor may edit it now
}

func (h *Handler) opened(r *http.Request) (opened, error) {
	ctx, a := r.Context(), actor(r)
	c, err := h.design.Change(ctx, a, idOf(r))
	if err != nil {
		return opened{}, err
	}
	o := opened{Change: c, May: c.Open() && a.May(authz.CatalogEdit)}
	if c.Act != design.Publish {
		return o, nil
	}
	o.Item, o.File, err = h.design.MainItem(ctx, a, c.ID)
	o.Has = err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound && !errs.Is(err, "design.unreadable") {
		return o, err
	}
	return o, nil
}

// page begins a page of a change.
func (h *Handler) page(ctx context.Context, c design.Change, title string) ui.PageView {
	return ui.PageView{Title: title, Eyebrow: c.Title, Wide: true, Crumbs: []ui.Crumb{
		{Label: t(ctx, "design.list_title"), Href: "/office/changes"}, {Label: c.Title, Href: changeHref(c.ID)}, {Label: title},
	}}
}
