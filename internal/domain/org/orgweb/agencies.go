package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

func (p *Pages) agencies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	names := map[string]string{}
	for _, g := range p.org.Regions(ctx) {
		names[g.Code] = g.Name
	}
	v := listView{
		Page:   ui.PageView{Title: t(ctx, "org.agencies_title"), Lead: t(ctx, "org.agencies_lead")},
		Add:    ui.Link{Label: t(ctx, "org.agency_add"), Href: "/admin/agencies/new"},
		Banner: CalendarBanner(ctx, p.org),
		Table: ui.TableView{Caption: t(ctx, "org.agencies_title"), CaptionHide: true, Empty: t(ctx, "org.agencies_empty"), Columns: []ui.Column{
			{Label: t(ctx, "org.agency_name")},
			{Label: t(ctx, "org.agency_region")},
			{Label: t(ctx, "org.windows_title"), Num: true},
			{Label: t(ctx, "org.posts_title"), Num: true},
			{Label: t(ctx, "org.agency_phone")},
		}},
	}
	for _, a := range p.org.Agencies(ctx) {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			p.inReach(ctx, ui.Cell{Text: a.Name, Href: "/admin/agencies/" + a.Key, Sub: a.Code}, a.Region),
			{Text: names[a.Region], Sub: ended(ctx, a.ValidTo)},
			{Text: count(p.org.Windows(ctx, a.Key))},
			{Text: count(p.org.Posts(ctx, a.Key))},
			{Text: a.Phone},
		})
	}
	return web.Render(w, r, listPage(v))
}

// inReach leaves out the link to what the administrator may not change.
func (p *Pages) inReach(ctx context.Context, c ui.Cell, region string) ui.Cell {
	if !p.org.Reaches(ctx, authz.From(ctx), authz.Admin, region) {
		c.Href = ""
	}
	return c
}

func (p *Pages) newAgency(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, formPage(p.agencyForm(r.Context(), org.Agency{Nature: "1"})))
}

func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := p.org.Agency(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	f := p.agencyForm(ctx, a)
	f.Saved = r.URL.Query().Has("saved")
	for _, up := range p.org.Superiors(ctx, a.Key) { // nearest first, so the eyebrow reads from the top
		f.Page.Eyebrow = strings.TrimSuffix(up.Name+" › "+f.Page.Eyebrow, " › ")
	}
	ending, err := p.ending(ctx, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, agencyPage(agencyView{Form: f, Ending: ending, Review: org.ReviewAuthority(a), Windows: p.windowTable(ctx, a.Key), Posts: p.postTable(ctx, a.Key), Below: p.belowTable(ctx, a.Key), Key: a.Key}))
}

func (p *Pages) saveAgency(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	a := agencyFrom(v)
	if key := r.PathValue("key"); key != "" {
		a.Key = key
	} else {
		a.Version = 0
	}
	ctx := r.Context()
	err = p.org.SaveAgency(ctx, authz.From(ctx), a)
	f := p.agencyForm(ctx, a)
	if a.EndsAnyway || hangs(err) {
		f.Fields = append(f.Fields, endsAnyway(ctx, a.EndsAnyway)...)
	}
	return answer(w, r, err, "/admin/agencies/"+url.PathEscape(strings.TrimSpace(a.Key)), f, func() (form, error) {
		s, err := p.org.Agency(ctx, a.Key)
		return p.agencyForm(ctx, s), err
	})
}

// hangs reports whether an agency could not end because something hangs on it.
func hangs(err error) bool {
	e := errs.As(err)
	return e != nil && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Key == "org.agency_hangs" })
}

// endsAnyway asks for the word of the administrator that an agency ends with what hangs on it; it is asked only after that was named.
func endsAnyway(ctx context.Context, said bool) []ui.FormField {
	q := asker{ctx: ctx, element: "agency"}
	f := q.ask("ends_anyway", "checkbox", "", false)
	f.Options = []ui.Option{{Value: "yes", Label: t(ctx, "org.agency_ends_yes")}}
	if said {
		f.Values = []string{"yes"}
	}
	return q.fields
}

// ending says what hangs on an agency that has a last day; empty otherwise.
func (p *Pages) ending(ctx context.Context, a org.Agency) (string, error) {
	if a.ValidTo == "" {
		return "", nil
	}
	h, err := p.org.Hanging(ctx, a.Key)
	if err != nil || !h.Any() {
		return "", err
	}
	return t(ctx, "org.agency_ending", errs.P{"date": a.ValidTo, "items": h.Items, "windows": h.Windows, "posts": h.Posts, "staff": h.Staff}), nil
}

func agencyFrom(v url.Values) org.Agency {
	return org.Agency{
		Key: v.Get("key"), Code: v.Get("code"), Name: v.Get("name"), Short: v.Get("short"), Region: v.Get("region"), Nature: v.Get("nature"),
		Government: v.Get("government"), Review: v.Get("review"), Court: v.Get("court"), Address: v.Get("address"), Phone: v.Get("phone"),
		ComplaintPhone: v.Get("complaint_phone"), Website: v.Get("website"), SealName: v.Get("seal_name"), SealPurpose: v.Get("seal_purpose"),
		NumberMark: v.Get("number_mark"), Parent: v.Get("parent"), ValidTo: dateFrom(v, "valid_to"), Successor: v.Get("successor"), Version: versionOf(v),
		EndsAnyway: v.Get("ends_anyway") == "yes",
	}
}

