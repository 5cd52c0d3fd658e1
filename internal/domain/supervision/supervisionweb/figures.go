package supervisionweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/supervision"
)

// Tabs lead between the supervisor's pages; here is the address of the one that is shown.
func Tabs(ctx context.Context, here string) []ui.NavItem {
	var out []ui.NavItem
	for _, p := range []struct{ href, key string }{
		{"/supervision", "tab_cases"},
		{"/supervision/alarms", "tab_alarms"},
		{"/supervision/bottlenecks", "tab_figures"},
		{"/supervision/reports", "tab_reports"},
		{"/supervision/points", "tab_points"},
		{"/supervision/thresholds", "tab_limits"},
	} {
		out = append(out, ui.NavItem{Href: p.href, Label: t(ctx, "supervisionweb."+p.key), Current: p.href == here})
	}
	return out
}

type figuresView struct {
	supervision.Bottlenecks
	Query           url.Values
	Agencies, Items []supervision.Name
	Now             time.Time
}

func figuredOf(q url.Values) supervision.Figured {
	return supervision.Figured{From: q.Get("from"), To: q.Get("to"), Agency: q.Get("agency"), Item: q.Get("item"), Step: q.Get("step")}
}

func (h handlers) bottlenecks(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := figuresView{Query: q, Now: h.svc.Now()}
	var err error
	if v.Bottlenecks, err = h.svc.Bottlenecks(ctx, a, supervision.By(q.Get("by")), figuredOf(q)); err != nil {
		return err
	}
	if v.Agencies, v.Items, err = h.svc.Names(ctx, a); err != nil {
		return err
	}
	return web.Render(w, r, figuresPage(v))
}

// months are the months one can choose, the present one first.
func months(now time.Time) (out []ui.Option) {
	y, m, _ := now.Date()
	for i := range 36 {
		s := time.Date(y, m-time.Month(i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		out = append(out, ui.Option{Value: s, Label: s})
	}
	return out
}

func (v figuresView) filters(ctx context.Context) ui.FilterView {
	by := make([]ui.Option, 0, 3)
	for _, b := range []supervision.By{supervision.ByStep, supervision.ByAgency, supervision.ByItem} {
		by = append(by, ui.Option{Value: string(b), Label: t(ctx, "supervisionweb.by_"+string(b))})
	}
	f := ui.FilterView{Action: "/supervision/bottlenecks", Target: "figures", Filters: []ui.Filter{
		{Name: "by", Label: t(ctx, "supervisionweb.by"), Value: string(v.By), Options: by},
		{Name: "from", Label: t(ctx, "supervisionweb.from"), Value: v.From, Options: months(v.Now)},
		{Name: "to", Label: t(ctx, "supervisionweb.to"), Value: v.To, Options: months(v.Now)},
		{Name: "agency", Label: t(ctx, "supervisionweb.agency"), Value: v.Agency, Options: names(v.Agencies)},
		{Name: "item", Label: t(ctx, "supervisionweb.item"), Value: v.Item, Options: names(v.Items)},
	}}
	if len(v.Query) > 0 {
		f.ResetHref = "/supervision/bottlenecks"
	}
	return f
}

// drill leads to the cases behind a number of a line; the empty key is the total.
func (v figuresView) drill(by supervision.By, key string, of supervision.Of) string {
	q := url.Values{"of": {string(of)}, "from": {v.From}, "to": {v.To}}
	for name, value := range map[string]string{"agency": v.Agency, "item": v.Item, "step": v.Step} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if key != "" {
		q.Set(string(by), key)
	}
	return "/supervision/bottlenecks/cases?" + q.Encode()
}

// number is a figure that leads to its cases, unless there are none.
func number(n int, href string) ui.Cell {
	c := ui.Cell{Text: strconv.Itoa(n)}
	if n > 0 {
		c.Href = href
	}
	return c
}

// hoursWords writes hours as people say them: hours up to two days, then days.
func hoursWords(ctx context.Context, h int) string {
	if h <= 48 {
		return t(ctx, "supervisionweb.hours", errs.P{"n": h})
	}
	return t(ctx, "supervisionweb.days", errs.P{"n": strconv.FormatFloat(float64(h)/24, 'f', -1, 64)})
}

// mostLines is how many lines of a table are shown; the total above is of all.
const mostLines = 100

func (v figuresView) stepTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.steps_caption"), Sticky: true, Empty: t(ctx, "supervisionweb.figures_empty")}
	tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb.by_"+string(v.By))})
	for _, k := range []string{"done", "median", "p90", "late", "waiting", "step_overdue"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k), Num: true})
	}
	row := func(f supervision.StepFigure, name string) []ui.Cell {
		spread := []ui.Cell{{Text: "—"}, {Text: "—"}}
		if f.Done > 0 {
			spread = []ui.Cell{{Text: hoursWords(ctx, f.Median)}, {Text: hoursWords(ctx, f.P90)}}
		}
		return []ui.Cell{
			{Text: name},
			number(f.Done, v.drill(v.By, f.Key, supervision.OfDone)), spread[0], spread[1], number(f.Late, v.drill(v.By, f.Key, supervision.OfLate)),
			number(f.Waiting, v.drill(v.By, f.Key, supervision.OfWaiting)), number(f.Overdue, v.drill(v.By, f.Key, supervision.OfOverdue)),
		}
	}
	if len(v.Steps) > 0 {
		tv.Rows = append(tv.Rows, row(v.Total, t(ctx, "supervisionweb.total")))
	}
	for _, f := range v.Steps[:min(len(v.Steps), mostLines)] {
		tv.Rows = append(tv.Rows, row(f, f.Name))
	}
	return tv
}

