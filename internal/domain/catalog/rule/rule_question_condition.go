package rule

import (
	"fmt"
	"maps"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
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
				x := at(child, row, spoken(it, p.Params))
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

// spoken says the parameters of a condition's problem as people know them: a question by its words, an answer by its text, a comparison by its name.
func spoken(it *item.Item, was errs.P) errs.P {
	p := maps.Clone(was)
	field, value := fmt.Sprint(p["field"]), strings.Trim(fmt.Sprint(p["value"]), `"`)
	p["field_en"] = p["field"]
	for _, q := range it.Scenario {
		if field != item.ScenarioPrefix+q.Key {
			continue
		}
		p["field"], p["field_en"] = q.Label(), q.Label()
		for _, o := range q.Options {
			if o.Value == value {
				p["value"] = o.Label
			}
		}
	}
	name := func(param, key string) {
		if i18n.Has(key) {
			p[param], p[param+"_en"] = i18n.In(i18n.Chinese, key), i18n.In(i18n.English, key)
		}
	}
	name("field", "rule.field_"+strings.ReplaceAll(field, ".", "_"))
	name("op", "rule.op_"+fmt.Sprint(p["op"]))
	if field, ok := strings.CutPrefix(fmt.Sprint(p["field"]), item.ScenarioPrefix); ok {
		p["field"], p["field_en"] = field, field // no such question: its key is all there is
	}
	return p
}
