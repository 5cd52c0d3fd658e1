package directoryweb

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
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

func (p *Pages) systems(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.systemsView(ctx, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, mappingsPage(v))
}

type mappingsView struct {
	Page   ui.PageView
	Tabs   []ui.NavItem
	Tables []ui.TableView
	Gaps   *ui.TableView
	Form   *smallForm
	Done   bool
	Try    *ui.FilterView
	Tried  []ui.KVRow
}

func (p *Pages) systemsView(ctx context.Context, typed url.Values) (mappingsView, error) {
	all, err := p.dir.Systems(ctx)
	if err != nil {
		return mappingsView{}, err
	}
	v := mappingsView{Page: ui.PageView{Title: t(ctx, "mappings"), Lead: t(ctx, "mappings_lead"), Wide: true}, Tabs: p.tabs(ctx, "/office/mappings")}
	tv := ui.TableView{Caption: t(ctx, "systems"), Empty: t(ctx, "systems_none"), Columns: []ui.Column{{Label: t(ctx, "system")}, {Label: t(ctx, "codelists")}, {Label: t(ctx, "map_rows"), Num: true}, {Label: t(ctx, "gaps"), Num: true}}}
	for _, s := range all {
		gaps, err := p.dir.Gaps(ctx, s.Key)
		if err != nil {
			return v, err
		}
		names := make([]string, 0, len(s.Lists))
		for _, l := range s.Lists {
			names = append(names, listName(ctx, l))
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: systemName(ctx, s.Key), Href: "/office/mappings/" + url.PathEscape(s.Key)}, {Text: strings.Join(names, "、")}, {Text: strconv.Itoa(s.Rows)}, {Text: strconv.Itoa(len(gaps))}})
	}
	v.Tables = []ui.TableView{tv}
	if p.keeper(ctx) {
		v.Form = p.mappingForm(ctx, "", typed)
	}
	return v, nil
}

func (p *Pages) mappings(w http.ResponseWriter, r *http.Request) error {
	v, err := p.mappingsView(r.Context(), r.PathValue("system"), nil)
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Has("saved")
	p.try(r.Context(), &v, r.PathValue("system"), r.URL.Query())
	return web.Render(w, r, mappingsPage(v))
}

// try shows what a code is read as and written as, as the importers and exporters would.
func (p *Pages) try(ctx context.Context, v *mappingsView, system string, q url.Values) {
	rows, err := p.dir.Mappings(ctx, system, "")
	if err != nil {
		return
	}
	list := ui.Filter{Name: "list", Label: t(ctx, "list"), Value: q.Get("list")}
	for _, m := range rows {
		if n := len(list.Options); n == 0 || list.Options[n-1].Value != m.List {
			list.Options = append(list.Options, ui.Option{Value: m.List, Label: listName(ctx, m.List)})
		}
	}
	code := strings.TrimSpace(q.Get("q"))
	v.Try = &ui.FilterView{Action: "/office/mappings/" + url.PathEscape(system), Filters: []ui.Filter{list}, Query: &ui.SearchView{Query: code, Label: t(ctx, "try_code")}}
	if list.Value == "" || code == "" {
		return
	}
	say := func(to string, ok bool) string {
		if !ok {
			return t(ctx, "try_none")
		}
		return to
	}
	v.Tried = []ui.KVRow{{Key: t(ctx, "try_take", errs.P{"code": code}), Value: say(p.dir.Take(ctx, system, list.Value, code))}, {Key: t(ctx, "try_give", errs.P{"code": code}), Value: say(p.dir.Give(ctx, system, list.Value, code))}}
}

