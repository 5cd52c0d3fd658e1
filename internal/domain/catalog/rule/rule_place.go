package rule

import (
	"tongban/internal/domain/catalog/item"
)

// rulePlace: no place.
var rulePlace = Rule{
	Key: "place", Basis: "国办函〔2016〕108号 办理地点", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Windows)+len(it.Places)+len(it.Extra["address"]) == 0, "windows")
	},
}
