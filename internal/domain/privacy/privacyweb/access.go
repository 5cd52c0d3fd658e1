package privacyweb

import (
	"context"
	"net/http"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
)

const pageRows = 20

type accessView struct {
	Firm     bool
	FirmName string // offered as a second list
	Table    ui.TableView
	Pager    ui.PagerView
}

func (h handlers) access(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := accessView{Firm: q.Get("of") == "firm" && a.FirmID != ""}
	var err error
	if v.FirmName, err = h.s.FirmName(ctx, a); err != nil {
		return err
	}
	rows, after, err := h.s.Accesses(ctx, a, v.Firm, q.Get("after"), pageRows)
	if err != nil {
		return err
	}
	v.Table = h.accessTable(ctx, rows)
	if q.Get("after") != "" {
		v.Pager.PrevHref = "/my/access"
		if v.Firm {
			v.Pager.PrevHref += "?of=firm"
		}
	}
	if after != "" {
		q.Set("after", after)
		v.Pager.NextHref = "/my/access?" + q.Encode()
	}
	return web.Render(w, r, accessPage(v))
}

func (h handlers) accessTable(ctx context.Context, rows []privacy.Access) ui.TableView {
	table := ui.TableView{Caption: t(ctx, "privacy.access_title"), CaptionHide: true, Empty: t(ctx, "privacy.access_none")}
	for _, k := range []string{"when", "who", "what", "why", "via", "doubt"} {
		table.Columns = append(table.Columns, ui.Column{Label: t(ctx, "privacy.access_"+k)})
	}
	for _, a := range rows {
		doubt := ui.Cell{Text: "—"}
		if !a.Own {
			doubt = ui.Cell{Part: complainLink(a)}
		}
		table.Rows = append(table.Rows, []ui.Cell{{Text: minute(a.At)}, who(ctx, a), {Text: whatText(ctx, a)}, h.why(ctx, a), {Text: viaText(ctx, a.Via)}, doubt})
	}
	return table
}

func whatText(ctx context.Context, a privacy.Access) string {
	out := make([]string, 0, len(a.What))
	for _, key := range a.What {
		out = append(out, t(ctx, key))
	}
	return strings.Join(out, t(ctx, "privacy.comma"))
}

func viaText(ctx context.Context, via string) string {
	switch key := "privacy.via_" + via; {
	case i18n.Has(key):
		return t(ctx, key)
	case via != "":
		return via
	}
	return "—"
}

// who says agency and system first: the person has to do with them; the masked name stands below.
func who(ctx context.Context, a privacy.Access) ui.Cell {
	switch {
	case a.Own:
		return ui.Cell{Text: t(ctx, "privacy.access_own")}
	case a.System != "" && a.Agency != "":
		return ui.Cell{Text: a.Agency, Sub: t(ctx, "privacy.access_by_system", errs.P{"system": a.System})}
	case a.System != "":
		return ui.Cell{Text: a.System}
	case a.Nobody:
		return ui.Cell{Text: t(ctx, "privacy.access_nobody")}
	case a.Who == "" && a.Agency == "":
		return ui.Cell{Text: t(ctx, "privacy.access_system")}
	}
	sub := strings.TrimSpace(a.Who + " " + rolesText(ctx, a.Roles))
	if a.Agency == "" {
		return ui.Cell{Text: sub}
	}
	return ui.Cell{Text: a.Agency, Sub: sub}
}

func rolesText(ctx context.Context, roles []authz.Role) string {
	out := make([]string, 0, len(roles))
	for _, r := range roles {
		out = append(out, t(ctx, "identity.role_"+string(r)))
	}
	return strings.Join(out, t(ctx, "privacy.comma"))
}

func (h handlers) why(ctx context.Context, a privacy.Access) ui.Cell {
	c := ui.Cell{Text: a.Reason}
	if id, ok := strings.CutPrefix(a.Object, "case:"); ok && id != "" {
		c = ui.Cell{Text: t(ctx, "privacy.object_case"), Href: h.CaseHref(id), Sub: a.Reason}
	}
	if c.Text == "" {
		c.Text = t(ctx, "privacy.access_no_reason")
	}
	if a.Basis != "" {
		late := t(ctx, "privacy.access_late", errs.P{"basis": a.Basis, "date": day(a.HeldTill)})
		c.Sub = strings.TrimSpace(c.Sub + " " + late)
	}
	return c
}

type complainView struct {
	ID, Text string
	Facts    []ui.KVRow
	problems
}

func (h handlers) complainView(r *http.Request) (complainView, error) {
	a, _, err := h.s.Access(r.Context(), actor(r), r.PathValue("id"))
	if err == nil && a.Own {
		err = errs.New(errs.BadRequest, "privacy.own_look")
	}
	return complainView{ID: a.ID, Facts: h.facts(r.Context(), a)}, err
}

// facts says one look in lines.
func (h handlers) facts(ctx context.Context, a privacy.Access) []ui.KVRow {
	by, why := who(ctx, a), h.why(ctx, a)
	rows := []ui.KVRow{
		{Key: t(ctx, "privacy.access_when"), Value: minute(a.At)},
		{Key: t(ctx, "privacy.access_who"), Value: strings.TrimSpace(by.Text + " " + by.Sub)},
		{Key: t(ctx, "privacy.access_what"), Value: whatText(ctx, a)},
		{Key: t(ctx, "privacy.access_why"), Value: strings.TrimSpace(why.Text + " " + why.Sub)},
		{Key: t(ctx, "privacy.access_via"), Value: viaText(ctx, a.Via)},
	}
	return rows
}

func (h handlers) complainPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.complainView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, complainPage(v))
}

func (h handlers) complain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.s.Complain(r.Context(), actor(r), r.PathValue("id"), f.Get("text"))
	if err == nil {
		return web.SeeOther(w, r, "/my/complaints?done=1")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	v, again := h.complainView(r)
	if again != nil {
		return again
	}
	v.Text, v.problems = f.Get("text"), p
	return web.RenderStatus(w, r, web.StatusOf(err), complainPage(v))
}

type complaintsView struct {
	Done  bool
	Cases []complaintCard
}

type complaintCard struct {
	Title string
	Tone  ui.Tone
	State string
	Rows  []ui.KVRow
}

func (h handlers) complaints(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cs, err := h.s.MyComplaints(ctx, actor(r))
	if err != nil {
		return err
	}
	v := complaintsView{Done: r.URL.Query().Get("done") != ""}
	for _, c := range cs {
		card := complaintCard{Title: t(ctx, "privacy.complaint_of", errs.P{"date": day(c.At)}), Tone: ui.Warn, State: t(ctx, "privacy.state_"+c.State)}
		if c.Access.ID != "" {
			card.Rows = h.facts(ctx, c.Access)
		}
		card.Rows = append(card.Rows, ui.KVRow{Key: t(ctx, "privacy.complaint_text"), Value: c.Text})
		if c.State == privacy.Answered {
			card.Tone = ui.Success
			card.Rows = append(card.Rows, ui.KVRow{Key: t(ctx, "privacy.complaint_finding"), Value: t(ctx, "privacy.finding_"+c.Finding)},
				ui.KVRow{Key: t(ctx, "privacy.complaint_answer"), Value: c.Answer}, ui.KVRow{Key: t(ctx, "privacy.complaint_answered"), Value: day(c.AnsweredAt)})
		} else {
			card.Rows = append(card.Rows, ui.KVRow{Key: t(ctx, "privacy.complaint_due"), Value: day(c.Due)})
		}
		v.Cases = append(v.Cases, card)
	}
	return web.Render(w, r, complaintsPage(v))
}
