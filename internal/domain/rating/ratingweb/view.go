package ratingweb

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/rating"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func gradeText(ctx context.Context, g int) string { return t(ctx, "ui.grade_"+strconv.Itoa(g)) }

func kindText(ctx context.Context, k rating.Kind) string { return t(ctx, "rating.kind_"+string(k)) }

func (v rateView) page(ctx context.Context) ui.PageView {
	p := ui.PageView{
		Title: t(ctx, "ratingweb.rate_title"), Narrow: true, Errors: v.List, BackHref: "/my/cases/" + v.CaseID,
		Crumbs: []ui.Crumb{{Label: t(ctx, "ratingweb.my"), Href: "/my"}, {Label: t(ctx, "ratingweb.case"), Href: "/my/cases/" + v.CaseID}, {Label: t(ctx, "ratingweb.rate_title")}},
	}
	if v.Now != nil {
		p.Eyebrow = v.Now.AgencyName
		p.Lead = t(ctx, "ratingweb.rate_lead", errs.P{"item": v.Now.ItemName, "kind": i18n.Key("rating.kind_" + string(v.Now.Kind)), "date": day(v.Now.At)})
		if v.Now.Given != nil {
			p.Title = t(ctx, "ratingweb.rated_title")
		}
	}
	return p
}

// tagField asks for the tags of praise or of faults; with scripts only those that fit the chosen grade show.
func (v rateView) tagField(ctx context.Context, name string, grade int, when string) ui.FormField {
	f := ui.FormField{Name: name, Kind: "checkbox", Label: t(ctx, "ratingweb.tags_"+name), WhenJSON: when, Values: v.In.Tags, Error: v.Errors["tags"]}
	for _, tag := range rating.TagsFor(v.Now.Channel, grade) {
		f.Options = append(f.Options, ui.Option{Value: tag, Label: t(ctx, "rating.tag_"+tag)})
	}
	return f
}

func (v rateView) tagFields(ctx context.Context) []ui.FormField {
	return []ui.FormField{
		v.tagField(ctx, "good", rating.Best, `{"field":"grade","op":"in","value":["1","2","3"]}`),
		v.tagField(ctx, "bad", rating.Worst, `{"field":"grade","op":"in","value":["4","5"]}`),
	}
}

func (v rateView) textField(ctx context.Context) ui.FormField {
	return ui.FormField{
		Name: "text", Kind: "textarea", Label: t(ctx, "ratingweb.text"), Hint: t(ctx, "ratingweb.text_hint", errs.P{"max": rating.MaxText}),
		Value: v.In.Text, MaxLength: rating.MaxText, Error: v.Errors["text"],
	}
}

func (v rateView) chosen() string {
	if v.In.Grade == 0 {
		return ""
	}
	return strconv.Itoa(v.In.Grade)
}

// others are the case's other contacts, with a link to rate or read them.
func (v rateView) others(ctx context.Context) []ui.Task {
	var out []ui.Task
	for _, c := range v.All {
		if v.Now != nil && c.ID == v.Now.ID {
			continue
		}
		k := ui.Task{
			Label: t(ctx, "ratingweb.contact", errs.P{"kind": i18n.Key("rating.kind_" + string(c.Kind)), "date": day(c.At)}), State: ui.Next,
			Href: "/my/cases/" + v.CaseID + "/rate?contact=" + url.QueryEscape(c.ID),
		}
		if c.Given != nil {
			k.State, k.Note = ui.Done, gradeText(ctx, c.Given.Grade)
		}
		out = append(out, k)
	}
	return out
}

func givenRows(ctx context.Context, c rating.Rateable) []ui.KVRow {
	return []ui.KVRow{
		{Key: t(ctx, "ratingweb.grade"), Value: gradeText(ctx, c.Given.Grade)},
		{Key: t(ctx, "ratingweb.tags"), Value: tagText(ctx, c.Given.Tags)},
		{Key: t(ctx, "ratingweb.text"), Value: c.Given.Text},
		{Key: t(ctx, "ratingweb.rated_on"), Value: day(c.Given.At), Num: true},
	}
}