func (p *Pages) mappingsView(ctx context.Context, system string, typed url.Values) (mappingsView, error) {
	l := i18n.From(ctx)
	rows, err := p.dir.Mappings(ctx, system, "")
	if err != nil {
		return mappingsView{}, err
	}
	if len(rows) == 0 && typed == nil {
		return mappingsView{}, errs.New(errs.NotFound, "directory.no_system", errs.P{"system": system})
	}
	gaps, err := p.dir.Gaps(ctx, system)
	if err != nil {
		return mappingsView{}, err
	}
	keeper := p.keeper(ctx)
	v := mappingsView{Page: ui.PageView{Title: systemName(ctx, system), Wide: true, Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "mappings"), Href: "/office/mappings"}, ui.Crumb{Label: systemName(ctx, system)})}}
	list := ""
	for _, m := range rows {
		if m.List != list {
			list = m.List
			v.Tables = append(v.Tables, ui.TableView{Caption: listName(ctx, list), Columns: []ui.Column{{Label: t(ctx, "part_there")}, {Label: t(ctx, "part_here")}, {Label: t(ctx, "map_way")}, {Label: t(ctx, "note")}}})
			if keeper {
				tv := &v.Tables[len(v.Tables)-1]
				tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "map_drop")})
			}
		}
		tv := &v.Tables[len(v.Tables)-1]
		row := []ui.Cell{{Text: m.There}, {Text: m.Here + " " + item.CodeName(l, m.List, m.Here)}, {Text: t(ctx, way(m))}, {Text: m.Note}}
		if keeper {
			row = append(row, ui.Cell{Part: ui.ActionForm(ui.ActionView{Action: "/office/mappings/" + url.PathEscape(system) + "/drop", Label: t(ctx, "map_drop"), Kind: ui.Plain, Small: true, Confirm: t(ctx, "map_drop_confirm", errs.P{"there": m.There}), Hidden: []ui.KV{{Key: "list", Value: m.List}, {Key: "there", Value: m.There}, {Key: "here", Value: m.Here}}})})
		}
		tv.Rows = append(tv.Rows, row)
	}
	g := ui.TableView{Caption: t(ctx, "gaps"), Empty: t(ctx, "gaps_none"), Columns: []ui.Column{{Label: t(ctx, "list")}, {Label: t(ctx, "code_code")}, {Label: t(ctx, "finding")}}}
	for _, x := range gaps {
		g.Rows = append(g.Rows, []ui.Cell{{Text: listName(ctx, x.List)}, {Text: x.Code + " " + item.CodeName(l, x.List, x.Code)}, {Text: i18n.T(ctx, x.Key)}})
	}
	v.Gaps = &g
	if keeper {
		v.Form = p.mappingForm(ctx, system, typed)
	}
	return v, nil
}

func way(m directory.Mapping) string {
	switch {
	case m.Takes && m.Gives:
		return "map_both"
	case m.Takes:
		return "map_takes"
	}
	return "map_gives"
}

func (p *Pages) mappingForm(ctx context.Context, system string, typed url.Values) *smallForm {
	q := asker{ctx: ctx}
	if typed == nil {
		typed = url.Values{"system": {system}, "takes": {"true"}, "gives": {"true"}}
	}
	if system == "" {
		q.ask("system", "text", typed.Get("system"), true)
	} else { // one's own page: its name, not its key
		q.ask("system", "select", system, true).Options = []ui.Option{{Value: system, Label: systemName(ctx, system)}}
	}
	lists, err := p.dir.Lists(ctx)
	if err != nil {
		return nil
	}
	f := q.ask("list", "select", typed.Get("list"), true)
	for _, l := range lists {
		f.Options = append(f.Options, ui.Option{Value: l.Key, Label: listName(ctx, l.Key)})
	}
	q.ask("there", "text", typed.Get("there"), true)
	q.ask("here", "text", typed.Get("here"), true)
	q.ask("takes", "yesno", typed.Get("takes"), true)
	q.ask("gives", "yesno", typed.Get("gives"), true)
	q.ask("note", "text", typed.Get("note"), false)
	return &smallForm{Title: t(ctx, "map_title"), Action: "/office/mappings", Submit: t(ctx, "map_submit"), Fields: q.fields}
}

func (p *Pages) saveMapping(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	m := directory.Mapping{System: v.Get("system"), List: v.Get("list"), There: v.Get("there"), Here: v.Get("here"), Takes: v.Get("takes") == "true", Gives: v.Get("gives") == "true", Note: v.Get("note")}
	if err = p.dir.SaveMapping(ctx, authz.From(ctx), m); err == nil {
		return web.SeeOther(w, r, "/office/mappings/"+url.PathEscape(strings.TrimSpace(m.System))+"?saved=1")
	}
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	view, viewErr := p.systemsView(ctx, v)
	if viewErr != nil {
		return viewErr
	}
	if view.Form != nil {
		markFields(ctx, view.Form.Fields, "", e.Fields)
	}
	for _, x := range e.Fields {
		view.Page.Errors = append(view.Page.Errors, ui.ErrorItem{Field: x.Path, Text: i18n.T(ctx, x.Key, x.Params)})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, mappingsPage(view))
}

func (p *Pages) dropMapping(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, system := r.Context(), r.PathValue("system")
	if err := p.dir.DropMapping(ctx, authz.From(ctx), directory.Mapping{System: system, List: v.Get("list"), There: v.Get("there"), Here: v.Get("here")}); err != nil {
		return err
	}
	if left, err := p.dir.Mappings(ctx, system, ""); err != nil || len(left) == 0 {
		return web.SeeOther(w, r, "/office/mappings")
	}
	return web.SeeOther(w, r, "/office/mappings/"+url.PathEscape(system)+"?saved=1")
}
