package supervisionweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

// word is the text of a key another room owns; where that room has none for a new value, the value itself.
func word(ctx context.Context, prefix, value string) string {
	if value == "" || !i18n.Has(prefix+value) {
		return value
	}
	return t(ctx, prefix+value)
}

// day writes a date, moment a date with its time; a zero time is empty.
func day(at time.Time) string    { return format(at, time.DateOnly) }
func moment(at time.Time) string { return format(at, "2006-01-02 15:04") }

func format(at time.Time, layout string) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format(layout)
}

// clockOf is a case's binding deadline in words; nil when none runs.
func clockOf(ctx context.Context, c cases.Case) *ui.ClockView {
	switch due := c.Clock.Due(); {
	case !c.State.Open():
		return &ui.ClockView{State: ui.Finished}
	case c.Clock.Paused:
		return &ui.ClockView{State: ui.Paused, Left: c.Clock.Left}
	case due.IsZero():
		return nil
	case c.Overdue:
		return &ui.ClockView{State: ui.Overdue, Left: -c.DaysLeft, Why: dueWords(ctx, c)}
	case c.DaysLeft <= 1:
		return &ui.ClockView{State: ui.DueSoon, Left: c.DaysLeft, Why: dueWords(ctx, c)}
	default:
		return &ui.ClockView{State: ui.Running, Left: c.DaysLeft, Why: dueWords(ctx, c)}
	}
}

// dueWords says what must be done until the date that binds now.
func dueWords(ctx context.Context, c cases.Case) string {
	p := errs.P{"date": day(c.Clock.Due())}
	if key := "cases.due_" + c.Clock.Phase; i18n.Has(key) {
		return t(ctx, key, p)
	}
	return t(ctx, "ui.clock_due", p)
}

// listView is the supervisor's list of cases.
type listView struct {
	supervision.Figures
	Page            cases.Page
	Filter          cases.Filter
	Agencies, Items []supervision.Name
	Query           url.Values
}

func (v listView) kpis(ctx context.Context) []ui.KPIView {
	kpi := func(key string, n int, href string, tone ui.Tone) ui.KPIView {
		if n == 0 {
			tone = ""
		}
		return ui.KPIView{Label: t(ctx, key), Value: strconv.Itoa(n), Unit: t(ctx, "supervisionweb.pieces"), Href: href, Tone: tone}
	}
	return []ui.KPIView{
		kpi("supervisionweb.open", v.Open, "/supervision", ""),
		kpi("supervisionweb.overdue", v.Overdue, "/supervision?clock=overdue", ui.Bad),
		kpi("supervisionweb.paused", v.Paused, "/supervision?state=correction", ""),
		kpi("supervisionweb.alarms", v.Alarms, "/supervision/alarms?state=open", ui.Warn),
	}
}

func names(ns []supervision.Name) []ui.Option {
	out := make([]ui.Option, 0, len(ns))
	for _, n := range ns {
		out = append(out, ui.Option{Value: n.Key, Label: n.Name})
	}
	return out
}

func (v listView) filters(ctx context.Context) ui.FilterView {
	var states []ui.Option
	for _, s := range cases.States {
		if s != cases.Draft && s != cases.Prechecking {
			states = append(states, ui.Option{Value: string(s), Label: word(ctx, "cases.state_", string(s))})
		}
	}
	f := ui.FilterView{
		Action: "/supervision", Target: "cases",
		Filters: []ui.Filter{
			{Name: "agency", Label: t(ctx, "supervisionweb.agency"), Value: v.Filter.Agency, Options: names(v.Agencies)},
			{Name: "item", Label: t(ctx, "supervisionweb.item"), Value: v.Filter.Item, Options: names(v.Items)},
			{Name: "state", Label: t(ctx, "supervisionweb.state"), Value: string(v.Filter.State), Options: states},
			{Name: "clock", Label: t(ctx, "supervisionweb.clock"), Value: v.Query.Get("clock"), Options: []ui.Option{{Value: "overdue", Label: t(ctx, "supervisionweb.overdue")}}},
		},
	}
	if len(v.Query) > 0 {
		f.ResetHref = "/supervision"
	}
	return f
}

// exportHref asks for the whole list with the conditions it is shown by.
func (v listView) exportHref() string {
	q := url.Values{"of": {"region"}}
	for _, k := range []string{"agency", "item", "state", "clock"} {
		if s := v.Query.Get(k); s != "" {
			q.Set(k, s)
		}
	}
	return "/exports/new?" + q.Encode()
}

func (v listView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.list_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "supervisionweb.list_empty")}
	for _, k := range []string{"case", "agency", "applicant", "state", "due", "step"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, c := range v.Page.Cases {
		clk := ui.Cell{Text: t(ctx, "supervisionweb.no_clock"), Clock: clockOf(ctx, c)}
		if d := c.Clock.LegalDue; !d.IsZero() && !d.Equal(c.Clock.Due()) {
			clk.Sub = t(ctx, "supervisionweb.legal_due", errs.P{"date": day(d)})
		}
		step := ui.Cell{Text: c.StepName}
		if d := c.Clock.StepDue; !d.IsZero() {
			step.Sub = t(ctx, "supervisionweb.step_due", errs.P{"date": day(d)})
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Part: caseHead(c.ItemName, c.CaseNo, "/supervision/cases/"+c.ID)},
			{Text: c.AgencyName},
			{Text: c.Applicant},
			{Text: t(ctx, c.StateKey())},
			clk, step,
		})
	}
	return tv
}

