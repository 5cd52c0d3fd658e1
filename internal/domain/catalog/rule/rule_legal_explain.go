package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleLegalExplain: no legal limit and no word about it.
var ruleLegalExplain = Rule{
	Key: "legal_explain", Basis: "国办函〔2016〕108号 法定办结时限", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Limits.Legal.N == 0 && it.Limits.Legal.Explain == "", "legal")
	},
}
