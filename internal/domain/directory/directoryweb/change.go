package directoryweb

import (
	"context"
	"net/http"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/directory"
)

func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	a := authz.From(ctx)
	out, next, err := p.dir.Changes(ctx, a, q.Get("state"), q.Get("after"), pageSize)
	if err != nil {
		return err
	}
	v := listView{Page: ui.PageView{Title: t(ctx, "changes"), Lead: t(ctx, "changes_lead"), Wide: true}, Tabs: p.tabs(ctx, "/office/directory-changes"), Keeper: p.keeper(ctx)}
	var states []ui.Option
	for _, s := range directory.States {
		states = append(states, ui.Option{Value: s, Label: t(ctx, "change_"+s)})
	}
	v.Filters = ui.FilterView{Action: "/office/directory-changes", Filters: []ui.Filter{{Name: "state", Label: t(ctx, "part_state"), Value: q.Get("state"), Options: states}}, Target: "found"}
	v.Table = ui.TableView{Caption: t(ctx, "changes"), CaptionHide: true, Empty: t(ctx, "changes_none"), Columns: []ui.Column{{Label: t(ctx, "change_what")}, {Label: t(ctx, "change_kind")}, {Label: t(ctx, "author")}, {Label: t(ctx, "effective"), Num: true}, {Label: t(ctx, "part_state")}}}
	for _, c := range out {
		title := c.Title()
		if title == "" {
			title = t(ctx, "untitled")
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: title, Href: "/office/directory-changes/" + c.ID}, {Text: t(ctx, "kind_"+string(c.Kind))}, {Text: p.who(ctx, c.Author)}, {Text: c.Effective}, {Text: t(ctx, "change_"+c.State), Tone: changeTone(c.State)}})
	}
	if next != "" {
		q.Set("after", next)
		v.Pager.NextHref = "/office/directory-changes?" + q.Encode()
	}
	return web.Render(w, r, listPage(v))
}

type part struct {
	Title string
	Note  string
	Facts []ui.KVRow
	Diff  []ui.DiffRow
	Bases *ui.TableView
	Mats  *ui.TableView
}

type changeView struct {
	Page    ui.PageView
	ID      string
	Rev     string
	State   string
	Tone    ui.Tone
	Facts   []ui.KVRow
	Parts   []part
	Acts    ui.TableView
	Errors  []ui.ErrorItem
	Edit    bool // the author may change it and send it
	Audit   bool // waits for who asks as the second item officer
	Legal   bool // waits for who asks as legal review
	Drop    bool
	Why     string // why who asks cannot act
	Done    string
	Submits bool
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	c, err := p.dir.Change(r.Context(), authz.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := p.changeView(r.Context(), c)
	if done := r.URL.Query().Get("done"); i18n.Has("directory.done_" + done) {
		v.Done = t(r.Context(), "done_"+done)
	}
	return web.Render(w, r, changePage(v))
}

func (p *Pages) changeView(ctx context.Context, c directory.Change) changeView {
	title := c.Title()
	if title == "" {
		title = t(ctx, "untitled")
	}
	v := changeView{
		Page: ui.PageView{Title: title, Eyebrow: t(ctx, "kind_"+string(c.Kind)), Wide: true, Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "changes"), Href: "/office/directory-changes"}, ui.Crumb{Label: title})},
		ID:   c.ID, Rev: strconv.FormatInt(c.Rev, 10), State: t(ctx, "change_"+c.State), Tone: changeTone(c.State),
	}
	v.Facts = []ui.KVRow{
		{Key: t(ctx, "reason"), Value: c.Reason},
		{Key: t(ctx, "effective"), Value: c.Effective, Num: true},
		{Key: t(ctx, "follow_by"), Value: c.FollowBy, Num: true},
		{Key: t(ctx, "author"), Value: p.who(ctx, c.Author)},
		{Key: t(ctx, "second"), Value: p.who(ctx, c.Second)},
		{Key: t(ctx, "legal"), Value: p.who(ctx, c.Legal)},
	}
	v.Parts = p.parts(ctx, c)
	v.Acts = ui.TableView{Caption: t(ctx, "acts"), Columns: []ui.Column{{Label: t(ctx, "act")}, {Label: t(ctx, "act_by")}, {Label: t(ctx, "act_at"), Num: true}, {Label: t(ctx, "note")}}}
	for _, x := range c.Acts {
		v.Acts.Rows = append(v.Acts.Rows, []ui.Cell{{Text: t(ctx, "act_"+x.Act)}, {Text: p.who(ctx, x.By)}, {Text: when(x.At)}, {Text: x.Note}})
	}
	p.rights(ctx, c, &v)
	return v
}

