package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleValidityResult: a validity of nothing.
var ruleValidityResult = Rule{
	Key: "validity_result", Basis: "行政许可法 第五十条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Validity != (item.Validity{}) && it.Result.Kind == "none", "validity")
	},
}
