package deskweb

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
)

func historyTable(ctx context.Context, v caseView) ui.TableView {
	t := ui.TableView{Caption: tr(ctx, "deskweb.history"), CaptionHide: true, Columns: []ui.Column{
		{Label: tr(ctx, "deskweb.when")}, {Label: tr(ctx, "deskweb.by_whom")}, {Label: tr(ctx, "deskweb.what")}, {Label: tr(ctx, "deskweb.col_state")},
	}}
	for _, e := range v.History {
		state := tr(ctx, cases.Word(v.Nature, e.To.Key()))
		if e.From != e.To && e.From != "" {
			state = tr(ctx, cases.Word(v.Nature, e.From.Key())) + " → " + state
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: minute(e.At)}, {Text: byFor(ctx, v.By, e.By, e.OnBehalf)}, {Text: actName(ctx, e.Act)}, {Text: state}})
	}
	return t
}

// actName names what the history calls an act; some of it is no act of the law.
func actName(ctx context.Context, act string) string {
	return word(ctx, "cases.act_"+act, word(ctx, "deskweb.act_"+act, act))
}

// mayMark reports whether the reader may record now that an original was seen.
func mayMark(d cases.Detail) bool { return slices.Contains(d.May, cases.ActMarkChecked) }

// lines splits a text at its line ends.
func lines(s string) []string { return strings.Split(s, "\n") }
