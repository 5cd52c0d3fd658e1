package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleSerial: serial out of range.
var ruleSerial = Rule{
	Key: "serial", Basis: "ZWFW C0109.1—2018 编码规则", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Imported == nil && (it.Serial < 1 || it.Serial > 99), "serial")
	},
}
