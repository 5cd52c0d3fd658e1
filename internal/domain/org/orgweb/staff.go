package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
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
	}, Agency: ui.FormField{Name: "agency", Kind: "select", Label: t(ctx, "org.staff_agency"), Value: agency, Options: p.agencyOptions(ctx, authz.Security)}}
	for _, s := range page {
		v.List.Table.Rows = append(v.List.Table.Rows, []ui.Cell{
			{Text: s.Name, Href: "/admin/staff/" + s.ID, Sub: s.Login},
			{Text: p.agencyName(ctx, s.Agency)},
			{Text: labels(ctx, "org.role_", s.Roles)},
			{Text: p.heldNames(ctx, s)},
			p.stateCell(ctx, s),
		})
	}
	if next != "" {
		v.Pager.NextHref = "/admin/staff?" + url.Values{"agency": {agency}, "after": {next}}.Encode()
	}
	v.Export = "?" + url.Values{"agency": {agency}}.Encode()
	return web.Render(w, r, staffPage(v))
}

// heldNames names the posts held now; those of somebody stood in for say whose (代).
func (p *Pages) heldNames(ctx context.Context, s org.Staff) string {
	names := make([]string, 0, len(s.Posts))
	for _, k := range s.Posts {
		name := p.postName(ctx, k)
		if who := s.StandsFor(k); who != "" {
			name = t(ctx, "org.stands_for", errs.P{"name": p.staffName(ctx, who), "post": name})
		}
		names = append(names, name)
	}
	return join(ctx, names)
}

func (p *Pages) stateCell(ctx context.Context, s org.Staff) ui.Cell {
	now := p.now()
	switch {
	case !s.Disabled && !s.Ends.IsZero():
		return ui.Cell{Text: t(ctx, "org.state_until", errs.P{"date": org.LastDay(s.Ends)}), Tone: ui.Warn}
	case !s.Disabled:
		return ui.Cell{Text: t(ctx, "org.state_active"), Tone: ui.Success}
	case now.Before(s.Begins):
		return ui.Cell{Text: t(ctx, "org.state_from", errs.P{"date": org.FirstDay(s.Begins)}), Tone: ui.Info}
	case !s.Ends.IsZero() && !now.Before(s.Ends):
		return ui.Cell{Text: t(ctx, "org.state_left", errs.P{"date": org.LastDay(s.Ends)}), Tone: ui.Neutral}
	}
	return ui.Cell{Text: t(ctx, "org.state_disabled"), Tone: ui.Neutral}
}

func (p *Pages) agencyName(ctx context.Context, key string) string {
	if a, err := p.org.Agency(ctx, key); err == nil {
		return a.Short
	}
	return key
}

// staffName names an account with its agency.
func (p *Pages) staffName(ctx context.Context, id string) string {
	s, err := p.org.Staff(ctx, id)
	if err != nil {
		return id
	}
	return s.Name + "（" + p.agencyName(ctx, s.Agency) + "）"
}

// postName names a post; a basic one is called as its role.
func (p *Pages) postName(ctx context.Context, key string) string {
	o, err := p.org.Post(ctx, key)
	switch {
	case err != nil:
		return key
	case o.Basic:
		return labels(ctx, "org.role_", o.Roles)
	}
	return o.Name
}

func (p *Pages) agencyOptions(ctx context.Context, role authz.Role) []ui.Option {
	agencies, _ := p.org.ReachOf(ctx, authz.From(ctx), role)
	out := make([]ui.Option, 0, len(agencies))
	for _, a := range agencies {
		out = append(out, ui.Option{Value: a.Key, Label: a.Name})
	}
	return out
}

// postOptions lists the posts in reach, those of an agency first.
func (p *Pages) postOptions(ctx context.Context, agency string) []ui.Option {
	var own, others []ui.Option
	_, posts := p.org.ReachOf(ctx, authz.From(ctx), authz.Security)
	for _, o := range posts {
		opt := ui.Option{Value: o.Key, Label: p.postName(ctx, o.Key) + "（" + p.agencyName(ctx, o.Agency) + "）", Hint: rightsText(ctx, o)}
		if o.Agency == agency {
			own = append(own, opt)
		} else {
			others = append(others, opt)
		}
	}
	return append(own, others...)
}

