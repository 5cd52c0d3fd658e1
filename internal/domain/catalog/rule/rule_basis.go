package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleBasis: no legal basis.
var ruleBasis = Rule{
	Key: "basis", Basis: "行政许可法 第十四条至第十七条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Basis) == 0, "bases")
	},
}
