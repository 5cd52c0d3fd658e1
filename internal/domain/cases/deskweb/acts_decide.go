package deskweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/paper"
)

func deciding(act cases.Act, path string, do func(*cases.Service, context.Context, authz.Actor, string, int64, cases.Decision) (cases.Case, error)) kind[cases.Decision] {
	return kind[cases.Decision]{
		act: act, path: path,
		begin: func(_ context.Context, _ handlers, d cases.Detail) cases.Decision {
			return cases.Decision{Basis: basisOf(d)}
		},
		read: func(v url.Values, _ cases.Detail) cases.Decision {
			return cases.Decision{Outcome: cases.Outcome(v.Get("outcome")), Reason: text(v, "reason"), Basis: text(v, "basis"), Conditions: text(v, "conditions")}
		},
		check: checkDecision,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f cases.Decision) error {
			_, err := do(s, ctx, a, d.ID, version, f)
			return err
		},
		page: func(v actView, f cases.Decision) templ.Component { return decidePage(v, f) },
	}
}

// checkDecision wants reason and basis of a refusal (行政许可法 第三十八条第二款) and the reason of a partial grant.
func checkDecision(d cases.Detail, f cases.Decision) []errs.Field {
	var out []errs.Field
	switch f.Outcome {
	case cases.Grant:
		return nil
	case cases.Partly, cases.Refuse:
	default:
		return []errs.Field{{Path: "outcome", Key: "deskweb.decision_missing"}}
	}
	if f.Reason == "" {
		out = append(out, errs.Field{Path: "reason", Key: "deskweb.decision_reason"})
	}
	if f.Basis == "" && f.Outcome == cases.Refuse {
		out = append(out, errs.Field{Path: "basis", Key: cases.Word(d.Nature, "deskweb.decision_basis")})
	}
	return out
}

// basisOf proposes the legal bases of the item; the officer cuts it down to what carries the decision.
func basisOf(d cases.Detail) string {
	var out []string
	for _, b := range d.Item.Basis {
		out = append(out, "《"+strings.Trim(b.Law, "《》")+"》"+b.Article)
	}
	return strings.Join(out, "；")
}

// remedies is the sentence on review and litigation that a refusal will carry.
func (h handlers) remedies(ctx context.Context, d cases.Detail) string {
	a, err := h.Offices.Agency(ctx, d.Agency)
	if err != nil {
		return ""
	}
	return paper.Remedies(a, d.Nature)
}

func decisionOptions(ctx context.Context, nature string) []ui.Option {
	var out []ui.Option
	for _, o := range []cases.Outcome{cases.Grant, cases.Partly, cases.Refuse} {
		out = append(out, ui.Option{Value: string(o), Label: tr(ctx, cases.Word(nature, o.Key())), Hint: tr(ctx, cases.Word(nature, "deskweb.outcome_"+string(o)))})
	}
	return out
}
