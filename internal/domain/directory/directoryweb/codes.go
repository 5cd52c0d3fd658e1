package directoryweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/directory"
)

func (p *Pages) lists(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ls, err := p.dir.Lists(ctx)
	if err != nil {
		return err
	}
	v := listView{Page: ui.PageView{Title: t(ctx, "codelists"), Lead: t(ctx, "codelists_lead"), Wide: true}, Tabs: p.tabs(ctx, "/office/codelists")}
	v.Table = ui.TableView{Caption: t(ctx, "codelists"), CaptionHide: true, Columns: []ui.Column{{Label: t(ctx, "list")}, {Label: t(ctx, "codes_valid"), Num: true}, {Label: t(ctx, "codes_local"), Num: true}, {Label: t(ctx, "codes_retired"), Num: true}, {Label: t(ctx, "edition_from"), Num: true}}}
	for _, l := range ls {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: listName(ctx, l.Key), Sub: l.Key, Href: "/office/codelists/" + l.Key}, {Text: strconv.Itoa(l.Count)}, {Text: strconv.Itoa(l.Local)}, {Text: strconv.Itoa(l.Retired)}, {Text: first(ctx, l.Edition)}})
	}
	return web.Render(w, r, listPage(v))
}

func first(ctx context.Context, day string) string {
	if day == "" {
		return t(ctx, "edition_first")
	}
	return day
}

type smallForm struct {
	Title, Action, Submit string
	Fields                []ui.FormField
}

type codesView struct {
	Page     ui.PageView
	Day      ui.FilterView
	Codes    ui.TableView
	Editions ui.TableView
	Notes    ui.TableView
	Forms    []smallForm
	Done     bool
	API      string
}

func (p *Pages) codes(w http.ResponseWriter, r *http.Request) error {
	on := p.today()
	if q := r.URL.Query(); q.Has("on") {
		on = q.Get("on")
	}
	v, err := p.codesView(r.Context(), r.PathValue("list"), on, nil)
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Has("saved")
	return web.Render(w, r, codesPage(v))
}

func (p *Pages) today() string { return p.now().In(shanghai).Format(time.DateOnly) }

// codesView is the page of a list on a day, or with every code it ever had when the day is empty.
func (p *Pages) codesView(ctx context.Context, list, on string, typed url.Values) (codesView, error) {
	l := i18n.From(ctx)
	all, err := p.dir.Dictionary(ctx, list)
	if err != nil {
		return codesView{}, err
	}
	cs := all
	if on != "" {
		if cs, err = p.dir.Codes(ctx, list, on); err != nil {
			return codesView{}, err
		}
	}
	notes, err := p.dir.Notes(ctx, list)
	if err != nil {
		return codesView{}, err
	}
	v := codesView{Page: ui.PageView{Title: listName(ctx, list), Eyebrow: list, Wide: true, Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "codelists"), Href: "/office/codelists"}, ui.Crumb{Label: listName(ctx, list)})}, API: "/api/v1/codelists/" + list}
	days := []ui.Option{{Value: p.today(), Label: t(ctx, "today")}}
	v.Editions = ui.TableView{Caption: t(ctx, "editions"), Columns: []ui.Column{{Label: t(ctx, "edition_from")}, {Label: t(ctx, "edition_added")}, {Label: t(ctx, "edition_ended")}}}
	for _, e := range directory.Editions(all) {
		if e.From != "" && e.From != p.today() {
			days = append(days, ui.Option{Value: e.From, Label: e.From})
		}
		v.Editions.Rows = append(v.Editions.Rows, []ui.Cell{{Text: first(ctx, e.From)}, {Text: codeNames(l, e.Added)}, {Text: codeNames(l, e.Ended)}})
	}
	v.Day = ui.FilterView{Action: "/office/codelists/" + list, Filters: []ui.Filter{{Name: "on", Label: t(ctx, "as_of"), Value: on, Options: days}}}
	v.Codes = ui.TableView{Caption: t(ctx, "codes"), Empty: t(ctx, "codes_none"), Columns: []ui.Column{{Label: t(ctx, "code_code")}, {Label: t(ctx, "code_name")}, {Label: t(ctx, "code_source")}, {Label: t(ctx, "code_valid")}}}
	for _, c := range cs {
		name := ui.Cell{Text: c.Name, Sub: c.NameEn}
		if c.Local {
			name.Sub += " · " + t(ctx, "code_local")
		}
		v.Codes.Rows = append(v.Codes.Rows, []ui.Cell{{Text: c.Code}, name, {Text: c.Source}, {Text: span(ctx, c)}})
	}
	v.Notes = ui.TableView{Caption: t(ctx, "notes"), Empty: t(ctx, "notes_none"), Columns: []ui.Column{{Label: t(ctx, "act_at"), Num: true}, {Label: t(ctx, "act")}, {Label: t(ctx, "code_code")}, {Label: t(ctx, "act_by")}, {Label: t(ctx, "reason")}}}
	for _, n := range notes {
		v.Notes.Rows = append(v.Notes.Rows, []ui.Cell{{Text: when(n.At)}, {Text: t(ctx, "note_"+n.Act)}, {Text: n.Code}, {Text: p.who(ctx, n.By)}, {Text: n.Reason}})
	}
	if p.keeper(ctx) {
		v.Forms = p.codeForms(ctx, list, all, typed)
	}
	return v, nil
}

