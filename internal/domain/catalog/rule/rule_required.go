package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleRequired: a required element is missing.
var ruleRequired = Rule{
	Key: "required", Basis: "GB/T 39554.1 必填要素", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().required {
			if len(e.Get(it)) == 0 {
				out = append(out, at(e.Key, -1, errs.P{"name": e.Chinese, "en": e.English}))
			}
		}
		return out
	},
}
