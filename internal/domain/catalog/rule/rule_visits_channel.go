package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleVisitsChannel: no trip, yet only the counter.
var ruleVisitsChannel = Rule{
	Key: "visits_channel", Basis: "ZWFW C0109 办理形式", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		away := slices.ContainsFunc(it.Channels, func(c string) bool { return c == "2" || c == "3" || c == "4" })
		return when(it.Visits != nil && *it.Visits == 0 && !away, "channels")
	},
}
