package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSpotPromise: on the spot with a promised number of days.
var ruleSpotPromise = Rule{
	Key: "spot_promise", Basis: "ZWFW C0109 办件类型", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Limits.OnTheSpot && it.Limits.Promised.N != 0, "promised")
	},
}