func (v figuresView) closedTable(ctx context.Context) ui.TableView {
	by := v.By
	if by == supervision.ByStep {
		by = supervision.ByItem
	}
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.closed_caption"), Sticky: true, Empty: t(ctx, "supervisionweb.closed_empty")}
	tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb.by_"+string(by))})
	for _, k := range []string{"closed", "timed", "promised_days", "actual_days", "longer", "planned_trips", "trips", "more_trips", "reused", "uploaded"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k), Num: true})
	}
	row := func(f supervision.CloseFigure, name string) []ui.Cell {
		to := func(n int, of supervision.Of) ui.Cell { return number(n, v.drill(by, f.Key, of)) }
		return []ui.Cell{
			{Text: name},
			to(f.Cases, supervision.OfClosed), to(f.Timed, supervision.OfTimed), to(f.Promised, supervision.OfTimed), to(f.Actual, supervision.OfTimed),
			to(f.Longer, supervision.OfLonger), to(f.Planned, supervision.OfClosed), to(f.Trips, supervision.OfTrips), to(f.More, supervision.OfMore),
			to(f.Reused, supervision.OfReused), to(f.Uploaded, supervision.OfUploaded),
		}
	}
	if len(v.Closed) > 0 {
		tv.Rows = append(tv.Rows, row(v.Sum, t(ctx, "supervisionweb.total")))
	}
	for _, f := range v.Closed[:min(len(v.Closed), mostLines)] {
		tv.Rows = append(tv.Rows, row(f, f.Name))
	}
	return tv
}

// behindView is the cases behind one number.
type behindView struct {
	supervision.FigureCases
	Of     supervision.Of
	Query  url.Values
	naming map[string]string
}

func (h handlers) behind(w http.ResponseWriter, r *http.Request) error {
	ctx, a, q := r.Context(), actor(r), r.URL.Query()
	v := behindView{Of: supervision.Of(q.Get("of")), Query: q, naming: map[string]string{}}
	var err error
	if v.FigureCases, err = h.svc.CasesOf(ctx, a, v.Of, figuredOf(q), q.Get("after")); err != nil {
		return err
	}
	if err := v.name(ctx, h.svc, a); err != nil {
		return err
	}
	return web.Render(w, r, behindPage(v))
}

