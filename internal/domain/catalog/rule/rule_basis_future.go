package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBasisFuture: a basis that is not in force yet.
var ruleBasisFuture = Rule{
	Key: "basis_future", Basis: "立法法 第六十二条", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for i, b := range it.Basis {
			if f.Today != "" && b.Effective > f.Today && first(it, "effective") < b.Effective {
				out = append(out, at("bases", i, errs.P{"law": b.Law, "date": b.Effective}))
			}
		}
		return out
	},
}
