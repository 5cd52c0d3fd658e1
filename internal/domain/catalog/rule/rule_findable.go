package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleFindable: no everyday names.
var ruleFindable = Rule{
	Key: "findable", Basis: "Tongban 搜索", Level: Advice,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Everyday) == 0, "everyday")
	},
}
