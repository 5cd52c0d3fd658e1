package ssoweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
)

func (h handlers) adminRoutes() []web.Route {
	return []web.Route{
		web.To("GET /admin/clients", authz.ClientAdmin, h.clients),
		web.To("GET /admin/clients/new", authz.ClientAdmin, h.newClient),
		web.To("POST /admin/clients", authz.ClientAdmin, h.propose),
		web.To("GET /admin/clients/{id}", authz.ClientAdmin, h.client),
		web.To("GET /admin/clients/{id}/edit", authz.ClientAdmin, h.editClient),
		web.To("POST /admin/clients/{id}", authz.ClientAdmin, h.propose),
		web.To("POST /admin/clients/{id}/proposals/{proposal}", authz.ClientAdmin, h.decideProposal),
		web.To("POST /admin/clients/{id}/suspend", authz.ClientAdmin, h.suspend),
		web.To("POST /admin/clients/{id}/secret", authz.ClientAdmin, h.secret),
		web.To("POST /admin/clients/keys", authz.ClientAdmin, h.rotate),
	}
}

type clientsView struct {
	Clients []sso.Client
	Waiting map[string]bool
	Agency  func(key string) string
	Done    string
}

func (h handlers) clients(w http.ResponseWriter, r *http.Request) error {
	cs, ps, err := h.svc.Clients(r.Context())
	if err != nil {
		return err
	}
	v := clientsView{Clients: cs, Waiting: map[string]bool{}, Agency: func(k string) string { return h.svc.AgencyName(r.Context(), k) }}
	for _, p := range ps {
		v.Waiting[p.Client.ID] = true
	}
	if r.URL.Query().Get("rotated") == "1" {
		v.Done = t(r.Context(), "sso.rotated")
	}
	return web.Render(w, r, clientsPage(v))
}

type clientView struct {
	Client    sso.Client
	Facts     []ui.KVRow
	Proposals []proposalView
	Secret    string
	Reason    ui.FormField
	List      []ui.ErrorItem
	Done      string
}

type proposalView struct {
	sso.Proposal
	By, Decided string
	Own         bool
	Changes     []ui.DiffRow
}

