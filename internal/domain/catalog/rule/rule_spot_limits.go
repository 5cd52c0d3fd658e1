package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSpotLimits: on the spot with an extension or special procedure.
var ruleSpotLimits = Rule{
	Key: "spot_limits", Basis: "ZWFW C0109 办件类型", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		l := it.Limits
		return when(l.OnTheSpot && (l.Extension != nil || len(it.Special) > 0), "special")
	},
}
