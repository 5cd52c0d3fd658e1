package casesweb

import (
	"net/http"
	"net/url"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// levelNeeded is the error that the site answers with a step-up; no page may swallow it.
const levelNeeded = "base.level_needed"

type applyView struct {
	Item      catalog.Item
	Who       Who
	Drafts    []cases.Case // of this item, not sent yet
	ClientKey string
	Errors    []ui.ErrorItem
}

func (h handlers) applyPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.applyView(r)
	if err != nil {
		return err
	}
	if v.Item.Halted() && len(v.Drafts) == 0 { // its guide says why, and what to use instead
		return web.SeeOther(w, r, "/items/"+url.PathEscape(v.Item.Key))
	}
	return web.Render(w, r, applyPage(v))
}

func (h handlers) applyView(r *http.Request) (applyView, error) {
	ctx, a := r.Context(), authz.From(r.Context())
	it, err := h.Item(ctx, r.PathValue("item"))
	if err != nil {
		return applyView{}, err
	}
	v := applyView{Item: it, ClientKey: ident.Secret(16)}
	if v.Who, err = h.Who(ctx, a); err != nil {
		return v, err
	}
	if need := it.LevelFor(authz.ActApply); it.Applicable() && a.Level < need { // through the proof and back to this page
		return v, web.LevelNeeded(need)
	}
	all, err := h.Cases.Drafts(ctx, a)
	for _, c := range all {
		if c.ItemKey == it.Key {
			v.Drafts = append(v.Drafts, c)
		}
	}
	return v, err
}

// apply makes the draft. The hidden client key makes a button pressed twice one draft.
func (h handlers) apply(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), authz.From(r.Context())
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	key := f.Get("client_key")
	if key == "" {
		key = ident.Secret(16)
	}
	d, err := h.Cases.CreateDraft(ctx, a, r.PathValue("item"), key)
	if err == nil {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	if e := errs.As(err); e == nil || e.Kind == errs.NotFound || e.Kind == errs.Internal || e.Key == levelNeeded {
		return err
	}
	v, verr := h.applyView(r)
	if verr != nil {
		return verr
	}
	v.Errors = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
	return web.RenderStatus(w, r, web.StatusOf(err), applyPage(v))
}
