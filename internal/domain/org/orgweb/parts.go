package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

func count[T any](all []T) string { return strconv.Itoa(len(all)) }

func options[T ~string](ctx context.Context, prefix string, values []T) []ui.Option {
	out := make([]ui.Option, 0, len(values))
	for _, v := range values {
		out = append(out, ui.Option{Value: string(v), Label: t(ctx, prefix+string(v))})
	}
	return out
}

func labels[T ~string](ctx context.Context, prefix string, values []T) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, t(ctx, prefix+string(v)))
	}
	return strings.Join(out, t(ctx, "org.comma"))
}

func (p *Pages) newWindow(w http.ResponseWriter, r *http.Request) error {
	a, err := p.org.Agency(r.Context(), r.PathValue("agency"))
	if err != nil {
		return err
	}
	return web.Render(w, r, formPage(p.windowForm(r.Context(), org.Window{Agency: a.Key, Address: a.Address})))
}

func (p *Pages) window(w http.ResponseWriter, r *http.Request) error {
	v, err := p.org.Window(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	f := p.windowForm(r.Context(), v)
	f.Saved = r.URL.Query().Has("saved")
	return web.Render(w, r, formPage(f))
}

func (p *Pages) saveWindow(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	win := org.Window{
		Key: v.Get("key"), Agency: r.PathValue("agency"), Name: v.Get("name"), Hall: v.Get("hall"), Address: v.Get("address"), Floor: v.Get("floor"),
		Hours: v.Get("hours"), Phone: v.Get("phone"), Directions: v.Get("directions"),
	}
	if key := r.PathValue("key"); key != "" {
		old, err := p.org.Window(ctx, key)
		if err != nil {
			return err
		}
		win.Key, win.Agency, win.Version = old.Key, old.Agency, versionOf(v)
	}
	err = p.org.SaveWindow(ctx, authz.From(ctx), win)
	return answer(w, r, err, "/admin/windows/"+url.PathEscape(strings.TrimSpace(win.Key)), p.windowForm(ctx, win), func() (form, error) {
		s, err := p.org.Window(ctx, win.Key)
		return p.windowForm(ctx, s), err
	})
}

func (p *Pages) windowForm(ctx context.Context, w org.Window) form {
	q := asker{ctx: ctx, element: "window"}
	q.key("key", w.Key, w.Version)
	q.text("name", w.Name, true)
	q.text("hall", w.Hall, true)
	q.text("address", w.Address, true)
	q.text("floor", w.Floor, false)
	q.text("hours", w.Hours, true)
	q.text("phone", w.Phone, false)
	q.ask("directions", "textarea", w.Directions, false)
	return p.partForm(ctx, "window", "/windows", w.Agency, w.Key, w.Name, w.Version, q.fields)
}

// partForm is the form of something that belongs to an agency.
func (p *Pages) partForm(ctx context.Context, element, path, agency, key, name string, version int64, fields []ui.FormField) form {
	f := form{Version: version, Fields: fields, Submit: t(ctx, "org."+element+"_submit"), Action: "/admin/agencies/" + agency + path}
	f.Page.Title = t(ctx, "org."+element+"_add")
	if version > 0 {
		f.Page.Title, f.Action = name, "/admin"+path+"/"+key
	}
	f.Reload = f.Action
	owner := agency
	if a, err := p.org.Agency(ctx, agency); err == nil {
		owner = a.Name
	}
	f.Page.Crumbs = crumbs(ui.Crumb{Label: t(ctx, "org.agencies_title"), Href: "/admin/agencies"}, ui.Crumb{Label: owner, Href: "/admin/agencies/" + agency}, ui.Crumb{Label: f.Page.Title})
	return f
}

func (p *Pages) newPost(w http.ResponseWriter, r *http.Request) error {
	a, err := p.org.Agency(r.Context(), r.PathValue("agency"))
	if err != nil {
		return err
	}
	return web.Render(w, r, formPage(p.postForm(r.Context(), org.Post{Agency: a.Key})))
}

func (p *Pages) post(w http.ResponseWriter, r *http.Request) error {
	v, err := p.org.Post(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	f := p.postForm(r.Context(), v)
	f.Saved, f.Sent = r.URL.Query().Has("saved"), r.URL.Query().Get("sent")
	return web.Render(w, r, formPage(f))
}

func (p *Pages) savePost(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	o := org.Post{Key: v.Get("key"), Agency: r.PathValue("agency"), Name: v.Get("name"), Acts: v["acts"], Items: itemsFrom(v["items"])}
	for _, role := range v["roles"] {
		o.Roles = append(o.Roles, authz.Role(role))
	}
	if key := r.PathValue("key"); key != "" {
		old, err := p.org.Post(ctx, key)
		if err != nil {
			return err
		}
		o.Key, o.Agency, o.Version, o.Basic = old.Key, old.Agency, max(1, versionOf(v)), old.Basic
	}
	proposal, err := p.org.SavePost(ctx, authz.From(ctx), o)
	if err == nil && proposal != "" {
		return web.SeeOther(w, r, "/admin/posts/"+url.PathEscape(o.Key)+"?sent="+proposal)
	}
	return answer(w, r, err, "/admin/posts/"+url.PathEscape(strings.TrimSpace(o.Key)), p.postForm(ctx, o), func() (form, error) {
		s, err := p.org.Post(ctx, o.Key)
		return p.postForm(ctx, s), err
	})
}

// itemsFrom takes ticked boxes or typed keys, one a line or with commas.
func itemsFrom(vs []string) []string {
	var out []string
	for _, v := range vs {
		for _, k := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \r\n\t,，、", r) }) {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

func (p *Pages) postForm(ctx context.Context, o org.Post) form {
	q := asker{ctx: ctx, element: "post"}
	q.key("key", o.Key, o.Version)
	q.text("name", o.Name, true)
	q.boxes("acts", o.Acts, options(ctx, "org.act_", org.Acts))
	q.fields[len(q.fields)-1].Required = false
	roles := make([]string, 0, len(o.Roles))
	for _, r := range o.Roles {
		roles = append(roles, string(r))
	}
	q.boxes("roles", roles, options(ctx, "org.role_", org.StaffRoles))
	q.fields[len(q.fields)-1].Required = false
	if p.items == nil {
		q.ask("items", "textarea", strings.Join(o.Items, "\n"), false)
	} else {
		q.boxes("items", o.Items, append([]ui.Option{{Value: "*", Label: t(ctx, "org.all_items")}}, p.items(ctx)...))
		q.fields[len(q.fields)-1].Required, q.fields[len(q.fields)-1].Hint = false, ""
	}
	return p.partForm(ctx, "post", "/posts", o.Agency, o.Key, o.Name, o.Version, q.fields)
}

func (p *Pages) regions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := listView{
		Page:  ui.PageView{Title: t(ctx, "org.regions_title"), Lead: t(ctx, "org.regions_lead")},
		Add:   ui.Link{Label: t(ctx, "org.region_add"), Href: "/admin/regions/new"},
		Saved: r.URL.Query().Has("saved"),
		Table: ui.TableView{Caption: t(ctx, "org.regions_title"), CaptionHide: true, Empty: t(ctx, "org.regions_empty"), Columns: []ui.Column{
			{Label: t(ctx, "org.region_name")}, {Label: t(ctx, "org.region_code"), Num: true}, {Label: t(ctx, "org.region_level")}, {Label: t(ctx, "org.region_parent")},
		}},
	}
	all := p.org.Regions(ctx)
	names := map[string]string{}
	for _, g := range all {
		names[g.Code] = g.Name
	}
	for _, g := range all {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{p.inReach(ctx, ui.Cell{Text: g.Name, Href: "/admin/regions/" + g.Code}, g.Code), {Text: g.Code}, {Text: t(ctx, "org.level_"+g.Level)}, {Text: names[g.Parent], Sub: ended(ctx, g.ValidTo)}})
	}
	return web.Render(w, r, listPage(v))
}

func (p *Pages) newRegion(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, formPage(p.regionForm(r.Context(), org.Region{})))
}

func (p *Pages) region(w http.ResponseWriter, r *http.Request) error {
	g, err := p.org.Region(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	f := p.regionForm(r.Context(), g)
	f.Saved = r.URL.Query().Has("saved")
	return web.Render(w, r, formPage(f))
}

func (p *Pages) saveRegion(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	g := org.Region{Code: v.Get("code"), Name: v.Get("name"), Level: v.Get("level"), Parent: v.Get("parent"), ValidTo: dateFrom(v, "valid_to"), Successor: v.Get("successor")}
	if key := r.PathValue("key"); key != "" {
		g.Code, g.Version = key, versionOf(v)
	}
	err = p.org.SaveRegion(ctx, authz.From(ctx), g)
	return answer(w, r, err, "/admin/regions/"+url.PathEscape(strings.TrimSpace(g.Code)), p.regionForm(ctx, g), func() (form, error) {
		s, err := p.org.Region(ctx, g.Code)
		return p.regionForm(ctx, s), err
	})
}

func (p *Pages) regionForm(ctx context.Context, g org.Region) form {
	q := asker{ctx: ctx, element: "region"}
	q.key("code", g.Code, g.Version)
	q.text("name", g.Name, true)
	q.choose("level", g.Level, true, options(ctx, "org.level_", org.Levels))
	q.choose("parent", g.Parent, false, p.regionOptions(ctx))
	q.ask("valid_to", "date", g.ValidTo, false)
	q.choose("successor", g.Successor, false, p.regionOptions(ctx))
	f := form{Version: g.Version, Fields: q.fields, Submit: t(ctx, "org.region_submit"), Action: "/admin/regions", Page: ui.PageView{Title: t(ctx, "org.region_add")}}
	if g.Version > 0 {
		f.Action, f.Page.Title = "/admin/regions/"+g.Code, g.Name
	}
	f.Reload = f.Action
	f.Page.Crumbs = crumbs(ui.Crumb{Label: t(ctx, "org.regions_title"), Href: "/admin/regions"}, ui.Crumb{Label: f.Page.Title})
	return f
}
