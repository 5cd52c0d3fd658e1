package rule

import (
	"fmt"
	"strings"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
)

// ruleQuestionCondition: a condition that cannot hold.
var ruleQuestionCondition = Rule{
	Key: "question_condition", Basis: "Tongban 情形", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		sofar := item.ApplicantScope()
		judge := func(child string, row int, e cond.Expr, s cond.Scope) {
			for _, p := range e.Check(s) {
				if strings.HasPrefix(fmt.Sprint(p.Params["field"]), item.FormPrefix) {
					continue // the form says what its fields are
				}
				x := at(child, row, p.Params)
				x.Said = p.Key
				out = append(out, x)
				return
			}
		}
		for i, q := range it.Scenario {
			judge("questions", i, q.When, sofar) // earlier questions only: nothing can go round in circles
			sofar[item.ScenarioPrefix+q.Key] = q.Scope()
			if q.Stop != nil {
				judge("questions", i, q.Stop.When, sofar)
			}
			if q.Warn != nil {
				judge("questions", i, q.Warn.When, sofar)
			}
		}
		for i, m := range it.Materials {
			judge("materials", i, m.When, sofar)
		}
		for i, r := range it.CheckRules {
			judge("checks", i, r.When, sofar)
		}
		return out
	},
}
