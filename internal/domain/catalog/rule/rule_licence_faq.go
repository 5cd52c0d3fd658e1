package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleLicenceFaq: a licence without frequent questions.
var ruleLicenceFaq = Rule{
	Key: "licence_faq", Basis: "ZWFW C0109 常见问题", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(licensing(it) && len(it.FAQ) == 0, "faq")
	},
}
