package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBasisStatus: a basis that says nothing of how it was checked.
var ruleBasisStatus = Rule{
	Key: "basis_status", Basis: "Tongban 依据核对", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, b := range it.Basis {
			if it.Imported == nil && b.Status == "" {
				out = append(out, at("bases", i, errs.P{"value": b.Status}))
			}
		}
		return out
	},
}
