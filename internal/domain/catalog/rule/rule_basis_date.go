package rule

import (
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBasisDate: date of a basis wrong.
var ruleBasisDate = Rule{
	Key: "basis_date", Basis: "GB/T 39554.1 设定依据", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, b := range it.Basis {
			if _, err := time.Parse(time.DateOnly, b.Effective); b.Effective != "" && err != nil {
				out = append(out, at("bases", i, errs.P{"value": b.Effective}))
			}
		}
		return out
	},
}
