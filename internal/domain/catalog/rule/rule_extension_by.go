package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleExtensionBy: an extension nobody approves.
var ruleExtensionBy = Rule{
	Key: "extension_by", Basis: "行政许可法 第四十二条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return put(when(it.Limits.Extension != nil && it.Limits.Extension.By == "", "special"), "/limits/extension")
	},
}
