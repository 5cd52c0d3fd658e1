package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSpotSeparate: on the spot, yet review and decision apart.
var ruleSpotSeparate = Rule{
	Key: "spot_separate", Basis: "行政许可法 第三十四条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return put(when(it.Limits.OnTheSpot && it.Separate && it.Flow != "", "promised"), "/separate")
	},
}
