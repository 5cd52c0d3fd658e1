package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// kind is one act with a page of its own; F is what its form holds as typed.
type kind[F any] struct {
	act   cases.Act
	path  string
	body  int64
	begin func(ctx context.Context, h handlers, d cases.Detail) F
	read  func(v url.Values, d cases.Detail) F
	check func(d cases.Detail, f F) []errs.Field // what the page itself knows to be missing; nil: nothing
	do    func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f F) error
	page  func(v actView, f F) templ.Component
	then  string // where it leads when it is done; empty: back to the case
}

// actView is what every page of an act shows around its form.
type actView struct {
	cases.Detail
	Act         cases.Act
	Action      string
	Key         string // client key of uploads
	Errors      []errs.Field
	Problem     string       // why the act was not done; the form below keeps what was typed
	Moved       []ui.DiffRow // what somebody did meanwhile
	MovedBy     string
	Why         string // why the act cannot be done now; then there is no form
	By          func(string) string
	Colleagues  []ui.Option // who can inspect together with the actor
	Me          string
	Remedies    string
	Follows     []string    // what happens after accepting
	Correctable []ui.Option // papers and fields that can be corrected
	Asked       []ui.Option // posts of other agencies that can be asked
	Plan        *cases.MigrationPlan
	keepView
}

func actRoutes(h handlers) []web.Route {
	return slices.Concat(
		routesOf(h, simple(cases.ActReceive, "receive", whole((*cases.Service).Receive))),
		routesOf(h, simple(cases.ActAccept, "accept", whole((*cases.Service).Accept))),
		routesOf(h, simple(cases.ActTakeUp, "take-up", stepped((*cases.Service).TakeUp))),
		routesOf(h, simple(cases.ActRelease, "release", stepped((*cases.Service).Release))), routesOf(h, assigning()),
		routesOf(h, refusing()), routesOf(h, correcting()), routesOf(h, opining()), inspectRoutes(h),
		routesOf(h, deciding(cases.ActDecide, "decide", (*cases.Service).Decide)),
		routesOf(h, deciding(cases.ActOnTheSpot, "on-the-spot", (*cases.Service).DecideOnTheSpot)),
		routesOf(h, checking()), routesOf(h, suspending()), routesOf(h, resuming()), routesOf(h, extending()),
		routesOf(h, ending(cases.ActTerminate, "terminate", (*cases.Service).Terminate)), routesOf(h, ending(cases.ActTransfer, "transfer", (*cases.Service).Transfer)),
		routesOf(h, ending(cases.ActLapse, "lapse", (*cases.Service).Lapse)), routesOf(h, ending(cases.ActVoid, "void", (*cases.Service).Void)),
		routesOf(h, announcing()), routesOf(h, revoking()), routesOf(h, rectifying()),
		routesOf(h, asking()), routesOf(h, answering()), routesOf(h, recalling()), routesOf(h, delegating()), routesOf(h, migrating()), expertRoutes(h),
		deliverRoutes(h), supplyRoutes(h), routesOf(h, advising()), spotRoutes(h),
	)
}

func routesOf[F any](h handlers, k kind[F]) []web.Route {
	limit := k.body
	if limit == 0 {
		limit = formBody
	}
	return []web.Route{
		web.To("GET /desk/cases/{id}/"+k.path, authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return ask(h, k, w, r) }),
		web.To("POST /desk/cases/{id}/"+k.path, authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error {
			v, err := web.Form(r)
			if err != nil {
				return err
			}
			return perform(h, k, w, r, v)
		}, body(limit)),
	}
}

// ask shows the form of an act, or why it cannot be done now.
func ask[F any](h handlers, k kind[F], w http.ResponseWriter, r *http.Request) error {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	d = focus(d, r.URL.Query().Get("step"))
	v := h.actView(r, d, k.act, k.path)
	status := http.StatusOK
	if v.Why != "" {
		status = http.StatusConflict
	}
	f := k.begin(r.Context(), h, d)
	if kept, err := h.restore(r, &v); err != nil {
		return err
	} else if kept != nil { // typed before and not sent
		f = k.read(kept, d)
	}
	return web.RenderStatus(w, r, status, k.page(v, f))
}

