package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleFullChannel: fully online without the channel.
var ruleFullChannel = Rule{
	Key: "full_channel", Basis: "ZWFW C0109 办理形式", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineFull && !slices.Contains(it.Channels, "2"), "channels")
	},
}
