package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBaseType: directory code and type disagree.
var ruleBaseType = Rule{
	Key: "base_type", Basis: "ZWFW C0109.1—2018 编码规则", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		if len(it.BaseCode) != 12 || it.ItemType == "" {
			return nil
		}
		inCode := it.BaseCode[2:4]
		ours, known := item.MapCode(item.National, "type", inCode)
		same := ours == it.ItemType || ours == "11" && it.ItemType == "10" || ours == "21" && it.ItemType == "20"
		if !known || !same {
			return one("base_code", errs.P{"code": inCode, "type": it.ItemType})
		}
		return nil
	},
}