// rightsText says what a post gives.
func rightsText(ctx context.Context, o org.Post) string {
	var parts []string
	for _, s := range []string{labels(ctx, "org.role_", o.Roles), labels(ctx, "org.act_", o.Acts)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, t(ctx, "org.semicolon"))
}

// account shows one account: what it holds, who granted and who reviewed it, and what can be done.
func (p *Pages) staff(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, id := authz.From(ctx), r.PathValue("id")
	s, err := p.org.OpenStaff(ctx, a, id)
	if err != nil {
		return err
	}
	held, proposals, err := p.org.History(ctx, a, id)
	if err != nil {
		return err
	}
	v := accountView{ID: id, Own: id == a.StaffID, State: p.stateCell(ctx, s)}
	v.Page = ui.PageView{Title: s.Name, Crumbs: crumbs(ui.Crumb{Label: t(ctx, "org.staff_title"), Href: "/admin/staff"}, ui.Crumb{Label: s.Name})}
	v.Facts = []ui.KVRow{
		{Key: t(ctx, "org.staff_login"), Value: s.Login},
		{Key: t(ctx, "org.staff_phone"), Value: cnid.MaskPhone(s.Phone), Num: true},
		{Key: t(ctx, "org.staff_agency"), Value: p.agencyName(ctx, s.Agency)},
		{Key: t(ctx, "org.staff_roles"), Value: labels(ctx, "org.role_", s.Roles)},
	}
	v.Held = ui.TableView{Caption: t(ctx, "org.held_title"), CaptionHide: true, Empty: t(ctx, "org.held_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.held_post")}, {Label: t(ctx, "org.held_term")}, {Label: t(ctx, "org.staff_state")}, {Label: t(ctx, "org.held_by")}, {Label: t(ctx, "org.held_reviewed")},
	}}
	for _, h := range held {
		v.Held.Rows = append(v.Held.Rows, p.heldRow(ctx, h))
	}
	for _, h := range p.org.StandIns(ctx, id) {
		v.StandIns = append(v.StandIns, t(ctx, "org.stand_in_line", errs.P{"name": p.staffName(ctx, h.StaffID), "post": p.postName(ctx, h.Post), "term": term(ctx, org.FirstDay(h.From), org.LastDay(h.Until))}))
	}
	v.Proposals = p.proposalTable(ctx, proposals)
	return web.Render(w, r, accountPage(v))
}

func (p *Pages) heldRow(ctx context.Context, h org.Held) []ui.Cell {
	name := p.postName(ctx, h.Post)
	if h.For != "" {
		name = t(ctx, "org.stands_for", errs.P{"name": p.staffName(ctx, h.For), "post": name})
	}
	o, _ := p.org.Post(ctx, h.Post)
	state := ui.Cell{Text: t(ctx, "org.held_ended"), Tone: ui.Neutral}
	switch {
	case h.Active:
		state = ui.Cell{Text: t(ctx, "org.held_now"), Tone: ui.Success}
	case h.From.After(p.now()) && (h.Until.IsZero() || h.Until.After(h.From)):
		state = ui.Cell{Text: t(ctx, "org.held_later"), Tone: ui.Info}
	}
	by, reviewed := ui.Cell{Text: t(ctx, "org.by_pack")}, ui.Cell{Text: "—"}
	if g := h.Granted; g != nil {
		by = ui.Cell{Text: p.who(ctx, g.By, g.ByFor), Href: "/admin/proposals/" + g.ID, Sub: minute(g.At)}
		reviewed = ui.Cell{Text: p.reviewers(ctx, g.Reviews)}
	} else if h.Proposal != "" {
		by = ui.Cell{Text: t(ctx, "org.kind_table"), Href: "/admin/proposals/" + h.Proposal}
	}
	return []ui.Cell{{Text: name, Sub: rightsText(ctx, o)}, {Text: term(ctx, org.FirstDay(h.From), org.LastDay(h.Until))}, state, by, reviewed}
}

// who names an officer, with the one stood in for (代).
func (p *Pages) who(ctx context.Context, id, standsFor string) string {
	if standsFor == "" {
		return p.staffName(ctx, id)
	}
	return t(ctx, "org.who_stands", errs.P{"name": p.staffName(ctx, id), "for": p.staffName(ctx, standsFor)})
}

