package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleOnTheSpot: kind of case and promise disagree.
var ruleOnTheSpot = Rule{
	Key: "on_the_spot", Basis: "ZWFW C0109 办件类型", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		spot := it.Limits.OnTheSpot
		return when(spot && it.CaseKind == "2" || !spot && it.CaseKind == "1", "case_kind")
	},
}
