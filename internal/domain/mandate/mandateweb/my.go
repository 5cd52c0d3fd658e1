package mandateweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
)

type listView struct {
	mandate.Lists
	Agents bool // the actor acts for a firm as its legal representative
	Done   string
}

// dones are what a page may say has just been done.
var dones = map[string]bool{"asked": true, "accepted": true, "refused": true, "revoked": true, "released": true, "proved": true, "confirmed": true, "recorded": true, "at_counter": true}

func done(r *http.Request) string {
	if d := r.URL.Query().Get("done"); dones[d] {
		return t(r.Context(), "mandate.done_"+d)
	}
	return ""
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request) error {
	a := actor(r)
	l, err := h.s.Mine(r.Context(), a)
	if err != nil {
		return err
	}
	return web.Render(w, r, listPage(listView{Lists: l, Agents: a.FirmID != "" && a.MandateID == "", Done: done(r)}))
}

type agentsView struct {
	Firm       identity.Firm
	Open, Past []mandate.View
	Done       string
}

func (h *Handler) agents(w http.ResponseWriter, r *http.Request) error {
	f, open, past, err := h.s.Agents(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, agentsPage(agentsView{Firm: f, Open: open, Past: past, Done: done(r)}))
}

const actsPage = 20

type oneView struct {
	mandate.View
	Steps []mandate.Step
	Acts  ui.TableView
	Next  string
	Done  string
	problems
}

func (h *Handler) oneView(r *http.Request) (oneView, error) {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	v, steps, err := h.s.One(ctx, a, id)
	if err != nil {
		return oneView{}, err
	}
	acts, err := h.s.Acts(ctx, a, id, r.URL.Query().Get("after"), actsPage+1)
	if err != nil {
		return oneView{}, err
	}
	out := oneView{View: v, Steps: steps, Done: done(r)}
	if len(acts) > actsPage {
		acts = acts[:actsPage]
		out.Next = "/my/mandates/" + id + "?after=" + url.QueryEscape(acts[actsPage-1].ID)
	}
	out.Acts = h.actsTable(ctx, acts)
	return out, nil
}

func (h *Handler) actsTable(ctx context.Context, acts []mandate.Done) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "mandate.acts_title"), CaptionHide: true, Empty: t(ctx, "mandate.acts_none"), Columns: []ui.Column{
		{Label: t(ctx, "mandate.act_when")}, {Label: t(ctx, "mandate.act_what")}, {Label: t(ctx, "mandate.act_about")},
	}}
	for _, d := range acts {
		about := ui.Cell{Text: d.What}
		if about.Text == "" {
			about.Text = t(ctx, "mandate.something")
		}
		if id, ok := strings.CutPrefix(d.Object, "case:"); ok && h.cfg.CaseHref != nil {
			about.Href = h.cfg.CaseHref(url.PathEscape(id))
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: minute(d.At)}, {Text: t(ctx, "mandate.did_"+d.Act)}, about})
	}
	return tv
}

func (h *Handler) one(w http.ResponseWriter, r *http.Request) error {
	v, err := h.oneView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, onePage(v))
}

func (h *Handler) accept(w http.ResponseWriter, r *http.Request) error {
	return h.after(w, r, h.s.Accept(r.Context(), actor(r), r.PathValue("id")), "accepted")
}

func (h *Handler) confirm(w http.ResponseWriter, r *http.Request) error {
	return h.after(w, r, h.s.Confirm(r.Context(), actor(r), r.PathValue("id")), "confirmed")
}

// after leads back to the mandate, or shows there what stood in the way.
func (h *Handler) after(w http.ResponseWriter, r *http.Request, err error, what string) error {
	if err == nil {
		return web.SeeOther(w, r, "/my/mandates/"+url.PathEscape(r.PathValue("id"))+"?done="+what)
	}
	v, e := h.oneView(r)
	if e != nil {
		return e
	}
	return again(w, r, err, func(p problems) templComponent { v.problems = p; return onePage(v) })
}

func (h *Handler) endPage(w http.ResponseWriter, r *http.Request) error {
	v, _, err := h.s.One(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.Open() {
		return web.SeeOther(w, r, "/my/mandates/"+url.PathEscape(v.ID))
	}
	return web.Render(w, r, endPage(v))
}

func (h *Handler) end(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, _, err := h.s.One(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	why, err := h.s.End(r.Context(), actor(r), id)
	if err != nil {
		return h.after(w, r, err, "")
	}
	if v.ForKind == mandate.ForFirm && v.Side == mandate.Giver {
		return web.SeeOther(w, r, "/my/agents?done="+string(why))
	}
	return web.SeeOther(w, r, "/my/mandates?done="+string(why))
}

// endWord is the verb for ending: declining, giving up or taking back.
func endWord(v mandate.View) string {
	switch {
	case v.Side == mandate.Giver:
		return "mandate.end_revoke"
	case v.State == mandate.Asked:
		return "mandate.end_refuse"
	}
	return "mandate.end_release"
}

func facts(ctx context.Context, v mandate.View) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "mandate.fact_giver"), Value: v.Giver},
		{Key: t(ctx, "mandate.fact_holder"), Value: v.Held},
		{Key: t(ctx, "mandate.fact_kind"), Value: t(ctx, "mandate.kind_"+string(v.Kind))},
		{Key: t(ctx, "mandate.fact_acts"), Value: v.Words.Acts},
		{Key: t(ctx, "mandate.fact_items"), Value: v.Words.Items},
		{Key: t(ctx, "mandate.fact_term"), Value: termWords(ctx, v), Num: true},
		{Key: t(ctx, "mandate.fact_ground"), Value: t(ctx, "mandate.ground_"+v.Ground)},
	}
	if v.Relation != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "mandate.fact_relation"), Value: v.Relation, Source: t(ctx, "identity.source_population")})
	}
	if v.Basis != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "mandate.fact_basis"), Value: v.Basis})
	}
	if v.Phone != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "mandate.fact_phone"), Value: v.Phone, Num: true})
	}
	return rows
}

func termWords(ctx context.Context, v mandate.View) string {
	return t(ctx, "mandate.term_words", p{"from": v.Term.From, "until": v.Term.Until})
}

// stateTag says in a word how a mandate stands.
func stateTag(ctx context.Context, v mandate.View) (ui.Tone, string) {
	switch {
	case v.Why == mandate.Covers && !v.ConfirmBy.IsZero():
		return ui.Warn, t(ctx, "mandate.state_confirm", p{"date": day(v.ConfirmBy.Add(-1))})
	case v.Why == mandate.Covers:
		return ui.Success, t(ctx, "mandate.state_standing")
	case v.Why == mandate.NotAccepted:
		return ui.Info, t(ctx, "mandate.state_asked", p{"date": day(v.AnswerBy.Add(-1))})
	case v.Why == mandate.NotYet:
		return ui.Info, t(ctx, "mandate.state_not_yet", p{"date": v.Term.From})
	}
	return ui.Neutral, t(ctx, "mandate.why_"+string(v.Why))
}

// byWords says whose step it was.
func byWords(ctx context.Context, st mandate.Step) string { return t(ctx, "mandate.by_"+st.By) }

func mayAppoint(a authz.Actor) bool { return a.FirmID != "" && a.MandateID == "" }
