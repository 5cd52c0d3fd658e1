package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleUrlUnused: an address nobody needs.
var ruleUrlUnused = Rule{
	Key: "url_unused", Basis: "GB/T 39554.1 网上办理地址", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online != item.OnlineExternal && it.URL != "", "url")
	},
}
