package rule

import (
	"fmt"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleQuestionEnds: a stop or warning that is not complete.
var ruleQuestionEnds = Rule{
	Key: "question_ends", Basis: "Tongban 情形", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, q := range it.Scenario {
			if st := q.Stop; st != nil && (st.When.IsZero() || strings.TrimSpace(st.Title) == "" || strings.TrimSpace(st.Text) == "" || st.Item == it.Key && it.Key != "") {
				x := at("questions", i, errs.P{"key": q.Label()})
				x.Pointer = fmt.Sprintf("/scenario/%d/stop", i)
				out = append(out, x)
			}
			if w := q.Warn; w != nil && (w.When.IsZero() || strings.TrimSpace(w.Text) == "") {
				x := at("questions", i, errs.P{"key": q.Label()})
				x.Pointer = fmt.Sprintf("/scenario/%d/warn", i)
				out = append(out, x)
			}
		}
		return out
	},
}
