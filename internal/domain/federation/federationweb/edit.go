package federationweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/federation"
)

type editView struct {
	New    bool
	Action string
	Base   int64
	S      federation.Settings
	Levels string
	Why    string
	Errors map[string]string
	List   []ui.ErrorItem
}

func (v editView) fields(ctx context.Context) []ui.FormField {
	label := func(k string) string { return t(ctx, "federation."+k) }
	text := func(name, key, value string, required bool) ui.FormField {
		f := ui.FormField{Name: name, Kind: "text", Label: label("f_" + key), Value: value, Required: required, Error: v.Errors[name], Autocomplete: "off"}
		if i18n.Has("federation.f_" + key + "_hint") {
			f.Hint = label("f_" + key + "_hint")
		}
		return f
	}
	key := text("key", "key", v.S.Key, true)
	key.ReadOnly = !v.New
	secret := text("secret", "secret", "", false)
	secret.Kind = "password"
	levels := text("levels", "levels", v.Levels, false)
	levels.Kind = "textarea"
	why := text("why", "why", v.Why, true)
	why.Kind = "textarea"
	out := []ui.FormField{
		text("name_zh", "name_zh", v.S.NameZH, true), text("name_en", "name_en", v.S.NameEN, false), key,
		text("issuer", "issuer", v.S.Issuer, true), text("client_id", "client_id", v.S.ClientID, true),
		choice(ctx, "auth", v.S.Auth, v.Errors["auth"], federation.AuthKey, federation.AuthSecret), secret,
		text("scopes", "scopes", strings.Join(v.S.Scopes, " "), true),
		text("claim_name", "claim_name", v.S.Claims.Name, false), text("claim_number", "claim_number", v.S.Claims.Number, false), text("claim_phone", "claim_phone", v.S.Claims.Phone, false),
		levels, choice(ctx, "mode", v.S.Mode, v.Errors["mode"], federation.ModeQuery, federation.ModePost),
		text("order", "order", strconv.Itoa(v.S.Order), true),
		{Name: "enabled", Kind: "checkbox", Label: label("f_enabled"), Options: []ui.Option{{Value: "true", Label: label("f_enabled_yes")}}, Values: enabled(v.S.Enabled)},
		why,
	}
	out[8].Error, out[8].Hint = v.Errors["claims"], label("f_claim_hint")
	return out
}

func enabled(on bool) []string {
	if on {
		return []string{"true"}
	}
	return nil
}

func choice(ctx context.Context, name, value, problem string, values ...string) ui.FormField {
	f := ui.FormField{Name: name, Kind: "radio", Label: t(ctx, "federation.f_"+name), Value: value, Error: problem, Required: true}
	for _, o := range values {
		f.Options = append(f.Options, ui.Option{Value: o, Label: t(ctx, "federation."+name+"_"+o)})
	}
	return f
}

// edit shows a provider to be changed, or an empty form.
func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	v := editView{New: key == "", Action: r.URL.Path, S: federation.Settings{Auth: federation.AuthKey, Mode: federation.ModeQuery, Scopes: []string{"openid"}, Order: 10}}
	if !v.New {
		p, err := h.s.Provider(r.Context(), key)
		if err != nil {
			return err
		}
		if p.Preset {
			return errs.New(errs.Forbidden, "federation.key_preset")
		}
		v.S, v.Base, v.Levels = p.Settings, p.Version, levelLines(p.Levels)
	}
	return web.Render(w, r, editPage(v))
}

// propose takes the form; a mistake shows the same page with everything that was typed but the secret.
func (h handlers) propose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	v := editView{New: key == "", Action: r.URL.Path, S: settingsOf(f), Levels: f.Get("levels"), Why: f.Get("why"), Errors: map[string]string{}}
	if !v.New {
		v.S.Key = key
	}
	v.Base, _ = strconv.ParseInt(f.Get("base"), 10, 64) // anything else is no version there is
	_, err = h.s.Propose(r.Context(), authz.From(r.Context()), v.S, v.Base, v.Why)
	e := errs.As(err)
	switch {
	case err == nil:
		return web.SeeOther(w, r, home+"?done=proposed")
	case e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict:
		return err
	}
	for _, x := range e.Fields {
		words := t(r.Context(), x.Key, x.Params)
		v.Errors[x.Path] = words
		field := x.Path
		if field == "claims" {
			field = "claim_name"
		}
		v.List = append(v.List, ui.ErrorItem{Field: field, Text: words})
	}
	if len(e.Fields) == 0 {
		v.List = []ui.ErrorItem{{Text: i18n.Err(r.Context(), err)}}
	}
	return web.RenderStatus(w, r, web.StatusOf(err), editPage(v))
}

func settingsOf(f url.Values) federation.Settings {
	s := federation.Settings{
		Key: f.Get("key"), Issuer: f.Get("issuer"), ClientID: f.Get("client_id"), Auth: f.Get("auth"), Secret: f.Get("secret"), Scopes: strings.Fields(f.Get("scopes")),
		Claims: federation.Names{Name: f.Get("claim_name"), Number: f.Get("claim_number"), Phone: f.Get("claim_phone")}, Levels: readLevels(f.Get("levels")),
		Mode: f.Get("mode"), NameZH: f.Get("name_zh"), NameEN: f.Get("name_en"), Enabled: f.Get("enabled") == "true",
	}
	var err error
	if s.Order, err = strconv.Atoi(strings.TrimSpace(f.Get("order"))); err != nil {
		s.Order = -1 // refused with its own words
	}
	return s
}