func (p *Pages) reviewers(ctx context.Context, vs []org.Review) string {
	var out []string
	for _, v := range vs {
		if v.Approved {
			out = append(out, p.who(ctx, v.By, v.For))
		}
	}
	return join(ctx, out)
}

// term writes first and last day.
func term(ctx context.Context, first, last string) string {
	switch {
	case first == "" && last == "":
		return t(ctx, "org.term_always")
	case last == "":
		return t(ctx, "org.term_open", errs.P{"from": first})
	case first == "":
		return t(ctx, "org.term_to", errs.P{"until": last})
	}
	return t(ctx, "org.term", errs.P{"from": first, "until": last})
}

func minute(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

// acts are the changes a page offers on an account.
var acts = []org.Kind{org.Grant, org.Move, org.Substitute, org.Edit, org.Leave, org.Withdraw}

func (p *Pages) newStaff(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, formPage(p.changeForm(r.Context(), org.Staff{}, org.Change{Kind: org.Join, Agency: r.URL.Query().Get("agency")}, "")))
}

func (p *Pages) addStaff(w http.ResponseWriter, r *http.Request) error {
	return p.take(w, r, org.Staff{}, org.Join)
}

func (p *Pages) changeStaff(w http.ResponseWriter, r *http.Request) error {
	s, kind, err := p.changed(r)
	if err != nil {
		return err
	}
	c := org.Change{Kind: kind, StaffID: s.ID, Agency: s.Agency, Login: s.Login, Name: s.Name, Phone: s.Phone, Version: s.Version}
	return web.Render(w, r, formPage(p.changeForm(r.Context(), s, c, "")))
}

func (p *Pages) saveChange(w http.ResponseWriter, r *http.Request) error {
	s, kind, err := p.changed(r)
	if err != nil {
		return err
	}
	return p.take(w, r, s, kind)
}

// changed reads which account is changed and how.
func (p *Pages) changed(r *http.Request) (org.Staff, org.Kind, error) {
	kind := org.Kind(r.PathValue("act"))
	if !slices.Contains(acts, kind) {
		return org.Staff{}, "", errs.New(errs.NotFound, "base.not_found")
	}
	s, err := p.org.OpenStaff(r.Context(), authz.From(r.Context()), r.PathValue("id"))
	return s, kind, err
}

// take turns the typed form into a proposal.
func (p *Pages) take(w http.ResponseWriter, r *http.Request, s org.Staff, kind org.Kind) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	c := org.Change{
		Kind: kind, StaffID: s.ID, Login: v.Get("login"), Name: v.Get("name"), Phone: v.Get("phone"), Agency: v.Get("agency"), Posts: v["posts"],
		For: v.Get("for"), From: dateFrom(v, "from"), Until: dateFrom(v, "until"), Version: versionOf(v),
	}
	if kind == org.Substitute {
		c.For, c.Posts = splitChoices(v["posts"])
	}
	id, err := p.org.Propose(ctx, authz.From(ctx), c, v.Get("reason"))
	e := errs.As(err)
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/admin/proposals/"+id+"?sent=1")
	case e == nil || e.Kind != errs.Invalid || len(e.Fields) == 0:
		return err
	}
	if kind == org.Substitute {
		c.Posts = v["posts"]
	}
	f := p.changeForm(ctx, s, c, v.Get("reason"))
	f.mark(ctx, e.Fields)
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(f))
}

// splitChoices reads the posts of a substitution, written account/post; all must be of one account.
func splitChoices(vs []string) (standsFor string, posts []string) {
	for _, v := range vs {
		who, post, _ := strings.Cut(v, "/")
		if standsFor == "" {
			standsFor = who
		}
		if who == standsFor {
			posts = append(posts, post)
		} else {
			posts = append(posts, v) // is found wrong
		}
	}
	return standsFor, posts
}

// dateFrom puts the three inputs of a date together; "" when all are empty.
func dateFrom(v url.Values, name string) string {
	y, m, d := strings.TrimSpace(v.Get(name+".y")), strings.TrimSpace(v.Get(name+".m")), strings.TrimSpace(v.Get(name+".d"))
	if y+m+d == "" {
		return ""
	}
	if day, err := time.Parse("2006-1-2", y+"-"+m+"-"+d); err == nil {
		return day.Format(time.DateOnly)
	}
	return y + "-" + m + "-" + d
}

