package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleValidity: validity wrong.
var ruleValidity = Rule{
	Key: "validity", Basis: "行政许可法 第五十条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		v := it.Validity
		return when(v.Years < 0 || v.Months < 0 || v.Days < 0 || v.Years > 100, "validity")
	},
}
