package supervisionweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/supervision"
)

// cardView is one alarm with its history, for the supervisor or for its department.
type cardView struct {
	supervision.CardView
	Desk             bool
	Act, Typed, Days string // as typed
	Problems         map[string]string
	List             []ui.ErrorItem
}

func (h handlers) card(w http.ResponseWriter, r *http.Request) error {
	c, err := h.svc.Card(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, cardPage(cardView{CardView: c}))
}

// step does what the supervisor chose.
func (h handlers) step(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	c, err := h.svc.Card(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	act := supervision.CardAct(f.Get("act"))
	v := cardView{CardView: c, Act: string(act), Typed: f.Get("text"), Days: f.Get("days")}
	if !slices.Contains(supervision.SupervisorActs, act) {
		err = errs.Fields("supervision.invalid", []errs.Field{{Path: "act", Key: "supervision.choose_act"}})
	} else {
		days, _ := strconv.Atoi(v.Days) // what is no number is 0, which is refused where a term is needed
		err = h.svc.Act(r.Context(), actor(r), id, act, supervision.Said{Text: v.Typed, Days: days})
	}
	return h.stepped(w, r, v, err, "/supervision/alarms/"+id)
}

// stepped goes back to the card, or shows what is wrong with what was typed.
func (h handlers) stepped(w http.ResponseWriter, r *http.Request, v cardView, err error, to string) error {
	switch {
	case err == nil:
		return web.SeeOther(w, r, to)
	case errs.KindOf(err) != errs.Invalid:
		return err
	}
	v.Problems = map[string]string{}
	for _, e := range errs.As(err).Fields {
		path, text := e.Path, i18n.T(r.Context(), e.Key, e.Params)
		if v.Desk && path == "text" {
			path = "explanation"
		}
		v.Problems[path] = text
		v.List = append(v.List, ui.ErrorItem{Field: path, Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, cardPage(v))
}

func (v cardView) page(ctx context.Context) ui.PageView {
	p := ui.PageView{Title: t(ctx, "supervisionweb.card_title"), Eyebrow: v.CaseNo, Errors: v.List, BackHref: "/supervision/alarms"}
	if v.Desk {
		p.Title, p.BackHref = t(ctx, "supervisionweb.explain_title"), "/desk/alarms"
	}
	return p
}

func (v cardView) rows(ctx context.Context) []ui.KVRow {
	r, _ := supervision.RuleOf(v.Rule)
	rows := []ui.KVRow{
		{Key: t(ctx, "supervisionweb.rule"), Value: t(ctx, "supervision.rule_"+v.Rule)},
		{Key: t(ctx, "supervisionweb.kind"), Value: t(ctx, "supervision.kind_"+string(r.Kind))},
		{Key: t(ctx, "supervisionweb.level"), Value: t(ctx, "supervision.level_"+string(v.Level))},
		{Key: t(ctx, "supervisionweb.state"), Value: t(ctx, "supervision.state_"+v.State)},
		{Key: t(ctx, "supervisionweb.what"), Value: noteText(ctx, v.Alarm)},
		{Key: t(ctx, "supervisionweb.basis"), Value: r.Basis},
		{Key: t(ctx, "supervisionweb.since"), Value: day(r.From), Num: true},
		{Key: t(ctx, "supervisionweb.agency"), Value: v.AgencyName},
	}
	if v.CaseID != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.case_no"), Value: v.CaseNo, Num: true}, ui.KVRow{Key: t(ctx, "supervisionweb.item"), Value: v.ItemName})
	}
	if who := v.Facts["who"]; who != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.what_by"), Value: by(ctx, who)})
	}
	rows = append(rows,
		ui.KVRow{Key: t(ctx, "supervisionweb.found"), Value: moment(v.Found), Num: true},
		ui.KVRow{Key: t(ctx, "supervisionweb.explain_due"), Value: day(v.ExplainDue), Num: true},
	)
	if !v.UrgeDue.IsZero() {
		rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.urge_due"), Value: day(v.UrgeDue), Num: true})
	}
	rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.points"), Value: strconv.Itoa(v.Points), Num: true})
	if v.Explanation != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.explanation"), Value: v.Explanation})
	}
	return rows
}

func (v cardView) steps(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.card_steps"), Empty: t(ctx, "supervisionweb.card_no_steps")}
	for _, k := range []string{"time", "card_act", "who", "card_text", "level", "owed"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, s := range v.Steps {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: moment(s.At)}, {Text: t(ctx, "supervision.act_"+string(s.Act))}, {Text: by(ctx, s.By)}, {Text: s.Text}, level(ctx, s.Level), {Text: day(s.Due)},
		})
	}
	return tv
}

func (v cardView) evidence(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.evidence")}
	for _, k := range []string{"time", "case_no", "event"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	cases := "/supervision/cases/"
	if v.Desk {
		cases = "/desk/cases/"
	}
	for _, e := range v.Evidence {
		row := []ui.Cell{{Text: moment(e.At)}, {Text: e.CaseNo, Href: cases + e.Ref}, {Text: word(ctx, "supervision.deed_", e.What)}}
		if e.CaseNo == "" { // a rating: it leads to no case
			row[1], row[2] = ui.Cell{Text: t(ctx, "supervisionweb.no_case_shown")}, ui.Cell{Text: word(ctx, "supervision.grade_", e.What)}
		}
		tv.Rows = append(tv.Rows, row)
	}
	return tv
}

// may are the steps this reader can choose now.
func (v cardView) may() []supervision.CardAct {
	mine := supervision.SupervisorActs
	if v.Desk {
		mine = supervision.AgencyActs
	}
	var out []supervision.CardAct
	for _, a := range v.Card.May() {
		if slices.Contains(mine, a) {
			out = append(out, a)
		}
	}
	return out
}

func (v cardView) fields(ctx context.Context) []ui.FormField {
	act := ui.FormField{Name: "act", Kind: "radio", Label: t(ctx, "supervisionweb.choose_act"), Required: true, Value: v.Act, Error: v.Problems["act"]}
	for _, a := range v.may() {
		act.Options = append(act.Options, ui.Option{Value: string(a), Label: t(ctx, "supervision.do_"+string(a)), Hint: t(ctx, "supervisionweb.hint_"+string(a))})
	}
	if act.Value == "" && v.Desk && len(act.Options) > 0 {
		act.Value = act.Options[0].Value
	}
	if v.Desk {
		return []ui.FormField{act, {
			Name: "explanation", Kind: "textarea", Label: t(ctx, "supervisionweb.explain_ask"), Hint: t(ctx, "supervisionweb.explain_hint"), Required: true,
			Value: v.Typed, MaxLength: 2000, Error: v.Problems["explanation"],
		}}
	}
	fields := []ui.FormField{act, {
		Name: "text", Kind: "textarea", Label: t(ctx, "supervisionweb.act_text"), Hint: t(ctx, "supervisionweb.act_text_hint"), Value: v.Typed, MaxLength: 2000, Error: v.Problems["text"],
	}}
	if slices.Contains(v.may(), supervision.Urge) {
		fields = append(fields, ui.FormField{
			Name: "days", Kind: "number", Label: t(ctx, "supervisionweb.urge_days"), Hint: t(ctx, "supervisionweb.urge_days_hint"), Value: v.Days, Error: v.Problems["days"],
			Unit: t(ctx, "supervisionweb.workdays"),
		})
	}
	return fields
}

func (v cardView) action() string {
	if v.Desk {
		return "/desk/alarms/" + v.ID
	}
	return "/supervision/alarms/" + v.ID
}