// perform does an act with what was typed, and shows the form again with it when that failed.
func perform[F any](h handlers, k kind[F], w http.ResponseWriter, r *http.Request, v url.Values) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	d = focus(d, v.Get("step"))
	if done, err := h.aside(w, r, k.act, d, v); done || err != nil {
		return err
	}
	if h.phrase(r, d, v) {
		av := h.actView(r, d, k.act, k.path)
		av.IntoNow = v.Get("_into")
		return web.Render(w, r, k.page(av, k.read(v, d)))
	}
	f := k.read(v, d)
	if k.check != nil {
		err = errs.Fields("deskweb.check", k.check(d, f))
	}
	shown, _ := strconv.ParseInt(v.Get("_v"), 10, 64)
	if err == nil {
		err = k.do(ctx, h.Cases, a, d, shown, f)
	}
	if err == nil {
		if err := h.Desk.Forget(ctx, a, id, unsentKey(k.act, v.Get("step"))); err != nil {
			return err
		}
		if k.then != "" {
			return web.SeeOther(w, r, k.then)
		}
		return web.SeeOther(w, r, trailOf(r).on(caseURL(id)+"?done="+string(k.act)))
	}
	if errs.KindOf(err) == errs.Conflict && keeps(k.act) { // somebody was faster: what was typed stays even if the window is closed now
		if _, kerr := h.keep(ctx, a, id, k.act, v.Get("step"), v); kerr != nil {
			return kerr
		}
	}
	return again(h, k, w, r, f, shown, v.Get("step"), err)
}

// again renders the form after a failure: findings beside their fields, or what somebody else did meanwhile. What was typed stays.
func again[F any](h handlers, k kind[F], w http.ResponseWriter, r *http.Request, f F, shown int64, step string, cause error) error {
	e := errs.As(cause)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Kind != errs.Forbidden {
		return cause
	}
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	d = focus(d, step)
	v := h.actView(r, d, k.act, k.path)
	if e.Kind == errs.Conflict && d.Version != shown { // also when the act is not possible any more because of what was done
		v.MovedBy, v.Moved = h.moved(r.Context(), d, shown)
		if v.movedSince, err = h.sinceShown(r, d); err != nil {
			return err
		}
	}
	switch {
	case errs.Is(cause, "cases.moved"):
	case e.Kind == errs.Invalid && len(e.Fields) > 0:
		v.Errors = e.Fields
	case e.Kind == errs.Invalid:
		v.Errors = []errs.Field{{Path: e.Key, Key: e.Key, Params: e.Params}}
	default:
		v.Problem = i18n.Err(r.Context(), cause)
	}
	return web.RenderStatus(w, r, web.StatusOf(cause), k.page(v, f))
}

// moved says what happened after the version a page showed, and who did it last.
func (h handlers) moved(ctx context.Context, d cases.Detail, shown int64) (by string, rows []ui.DiffRow) {
	by = tr(ctx, "deskweb.by_somebody")
	first := true
	for _, e := range d.History {
		if e.Version <= shown {
			continue
		}
		by = byFor(ctx, func(s string) string { return h.who(ctx, s) }, e.By, e.OnBehalf)
		if first && e.From != d.State {
			rows = append(rows, ui.DiffRow{Label: tr(ctx, "deskweb.col_state"), Old: tr(ctx, cases.Word(d.Nature, e.From.Key())), New: tr(ctx, d.StateKey())})
		}
		first = false
		rows = append(rows, ui.DiffRow{Label: minute(e.At), New: by + " · " + actName(ctx, e.Act)})
	}
	return by, rows
}

