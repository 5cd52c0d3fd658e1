package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleBasisFictional: a fictional basis that does not say so.
var ruleBasisFictional = Rule{
	Key: "basis_fictional", Basis: "Tongban 依据核对", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, b := range it.Basis {
			if b.Status == "fictional" && !strings.Contains(b.Law, "虚构") {
				out = append(out, at("bases", i))
			}
		}
		return out
	},
}
