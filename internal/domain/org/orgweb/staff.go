package orgweb

import (
	"context"
	"net/http"
	"net/url"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

const staffPerPage = 50

func (p *Pages) staffList(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	agency := q.Get("agency")
	page, next, err := p.org.BrowseStaff(ctx, authz.From(ctx), agency, q.Get("after"), staffPerPage)
	if err != nil {
		return err
	}
	v := staffView{List: listView{
		Page: ui.PageView{Title: t(ctx, "org.staff_title"), Lead: t(ctx, "org.staff_lead")},
		Add:  ui.Link{Label: t(ctx, "org.staff_add"), Href: "/admin/staff/new"},
		Table: ui.TableView{Caption: t(ctx, "org.staff_title"), CaptionHide: true, Empty: t(ctx, "org.staff_empty"), Columns: []ui.Column{
			{Label: t(ctx, "org.staff_name")}, {Label: t(ctx, "org.staff_agency")}, {Label: t(ctx, "org.staff_roles")}, {Label: t(ctx, "org.staff_posts")}, {Label: t(ctx, "org.staff_state")},
		}},
	}, Agency: ui.FormField{Name: "agency", Kind: "select", Label: t(ctx, "org.staff_agency"), Value: agency, Options: p.agencyOptions(ctx)}}
	for _, s := range page {
		v.List.Table.Rows = append(v.List.Table.Rows, []ui.Cell{
			{Text: s.Name, Href: "/admin/staff/" + s.ID, Sub: s.Login},
			{Text: p.agencyName(ctx, s.Agency)},
			{Text: labels(ctx, "org.role_", s.Roles)},
			{Text: p.postNames(ctx, s.Posts)},
			stateCell(ctx, s),
		})
	}
	if next != "" {
		v.Pager.NextHref = "/admin/staff?" + url.Values{"agency": {agency}, "after": {next}}.Encode()
	}
	return web.Render(w, r, staffPage(v))
}

func stateCell(ctx context.Context, s org.Staff) ui.Cell {
	if s.Disabled {
		return ui.Cell{Text: t(ctx, "org.state_disabled"), Tone: ui.Neutral}
	}
	return ui.Cell{Text: t(ctx, "org.state_active"), Tone: ui.Success}
}

func (p *Pages) agencyName(ctx context.Context, key string) string {
	if a, err := p.org.Agency(ctx, key); err == nil {
		return a.Short
	}
	return key
}

func (p *Pages) postNames(ctx context.Context, keys []string) string {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		if o, err := p.org.Post(ctx, k); err == nil {
			k = o.Name
		}
		names = append(names, k)
	}
	return join(ctx, names)
}

func (p *Pages) agencyOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, a := range p.org.Agencies(ctx) {
		out = append(out, ui.Option{Value: a.Key, Label: a.Name})
	}
	return out
}

func (p *Pages) newStaff(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, formPage(p.staffForm(r.Context(), org.Staff{Agency: r.URL.Query().Get("agency")})))
}

func (p *Pages) staff(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.org.OpenStaff(ctx, authz.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	f := p.staffForm(ctx, s)
	f.Saved = r.URL.Query().Has("saved")
	return web.Render(w, r, formPage(f))
}

func (p *Pages) saveStaff(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	s := org.Staff{ID: r.PathValue("id"), Login: v.Get("login"), Name: v.Get("name"), Agency: v.Get("agency"), Posts: v["posts"], Phone: v.Get("phone"), Disabled: v.Get("disabled") == "true"}
	for _, role := range v["roles"] {
		s.Roles = append(s.Roles, authz.Role(role))
	}
	if s.ID != "" {
		s.Version = max(1, versionOf(v)) // never 0: an account that exists is not made again
	}
	id, err := p.org.SaveStaff(ctx, authz.From(ctx), s)
	return answer(w, r, err, "/admin/staff/"+id, p.staffForm(ctx, s), func() (form, error) {
		now, err := p.org.OpenStaff(ctx, authz.From(ctx), s.ID)
		return p.staffForm(ctx, now), err
	})
}

func (p *Pages) staffForm(ctx context.Context, s org.Staff) form {
	q := asker{ctx: ctx, element: "staff"}
	q.text("login", s.Login, true)
	q.text("name", s.Name, true)
	q.ask("phone", "phone", s.Phone, true)
	q.choose("agency", s.Agency, true, p.agencyOptions(ctx))
	roles := make([]string, 0, len(s.Roles))
	for _, r := range s.Roles {
		roles = append(roles, string(r))
	}
	q.boxes("roles", roles, options(ctx, "org.role_", org.StaffRoles))
	q.boxes("posts", s.Posts, p.postOptions(ctx, s))
	q.fields[len(q.fields)-1].Required = false
	if s.ID != "" {
		value := "false"
		if s.Disabled {
			value = "true"
		}
		q.ask("disabled", "yesno", value, true)
	}
	f := form{Version: s.Version, Fields: q.fields, Submit: t(ctx, "org.staff_submit"), Action: "/admin/staff", Page: ui.PageView{Title: t(ctx, "org.staff_add")}}
	if s.ID != "" {
		f.Action, f.Page.Title = "/admin/staff/"+s.ID, t(ctx, "org.staff_edit")
	}
	f.Reload = f.Action
	f.Page.Crumbs = crumbs(ui.Crumb{Label: t(ctx, "org.staff_title"), Href: "/admin/staff"}, ui.Crumb{Label: f.Page.Title})
	return f
}

// postOptions lists the posts of the own agency first.
func (p *Pages) postOptions(ctx context.Context, s org.Staff) []ui.Option {
	var own, others []ui.Option
	for _, o := range p.org.Posts(ctx, "") {
		opt := ui.Option{Value: o.Key, Label: o.Name + "（" + p.agencyName(ctx, o.Agency) + "）", Hint: labels(ctx, "org.act_", o.Acts)}
		if o.Agency == s.Agency {
			own = append(own, opt)
		} else {
			others = append(others, opt)
		}
	}
	return append(own, others...)
}
