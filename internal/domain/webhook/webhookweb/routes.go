package webhookweb

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
	"tongban/internal/domain/webhook"
	"tongban/internal/engine/clock"
)

// Config is what the pages need.
type Config struct {
	Webhooks *webhook.Service
	// Agencies and Regions are the choices of the forms; AgencyName and StaffName name what the lists show.
	Agencies   func(ctx context.Context) []ui.Option
	Regions    func(ctx context.Context) []ui.Option
	AgencyName func(ctx context.Context, key string) string
	StaffName  func(ctx context.Context, id string) string
}

type handlers struct{ Config }

const home = "/admin/webhooks"

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	const p = authz.WebhookKeep
	return []web.Route{
		web.To("GET "+home, p, h.list),
		web.To("GET "+home+"/new", p, h.newForm),
		web.To("POST "+home, p, h.create),
		web.To("GET "+home+"/{id}", p, h.show),
		web.To("GET "+home+"/{id}/edit", p, h.editForm),
		web.To("POST "+home+"/{id}", p, h.change),
		web.To("POST "+home+"/{id}/switch", p, h.turn),
		web.To("POST "+home+"/{id}/resume", p, h.resume),
		web.To("POST "+home+"/{id}/secret", p, h.rotate),
		web.To("POST "+home+"/{id}/end-secret", p, h.endSecret),
		web.To("POST "+home+"/{id}/test", p, h.test, web.PerMinute(30)),
		web.To("POST "+home+"/{id}/replay", p, h.replay),
		web.To("GET "+home+"/{id}/deliveries", p, h.deliveries),
		web.To("GET "+home+"/{id}/deliveries/{delivery}", p, h.delivery),
		web.To("POST "+home+"/{id}/deliveries/{delivery}/again", p, h.again),
	}
}

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format(time.DateTime)
}

func at(id string, more ...string) string {
	return home + "/" + url.PathEscape(id) + strings.Join(more, "")
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Webhooks.List(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, listPage(h.listTable(r.Context(), all)))
}

// showView is one subscription with what may be done.
type showView struct {
	webhook.Target
	Facts   []ui.KVRow
	State   ui.Cell
	Replays []webhook.Replay
	Secret  string
	Test    *webhook.Attempt
	Done    string
	From    ui.FormField
	Keep    ui.FormField
	List    []ui.ErrorItem
}

func (h handlers) view(r *http.Request) (showView, error) {
	ctx := r.Context()
	tg, err := h.Webhooks.Get(ctx, actor(r), r.PathValue("id"))
	if err != nil {
		return showView{}, err
	}
	rs, err := h.Webhooks.Replays(ctx, actor(r), tg.ID)
	v := showView{Target: tg, Facts: h.facts(ctx, tg), State: stateCell(ctx, tg), Replays: rs}
	v.From = ui.FormField{Name: "from", Kind: "text", Label: t(ctx, "webhook.replay_from"), Hint: t(ctx, "webhook.replay_from_hint"), Required: true, MaxLength: 20, Autocomplete: "off"}
	if tg.State == webhook.Off {
		v.From.Value = tg.Since.In(clock.Shanghai).Format(minuteForm)
	}
	v.Keep = ui.FormField{Name: "keep", Kind: "number", Label: t(ctx, "webhook.keep"), Hint: t(ctx, "webhook.keep_hint"), Value: "24", Unit: t(ctx, "webhook.hours"), Required: true}
	return v, err
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	v, err := h.view(r)
	if err != nil {
		return err
	}
	if done := r.URL.Query().Get("done"); slices.Contains(said, done) {
		v.Done = t(r.Context(), "webhook.done_"+done)
	}
	return web.Render(w, r, showPage(v))
}

// said are what a page can tell after a redirect.
var said = []string{"changed", "on", "off", "resumed", "ended", "replay"}

// act does something about a subscription and leads back to it.
func (h handlers) act(w http.ResponseWriter, r *http.Request, done string, do func(ctx context.Context, a authz.Actor, id string) error) error {
	if err := do(r.Context(), actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, at(r.PathValue("id"), "?done="+done))
}

func (h handlers) turn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	to := f.Get("to")
	return h.act(w, r, to, func(ctx context.Context, a authz.Actor, id string) error {
		if to != webhook.On && to != webhook.Off {
			if _, err := h.Webhooks.Get(ctx, a, id); err != nil {
				return err
			}
			return errs.New(errs.BadRequest, "base.bad_request")
		}
		return h.Webhooks.Switch(ctx, a, id, to == webhook.On)
	})
}

func (h handlers) resume(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "resumed", h.Webhooks.Resume)
}

