package rule

import (
	"tongban/internal/domain/catalog/item"
)

// rulePromiseUnit: different units of limits.
var rulePromiseUnit = Rule{
	Key: "promise_unit", Basis: "GB/T 39554.1 时限单位", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		p, l := it.Limits.Promised, it.Limits.Legal
		return when(l.N > 0 && p.N > 0 && l.Unit != p.Unit, "promised")
	},
}