func (h handlers) actView(r *http.Request, d cases.Detail, act cases.Act, path string) actView {
	ctx, a := r.Context(), actor(r)
	v := actView{Detail: d, Act: act, Action: caseURL(d.ID) + "/" + path, Key: newKey(), By: func(s string) string { return h.who(ctx, s) }, Me: h.who(ctx, "staff:"+a.StaffID)}
	v.Why = h.why(ctx, a, d, act)
	v.keepView = h.keepView(r, d, act)
	v.Action = v.Trail.on(v.Action)
	switch act {
	case cases.ActConsult:
		v.Asked = h.askable(ctx, d)
	case cases.ActMigrate:
		h.planned(ctx, a, d, &v)
	case cases.ActInspect, cases.ActAssign, cases.ActDelegate:
		v.Colleagues = h.colleagues(ctx, a, d.Post)
	case cases.ActDecide, cases.ActOnTheSpot:
		v.Remedies = h.remedies(ctx, d)
	case cases.ActAccept:
		v.Follows = h.follows(ctx, d)
	case cases.ActRectify:
		v.Correctable = h.correctable(ctx, a, d)
	}
	return v
}

// why says why an act cannot be done now, empty when it can.
func (h handlers) why(ctx context.Context, a authz.Actor, d cases.Detail, act cases.Act) string {
	if slices.Contains(d.May, act) {
		return ""
	}
	if !slices.Contains(cases.ActsIn(d.State), act) {
		return tr(ctx, "cases.not_now", errs.P{"act": i18n.Key(d.ActKey(act)), "state": i18n.Key(d.StateKey()), "can": i18n.Key(cases.Word(d.Nature, "cases.can_"+string(d.State)))})
	}
	if st := currentStep(d); st.Kind == flow.Parallel || st.Kind == flow.Countersign {
		return tr(ctx, "deskweb.why_posts", errs.P{"step": stepOf(d.Case), "posts": h.waitingPosts(ctx, d)})
	}
	if err := flow.MayAct(d.Flow, d.Flowing, d.Step, []string{a.StaffID}); err != nil && !errs.Is(err, "flow.too_few_officers") {
		return i18n.Err(ctx, err)
	}
	if d.Post != "" && !slices.Contains(a.Posts, d.Post) {
		return tr(ctx, "deskweb.why_post", errs.P{"step": stepOf(d.Case), "post": h.postName(ctx, d.Post)})
	}
	return tr(ctx, "deskweb.why_not", errs.P{"step": stepOf(d.Case)})
}

// actPage says where an act is done from the case page; direct ones need no page.
type actPage struct {
	act    cases.Act
	path   string
	kind   ui.ButtonKind
	direct bool
}

var actPages = []actPage{
	{cases.ActReceive, "receive", ui.Primary, true},
	{cases.ActAnswerPrecheck, "pre-review", ui.Primary, false},
	{cases.ActOnTheSpot, "on-the-spot", ui.Primary, false},
	{cases.ActAccept, "accept", ui.Primary, false},
	{cases.ActTakeUp, "take-up", ui.Secondary, true},
	{cases.ActRelease, "release", ui.Secondary, true},
	{cases.ActAssign, "assign", ui.Secondary, false},
	{cases.ActInspect, "inspect", ui.Primary, false},
	{cases.ActOpinion, "opinion", ui.Primary, false},
	{cases.ActAnswer, "answer", ui.Primary, false},
	{cases.ActExpertise, "expertise", ui.Primary, false},
	{cases.ActExperts, "experts", ui.Secondary, false},
	{cases.ActDecide, "decide", ui.Primary, false},
	{cases.ActDeliver, "deliver", ui.Primary, false},
	{cases.ActCorrect, "correct", ui.Secondary, false},
	{cases.ActSpot, "correct-spot", ui.Secondary, false},
	{cases.ActFollow, "check-promise", ui.Primary, false},
	{cases.ActSupply, "supply", ui.Secondary, false},
	{cases.ActResume, "resume", ui.Primary, false},
	{cases.ActSuspend, "suspend", ui.Secondary, false},
	{cases.ActExtend, "extend", ui.Secondary, false},
	{cases.ActConsult, "ask", ui.Secondary, false},
	{cases.ActRecall, "recall", ui.Secondary, false},
	{cases.ActDelegate, "delegate", ui.Secondary, false},
	{cases.ActMigrate, "migrate", ui.Secondary, false},
	{cases.ActTransfer, "transfer", ui.Secondary, false},
	{cases.ActRefuse, "refuse", ui.Danger, false},
	{cases.ActTerminate, "terminate", ui.Danger, false},
	{cases.ActLapse, "lapse", ui.Danger, false},
	{cases.ActVoid, "void", ui.Danger, false},
	{cases.ActRectify, "rectify", ui.Secondary, false},
	{cases.ActAnnounce, "announce-revocation", ui.Secondary, false},
	{cases.ActRevoke, "revoke", ui.Danger, false},
}

