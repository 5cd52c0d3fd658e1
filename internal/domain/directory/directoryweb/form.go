package directoryweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/directory"
)

type formView struct {
	Page     ui.PageView
	Action   string
	Rev      string
	Kind     string
	Count    int
	Sections []ui.FormSection
	CanAdd   bool // another part of a split
	Moved    bool
	Reload   string
}

// newChange is the empty form of a kind, or one made of base items as they stand.
func (p *Pages) newChange(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	if !p.dir.Keeps(ctx, authz.From(ctx)) {
		return errs.New(errs.Forbidden, "directory.not_keeper")
	}
	c := directory.Change{Kind: directory.Kind(q.Get("kind")), Effective: p.now().In(shanghai).AddDate(0, 0, 1).Format("2006-01-02")}
	if !slices.Contains(directory.Kinds, c.Kind) {
		c.Kind = directory.Add
	}
	c.FollowBy = p.dir.FollowBy(ctx, c.Effective)
	for _, code := range q["of"] {
		b, err := p.found(ctx, code)
		if err != nil {
			return err
		}
		c.Of = append(c.Of, directory.Ref{Code: b.Code, Version: b.Version})
		if c.Kind == directory.Amend || c.Kind == directory.Combine {
			c.Items = []directory.Base{b}
		}
		if c.Kind == directory.Divide {
			one := b
			one.Code, one.Name, one.SubItem = "", "", ""
			c.Items = []directory.Base{one, one}
		}
	}
	return web.Render(w, r, formPage(p.formView(ctx, c)))
}

func (p *Pages) editChange(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := p.dir.Change(ctx, authz.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	if c.Author != authz.From(ctx).StaffID {
		return errs.New(errs.Forbidden, "directory.not_author")
	}
	if !c.Open() {
		return errs.New(errs.Conflict, "directory.not_open")
	}
	return web.Render(w, r, formPage(p.formView(ctx, c)))
}

// saveChange keeps a draft, complete or not; buttons of tables and parts only show the form again.
func (p *Pages) saveChange(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	c, again := changeFrom(v)
	c.ID = r.PathValue("id")
	if again {
		if v.Get("_part") != "" {
			c.Items = append(c.Items, directory.Base{})
		}
		return web.Render(w, r, formPage(p.formView(ctx, c)))
	}
	saved, err := p.dir.Save(ctx, authz.From(ctx), c)
	if errs.Is(err, "directory.moved_meanwhile") {
		f := p.formView(ctx, c)
		f.Moved, f.Reload = true, "/office/directory-changes/"+c.ID+"/edit"
		if now, err := p.dir.Change(ctx, authz.From(ctx), c.ID); err == nil { // saving again takes the place of what is stored
			f.Rev = strconv.FormatInt(now.Rev, 10)
		}
		return web.RenderStatus(w, r, http.StatusConflict, formPage(f))
	}
	if err != nil {
		return err
	}
	if e := errs.As(p.dir.Check(ctx, saved)); e != nil && v.Get("_act") == "check" {
		f := p.formView(ctx, saved)
		f.mark(ctx, e.Fields)
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(f))
	}
	return web.SeeOther(w, r, "/office/directory-changes/"+saved.ID+"?done=save")
}

// formView is the form of a change: what it acts on, the base items that come out of it, and why and when.
func (p *Pages) formView(ctx context.Context, c directory.Change) formView {
	f := formView{
		Page:   ui.PageView{Title: t(ctx, "start_"+string(c.Kind)), Lead: t(ctx, "kind_"+string(c.Kind)+"_lead"), Wide: true, Crumbs: crumbs(ctx, ui.Crumb{Label: t(ctx, "changes"), Href: "/office/directory-changes"}, ui.Crumb{Label: t(ctx, "start_"+string(c.Kind))})},
		Action: "/office/directory-changes", Rev: strconv.FormatInt(c.Rev, 10), Kind: string(c.Kind), CanAdd: c.Kind == directory.Divide,
	}
	if c.ID != "" {
		f.Action += "/" + c.ID
	}
	q := asker{ctx: ctx}
	if c.Kind != directory.Add {
		codes := make([]string, 0, len(c.Of))
		for _, r := range c.Of {
			codes = append(codes, r.Code)
		}
		kind := "text"
		if c.Kind != directory.Amend && c.Kind != directory.Divide {
			kind = "textarea"
		}
		q.ask("of", kind, strings.Join(codes, "\n"), true)
	}
	q.ask("reason", "textarea", c.Reason, true)
	q.ask("effective", "date", c.Effective, true)
	if c.Kind != directory.Add {
		q.ask("follow_by", "date", c.FollowBy, true)
	}
	f.Sections = []ui.FormSection{{Title: t(ctx, "section_change"), Fields: q.fields}}
	items := c.Items
	if len(items) == 0 && (c.Kind == directory.Add || c.Kind == directory.Amend || c.Kind == directory.Combine) {
		items = []directory.Base{{}}
	}
	if c.Kind == directory.Divide {
		for len(items) < 2 {
			items = append(items, directory.Base{})
		}
	}
	f.Count = len(items)
	for i, b := range items {
		title := t(ctx, "section_base")
		if len(items) > 1 {
			title = t(ctx, "section_part", errs.P{"n": i + 1})
		}
		f.Sections = append(f.Sections, ui.FormSection{ID: "part-" + strconv.Itoa(i+1), Title: title, Fields: p.baseFields(ctx, b, prefix(i, len(items)), c.Kind == directory.Amend && b.Code != "")})
	}
	return f
}

// prefix stands before the names of fields of one of several base items, as in the findings of a change.
func prefix(i, n int) string {
	if n <= 1 {
		return ""
	}
	return fmt.Sprintf("items.%02d.", i)
}

// mark puts findings beside their fields and into the summary.
func (f *formView) mark(ctx context.Context, fs []errs.Field) {
	for _, x := range fs {
		text, name := i18n.T(ctx, x.Key, x.Params), ""
		for s := range f.Sections {
			for i := range f.Sections[s].Fields {
				if q := &f.Sections[s].Fields[i]; q.Name == x.Path {
					name = x.Path
					if q.Error == "" {
						q.Error = text
					}
				}
			}
		}
		f.Page.Errors = append(f.Page.Errors, ui.ErrorItem{Field: name, Text: text})
	}
}

// changeFrom reads the form; again says that a button of a table or part was pressed, so nothing is to be saved.
func changeFrom(v url.Values) (c directory.Change, again bool) {
	c.Kind = directory.Kind(v.Get("kind"))
	c.Rev, _ = strconv.ParseInt(v.Get("rev"), 10, 64)
	c.Reason, c.Effective, c.FollowBy = v.Get("reason"), dateFrom(v, "effective"), dateFrom(v, "follow_by")
	for _, code := range strings.FieldsFunc(v.Get("of"), func(r rune) bool { return strings.ContainsRune(" \r\n\t,，、", r) }) {
		c.Of = append(c.Of, directory.Ref{Code: code})
	}
	n := min(number(v.Get("count")), 20)
	for i := range n {
		b, pressed := baseFrom(v, prefix(i, n))
		c.Items, again = append(c.Items, b), again || pressed
	}
	if again = again || v.Get("_part") != ""; !again && n > 2 { // parts of a split that were never begun
		c.Items = slices.DeleteFunc(c.Items, func(b directory.Base) bool { return b.Code+b.Name == "" })
	}
	return c, again
}
