package creditweb

import (
	"context"
	"net/url"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/credit"
)

type deskView struct {
	credit.Page
	State, Number, Done string
	Searched            bool
}

var tones = map[string]ui.Tone{credit.Active: ui.Warn, credit.Repaired: ui.Success, credit.Expired: ui.Info}

func (v deskView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "desk_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "desk_empty")}
	for _, k := range []string{"name", "number", "ground", "agency", "from", "until", "state"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k)})
	}
	for _, e := range v.Entries {
		name := ui.Cell{Text: e.Name}
		if !v.Searched { // what another agency entered is shown in its row only
			name.Href = "/desk/credit/" + e.ID
		}
		state := ui.Cell{Text: t(ctx, "state_"+e.State), Tone: tones[e.State]}
		if e.Repair != nil && e.Repair.State == credit.Asked {
			state.Sub = t(ctx, "asked_on") + " " + t(ctx, "repair_asked")
		}
		tv.Rows = append(tv.Rows, []ui.Cell{name, {Text: e.Number}, {Text: t(ctx, "ground_"+e.Ground), Sub: e.Reason}, {Text: e.By, Sub: e.Ref}, {Text: e.From}, {Text: until(ctx, e)}, state})
	}
	return tv
}

func until(ctx context.Context, e credit.Entry) string {
	if e.Until == "" {
		return t(ctx, "until_repaired")
	}
	return e.Until
}

func (v deskView) tabs(ctx context.Context) []ui.NavItem {
	var out []ui.NavItem
	for _, s := range []string{"", credit.Active, credit.Repaired, credit.Expired} {
		label := t(ctx, "desk_title")
		if s != "" {
			label = t(ctx, "state_"+s)
		}
		href := "/desk/credit"
		if s != "" {
			href += "?state=" + s
		}
		out = append(out, ui.NavItem{Href: href, Label: label, Current: v.State == s && !v.Searched})
	}
	return out
}

func (v deskView) next() ui.PagerView {
	if v.Next == "" || v.Searched {
		return ui.PagerView{}
	}
	q := url.Values{"after": {v.Next}}
	if v.State != "" {
		q.Set("state", v.State)
	}
	return ui.PagerView{NextHref: "/desk/credit?" + q.Encode()}
}

type enterView struct {
	credit.Decision
	problems
}

func (v enterView) fields(ctx context.Context) []ui.FormField {
	field := func(name, kind, value string, max int) ui.FormField {
		return ui.FormField{Name: name, Kind: kind, Label: t(ctx, name), Value: value, MaxLength: max, Required: true, Error: v.Errors[name]}
	}
	ground := field("ground", "radio", v.Ground, 0)
	for _, g := range credit.Grounds {
		ground.Options = append(ground.Options, ui.Option{Value: g, Label: t(ctx, "ground_"+g), Selected: g == v.Ground})
	}
	until := field("until", "date", v.Until, 0)
	until.Required, until.Hint = false, t(ctx, "until_hint")
	from := field("from", "date", v.From, 0)
	from.Required = false
	return []ui.FormField{
		field("name", "text", v.Name, 200), field("number", "text", v.Number, 18), ground, field("item", "text", v.Item, 200), field("reason", "textarea", v.Reason, 2000),
		field("basis", "textarea", v.Basis, 2000), field("ref", "text", v.CaseNo, 80), from, until,
	}
}

type importView struct {
	Report *credit.Report
	problems
}

func (v importView) done(ctx context.Context) string {
	if v.Report == nil {
		return ""
	}
	r := v.Report
	return t(ctx, "import_done", errs.P{"read": r.Read, "added": r.Added, "known": r.Known, "wrong": r.Wrong})
}

func (v importView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "import_problem"), Columns: []ui.Column{{Label: t(ctx, "import_line", errs.P{"line": ""})}, {Label: t(ctx, "import_problem")}}}
	if v.Report != nil {
		for _, f := range v.Report.Findings {
			tv.Rows = append(tv.Rows, []ui.Cell{{Text: strconv.Itoa(f.Line)}, {Text: i18n.T(ctx, f.Key, f.Params)}})
		}
	}
	return tv
}

type entryView struct {
	credit.Entry
	Answer string
	problems
}

func rows(ctx context.Context, e credit.Entry) []ui.KVRow {
	out := []ui.KVRow{
		{Key: t(ctx, "name"), Value: e.Name},
		{Key: t(ctx, "number"), Value: e.Number, Num: true},
		{Key: t(ctx, "ground"), Value: t(ctx, "ground_"+e.Ground)},
		{Key: t(ctx, "reason"), Value: e.Reason},
		{Key: t(ctx, "basis"), Value: e.Basis},
		{Key: t(ctx, "agency"), Value: e.By},
		{Key: t(ctx, "ref"), Value: e.Ref},
		{Key: t(ctx, "from"), Value: e.From, Num: true},
		{Key: t(ctx, "until"), Value: until(ctx, e)},
		{Key: t(ctx, "state"), Value: t(ctx, "state_"+e.State)},
	}
	if r := e.Repair; r != nil {
		out = append(out, ui.KVRow{Key: t(ctx, "asked_on"), Value: day(r.At) + " " + t(ctx, "repair_"+r.State)}, ui.KVRow{Key: t(ctx, "repair_text"), Value: r.Text})
		if r.Answer != "" {
			out = append(out, ui.KVRow{Key: t(ctx, "answer"), Value: r.Answer})
		}
	}
	return out
}

func (v entryView) waits() bool { return v.Repair != nil && v.Repair.State == credit.Asked }

type mineView struct {
	Entries     []credit.Entry
	Done        string
	Asked, Text string
	problems
}

// askable reports whether repair of an entry can be asked for now.
func askable(e credit.Entry) bool {
	return e.State == credit.Active && (e.Repair == nil || e.Repair.State != credit.Asked)
}

func (v mineView) field(ctx context.Context, e credit.Entry) ui.FormField {
	f := ui.FormField{Name: "text", Kind: "textarea", Label: t(ctx, "repair_text"), Hint: t(ctx, "ask_hint"), MaxLength: 2000, Required: true}
	if e.ID == v.Asked {
		f.Value, f.Error = v.Text, v.Errors["text"]
	}
	return f
}

func (v mineView) page(ctx context.Context) ui.PageView {
	return ui.PageView{
		Title: t(ctx, "mine_title"), Lead: t(ctx, "mine_lead"), Narrow: true, Robots: "noindex", Errors: v.List,
		Crumbs: []ui.Crumb{{Label: i18n.T(ctx, "casesweb.my_space"), Href: "/my"}, {Label: t(ctx, "mine_title")}},
	}
}
