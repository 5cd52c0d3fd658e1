package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBaseState: the directory's item is suspended or cancelled.
var ruleBaseState = Rule{
	Key: "base_state", Basis: "国办函〔2016〕108号 动态调整", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		b, ok := base(f, it)
		if !ok {
			return nil
		}
		if b.State == "2" || b.State == "3" {
			return one("base_code", item.Named(errs.P{"code": it.BaseCode}, "state", "state", b.State))
		}
		return nil
	},
}
