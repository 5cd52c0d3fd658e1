package rule

import (
	"slices"

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
		ours, known := typeIn(inCode)
		same := ours == it.ItemType || ours == "11" && it.ItemType == "10" || ours == "21" && it.ItemType == "20"
		if !known || !same {
			return one("base_code", item.Named(errs.P{"code": inCode}, "type", "type", it.ItemType))
		}
		return nil
	},
}

// typeIn gives the type that two digits of a directory code stand for: 12 to 15 and 22 to 24 are extensions, as 11 and 21 are.
func typeIn(code string) (string, bool) {
	switch {
	case code > "11" && code < "16":
		code = "11"
	case code > "21" && code < "25":
		code = "21"
	}
	return code, slices.Contains(item.Lists["type"], code)
}
