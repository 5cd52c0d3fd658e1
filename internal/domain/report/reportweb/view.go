package reportweb

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/report"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string {
	return i18n.T(ctx, "reportweb."+key, p...)
}

// number is the text of a number of a report.
func number(ctx context.Context, key string) string { return i18n.T(ctx, "report.n_"+key) }

func word(ctx context.Context, prefix, value string) string {
	if value == "" || !i18n.Has(prefix+value) {
		return value
	}
	return i18n.T(ctx, prefix+value)
}

func minute(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// listView is the reports of a region.
type listView struct {
	Reports      []report.Report
	Region       string
	Month, Error string
	Now          time.Time
	Tabs         []ui.NavItem
}

func (v listView) errors() []ui.ErrorItem {
	if v.Error == "" {
		return nil
	}
	return []ui.ErrorItem{{Field: "month", Text: v.Error}}
}

// months are those one can report on, the last one that is over first chosen.
func (v listView) field(ctx context.Context) ui.FormField {
	y, m, _ := v.Now.In(clock.Shanghai).Date()
	f := ui.FormField{Name: "month", Kind: "select", Label: t(ctx, "month"), Hint: t(ctx, "month_hint"), Value: v.Month, Error: v.Error, Required: true}
	for i := range 36 {
		s := time.Date(y, m-time.Month(i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		f.Options = append(f.Options, ui.Option{Value: s, Label: s})
	}
	if f.Value == "" {
		f.Value = f.Options[1].Value
	}
	return f
}

func stateCell(ctx context.Context, r report.Report) ui.Cell {
	switch {
	case r.State == report.Making:
		return ui.Cell{Text: t(ctx, "state_making"), Tone: ui.Info}
	case r.State == report.Same:
		return ui.Cell{Text: t(ctx, "state_same", errs.P{"n": r.Version}), Tone: ui.Success}
	case r.Version > 1 && r.Late > 0:
		return ui.Cell{Text: t(ctx, "state_changed", errs.P{"n": r.Late}), Tone: ui.Warn}
	}
	return ui.Cell{Text: t(ctx, "state_sealed"), Tone: ui.Success}
}

func (v listView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "list_caption"), Sticky: true, Empty: t(ctx, "list_empty")}
	for _, k := range []string{"month", "version", "state", "cut", "digest"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, r := range v.Reports {
		version := "—"
		if r.Version > 0 {
			version = t(ctx, "version_n", errs.P{"n": r.Version})
		}
		cut := ui.Cell{Text: minute(r.Cut)}
		if !r.Final {
			cut.Sub = t(ctx, "not_final")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: r.Month, Href: "/supervision/reports/" + r.ID}, {Text: version}, stateCell(ctx, r), cut, {Text: short(r.SM3)}})
	}
	return tv
}

func short(digest string) string { return digest[:min(16, len(digest))] }

// reportView is one report.
type reportView struct {
	report.View
	By         report.By
	RegionName string
	Checked    string // same, differs, or empty
}

func (v reportView) title(ctx context.Context) string {
	return t(ctx, "report_title", errs.P{"month": v.Month})
}

func (v reportView) total() report.Line {
	i := slices.IndexFunc(v.Lines, func(l report.Line) bool { return l.By == report.Total })
	if i < 0 {
		return report.Line{}
	}
	return v.Lines[i]
}

func percent(n int) string {
	if n < 0 {
		return "—"
	}
	return strconv.FormatFloat(float64(n)/10, 'f', 1, 64) + "%"
}

// mean is an average with one digit; a dash of nothing.
func mean(sum, n int) string {
	if n == 0 {
		return "—"
	}
	return strconv.FormatFloat(float64(sum)/float64(n), 'f', 1, 64)
}

func (v reportView) kpis(ctx context.Context) []ui.KPIView {
	n := v.total().Numbers
	decided := n.Granted + n.Partly + n.Refused
	kpi := func(key, value, unit, of string) ui.KPIView {
		k := ui.KPIView{Label: t(ctx, "kpi_"+key), Value: value, Unit: t(ctx, "unit_"+unit)}
		if of != "" {
			k.Href = v.drill(report.Total, "", of)
		}
		return k
	}
	out := []ui.KPIView{
		kpi("received", strconv.Itoa(n.Received), "cases", "received"), kpi("decided", strconv.Itoa(decided), "cases", ""), kpi("concluded", strconv.Itoa(n.Concluded), "cases", "concluded"),
		kpi("on_time", percent(n.OnTimePercent()), "none", "timed"), kpi("median", median(n, 50), "days", "measured"), kpi("saved", mean(n.Saved, n.LegalMeasured), "days", "legal_measured"),
	}
	out[3].Note = t(ctx, "kpi_on_time_note", errs.P{"n": n.OnTime, "of": n.Timed})
	out[5].Note = t(ctx, "kpi_saved_note", errs.P{"n": n.Saved})
	return out
}