// more leads to the next part of a list under the same filters.
func more(path string, q url.Values, next string) ui.PagerView {
	if next == "" {
		return ui.PagerView{}
	}
	n := url.Values{}
	for k, vs := range q {
		n[k] = slices.Clone(vs)
	}
	n.Set("after", next)
	return ui.PagerView{NextHref: path + "?" + n.Encode()}
}

// alarmsView is a list of alarms, for the supervisor or for a department.
type alarmsView struct {
	Page   supervision.AlarmPage
	Filter supervision.AlarmFilter
	Query  url.Values
	Desk   bool
}

func filterOf(q url.Values) supervision.AlarmFilter {
	return supervision.AlarmFilter{Rule: q.Get("rule"), State: q.Get("state"), Agency: q.Get("agency"), Month: q.Get("month"), Level: supervision.Level(q.Get("level")), After: q.Get("after")}
}

func (v alarmsView) path() string {
	if v.Desk {
		return "/desk/alarms"
	}
	return "/supervision/alarms"
}

func (v alarmsView) page(ctx context.Context) ui.PageView {
	if v.Desk {
		return ui.PageView{Title: t(ctx, "supervisionweb.desk_title"), Lead: t(ctx, "supervisionweb.desk_lead")}
	}
	return ui.PageView{Title: t(ctx, "supervisionweb.alarms_title"), Lead: t(ctx, "supervisionweb.alarms_lead")}
}

func (v alarmsView) filters(ctx context.Context) ui.FilterView {
	var rules []ui.Option
	for _, r := range supervision.Rules {
		rules = append(rules, ui.Option{Value: r.Key, Label: t(ctx, "supervision.rule_"+r.Key)})
	}
	two := func(prefix string, values ...string) (out []ui.Option) {
		for _, s := range values {
			out = append(out, ui.Option{Value: s, Label: t(ctx, prefix+s)})
		}
		return out
	}
	f := ui.FilterView{Action: v.path(), Target: "alarms", Filters: []ui.Filter{
		{Name: "rule", Label: t(ctx, "supervisionweb.rule"), Value: v.Filter.Rule, Options: rules},
		{Name: "level", Label: t(ctx, "supervisionweb.level"), Value: string(v.Filter.Level), Options: two("supervision.level_", "red", "yellow")},
		{Name: "state", Label: t(ctx, "supervisionweb.state"), Value: v.Filter.State, Options: two("supervision.state_", supervision.States...)},
	}}
	if len(v.Query) > 0 {
		f.ResetHref = v.path()
	}
	return f
}

func (v alarmsView) table(ctx context.Context) ui.TableView {
	return alarmTable(ctx, v.Page.Rows, v.Desk)
}

func alarmTable(ctx context.Context, rows []supervision.Alarm, desk bool) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.alarms_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "supervisionweb.alarms_empty")}
	for _, k := range []string{"found", "level", "rule", "case", "agency", "explanation"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, a := range rows {
		first, link := ui.Cell{Text: moment(a.Found), Href: "/supervision/alarms/" + a.ID}, "/supervision/cases/"+a.CaseID
		if desk {
			first.Href, link = "/desk/alarms/"+a.ID, "/desk/cases/"+a.CaseID
		}
		basis := ""
		if r, ok := supervision.RuleOf(a.Rule); ok {
			basis = r.Basis
		}
		about := ui.Cell{Part: caseHead(a.ItemName, a.CaseNo, link)}
		if a.CaseID == "" {
			about = ui.Cell{Text: t(ctx, "supervisionweb.many_cases")}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{first, level(ctx, a.Level), {Text: noteText(ctx, a), Sub: basis}, about, {Text: a.AgencyName}, said(ctx, a)})
	}
	return tv
}

// said is what the department said, with the state of the card and by when something is owed.
func said(ctx context.Context, a supervision.Alarm) ui.Cell {
	state := t(ctx, "supervision.state_"+a.State)
	if a.Explanation == "" {
		c := ui.Cell{Text: state, Tone: ui.Warn}
		if !a.Owed.IsZero() {
			c.Sub = t(ctx, "supervisionweb.owed_by", errs.P{"date": day(a.Owed)})
		}
		return c
	}
	return ui.Cell{Text: a.Explanation, Sub: strings.TrimSpace(state + " " + day(a.ExplainedAt) + " " + by(ctx, a.ExplainedBy))}
}

func level(ctx context.Context, l supervision.Level) ui.Cell {
	c := ui.Cell{Text: t(ctx, "supervision.level_"+string(l)), Tone: ui.Warn}
	if l == supervision.Red {
		c.Tone = ui.Bad
	}
	return c
}

// noteText says what was found, with the dates and steps that matter.
func noteText(ctx context.Context, a supervision.Alarm) string {
	p := errs.P{}
	for k, v := range a.Facts {
		p[k] = v
	}
	if phase := a.Facts["phase"]; phase != "" {
		p["phase"] = word(ctx, "cases.phase_", phase)
	}
	for fact, prefix := range map[string]string{"ground": "cases.special_", "act": "cases.act_", "where": "supervision.where_", "side": "supervision.side_", "grade": "supervision.grade_"} {
		if v := a.Facts[fact]; v != "" {
			p[fact] = word(ctx, prefix, v)
		}
	}
	return t(ctx, "supervision.note_"+a.Note, p)
}

// by says who acted: unit and masked name where the deployment tells, else only the role.
func by(ctx context.Context, who string) string {
	kind, key, found := strings.Cut(who, ":")
	switch {
	case who == "":
		return ""
	case found && kind == "system": // of another authority
		return t(ctx, "cases.handled_in", errs.P{"system": key})
	case who == "system", found && (kind == "person" || kind == "staff"):
		return t(ctx, "supervisionweb.by_"+kind)
	}
	return who
}
