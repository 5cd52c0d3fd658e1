package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleFullDepth: depth too small for fully online.
var ruleFullDepth = Rule{
	Key: "full_depth", Basis: "ZWFW C0109 网上办理深度", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineFull && (!slices.Contains(it.Depth, "4") || !slices.Contains(it.Depth, "5")), "depth")
	},
}