func codeNames(l i18n.Lang, cs []directory.Code) string {
	out := ""
	for i, c := range cs {
		if i == 12 {
			return out + " …"
		}
		if i > 0 {
			out += "、"
		}
		out += c.Code + " " + c.Label(l)
	}
	return out
}

func span(ctx context.Context, c directory.Code) string {
	switch {
	case c.From == "" && c.To == "":
		return t(ctx, "valid_always")
	case c.From == "":
		return t(ctx, "valid_until", errs.P{"to": c.To})
	case c.To == "":
		return t(ctx, "valid_since", errs.P{"from": c.From})
	}
	return t(ctx, "valid_between", errs.P{"from": c.From, "to": c.To})
}

// codeForms are the three acts on a list. Field names begin with the act, so that one page holds them all.
func (p *Pages) codeForms(ctx context.Context, list string, all []directory.Code, typed url.Values) []smallForm {
	var open []ui.Option
	for _, c := range all {
		if c.To == "" {
			open = append(open, ui.Option{Value: c.Code, Label: c.Code + " " + c.Label(i18n.From(ctx))})
		}
	}
	build := func(act string, names ...string) smallForm {
		f := smallForm{Title: t(ctx, "code_"+act+"_title"), Action: "/office/codelists/" + list, Submit: t(ctx, "code_"+act+"_submit")}
		if act != "add" {
			f.Action += "/" + act
		}
		for _, n := range names {
			q := ui.FormField{Name: act + "." + n, Kind: "text", Label: t(ctx, "code_"+n), Required: n != "name_en", Value: typed.Get(act + "." + n), Autocomplete: "off"}
			switch n {
			case "valid_from", "valid_to":
				q.Kind, q.Value = "date", dateFrom(typed, act+"."+n)
			case "reason", "source":
				q.Kind = "textarea"
			case "code":
				if act != "add" {
					q.Kind, q.Options = "select", open
				}
			}
			f.Fields = append(f.Fields, q)
		}
		return f
	}
	return []smallForm{build("add", "code", "name", "name_en", "valid_from", "source"), build("rename", "code", "name", "name_en", "valid_from", "reason"), build("retire", "code", "valid_to", "reason")}
}

func (p *Pages) addCode(w http.ResponseWriter, r *http.Request) error {
	return p.editList(w, r, "add", func(ctx context.Context, a authz.Actor, list string, v url.Values) error {
		return p.dir.AddCode(ctx, a, directory.Code{List: list, Code: v.Get("add.code"), Name: v.Get("add.name"), NameEn: v.Get("add.name_en"), Source: v.Get("add.source"), From: dateFrom(v, "add.valid_from")})
	})
}

func (p *Pages) renameCode(w http.ResponseWriter, r *http.Request) error {
	return p.editList(w, r, "rename", func(ctx context.Context, a authz.Actor, list string, v url.Values) error {
		return p.dir.RenameCode(ctx, a, list, v.Get("rename.code"), v.Get("rename.name"), v.Get("rename.name_en"), dateFrom(v, "rename.valid_from"), v.Get("rename.reason"))
	})
}

func (p *Pages) retireCode(w http.ResponseWriter, r *http.Request) error {
	return p.editList(w, r, "retire", func(ctx context.Context, a authz.Actor, list string, v url.Values) error {
		return p.dir.RetireCode(ctx, a, list, v.Get("retire.code"), dateFrom(v, "retire.valid_to"), v.Get("retire.reason"))
	})
}

func (p *Pages) editList(w http.ResponseWriter, r *http.Request, act string, do func(ctx context.Context, a authz.Actor, list string, v url.Values) error) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, list := r.Context(), r.PathValue("list")
	err = do(ctx, authz.From(ctx), list, v)
	if err == nil {
		return web.SeeOther(w, r, "/office/codelists/"+url.PathEscape(list)+"?saved=1")
	}
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	page, viewErr := p.codesView(ctx, list, p.today(), v)
	if viewErr != nil {
		return viewErr
	}
	for i := range page.Forms {
		markFields(ctx, page.Forms[i].Fields, act+".", e.Fields)
	}
	for _, x := range e.Fields {
		page.Page.Errors = append(page.Page.Errors, ui.ErrorItem{Field: act + "." + x.Path, Text: i18n.T(ctx, x.Key, x.Params)})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, codesPage(page))
}

func markFields(ctx context.Context, fs []ui.FormField, prefix string, found []errs.Field) {
	for i := range fs {
		for _, x := range found {
			if fs[i].Name == prefix+x.Path && fs[i].Error == "" {
				fs[i].Error = i18n.T(ctx, x.Key, x.Params)
			}
		}
	}
}
