package casesweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/paper"
)

// progressView is how an application stands, for whom it belongs to.
type progressView struct {
	Detail      cases.Detail
	Stages      []ui.Stage
	Facts       []ui.KVRow
	Clock       *ui.ClockView
	Due         string // a deadline that is not the decision's
	Materials   []ui.KVRow
	Papers      []paper.Paper
	Notices     []noticeView // newest first
	Signed      []signedView
	Decision    []ui.KVRow
	Refusal     []ui.KVRow
	Remedies    string
	LicenceHref string
	RateHref    string
	Withdraw    bool
	Talk        templ.Component
	Done        string

	QRText, PrintedAt, PrintedBy string // for print only
}

// noticeView is one correction notice.
type noticeView struct {
	At      string
	Open    bool
	Defects []defectView
}

func (h handlers) progress(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	if d.State == cases.Draft {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	ps, err := h.Papers.OfCase(r.Context(), d.ID)
	if err != nil {
		return err
	}
	who, err := h.Who(r.Context(), authz.From(r.Context()))
	if err != nil {
		return err
	}
	v := h.progressView(r.Context(), d, ps)
	v.QRText, v.PrintedAt, v.PrintedBy = h.lookupURL(d.CaseNo), when(h.Now()), who.Person
	v.Done = doneText(r.Context(), r.URL.Query().Get("done"))
	if h.Talk != nil {
		if v.Talk, err = h.Talk(r, d.ID); err != nil {
			return err
		}
	}
	return web.Render(w, r, progressPage(v))
}

func (h handlers) progressView(ctx context.Context, d cases.Detail, ps []paper.Paper) progressView {
	v := progressView{
		Detail: d, Stages: stages(ctx, d.Progress, ps), Facts: caseFacts(ctx, d), Papers: ps, Materials: inPlace(ctx, d),
		Withdraw: slices.Contains(d.May, cases.ActWithdraw),
	}
	if c := clockView(ctx, d.Case); c != nil && dueKind(d.Clock.Phase) == "decision" {
		if c.State == ui.Paused {
			c.Why = text(ctx, d.Progress.WaitKey)
		}
		v.Clock = c
	} else if due := d.Clock.Due(); !due.IsZero() && d.State.Open() {
		v.Due = t(ctx, "until_"+dueKind(d.Clock.Phase), errs.P{"date": day(ctx, due), "agency": d.AgencyName})
	}
	for i := len(d.Corrections) - 1; i >= 0; i-- {
		c := d.Corrections[i]
		open := i == len(d.Corrections)-1 && d.State == cases.Correction
		v.Notices = append(v.Notices, noticeView{At: when(c.At), Open: open, Defects: defectViews(ctx, d, c.Defects)})
	}
	v.Signed = h.signedViews(d)
	h.result(ctx, d, &v)
	return v
}

// result adds the decision with its reasons and remedies, the licence and the way to rate.
func (h handlers) result(ctx context.Context, d cases.Detail, v *progressView) {
	if d.Decision != nil {
		v.Decision = rows(ctx, "outcome", i18n.T(ctx, cases.Word(d.Nature, d.Decision.Outcome.Key())), "reason", d.Decision.Reason, "basis", d.Decision.Basis,
			"conditions", d.Decision.Conditions, "decided_how", decidedHow(ctx, *d.Decision), "decided_at", when(d.Decision.At))
	}
	if d.Refusal != nil {
		v.Refusal = rows(ctx, "ground", i18n.T(ctx, cases.Word(d.Nature, "cases.ground_"+d.Refusal.Ground)), "reason", d.Refusal.Reason, "right_authority", d.Refusal.RightAuthority)
	}
	if (d.Decision != nil || d.Refusal != nil) && h.Remedies != nil {
		v.Remedies = h.Remedies(ctx, d.Agency, d.Nature)
	}
	if d.LicenceID != "" {
		v.LicenceHref = "/my/licences/" + d.LicenceID
	}
	if !d.State.Open() && d.State != cases.Withdrawn || d.Decision != nil {
		v.RateHref = caseHref(d.ID) + "/rate"
	}
}

// rows gives the pairs that have a value.
func rows(ctx context.Context, kv ...string) []ui.KVRow {
	var out []ui.KVRow
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			out = append(out, ui.KVRow{Key: t(ctx, kv[i]), Value: kv[i+1]})
		}
	}
	return out
}

// decidedHow says that no officer decided, but the item's published rules (即办件).
func decidedHow(ctx context.Context, d cases.Decision) string {
	if d.By != authz.System.Name() && d.By != "system" {
		return ""
	}
	return t(ctx, "decided_automatic")
}

