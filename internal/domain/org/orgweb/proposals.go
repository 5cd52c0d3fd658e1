package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
)

const proposalsPerPage = 50

func (p *Pages) proposals(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	done := q.Get("show") == "done"
	page, next, err := p.org.Proposals(ctx, authz.From(ctx), !done, q.Get("before"), proposalsPerPage)
	if err != nil {
		return err
	}
	v := proposalsView{Page: ui.PageView{Title: t(ctx, "org.proposals_title"), Lead: t(ctx, "org.proposals_lead")}, Table: p.proposalTable(ctx, page)}
	v.Tabs = []ui.NavItem{
		{Href: "/admin/proposals", Label: t(ctx, "org.proposals_waiting"), Current: !done},
		{Href: "/admin/proposals?show=done", Label: t(ctx, "org.proposals_done"), Current: done},
	}
	if next != "" {
		v.Pager.NextHref = "/admin/proposals?" + url.Values{"show": {q.Get("show")}, "before": {next}}.Encode()
	}
	return web.Render(w, r, proposalsPage(v))
}

func (p *Pages) proposalTable(ctx context.Context, ps []org.Proposal) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "org.proposals_title"), CaptionHide: true, Empty: t(ctx, "org.proposals_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.proposal_what")}, {Label: t(ctx, "org.proposal_whom")}, {Label: t(ctx, "org.proposal_by")}, {Label: t(ctx, "org.proposal_at"), Num: true}, {Label: t(ctx, "org.proposal_state")},
	}}
	for _, x := range ps {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: t(ctx, "org.kind_"+string(x.Kind)), Href: "/admin/proposals/" + x.ID},
			{Text: p.about(ctx, x)},
			{Text: p.who(ctx, x.By, x.ByFor)},
			{Text: minute(x.At)},
			{Text: t(ctx, "org.proposal_"+string(x.State)), Tone: stateTones[x.State]},
		})
	}
	return tv
}

var stateTones = map[org.State]ui.Tone{org.Open: ui.Warn, org.Acted: ui.Warn, org.Approved: ui.Success, org.Refused: ui.Neutral, org.Dropped: ui.Neutral}

// about names whom or what a proposal is about.
func (p *Pages) about(ctx context.Context, x org.Proposal) string {
	switch {
	case x.Kind == org.Join:
		return x.Name + "（" + p.agencyName(ctx, x.Agency) + "）"
	case x.Post != nil:
		return x.Post.Name + "（" + p.agencyName(ctx, x.Post.Agency) + "）"
	case x.Kind == org.Table:
		return t(ctx, "org.table_of_staff")
	}
	return p.staffName(ctx, x.StaffID)
}

func (p *Pages) proposal(w http.ResponseWriter, r *http.Request) error {
	v, err := p.proposalView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, proposalPage(v))
}

