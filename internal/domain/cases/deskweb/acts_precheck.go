package deskweb

import (
	"context"
	"net/url"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
)

// advising is the form of a pre-review as typed: ready, or what would be missing.
type advisingForm struct {
	Ready  string // ready, missing or nothing yet
	Advice string
	Places []place
}

func advising() kind[advisingForm] {
	return kind[advisingForm]{
		act: cases.ActAnswerPrecheck, path: "pre-review", then: "/desk/cases", // the draft is the applicant's again
		begin: func(_ context.Context, _ handlers, d cases.Detail) advisingForm {
			return advisingForm{Places: places(d)}
		},
		read: func(v url.Values, d cases.Detail) advisingForm {
			f := advisingForm{Ready: v.Get("ready"), Advice: text(v, "advice"), Places: places(d)}
			for i, p := range f.Places {
				f.Places[i].On, f.Places[i].Text = slices.Contains(v["on"], p.name()), text(v, "text."+p.name())
			}
			return f
		},
		check: checkAdvice,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f advisingForm) error {
			in := cases.Precheck{Ready: f.Ready == "ready", Advice: f.Advice}
			for _, p := range f.Places {
				if p.On {
					in.Defects = append(in.Defects, cases.Defect{Kind: p.Kind, Key: p.Key, Text: p.Text})
				}
			}
			_, err := s.AnswerPrecheck(ctx, a, d.ID, version, in)
			return err
		},
		page: advisePage,
	}
}

// checkAdvice wants an answer, and words for each tick; what contradicts itself the service says.
func checkAdvice(d cases.Detail, f advisingForm) []errs.Field {
	var out []errs.Field
	if f.Ready != "ready" && f.Ready != "missing" {
		out = append(out, errs.Field{Path: "ready", Key: "deskweb.precheck_choose"})
	}
	if slices.ContainsFunc(f.Places, func(p place) bool { return p.On || p.Text != "" }) {
		out = append(out, checkPlaces(d, f.Places)...)
	}
	return out
}

func readyOptions(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: "ready", Label: tr(ctx, "deskweb.precheck_is_ready"), Hint: tr(ctx, "deskweb.precheck_is_ready_hint")},
		{Value: "missing", Label: tr(ctx, "deskweb.precheck_is_missing"), Hint: tr(ctx, "deskweb.precheck_is_missing_hint")},
	}
}

// spotDiff is what was put right on the spot; personal values stay masked.
func spotDiff(x cases.Spot) []ui.DiffRow {
	var out []ui.DiffRow
	for _, c := range x.Changes {
		out = append(out, ui.DiffRow{Label: c.Label, Old: c.Old, New: c.New})
	}
	return out
}
