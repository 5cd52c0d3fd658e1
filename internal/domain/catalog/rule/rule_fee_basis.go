package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleFeeBasis: a fee without a basis.
var ruleFeeBasis = Rule{
	Key: "fee_basis", Basis: "行政许可法 第五十八条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Fee.Charged && strings.TrimSpace(it.Fee.Basis) == "", "fee_basis")
	},
}
