package deskweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// checkView is the page on which clerk and applicant go through everything before it is sent.
type checkView struct {
	cases.Detail
	Sections []ui.CheckSection
	Findings []errs.Field
	Warns    []string
	Stops    []string
	Spot     bool // this clerk may decide at once
	Problem  string
	By       func(string) string
}

func (h handlers) check(w http.ResponseWriter, r *http.Request) error {
	return h.editable(w, r, func(d cases.Detail) error {
		v, err := h.checkView(r, d)
		if err != nil {
			return err
		}
		return web.Render(w, r, checkPage(v))
	})
}

func (h handlers) checkView(r *http.Request, d cases.Detail) (checkView, error) {
	ctx, a := r.Context(), actor(r)
	v := checkView{Detail: d, Spot: d.State == cases.Draft && h.onTheSpot(ctx, a, d), By: func(s string) string { return h.who(ctx, s) }}
	ready, err := h.Cases.Ready(ctx, a, d.ID)
	if err != nil {
		return v, err
	}
	v.Findings = ready.Findings
	for _, x := range ready.Stops {
		v.Stops = append(v.Stops, strings.TrimSpace(x.Title+" "+x.Text))
	}
	for _, x := range ready.Warns {
		v.Warns = append(v.Warns, x.Text)
	}
	v.Sections = checkSections(ctx, d, v.Findings)
	return v, nil
}

// onTheSpot reports whether the item is done while the person waits and the clerk holds both rights it takes.
func (h handlers) onTheSpot(ctx context.Context, a authz.Actor, d cases.Detail) bool {
	accepts, err := h.Cases.MayAny(ctx, a, d.Item, flow.Accept)
	if err != nil || !accepts || !d.Item.Limits.OnTheSpot {
		return false
	}
	decides, err := h.Cases.MayAny(ctx, a, d.Item, flow.Decide)
	return err == nil && decides
}

// checkSections are the answers in words: the questions, the form, the contact. Every row leads back to where it can be changed.
func checkSections(ctx context.Context, d cases.Detail, findings []errs.Field) []ui.CheckSection {
	var out []ui.CheckSection
	if asked := questionsOf(d); len(asked) > 0 {
		s := ui.CheckSection{Title: tr(ctx, "deskweb.questions_title")}
		for _, q := range asked {
			row := ui.CheckRow{Label: q.Ask, ChangeHref: draftURL(d.ID, "questions"), Error: errorAt(ctx, findings, "scenario."+q.Key)}
			for _, o := range q.Options {
				if o.Value == d.Scenario[q.Key] {
					row.Value = o.Label
				}
			}
			s.Rows = append(s.Rows, row)
		}
		out = append(out, s)
	}
	fixed := fixedFields(d.Form)
	for _, rs := range d.Review {
		s := ui.CheckSection{Title: rs.Title}
		for _, r := range rs.Rows {
			row := ui.CheckRow{Label: r.Label, Value: valueOf(r), Error: fieldError(ctx, findings, r)}
			if !slices.Contains(fixed, r.Key) {
				row.ChangeHref = draftURL(d.ID, "form") + "#" + ui.FieldID(r.Key)
			}
			s.Rows = append(s.Rows, row)
		}
		out = append(out, s)
	}
	return append(out, ui.CheckSection{Title: tr(ctx, "deskweb.contact_title"), Rows: []ui.CheckRow{
		{Label: tr(ctx, "deskweb.contact"), Value: d.Contact.Name, ChangeHref: draftURL(d.ID, "form") + "#" + ui.FieldID("contact.name")},
		{Label: tr(ctx, "deskweb.phone"), Value: d.Contact.Phone, ChangeHref: draftURL(d.ID, "form") + "#" + ui.FieldID("contact.phone"), Error: errorAt(ctx, findings, "contact.phone")},
	}})
}

// fixedFields are the answers nobody types: what a register gave, and what is computed.
func fixedFields(d form.Definition) []string {
	var out []string
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if f.ReadOnly || f.Kind == form.Computed {
				out = append(out, f.Key)
			}
		}
	}
	return out
}

// fieldError gives the first finding about a field or any part of it, such as a cell of a table.
func fieldError(ctx context.Context, fs []errs.Field, r form.ReviewRow) string {
	for _, f := range fs {
		if f.Path == "form."+r.Key || strings.HasPrefix(f.Path, "form."+r.Key+".") {
			return finding(ctx, f)
		}
	}
	return ""
}

// whereTo leads from a finding to the page that mends it, empty for rules, which nothing on these pages can mend.
func whereTo(id, path string) string {
	head, rest, _ := strings.Cut(path, ".")
	switch head {
	case "form":
		return draftURL(id, "form") + "#" + ui.FieldID(rest)
	case "contact":
		return draftURL(id, "form") + "#" + ui.FieldID(path)
	case "scenario":
		return draftURL(id, "questions") + "#" + ui.FieldID(path)
	case "behalf":
		return draftURL(id, "materials") + "#" + ui.FieldID(cases.BasisKey) + "-box"
	case "material":
		return draftURL(id, "materials") + "#" + ui.FieldID(rest) + "-box"
	}
	return ""
}

