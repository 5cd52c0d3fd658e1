package mandateweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/mandate"
	"tongban/internal/engine/clock"
)

type (
	p              = errs.P
	templComponent = templ.Component
)

// stepView is one page of giving a mandate.
type stepView struct {
	mandate.Draft
	Which  string // all or some items, as chosen
	Length string // of the term, as chosen
	Items  []mandate.Item
	Today  time.Time
	Words  mandate.ScopeWords
	Text   string // the declaration
	problems
}

func (v stepView) path(step string) string { return "/my/mandates/new/" + v.ID + "/" + step }

func (h *Handler) kinds(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, kindsPage(mayAppoint(actor(r)), problems{}))
}

func (h *Handler) begin(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	kind := mandate.Kind(f.Get("kind"))
	switch kind {
	case mandate.Guardian:
		return web.SeeOther(w, r, "/my/mandates/guardian")
	case mandate.Agent, mandate.Family, mandate.Care:
	default:
		missing := &errs.E{Kind: errs.Invalid, Key: "base.invalid", Fields: []errs.Field{{Path: "kind", Key: "mandate.kind_missing"}}}
		return again(w, r, missing, func(p problems) templ.Component { return kindsPage(mayAppoint(actor(r)), p) })
	}
	d, err := h.s.NewDraft(r.Context(), actor(r), kind)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/mandates/new/"+d.ID+"/who")
}

func (h *Handler) draft(r *http.Request) (stepView, error) {
	d, err := h.s.Draft(r.Context(), actor(r), r.PathValue("id"))
	return stepView{Draft: d, Today: h.cfg.Now()}, err
}

func (h *Handler) whoPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.draft(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, whoPage(v))
}

func (h *Handler) who(w http.ResponseWriter, r *http.Request) error {
	v, f, err := h.typed(r)
	if err != nil {
		return err
	}
	n := mandate.Named{Name: f.Get("name"), Number: f.Get("number"), Phone: f.Get("phone")}
	if v.Draft, err = h.s.SetWho(r.Context(), actor(r), v.ID, n); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return whoPage(v) })
	}
	return h.next(w, r, v)
}

// typed gives the draft of a form that was sent; a form of somebody else's draft is not read.
func (h *Handler) typed(r *http.Request) (stepView, url.Values, error) {
	v, err := h.draft(r)
	if err != nil {
		return v, nil, err
	}
	f, err := web.Form(r)
	return v, f, err
}

// next leads to the first step that is not filled in.
func (h *Handler) next(w http.ResponseWriter, r *http.Request, v stepView) error {
	switch {
	case !v.Who():
		return web.SeeOther(w, r, v.path("who"))
	case !v.What():
		return web.SeeOther(w, r, v.path("what"))
	case !v.Till():
		return web.SeeOther(w, r, v.path("term"))
	}
	return web.SeeOther(w, r, v.path("check"))
}

func (h *Handler) whatPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.draft(r)
	if err == nil {
		v.Items, err = h.s.Items(r.Context(), v.ForKind)
	}
	if err != nil {
		return err
	}
	if v.Which = "all"; v.What() && !(&authz.Scope{Items: v.Scope.Items, Acts: []string{"*"}}).Covers("*", "*") {
		v.Which = "some"
	}
	return web.Render(w, r, whatPage(v))
}

func (h *Handler) what(w http.ResponseWriter, r *http.Request) error {
	v, f, err := h.typed(r)
	if err != nil {
		return err
	}
	v.Which = f.Get("which")
	if v.Draft, err = h.s.SetWhat(r.Context(), actor(r), v.ID, scopeOf(f)); err != nil {
		var e error
		if v.Items, e = h.s.Items(r.Context(), v.ForKind); e != nil {
			return e
		}
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return whatPage(v) })
	}
	return h.next(w, r, v)
}

// scopeOf reads a scope: all items, or those ticked.
func scopeOf(f url.Values) authz.Scope {
	sc := authz.Scope{Acts: f["acts"], Items: f["items"]}
	if f.Get("which") == "all" {
		sc.Items = []string{"*"}
	}
	return sc
}

func (h *Handler) termPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.draft(r)
	if err != nil {
		return err
	}
	if v.Length = "year"; v.Till() {
		v.Length = "own"
	}
	return web.Render(w, r, termPage(v))
}

// lengths are the terms offered in a word, in months.
var lengths = []struct {
	name   string
	months int
}{{"quarter", 3}, {"year", 12}, {"three", 36}}

// untilOf is the last day of a term of so many months.
func untilOf(from string, months int) string {
	d, err := time.ParseInLocation(time.DateOnly, from, clock.Shanghai)
	if err != nil {
		return ""
	}
	last := time.Date(d.Year(), d.Month()+time.Month(months)+1, 0, 0, 0, 0, 0, clock.Shanghai).Day()
	if d.Day() > last { // 30 November and three months: the last day of February (民法典 202)
		return time.Date(d.Year(), d.Month()+time.Month(months), last, 0, 0, 0, 0, clock.Shanghai).Format(time.DateOnly)
	}
	return d.AddDate(0, months, -1).Format(time.DateOnly)
}

func termOf(f url.Values) mandate.Term {
	term := mandate.Term{From: date(f, "from"), Until: date(f, "until")}
	for _, l := range lengths {
		if f.Get("length") == l.name {
			term.Until = untilOf(term.From, l.months)
		}
	}
	return term
}

func (h *Handler) term(w http.ResponseWriter, r *http.Request) error {
	v, f, err := h.typed(r)
	if err != nil {
		return err
	}
	v.Length = f.Get("length")
	if v.Draft, err = h.s.SetTerm(r.Context(), actor(r), v.ID, termOf(f)); err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return termPage(v) })
	}
	return h.next(w, r, v)
}

