package rule

import (
	"regexp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleQuestionShape: a question that is not complete.
var ruleQuestionShape = Rule{
	Key: "question_shape", Basis: "Tongban 情形", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		seen := map[string]bool{}
		for i, q := range it.Scenario {
			bad := !questionKey.MatchString(q.Key) || seen[q.Key] || len(q.Options) < 2
			seen[q.Key] = true
			values := map[string]bool{}
			for _, o := range q.Options {
				bad = bad || o.Value == "" || strings.TrimSpace(o.Label) == "" || values[o.Value]
				values[o.Value] = true
			}
			if bad {
				out = append(out, at("questions", i, errs.P{"key": q.Label()}))
			}
		}
		return out
	},
}

var questionKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
