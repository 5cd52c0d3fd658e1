package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
)

// ruleExtensionTen: extension beyond the law.
var ruleExtensionTen = Rule{
	Key: "extension_ten", Basis: "行政许可法 第四十二条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		x := it.Limits.Extension
		if it.ItemType == "01" && x != nil && x.Unit == clock.Workday && x.N > 15 {
			return put(one("special", errs.P{"n": x.N}), "/limits/extension")
		}
		return nil
	},
}
