package deskweb

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// mark is one line of a checklist as typed.
type mark struct {
	flow.CheckItem
	Result string // pass, fail or empty
	Note   string
}

// reviewMarks is the checklist of a review; at the decision an opinion can only send back.
func reviewMarks(d cases.Detail, v url.Values) []mark {
	if d.StepKind != flow.Review && d.StepKind != flow.Countersign {
		return nil
	}
	return marksOf(currentStep(d), v)
}

// marksOf reads the checklist of a step; v may be nil for a blank form.
func marksOf(step flow.Step, v url.Values) []mark {
	var out []mark
	for _, c := range step.Checklist {
		out = append(out, mark{CheckItem: c, Result: v.Get("check." + c.Key), Note: text(v, "note."+c.Key)})
	}
	return out
}

// checkMarks wants every line answered, and a note where it failed.
func checkMarks(ms []mark) []errs.Field {
	var out []errs.Field
	for i, m := range ms {
		switch {
		case m.Result != "pass" && m.Result != "fail":
			out = append(out, errs.Field{Path: "check." + m.Key, Key: "deskweb.check_missing", Params: errs.P{"n": i + 1}})
		case m.Result == "fail" && m.Note == "":
			out = append(out, errs.Field{Path: "note." + m.Key, Key: "deskweb.note_missing", Params: errs.P{"n": i + 1}})
		}
	}
	return out
}

// opinion is the opinion form as typed.
type opinion struct {
	cases.Opinion
	Marks []mark
}

func opining() kind[opinion] {
	return kind[opinion]{
		act: cases.ActOpinion, path: "opinion",
		begin: func(_ context.Context, _ handlers, d cases.Detail) opinion {
			return opinion{Marks: reviewMarks(d, nil)}
		},
		read: func(v url.Values, d cases.Detail) opinion {
			o := cases.Opinion{Step: d.Step, Outcome: v.Get("outcome"), Text: text(v, "text")}
			if o.Outcome == cases.OpinionReturn {
				o.To = v.Get("to")
			}
			return opinion{Opinion: o, Marks: reviewMarks(d, v)}
		},
		check: func(_ cases.Detail, f opinion) []errs.Field {
			var out []errs.Field
			if f.Outcome != cases.OpinionReturn { // what goes back need not be judged line by line
				out = checkMarks(f.Marks)
			}
			if f.Outcome == "" {
				out = append(out, errs.Field{Path: "outcome", Key: "deskweb.outcome_missing"})
			}
			if f.Outcome == cases.OpinionReturn && f.To == "" {
				out = append(out, errs.Field{Path: "to", Key: "deskweb.to_step_missing"})
			}
			if f.Text == "" {
				out = append(out, errs.Field{Path: "text", Key: "deskweb.opinion_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f opinion) error {
			o := f.Opinion
			if o.Outcome != cases.OpinionReturn {
				o.Text = withMarks(f.Marks, o.Text)
			}
			_, err := s.Opinion(ctx, a, d.ID, version, o)
			return err
		},
		page: opinionPage,
	}
}

// withMarks writes the checklist into the opinion, in the language of the record.
func withMarks(ms []mark, words string) string {
	var b strings.Builder
	for i, m := range ms {
		b.WriteString(i18n.In(i18n.Chinese, "deskweb.mark_"+m.Result, errs.P{"n": i + 1, "text": m.Text}))
		if m.Note != "" {
			b.WriteString(i18n.In(i18n.Chinese, "deskweb.mark_note", errs.P{"note": m.Note}))
		}
		b.WriteString("\n")
	}
	return b.String() + words
}

func currentStep(d cases.Detail) flow.Step {
	s, _ := d.Flow.Step(d.Step)
	return s
}

// backTo lists the steps a return may go to: done before, with neither acceptance nor decision from there to here, and of steps side by side those of the
// same lane.
func backTo(d cases.Detail) []ui.Option {
	var out []ui.Option
	for _, s := range d.Flow.Line().Steps {
		for _, lane := range s.Parallel {
			if i := slices.IndexFunc(lane, func(x flow.Step) bool { return x.Key == d.Step }); i >= 0 {
				return append(out, optionsOf(d, lane[:i])...)
			}
		}
		if s.Key == d.Step {
			return out
		}
		if out = append(out, optionsOf(d, append([]flow.Step{s}, slices.Concat(s.Parallel...)...))...); s.Kind == flow.Accept || s.Kind == flow.Decide {
			out = nil
		}
	}
	return nil
}

// optionsOf are those of the steps that have been done in this case.
func optionsOf(d cases.Detail, steps []flow.Step) []ui.Option {
	var out []ui.Option
	for _, s := range steps {
		if slices.ContainsFunc(d.Flowing.Done, func(x flow.DoneStep) bool { return x.Step == s.Key }) {
			out = append(out, ui.Option{Value: s.Key, Label: s.Name})
		}
	}
	return out
}

func outcomeOptions(ctx context.Context, d cases.Detail) []ui.Option {
	var out []ui.Option
	if d.StepKind == flow.Review || d.StepKind == flow.Countersign {
		out = append(out, ui.Option{Value: cases.OpinionPass, Label: tr(ctx, "deskweb.opinion_pass")},
			ui.Option{Value: cases.OpinionFail, Label: tr(ctx, "deskweb.opinion_fail"), Hint: tr(ctx, "deskweb.opinion_fail_hint")})
	}
	if len(backTo(d)) > 0 {
		out = append(out, ui.Option{Value: cases.OpinionReturn, Label: tr(ctx, "deskweb.opinion_return"), Hint: tr(ctx, "deskweb.opinion_return_hint")})
	}
	return out
}
