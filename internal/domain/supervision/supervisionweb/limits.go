package supervisionweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/supervision"
)

// pointsView is what the agencies lost in a month.
type pointsView struct {
	Rows   []supervision.AgencyPoints
	Months []string
	Month  string
}

func (h handlers) points(w http.ResponseWriter, r *http.Request) error {
	v := pointsView{Month: r.URL.Query().Get("month")}
	if v.Month == "" {
		v.Month = day(h.svc.Now())[:7]
	}
	var err error
	if v.Rows, v.Months, err = h.svc.Points(r.Context(), actor(r), v.Month); err != nil {
		return err
	}
	return web.Render(w, r, pointsPage(v))
}

func (v pointsView) filters(ctx context.Context) ui.FilterView {
	var ms []ui.Option
	for _, m := range v.Months {
		ms = append(ms, ui.Option{Value: m, Label: m})
	}
	return ui.FilterView{Action: "/supervision/points", Target: "points", Filters: []ui.Filter{{Name: "month", Label: t(ctx, "supervisionweb.month"), Value: v.Month, Options: ms}}}
}

func (v pointsView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.points_caption", errs.P{"month": v.Month}), Sticky: true, Empty: t(ctx, "supervisionweb.points_empty")}
	tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb.agency")})
	for _, k := range []string{"cards_yellow", "cards_red", "cards_urged", "cards_cancelled", "cards_open", "points"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k), Num: true})
	}
	for _, p := range v.Rows {
		to := func(n int, name, value string) ui.Cell {
			q := url.Values{"agency": {p.Agency}, "month": {v.Month}}
			if name != "" {
				q.Set(name, value)
			}
			return number(n, "/supervision/alarms?"+q.Encode())
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: p.Name},
			to(p.Yellow, "level", "yellow"), to(p.Red, "level", "red"),
			{Text: strconv.Itoa(p.Urged)},
			to(p.Cancelled, "state", supervision.Cancelled),
			to(p.Open, "state", supervision.Open), to(p.Points, "", ""),
		})
	}
	return tv
}

// limitsView is the limits in force, their history and a form for a new one.
type limitsView struct {
	All             []supervision.Threshold
	Now             supervision.Limits
	Typed, Problems map[string]string
	List            []ui.ErrorItem
}

func (h handlers) limits(w http.ResponseWriter, r *http.Request) error {
	v, err := h.limitsNow(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, limitsPage(v))
}

func (h handlers) limitsNow(r *http.Request) (v limitsView, err error) {
	v.All, v.Now, err = h.svc.Thresholds(r.Context(), actor(r))
	return v, err
}

func (h handlers) setLimit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	typed := map[string]string{"key": f.Get("key"), "value": f.Get("value"), "from": dateTyped(f), "reason": f.Get("reason")}
	n, err := strconv.Atoi(strings.TrimSpace(typed["value"]))
	if err != nil {
		n = -1 // below every limit
	}
	err = h.svc.SetThreshold(r.Context(), actor(r), supervision.Threshold{Key: typed["key"], Value: n, From: typed["from"], Reason: typed["reason"]})
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/supervision/thresholds")
	case errs.KindOf(err) != errs.Invalid:
		return err
	}
	v, again := h.limitsNow(r)
	if again != nil {
		return again
	}
	v.Typed, v.Problems = typed, map[string]string{}
	for _, e := range errs.As(err).Fields {
		text := i18n.T(r.Context(), e.Key, e.Params)
		v.Problems[e.Path] = text
		v.List = append(v.List, ui.ErrorItem{Field: e.Path, Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, limitsPage(v))
}

func (v limitsView) now(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.limits_now")}
	for _, k := range []string{"limit", "limit_value", "limit_default"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k), Num: k != "limit"})
	}
	for _, s := range supervision.Settings {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: t(ctx, "supervision.limit_"+s.Key)}, {Text: strconv.Itoa(s.Value(v.Now))}, {Text: strconv.Itoa(s.Default)}})
	}
	return tv
}

func (v limitsView) history(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.limits_history"), Empty: t(ctx, "supervisionweb.limits_none")}
	for _, k := range []string{"limit", "limit_value", "limit_since", "limit_region", "limit_why", "time"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, x := range v.All {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: t(ctx, "supervision.limit_"+x.Key)}, {Text: strconv.Itoa(x.Value)}, {Text: x.From}, {Text: x.Region}, {Text: x.Reason}, {Text: moment(x.At)},
		})
	}
	return tv
}

func (v limitsView) fields(ctx context.Context) []ui.FormField {
	key := ui.FormField{Name: "key", Kind: "select", Label: t(ctx, "supervisionweb.limit"), Required: true, Value: v.Typed["key"], Error: v.Problems["key"]}
	for _, s := range supervision.Settings {
		key.Options = append(key.Options, ui.Option{Value: s.Key, Label: t(ctx, "supervision.limit_"+s.Key)})
	}
	return []ui.FormField{
		key,
		{Name: "value", Kind: "number", Label: t(ctx, "supervisionweb.limit_value"), Required: true, Value: v.Typed["value"], Error: v.Problems["value"]},
		{Name: "from", Kind: "date", Label: t(ctx, "supervisionweb.limit_since"), Hint: t(ctx, "supervisionweb.limit_since_hint"), Required: true, Value: v.Typed["from"], Error: v.Problems["from"]},
		{Name: "reason", Kind: "text", Label: t(ctx, "supervisionweb.limit_why"), Required: true, Value: v.Typed["reason"], MaxLength: 500, Error: v.Problems["reason"]},
	}
}

// dateTyped joins the three parts of a date; what is no number stays as it was typed.
func dateTyped(f url.Values) string {
	parts := []string{f.Get("from.y"), f.Get("from.m"), f.Get("from.d")}
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
		if len(parts[i]) == 1 {
			parts[i] = "0" + parts[i]
		}
	}
	return strings.Join(parts, "-")
}
