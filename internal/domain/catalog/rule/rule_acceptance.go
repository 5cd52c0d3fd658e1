package rule

import (
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleAcceptance: unknown rule of acceptance.
var ruleAcceptance = Rule{
	Key: "acceptance", Basis: "行政许可法 第三十二条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		r := it.Limits.AcceptanceRule
		if (r != "" || it.Imported == nil) && !slices.Contains(item.Lists["acceptance"], r) {
			out := one("acceptance_rule", item.Named(errs.P{"value": r}, "list", "acceptance", item.Lists["acceptance"]...))
			if r == "" {
				out[0].Said = "rule.acceptance_none"
			}
			return out
		}
		return nil
	},
}
