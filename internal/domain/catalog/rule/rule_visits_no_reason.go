package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleVisitsNoReason: a reason to come, and no trip.
var ruleVisitsNoReason = Rule{
	Key: "visits_no_reason", Basis: "ZWFW C0109 必须现场办理原因说明", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Visits != nil && *it.Visits == 0 && strings.TrimSpace(it.VisitsReason) != "", "visits_reason")
	},
}
