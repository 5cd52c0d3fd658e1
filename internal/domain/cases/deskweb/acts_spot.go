package deskweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/formweb"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// spotView is the page of a correction on the spot. First the fields are chosen, then their new answers typed: the officer sees the old ones masked, and
// need not see them whole to put one right.
type spotView struct {
	actView
	Fields    []ui.Option // that can be put right, with what is there now
	Chosen    []string
	Sections  []ui.FormSection
	How, Note string
	Confirmed bool
}

func spotRoutes(h handlers) []web.Route {
	return []web.Route{
		web.To("GET /desk/cases/{id}/correct-spot", authz.CaseDesk, h.spotPage),
		web.To("POST /desk/cases/{id}/correct-spot", authz.CaseDesk, h.spot, body(formBody)),
	}
}

func (h handlers) spotPage(w http.ResponseWriter, r *http.Request) error {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := h.spotView(r, d, r.URL.Query()["field"], nil)
	status := http.StatusOK
	if v.Why != "" {
		status = http.StatusConflict
	}
	return web.RenderStatus(w, r, status, spotPage(v))
}

// spot does the correction, and shows the form again with what was typed when it was refused.
func (h handlers) spot(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	def := only(d, in["field"])
	typed := def.FromForm(in, form.Answers{})
	answers := form.Answers{}
	for _, key := range in["field"] {
		answers[key] = typed[key] // also nothing: then it was left empty
	}
	x := cases.Spot{Answers: answers, How: in.Get("how"), Confirmed: in.Get("confirmed") != "", Note: text(in, "note")}
	shown, _ := strconv.ParseInt(in.Get("_v"), 10, 64) // without one the act is refused
	_, err = h.Cases.CorrectOnTheSpot(ctx, a, id, shown, x)
	if err == nil {
		return web.SeeOther(w, r, caseURL(id)+"?done="+string(cases.ActSpot))
	}
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Kind != errs.Forbidden {
		return err
	}
	if d, err = h.Cases.Case(ctx, a, id); err != nil {
		return err
	}
	v := h.spotView(r, d, in["field"], typed)
	v.How, v.Note, v.Confirmed = x.How, x.Note, x.Confirmed
	h.spotRefused(ctx, &v, e, shown)
	return web.RenderStatus(w, r, web.StatusOf(e), spotPage(v))
}

// spotRefused puts what was wrong beside the fields, or says what somebody did meanwhile.
func (h handlers) spotRefused(ctx context.Context, v *spotView, e *errs.E, shown int64) {
	if e.Kind == errs.Conflict && v.Version != shown {
		v.MovedBy, v.Moved = h.moved(ctx, v.Detail, shown)
	}
	if len(e.Fields) == 0 {
		v.Problem = i18n.Err(ctx, e)
		return
	}
	for _, f := range e.Fields {
		f.Path = strings.TrimPrefix(f.Path, "form.")
		v.Errors = append(v.Errors, f)
	}
	if e.Key == "cases.spot_not_ready" {
		v.Problem = i18n.Err(ctx, e)
	}
	v.Sections = h.spotSections(ctx, v.Detail, v.Chosen, nil, v.Errors, v.Sections)
}

func (h handlers) spotView(r *http.Request, d cases.Detail, chosen []string, typed form.Answers) spotView {
	ctx := r.Context()
	v := spotView{actView: h.actView(r, d, cases.ActSpot, "correct-spot")}
	now := map[string]string{}
	for _, s := range d.Review {
		for _, row := range s.Rows {
			now[row.Key] = row.Value
		}
	}
	for _, s := range d.SpotFields().Sections {
		for _, f := range s.Fields {
			value, shown := now[f.Key]
			if !shown || f.Kind == form.Table { // a table is longer than the spot; the notice serves
				continue
			}
			v.Fields = append(v.Fields, ui.Option{Value: f.Key, Label: f.Label, Hint: orWord(value, tr(ctx, "deskweb.not_given")), Selected: slices.Contains(chosen, f.Key)})
			if slices.Contains(chosen, f.Key) {
				v.Chosen = append(v.Chosen, f.Key)
			}
		}
	}
	v.Sections = h.spotSections(ctx, d, v.Chosen, typed, nil, nil)
	return v
}

// spotSections draws the chosen fields, empty or as typed; with old ones only their errors are new.
func (h handlers) spotSections(ctx context.Context, d cases.Detail, chosen []string, typed form.Answers, fs []errs.Field, old []ui.FormSection) []ui.FormSection {
	if old != nil {
		for i := range old {
			for j, f := range old[i].Fields {
				if e := errorAt(ctx, fs, f.Name); e != "" {
					old[i].Fields[j].Error = e
				}
			}
		}
		return old
	}
	def := only(d, chosen)
	return formweb.Sections(ctx, def.ToView(typed, fs), h.regionOptions(ctx))
}

func (h handlers) regionOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, x := range h.Offices.Regions(ctx) {
		out = append(out, ui.Option{Value: x.Code, Label: x.Name})
	}
	return out
}

// only is the form of some fields: shown whatever the others say, and none of them missing before it is typed.
func only(d cases.Detail, keys []string) form.Definition {
	def := d.SpotFields()
	var secs []form.Section
	for _, s := range def.Sections {
		s.When, s.Hint = cond.Expr{}, ""
		s.Fields = slices.DeleteFunc(s.Fields, func(f form.Field) bool { return !slices.Contains(keys, f.Key) || f.Kind == form.Table })
		for i := range s.Fields {
			s.Fields[i].When = cond.Expr{}
		}
		if len(s.Fields) > 0 {
			secs = append(secs, s)
		}
	}
	def.Sections = secs
	return def
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func wayOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, x := range cases.SpotWays {
		out = append(out, ui.Option{Value: x, Label: tr(ctx, "cases.spot_way_"+x), Hint: tr(ctx, "deskweb.spot_way_"+x+"_hint")})
	}
	return out
}

// spotChoose leads from the choice of fields to their form.
func spotChoose(id string) string { return caseURL(id) + "/" + "correct-spot" }
