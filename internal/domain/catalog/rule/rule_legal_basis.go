package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleLegalBasis: the legal limit has no basis.
var ruleLegalBasis = Rule{
	Key: "legal_basis", Basis: "国办函〔2016〕108号 法定办结时限", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Limits.Legal.Basis == "", "legal_basis")
	},
}
