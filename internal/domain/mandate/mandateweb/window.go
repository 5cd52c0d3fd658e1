package mandateweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/mandate"
	"tongban/internal/engine/clock"
)

type windowView struct {
	In     mandate.Counter
	Which  string
	Length string
	Items  []mandate.Item
	Recent []mandate.View
	Done   string

	Found        []mandate.View // of the person who stands at the window
	Looked       bool
	Name, Number string
	problems
}

func (h *Handler) windowView(r *http.Request) (windowView, error) {
	v := windowView{Which: "all", Length: "year", Done: done(r), In: mandate.Counter{Kind: mandate.Care, Ground: mandate.ByPresence}}
	for _, forKind := range []string{mandate.ForPerson, mandate.ForFirm} { // which of the two it is, the form says only when it is sent
		items, err := h.s.Items(r.Context(), forKind)
		if err != nil {
			return v, err
		}
		for _, it := range items {
			if !slices.Contains(v.Items, it) {
				v.Items = append(v.Items, it)
			}
		}
	}
	var err error
	v.Recent, err = h.s.Recorded(r.Context(), actor(r))
	return v, err
}

func (h *Handler) window(w http.ResponseWriter, r *http.Request) error {
	v, err := h.windowView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, windowPage(v))
}

func (h *Handler) record(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	in := mandate.Counter{
		Kind: mandate.Kind(f.Get("kind")), Giver: mandate.Named{Name: f.Get("giver_name"), Number: f.Get("giver_number")},
		Holder: mandate.Named{Name: f.Get("holder_name"), Number: f.Get("holder_number")}, Scope: scopeOf(f), Ground: f.Get("ground"), Basis: f.Get("basis"),
		HolderPresent: f.Get("holder_present") == "true",
	}
	f.Set("from.y", h.cfg.Now().In(clock.Shanghai).Format("2006"))
	f.Set("from.m", h.cfg.Now().In(clock.Shanghai).Format("01"))
	f.Set("from.d", h.cfg.Now().In(clock.Shanghai).Format("02"))
	in.Until = termOf(f).Until
	if _, err := h.s.RecordAtCounter(r.Context(), actor(r), in); err != nil {
		v, e := h.windowView(r)
		if e != nil {
			return e
		}
		v.In, v.Which, v.Length = in, f.Get("which"), f.Get("length")
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return windowPage(v) })
	}
	return web.SeeOther(w, r, "/window/mandates?done=recorded")
}

// find lists the mandates of the person who stands at the window; it is a POST, so that no number stands in an address.
func (h *Handler) find(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	return h.found(w, r, windowView{Name: f.Get("name"), Number: f.Get("number"), Looked: true}, nil)
}

func (h *Handler) found(w http.ResponseWriter, r *http.Request, v windowView, why error) error {
	found, err := h.s.StandingAtCounter(r.Context(), actor(r), v.Name, v.Number)
	v.Found = found
	if err == nil {
		err = why
	}
	if err != nil {
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return foundPage(v) })
	}
	return web.Render(w, r, foundPage(v))
}

func (h *Handler) endAtCounter(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := windowView{Name: f.Get("name"), Number: f.Get("number"), Looked: true}
	if err := h.s.EndAtCounter(r.Context(), actor(r), r.PathValue("id"), v.Number, f.Get("basis")); err != nil {
		return h.found(w, r, v, err)
	}
	return web.SeeOther(w, r, "/window/mandates?done=at_counter")
}

func (v windowView) fields(ctx context.Context) []ui.FormField {
	kind := ui.FormField{Name: "kind", Kind: "radio", Label: t(ctx, "mandate.window_kind"), Required: true, Value: string(v.In.Kind), Error: v.of("kind")}
	for _, k := range []mandate.Kind{mandate.Care, mandate.Family, mandate.Guardian, mandate.Agent} {
		kind.Options = append(kind.Options, ui.Option{Value: string(k), Label: t(ctx, "mandate.kind_"+string(k)), Hint: t(ctx, "mandate.window_hint_"+string(k))})
	}
	return []ui.FormField{
		kind,
		{Name: "giver_name", Label: t(ctx, "mandate.window_giver"), Hint: t(ctx, "mandate.window_giver_hint"), Value: v.In.Giver.Name, Error: v.of("giver_name")},
		{Name: "giver_number", Kind: "id_number", Label: t(ctx, "mandate.window_giver_number"), Hint: t(ctx, "mandate.window_giver_number_hint"), Value: v.In.Giver.Number, Required: true, Error: v.of("giver_number")},
		{Name: "holder_name", Label: t(ctx, "mandate.window_holder"), Value: v.In.Holder.Name, Required: true, Error: v.of("holder_name")},
		{Name: "holder_number", Kind: "id_number", Label: t(ctx, "mandate.window_holder_number"), Value: v.In.Holder.Number, Required: true, Error: v.of("holder_number")},
	}
}

func (v windowView) rest(ctx context.Context) []ui.FormField {
	length := ui.FormField{Name: "length", Kind: "radio", Label: t(ctx, "mandate.length_ask"), Hint: t(ctx, "mandate.window_guardian_term"), Required: true, Value: v.Length, Error: v.of("until")}
	for _, l := range lengths {
		length.Options = append(length.Options, ui.Option{Value: l.name, Label: t(ctx, "mandate.length_"+l.name)})
	}
	ground := ui.FormField{Name: "ground", Kind: "radio", Label: t(ctx, "mandate.window_ground"), Required: true, Value: v.In.Ground, Error: v.of("ground")}
	for _, g := range []string{mandate.ByPresence, mandate.ByNotary} {
		ground.Options = append(ground.Options, ui.Option{Value: g, Label: t(ctx, "mandate.ground_"+g)})
	}
	present := ui.FormField{Name: "holder_present", Kind: "declaration", Label: t(ctx, "mandate.window_present"), Hint: t(ctx, "mandate.window_present_hint")}
	if v.In.HolderPresent {
		present.Value = "true"
	}
	return []ui.FormField{
		length, ground,
		{Name: "basis", Kind: "textarea", Label: t(ctx, "mandate.window_basis"), Hint: t(ctx, "mandate.window_basis_hint"), Value: v.In.Basis, Required: true, MaxLength: 500, Error: v.of("basis")},
		present,
	}
}

func deskTable(ctx context.Context, vs []mandate.View) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "mandate.window_recent"), CaptionHide: true, Empty: t(ctx, "mandate.window_none")}
	for _, k := range []string{"fact_giver", "fact_holder", "fact_kind", "fact_term", "fact_state"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "mandate."+k)})
	}
	for _, v := range vs {
		tone, state := stateTag(ctx, v)
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: v.Giver}, {Text: v.Held}, {Text: t(ctx, "mandate.kind_"+string(v.Kind))}, {Text: termWords(ctx, v)}, {Text: state, Tone: tone}})
	}
	return tv
}
