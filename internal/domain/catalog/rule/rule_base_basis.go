package rule

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBaseBasis: a basis of the directory is missing.
var ruleBaseBasis = Rule{
	Key: "base_basis", Basis: "国办函〔2016〕108号 目录与实施清单一致", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		b, ok := base(f, it)
		if !ok {
			return nil
		}
		var missing []string
		for _, law := range b.Basis {
			if law != "" && !slices.ContainsFunc(it.Basis, func(x item.Basis) bool {
				return strings.Contains(x.Law, law) || strings.Contains(law, x.Law) && x.Law != ""
			}) {
				missing = append(missing, law)
			}
		}
		if len(missing) > 0 {
			return one("bases", errs.P{"laws": strings.Join(missing, "、")})
		}
		return nil
	},
}
