package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/formweb"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

// fillView is one page of questions.
type fillView struct {
	Detail   cases.Detail
	Name     string
	Title    string
	Hint     string
	Sections []ui.FormSection
	Version  int64
	Errors   []ui.ErrorItem
	Stops    []stopView
	Warns    []string
	Defects  []defectView
	Back     string
	Step, Of int
}

func (h handlers) questions(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	if len(d.Item.Scenario) == 0 || d.State != cases.Draft {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	return h.show(w, r, d, pageQuestions)
}

func (h handlers) section(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.show(w, r, d, "form/"+r.PathValue("section"))
}

func (h handlers) contact(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.show(w, r, d, pageContact)
}

func (h handlers) saveQuestions(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.save(w, r, d, pageQuestions)
}

func (h handlers) saveSection(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.save(w, r, d, "form/"+r.PathValue("section"))
}

func (h handlers) saveContact(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.save(w, r, d, pageContact)
}

// find gives a page with what is missing in the application; only the questions need to know that.
func (h handlers) find(ctx context.Context, d cases.Detail, name string) (p page, ready cases.Readiness, err error) {
	if name == pageQuestions {
		if ready, err = h.Cases.Ready(ctx, authz.From(ctx), d.ID); err != nil {
			return p, ready, err
		}
	}
	p, err = h.pageOf(ctx, d, name, ready)
	return p, ready, err
}

func (h handlers) show(w http.ResponseWriter, r *http.Request, d cases.Detail, name string) error {
	p, ready, err := h.find(r.Context(), d, name)
	if err != nil {
		return err
	}
	if p.section != "" && !slices.ContainsFunc(steps(r.Context(), d), func(s step) bool { return s.name == name }) {
		return web.SeeOther(w, r, draftHref(d.ID)) // these answers do not call for the section
	}
	return h.draw(w, r, d, p, ready, p.answers, nil, d.Version)
}

func (h handlers) draw(w http.ResponseWriter, r *http.Request, d cases.Detail, p page, ready cases.Readiness, a form.Answers, wrong []errs.Field, version int64) error {
	ctx := r.Context()
	var regions []ui.Option
	if h.Regions != nil {
		regions = h.Regions(ctx)
	}
	v := fillView{
		Detail: d, Name: p.name, Title: p.title, Sections: formweb.Sections(ctx, p.views(a, wrong), regions), Version: version,
		Errors: errorItems(ctx, wrong), Stops: stopViews(ready.Stops), Back: draftHref(d.ID),
	}
	for i := range v.Sections {
		v.Hint = v.Sections[i].Hint
		v.Sections[i].Title, v.Sections[i].Hint = "", "" // the page says it
	}
	for _, x := range ready.Warns {
		v.Warns = append(v.Warns, x.Text)
	}
	for _, x := range defects(ctx, d) {
		if x.page == p.name && !x.Cured {
			v.Defects = append(v.Defects, x)
		}
	}
	v.Step, v.Of = stepOf(steps(ctx, d), p.name)
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.RenderStatus(w, r, status, fillPage(v))
}

// save stores what was typed first and judges it afterwards, so that nothing typed is ever lost.
func (h handlers) save(w http.ResponseWriter, r *http.Request, d cases.Detail, name string) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	p, _, err := h.find(ctx, d, name)
	if err != nil {
		return err
	}
	p, mine := h.asked(ctx, d, p, f)
	if name == pageQuestions && r.Header.Get("X-Preview") != "" {
		return h.preview(w, r, d, p, mine)
	}
	version, err := h.Cases.SaveDraft(ctx, authz.From(ctx), d.ID, posted(f, d), p.patch(mine))
	if auto(r) {
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, map[string]any{"version": version, "saved_at": h.Now().In(clock.Shanghai).Format("15:04:05")})
	}
	if errs.Is(err, "cases.draft_moved") {
		return h.moved(w, r, d, p, f)
	}
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		return h.draw(w, r, d, p, cases.Readiness{}, mine, refused(e), d.Version)
	}
	if err != nil {
		return err
	}
	return h.goOn(w, r, d, p, f, mine, version)
}

