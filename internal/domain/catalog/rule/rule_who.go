package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleWho: no conditions.
var ruleWho = Rule{
	Key: "who", Basis: "行政许可法 第三十条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Who) == 0, "who")
	},
}
