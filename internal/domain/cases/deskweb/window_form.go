package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/formweb"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

// answersOf reads a draft's answers for the conditions of its item.
func answersOf(d cases.Detail, scenario map[string]string) func(string) any {
	get := d.Form.Getter(d.Answers)
	return func(name string) any {
		head, key, _ := strings.Cut(name, ".")
		switch {
		case head == "scenario":
			if v := scenario[key]; v != "" {
				return v
			}
		case head == "form":
			return get(key)
		case name == catalog.ApplicantKind:
			return d.ApplicantKind
		}
		return nil
	}
}

func questionsOf(d cases.Detail) []catalog.Question {
	return d.Item.Outcome(answersOf(d, d.Scenario)).Questions
}

// draftView is one page of an application being entered at the window.
type draftView struct {
	cases.Detail
	Errors   []errs.Field
	Asked    []catalog.Question
	Stops    []catalog.Stop
	Sections []ui.FormSection
	Name     string // contact as typed
	Phone    string
}

// draft loads what the clerk entered; anything else does not exist here.
func (h handlers) draft(r *http.Request) (cases.Detail, error) {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err == nil && !d.Own && d.ClerkID != actor(r).StaffID {
		err = errs.New(errs.NotFound, "cases.not_found")
	}
	return d, err
}

// editable is a draft that can still be written on; one that was sent leads to its receipt.
func (h handlers) editable(w http.ResponseWriter, r *http.Request, show func(d cases.Detail) error) error {
	d, err := h.draft(r)
	switch {
	case err != nil:
		return err
	case !slices.Contains(d.May, cases.ActSave):
		return web.SeeOther(w, r, "/window/cases/"+d.ID+"/receipt")
	}
	return show(d)
}

func (h handlers) questions(w http.ResponseWriter, r *http.Request) error {
	return h.editable(w, r, func(d cases.Detail) error {
		return web.Render(w, r, questionsPage(draftView{Detail: d, Asked: questionsOf(d)}))
	})
}

// answer stores the scenario. A question that only now applies is asked on the same page again; a stop is explained there.
func (h handlers) answer(w http.ResponseWriter, r *http.Request) error {
	d, in, err := h.draftForm(r)
	if err != nil {
		return err
	}
	if in.Get("keep") == "theirs" {
		return web.SeeOther(w, r, draftURL(d.ID, "questions"))
	}
	given := map[string]string{}
	for k, s := range d.Scenario {
		given[k] = s
	}
	for _, q := range d.Item.Scenario {
		if in.Has("scenario." + q.Key) {
			given[q.Key] = in.Get("scenario." + q.Key)
		}
	}
	if conflict, err := h.store(w, r, &d, in, cases.Patch{Scenario: given, Form: d.Answers, Contact: d.Contact}); conflict || err != nil {
		return err
	}
	d.Scenario = given
	o := d.Item.Outcome(answersOf(d, given))
	v := draftView{Detail: d, Asked: o.Questions, Stops: o.Stops}
	for _, key := range o.Unanswered {
		v.Errors = append(v.Errors, errs.Field{Path: "scenario." + key, Key: "deskweb.answer_missing", Params: errs.P{"question": askOf(d.Item, key)}})
	}
	if !o.Ready() {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, questionsPage(v))
	}
	return web.SeeOther(w, r, draftURL(d.ID, "form"))
}

func askOf(it catalog.Item, key string) string {
	for _, q := range it.Scenario {
		if q.Key == key {
			return q.Ask
		}
	}
	return key
}

func (h handlers) form(w http.ResponseWriter, r *http.Request) error {
	return h.editable(w, r, func(d cases.Detail) error { return web.Render(w, r, formPage(h.formView(r.Context(), d, nil))) })
}

func (h handlers) formView(ctx context.Context, d cases.Detail, findings []errs.Field) draftView {
	return draftView{Detail: d, Errors: findings, Sections: formweb.Sections(ctx, d.Form.ToView(d.Answers, findings), regionOptions(h.Offices.Regions(ctx))), Name: d.Contact.Name, Phone: d.Contact.Phone}
}

