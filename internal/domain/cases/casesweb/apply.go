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

// minLevel is the identity level nobody applies below: name and number checked against the register.
const minLevel = 2

type applyView struct {
	Item      catalog.Item
	Who       Who
	Drafts    []cases.Case // of this item, not sent yet
	Verify    string       // where the identity is checked first; empty when it was
	ClientKey string
	Errors    []ui.ErrorItem
}

func (h handlers) applyPage(w http.ResponseWriter, r *http.Request) error {
	v, err := h.applyView(r)
	if err != nil {
		return err
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
	if a.Level < minLevel {
		v.Verify = "/sign-in/verify-name?next=" + url.QueryEscape("/apply/"+it.Key)
		return v, nil
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
	if a.Level < minLevel {
		return web.SeeOther(w, r, "/sign-in/verify-name?next="+url.QueryEscape("/apply/"+r.PathValue("item")))
	}
	d, err := h.Cases.CreateDraft(ctx, a, r.PathValue("item"), key)
	if err == nil {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	if e := errs.As(err); e == nil || e.Kind == errs.NotFound || e.Kind == errs.Internal {
		return err
	}
	v, verr := h.applyView(r)
	if verr != nil {
		return verr
	}
	v.Errors = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
	return web.RenderStatus(w, r, web.StatusOf(err), applyPage(v))
}
