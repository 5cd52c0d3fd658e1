package orgweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

func join(ctx context.Context, names []string) string {
	return strings.Join(names, t(ctx, "org.comma"))
}

// CalendarBanner warns administrators, and desks, of a year whose holiday list is not loaded though it should be known; else it is empty.
func CalendarBanner(ctx context.Context, s *org.Service) templ.Component {
	y := s.MissingYear(ctx)
	if y == 0 {
		return templ.NopComponent
	}
	return yearBanner(y, authz.From(ctx).May(authz.OrgAdmin))
}

// year reads the wished year; without one, this year.
func (p *Pages) year(r *http.Request) int {
	if y, err := strconv.Atoi(r.FormValue("year")); err == nil && y >= 2004 && y <= 2099 {
		return y
	}
	return p.now().In(clock.Shanghai).Year()
}

func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) error {
	v := p.calendarView(r.Context(), p.year(r), dayForm(r.Context(), org.Holiday{}))
	v.Saved = r.URL.Query().Has("saved")
	return web.Render(w, r, calendarPage(v))
}

func (p *Pages) calendarView(ctx context.Context, year int, f form) calendarView {
	v := calendarView{Year: year, Covered: slices.Contains(p.org.Years(ctx), year), Form: f, Months: months(p.org.Calendar(ctx), year)}
	v.Page = ui.PageView{Title: t(ctx, "org.calendar_of", errs.P{"year": year}), Lead: t(ctx, "org.calendar_lead"), Errors: f.Page.Errors}
	own := map[string]bool{}
	for _, h := range p.org.Holidays(ctx, year) {
		own[h.Date] = own[h.Date] || h.List == 0
	}
	v.Table = ui.TableView{Caption: t(ctx, "org.days_caption", errs.P{"year": year}), Empty: t(ctx, "org.days_empty"), Columns: []ui.Column{
		{Label: t(ctx, "org.day_date")}, {Label: t(ctx, "org.day_kind")}, {Label: t(ctx, "org.day_note")}, {Label: t(ctx, "org.day_source")}, {Label: t(ctx, "org.day_change")},
	}}
	for _, h := range p.org.CalendarRows(ctx, year) {
		c := ui.Cell{Text: t(ctx, "org.day_national")}
		if own[h.Date] {
			c = ui.Cell{Part: ui.ActionForm(ui.ActionView{
				Action: "/admin/calendar/days/" + h.Date + "/drop", Label: t(ctx, "org.day_undo", errs.P{"date": h.Date}), Small: true,
				Confirm: t(ctx, "org.day_undo_ask", errs.P{"date": h.Date}),
			})}
		}
		kind := ui.Cell{Text: t(ctx, "org.day_rest"), Tone: ui.Success}
		if h.Working {
			kind = ui.Cell{Text: t(ctx, "org.day_work"), Tone: ui.Warn}
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: h.Date}, kind, {Text: h.Note}, {Text: h.Source}, c})
	}
	return v
}

func dayForm(ctx context.Context, h org.Holiday) form {
	q := asker{ctx: ctx, element: "day"}
	q.ask("date", "date", h.Date, true)
	kind := "rest"
	if h.Working {
		kind = "work"
	}
	q.ask("kind", "radio", kind, true).Options = []ui.Option{{Value: "rest", Label: t(ctx, "org.day_rest")}, {Value: "work", Label: t(ctx, "org.day_work")}}
	q.text("note", h.Note, true)
	q.text("source", h.Source, true)
	return form{Action: "/admin/calendar/days", Fields: q.fields, Submit: t(ctx, "org.day_submit")}
}

