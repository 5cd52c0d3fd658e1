package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleVisitsMail: neither online, nor by post, nor a trip.
var ruleVisitsMail = Rule{
	Key: "visits_mail", Basis: "ZWFW C0109 办理形式", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Visits != nil && *it.Visits == 0 && it.Online == item.OnlineGuide && !slices.Contains(it.Channels, "4"), "channels")
	},
}
