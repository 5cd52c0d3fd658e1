package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleFullVisits: fully online, yet one has to come.
var ruleFullVisits = Rule{
	Key: "full_visits", Basis: "ZWFW C0109 到办事现场次数", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineFull && it.Visits != nil && *it.Visits > 0, "visits")
	},
}
