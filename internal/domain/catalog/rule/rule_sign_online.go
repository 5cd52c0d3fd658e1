package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSignOnline: signed electronically, yet not online.
var ruleSignOnline = Rule{
	Key: "sign_online", Basis: "电子签名法 第三条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Sign && it.Online != item.OnlineFull, "sign")
	},
}
