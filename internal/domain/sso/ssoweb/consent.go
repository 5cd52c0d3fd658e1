package ssoweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// sorted lists parameters in the order of their names.
func sorted(v url.Values) []ui.KV {
	var out []ui.KV
	for k := range v {
		out = append(out, ui.KV{Key: k, Value: v.Get(k)})
	}
	slices.SortFunc(out, func(a, b ui.KV) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return out
}

type leaveView struct{ To, Host string }

type postView struct {
	To, Host string
	Params   []ui.KV
}

// release is one line of what a system is let know.
type release struct{ What, Why string }

type consentView struct {
	ID, Name, Agency, Host string
	Who, For               string
	Items                  []release
	Switch                 string // to choose another account
	List                   []ui.ErrorItem
}

func (h handlers) consent(w http.ResponseWriter, r *http.Request) error {
	p, err := h.svc.Parked(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := h.consentView(r, p)
	if err != nil {
		return err
	}
	return web.Render(w, r, consentPage(v))
}

func (h handlers) consentView(r *http.Request, p sso.Parked) (consentView, error) {
	ctx := r.Context()
	st, err := h.svc.Decide(ctx, actor(r), p)
	if err != nil {
		return consentView{}, err
	}
	c := st.Client
	v := consentView{ID: p.ID, Name: c.Name, Agency: h.svc.AgencyName(ctx, c.Agency), Host: hostOf(p.Request.Redirect)}
	v.Switch = "/sign-in?" + url.Values{"fresh": {"1"}, "next": {sso.PathResume + p.ID}}.Encode()
	if v.Who, v.For, err = h.svc.Names(ctx, actor(r)); err != nil {
		return v, err
	}
	v.Items = releases(ctx, c, sso.Released(c, p.Request))
	return v, nil
}

// releases says in words what a list of scopes lets a system know, and why it says it needs it.
func releases(ctx context.Context, c sso.Client, scopes []string) []release {
	var out []release
	for _, sc := range scopes {
		it := release{What: t(ctx, "sso.gives_"+sc), Why: c.Scopes[sc]}
		if sc == "number" {
			it.Why = t(ctx, "sso.number_why", errs.P{"basis": c.NumberBasis})
		}
		out = append(out, it)
	}
	return out
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	p, err := h.svc.Parked(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	switch f.Get("choice") {
	case "agree":
		if err := h.svc.Agree(r.Context(), actor(r), p); err != nil {
			return err
		}
		return web.SeeOther(w, r, sso.PathResume+p.ID)
	case "refuse":
		a, err := h.svc.Disagree(r.Context(), p)
		if err != nil {
			return err
		}
		return h.leave(w, r, a)
	}
	v, err := h.consentView(r, p)
	if err != nil {
		return err
	}
	v.List = []ui.ErrorItem{{Text: t(r.Context(), "sso.choice_missing")}}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, consentPage(v))
}

type consentsView struct {
	All  []sso.Consent
	Done string
	Desk bool
}

func (h handlers) consents(w http.ResponseWriter, r *http.Request) error {
	all, err := h.svc.Consents(r.Context(), actor(r))
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Client.Agency = h.svc.AgencyName(r.Context(), all[i].Client.Agency)
	}
	v := consentsView{All: all, Desk: actor(r).StaffID != ""}
	if r.URL.Query().Get("done") == "1" {
		v.Done = t(r.Context(), "sso.withdrawn")
	}
	return web.Render(w, r, consentsPage(v))
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.Withdraw(r.Context(), actor(r), r.PathValue("client")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/consents?done=1")
}