func (v *behindView) name(ctx context.Context, s *supervision.Service, a authz.Actor) error {
	agencies, items, err := s.Names(ctx, a)
	for _, n := range agencies {
		v.naming["agency:"+n.Key] = n.Name
	}
	for _, n := range items {
		v.naming["item:"+n.Key] = n.Name
	}
	return err
}

func (v behindView) page(ctx context.Context) ui.PageView {
	p := ui.PageView{Title: t(ctx, "supervisionweb.of_"+string(v.Of)), Lead: t(ctx, "supervisionweb.behind_lead", errs.P{"n": v.N}), BackHref: "/supervision/bottlenecks"}
	if sum, ok := map[supervision.Of]int{
		supervision.OfTrips: v.Trips, supervision.OfReused: v.Reused, supervision.OfUploaded: v.Uploaded,
	}[v.Of]; ok {
		p.Lead = t(ctx, "supervisionweb.behind_sum", errs.P{"n": v.N, "sum": sum})
	}
	if v.Of == supervision.OfTimed {
		p.Lead = t(ctx, "supervisionweb.behind_days", errs.P{"n": v.N, "promised": v.Promised, "actual": v.Actual})
	}
	return p
}

func (v behindView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.of_"+string(v.Of)), CaptionHide: true, Sticky: true, Empty: t(ctx, "supervisionweb.figures_empty")}
	heads, cells := v.columns()
	for i, k := range append([]string{"case_no", "item", "agency"}, heads...) {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k), Num: i > 3})
	}
	for _, c := range v.Rows {
		row := []ui.Cell{{Text: c.CaseNo, Href: "/supervision/cases/" + c.CaseID}, {Text: v.named("item:", c.Item)}, {Text: v.named("agency:", c.Agency)}}
		tv.Rows = append(tv.Rows, append(row, cells(ctx, c)...))
	}
	return tv
}

func (v behindView) named(kind, key string) string {
	if n := v.naming[kind+key]; n != "" {
		return n
	}
	return key
}

// columns are the facts that belong to the figure.
func (v behindView) columns() (heads []string, cells func(context.Context, supervision.FigureCase) []ui.Cell) {
	stepName := func(c supervision.FigureCase) ui.Cell {
		if c.StepName == "" {
			return ui.Cell{Text: c.Step}
		}
		return ui.Cell{Text: c.StepName}
	}
	late := func(ctx context.Context, c supervision.FigureCase) ui.Cell {
		if c.Late {
			return ui.Cell{Text: t(ctx, "supervisionweb.yes"), Tone: ui.Bad}
		}
		return ui.Cell{Text: t(ctx, "supervisionweb.no")}
	}
	switch v.Of {
	case supervision.OfDone, supervision.OfLate:
		return []string{"step", "took", "left", "past"}, func(ctx context.Context, c supervision.FigureCase) []ui.Cell {
			return []ui.Cell{stepName(c), {Text: took(ctx, c.Took)}, {Text: moment(c.At)}, late(ctx, c)}
		}
	case supervision.OfWaiting, supervision.OfOverdue:
		return []string{"step", "step_until", "past"}, func(ctx context.Context, c supervision.FigureCase) []ui.Cell {
			return []ui.Cell{stepName(c), {Text: moment(c.At)}, late(ctx, c)}
		}
	}
	return []string{"closed_at", "promised_days", "actual_days", "planned_trips", "trips", "reused", "uploaded"}, func(_ context.Context, c supervision.FigureCase) []ui.Cell {
		out := []ui.Cell{{Text: moment(c.At)}}
		for _, n := range []int{c.Promised, c.Actual, c.Planned, c.Trips, c.Reused, c.Uploaded} {
			out = append(out, ui.Cell{Text: strconv.Itoa(n)})
		}
		return out
	}
}

// took writes how long a stay took, to the minute.
func took(ctx context.Context, d time.Duration) string {
	if d >= 48*time.Hour {
		return t(ctx, "supervisionweb.days", errs.P{"n": strconv.FormatFloat(d.Hours()/24, 'f', 1, 64)})
	}
	return t(ctx, "supervisionweb.hours_minutes", errs.P{"h": int(d.Hours()), "m": int(d.Minutes()) % 60})
}