func median(n report.Numbers, at int) string {
	if n.Measured == 0 {
		return "—"
	}
	return strconv.Itoa(n.At(at))
}

// drill leads to what a number counts.
func (v reportView) drill(by report.By, key, of string) string {
	q := url.Values{"number": {of}}
	if by != report.Total {
		q.Set("by", string(by))
		q.Set("key", key)
	}
	return "/supervision/reports/" + url.PathEscape(v.ID) + "/cases?" + q.Encode()
}

func (v reportView) tabs(ctx context.Context) (out []ui.NavItem) {
	for _, by := range []report.By{report.ByAgency, report.ByItem, report.ByChannel} {
		out = append(out, ui.NavItem{
			Href: "/supervision/reports/" + url.PathEscape(v.ID) + "?by=" + string(by), Label: t(ctx, "tab_"+string(by)), Current: by == v.By,
		})
	}
	return out
}

// lines are the total and those of the chosen breakdown, the most applications first.
func (v reportView) lines() []report.Line {
	var out []report.Line
	for _, l := range v.Lines {
		if l.By == v.By {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b report.Line) int { return cmp.Compare(b.Received+b.Concluded, a.Received+a.Concluded) })
	return append([]report.Line{v.total()}, out...)
}

// most is how many lines are shown; all of them are in the export.
const most = 200

func (v reportView) table(ctx context.Context, caption string, heads []string, cells func(report.Line) []ui.Cell) ui.TableView {
	tv := ui.TableView{Caption: caption, Sticky: true, Empty: t(ctx, "no_lines")}
	tv.Columns = append(tv.Columns, ui.Column{Label: i18n.T(ctx, "report.by_"+string(v.By))})
	for _, h := range heads {
		tv.Columns = append(tv.Columns, ui.Column{Label: number(ctx, h), Num: true})
	}
	lines := v.lines()
	if len(lines) < 2 {
		return tv
	}
	for _, l := range lines[:min(len(lines), most+1)] {
		tv.Rows = append(tv.Rows, append([]ui.Cell{{Text: report.LineName(ctx, l)}}, cells(l)...))
	}
	return tv
}

// linked is a number that leads to its cases, unless there are none.
func (v reportView) linked(l report.Line, key string) ui.Cell {
	for _, f := range report.Fields {
		if f.Key == key {
			c := ui.Cell{Text: strconv.Itoa(f.Get(l.Numbers))}
			if f.Get(l.Numbers) != 0 {
				c.Href = v.drill(l.By, l.Key, key)
			}
			return c
		}
	}
	return ui.Cell{}
}

func (v reportView) work(ctx context.Context) ui.TableView {
	heads := []string{"received", "accepted", "unaccepted", "corrections", "granted", "partly", "refused", "concluded", "withdrawn", "ended"}
	return v.table(ctx, t(ctx, "work_caption"), heads, func(l report.Line) (out []ui.Cell) {
		for _, k := range heads {
			out = append(out, v.linked(l, k))
		}
		return out
	})
}

func (v reportView) service(ctx context.Context) ui.TableView {
	heads := []string{"on_time_percent", "median", "p90", "saved", "planned_trips", "trips", "more_trips", "reused", "uploaded", "ratings", "bad_ratings", "yellow_cards", "red_cards"}
	return v.table(ctx, t(ctx, "service_caption"), heads, func(l report.Line) (out []ui.Cell) {
		for _, k := range heads {
			switch k {
			case "on_time_percent":
				c := ui.Cell{Text: percent(l.OnTimePercent())}
				if l.Timed > 0 {
					c.Href = v.drill(l.By, l.Key, "timed")
				}
				out = append(out, c)
			case "median":
				out = append(out, ui.Cell{Text: median(l.Numbers, 50)})
			case "p90":
				out = append(out, ui.Cell{Text: median(l.Numbers, 90)})
			default:
				out = append(out, v.linked(l, k))
			}
		}
		return out
	})
}

// bars are the ten largest lines of a number.
func (v reportView) bars(ctx context.Context, of func(report.Numbers) (float64, string)) []ui.Bar {
	var out []ui.Bar
	for _, l := range v.lines()[1:] {
		if n, text := of(l.Numbers); text != "" {
			out = append(out, ui.Bar{Label: report.LineName(ctx, l), Value: n, Text: text})
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Bar) int { return cmp.Compare(b.Value, a.Value) })
	return out[:min(len(out), 10)]
}

