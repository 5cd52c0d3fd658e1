package designweb

import (
	"cmp"
	"context"
	"errors"
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
	"tongban/internal/domain/design"
	"tongban/internal/engine/clock"
)

type reviewView struct {
	Page     ui.PageView
	ID       string
	State    design.State
	Facts    []ui.KVRow
	Parts    []partView
	Grants   []string
	Step     string // what the actor may do: send, second, legal, publish, or nothing
	Note     ui.FormField
	Date     ui.FormField
	Time     ui.FormField
	Problems []ui.ErrorItem
	Waits    string     // whom the change waits for
	Same     bool       // it alters nothing, so it cannot be sent
	Effects  []ui.KVRow // what a change of an item's state means
	Drop     bool       // it can be dropped here
}

type partView struct {
	Title   string
	New     bool
	Removed bool
	Rows    []ui.DiffRow
	Outline []design.Outline
	Lines   []design.Line
}

func (h *Handler) review(w http.ResponseWriter, r *http.Request) error {
	return h.showReview(w, r, http.StatusOK, nil, nil)
}

// showReview is the page on which a change is sent, approved, refused and published: what it alters, and the buttons for who is looking.
func (h *Handler) showReview(w http.ResponseWriter, r *http.Request, status int, wrong error, q url.Values) error {
	ctx, a := r.Context(), actor(r)
	c, err := h.design.Change(ctx, a, idOf(r))
	if err != nil {
		return err
	}
	v := reviewView{Page: h.page(ctx, c, t(ctx, "design.review_title")), ID: c.ID, State: c.State}
	if v.Facts, err = h.factsOf(ctx, a, c); err != nil {
		return err
	}
	if v.Effects, err = h.effects(ctx, a, c); err != nil {
		return err
	}
	words, err := h.words(r, c.ID)
	if err != nil {
		return err
	}
	parts, err := h.design.Difference(ctx, a, c.ID, words)
	if err != nil {
		return err
	}
	for _, p := range parts {
		v.Parts = append(v.Parts, partOf(ctx, p))
	}
	grants, err := h.design.Grants(ctx, a, c.ID)
	if err != nil && errs.KindOf(err) != errs.Conflict {
		return err
	}
	for _, g := range grants {
		v.Grants = append(v.Grants, t(ctx, "design.grants_line", errs.P{"post": g.Name, "item": g.Title}))
	}
	v.Same = c.Open() && len(parts) == 0
	h.step(ctx, a, c, &v)
	v.Note = ui.FormField{Name: "reason", Kind: "textarea", Label: t(ctx, "design.review_note"), Hint: t(ctx, "design.review_note_hint"), Value: q.Get("reason"), MaxLength: 500}
	v.Date = ui.FormField{Name: "date", Kind: "date", Label: t(ctx, "design.at_date"), Value: cmp.Or(strings.Join(typed(q, "date", "date"), ""), h.now().In(clock.Shanghai).AddDate(0, 0, 1).Format(time.DateOnly))}
	v.Time = ui.FormField{Name: "time", Kind: "text", Label: t(ctx, "design.at_time"), Hint: t(ctx, "design.at_time_hint"), Value: cmp.Or(q.Get("time"), "00:00"), Autocomplete: "off"}
	if err := h.wrong(r, &v, wrong); err != nil {
		return err
	}
	return web.RenderStatus(w, r, status, reviewPage(v))
}

// wrong shows why an act was refused.
func (h *Handler) wrong(r *http.Request, v *reviewView, err error) error {
	ctx := r.Context()
	var held *design.Withheld
	if errors.As(err, &held) {
		in, e := h.places(r, v.ID)
		if e != nil {
			return e
		}
		v.Page.Errors = append(v.Page.Errors, ui.ErrorItem{Text: i18n.Err(ctx, err)})
		for _, p := range held.Problems {
			v.Problems = append(v.Problems, ui.ErrorItem{Text: in.name(ctx, p) + "：" + in.text(p)})
		}
		return nil
	}
	e := errs.As(err)
	if e == nil {
		return nil
	}
	fields := []ui.FormField{v.Note, v.Date}
	for i, x := range e.Fields {
		if x.Path == "at" {
			e.Fields[i].Path = "date"
		}
	}
	mark(ctx, &v.Page, fields, e)
	v.Note, v.Date = fields[0], fields[1]
	return nil
}

