package rule

import (
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleCodeTwice: a code given twice.
var ruleCodeTwice = Rule{
	Key: "code_twice", Basis: "GB/T 39554.1 代码表", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().codes {
			vs := e.Get(it)
			for j, v := range vs {
				if slices.Contains(vs[:j], v) {
					out = append(out, at(e.Key, -1, errs.P{"value": v}))
				}
			}
		}
		return out
	},
}
