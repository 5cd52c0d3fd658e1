package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleFeeNoAmount: a fee without an amount.
var ruleFeeNoAmount = Rule{
	Key: "fee_no_amount", Basis: "GB/T 39554.1 收费标准", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, r := range it.Fee.Rows {
			if r.StandardFen == 0 && strings.TrimSpace(r.Standard) == "" {
				out = append(out, at("fees", i, errs.P{"name": r.Name}))
			}
		}
		return out
	},
}
