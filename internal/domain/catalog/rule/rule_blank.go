package rule

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBlank: a blank line.
var ruleBlank = Rule{
	Key: "blank", Basis: "GB/T 39554.1", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().lists {
			if slices.ContainsFunc(e.Get(it), func(s string) bool { return strings.TrimSpace(s) == "" }) {
				out = append(out, at(e.Key, -1, errs.P{"name": e.Chinese, "en": e.English}))
			}
		}
		return out
	},
}
