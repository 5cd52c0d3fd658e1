package privacyweb

import (
	"context"
	"net/http"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/privacy"
	"tongban/internal/engine/cnid"
)

type delaysView struct {
	Done  string
	Table ui.TableView
}

func (h handlers) delays(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ds, err := h.s.Delays(ctx)
	if err != nil {
		return err
	}
	v := delaysView{Table: ui.TableView{Caption: t(ctx, "privacy.delays_title"), CaptionHide: true, Empty: t(ctx, "privacy.delays_none")}}
	if r.URL.Query().Get("done") != "" {
		v.Done = t(ctx, "privacy.delay_done")
	}
	for _, k := range []string{"number", "agency", "until", "state"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "privacy.delay_"+k)})
	}
	for _, d := range ds {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: cnid.MaskID(d.Number), Href: "/privacy/delays/" + d.ID}, {Text: h.agencyName(ctx, d.Agency)}, {Text: d.Until}, {Text: h.delayState(ctx, d), Tone: delayTone[d.State]},
		})
	}
	return web.Render(w, r, delaysPage(v))
}

var delayTone = map[string]ui.Tone{privacy.Proposed: ui.Warn, privacy.Active: ui.Info, privacy.Refused: ui.Bad, privacy.Withdrawn: ui.Neutral, privacy.Lifted: ui.Success}

// delayState says of an order whose date has come that it is over.
func (h handlers) delayState(ctx context.Context, d privacy.Delay) string {
	if d.State == privacy.Active && !h.Now().Before(d.Reveal) {
		return t(ctx, "privacy.delay_over")
	}
	return t(ctx, "privacy.delay_"+d.State)
}

func (h handlers) agencyName(ctx context.Context, key string) string {
	for _, o := range h.agencies(ctx) {
		if o.Value == key {
			return o.Label
		}
	}
	return key
}

func (h handlers) agencies(ctx context.Context) []ui.Option {
	if h.Agencies == nil {
		return nil
	}
	return h.Agencies(ctx)
}

type delayFormView struct {
	D        privacy.Delay
	Staff    string
	Agencies []ui.Option
	problems
}

func (v delayFormView) fields(ctx context.Context) []ui.FormField {
	f := func(name, kind, value string, required bool) ui.FormField {
		return ui.FormField{
			Name: name, Kind: kind, Label: t(ctx, "privacy.f_"+name), Hint: t(ctx, "privacy.f_"+name+"_hint"), Value: value, Required: required, Error: v.of(name), Autocomplete: "off",
		}
	}
	agency := f("agency", "select", v.D.Agency, true)
	agency.Options = v.Agencies
	return []ui.FormField{
		f("number", "text", v.D.Number, true), agency, f("staff", "text", v.Staff, false), f("basis", "textarea", v.D.Basis, true), f("why", "textarea", v.D.Why, true),
		f("until", "date", v.D.Until, true),
	}
}

func (h handlers) delayForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, delayFormPage(delayFormView{Agencies: h.agencies(r.Context())}))
}

func (h handlers) delayNew(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	d := privacy.Delay{Number: strings.TrimSpace(f.Get("number")), Agency: f.Get("agency"), Staff: strings.Fields(f.Get("staff")), Basis: f.Get("basis"), Why: f.Get("why"), Until: dateOf(f.Get)}
	_, err = h.s.ProposeDelay(r.Context(), actor(r), d)
	if err == nil {
		return web.SeeOther(w, r, "/privacy/delays?done=1")
	}
	p, ok := explain(r.Context(), err)
	if !ok {
		return err
	}
	v := delayFormView{D: d, Staff: f.Get("staff"), Agencies: h.agencies(r.Context()), problems: p}
	return web.RenderStatus(w, r, web.StatusOf(err), delayFormPage(v))
}

// dateOf reads a date that came as one value or as year, month and day.
func dateOf(get func(string) string) string {
	if v := get("until"); v != "" {
		return v
	}
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	return strings.TrimSpace(get("until.y")) + "-" + pad(strings.TrimSpace(get("until.m"))) + "-" + pad(strings.TrimSpace(get("until.d")))
}

type delayView struct {
	ID, State  string
	Own, Holds bool
	Rows       []ui.KVRow
}

func (h handlers) delay(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := h.s.Delay(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := delayView{ID: d.ID, State: d.State, Own: d.By == actor(r).StaffID, Holds: d.State == privacy.Active && h.Now().Before(d.Reveal)}
	names := make([]string, 0, len(d.Staff))
	for _, id := range d.Staff {
		names = append(names, h.staff(ctx, id))
	}
	row := func(key, value string) {
		if value != "" {
			v.Rows = append(v.Rows, ui.KVRow{Key: t(ctx, "privacy.delay_"+key), Value: value})
		}
	}
	row("state", h.delayState(ctx, d))
	row("number", cnid.MaskID(d.Number))
	row("agency", h.agencyName(ctx, d.Agency))
	row("staff", strings.Join(names, t(ctx, "privacy.comma")))
	row("basis", d.Basis)
	row("why", d.Why)
	row("until", d.Until)
	row("by", h.staff(ctx, d.By))
	if d.DecidedBy != "" {
		row("decided_by", h.staff(ctx, d.DecidedBy))
	}
	if !d.From.IsZero() {
		row("from", minute(d.From))
	}
	return web.Render(w, r, delayPage(v))
}

// delayMove makes a handler of one act on an order.
func (h handlers) delayMove(act func(*privacy.Service, context.Context, authz.Actor, string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := act(h.s, r.Context(), actor(r), r.PathValue("id")); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/privacy/delays?done=1")
	}
}
