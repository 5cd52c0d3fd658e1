package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleCheckShape: a check that is not complete.
var ruleCheckShape = Rule{
	Key: "check_shape", Basis: "Tongban 提交前核对", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		seen := map[string]bool{}
		for i, r := range it.CheckRules {
			if seen[r.Name] || r.When.IsZero() {
				out = append(out, at("checks", i, errs.P{"name": r.Name}))
			}
			seen[r.Name] = true
		}
		return out
	},
}
