package govstackweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/govstack"
	"tongban/internal/engine/clock"
)

const home = "/admin/members"

func (h handlers) adminRoutes() []web.Route {
	const p = authz.ClientAdmin
	return []web.Route{
		web.To("GET "+home, p, h.list),
		web.To("GET "+home+"/new", p, h.newForm),
		web.To("POST "+home, p, h.propose),
		web.To("GET "+home+"/{id}", p, h.show),
		web.To("GET "+home+"/{id}/edit", p, h.editForm),
		web.To("POST "+home+"/{id}", p, h.propose),
		web.To("POST "+home+"/{id}/proposals/{proposal}", p, h.decide),
		web.To("POST "+home+"/{id}/suspend", p, h.suspend),
		web.To("POST "+home+"/{id}/token", p, h.token),
	}
}

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

func at(id string, more ...string) string {
	return home + "/" + url.PathEscape(id) + strings.Join(more, "")
}

var tones = map[string]ui.Tone{govstack.Asked: ui.Warn, govstack.Active: ui.Success, govstack.Suspended: ui.Bad, govstack.Approved: ui.Success, govstack.Refused: ui.Neutral}

func (h handlers) agency(ctx context.Context, key string) string {
	if h.AgencyName != nil {
		return h.AgencyName(ctx, key)
	}
	return key
}

func (h handlers) staff(ctx context.Context, id string) string {
	if h.StaffName != nil && id != "" {
		if n := h.StaffName(ctx, id); n != "" {
			return n
		}
	}
	return id
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ms, ps, err := h.GovStack.Members(ctx)
	if err != nil {
		return err
	}
	tv := ui.TableView{Caption: t(ctx, "govstack.members"), CaptionHide: true, Empty: t(ctx, "govstack.members_none")}
	for _, k := range []string{"f_name", "f_agency", "state", "since"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "govstack."+k)})
	}
	for _, m := range ms {
		state := ui.Cell{Text: t(ctx, "govstack.state_"+m.State), Tone: tones[m.State]}
		if slices.ContainsFunc(ps, func(p govstack.Proposal) bool { return p.Member.ID == m.ID }) {
			state.Sub = t(ctx, "govstack.waits")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: m.Name, Href: at(m.ID), Sub: m.Client}, {Text: h.agency(ctx, m.Agency)}, state, {Text: moment(m.Since)}})
	}
	return web.Render(w, r, listPage(tv))
}

// showView is one member with what was asked about it.
type showView struct {
	govstack.Member
	Facts   []ui.KVRow
	Waiting []proposalView
	History ui.TableView
	Token   string
	Done    string
	Reason  ui.FormField
	List    []ui.ErrorItem
}

type proposalView struct {
	govstack.Proposal
	By      string
	Own     bool
	Changes []ui.DiffRow
}

func (h handlers) view(r *http.Request) (showView, error) {
	ctx := r.Context()
	m, ps, err := h.GovStack.Member(ctx, r.PathValue("id"))
	if err != nil {
		return showView{}, err
	}
	v := showView{Member: m, Facts: h.facts(ctx, m), Reason: ui.FormField{Name: "reason", Kind: "text", Label: t(ctx, "govstack.suspend_reason"), Required: true, MaxLength: 300}}
	v.History = ui.TableView{Caption: t(ctx, "govstack.history"), CaptionHide: true, Empty: t(ctx, "govstack.history_none")}
	for _, k := range []string{"asked_at", "asked_by", "state", "decided_by", "decided_at"} {
		v.History.Columns = append(v.History.Columns, ui.Column{Label: t(ctx, "govstack."+k)})
	}
	for _, p := range ps {
		v.History.Rows = append(v.History.Rows, []ui.Cell{
			{Text: moment(p.AskedAt)},
			{Text: h.staff(ctx, p.AskedBy)},
			{Text: t(ctx, "govstack.proposal_"+p.State), Tone: tones[p.State]},
			{Text: h.staff(ctx, p.DecidedBy)},
			{Text: moment(p.DecidedAt)},
		})
		if p.State == govstack.Asked {
			v.Waiting = append(v.Waiting, proposalView{Proposal: p, By: h.staff(ctx, p.AskedBy), Own: p.AskedBy == actor(r).StaffID, Changes: changes(v.Facts, h.facts(ctx, p.Member), m.State == govstack.Asked)})
		}
	}
	return v, nil
}

// changes lists what a proposal would change; of a new member everything.
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

