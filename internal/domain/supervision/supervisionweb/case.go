package supervisionweb

import (
	"context"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
)

// caseView is one case, read-only.
type caseView struct {
	supervision.CaseView
	Who func(ctx context.Context, by string) string
}

func (v caseView) facts(ctx context.Context) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "supervisionweb.item"), Value: v.ItemName},
		{Key: t(ctx, "supervisionweb.agency"), Value: v.AgencyName},
		{Key: t(ctx, "supervisionweb.applicant"), Value: v.Applicant},
		{Key: t(ctx, "supervisionweb.channel"), Value: word(ctx, "cases.channel_", v.Channel)},
		{Key: t(ctx, "supervisionweb.state"), Value: t(ctx, v.StateKey())},
		{Key: t(ctx, "supervisionweb.submitted"), Value: moment(v.Submitted), Num: true},
		{Key: t(ctx, "supervisionweb.accepted"), Value: moment(v.Accepted), Num: true},
		{Key: t(ctx, "supervisionweb.decided"), Value: moment(v.Decided), Num: true},
	}
	if v.Outcome != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "supervisionweb.outcome"), Value: t(ctx, v.OutcomeKey())})
	}
	return rows
}

func (v caseView) clocks(ctx context.Context) []ui.KVRow {
	step := v.StepName
	if d := day(v.Clock.StepDue); d != "" {
		step += " " + t(ctx, "supervisionweb.step_due", errs.P{"date": d})
	}
	return []ui.KVRow{
		{Key: t(ctx, "supervisionweb.phase"), Value: word(ctx, "cases.phase_", v.Clock.Phase)},
		{Key: t(ctx, "supervisionweb.promised"), Value: day(v.Clock.PromisedDue), Num: true},
		{Key: t(ctx, "supervisionweb.legal"), Value: day(v.Clock.LegalDue), Num: true},
		{Key: t(ctx, "supervisionweb.step"), Value: step},
	}
}

// stages are the five plain stages, with the present one's state.
func (v caseView) stages(ctx context.Context) []ui.Stage {
	status := map[string]ui.StepState{"done": ui.Done, "now": ui.Now, "stopped": ui.Bounced}
	var out []ui.Stage
	for _, s := range v.Progress.Stages {
		st := ui.Stage{Label: t(ctx, v.Progress.StageKey(s.Key)), State: ui.Next, Time: moment(s.At)}
		if k, ok := status[s.Status]; ok {
			st.State = k
		}
		out = append(out, st)
	}
	return out
}

func (v caseView) events(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.events"), Empty: t(ctx, "supervisionweb.events_empty")}
	for _, k := range []string{"time", "event", "who"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, e := range v.Events {
		if e.Kind == cases.EventEntered || e.Kind == cases.EventStepDone { // the acts between them say the same
			continue
		}
		at := ui.Cell{Text: moment(e.At)}
		if !e.Recorded.IsZero() && day(e.Recorded) != day(e.At) {
			at.Sub = t(ctx, "supervisionweb.recorded", errs.P{"time": moment(e.Recorded)})
		}
		who := v.Who(ctx, e.By)
		if who == "" {
			who = by(ctx, e.By)
		}
		tv.Rows = append(tv.Rows, []ui.Cell{at, {Text: word(ctx, "cases.event_", e.Kind)}, {Text: who}})
	}
	return tv
}

func (v caseView) papers(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "supervisionweb.papers"), Empty: t(ctx, "supervisionweb.papers_empty")}
	for _, k := range []string{"paper", "number", "date"} {
		tv.Columns = append(tv.Columns, ui.Column{Label: t(ctx, "supervisionweb."+k)})
	}
	for _, p := range v.Papers {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: p.Title}, {Text: p.Number}, {Text: p.Date}})
	}
	return tv
}

func (v caseView) corrections(ctx context.Context) []ui.KVRow {
	var rows []ui.KVRow
	for i, c := range v.Corrections {
		rows = append(rows, ui.KVRow{
			Key:   t(ctx, "supervisionweb.correction", errs.P{"n": i + 1, "date": day(c.At)}),
			Value: t(ctx, "supervisionweb.defects", errs.P{"n": strconv.Itoa(len(c.Defects))}),
		})
	}
	return rows
}
