package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleUrlMissing: no address online.
var ruleUrlMissing = Rule{
	Key: "url_missing", Basis: "GB/T 39554.1 网上办理地址", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Online == item.OnlineExternal && !strings.HasPrefix(it.URL, "https://"), "url")
	},
}
