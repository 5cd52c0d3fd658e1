package casesweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

// checkView is everything before it is sent.
type checkView struct {
	Detail   cases.Detail
	Sections []ui.CheckSection
	Findings []findingView
	Stops    []stopView
	Warns    []string
	Action   string
	Step, Of int
	Amending bool // answers a correction notice
	Sign     signView
}

// findingView is one thing that keeps the application from being sent.
type findingView struct{ Text, Href string }

func (h handlers) check(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ready, err := h.Cases.Ready(r.Context(), authz.From(r.Context()), d.ID)
	if err != nil {
		return err
	}
	return h.drawCheck(w, r, d, ready, http.StatusOK)
}

func (h handlers) drawCheck(w http.ResponseWriter, r *http.Request, d cases.Detail, ready cases.Readiness, status int) error {
	ctx := r.Context()
	v := checkView{Detail: d, Sections: h.answersOf(ctx, d, ready), Stops: stopViews(ready.Stops), Action: draftHref(d.ID, "submit")}
	v.Step, v.Of = stepOf(steps(ctx, d), pageCheck)
	if d.State == cases.Correction {
		v.Amending, v.Action = true, caseHref(d.ID)+"/resubmit"
	}
	for _, f := range ready.Findings {
		v.Findings = append(v.Findings, findingView{named(ctx, f), placeOf(d.Form, f.Path).href(d.ID)})
	}
	for _, x := range ready.Warns {
		v.Warns = append(v.Warns, x.Text)
	}
	if (d.Item.Signs() || d.Offer != nil) && len(v.Findings) == 0 && len(v.Stops) == 0 {
		v.Sign = h.signView(r, d)
	}
	return web.RenderStatus(w, r, status, checkPage(v))
}

// declaration is the text key of what sending states, by item type (L1). The bar of 行政许可法 第七十八条 is for licences alone; registrations,
// confirmations, filings, benefits and services have consequences of their own law.
func declaration(itemType string) string {
	switch itemType {
	case "01":
		return "declare_licence"
	case "05":
		return "declare_benefit"
	}
	return "declare_other"
}

// answersOf puts everything in words, each with the way to change it.
func (h handlers) answersOf(ctx context.Context, d cases.Detail, ready cases.Readiness) []ui.CheckSection {
	var out []ui.CheckSection
	if rows := scenarioRows(d, h.getter(d)); len(rows) > 0 {
		out = append(out, ui.CheckSection{Title: t(ctx, "questions_title"), Rows: rows})
	}
	names := h.regionNames(ctx)
	for _, s := range d.Form.Review(d.Answers) {
		sec := ui.CheckSection{Title: s.Title}
		for _, row := range s.Rows {
			row.Value = regionName(d.Form, row, names)
			href := draftHref(d.ID, "form", s.Key) + "#" + ui.FieldID(row.Key)
			if f := fieldOf(d.Form, row.Key); f.Kind == form.Computed && row.Value == "" {
				continue // nothing to add up yet
			} else if f.ReadOnly || f.Kind == form.Computed {
				href = "" // the register's, or the program's own: it cannot be changed here
			}
			sec.Rows = append(sec.Rows, reviewRows(row, href)...)
		}
		out = append(out, sec)
	}
	if rows := materialRows(ctx, d, lacking(ready)); len(rows) > 0 {
		out = append(out, ui.CheckSection{Title: t(ctx, "materials_title"), Rows: rows})
	}
	change := draftHref(d.ID, pageContact)
	return append(out, ui.CheckSection{Title: t(ctx, "contact_title"), Rows: []ui.CheckRow{
		{Label: t(ctx, "contact_name"), Value: d.Contact.Name, ChangeHref: change},
		{Label: t(ctx, "contact_phone"), Value: d.Contact.Phone, ChangeHref: change},
	}})
}

func (h handlers) regionNames(ctx context.Context) map[string]string {
	out := map[string]string{}
	if h.Regions != nil {
		for _, o := range h.Regions(ctx) {
			out[o.Value] = o.Label
		}
	}
	return out
}

// regionName gives an answer in words, a region by its name.
func regionName(def form.Definition, row form.ReviewRow, names map[string]string) string {
	if fieldOf(def, row.Key).Kind == form.Region && names[row.Value] != "" {
		return names[row.Value]
	}
	return row.Value
}