func tagText(ctx context.Context, tags []string) string {
	out := ""
	for i, tag := range tags {
		if i > 0 {
			out += t(ctx, "ratingweb.comma")
		}
		out += t(ctx, "rating.tag_"+tag)
	}
	return out
}

// deskView is the list of an agency's bad ratings.
type deskView struct {
	rating.BadPage
	Done bool
	Now  time.Time
}

func (v deskView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "ratingweb.desk_title"), CaptionHide: true, Sticky: true, Empty: t(ctx, "ratingweb.desk_empty")}
	for _, k := range []string{"item", "kind", "grade", "rated_on", "state", "due"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "ratingweb."+k)})
	}
	for _, b := range v.Rows {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: b.ItemName, Href: "/desk/ratings/" + b.ID},
			{Text: kindText(ctx, b.Kind)},
			{Text: gradeText(ctx, b.Grade), Sub: tagText(ctx, b.Tags)},
			{Text: b.Day},
			{Text: t(ctx, "rating.state_"+b.State), Tone: stateTones[b.State]},
			dueCell(ctx, b, v.Now),
		})
	}
	return tv
}

var stateTones = map[string]ui.Tone{rating.Open: ui.Warn, rating.Verified: ui.Info, rating.Answered: ui.Success}

// dueCell says which date comes next: to verify, then to answer.
func dueCell(ctx context.Context, b rating.BadRating, now time.Time) ui.Cell {
	due, key := b.VerifyDue, "ratingweb.verify_by"
	switch b.State {
	case rating.Verified:
		due, key = b.FixDue, "ratingweb.fix_by"
	case rating.Answered:
		return ui.Cell{Text: t(ctx, "ratingweb.answered_on", errs.P{"date": day(b.Answered)})}
	}
	c := ui.Cell{Text: t(ctx, key, errs.P{"date": day(due)})}
	if now.After(due) {
		c.Text, c.Tone = t(ctx, key+"_late", errs.P{"date": day(due)}), ui.Bad
	}
	return c
}

func (v deskView) next() ui.PagerView {
	if v.Next == "" {
		return ui.PagerView{}
	}
	q := url.Values{"after": {v.Next}}
	if v.Done {
		q.Set("done", "1")
	}
	return ui.PagerView{NextHref: "/desk/ratings?" + q.Encode()}
}

func (v deskView) tabs(ctx context.Context) []ui.NavItem {
	return []ui.NavItem{
		{Href: "/desk/ratings", Label: t(ctx, "ratingweb.tab_todo"), Current: !v.Done},
		{Href: "/desk/ratings?done=1", Label: t(ctx, "ratingweb.tab_done"), Current: v.Done},
	}
}

// badView is one bad rating with the forms to verify and answer it.
type badView struct {
	rating.BadRating
	Now    time.Time
	Typed  string
	Errors map[string]string
	List   []ui.ErrorItem
}

func (v badView) rows(ctx context.Context) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "ratingweb.rater"), Value: t(ctx, "ratingweb.rater_hidden")},
		{Key: t(ctx, "ratingweb.item"), Value: v.ItemName},
		{Key: t(ctx, "ratingweb.kind"), Value: kindText(ctx, v.Kind)},
		{Key: t(ctx, "ratingweb.grade"), Value: gradeText(ctx, v.Grade)},
		{Key: t(ctx, "ratingweb.tags"), Value: tagText(ctx, v.Tags)},
		{Key: t(ctx, "ratingweb.text"), Value: v.Text},
		{Key: t(ctx, "ratingweb.rated_on"), Value: v.Day, Num: true},
		{Key: t(ctx, "ratingweb.due"), Value: dueCell(ctx, v.BadRating, v.Now).Text, Num: true},
	}
	if v.Finding != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "ratingweb.finding"), Value: t(ctx, "rating.finding_"+v.Finding)})
	}
	if v.Answer != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "ratingweb.answer"), Value: v.Answer})
	}
	return rows
}

func (v badView) findingField(ctx context.Context) ui.FormField {
	f := ui.FormField{Name: "finding", Kind: "radio", Label: t(ctx, "ratingweb.finding_ask"), Required: true, Error: v.Errors["finding"]}
	for _, k := range rating.Findings {
		f.Options = append(f.Options, ui.Option{Value: k, Label: t(ctx, "rating.finding_"+k), Hint: t(ctx, "ratingweb.finding_hint_"+k)})
	}
	return f
}