// expected are the acts a step is there for: shown with the reason when the reader may not do them.
var expected = map[string][]cases.Act{
	flow.Receive: {cases.ActReceive}, flow.Accept: {cases.ActAccept, cases.ActCorrect, cases.ActRefuse}, flow.Review: {cases.ActOpinion},
	flow.Consult: {cases.ActAnswer}, flow.Expert: {cases.ActExperts, cases.ActExpertise},
	flow.Inspect: {cases.ActInspect}, flow.Countersign: {cases.ActOpinion}, flow.Decide: {cases.ActDecide}, flow.Deliver: {cases.ActDeliver},
}

// officerActs is the bar of acts. One primary button only: the first. Where several steps are open at once, each of the reader's has its own.
func (h handlers) officerActs(ctx context.Context, a authz.Actor, d cases.Detail) []ui.Act {
	parts := mineOf(d)
	if len(parts) < 2 {
		return h.actsOn(ctx, a, focus(d, ""), "", actPages)
	}
	var out []ui.Act
	rest := slices.DeleteFunc(slices.Clone(actPages), func(p actPage) bool { return slices.Contains(onStep, p.act) })
	for i, t := range parts {
		one := slices.DeleteFunc(slices.Clone(actPages), func(p actPage) bool { return !slices.Contains(onStep, p.act) || !fits(p.act, t) })
		for _, u := range h.actsOn(ctx, a, focus(d, t.Step), t.Step, one) {
			if i > 0 && u.Kind == ui.Primary {
				u.Kind = ui.Secondary
			}
			u.Label = tr(ctx, "deskweb.act_of_step", errs.P{"act": u.Label, "step": t.StepName})
			out = append(out, u)
		}
	}
	return append(out, h.actsOn(ctx, a, d, "", rest)...)
}

// actsOn gives the buttons of these acts; step goes with them where it has to be named.
func (h handlers) actsOn(ctx context.Context, a authz.Actor, d cases.Detail, step string, pages []actPage) []ui.Act {
	var out []ui.Act
	first := true
	for _, p := range pages {
		u := ui.Act{Label: tr(ctx, d.ActKey(p.act)), Kind: p.kind}
		switch {
		case slices.Contains(d.May, p.act):
			if u.Kind == ui.Primary && !first {
				u.Kind = ui.Secondary
			}
			first = first && p.kind != ui.Primary
			if p.direct {
				u.Action, u.Hidden = caseURL(d.ID)+"/"+p.path, []ui.KV{{Key: "_v", Value: itoa64(d.Version)}, {Key: "step", Value: step}}
			} else {
				u.Href = actURL(d.ID, p.path, step)
			}
		case slices.Contains(expected[d.StepKind], p.act) && d.State.Open() && (p.act != cases.ActAccept || !d.Item.Limits.OnTheSpot):
			u.Disabled = h.why(ctx, a, d, p.act)
		default:
			continue
		}
		out = append(out, u)
	}
	return out
}
