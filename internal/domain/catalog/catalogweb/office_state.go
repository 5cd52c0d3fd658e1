package catalogweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// stateView is the form that suspends or cancels an item, or takes it into use again.
type stateView struct {
	Action string
	Now    string // the state in words
	Reason string
	Since  string
	Fields []ui.FormField
}

// stateView fills the form; typed are the values of a form that was refused, with the error.
func (p *Pages) stateView(ctx context.Context, key string, typed *stateTyped) (stateView, error) {
	st, err := p.catalog.State(ctx, key)
	if err != nil {
		return stateView{}, err
	}
	v := stateView{Action: "/office/items/" + url.PathEscape(key) + "/state", Now: t(ctx, "state_"+st.Code), Reason: st.Reason}
	if !st.Since.IsZero() {
		v.Since = st.Since.In(clock.Shanghai).Format("2006-01-02")
	}
	to := ui.FormField{Name: "state", Kind: "radio", Label: t(ctx, "state_to"), Required: true}
	for _, c := range []string{catalog.InUse, catalog.Suspended, catalog.Cancelled} {
		if c != st.Code {
			to.Options = append(to.Options, ui.Option{Value: c, Label: t(ctx, "state_do_"+c), Hint: t(ctx, "state_hint_"+c)})
		}
	}
	reason := ui.FormField{Name: "reason", Kind: "textarea", Label: t(ctx, "state_why"), Hint: t(ctx, "state_why_hint"), MaxLength: 500}
	instead := ui.FormField{Name: "instead", Kind: "text", Label: t(ctx, "state_use"), Hint: t(ctx, "state_use_hint"), MaxLength: 80}
	if typed != nil {
		to.Value, reason.Value, instead.Value = typed.state, typed.reason, typed.instead
		for _, f := range []*ui.FormField{&to, &reason, &instead} {
			if f.Name == typed.field {
				f.Error = typed.problem
			}
		}
	}
	v.Fields = []ui.FormField{to, reason, instead}
	return v, nil
}

type stateTyped struct{ state, reason, instead, field, problem string }

// fieldOf names the field an error is about.
func fieldOf(err error) string {
	switch {
	case errs.Is(err, "catalog.state_reason"), errs.Is(err, "catalog.state_reason_long"):
		return "reason"
	case errs.Is(err, "catalog.state_instead"):
		return "instead"
	}
	return "state"
}

func (p *Pages) setState(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	typed := stateTyped{state: form.Get("state"), reason: form.Get("reason"), instead: itemKeyOf(form.Get("instead"))}
	err = p.catalog.SetState(ctx, authz.From(ctx), key, catalog.State{Code: typed.state, Reason: strings.TrimSpace(typed.reason), Instead: typed.instead})
	if errs.KindOf(err) != errs.Invalid {
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, "/office/items/"+url.PathEscape(key)+"?state")
	}
	typed.field, typed.problem = fieldOf(err), i18n.Err(ctx, err)
	it, err := p.catalog.Item(ctx, key)
	if err != nil {
		return err
	}
	v := officeItemView{Item: &it, Page: ui.PageView{Title: it.Name, Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "guide")})}}
	v.Page.Errors = []ui.ErrorItem{{Field: typed.field, Text: typed.problem}}
	if v.State, err = p.stateView(ctx, key, &typed); err != nil {
		return err
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, statePage(v))
}

// itemKeyOf takes a key, or the address of an item's page copied from the browser.
func itemKeyOf(typed string) string {
	s := strings.TrimSpace(typed)
	if _, after, ok := strings.Cut(s, "/items/"); ok {
		s, _, _ = strings.Cut(after, "?")
	}
	return strings.TrimSuffix(s, "/")
}