func received(ctx context.Context) func(report.Numbers) (float64, string) {
	return func(n report.Numbers) (float64, string) {
		if n.Received == 0 {
			return 0, ""
		}
		return float64(n.Received), t(ctx, "n_cases", errs.P{"n": n.Received})
	}
}

func punctual(n report.Numbers) (float64, string) {
	if n.Timed == 0 {
		return 0, ""
	}
	return float64(n.OnTimePercent()) / 10, percent(n.OnTimePercent())
}

func (v reportView) changed(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "changes_caption"), Empty: t(ctx, "changes_none")}
	for i, k := range []string{"change_line", "change_number", "change_was", "change_now"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k), Num: i > 1})
	}
	for _, c := range v.Changes {
		if c.By != report.Total && c.By != v.By {
			continue
		}
		name := report.LineName(ctx, report.Line{By: c.By, Key: c.Key, Name: c.Name})
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: name}, {Text: number(ctx, c.Field)}, {Text: strconv.Itoa(c.Was)}, {Text: strconv.Itoa(c.Now)}})
	}
	return tv
}

func (v reportView) facts(ctx context.Context) []ui.KVRow {
	cut := minute(v.Cut)
	if !v.Final {
		cut += "（" + t(ctx, "not_final") + "）"
	}
	rows := []ui.KVRow{
		{Key: t(ctx, "region"), Value: v.RegionName},
		{Key: t(ctx, "cut"), Value: cut, Num: true},
		{Key: t(ctx, "version"), Value: t(ctx, "version_n", errs.P{"n": v.Version})},
		{Key: t(ctx, "sealed"), Value: minute(v.Sealed), Num: true},
		{Key: t(ctx, "digest_sm3"), Value: v.SM3, Num: true},
	}
	return rows
}

func (v reportView) exportHref(of string) string {
	return "/exports/new?" + url.Values{"of": {of}, "report": {v.ID}}.Encode()
}

// behindView is what a number counts.
type behindView struct {
	Report report.View
	Asked  report.Asked
	Page   report.BehindPage
	Query  url.Values
}

func (v behindView) title(ctx context.Context) string {
	switch v.Asked.Of {
	case report.Added:
		return t(ctx, "added_title")
	case "late":
		return t(ctx, "late_title")
	}
	return number(ctx, v.Asked.Of)
}

func (v behindView) lead(ctx context.Context) string {
	for _, l := range v.Report.Lines {
		if l.By == v.Asked.By && l.Key == v.Asked.Key {
			return t(ctx, "behind_lead_of", errs.P{"month": v.Report.Month, "name": report.LineName(ctx, l), "n": v.Page.N})
		}
	}
	return t(ctx, "behind_lead", errs.P{"month": v.Report.Month, "n": v.Page.N})
}

func (v behindView) name(ctx context.Context, by report.By, key string) string {
	for _, l := range v.Report.Lines {
		if l.By == by && l.Key == key {
			return report.LineName(ctx, l)
		}
	}
	return key
}

func (v behindView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: v.title(ctx), CaptionHide: true, Sticky: true, Empty: t(ctx, "behind_empty")}
	for i, k := range []string{"case_no", "what", "item", "agency", "channel", "at", "noted", "days_taken", "trips", "reused"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: i18n.T(ctx, "report.c_"+k), Num: i > 6})
	}
	for _, b := range v.Page.Rows {
		what := ui.Cell{Text: word(ctx, "report.fact_", b.Kind), Sub: report.Outcome(ctx, b)}
		no := ui.Cell{Text: t(ctx, "no_case_shown")}
		if b.CaseID != "" {
			no = ui.Cell{Text: b.CaseNo, Href: "/supervision/cases/" + url.PathEscape(b.CaseID)}
		}
		days := "—"
		if b.Days >= 0 {
			days = strconv.Itoa(b.Days)
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			no, what,
			{Text: v.name(ctx, report.ByItem, b.Item)},
			{Text: v.name(ctx, report.ByAgency, b.Agency)},
			{Text: word(ctx, "cases.channel_", b.Channel)},
			{Text: minute(b.At)},
			{Text: minute(b.Noted)},
			{Text: days},
			{Text: strconv.Itoa(b.Trips)},
			{Text: strconv.Itoa(b.Reused)},
		})
	}
	return tv
}