// facts is a grant in words, always the same lines.
func (h handlers) facts(ctx context.Context, m govstack.Member) []ui.KVRow {
	items := strings.Join(m.Items, " ")
	if items == govstack.AllItems {
		items = t(ctx, "govstack.items_all")
	}
	var operators []string
	for _, id := range m.Operators {
		operators = append(operators, h.staff(ctx, id))
	}
	file := t(ctx, map[bool]string{true: "ui.yes", false: "ui.no"}[m.File])
	row := func(key, value string) ui.KVRow { return ui.KVRow{Key: t(ctx, "govstack.f_"+key), Value: value} }
	return []ui.KVRow{
		row("client", m.Client), row("name", m.Name), row("agency", h.agency(ctx, m.Agency)), row("basis", m.Basis), row("items", items), row("file", file),
		row("level", strconv.Itoa(m.Level)), row("operators", strings.Join(operators, t(ctx, "govstack.comma"))),
	}
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	v, err := h.view(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("asked") == "1" {
		v.Done = t(r.Context(), "govstack.asked_done")
	}
	return web.Render(w, r, showPage(v))
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	do := h.GovStack.Refuse
	switch f.Get("choice") {
	case "approve":
		do = h.GovStack.Approve
	case "refuse":
	default:
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	if err := do(r.Context(), actor(r), r.PathValue("proposal")); err != nil {
		return err
	}
	return web.SeeOther(w, r, at(r.PathValue("id")))
}

func (h handlers) suspend(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	err = h.GovStack.Suspend(r.Context(), actor(r), r.PathValue("id"), f.Get("reason"))
	if errs.KindOf(err) == errs.Invalid {
		v, again := h.view(r)
		if again != nil {
			return again
		}
		v.Reason.Error = t(r.Context(), "govstack.reason_missing")
		v.List = []ui.ErrorItem{{Field: "reason", Text: v.Reason.Error}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, showPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, at(r.PathValue("id")))
}

// token makes a new one and shows it, this once.
func (h handlers) token(w http.ResponseWriter, r *http.Request) error {
	token, err := h.GovStack.NewToken(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := h.view(r)
	if err != nil {
		return err
	}
	v.Token = token
	return web.Render(w, r, showPage(v))
}

type formView struct {
	Action string
	Fields []ui.FormField
	List   []ui.ErrorItem
}

func (h handlers) newForm(w http.ResponseWriter, r *http.Request) error {
	m := govstack.Member{Agency: actor(r).AgencyID, Level: 2}
	return web.Render(w, r, formPage(formView{Action: home, Fields: h.fields(r.Context(), m)}))
}

func (h handlers) editForm(w http.ResponseWriter, r *http.Request) error {
	m, _, err := h.GovStack.Member(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, formPage(formView{Action: at(m.ID), Fields: h.fields(r.Context(), m)}))
}

func (h handlers) propose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	m := readMember(f)
	m.ID = r.PathValue("id")
	id, err := h.GovStack.Propose(r.Context(), actor(r), m)
	if err == nil {
		return web.SeeOther(w, r, at(id, "?asked=1"))
	}
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid || len(e.Fields) == 0 {
		return err
	}
	v := formView{Action: home, Fields: h.fields(r.Context(), m)}
	if m.ID != "" {
		v.Action = at(m.ID)
	}
	for _, x := range e.Fields {
		text := t(r.Context(), x.Key, x.Params)
		if i := slices.IndexFunc(v.Fields, func(q ui.FormField) bool { return q.Name == x.Path }); i >= 0 && v.Fields[i].Error == "" {
			v.Fields[i].Error = text
		}
		v.List = append(v.List, ui.ErrorItem{Field: x.Path, Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(v))
}

func readMember(f url.Values) govstack.Member {
	level, err := strconv.Atoi(f.Get("level"))
	if err != nil {
		level = -1
	}
	return govstack.Member{
		Client: f.Get("client"), Name: f.Get("name"), Agency: f.Get("agency"), Basis: f.Get("basis"), Items: strings.Fields(f.Get("items")), File: f.Get("file") == "true",
		Level: level, Operators: strings.Fields(f.Get("operators")),
	}
}

func (h handlers) fields(ctx context.Context, m govstack.Member) []ui.FormField {
	var out []ui.FormField
	ask := func(name, kind, value string, required bool) *ui.FormField {
		f := ui.FormField{Name: name, Kind: kind, Label: t(ctx, "govstack.f_"+name), Value: value, Required: required, Autocomplete: "off"}
		if key := "govstack.f_" + name + "_hint"; i18n.Has(key) {
			f.Hint = t(ctx, key)
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	client := ask("client", "text", m.Client, true)
	client.MaxLength, client.ReadOnly = 260, m.ID != ""
	ask("name", "text", m.Name, true).MaxLength = 60
	if h.Agencies != nil {
		ask("agency", "select", m.Agency, true).Options = h.Agencies(ctx)
	} else {
		ask("agency", "text", m.Agency, true)
	}
	ask("basis", "text", m.Basis, true).MaxLength = 300
	ask("items", "textarea", strings.Join(m.Items, "\n"), true)
	ask("file", "yesno", strconv.FormatBool(m.File), true)
	level := ask("level", "select", strconv.Itoa(m.Level), true)
	for n := range 5 {
		s := strconv.Itoa(n)
		level.Options = append(level.Options, ui.Option{Value: s, Label: s, Selected: n == m.Level})
	}
	ask("operators", "textarea", strings.Join(m.Operators, "\n"), false)
	return out
}
