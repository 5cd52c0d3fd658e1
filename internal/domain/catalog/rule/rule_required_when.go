package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleRequiredWhen: an element that others call for is missing.
var ruleRequiredWhen = Rule{
	Key: "required_when", Basis: "GB/T 39554.1 条件必填要素", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().when {
			if e.Missing(it) {
				out = append(out, at(e.Key, -1, errs.P{"name": e.Chinese, "en": e.English}))
			}
		}
		return out
	},
}

// ownRule are conditional elements that have a rule of their own.
var ownRule = map[string]bool{
	"themes_person": true, "themes_firm": true, "url": true, "visits_reason": true, "fee_basis": true, "pay_online": true, "entrusted_by": true, "integration_system": true,
	"integration_clock": true,
}
