package casesweb

import (
	"context"
	"io"
	"net/http"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Promising is what an applicant may promise: materials that follow the acceptance, or conditions instead of their proof.
type Promising interface {
	Choose(ctx context.Context, a authz.Actor, id string, in cases.Choices) error
	Supply(ctx context.Context, a authz.Actor, id string, version int64, materials []string) (cases.Case, error)
	FollowUp(ctx context.Context, a authz.Actor, id string, version int64, in cases.FollowUp) (cases.Case, error)
}

// choose stores what the applicant chose on the check page.
func (h handlers) choose(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	in := cases.Choices{Later: f["later"], Promise: f.Get("promise") == "yes"}
	if err := h.Cases.Choose(r.Context(), authz.From(r.Context()), d.ID, in); err != nil {
		return h.notSent(w, r, d, err)
	}
	return web.SeeOther(w, r, draftHref(d.ID, pageCheck)+"#choices")
}

// laterField offers the materials that may follow.
func laterField(ctx context.Context, o *cases.Offer) ui.FormField {
	hint := "later_hint"
	if o.After {
		hint = "later_hint_after"
	}
	f := ui.FormField{Name: "later", Kind: "checkbox", Label: t(ctx, "later_label"), Hint: t(ctx, hint, errs.P{"limit": period(ctx, o.Within)}), Values: o.Chosen.Later}
	for _, m := range o.Later {
		f.Options = append(f.Options, ui.Option{Value: m.Key, Label: m.Name, Selected: slices.Contains(o.Chosen.Later, m.Key)})
	}
	return f
}

// promiseField asks whether the applicant promises or proves; neither is chosen for them.
func promiseField(ctx context.Context, o *cases.Offer) ui.FormField {
	value := "no"
	if o.Chosen.Promise {
		value = "yes"
	}
	hint := "promise_hint"
	if o.AtOnce {
		hint = "promise_hint_at_once"
	}
	return ui.FormField{Name: "promise", Kind: "radio", Label: t(ctx, "promise_label"), Hint: t(ctx, hint), Value: value, Options: []ui.Option{
		{Value: "no", Label: t(ctx, "promise_no"), Selected: value == "no"}, {Value: "yes", Label: t(ctx, "promise_yes"), Selected: value == "yes"},
	}}
}

func period(ctx context.Context, p clock.Period) string {
	return t(ctx, "period_"+string(p.Unit), errs.P{"n": p.N})
}

// owedView is the page on which promised materials are handed in.
type owedView struct {
	Detail cases.Detail
	Slots  []slotView
	Errors []ui.ErrorItem
	Ready  bool // something lies ready
}

// owedRows lists what was promised, for the progress page.
func owedRows(ctx context.Context, d cases.Detail) []ui.KVRow {
	var out []ui.KVRow
	for _, o := range d.Owed {
		v := t(ctx, "owed_before")
		switch {
		case !o.Supplied.IsZero():
			v = t(ctx, "owed_supplied", errs.P{"time": when(o.Supplied)})
		case o.Overdue:
			v = t(ctx, "owed_overdue", errs.P{"date": day(ctx, o.Due)})
		case !o.Due.IsZero():
			v = t(ctx, "owed_until", errs.P{"date": day(ctx, o.Due)})
		}
		out = append(out, ui.KVRow{Key: o.Name, Value: v})
	}
	return out
}

// supplies reports whether the reader may hand promised materials in now.
func supplies(d cases.Detail) bool { return slices.Contains(d.May, cases.ActSupply) }

func supplyHref(id string) string { return caseHref(id) + "/supply" }

func (h handlers) supplyPage(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	if !supplies(d) {
		return web.SeeOther(w, r, caseHref(d.ID))
	}
	return h.drawSupply(w, r, d, nil)
}

func (h handlers) drawSupply(w http.ResponseWriter, r *http.Request, d cases.Detail, bad *slotError) error {
	ctx := r.Context()
	v := owedView{Detail: d}
	for _, s := range d.Slots {
		if !slices.ContainsFunc(d.Owed, func(o cases.Owed) bool { return o.Material == s.Material.Key && o.Supplied.IsZero() }) {
			continue
		}
		sv, err := h.slotView(ctx, d, s)
		if err != nil {
			return err
		}
		if sv.Upload != nil {
			sv.Upload.Action = supplyHref(d.ID) + "/files"
		}
		v.Ready = v.Ready || len(sv.Linked) > 0 || sv.Upload != nil && len(sv.Upload.Files) > 0
		if bad != nil && bad.key == s.Material.Key {
			sv.fail(i18n.Err(ctx, bad.err))
		}
		v.Slots = append(v.Slots, sv)
	}
	status := http.StatusOK
	if bad != nil {
		status = web.StatusOf(bad.err)
		v.Errors = []ui.ErrorItem{{Field: slotName(bad.key), Text: i18n.Err(ctx, bad.err)}}
	}
	return web.RenderStatus(w, r, status, supplyPage(v))
}

// supplyFiles takes files for promised materials, or removes one; they count only when they are handed in.
func (h handlers) supplyFiles(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	up, err := h.readUpload(r, d.ID)
	if id, ok := removal(up.act); ok && err == nil {
		up.material = id.material
		err = h.Cases.RemoveMaterial(r.Context(), authz.From(r.Context()), d.ID, id.file)
	} else if err == nil && up.files == 0 {
		err = errs.New(errs.Invalid, "casesweb.no_file")
	}
	if err != nil {
		_, _ = io.Copy(io.Discard, r.Body) // the browser reads our answer only after it has sent everything
		return h.supplyFailed(w, r, up.material, err)
	}
	return web.SeeOther(w, r, supplyHref(d.ID)+"#"+slotAnchor(up.material))
}

// supplyLicence lets a licence stand in for a promised material, or takes it away.
func (h handlers) supplyLicence(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a, key := r.Context(), authz.From(r.Context()), f.Get("material")
	if id := f.Get("remove"); id != "" {
		err = h.Cases.RemoveMaterial(ctx, a, d.ID, id)
	} else if ref := f.Get(slotName(key)); ref == "" {
		err = errs.New(errs.Invalid, "casesweb.licence_none_chosen")
	} else {
		_, err = h.Cases.UseLicence(ctx, a, d.ID, key, ref)
	}
	if err != nil {
		return h.supplyFailed(w, r, key, err)
	}
	return web.SeeOther(w, r, supplyHref(d.ID)+"#"+slotAnchor(key))
}

// supply hands in what lies ready.
func (h handlers) supply(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	if _, err := h.Cases.Supply(r.Context(), authz.From(r.Context()), d.ID, posted(f, d), nil); err != nil {
		return h.supplyFailed(w, r, "", err)
	}
	return web.SeeOther(w, r, caseHref(d.ID)+"?done=supplied")
}

// supplyFailed shows the page again with what went wrong; errors that are no fault of the file go up.
func (h handlers) supplyFailed(w http.ResponseWriter, r *http.Request, key string, err error) error {
	if st := web.StatusOf(err); st == http.StatusInternalServerError || st == http.StatusNotFound || st == http.StatusForbidden {
		return err
	}
	now, lerr := h.own(r)
	if lerr != nil || !supplies(now) {
		return err
	}
	if e := errs.As(err); e != nil && len(e.Fields) > 0 {
		err = errs.New(e.Kind, e.Fields[0].Key, e.Fields[0].Params)
	}
	return h.drawSupply(w, r, now, &slotError{key: key, err: shown(err)})
}
