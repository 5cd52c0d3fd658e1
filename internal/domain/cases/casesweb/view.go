package casesweb

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

func t(ctx context.Context, key string, p ...errs.P) string {
	return i18n.T(ctx, "casesweb."+key, p...)
}

// when writes an instant with its minute in Asia/Shanghai; empty for one that has not happened.
func when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format("2006-01-02 15:04")
}

// day writes the date of an instant in Asia/Shanghai.
func day(ctx context.Context, at time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case i18n.From(ctx) == i18n.English:
		return at.In(clock.Shanghai).Format("2 January 2006")
	}
	return at.In(clock.Shanghai).Format("2006年1月2日")
}

// text gives a text key's words, and nothing for an empty key.
func text(ctx context.Context, key string) string {
	if key == "" {
		return ""
	}
	return i18n.T(ctx, key)
}

func finding(ctx context.Context, f errs.Field) string { return i18n.T(ctx, f.Key, f.Params) }

// named is a finding away from its field: it says which one is meant.
func named(ctx context.Context, f errs.Field) string {
	words := finding(ctx, f)
	label, _ := f.Params["label"].(string)
	if label == "" || strings.Contains(words, label) {
		return words
	}
	return t(ctx, "named", errs.P{"label": label, "text": words})
}

// join writes a list of names.
func join(ctx context.Context, names []string) string { return strings.Join(names, t(ctx, "comma")) }

// hidden is what every form that acts on a version sends along.
func hidden(kv ...string) []ui.KV {
	var out []ui.KV
	for i := 0; i+1 < len(kv); i += 2 {
		out = append(out, ui.KV{Key: kv[i], Value: kv[i+1]})
	}
	return out
}

// stateTone colours a state; red is for what needs the person or was refused.
func stateTone(c cases.Case) ui.Tone {
	switch c.State {
	case cases.Correction, cases.Refused, cases.Terminated:
		return ui.Bad
	case cases.Certified, cases.Delivered, cases.Concluded, cases.Archived, cases.Decided:
		if c.Outcome == cases.Refuse {
			return ui.Bad
		}
		return ui.Success
	case cases.Suspended:
		return ui.Warn
	case cases.Draft, cases.Withdrawn:
		return ui.Neutral
	}
	return ui.Info
}

// stateWords is the state, and with a decision its outcome, in the words of the matter.
func stateWords(ctx context.Context, nature string, s cases.State, o cases.Outcome) string {
	return cases.Case{Nature: nature, State: s, Outcome: o}.Status(ctx)
}

// dueSoon is how many working days before its end a deadline is shown as near.
const dueSoon = 2

// clockView puts the legal clock in words; nil when none runs.
func clockView(ctx context.Context, c cases.Case) *ui.ClockView {
	v := ui.ClockView{State: ui.Running, Left: c.DaysLeft, Due: day(ctx, c.Clock.Due())}
	switch {
	case c.Clock.Paused:
		v.State, v.Left, v.Due = ui.Paused, c.Clock.Left, ""
	case c.Clock.Due().IsZero() || !c.State.Open():
		return nil
	case c.Overdue:
		v.State, v.Left = ui.Overdue, -c.DaysLeft
	case c.DaysLeft <= dueSoon:
		v.State = ui.DueSoon
	}
	return &v
}

// doneKeys are the messages a page may show after a redirect.
var doneKeys = map[string]string{"saved": "done_saved", "resubmitted": "done_resubmitted", "withdrawn": "done_withdrawn", "discarded": "done_discarded", "supplied": "supply_done", "pre_review_asked": "precheck_asked", "pre_review_taken_back": "precheck_taken_back"}

func doneText(ctx context.Context, key string) string {
	if k, ok := doneKeys[key]; ok {
		return t(ctx, k)
	}
	return ""
}
