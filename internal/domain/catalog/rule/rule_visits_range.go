package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleVisitsRange: number of trips wrong.
var ruleVisitsRange = Rule{
	Key: "visits_range", Basis: "ZWFW C0109 到办事现场次数", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Visits != nil && (*it.Visits < 0 || *it.Visits > 20), "visits")
	},
}