func (h handlers) client(w http.ResponseWriter, r *http.Request) error {
	v, err := h.clientView(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("asked") == "1" {
		v.Done = t(r.Context(), "sso.asked_done")
	}
	return web.Render(w, r, clientPage(v))
}

func (h handlers) clientView(r *http.Request) (clientView, error) {
	ctx := r.Context()
	c, ps, err := h.svc.Client(ctx, r.PathValue("id"))
	if err != nil {
		return clientView{}, err
	}
	v := clientView{Client: c, Facts: h.facts(ctx, c), Reason: ui.FormField{Name: "reason", Kind: "text", Label: t(ctx, "sso.suspend_reason"), Required: true, MaxLength: 300}}
	for _, p := range ps {
		pv := proposalView{Proposal: p, By: h.staff(ctx, p.AskedBy), Own: p.AskedBy == actor(r).StaffID}
		if p.DecidedBy != "" {
			pv.Decided = h.staff(ctx, p.DecidedBy)
		}
		if p.State == sso.Asked {
			pv.Changes = changes(h.facts(ctx, c), h.facts(ctx, p.Client), c.State == sso.Asked)
		}
		v.Proposals = append(v.Proposals, pv)
	}
	return v, nil
}

func (h handlers) staff(ctx context.Context, id string) string {
	if h.StaffName != nil {
		if n := h.StaffName(ctx, id); n != "" {
			return n
		}
	}
	return id
}

// changes lists what a proposal would change; of a new system everything.
func changes(was, will []ui.KVRow, isNew bool) []ui.DiffRow {
	var out []ui.DiffRow
	for i, row := range will {
		old := was[i].Value
		if isNew {
			old = ""
		}
		if old != row.Value {
			out = append(out, ui.DiffRow{Label: row.Key, Old: old, New: row.Value})
		}
	}
	return out
}

// facts is a registration in words, always the same lines.
func (h handlers) facts(ctx context.Context, c sso.Client) []ui.KVRow {
	yes := func(b bool) string { return t(ctx, map[bool]string{true: "ui.yes", false: "ui.no"}[b]) }
	var scopes []string
	for _, sc := range sso.Scopes {
		if why, ok := c.Scopes[sc]; ok {
			line := sc
			if why != "" {
				line += t(ctx, "sso.colon") + why
			}
			scopes = append(scopes, line)
		}
	}
	number := t(ctx, "ui.no")
	if c.Number {
		number = c.NumberBasis
	}
	row := func(key, value string) ui.KVRow { return ui.KVRow{Key: t(ctx, "sso.f_"+key), Value: value} }
	return []ui.KVRow{
		row("name", c.Name), row("agency", h.svc.AgencyName(ctx, c.Agency)), row("sector", c.Sector), row("audience", t(ctx, "sso.audience_"+c.Audience)), row("native", yes(c.Native)),
		row("redirects", strings.Join(c.Redirects, " ")), row("post_logouts", strings.Join(c.PostLogouts, " ")), row("auth", t(ctx, "sso.auth_"+c.Auth)), row("jwks", string(c.JWKS)),
		row("alg", c.Alg), row("scopes", strings.Join(scopes, t(ctx, "sso.semicolon"))), row("number", number), row("back_channel", c.BackChannel),
		row("min_level", strconv.Itoa(c.MinLevel)), row("refresh", yes(c.Refresh)), row("serves", strings.Join(c.Serves, " ")),
	}
}

func (h handlers) decideProposal(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	do := h.svc.Refusal
	switch f.Get("choice") {
	case "approve":
		do = h.svc.Approve
	case "refuse":
	default:
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	if err := do(r.Context(), actor(r), r.PathValue("proposal")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/clients/"+r.PathValue("id"))
}

func (h handlers) suspend(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	err = h.svc.Suspend(r.Context(), actor(r), r.PathValue("id"), f.Get("reason"))
	if errs.KindOf(err) == errs.Invalid {
		v, again := h.clientView(r)
		if again != nil {
			return again
		}
		v.Reason.Error = t(r.Context(), "sso.reason_missing")
		v.List = []ui.ErrorItem{{Field: "reason", Text: v.Reason.Error}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, clientPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/clients/"+r.PathValue("id"))
}

// secret makes a new one and shows it, this once.
func (h handlers) secret(w http.ResponseWriter, r *http.Request) error {
	secret, err := h.svc.NewSecret(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := h.clientView(r)
	if err != nil {
		return err
	}
	v.Secret = secret
	return web.Render(w, r, clientPage(v))
}

func (h handlers) rotate(w http.ResponseWriter, r *http.Request) error {
	if err := h.svc.Rotate(r.Context(), actor(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/clients?rotated=1")
}

type formView struct {
	ID     string
	Fields []ui.FormField
	List   []ui.ErrorItem
}

func (h handlers) newClient(w http.ResponseWriter, r *http.Request) error {
	c := sso.Client{Auth: sso.AuthKey, Alg: "ES256", Audience: sso.ForPeople, MinLevel: 1, Scopes: map[string]string{"openid": "", "profile": ""}}
	return web.Render(w, r, formPage(formView{Fields: h.fields(r.Context(), c)}))
}

func (h handlers) editClient(w http.ResponseWriter, r *http.Request) error {
	c, _, err := h.svc.Client(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, formPage(formView{ID: c.ID, Fields: h.fields(r.Context(), c)}))
}

func (h handlers) propose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	c := readClient(f)
	c.ID = r.PathValue("id")
	id, err := h.svc.Propose(r.Context(), actor(r), c)
	if err == nil {
		return web.SeeOther(w, r, "/admin/clients/"+id+"?asked=1")
	}
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid || len(e.Fields) == 0 {
		return err
	}
	v := formView{ID: c.ID, Fields: h.fields(r.Context(), c)}
	for _, x := range e.Fields {
		text := t(r.Context(), x.Key, x.Params)
		if i := slices.IndexFunc(v.Fields, func(q ui.FormField) bool { return q.Name == x.Path }); i >= 0 && v.Fields[i].Error == "" {
			v.Fields[i].Error = text
		}
		v.List = append(v.List, ui.ErrorItem{Field: x.Path, Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(v))
}

// readClient reads a registration as it was typed.
func readClient(f url.Values) sso.Client {
	level, err := strconv.Atoi(f.Get("min_level"))
	if err != nil {
		level = 0
	}
	c := sso.Client{
		Name: f.Get("name"), Agency: f.Get("agency"), Sector: f.Get("sector"), Audience: f.Get("audience"), Native: f.Get("native") == "true",
		Redirects: strings.Fields(f.Get("redirects")), PostLogouts: strings.Fields(f.Get("post_logouts")), Auth: f.Get("auth"), Alg: f.Get("alg"), BackChannel: f.Get("back_channel"),
		Number: f.Get("number") == "true", NumberBasis: f.Get("number_basis"), MinLevel: level, Refresh: f.Get("refresh") == "true", Serves: strings.Fields(f.Get("serves")),
		Scopes: map[string]string{},
	}
	if k := strings.TrimSpace(f.Get("jwks")); k != "" {
		c.JWKS = []byte(k)
	}
	for _, sc := range f["scopes"] {
		c.Scopes[sc] = strings.TrimSpace(f.Get("why_" + sc))
	}
	return c
}

// fields are the questions about a system.
func (h handlers) fields(ctx context.Context, c sso.Client) []ui.FormField {
	var out []ui.FormField
	ask := func(name, kind, value string, required bool, options ...string) *ui.FormField {
		f := ui.FormField{Name: name, Kind: kind, Label: t(ctx, "sso.f_"+name), Hint: hint(ctx, name), Value: value, Required: required, Autocomplete: "off"}
		for _, o := range options {
			f.Options = append(f.Options, ui.Option{Value: o, Label: t(ctx, "sso."+name+"_"+o), Selected: o == value})
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	flag := func(b bool) string { return strconv.FormatBool(b) }
	ask("name", "text", c.Name, true).MaxLength = 60
	if h.Agencies != nil {
		ask("agency", "select", c.Agency, true).Options = h.Agencies(ctx)
	} else {
		ask("agency", "text", c.Agency, true)
	}
	ask("sector", "text", c.Sector, false)
	ask("audience", "radio", c.Audience, true, sso.ForPeople, sso.ForStaff, sso.ForBoth)
	ask("native", "yesno", flag(c.Native), true)
	ask("redirects", "textarea", strings.Join(c.Redirects, "\n"), true)
	ask("post_logouts", "textarea", strings.Join(c.PostLogouts, "\n"), false)
	ask("back_channel", "text", c.BackChannel, false)
	ask("auth", "radio", c.Auth, true, sso.AuthKey, sso.AuthSecret, sso.AuthNone)
	ask("jwks", "textarea", string(c.JWKS), false)
	alg := ask("alg", "radio", c.Alg, true)
	for _, a := range sso.Algs {
		alg.Options = append(alg.Options, ui.Option{Value: a, Label: a})
	}
	scopes := ask("scopes", "checkbox", "", true)
	for _, sc := range sso.Scopes {
		scopes.Options = append(scopes.Options, ui.Option{Value: sc, Label: sc, Hint: t(ctx, "sso.gives_"+sc)})
		if _, ok := c.Scopes[sc]; ok {
			scopes.Values = append(scopes.Values, sc)
		}
	}
	for _, sc := range sso.Scopes[1:] {
		out = append(out, ui.FormField{Name: "why_" + sc, Kind: "text", Label: t(ctx, "sso.f_why", errs.P{"scope": sc}), Value: c.Scopes[sc], MaxLength: 300, Autocomplete: "off"})
	}
	ask("number", "yesno", flag(c.Number), true)
	ask("number_basis", "text", c.NumberBasis, false).MaxLength = 300
	ask("min_level", "select", strconv.Itoa(max(c.MinLevel, 1)), true, "1", "2", "3", "4")
	ask("refresh", "yesno", flag(c.Refresh), true)
	ask("serves", "text", strings.Join(c.Serves, " "), false)
	return out
}

func hint(ctx context.Context, name string) string {
	if key := "sso.f_" + name + "_hint"; has(key) {
		return t(ctx, key)
	}
	return ""
}
