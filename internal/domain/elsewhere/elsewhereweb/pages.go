package elsewhereweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/elsewhere"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

type stuckView struct {
	elsewhere.Stuck
	Systems     []elsewhere.System
	Runs        []elsewhere.Run
	Differences []elsewhere.Difference
	Done, Error string
}

const shown = 100

// stuck is the operators' page: what is parked, what waits, how both sides differ.
func (h *handlers) stuck(w http.ResponseWriter, r *http.Request) error {
	return h.showStuck(w, r, http.StatusOK, "")
}

func (h *handlers) showStuck(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	ctx := r.Context()
	v := stuckView{Error: problem}
	if done := r.URL.Query().Get("done"); done != "" && i18n.Has("elsewhere.done_"+done) {
		v.Done = t(ctx, "elsewhere.done_"+done)
	}
	var err error
	if v.Stuck, err = h.Elsewhere.Stuck(ctx); err != nil {
		return err
	}
	if v.Systems, err = h.Elsewhere.Systems(ctx); err != nil {
		return err
	}
	if v.Runs, err = h.Elsewhere.Runs(ctx, shown); err != nil {
		return err
	}
	if v.Differences, err = h.Elsewhere.Differences(ctx, shown); err != nil {
		return err
	}
	return web.RenderStatus(w, r, status, stuckPage(v))
}

// again applies a parked event by hand, or gives it up.
func (h *handlers) again(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if f.Get("act") == "drop" {
		return h.after(w, r, "dropped", h.Elsewhere.DropIn(r.Context(), actor(r), id))
	}
	return h.after(w, r, "applied", h.Elsewhere.AgainIn(r.Context(), actor(r), id, f.Get("case_no")))
}

func (h *handlers) sendAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if f.Get("act") == "drop" {
		return h.after(w, r, "dropped", h.Elsewhere.DropOut(r.Context(), actor(r), id))
	}
	return h.after(w, r, "sent", h.Elsewhere.AgainOut(r.Context(), actor(r), id))
}

func (h *handlers) reconcile(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.Elsewhere.System(r.Context(), r.PathValue("system")); err != nil {
		return err
	}
	_, err := h.Elsewhere.Reconcile(r.Context(), actor(r), r.PathValue("system"))
	return h.after(w, r, "compared", err)
}

// after leads back to the page; what stands against the act is said there.
func (h *handlers) after(w http.ResponseWriter, r *http.Request, done string, err error) error {
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/ops/elsewhere?done="+done)
	case errs.KindOf(err) == errs.Internal, errs.Is(err, "elsewhere.no_message"):
		return err
	}
	return h.showStuck(w, r, web.StatusOf(err), i18n.Err(r.Context(), err))
}

func (v stuckView) name(key string) string {
	for _, s := range v.Systems {
		if s.Key == key {
			return s.Name
		}
	}
	return key
}

func head(ctx context.Context, keys ...string) []ui.Column {
	var out []ui.Column
	for _, k := range keys {
		out = append(out, ui.Column{Label: t(ctx, "elsewhere.col_"+k)})
	}
	return out
}

func kind(ctx context.Context, k string) string {
	if i18n.Has("elsewhere.kind_" + k) {
		return t(ctx, "elsewhere.kind_"+k)
	}
	return k
}

func (v stuckView) inTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "elsewhere.parked_in"), Columns: head(ctx, "received", "system", "case", "what", "reason", "acts"), Empty: t(ctx, "elsewhere.none")}
	for _, m := range v.In {
		why := m.ReasonZH
		if i18n.From(ctx) == i18n.English {
			why = m.ReasonEN
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: moment(m.Received), Sub: m.MessageID},
			{Text: v.name(m.System)},
			{Text: m.CaseNo},
			{Text: kind(ctx, m.Kind), Sub: moment(m.At)},
			{Text: why, Sub: gap(ctx, m.Gap)},
			{Part: inActs(m)},
		})
	}
	return tv
}

func gap(ctx context.Context, g string) string {
	if g == "" {
		return ""
	}
	return t(ctx, "elsewhere.gap", errs.P{"numbers": g})
}

func (v stuckView) outTable(ctx context.Context, caption string, out []elsewhere.Out, acts bool) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, caption), Columns: head(ctx, "created", "system", "case", "what", "reason", "acts"), Empty: t(ctx, "elsewhere.none")}
	for _, o := range out {
		why := ""
		if o.Reason != "" {
			why = t(ctx, o.Reason)
		}
		c := ui.Cell{Text: t(ctx, "elsewhere.trying", errs.P{"n": o.Tries})}
		if acts {
			c = ui.Cell{Part: outActs(o)}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: moment(o.Created)}, {Text: v.name(o.System)}, {Text: o.CaseNo}, {Text: kind(ctx, o.Kind), Sub: moment(o.At)}, {Text: why, Sub: o.Detail}, c,
		})
	}
	return tv
}

func (v stuckView) earlyTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "elsewhere.early"), Columns: head(ctx, "received", "system", "case", "what"), Empty: t(ctx, "elsewhere.none")}
	for _, m := range v.Early {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: moment(m.Received), Sub: m.MessageID}, {Text: v.name(m.System)}, {Text: m.CaseNo}, {Text: kind(ctx, m.Kind), Sub: moment(m.At)}})
	}
	return tv
}