func (v badView) answerField(ctx context.Context) ui.FormField {
	return ui.FormField{
		Name: "answer", Kind: "textarea", Label: t(ctx, "ratingweb.answer_ask"), Hint: t(ctx, "ratingweb.answer_hint"), Required: true,
		Value: v.Typed, MaxLength: 2000, Error: v.Errors["answer"],
	}
}

// figuresView is the public page.
type figuresView struct {
	Agency, AgencyName string
	Rows               []rating.Figure
}

func (v figuresView) table(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "ratingweb.figures_caption"), Empty: t(ctx, "ratingweb.figures_empty")}
	head := "ratingweb.agency"
	if v.Agency != "" {
		head = "ratingweb.item"
	}
	tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, head)})
	for _, k := range []string{"ratingweb.rated", "ratingweb.unrated", "ui.grade_1", "ui.grade_2", "ui.grade_3", "ui.grade_4", "ui.grade_5", "ratingweb.satisfied", "ratingweb.bad_answered"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, k), Num: true})
	}
	for _, f := range v.Rows {
		first := ui.Cell{Text: f.ItemName}
		if v.Agency == "" {
			first = ui.Cell{Text: f.AgencyName, Href: "/ratings?agency=" + url.QueryEscape(f.Agency)}
		}
		row := []ui.Cell{first, count(f.Rated()), count(f.Unrated())}
		for _, g := range f.Grades {
			row = append(row, count(g))
		}
		row = append(row, ui.Cell{Text: satisfied(ctx, f)}, ui.Cell{Text: fmt.Sprintf("%d / %d", f.BadAnswered, f.BadCount())})
		tv.Rows = append(tv.Rows, row)
	}
	return tv
}

func count(n int) ui.Cell { return ui.Cell{Text: strconv.Itoa(n)} }

func satisfied(ctx context.Context, f rating.Figure) string {
	share, ok := f.Satisfied()
	if !ok {
		return t(ctx, "ratingweb.none_yet")
	}
	return strconv.FormatFloat(share*100, 'f', 1, 64) + "%"
}

// bars leaves out what nobody has rated: no bar is neither good nor bad.
func (v figuresView) bars(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, f := range v.Rows {
		if share, ok := f.Satisfied(); ok {
			name := f.AgencyName
			if v.Agency != "" {
				name = f.ItemName
			}
			out = append(out, ui.Bar{Label: name, Value: share * 100, Text: satisfied(ctx, f)})
		}
	}
	return out
}

func (v figuresView) total() rating.Figure {
	var all rating.Figure
	for _, f := range v.Rows {
		all.Contacts += f.Contacts
		for i := range f.Grades {
			all.Grades[i] += f.Grades[i]
		}
	}
	return all
}

func (v figuresView) kpis(ctx context.Context) []ui.KPIView {
	all := v.total()
	return []ui.KPIView{
		{Label: t(ctx, "ratingweb.rated"), Value: strconv.Itoa(all.Rated()), Unit: t(ctx, "ratingweb.times")},
		{Label: t(ctx, "ratingweb.unrated"), Value: strconv.Itoa(all.Unrated()), Unit: t(ctx, "ratingweb.times"), Note: t(ctx, "ratingweb.unrated_note")},
		{Label: t(ctx, "ratingweb.bad"), Value: strconv.Itoa(all.BadCount()), Unit: t(ctx, "ratingweb.times")},
		{Label: t(ctx, "ratingweb.satisfied"), Value: satisfied(ctx, all)},
	}
}

func (v figuresView) crumbs(ctx context.Context) []ui.Crumb {
	out := []ui.Crumb{{Label: t(ctx, "ratingweb.home"), Href: "/"}}
	if v.Agency == "" {
		return append(out, ui.Crumb{Label: t(ctx, "ratingweb.figures_title")})
	}
	return append(out, ui.Crumb{Label: t(ctx, "ratingweb.figures_title"), Href: "/ratings"}, ui.Crumb{Label: v.AgencyName})
}