// asked lays a post over the answers. A question that an answer of the same post calls for belongs to the page already: its answer may be in the post.
func (h handlers) asked(ctx context.Context, d cases.Detail, p page, f url.Values) (page, form.Answers) {
	mine := p.merged(f)
	for range d.Item.Scenario {
		if p.name != pageQuestions {
			break
		}
		d.Scenario = p.patch(mine).Scenario
		next := h.questionsOf(ctx, d, cases.Readiness{})
		if !slices.ContainsFunc(next.def.Sections[0].Fields, func(q form.Field) bool { return f.Has(q.Key) && !p.asks(q.Key) }) {
			break
		}
		p, mine = next, next.merged(f)
	}
	return p, mine
}

// preview shows the questions that the answers typed so far call for, and stores nothing: on a slow line such a request may come late or be given up
// for a newer one. Autosave and the buttons store.
func (h handlers) preview(w http.ResponseWriter, r *http.Request, d cases.Detail, p page, mine form.Answers) error {
	d.Scenario = p.patch(mine).Scenario
	o := d.Item.Outcome(h.getter(d))
	next := h.questionsOf(r.Context(), d, cases.Readiness{})
	return h.draw(w, r, d, next, cases.Readiness{Stops: o.Stops, Warns: o.Warns}, next.answers, nil, d.Version)
}

// refused is what the service found wrong with a whole save, as findings of the page.
func refused(e *errs.E) []errs.Field {
	if len(e.Fields) == 0 {
		return []errs.Field{{Key: e.Key, Params: e.Params}}
	}
	var out []errs.Field
	for _, f := range e.Fields {
		f.Path = strings.TrimPrefix(f.Path, "form.")
		out = append(out, f)
	}
	return out
}

// posted is the version a page was loaded with; a post without one writes on what is stored now.
func posted(f url.Values, d cases.Detail) int64 {
	n, err := strconv.ParseInt(f.Get("_v"), 10, 64)
	if err != nil {
		return d.Version
	}
	return n
}

func auto(r *http.Request) bool { return r.Header.Get("X-Autosave") != "" }

// goOn leads from a saved page to the next one, or shows it again with what is wrong.
func (h handlers) goOn(w http.ResponseWriter, r *http.Request, d cases.Detail, p page, f url.Values, mine form.Answers, version int64) error {
	ctx := r.Context()
	if at := rowButton(f); at != "" {
		return web.SeeOther(w, r, draftHref(d.ID, p.name)+"#"+ui.FieldID(at))
	}
	if f.Get("_act") == "save" {
		return web.SeeOther(w, r, draftHref(d.ID)+"?done=saved")
	}
	patch := p.patch(mine)
	d.Scenario, d.Answers, d.Contact, d.Version = patch.Scenario, patch.Form, patch.Contact, version
	if p.name == pageQuestions {
		return h.afterQuestions(w, r, d, p, f, mine)
	}
	if wrong := p.wrong(mine, h.today()); len(wrong) > 0 {
		return h.draw(w, r, d, p, cases.Readiness{}, mine, wrong, version)
	}
	return web.SeeOther(w, r, after(ctx, d, p.name))
}

// afterQuestions asks what the new answers call for, explains a stop, or goes on. What was asked and not answered is an error; what comes up only
// now is not.
func (h handlers) afterQuestions(w http.ResponseWriter, r *http.Request, d cases.Detail, p page, f url.Values, mine form.Answers) error {
	ctx := r.Context()
	next, ready, err := h.find(ctx, d, pageQuestions)
	if err != nil {
		return err
	}
	if wrong := stillAsked(p.wrong(mine, h.today()), next); len(wrong) > 0 {
		return h.draw(w, r, d, next, ready, next.answers, wrong, d.Version)
	}
	o := d.Item.Outcome(h.getter(d))
	if len(ready.Stops) > 0 || len(next.wrong(next.answers, h.today())) > 0 || len(o.Stops) > 0 {
		return web.SeeOther(w, r, draftHref(d.ID, pageQuestions))
	}
	return web.SeeOther(w, r, draftHref(d.ID))
}

// stillAsked leaves out findings on questions that the new answers made needless.
func stillAsked(fs []errs.Field, p page) []errs.Field {
	var out []errs.Field
	for _, f := range fs {
		if _, _, ok := fieldAt(p.def, f.Path); ok {
			out = append(out, f)
		}
	}
	return out
}

// rowButton names the table whose row was added or removed, or is empty.
func rowButton(f url.Values) string {
	for name := range f {
		for _, suffix := range []string{"._add", "._remove"} {
			if table, ok := strings.CutSuffix(name, suffix); ok {
				return table
			}
		}
	}
	return ""
}