func caseFacts(ctx context.Context, d cases.Detail) []ui.KVRow {
	out := rows(ctx, "case_no", d.CaseNo, "query_code", d.QueryCode, "agency", d.AgencyName, "applicant", d.Applicant, agentKey(d), d.Agent, "channel", i18n.T(ctx, "cases.channel_"+d.Channel),
		"sent_at", when(d.Submitted), "accepted_at", day(ctx, d.Accepted))
	if d.Clock.Phase == "decision" {
		out = append(out, rows(ctx, "promised", day(ctx, d.Clock.PromisedDue), "legal", day(ctx, d.Clock.LegalDue))...)
	}
	if d.Clock.Provisional {
		out = append(out, rows(ctx, "provisional", t(ctx, "provisional_text"))...)
	}
	return out
}

// inPlace lists what was handed in.
func inPlace(ctx context.Context, d cases.Detail) []ui.KVRow {
	var out []ui.KVRow
	for _, s := range d.Slots {
		value := fileNames(ctx, s)
		if value == "" {
			value = t(ctx, "not_in_place")
			if s.Material.Required == catalog.RequiredLater {
				value = t(ctx, "material_later_text")
			}
		}
		out = append(out, ui.KVRow{Key: s.Material.Name, Value: value})
	}
	return out
}

// paperStage says at which stage a paper is shown.
var paperStage = map[string]string{
	"receipt": cases.StageSubmit, "accept": cases.StageAccept, "accept_later": cases.StageAccept, "revoke": cases.StageDeliver, "revoke_told": cases.StageDeliver, "revoke_withdrawn": cases.StageDeliver, "revoke_revoked": cases.StageDeliver,
	"revoke_forfeited": cases.StageDeliver, "revoke_cancelled": cases.StageDeliver, "rectify": cases.StageDeliver, "renewed": cases.StageDecide, "correction": cases.StageAccept, "refuse_acceptance": cases.StageAccept,
	"inspection": cases.StageReview, "grant": cases.StageDecide, "refuse": cases.StageDecide, "delivery": cases.StageDeliver,
}

// stages draws the five plain stages. The one going on says whom it waits for.
func stages(ctx context.Context, p cases.Progress, ps []paper.Paper) []ui.Stage {
	states := map[string]ui.StepState{"done": ui.Done, "now": ui.Now, "next": ui.Next, "stopped": ui.Blocked}
	var out []ui.Stage
	for _, s := range p.Stages {
		v := ui.Stage{Label: i18n.T(ctx, p.StageKey(s.Key)), State: states[s.Status], Time: when(s.At)}
		if s.Status == "now" {
			v.Note = text(ctx, p.WaitKey)
			v.Who = waitsFor(ctx, p)
			if p.State == cases.Correction {
				v.State = ui.Bounced
			}
		}
		for _, x := range ps {
			if x.State == paper.Ready && paperStage[x.Act] == s.Key {
				v.Docs = append(v.Docs, ui.Link{Label: paperName(x), Href: paperHref(x.ID)})
			}
		}
		out = append(out, v)
	}
	return out
}

func waitsFor(ctx context.Context, p cases.Progress) string {
	switch p.WaitFor {
	case "you":
		return t(ctx, "waits_you")
	case "agency":
		if p.StepName != "" {
			return t(ctx, "waits_step", errs.P{"agency": p.Agency, "step": p.StepName})
		}
		return t(ctx, "waits_agency", errs.P{"agency": p.Agency})
	}
	return ""
}

func paperName(p paper.Paper) string {
	if p.Number == "" {
		return p.Title
	}
	return p.Title + " " + p.Number
}

func paperHref(id string) string { return "/papers/" + id + ".pdf" }

type withdrawView struct {
	Detail cases.Detail
	Errors []ui.ErrorItem
}

func (h handlers) withdrawPage(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	if !slices.Contains(d.May, cases.ActWithdraw) {
		return web.SeeOther(w, r, caseHref(d.ID))
	}
	return web.Render(w, r, withdrawPage(withdrawView{Detail: d}))
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := h.own(r)
	if err != nil {
		return err
	}
	if _, err = h.Cases.Withdraw(ctx, authz.From(ctx), d.ID, posted(f, d)); errs.KindOf(err) == errs.Conflict && errs.As(err) != nil {
		v := withdrawView{Detail: d, Errors: []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}}
		return web.RenderStatus(w, r, http.StatusConflict, withdrawPage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, caseHref(d.ID)+"?done=withdrawn")
}