// submit sends the application in. Pressed as "send and grant" it also decides, where that is this clerk's to do; when the decision does not go through,
// the application stays sent and the page of the decision says why.
func (h handlers) submit(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	d, in, err := h.draftForm(r)
	if err != nil {
		return err
	}
	shown, _ := strconv.ParseInt(in.Get("_v"), 10, 64)
	if d.State == cases.Correction {
		if _, err := h.Cases.Resubmit(ctx, a, d.ID, shown); err != nil {
			return h.notSent(w, r, err)
		}
		return web.SeeOther(w, r, caseURL(d.ID)+"?done=resubmit")
	}
	rec, err := h.Cases.Submit(ctx, a, d.ID, shown)
	if err != nil {
		return h.notSent(w, r, err)
	}
	if in.Get("_act") == "grant" && rec.Outcome == "" {
		if _, err := h.Cases.DecideOnTheSpot(ctx, a, d.ID, rec.Version, cases.Decision{Outcome: cases.Grant}); err != nil {
			if errs.As(err) == nil {
				return err
			}
			return web.SeeOther(w, r, caseURL(d.ID)+"/on-the-spot")
		}
	}
	return web.SeeOther(w, r, "/window/cases/"+d.ID+"/receipt")
}

// notSent shows the check page again with what stands in the way.
func (h handlers) notSent(w http.ResponseWriter, r *http.Request, cause error) error {
	e := errs.As(cause)
	if e == nil || !slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.Forbidden}, e.Kind) {
		return cause
	}
	d, err := h.draft(r)
	if err != nil {
		return err
	}
	v, err := h.checkView(r, d)
	if err != nil {
		return err
	}
	v.Problem = tr(r.Context(), e.Key, e.Params)
	return web.RenderStatus(w, r, web.StatusOf(cause), checkPage(v))
}

func (h handlers) discard(w http.ResponseWriter, r *http.Request) error {
	if err := h.Cases.DiscardDraft(r.Context(), actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/window?done=discard")
}

// receiptView is the receipt the person takes away, and what the clerk does next.
type receiptView struct {
	cases.Receipt
	Card    ui.ReceiptView
	Acts    []ui.Act
	HandOut bool
	V       int64
}

func (h handlers) receipt(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	rec, err := h.Cases.Receipt(ctx, a, id)
	if err != nil {
		return err
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	v := receiptView{Receipt: rec, V: d.Version, HandOut: slices.Contains(d.May, cases.ActDeliver)}
	for _, act := range h.officerActs(ctx, a, d) {
		if act.Disabled == "" && act.Href != caseURL(id)+"/deliver" {
			v.Acts = append(v.Acts, act)
		}
	}
	v.Card = ui.ReceiptView{Title: receiptTitle(ctx, d.Case), Number: rec.CaseNo, QueryCode: rec.QueryCode, PrintedAt: minute(h.Now()), PrintedBy: h.who(ctx, "staff:"+a.StaffID)}
	if h.Track != nil {
		v.Card.QRText = h.Track(rec.CaseNo, rec.QueryCode)
	}
	v.Card.Facts = []ui.KVRow{
		{Key: tr(ctx, "deskweb.col_item"), Value: rec.ItemName},
		{Key: tr(ctx, "deskweb.agency"), Value: rec.Agency},
		{Key: tr(ctx, "deskweb.col_applicant"), Value: withAgent(ctx, d.Case)},
		{Key: tr(ctx, "deskweb.submitted_at"), Value: minute(rec.Submitted), Num: true},
		{Key: tr(ctx, "deskweb.col_state"), Value: stateTag(ctx, d.Case).Text},
	}
	if due := d.Clock.Due(); !due.IsZero() && d.State.Open() {
		v.Card.Facts = append(v.Card.Facts, ui.KVRow{Key: tr(ctx, "deskweb.due"), Value: day(due), Num: true})
	}
	v.Card.NextSteps = nextSteps(ctx, d)
	return web.Render(w, r, receiptPage(v))
}

func receiptTitle(ctx context.Context, c cases.Case) string {
	if c.Outcome == cases.Grant {
		return tr(ctx, "deskweb.receipt_granted")
	}
	return tr(ctx, "deskweb.receipt_sent")
}

func nextSteps(ctx context.Context, d cases.Detail) []string {
	switch {
	case d.Outcome == cases.Grant && d.State == cases.Concluded:
		return []string{tr(ctx, "deskweb.next_done")}
	case d.Outcome != "":
		return []string{tr(ctx, "deskweb.next_collect")}
	}
	return []string{tr(ctx, "deskweb.next_track"), tr(ctx, "deskweb.next_sms"), tr(ctx, "deskweb.next_correct")}
}
