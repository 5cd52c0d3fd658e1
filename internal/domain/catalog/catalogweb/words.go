package catalogweb

import (
	"context"
	"fmt"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/cond"
)

// limitWords says a period in plain words: 8 个工作日.
func limitWords(ctx context.Context, l catalog.Limit) string {
	if l.N == 0 {
		return t(ctx, "at_once")
	}
	return t(ctx, "n_"+string(l.Unit), errs.P{"n": l.N})
}

// promiseWords is the one line that people look for: how long it takes.
func promiseWords(ctx context.Context, it *catalog.Item) string {
	switch {
	case it.Limits.OnTheSpot:
		return t(ctx, "on_the_spot")
	case it.Limits.Promised.N == 0:
		return ""
	}
	return t(ctx, "promise", errs.P{"limit": limitWords(ctx, it.Limits.Promised)})
}

func legalWords(ctx context.Context, it *catalog.Item) string {
	if it.Limits.Legal.N == 0 {
		return ""
	}
	return t(ctx, "legal", errs.P{"limit": limitWords(ctx, it.Limits.Legal)})
}

// visitWords says how often one must come; "" when nobody has said.
func visitWords(ctx context.Context, it *catalog.Item) string {
	switch {
	case it.Visits == nil:
		return ""
	case *it.Visits == 0:
		return t(ctx, "visits_0")
	}
	return t(ctx, "visits_n", errs.P{"n": *it.Visits})
}

func feeWords(ctx context.Context, it *catalog.Item) string {
	if !it.Fee.Charged {
		return t(ctx, "free")
	}
	return t(ctx, "charged")
}

func validityWords(ctx context.Context, v catalog.Validity) string {
	switch {
	case v.Years > 0:
		return t(ctx, "valid_years", errs.P{"n": v.Years})
	case v.Months > 0:
		return t(ctx, "valid_months", errs.P{"n": v.Months})
	case v.Days > 0:
		return t(ctx, "valid_days", errs.P{"n": v.Days})
	}
	return t(ctx, "valid_ever")
}

// yuan writes fen as people read money: 80, 1,280.50.
func yuan(fen int64) string {
	whole := fmt.Sprint(fen / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fen%100 == 0 {
		return whole
	}
	return fmt.Sprintf("%s.%02d", whole, fen%100)
}

// whenWords says under which answers something is asked for: “问题”选“答案”. A condition that reads more than the scenario is summed up, because its
// fields have not been shown yet.
func whenWords(ctx context.Context, it *catalog.Item, e cond.Expr) string {
	s, ok := conditionWords(ctx, it, e)
	if !ok {
		return t(ctx, "when_other")
	}
	return t(ctx, "when_only", errs.P{"what": s})
}

func conditionWords(ctx context.Context, it *catalog.Item, e cond.Expr) (string, bool) {
	switch {
	case e.Field != "":
		return comparisonWords(ctx, it, e)
	case len(e.All) > 0:
		return joinWords(ctx, it, e.All, "when_and")
	case len(e.Any) > 0:
		return joinWords(ctx, it, e.Any, "when_or")
	case e.Not != nil:
		s, ok := conditionWords(ctx, it, *e.Not)
		return t(ctx, "when_not", errs.P{"what": s}), ok
	}
	return "", false
}

func joinWords(ctx context.Context, it *catalog.Item, es []cond.Expr, key string) (string, bool) {
	parts := make([]string, len(es))
	for i, e := range es {
		s, ok := conditionWords(ctx, it, e)
		if !ok {
			return "", false
		}
		parts[i] = s
	}
	return strings.Join(parts, t(ctx, key)), true
}

func comparisonWords(ctx context.Context, it *catalog.Item, e cond.Expr) (string, bool) {
	key, ok := strings.CutPrefix(e.Field, "scenario.")
	if !ok || e.Op != cond.Eq && e.Op != cond.In {
		return "", false
	}
	for _, q := range it.Scenario {
		if q.Key == key {
			return t(ctx, "when_answer", errs.P{"ask": q.Ask, "answer": strings.Join(labels(q, e.Value), "”“")}), true
		}
	}
	return "", false
}

func labels(q catalog.Question, value any) []string {
	values, ok := value.([]any)
	if !ok {
		values = []any{value}
	}
	var out []string
	for _, v := range values {
		name := fmt.Sprint(v)
		for _, o := range q.Options {
			if o.Value == name {
				name = o.Label
			}
		}
		out = append(out, name)
	}
	return out
}
