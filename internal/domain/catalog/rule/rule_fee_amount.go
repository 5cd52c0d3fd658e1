package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleFeeAmount: tariff wrong.
var ruleFeeAmount = Rule{
	Key: "fee_amount", Basis: "GB/T 39554.1 收费标准", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, r := range it.Fee.Rows {
			if r.StandardFen < 0 || r.Unit == "" && r.Standard == "" {
				out = append(out, at("fees", i, errs.P{"name": r.Name}))
			}
		}
		return out
	},
}