func side(ctx context.Context, d elsewhere.Difference, s string) string {
	if d.Kind == elsewhere.DiffMissing || d.Kind == elsewhere.DiffRound {
		return s
	}
	return kind(ctx, s)
}

func (v stuckView) differences(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "elsewhere.differences"), Columns: head(ctx, "found", "system", "case", "difference", "ours", "theirs", "closed"), Empty: t(ctx, "elsewhere.none")}
	for _, d := range v.Differences {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: moment(d.Found)},
			{Text: v.name(d.System)},
			{Text: d.CaseNo},
			{Text: t(ctx, "elsewhere.diff_"+d.Kind)},
			{Text: side(ctx, d, d.Ours)},
			{Text: side(ctx, d, d.Theirs)},
			{Text: moment(d.Closed)},
		})
	}
	return tv
}

func (v stuckView) runs(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "elsewhere.runs"), Columns: head(ctx, "day", "system", "our_cases", "their_cases", "differences", "asked", "reason"), Empty: t(ctx, "elsewhere.none")}
	for _, r := range v.Runs {
		why := ""
		if r.Reason != "" {
			why = t(ctx, r.Reason)
		}
		num := func(n int) ui.Cell { return ui.Cell{Text: strconv.Itoa(n)} }
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: r.Day, Sub: moment(r.Ended)}, {Text: v.name(r.System)}, num(r.Ours), num(r.Theirs), num(r.Found), num(r.Asked), {Text: why}})
	}
	return tv
}

type systemsView struct {
	Systems []elsewhere.System
	Fields  []ui.FormField
	List    []ui.ErrorItem
	Secret  string // shown once
}

// systems is the security administrator's page of connected systems.
func (h *handlers) systems(w http.ResponseWriter, r *http.Request) error {
	return h.showSystems(w, r, http.StatusOK, elsewhere.System{}, nil, "")
}

func (h *handlers) showSystems(w http.ResponseWriter, r *http.Request, status int, typed elsewhere.System, bad error, secret string) error {
	ctx := r.Context()
	all, err := h.Elsewhere.Systems(ctx)
	if err != nil {
		return err
	}
	v := systemsView{Systems: all, Secret: secret}
	wrong := map[string]string{}
	if e := errs.As(bad); e != nil {
		for _, f := range e.Fields {
			wrong[f.Path] = t(ctx, f.Key, f.Params)
			v.List = append(v.List, ui.ErrorItem{Field: f.Path, Text: wrong[f.Path]})
		}
	}
	field := func(name, value, kind string, must bool) {
		v.Fields = append(v.Fields, ui.FormField{
			Name: name, Kind: kind, Label: t(ctx, "elsewhere.field_"+name), Hint: t(ctx, "elsewhere.hint_"+name), Value: value, Required: must, Error: wrong[name], MaxLength: 200,
		})
	}
	field("key", typed.Key, "text", true)
	field("name", typed.Name, "text", true)
	field("url", typed.URL, "text", true)
	field("park", hoursOf(typed.Park), "text", false)
	field("gap", hoursOf(typed.Gap), "text", false)
	return web.RenderStatus(w, r, status, systemsPage(v))
}

func hoursOf(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(int(d / time.Hour))
}

func (h *handlers) register(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	hours := func(name string) time.Duration {
		s := strings.TrimSpace(f.Get(name))
		n, err := strconv.Atoi(s)
		if err != nil && s != "" {
			return -1
		}
		return time.Duration(min(n, 1<<20)) * time.Hour
	}
	in := elsewhere.System{Key: f.Get("key"), Name: f.Get("name"), URL: f.Get("url"), Park: hours("park"), Gap: hours("gap"), Disabled: f.Get("disabled") == "1"}
	secret, err := h.Elsewhere.Register(r.Context(), actor(r), in)
	switch {
	case errs.KindOf(err) == errs.Invalid:
		return h.showSystems(w, r, http.StatusUnprocessableEntity, in, err, "")
	case err != nil:
		return err
	case secret == "":
		return web.SeeOther(w, r, "/admin/elsewhere")
	}
	return h.showSystems(w, r, http.StatusOK, elsewhere.System{}, nil, secret)
}

func (h *handlers) rekey(w http.ResponseWriter, r *http.Request) error {
	secret, err := h.Elsewhere.Rekey(r.Context(), actor(r), r.PathValue("system"))
	if err != nil {
		return err
	}
	return h.showSystems(w, r, http.StatusOK, elsewhere.System{}, nil, secret)
}

func systemsTable(ctx context.Context, v systemsView) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "elsewhere.systems_title"), CaptionHide: true, Columns: head(ctx, "name", "key", "url", "state", "acts"), Empty: t(ctx, "elsewhere.no_systems")}
	for _, s := range v.Systems {
		state := ui.Cell{Text: t(ctx, "elsewhere.on"), Tone: ui.Success}
		if s.Disabled {
			state = ui.Cell{Text: t(ctx, "elsewhere.off"), Tone: ui.Neutral}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: s.Name}, {Text: s.Key}, {Text: s.URL}, state, {Part: systemActs(s)}})
	}
	return tv
}