func fieldOf(def form.Definition, key string) form.Field {
	for _, s := range def.Sections {
		for _, f := range s.Fields {
			if f.Key == key {
				return f
			}
		}
	}
	return form.Field{}
}

func scenarioRows(d cases.Detail, get func(string) any) []ui.CheckRow {
	var out []ui.CheckRow
	for _, q := range d.Item.Outcome(get).Questions {
		row := ui.CheckRow{Label: q.Ask}
		for _, o := range q.Options {
			if o.Value == d.Scenario[q.Key] {
				row.Value = o.Label
			}
		}
		if d.State == cases.Draft {
			row.ChangeHref = draftHref(d.ID, pageQuestions) + "#" + ui.FieldID("scenario."+q.Key)
		}
		out = append(out, row)
	}
	return out
}

// reviewRows is one row for an answer, and for a table one for each line.
func reviewRows(row form.ReviewRow, href string) []ui.CheckRow {
	if len(row.Lines) == 0 {
		return []ui.CheckRow{{Label: row.Label, Value: row.Value, ChangeHref: href}}
	}
	var out []ui.CheckRow
	for i, line := range row.Lines {
		var cells []string
		for _, c := range line {
			if c.Value != "" {
				cells = append(cells, c.Label+" "+c.Value)
			}
		}
		out = append(out, ui.CheckRow{Label: row.Label + " " + strconv.Itoa(i+1), Value: strings.Join(cells, " · "), ChangeHref: href})
	}
	return out
}

func materialRows(ctx context.Context, d cases.Detail, lacks map[string]bool) []ui.CheckRow {
	var out []ui.CheckRow
	for _, s := range d.Slots {
		row := ui.CheckRow{Label: s.Material.Name, Value: fileNames(ctx, s), ChangeHref: draftHref(d.ID, pageMaterials) + "#" + slotAnchor(s.Material.Key)}
		switch {
		case s.Material.Source == catalog.FromPlatform:
			row.ChangeHref = ""
		case row.Value != "":
		case s.Material.Source == catalog.FromLicence && s.Required && !lacks[s.Material.Key]:
			row.Value = t(ctx, "licence_at_sending")
		default:
			row.Value = t(ctx, "not_in_place")
		}
		out = append(out, row)
	}
	return out
}

func fileNames(ctx context.Context, s cases.Slot) string {
	if s.Material.Source == catalog.FromPlatform {
		return t(ctx, "material_generated_short")
	}
	var names []string
	for _, f := range s.Files {
		switch {
		case f.Removed:
		case f.Proof != nil:
			names = append(names, strings.TrimSpace(f.Proof.Name+" "+f.Proof.Number))
		default:
			names = append(names, f.Name)
		}
	}
	return join(ctx, names)
}

// submit sends the application in. Sent again, it leads to the same receipt.
func (h handlers) submit(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.Cases.Submit(r.Context(), authz.From(r.Context()), d.ID, posted(f, d))
	if errs.Is(err, signNeeded) {
		return h.toSign(w, r, d)
	}
	if err != nil {
		return h.notSent(w, r, d, err)
	}
	return web.SeeOther(w, r, caseHref(d.ID)+"/receipt")
}

// resubmit answers the correction notice.
func (h handlers) resubmit(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.Cases.Resubmit(r.Context(), authz.From(r.Context()), d.ID, posted(f, d))
	if errs.Is(err, signNeeded) {
		return h.toSign(w, r, d)
	}
	if err != nil {
		return h.notSent(w, r, d, err)
	}
	return web.SeeOther(w, r, caseHref(d.ID)+"?done=resubmitted")
}

// notSent shows the check page with what is in the way: findings, or that the application changed since the page was drawn.
func (h handlers) notSent(w http.ResponseWriter, r *http.Request, d cases.Detail, err error) error {
	ctx := r.Context()
	e := errs.As(err)
	if e == nil || !editable(d) || e.Kind != errs.Invalid && e.Kind != errs.Conflict {
		return err
	}
	ready, rerr := h.Cases.Ready(ctx, authz.From(ctx), d.ID)
	if rerr != nil {
		return err
	}
	if len(ready.Findings) == 0 {
		ready.Findings = e.Fields
	}
	if len(ready.Findings) == 0 {
		ready.Findings = []errs.Field{{Key: e.Key, Params: e.Params}}
	}
	if !i18n.Has(ready.Findings[0].Key) {
		return err
	}
	return h.drawCheck(w, r, d, ready, web.StatusOf(err))
}
