package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSignLevel: a level for signing, yet nothing is signed.
var ruleSignLevel = Rule{
	Key: "sign_level", Basis: "电子签名法 第十四条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Levels.Sign > 0 && !it.Signs(), "level_sign")
	},
}
