package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleResultType: a licence of no type.
var ruleResultType = Rule{
	Key: "result_type", Basis: "GB/T 36903 电子证照", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineFull && it.Result.Kind == "licence" && it.Result.LicenceType == "", "licence_type")
	},
}
