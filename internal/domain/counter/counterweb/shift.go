package counterweb

import (
	"context"
	"net/http"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/counter"
)

// shiftView is the summary of a shift or a day.
type shiftView struct {
	counter.ShiftSummary
	Shift   *counter.Shift // the open one
	Day     string         // asked for; empty: the open shift or today
	Note    string
	Before  []counter.Shift
	Errors  []errs.Field
	Done    string
	Printed string
	Name    string
	Who     func(string) string
}

func (h handlers) shift(w http.ResponseWriter, r *http.Request) error {
	v, err := h.shiftView(r)
	if err != nil {
		return err
	}
	v.Done = done(r)
	return web.Render(w, r, shiftPage(v))
}

func (h handlers) shiftView(r *http.Request) (shiftView, error) {
	ctx, a := r.Context(), actor(r)
	v := shiftView{Day: r.URL.Query().Get("day"), Printed: minute(h.Now()), Name: h.who(ctx, a.StaffID), Who: func(id string) string { return h.who(ctx, id) }}
	var err error
	if v.ShiftSummary, err = h.Counter.Summary(ctx, a, v.Day); err != nil {
		return v, err
	}
	if v.Before, err = h.Counter.Shifts(ctx, a); err != nil {
		return v, err
	}
	sh, err := h.Counter.Shift(ctx, a)
	if err == nil {
		v.Shift = &sh
	} else if errs.KindOf(err) != errs.NotFound {
		return v, err
	}
	return v, nil
}

func (h handlers) beginShift(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Counter.BeginShift(r.Context(), actor(r), f.Get("desk")); err != nil {
		return h.shiftAgain(w, r, err, "")
	}
	return web.SeeOther(w, r, "/window/visitors?done=shift_begun")
}

func (h handlers) endShift(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Counter.EndShift(r.Context(), actor(r), f.Get("note")); err != nil {
		return h.shiftAgain(w, r, err, f.Get("note"))
	}
	return web.SeeOther(w, r, "/window/shift?done=shift_ended")
}

func (h handlers) shiftAgain(w http.ResponseWriter, r *http.Request, cause error, note string) error {
	fs, ok := explain(cause)
	if !ok {
		return cause
	}
	v, err := h.shiftView(r)
	if err != nil {
		return err
	}
	v.Errors, v.Note = fs, note
	return web.RenderStatus(w, r, web.StatusOf(cause), shiftPage(v))
}

func (h handlers) takeOver(w http.ResponseWriter, r *http.Request) error {
	if err := h.Counter.TakeOver(r.Context(), actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/window/visitors?done=taken_over")
}

// figures are the counts of a shift as tiles.
func figures(ctx context.Context, c counter.ShiftCounts) []ui.KPIView {
	people := t(ctx, "unit_people")
	pieces := t(ctx, "unit_cases")
	return []ui.KPIView{
		{Label: t(ctx, "kpi_visitors"), Value: itoa(c.Visitors), Unit: people, Note: t(ctx, "kpi_visitors_note", errs.P{"reader": c.ByReader, "wedge": c.ByWedge, "hand": c.ByHand, "anon": c.Enquiries})},
		{Label: t(ctx, "kpi_waiting"), Value: itoa((c.Waiting + 59) / 60), Unit: t(ctx, "unit_minutes"), Note: t(ctx, "kpi_median")},
		{Label: t(ctx, "kpi_serving"), Value: itoa((c.Serving + 59) / 60), Unit: t(ctx, "unit_minutes"), Note: t(ctx, "kpi_median")},
		{Label: t(ctx, "kpi_received"), Value: itoa(c.Received), Unit: pieces},
		{Label: t(ctx, "kpi_accepted"), Value: itoa(c.Accepted), Unit: pieces},
		{Label: t(ctx, "kpi_corrected"), Value: itoa(c.Corrected), Unit: pieces},
		{Label: t(ctx, "kpi_decided"), Value: itoa(c.Decided), Unit: pieces},
		{Label: t(ctx, "kpi_delivered"), Value: itoa(c.Delivered), Unit: pieces},
	}
}

func leftTable(ctx context.Context, caption, since string, ls []counter.CaseLeft, href func(counter.CaseLeft) string) ui.TableView {
	tv := ui.TableView{Caption: caption, CaptionHide: true, Columns: []ui.Column{{Label: t(ctx, "receipt_item")}, {Label: t(ctx, "receipt_no")}, {Label: t(ctx, "receipt_applicant")}, {Label: since, Num: true}}}
	for _, l := range ls {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: l.ItemName, Href: href(l)}, {Text: l.CaseNo}, {Text: l.Applicant}, {Text: minute(l.Since)}})
	}
	if !slices.ContainsFunc(ls, func(l counter.CaseLeft) bool { return l.CaseNo != "" }) { // drafts have no number yet
		tv.Columns = slices.Delete(tv.Columns, 1, 2)
		for i := range tv.Rows {
			tv.Rows[i] = slices.Delete(tv.Rows[i], 1, 2)
		}
	}
	return tv
}

func draftHref(l counter.CaseLeft) string { return "/window/drafts/" + l.CaseID + "/form" }

func deliverHref(l counter.CaseLeft) string { return "/desk/cases/" + l.CaseID + "/deliver" }

func beforeTable(ctx context.Context, v shiftView) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "before"), CaptionHide: true, Empty: t(ctx, "before_none"), Columns: []ui.Column{
		{Label: t(ctx, "col_shift")},
		{Label: t(ctx, "col_desk")},
		{Label: t(ctx, "kpi_visitors"), Num: true},
		{Label: t(ctx, "kpi_received"), Num: true},
		{Label: t(ctx, "kpi_accepted"), Num: true},
		{Label: t(ctx, "kpi_delivered"), Num: true},
		{Label: t(ctx, "col_note")},
	}}
	for _, s := range v.Before {
		note := t(ctx, "note_no")
		switch {
		case s.Note != "" && s.Taken.IsZero():
			note = t(ctx, "note_waits")
		case s.Note != "":
			note = t(ctx, "note_taken", errs.P{"name": v.Who(s.By), "time": minute(s.Taken)})
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: minute(s.From) + " – " + clockTime(s.To), Href: "/window/shift?day=" + day(s.From)},
			{Text: s.Desk},
			{Text: itoa(s.Counts.Visitors)},
			{Text: itoa(s.Counts.Received)},
			{Text: itoa(s.Counts.Accepted)},
			{Text: itoa(s.Counts.Delivered)},
			{Text: note},
		})
	}
	return tv
}

func shiftLead(ctx context.Context, v shiftView) string {
	switch {
	case v.Day != "":
		return t(ctx, "shift_lead_day", errs.P{"name": v.Name, "day": v.Day})
	case v.Shift != nil:
		return t(ctx, "shift_lead", errs.P{"name": v.Name, "desk": v.Desk, "from": minute(v.From), "to": clockTime(v.To)})
	}
	return t(ctx, "shift_lead_day", errs.P{"name": v.Name, "day": day(v.From)})
}