func (p *Pages) proposalView(r *http.Request) (proposalView, error) {
	ctx := r.Context()
	o, err := p.org.OpenProposal(ctx, authz.From(ctx), r.PathValue("id"))
	if err != nil {
		return proposalView{}, err
	}
	title := t(ctx, "org.kind_"+string(o.Kind))
	v := proposalView{ID: o.ID, Sent: r.URL.Query().Has("sent"), Acted: o.State == org.Acted, Open: o.State == org.Open, Own: o.Own, Waits: o.Waits(), Import: o.Import}
	v.Page = ui.PageView{Title: title, Crumbs: crumbs(ui.Crumb{Label: t(ctx, "org.proposals_title"), Href: "/admin/proposals"}, ui.Crumb{Label: title})}
	reason := o.Reason
	if o.Kind == org.Rights {
		reason = t(ctx, "org.rights_reason")
	}
	v.Facts = []ui.KVRow{
		{Key: t(ctx, "org.proposal_whom"), Value: p.about(ctx, o.Proposal)},
		{Key: t(ctx, "org.proposal_reason"), Value: reason},
		{Key: t(ctx, "org.proposal_by"), Value: p.who(ctx, o.By, o.ByFor)},
		{Key: t(ctx, "org.proposal_at"), Value: minute(o.At), Num: true},
		{Key: t(ctx, "org.proposal_state"), Value: t(ctx, "org.proposal_"+string(o.State))},
		{Key: t(ctx, "org.proposal_needs"), Value: strconv.Itoa(o.Needs), Num: true},
	}
	for _, d := range o.Differences {
		v.Differences = append(v.Differences, ui.DiffRow{Label: p.differenceLabel(ctx, d), Old: p.differenceText(ctx, d, d.Old), New: p.differenceText(ctx, d, d.New)})
	}
	for _, f := range o.Findings {
		v.Findings = append(v.Findings, t(ctx, f.Key, f.Params))
	}
	if o.MayReview != nil {
		if e := errs.As(o.MayReview); e != nil {
			v.WhyNot = t(ctx, e.Key, e.Params)
		}
	}
	for _, x := range o.Reviews {
		verdict := ui.Cell{Text: t(ctx, "org.verdict_refused"), Tone: ui.Neutral}
		if x.Approved {
			verdict = ui.Cell{Text: t(ctx, "org.verdict_approved"), Tone: ui.Success}
		}
		v.Reviews.Rows = append(v.Reviews.Rows, []ui.Cell{{Text: p.who(ctx, x.By, x.For)}, verdict, {Text: x.Note}, {Text: minute(x.At)}})
	}
	v.Reviews.Caption, v.Reviews.CaptionHide, v.Reviews.Empty = t(ctx, "org.reviews_title"), true, t(ctx, "org.reviews_empty")
	v.Reviews.Columns = []ui.Column{{Label: t(ctx, "org.review_by")}, {Label: t(ctx, "org.review_verdict")}, {Label: t(ctx, "org.review_note")}, {Label: t(ctx, "org.proposal_at"), Num: true}}
	v.Note = ui.FormField{Name: "note", Kind: "textarea", Label: t(ctx, "org.review_note"), Hint: t(ctx, "org.review_note_hint"), MaxLength: 500}
	return v, nil
}

func (p *Pages) differenceLabel(ctx context.Context, d org.Difference) string {
	switch d.What {
	case "post":
		return p.postName(ctx, d.Key)
	case "acts", "items", "roles":
		return t(ctx, "org.post_"+d.What)
	case "account":
		return t(ctx, "org.staff_state")
	}
	return t(ctx, "org.staff_"+d.What)
}

// differenceText writes a value as people read it.
func (p *Pages) differenceText(ctx context.Context, d org.Difference, v string) string {
	if v == "" {
		return ""
	}
	switch d.What {
	case "phone":
		return cnid.MaskPhone(v)
	case "agency":
		return p.agencyName(ctx, v)
	case "account":
		if v == "off" {
			return t(ctx, "org.state_disabled")
		}
		from, until, _ := strings.Cut(v, "~")
		return term(ctx, from, until)
	case "post":
		span, who, stands := strings.Cut(v, " ")
		from, until, _ := strings.Cut(span, "~")
		text := term(ctx, from, until)
		if stands {
			text = t(ctx, "org.stands_term", errs.P{"name": p.staffName(ctx, who), "term": text})
		}
		return text
	case "acts":
		return labels(ctx, "org.act_", strings.Split(v, ","))
	case "roles":
		return labels(ctx, "org.role_", strings.Split(v, ","))
	}
	return v
}

func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	verdict := v.Get("verdict")
	if verdict != "approve" && verdict != "refuse" {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	err = p.org.Review(ctx, authz.From(ctx), r.PathValue("id"), verdict == "approve", v.Get("note"))
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid && len(e.Fields) > 0 {
		page, err := p.proposalView(r)
		if err != nil {
			return err
		}
		page.Note.Value = v.Get("note")
		for _, f := range e.Fields {
			text, name := t(ctx, f.Key, f.Params), ""
			if f.Path == "note" {
				page.Note.Error, name = text, "note"
			}
			page.Page.Errors = append(page.Page.Errors, ui.ErrorItem{Field: name, Text: text})
		}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, proposalPage(page))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/proposals/"+r.PathValue("id")+"?reviewed=1")
}

func (p *Pages) drop(w http.ResponseWriter, r *http.Request) error {
	if err := p.org.Drop(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/proposals/"+r.PathValue("id"))
}
