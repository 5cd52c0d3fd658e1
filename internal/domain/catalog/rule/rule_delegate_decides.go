package rule

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleDelegateDecides: a licence decided elsewhere without a basis.
var ruleDelegateDecides = Rule{
	Key: "delegate_decides", Basis: "行政许可法 第二十四条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i, d := range it.Delegates {
			if it.ItemType == "01" && slices.Contains(d.Acts, "decide") && strings.TrimSpace(d.Basis) == "" {
				out = append(out, at("delegates", i, errs.P{"office": d.Office}))
			}
		}
		return out
	},
}