// rights works out what who asks may do with a change; the service asks again.
func (p *Pages) rights(ctx context.Context, c directory.Change, v *changeView) {
	a := authz.From(ctx)
	keeper := p.dir.Keeps(ctx, a)
	mine := c.Author == a.StaffID
	v.Edit = mine && keeper && c.Open() && a.May(authz.DirectoryEdit)
	v.Drop = mine && keeper && a.May(authz.DirectoryEdit) && c.State != directory.Effective && c.State != directory.Dropped
	switch c.State {
	case directory.Auditing:
		v.Audit = keeper && !mine && a.May(authz.DirectoryEdit)
		if !v.Audit {
			v.Why = t(ctx, "why_audit")
		}
	case directory.Reviewing:
		v.Legal = keeper && !mine && c.Second != a.StaffID && a.May(authz.LegalReview)
		if !v.Legal {
			v.Why = t(ctx, "why_legal")
		}
	}
	if v.Edit {
		if e := errs.As(p.dir.Check(ctx, c)); e != nil {
			for _, f := range e.Fields {
				v.Errors = append(v.Errors, ui.ErrorItem{Text: i18n.T(ctx, f.Key, f.Params)})
			}
		}
		v.Submits = len(v.Errors) == 0
	}
}

// parts shows what a change does to each base item: differences where it stood before, everything where it is new.
func (p *Pages) parts(ctx context.Context, c directory.Change) []part {
	var out []part
	for _, b := range c.Items {
		x := part{Title: b.Code + " " + b.Name}
		b.State = directory.InUse
		if was, ok := p.made(ctx, c, b.Code); ok {
			x.Note, x.Diff = t(ctx, "part_changed"), diffRows(ctx, was, b)
			if len(x.Diff) == 0 {
				x.Note = t(ctx, "part_same")
			}
		} else {
			bases, mats := basisTable(ctx, b), materialTable(ctx, b)
			x.Note, x.Facts, x.Bases, x.Mats = t(ctx, "part_new"), baseFacts(ctx, b), &bases, &mats
		}
		out = append(out, x)
	}
	for _, ref := range c.Of {
		was, ok := p.made(ctx, c, ref.Code)
		if !ok || containsCode(c.Items, ref.Code) {
			continue
		}
		out = append(out, part{Title: was.Code + " " + was.Name, Note: t(ctx, "part_"+string(c.Kind)), Facts: baseFacts(ctx, was)})
	}
	return out
}

// made gives the base item as it stood when the change was made of it.
func (p *Pages) made(ctx context.Context, c directory.Change, code string) (directory.Base, bool) {
	for _, r := range c.Of {
		if r.Code == code && r.Version > 0 {
			b, err := p.dir.BaseVersion(ctx, code, r.Version)
			return b, err == nil
		}
	}
	return directory.Base{}, false
}

func containsCode(all []directory.Base, code string) bool {
	for _, b := range all {
		if b.Code == code {
			return true
		}
	}
	return false
}

func (p *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "submit", func(ctx context.Context, a authz.Actor, id string, rev int64, _ bool, _ string) error {
		return p.dir.Submit(ctx, a, id, rev)
	})
}

func (p *Pages) drop(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "drop", func(ctx context.Context, a authz.Actor, id string, rev int64, _ bool, _ string) error {
		return p.dir.Drop(ctx, a, id, rev)
	})
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "audit", p.dir.Audit)
}

func (p *Pages) legal(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "legal", p.dir.Review)
}

// act does one thing with a change and shows it again; what is wrong stands on its page.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, name string, do func(ctx context.Context, a authz.Actor, id string, rev int64, approve bool, note string) error) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("id")
	rev, _ := strconv.ParseInt(form.Get("rev"), 10, 64) // 0 is no revision and is refused as a conflict
	approve := form.Get("answer") != "refuse"
	err = do(ctx, authz.From(ctx), id, rev, approve, form.Get("note"))
	if err == nil {
		if !approve {
			name = "refuse"
		}
		return web.SeeOther(w, r, "/office/directory-changes/"+id+"?done="+name)
	}
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid {
		return err
	}
	c, readErr := p.dir.Change(ctx, authz.From(ctx), id)
	if readErr != nil {
		return readErr
	}
	v := p.changeView(ctx, c)
	v.Errors = nil
	for _, f := range e.Fields {
		v.Page.Errors = append(v.Page.Errors, ui.ErrorItem{Field: f.Path, Text: i18n.T(ctx, f.Key, f.Params)})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, changePage(v))
}
