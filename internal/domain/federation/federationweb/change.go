package federationweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/federation"
)

type changeView struct {
	federation.Proposal
	Name, ByName, DecidedName string
	Rows                      []ui.DiffRow
	SecretChanged, Own        bool
	RefuseWhy, RefuseError    string
	List                      []ui.ErrorItem
}

func (h handlers) change(w http.ResponseWriter, r *http.Request) error {
	v, err := h.changeView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, changePage(v))
}

func (h handlers) changeView(r *http.Request) (changeView, error) {
	ctx := r.Context()
	p, is, err := h.s.Proposal(ctx, r.PathValue("id"))
	if err != nil {
		return changeView{}, err
	}
	v := changeView{Proposal: p, Name: p.Label(i18n.From(ctx)), ByName: h.StaffName(ctx, p.By), Own: p.By == authz.From(ctx).StaffID}
	if p.DecidedBy != "" {
		v.DecidedName = h.StaffName(ctx, p.DecidedBy)
	}
	was := federation.Settings{}
	if p.Base > 0 && p.State == federation.Open {
		was = is.Settings
	}
	v.Rows, v.SecretChanged = diff(ctx, was, p.Settings), p.Secret != "" && p.Secret != was.Secret
	return v, nil
}

// diff lists what two settings have different.
func diff(ctx context.Context, was, is federation.Settings) []ui.DiffRow {
	var out []ui.DiffRow
	add := func(key, old, now string) {
		if old != now {
			out = append(out, ui.DiffRow{Label: t(ctx, "federation.f_"+key), Old: old, New: now})
		}
	}
	onOff := func(s federation.Settings) string {
		switch {
		case s.Key == "":
			return ""
		case s.Enabled:
			return t(ctx, "federation.on")
		}
		return t(ctx, "federation.off")
	}
	choiceOf := func(kind, value string) string {
		if value == "" {
			return ""
		}
		return t(ctx, "federation."+kind+"_"+value)
	}
	add("name_zh", was.NameZH, is.NameZH)
	add("name_en", was.NameEN, is.NameEN)
	add("key", was.Key, is.Key)
	add("issuer", was.Issuer, is.Issuer)
	add("client_id", was.ClientID, is.ClientID)
	add("auth", choiceOf("auth", was.Auth), choiceOf("auth", is.Auth))
	add("scopes", strings.Join(was.Scopes, " "), strings.Join(is.Scopes, " "))
	add("claim_name", was.Claims.Name, is.Claims.Name)
	add("claim_number", was.Claims.Number, is.Claims.Number)
	add("claim_phone", was.Claims.Phone, is.Claims.Phone)
	add("levels", strings.ReplaceAll(levelLines(was.Levels), "\n", "; "), strings.ReplaceAll(levelLines(is.Levels), "\n", "; "))
	add("mode", choiceOf("mode", was.Mode), choiceOf("mode", is.Mode))
	add("order", strconv.Itoa(was.Order), strconv.Itoa(is.Order))
	add("enabled", onOff(was), onOff(is))
	return out
}

func (h handlers) approve(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.Approve(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"?done=decided")
}

func (h handlers) refuse(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	err = h.s.Refuse(r.Context(), authz.From(r.Context()), r.PathValue("id"), f.Get("why"))
	if e := errs.As(err); e != nil && len(e.Fields) > 0 {
		v, again := h.changeView(r)
		if again != nil {
			return again
		}
		v.RefuseWhy, v.RefuseError = f.Get("why"), t(r.Context(), e.Fields[0].Key, e.Fields[0].Params)
		v.List = []ui.ErrorItem{{Field: "why", Text: v.RefuseError}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, changePage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"?done=decided")
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := h.s.Withdraw(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"?done=decided")
}
