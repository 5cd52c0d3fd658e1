package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleDepthGuide: guide only, yet handled online.
var ruleDepthGuide = Rule{
	Key: "depth_guide", Basis: "ZWFW C0109 网上办理深度", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineGuide && (slices.Contains(it.Depth, "4") || slices.Contains(it.Depth, "5")), "depth")
	},
}