func (p *Pages) setDay(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	h := org.Holiday{Date: dateOf(v, "date"), Working: v.Get("kind") == "work", Note: v.Get("note"), Source: v.Get("source")}
	err = p.org.SetDay(ctx, authz.From(ctx), h)
	if err == nil {
		return web.SeeOther(w, r, "/admin/calendar?year="+h.Date[:4]+"&saved=1")
	}
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	f := dayForm(ctx, h)
	f.mark(ctx, e.Fields)
	year := p.year(r)
	if y, err := strconv.Atoi(v.Get("date.y")); err == nil && y >= 2004 && y <= 2099 {
		year = y
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, calendarPage(p.calendarView(ctx, year, f)))
}

// dateOf reads the three inputs of a date; what is no number comes back as typed, and the service refuses it.
func dateOf(v url.Values, name string) string {
	y, err1 := strconv.Atoi(v.Get(name + ".y"))
	m, err2 := strconv.Atoi(v.Get(name + ".m"))
	d, err3 := strconv.Atoi(v.Get(name + ".d"))
	if err1 != nil || err2 != nil || err3 != nil {
		return v.Get(name+".y") + "-" + v.Get(name+".m") + "-" + v.Get(name+".d")
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

func (p *Pages) dropDay(w http.ResponseWriter, r *http.Request) error {
	date := r.PathValue("date")
	if err := p.org.DropDay(r.Context(), authz.From(r.Context()), date); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/calendar?year="+date[:4]+"&saved=1") // it was stored, so it is a date
}

func (p *Pages) loadForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, formPage(p.yearForm(r.Context(), strconv.Itoa(p.year(r)), "", "")))
}

func (p *Pages) yearForm(ctx context.Context, year, source, rows string) form {
	q := asker{ctx: ctx, element: "load"}
	q.ask("year", "number", year, true).MaxLength = 4
	q.text("source", source, true)
	q.ask("rows", "textarea", rows, true)
	f := form{Action: "/admin/calendar/load", Fields: q.fields, Submit: t(ctx, "org.load_submit"), Page: ui.PageView{Title: t(ctx, "org.load_title"), Lead: t(ctx, "org.load_lead")}}
	f.Page.Crumbs = crumbs(ui.Crumb{Label: t(ctx, "org.calendar_title"), Href: "/admin/calendar"}, ui.Crumb{Label: f.Page.Title})
	return f
}

func (p *Pages) loadYear(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	year, _ := strconv.Atoi(strings.TrimSpace(v.Get("year"))) // 0 is refused by the service
	_, err = p.org.LoadYear(ctx, authz.From(ctx), year, v.Get("rows"), v.Get("source"))
	if err == nil {
		return web.SeeOther(w, r, fmt.Sprintf("/admin/calendar?year=%d&saved=1", year))
	}
	return answer(w, r, err, "", p.yearForm(ctx, v.Get("year"), v.Get("source"), v.Get("rows")), nil)
}

// month is a month as weeks of seven days, Monday first; a day 0 is none.
type month struct {
	N     int
	Weeks [][7]gridDay
}

type gridDay struct {
	N    int
	Mark string // 休, 班 or empty
	Why  string
}

func months(cal clock.Calendar, year int) []month {
	out := make([]month, 12)
	for m := range out {
		out[m].N = m + 1
		var week [7]gridDay
		for d := time.Date(year, time.Month(m+1), 1, 0, 0, 0, 0, time.UTC); d.Month() == time.Month(m+1); d = d.AddDate(0, 0, 1) {
			i := (int(d.Weekday()) + 6) % 7
			week[i] = grid(cal, d)
			if i == 6 || d.AddDate(0, 0, 1).Day() == 1 {
				out[m].Weeks = append(out[m].Weeks, week)
				week = [7]gridDay{}
			}
		}
	}
	return out
}

// grid marks what differs from an ordinary week.
func grid(cal clock.Calendar, d time.Time) gridDay {
	c := cal.Day(d.Format(time.DateOnly))
	g := gridDay{N: d.Day(), Why: c.Why}
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	switch {
	case !c.Working:
		g.Mark = "org.mark_rest"
	case weekend:
		g.Mark = "org.mark_work"
	}
	return g
}