func (h *Handler) checkView(r *http.Request) (stepView, error) {
	v, err := h.draft(r)
	if err == nil && v.Who() && v.What() && v.Till() {
		if v.Words, err = h.s.ScopeWords(r.Context(), v.ForKind, v.Scope); err == nil {
			v.Text, err = h.s.Declaration(r.Context(), v.Draft)
		}
	}
	return v, err
}

func (h *Handler) checkPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.checkView(r)
	if err != nil {
		return err
	}
	if v.Text == "" {
		return h.next(w, r, v)
	}
	return web.Render(w, r, checkPage(v))
}

func (h *Handler) give(w http.ResponseWriter, r *http.Request) error {
	v, err := h.checkView(r)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	g, err := h.s.Give(r.Context(), actor(r), v.ID, f.Get("agree") == "true")
	switch {
	case err != nil:
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return checkPage(v) })
	case g.SignURL != "":
		return web.SeeOther(w, r, g.SignURL)
	}
	return web.SeeOther(w, r, "/my/mandates/"+g.MandateID+"?done=asked")
}

func (v stepView) steps(ctx context.Context, now string) []ui.Step {
	var out []ui.Step
	for _, s := range []struct {
		name string
		done bool
	}{{"who", v.Who()}, {"what", v.What()}, {"term", v.Till()}, {"check", false}} {
		st := ui.Step{Label: t(ctx, "mandate.step_"+s.name), State: ui.Next}
		if s.done {
			st.State, st.Href = ui.Done, v.path(s.name)
		}
		if s.name == now {
			st.State = ui.Now
		}
		out = append(out, st)
	}
	return out
}

func (v stepView) page(ctx context.Context, step string) ui.PageView {
	whom := "_person"
	if v.Kind == mandate.Agent {
		whom = "_agent"
	}
	return ui.PageView{
		Title: t(ctx, "mandate.ask_"+step+whom), Narrow: true, Errors: v.List, Robots: "noindex", Eyebrow: t(ctx, "mandate.kind_"+string(v.Kind)), Crumbs: crumbs(ctx, t(ctx, "mandate.new_title")),
	}
}

func actOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, a := range authz.ScopeActs {
		out = append(out, ui.Option{Value: a, Label: t(ctx, "mandate.act_"+a), Hint: t(ctx, "mandate.act_hint_"+a)})
	}
	return out
}

func itemOptions(items []mandate.Item) []ui.Option {
	var out []ui.Option
	for _, it := range items {
		out = append(out, ui.Option{Value: it.Key, Label: it.Name})
	}
	return out
}

// whatFields ask for acts and items; with scripts the items show only when some are wanted.
func whatFields(ctx context.Context, items []mandate.Item, sc authz.Scope, which string, pr problems) []ui.FormField {
	fs := []ui.FormField{{Name: "acts", Kind: "checkbox", Label: t(ctx, "mandate.acts_ask"), Required: true, Options: actOptions(ctx), Values: sc.Acts, Error: pr.of("acts")}}
	all := ui.FormField{Name: "which", Kind: "radio", Label: t(ctx, "mandate.which_ask"), Required: true, Value: which, Options: []ui.Option{
		{Value: "all", Label: t(ctx, "mandate.which_all"), Hint: t(ctx, "mandate.which_all_hint")},
	}}
	if len(items) == 0 {
		all.Value = "all"
		return append(fs, all)
	}
	all.Options = append(all.Options, ui.Option{Value: "some", Label: t(ctx, "mandate.which_some")})
	return append(fs, all, ui.FormField{
		Name: "items", Kind: "checkbox", Label: t(ctx, "mandate.items_ask"), Hint: t(ctx, "mandate.items_hint"), Options: itemOptions(items), Values: sc.Items, Error: pr.of("items"),
		WhenJSON: `{"field":"which","op":"in","value":["some"]}`,
	})
}

func (v stepView) termFields(ctx context.Context) []ui.FormField {
	length := ui.FormField{Name: "length", Kind: "radio", Label: t(ctx, "mandate.length_ask"), Required: true, Value: v.Length}
	for _, l := range lengths {
		length.Options = append(length.Options, ui.Option{Value: l.name, Label: t(ctx, "mandate.length_"+l.name)})
	}
	length.Options = append(length.Options, ui.Option{Value: "own", Label: t(ctx, "mandate.length_own")})
	return []ui.FormField{
		{Name: "from", Kind: "date", Label: t(ctx, "mandate.from"), Value: v.Term.From, Required: true, Error: v.of("from")},
		length,
		{
			Name: "until", Kind: "date", Label: t(ctx, "mandate.until"), Hint: t(ctx, "mandate.until_hint"), Value: v.Term.Until, Error: v.of("until"),
			WhenJSON: `{"field":"length","op":"in","value":["own"]}`,
		},
	}
}

func (v stepView) check(ctx context.Context) []ui.CheckSection {
	row := func(label, value, step string) ui.CheckRow {
		return ui.CheckRow{Label: t(ctx, label), Value: value, ChangeHref: v.path(step), Error: v.of(step)}
	}
	named := v.Named.Name
	return []ui.CheckSection{{Title: t(ctx, "mandate.check_facts"), Rows: []ui.CheckRow{
		row("mandate.fact_holder", named, "who"), row("mandate.fact_number", maskedOf(v.Named), "who"), row("mandate.fact_acts", v.Words.Acts, "what"),
		row("mandate.fact_items", v.Words.Items, "what"), row("mandate.fact_term", t(ctx, "mandate.term_words", p{"from": v.Term.From, "until": v.Term.Until}), "term"),
	}}}
}