// step decides what the actor may do with the change now, and says whom it waits for.
func (h *Handler) step(ctx context.Context, a authz.Actor, c design.Change, v *reviewView) {
	edits, legal := a.May(authz.CatalogEdit), a.May(authz.LegalReview)
	switch {
	case c.State == design.Draft && edits && v.Same:
		v.Drop = true
		return
	case c.State == design.Draft && edits:
		v.Step = "send"
	case c.State == design.Second && edits && h.design.Independent(ctx, a, c):
		v.Step = "second"
	case c.State == design.Legal && legal && h.design.Independent(ctx, a, c):
		v.Step = "legal"
	case (c.State == design.Approved || c.State == design.Scheduled) && edits:
		v.Step = "publish"
	}
	if v.Step == "" && !c.Ended() {
		v.Waits = t(ctx, "design.waits_"+string(c.State))
	}
}

func partOf(ctx context.Context, p design.Part) partView {
	v := partView{Title: partTitle(ctx, p.Kind, p.Path, p.Title), New: p.New, Removed: p.Removed, Outline: p.Outline, Lines: p.Lines}
	for _, r := range p.Rows {
		v.Rows = append(v.Rows, ui.DiffRow{Label: r.Label, Old: r.Old, New: r.New})
	}
	return v
}

// act runs an act of the actor on the change and comes back to the review page, with what is wrong when it was refused.
func (h *Handler) act(fn func(r *http.Request, q url.Values) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := web.Form(r)
		if err != nil {
			return err
		}
		err = fn(r, q)
		if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.Conflict) {
			return h.showReview(w, r, web.StatusOf(err), err, q)
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, changeHref(idOf(r))+"?saved=1")
	}
}

func (h *Handler) send(r *http.Request, _ url.Values) error {
	return h.design.Submit(r.Context(), actor(r), idOf(r))
}

func (h *Handler) second(r *http.Request, q url.Values) error {
	if q.Get("_act") == "refuse" {
		return h.design.Refuse(r.Context(), actor(r), idOf(r), q.Get("reason"))
	}
	return h.design.Second(r.Context(), actor(r), idOf(r), q.Get("reason"))
}

func (h *Handler) legal(r *http.Request, q url.Values) error {
	if q.Get("_act") == "refuse" {
		return h.design.Refuse(r.Context(), actor(r), idOf(r), q.Get("reason"))
	}
	return h.design.Legal(r.Context(), actor(r), idOf(r), q.Get("reason"))
}

func (h *Handler) publish(r *http.Request, q url.Values) error {
	if q.Get("_act") != "schedule" {
		return h.design.Publish(r.Context(), actor(r), idOf(r))
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", strings.Join(typed(q, "date", "date"), "")+" "+strings.TrimSpace(q.Get("time")), clock.Shanghai)
	if err != nil {
		return errs.Fields("design.invalid", []errs.Field{{Path: "at", Key: "design.bad_time"}})
	}
	return h.design.Schedule(r.Context(), actor(r), idOf(r), at)
}

func (h *Handler) back(r *http.Request, _ url.Values) error {
	return h.design.TakeBack(r.Context(), actor(r), idOf(r))
}

func (h *Handler) drop(r *http.Request, _ url.Values) error {
	return h.design.Drop(r.Context(), actor(r), idOf(r))
}

type outdatedView struct {
	Page   ui.PageView
	Action string
	Path   string
	Rev    int
	Part   partView
	May    bool
}

func outdatedHref(id, path string) string {
	return changeHref(id, "outdated") + "?" + url.Values{"path": {path}}.Encode()
}

// outdated shows a file of the change against what was published meanwhile.
func (h *Handler) outdated(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	o, err := h.opened(r)
	if err != nil {
		return err
	}
	f, err := h.design.Read(ctx, a, o.Change.ID, r.URL.Query().Get("path"))
	if err != nil {
		return err
	}
	now, err := h.design.Published(ctx, a, o.Change.ID, f.Path)
	if err != nil {
		return err
	}
	v := outdatedView{Page: h.page(ctx, o.Change, t(ctx, "design.outdated_title")), Action: changeHref(o.Change.ID, "outdated"), Path: f.Path, Rev: f.Rev, May: o.May && f.Own()}
	words, err := h.words(r, o.Change.ID)
	if err != nil {
		return err
	}
	f.New, f.Removed = false, false
	v.Part = partOf(ctx, words.Compare(f, now))
	return web.Render(w, r, outdatedPage(v))
}

func (h *Handler) settle(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	if err := h.design.Rebase(r.Context(), actor(r), idOf(r), q.Get("path"), rev, q.Get("keep") == "mine"); err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(idOf(r), "check"))
}