func (h handlers) endSecret(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "ended", h.Webhooks.EndOld)
}

// rotate makes another secret and shows it, this once.
func (h handlers) rotate(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	hours, bad := strconv.Atoi(strings.TrimSpace(f.Get("keep")))
	if bad != nil {
		hours = -1
	}
	secret, err := h.Webhooks.Rotate(r.Context(), actor(r), r.PathValue("id"), time.Duration(hours)*time.Hour)
	if errs.KindOf(err) == errs.Invalid {
		return h.again422(w, r, err, func(v *showView) *ui.FormField { v.Keep.Value = f.Get("keep"); return &v.Keep })
	}
	if err != nil {
		return err
	}
	v, err := h.view(r)
	if err != nil {
		return err
	}
	v.Secret = secret
	return web.Render(w, r, showPage(v))
}

// again422 shows the page with what is wrong with its one field.
func (h handlers) again422(w http.ResponseWriter, r *http.Request, err error, field func(*showView) *ui.FormField) error {
	v, failed := h.view(r)
	if failed != nil {
		return failed
	}
	f := field(&v)
	for _, x := range errs.As(err).Fields {
		f.Error = t(r.Context(), x.Key, x.Params)
	}
	v.List = []ui.ErrorItem{{Field: f.Name, Text: f.Error}}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, showPage(v))
}

func (h handlers) test(w http.ResponseWriter, r *http.Request) error {
	a, err := h.Webhooks.Try(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := h.view(r)
	if err != nil {
		return err
	}
	v.Test = &a
	return web.Render(w, r, showPage(v))
}

const minuteForm = "2006-01-02 15:04"

func (h handlers) replay(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	dead := f.Get("what") == "dead"
	from, bad := time.ParseInLocation(minuteForm, strings.TrimSpace(f.Get("from")), clock.Shanghai)
	if bad != nil && !dead {
		from = time.Time{} // out of every range: refused with the field
	}
	_, err = h.Webhooks.Replay(r.Context(), actor(r), r.PathValue("id"), from, dead)
	if errs.KindOf(err) == errs.Invalid {
		return h.again422(w, r, err, func(v *showView) *ui.FormField { v.From.Value = f.Get("from"); return &v.From })
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, at(r.PathValue("id"), "?done=replay"))
}

type deliveriesView struct {
	Sub    webhook.Subscription
	State  string
	CaseNo string
	Tabs   []ui.NavItem
	Table  ui.TableView
	Next   string
}

func (h handlers) deliveries(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	tg, err := h.Webhooks.Get(ctx, actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := deliveriesView{Sub: tg.Subscription, State: q.Get("state"), CaseNo: strings.TrimSpace(q.Get("case"))}
	p, err := h.Webhooks.Deliveries(ctx, actor(r), tg.ID, webhook.Filter{State: v.State, CaseNo: v.CaseNo, After: q.Get("after")})
	if err != nil {
		return err
	}
	base := at(tg.ID, "/deliveries")
	for _, s := range []string{"", webhook.Waiting, webhook.Dead, webhook.Done} {
		key := s
		if key == "" {
			key = "all"
		}
		v.Tabs = append(v.Tabs, ui.NavItem{Href: base + "?" + url.Values{"state": {s}}.Encode(), Label: t(ctx, "webhook.tab_"+key), Current: s == v.State})
	}
	v.Table = deliveryTable(ctx, tg.ID, p.Deliveries)
	if p.Next != "" {
		v.Next = base + "?" + url.Values{"state": {v.State}, "case": {v.CaseNo}, "after": {p.Next}}.Encode()
	}
	return web.Render(w, r, deliveriesPage(v))
}

type deliveryView struct {
	Sub      string
	Delivery webhook.Delivery
	Facts    []ui.KVRow
	Attempts ui.TableView
	Again    bool
}

func (h handlers) delivery(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, as, err := h.Webhooks.Delivery(ctx, actor(r), r.PathValue("id"), r.PathValue("delivery"))
	if err != nil {
		return err
	}
	v := deliveryView{Sub: r.PathValue("id"), Delivery: d, Facts: deliveryFacts(ctx, d), Attempts: attemptTable(ctx, as), Again: d.State == webhook.Done || d.State == webhook.Dead}
	return web.Render(w, r, deliveryPage(v))
}

func (h handlers) again(w http.ResponseWriter, r *http.Request) error {
	if err := h.Webhooks.Again(r.Context(), actor(r), r.PathValue("id"), r.PathValue("delivery")); err != nil {
		return err
	}
	return web.SeeOther(w, r, at(r.PathValue("id"), "/deliveries?state="+webhook.Waiting))
}