func (p *Pages) agencyForm(ctx context.Context, a org.Agency) form {
	q := asker{ctx: ctx, element: "agency"}
	q.key("key", a.Key, a.Version)
	q.ask("code", "credit_code", a.Code, true)
	q.text("name", a.Name, true)
	q.text("short", a.Short, true)
	q.choose("region", a.Region, true, p.regionOptions(ctx))
	q.choose("nature", a.Nature, true, options(ctx, "org.nature_", org.Natures))
	q.text("government", a.Government, false)
	q.text("review", a.Review, false)
	q.text("court", a.Court, true)
	q.text("address", a.Address, true)
	q.text("phone", a.Phone, true)
	q.text("complaint_phone", a.ComplaintPhone, true)
	q.text("website", a.Website, false)
	q.text("seal_name", a.SealName, true)
	q.text("seal_purpose", a.SealPurpose, true)
	q.text("number_mark", a.NumberMark, true)
	others := p.otherAgencies(ctx, a.Key)
	q.choose("parent", a.Parent, false, others)
	q.ask("valid_to", "date", a.ValidTo, false)
	q.choose("successor", a.Successor, false, others)
	f := form{Version: a.Version, Fields: q.fields, Submit: t(ctx, "org.agency_submit"), Action: "/admin/agencies"}
	f.Page = ui.PageView{Title: t(ctx, "org.agency_add")}
	last := ui.Crumb{Label: t(ctx, "org.agency_add")}
	if a.Version > 0 {
		f.Action += "/" + a.Key
		f.Page.Title = a.Name
		last.Label = a.Name
	}
	f.Reload = f.Action
	f.Page.Crumbs = crumbs(ui.Crumb{Label: t(ctx, "org.agencies_title"), Href: "/admin/agencies"}, last)
	return f
}

// otherAgencies are the agencies another may be below, or end in.
func (p *Pages) otherAgencies(ctx context.Context, but string) []ui.Option {
	var out []ui.Option
	for _, a := range p.org.Agencies(ctx) {
		if a.Key != but {
			out = append(out, ui.Option{Value: a.Key, Label: a.Name})
		}
	}
	return out
}

// ended says until when something that has a last day is in force.
func ended(ctx context.Context, validTo string) string {
	if validTo == "" {
		return ""
	}
	return t(ctx, "org.ended_on", errs.P{"date": validTo})
}

func (p *Pages) regionOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, g := range p.org.Regions(ctx) {
		out = append(out, ui.Option{Value: g.Code, Label: strings.Repeat("　", max(0, slices.Index(org.Levels, g.Level))) + g.Name})
	}
	return out
}

func (p *Pages) windowTable(ctx context.Context, agency string) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "org.windows_title"), CaptionHide: true, Empty: t(ctx, "org.windows_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.window_name")}, {Label: t(ctx, "org.window_hall")}, {Label: t(ctx, "org.window_hours")}, {Label: t(ctx, "org.window_phone")},
	}}
	for _, w := range p.org.Windows(ctx, agency) {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: w.Name, Href: "/admin/windows/" + w.Key}, {Text: w.Hall, Sub: w.Floor}, {Text: w.Hours}, {Text: w.Phone}})
	}
	return tv
}

func (p *Pages) belowTable(ctx context.Context, agency string) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "org.agency_below"), CaptionHide: true, Empty: t(ctx, "org.agency_below_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.agency_name")}, {Label: t(ctx, "org.agency_region")},
	}}
	for _, a := range p.org.Subordinates(ctx, agency) {
		name := a.Region
		if r, err := p.org.Region(ctx, a.Region); err == nil {
			name = r.Name
		}
		tv.Rows = append(tv.Rows, []ui.Cell{p.inReach(ctx, ui.Cell{Text: a.Name, Href: "/admin/agencies/" + a.Key}, a.Region), {Text: name, Sub: ended(ctx, a.ValidTo)}})
	}
	return tv
}

func (p *Pages) postTable(ctx context.Context, agency string) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "org.posts_title"), CaptionHide: true, Empty: t(ctx, "org.posts_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.post_name")}, {Label: t(ctx, "org.post_acts")}, {Label: t(ctx, "org.post_items"), Num: true}, {Label: t(ctx, "org.post_holders"), Num: true},
	}}
	for _, o := range p.org.Posts(ctx, agency) {
		items := count(o.Items)
		if slices.Contains(o.Items, "*") {
			items = t(ctx, "org.all_items")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: o.Name, Href: "/admin/posts/" + o.Key}, {Text: rightsText(ctx, o)}, {Text: items}, {Text: count(p.org.StaffOfPost(ctx, o.Key))}})
	}
	return tv
}