// save stores the form whatever is wrong with it, then says what is. Buttons that add or remove rows, and autosave, only store.
func (h handlers) save(w http.ResponseWriter, r *http.Request) error {
	d, in, err := h.draftForm(r)
	if err != nil {
		return err
	}
	patch := cases.Patch{Scenario: d.Scenario, Form: d.Form.FromForm(in, d.Answers), Contact: d.Contact}
	if in.Has("contact.phone") {
		patch.Contact = cases.Contact{Name: text(in, "contact.name"), Phone: text(in, "contact.phone")}
	}
	if in.Get("keep") == "theirs" {
		return web.SeeOther(w, r, draftURL(d.ID, "form"))
	}
	if conflict, err := h.store(w, r, &d, in, patch); conflict || err != nil {
		return err
	}
	if r.Header.Get("X-Autosave") != "" {
		return web.JSON(w, http.StatusOK, map[string]any{"version": d.Version, "saved_at": h.Now().In(clock.Shanghai).Format(time24)})
	}
	if key, ok := rowButton(in); ok {
		return web.SeeOther(w, r, draftURL(d.ID, "form")+"#"+ui.FieldID(key))
	}
	d.Answers, d.Contact = patch.Form, patch.Contact
	if fs := d.Form.Validate(d.Answers, day(h.Now())); len(fs) > 0 {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(h.formView(r.Context(), d, fs)))
	}
	return h.afterForm(w, r, d)
}

const time24 = "15:04:05"

// rowButton gives the table whose row was added or removed.
func rowButton(in url.Values) (string, bool) {
	for name := range in {
		for _, s := range []string{"._add", "._remove"} {
			if key, ok := strings.CutSuffix(name, s); ok {
				return key, true
			}
		}
	}
	return "", false
}

func (h handlers) draftForm(r *http.Request) (cases.Detail, url.Values, error) {
	in, err := web.Form(r)
	if err != nil {
		return cases.Detail{}, nil, err
	}
	d, err := h.draft(r)
	return d, in, err
}

// store saves a draft at the version its page showed. conflict is true when somebody saved meanwhile: then the difference was shown, with
// everything typed carried along.
func (h handlers) store(w http.ResponseWriter, r *http.Request, d *cases.Detail, in url.Values, p cases.Patch) (conflict bool, err error) {
	ctx, a := r.Context(), actor(r)
	shown, _ := strconv.ParseInt(in.Get("_v"), 10, 64)
	version, err := h.Cases.SaveDraft(ctx, a, d.ID, shown, p)
	if err == nil {
		d.Version = version
		return false, nil
	}
	if !errs.Is(err, "cases.draft_moved") || r.Header.Get("X-Autosave") != "" {
		return false, err
	}
	c, err := h.Cases.DraftDiff(ctx, a, d.ID, p)
	if err != nil {
		return false, err
	}
	v := ui.ConflictView{Who: tr(ctx, "deskweb.by_other_window"), When: minute(d.Updated), Action: r.URL.Path, Rows: diffRows(c.Scenario, c.Changes)}
	for name, vs := range in {
		for _, s := range vs {
			if name != "_v" && name != "keep" {
				v.Hidden = append(v.Hidden, ui.KV{Key: name, Value: s})
			}
		}
	}
	v.Hidden = append(v.Hidden, ui.KV{Key: "_v", Value: itoa64(c.Version)})
	return true, web.RenderStatus(w, r, http.StatusConflict, conflictPage(*d, v))
}

func diffRows(lists ...[]form.Change) []ui.DiffRow {
	var out []ui.DiffRow
	for _, l := range lists {
		for _, c := range l {
			out = append(out, ui.DiffRow{Label: c.Label, Old: c.Old, New: c.New})
		}
	}
	return out
}
