package privacyweb

import (
	"context"
	"net/http"
	"strings"

	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
)

type deskListView struct {
	Answered, Done bool
	Table          ui.TableView
}

func (h handlers) deskList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := deskListView{Answered: r.URL.Query().Get("state") == privacy.Answered, Done: r.URL.Query().Get("done") != ""}
	cs, err := h.s.Complaints(ctx, v.Answered)
	if err != nil {
		return err
	}
	v.Table = ui.TableView{Caption: t(ctx, "privacy.desk_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "privacy.desk_none")}
	for _, k := range []string{"person", "at", "due", "state"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "privacy.desk_"+k)})
	}
	for _, c := range cs {
		state := ui.Cell{Text: t(ctx, "privacy.state_"+c.State), Tone: ui.Warn}
		switch {
		case c.State == privacy.Answered:
			state = ui.Cell{Text: t(ctx, "privacy.finding_"+c.Finding), Tone: ui.Success}
		case c.Overdue(h.Now()):
			state = ui.Cell{Text: t(ctx, "privacy.desk_overdue"), Tone: ui.Bad}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: c.Person, Href: "/privacy/complaints/" + c.ID}, {Text: minute(c.At)}, {Text: day(c.Due)}, state})
	}
	return web.Render(w, r, deskListPage(v))
}

type deskCaseView struct {
	ID, Person     string
	Number         ui.MaskedView
	Remask         string
	Facts          []ui.KVRow
	Text, State    string
	Answer         []ui.KVRow
	Finding, Typed string
	problems
}

func (h handlers) deskView(r *http.Request) (deskCaseView, privacy.Case, error) {
	ctx := r.Context()
	c, err := h.s.Complaint(ctx, actor(r), r.PathValue("id"))
	if err != nil {
		return deskCaseView{}, c, err
	}
	v := deskCaseView{ID: c.ID, Person: c.Person, State: c.State, Text: c.Text, Facts: h.deskFacts(ctx, c)}
	v.Number = ui.MaskedView{
		Label: t(ctx, "privacy.number"), Masked: strings.Repeat("*", 18), Action: "/privacy/complaints/" + c.ID + "/number", Reasons: reasons(ctx, privacy.DeskReasons),
	}
	if c.State == privacy.Answered {
		v.Answer = []ui.KVRow{
			{Key: t(ctx, "privacy.complaint_finding"), Value: t(ctx, "privacy.finding_"+c.Finding)},
			{Key: t(ctx, "privacy.complaint_answer"), Value: c.Answer},
			{Key: t(ctx, "privacy.desk_by"), Value: h.staff(ctx, c.AnsweredBy)},
			{Key: t(ctx, "privacy.complaint_answered"), Value: minute(c.AnsweredAt)},
		}
	}
	return v, c, nil
}

// deskFacts is the look as the auditor sees it: with the full name of who looked.
func (h handlers) deskFacts(ctx context.Context, c privacy.Case) []ui.KVRow {
	rows := h.facts(ctx, c.Access)
	if c.StaffName != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "privacy.desk_staff"), Value: c.StaffName})
	}
	return append(rows, ui.KVRow{Key: t(ctx, "privacy.desk_object"), Value: c.Access.Object}, ui.KVRow{Key: t(ctx, "privacy.desk_due"), Value: day(c.Due)})
}

func (h handlers) staff(ctx context.Context, id string) string {
	if h.StaffName == nil {
		return id
	}
	return h.StaffName(ctx, id)
}

func (h handlers) deskCase(w http.ResponseWriter, r *http.Request) error {
	v, _, err := h.deskView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, deskCasePage(v))
}

func (h handlers) deskAnswer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	err = h.s.Answer(r.Context(), actor(r), r.PathValue("id"), f.Get("finding"), f.Get("text"))
	if err == nil {
		return web.SeeOther(w, r, "/privacy/complaints?done=1")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	v, _, again := h.deskView(r)
	if again != nil {
		return again
	}
	v.problems, v.Finding, v.Typed = p, f.Get("finding"), f.Get("text")
	return web.RenderStatus(w, r, web.StatusOf(err), deskCasePage(v))
}

func (h handlers) deskNumber(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v, c, err := h.deskView(r)
	if err != nil {
		return err
	}
	number, err := h.s.RevealNumber(r.Context(), actor(r), c.PersonID, f.Get("reason"))
	if p, ok := explain(r.Context(), err); ok {
		v.problems = p
		return web.RenderStatus(w, r, web.StatusOf(err), deskCasePage(v))
	}
	if err != nil {
		return err
	}
	v.Number.Plain, v.Remask = number, "/privacy/complaints/"+c.ID
	return web.Render(w, r, deskCasePage(v))
}
