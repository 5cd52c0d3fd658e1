package deskweb

import (
	"context"
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// choose stores what the applicant at the counter chose: materials that follow, or a promise instead of proof. They sign it on paper.
func (h handlers) choose(w http.ResponseWriter, r *http.Request) error {
	d, in, err := h.draftForm(r)
	if err != nil {
		return err
	}
	if err := h.Cases.Choose(r.Context(), actor(r), d.ID, cases.Choices{Later: in["later"], Promise: in.Get("promise") == "yes"}); err != nil {
		return h.notSent(w, r, err)
	}
	return web.SeeOther(w, r, draftURL(d.ID, "check")+"#choices")
}

func laterField(ctx context.Context, o *cases.Offer) ui.FormField {
	f := ui.FormField{Name: "later", Kind: "checkbox", Label: tr(ctx, "deskweb.later_label"), Hint: tr(ctx, "deskweb.later_hint", errs.P{"limit": tr(ctx, "casesweb.period_"+string(o.Within.Unit), errs.P{"n": o.Within.N})}), Values: o.Chosen.Later}
	for _, m := range o.Later {
		f.Options = append(f.Options, ui.Option{Value: m.Key, Label: m.Name})
	}
	return f
}

func promiseField(ctx context.Context, o *cases.Offer) ui.FormField {
	f := ui.FormField{Name: "promise", Kind: "radio", Label: tr(ctx, "casesweb.promise_label"), Value: "no", Options: []ui.Option{
		{Value: "no", Label: tr(ctx, "casesweb.promise_no")}, {Value: "yes", Label: tr(ctx, "casesweb.promise_yes")},
	}}
	if o.Chosen.Promise {
		f.Value = "yes"
	}
	return f
}