func (p *Pages) changeForm(ctx context.Context, s org.Staff, c org.Change, reason string) form {
	q := asker{ctx: ctx, element: "staff"}
	if c.Kind == org.Join || c.Kind == org.Edit {
		q.text("login", c.Login, true)
		q.text("name", c.Name, true)
		q.ask("phone", "phone", c.Phone, true)
	}
	if c.Kind == org.Join || c.Kind == org.Move {
		q.choose("agency", c.Agency, true, p.agencyOptions(ctx, authz.Security))
	}
	q.element = "power"
	switch c.Kind {
	case org.Join, org.Grant, org.Move:
		q.boxes("posts", c.Posts, p.postOptions(ctx, c.Agency))
	case org.Substitute:
		q.boxes("standing", c.Posts, p.standingOptions(ctx, s))
		q.fields[len(q.fields)-1].Name = "posts"
	case org.Withdraw:
		q.boxes("withdrawn", c.Posts, p.heldOptions(ctx, s))
		q.fields[len(q.fields)-1].Name, q.fields[len(q.fields)-1].Required = "posts", false
	}
	if slices.Contains([]org.Kind{org.Join, org.Grant, org.Move, org.Substitute}, c.Kind) {
		q.ask("from", "date", c.From, false)
	}
	if slices.Contains([]org.Kind{org.Join, org.Grant, org.Move, org.Substitute, org.Leave}, c.Kind) {
		q.ask("until", "date", c.Until, c.Kind == org.Substitute || c.Kind == org.Leave)
	}
	q.ask("reason", "textarea", reason, true)
	f := form{Version: c.Version, Fields: q.fields, Submit: t(ctx, "org.power_submit"), Action: "/admin/staff"}
	f.Page = ui.PageView{Title: t(ctx, "org.staff_add"), Lead: t(ctx, "org.power_lead")}
	cs := crumbs(ui.Crumb{Label: t(ctx, "org.staff_title"), Href: "/admin/staff"})
	if c.Kind != org.Join {
		f.Action = "/admin/staff/" + s.ID + "/" + string(c.Kind)
		f.Page.Title = t(ctx, "org.kind_"+string(c.Kind))
		f.Page.Eyebrow = s.Name
		cs = append(cs, ui.Crumb{Label: s.Name, Href: "/admin/staff/" + s.ID})
	}
	if c.Kind == org.Withdraw {
		f.Submit, f.Page.Lead = t(ctx, "org.withdraw_submit"), t(ctx, "org.withdraw_lead")
	}
	f.Page.Crumbs = append(cs, ui.Crumb{Label: f.Page.Title})
	return f
}

// heldOptions are the posts an account holds now or later.
func (p *Pages) heldOptions(ctx context.Context, s org.Staff) []ui.Option {
	var out []ui.Option
	for _, h := range p.org.Holdings(ctx, s.ID) {
		if h.Until.IsZero() || h.Until.After(p.now()) {
			out = append(out, ui.Option{Value: h.Post, Label: p.postName(ctx, h.Post), Hint: term(ctx, org.FirstDay(h.From), org.LastDay(h.Until))})
		}
	}
	return out
}

// standingOptions are the posts of colleagues of the same agency, which one can stand in on.
func (p *Pages) standingOptions(ctx context.Context, s org.Staff) []ui.Option {
	var out []ui.Option
	for _, o := range p.org.StaffList(ctx, s.Agency) {
		if o.ID == s.ID || o.Disabled {
			continue
		}
		for _, h := range p.org.Holdings(ctx, o.ID) {
			if h.For == "" && (h.Until.IsZero() || h.Until.After(p.now())) {
				post, _ := p.org.Post(ctx, h.Post)
				out = append(out, ui.Option{Value: o.ID + "/" + h.Post, Label: t(ctx, "org.stands_for", errs.P{"name": o.Name, "post": p.postName(ctx, h.Post)}), Hint: rightsText(ctx, post)})
			}
		}
	}
	return out
}