func (v behindView) more() ui.PagerView {
	if v.Page.Next == "" {
		return ui.PagerView{}
	}
	q := url.Values{}
	for k, vs := range v.Query {
		q[k] = slices.Clone(vs)
	}
	q.Set("after", v.Page.Next)
	return ui.PagerView{NextHref: "/supervision/reports/" + url.PathEscape(v.Report.ID) + "/cases?" + q.Encode()}
}

func (v behindView) exportHref() string {
	q := url.Values{"of": {report.OfFacts}, "report": {v.Report.ID}, "number": {v.Asked.Of}}
	if v.Asked.By != "" {
		q.Set("by", string(v.Asked.By))
		q.Set("key", v.Asked.Key)
	}
	return "/exports/new?" + q.Encode()
}

// exportsView is one's own exports.
type exportsView struct {
	Exports             []report.Export
	Supervisor, Officer bool
}

func (v exportsView) making() bool {
	return slices.ContainsFunc(v.Exports, func(x report.Export) bool { return x.State == report.Making })
}

func (v exportsView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "exports_caption"), CaptionHide: true, Sticky: true, Empty: t(ctx, "exports_empty")}
	for i, k := range []string{"export_what", "export_asked", "export_state", "export_rows", "export_file"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k), Num: i == 3})
	}
	for _, x := range v.Exports {
		state, file := exportState(ctx, x), ui.Cell{Text: "—"}
		if x.State == report.Ready {
			file = ui.Cell{Text: t(ctx, "fetch"), Href: "/exports/" + url.PathEscape(x.ID) + "/file", Sub: blob.Human(x.Size)}
		}
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: i18n.T(ctx, "report.of_"+x.Of), Sub: word(ctx, "reportweb.format_", x.Format)}, {Text: minute(x.Created)}, state, {Text: strconv.Itoa(x.Rows)}, file,
		})
	}
	return tv
}

func exportState(ctx context.Context, x report.Export) ui.Cell {
	switch x.State {
	case report.Ready:
		return ui.Cell{Text: t(ctx, "export_ready"), Tone: ui.Success, Sub: t(ctx, "export_until", errs.P{"time": minute(x.Expires)})}
	case report.Failed:
		return ui.Cell{Text: t(ctx, "export_failed"), Tone: ui.Bad, Sub: i18n.T(ctx, x.Problem)}
	case report.Dropped:
		return ui.Cell{Text: t(ctx, "export_dropped")}
	}
	return ui.Cell{Text: t(ctx, "export_making"), Tone: ui.Info}
}

// wantedView asks for the format of an export.
type wantedView struct {
	Query              url.Values
	Format, Key, Error string
}

func (v wantedView) errors() []ui.ErrorItem {
	if v.Error == "" {
		return nil
	}
	return []ui.ErrorItem{{Field: "format", Text: v.Error}}
}

func (v wantedView) hidden() (out []ui.KV) {
	for _, k := range []string{
		"of", "report", "by", "key", "number", "tab", "post", "item", "agency", "state", "channel", "region", "kind", "days", "overdue", "clock", "mine", "q",
	} {
		if s := v.Query.Get(k); s != "" {
			out = append(out, ui.KV{Key: k, Value: s})
		}
	}
	return append(out, ui.KV{Key: "once", Value: v.Key})
}

func (v wantedView) field(ctx context.Context) ui.FormField {
	return ui.FormField{
		Name: "format", Kind: "radio", Label: t(ctx, "format"), Value: v.Format, Error: v.Error, Required: true,
		Options: []ui.Option{{Value: "xlsx", Label: t(ctx, "format_xlsx")}, {Value: "csv", Label: t(ctx, "format_csv")}},
	}
}

// conditions say in words what the list is narrowed by.
func (v wantedView) conditions(ctx context.Context) []ui.KVRow {
	rows := []ui.KVRow{{Key: t(ctx, "export_what"), Value: i18n.T(ctx, "report.of_"+v.Query.Get("of"))}}
	for _, k := range []string{"tab", "post", "item", "agency", "state", "channel", "region", "kind", "days", "overdue", "clock", "mine"} {
		s := v.Query.Get(k)
		if s == "" {
			continue
		}
		switch k {
		case "state":
			s = word(ctx, "cases.state_", s)
		case "channel":
			s = word(ctx, "cases.channel_", s)
		case "tab":
			s = word(ctx, "deskweb.tab_", s)
		case "overdue", "clock", "mine":
			s = i18n.T(ctx, "report.yes")
		}
		rows = append(rows, ui.KVRow{Key: t(ctx, "where_"+k), Value: s})
	}
	return rows
}
