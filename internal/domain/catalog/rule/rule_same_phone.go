package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSamePhone: complaints go to those complained of.
var ruleSamePhone = Rule{
	Key: "same_phone", Basis: "GB/T 39554.1 监督投诉方式", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Consult.Phone != "" && it.Consult.Phone == it.Complain.Phone, "complain")
	},
}
