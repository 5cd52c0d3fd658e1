package catalog

import (
	"fmt"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
)

func (k *itemCheck) condition(pointer string, e cond.Expr, s cond.Scope) {
	for _, p := range e.Check(s) {
		k.bad(pointer+p.Path, p.Key, p.Params)
	}
}

// scenario checks the conditions of the questions: one may read earlier questions only, so that nothing goes round in circles.
func (k *itemCheck) scenario() {
	sofar := item.ApplicantScope()
	for i, q := range k.it.Scenario {
		at := fmt.Sprintf("/scenario/%d", i)
		k.condition(at+"/when", q.When, sofar)
		sofar[item.ScenarioPrefix+q.Key] = q.Scope()
		if q.Stop != nil {
			k.condition(at+"/stop/when", q.Stop.When, sofar)
		}
		if q.Warn != nil {
			k.condition(at+"/warn/when", q.Warn.When, sofar)
		}
	}
}

// fields gives the scope of the item's conditions. If the form cannot be found or read, that is a finding of its own and conditions on its fields are
// not judged: ok is false.
func (k *itemCheck) fields() (s cond.Scope, ok bool) {
	if k.it.Form == "" {
		return k.it.Scope(nil), true
	}
	d, ok := k.formOf(k.it.Form)
	return k.it.Scope(d.Scope()), ok
}

// materials and checkRules judge conditions by the answers and the fields of the form.
func (k *itemCheck) materials() {
	scope, ok := k.fields()
	for i, m := range k.it.Materials {
		if ok {
			k.condition(fmt.Sprintf("/materials/%d/when", i), m.When, scope)
		}
	}
}

func (k *itemCheck) checkRules() {
	scope, ok := k.fields()
	for i, r := range k.it.CheckRules {
		if ok {
			k.condition(fmt.Sprintf("/check_rules/%d/when", i), r.When, scope)
		}
	}
}
