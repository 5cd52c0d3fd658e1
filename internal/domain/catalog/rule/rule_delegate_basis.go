package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleDelegateBasis: delegated without a basis.
var ruleDelegateBasis = Rule{
	Key: "delegate_basis", Basis: "行政许可法 第二十四条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, d := range it.Delegates {
			if strings.TrimSpace(d.Basis) == "" {
				out = append(out, at("delegates", i, errs.P{"office": d.Office}))
			}
		}
		return out
	},
}
