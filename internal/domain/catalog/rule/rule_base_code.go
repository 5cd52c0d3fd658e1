package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cnid"
)

// ruleBaseCode: directory code of the wrong shape.
var ruleBaseCode = Rule{
	Key: "base_code", Basis: "ZWFW C0109.1—2018 编码规则", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		if it.BaseCode != "" && (len(it.BaseCode) != 12 || cnid.CheckItemCode(it.BaseCode) != nil) {
			return one("base_code", errs.P{"code": it.BaseCode})
		}
		return nil
	},
}
