package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleResultNoType: a type of licence, yet no licence.
var ruleResultNoType = Rule{
	Key: "result_no_type", Basis: "GB/T 36903 电子证照", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Result.Kind != "licence" && it.Result.LicenceType != "", "licence_type")
	},
}
