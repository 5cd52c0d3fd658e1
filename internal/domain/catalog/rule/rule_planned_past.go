package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// rulePlannedPast: the planned cancellation has passed.
var rulePlannedPast = Rule{
	Key: "planned_past", Basis: "GB/T 39554.1 计划取消日期", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		to := first(it, "cancel")
		if to != "" && f.Today != "" && to < f.Today {
			return one("cancel", errs.P{"to": to})
		}
		return nil
	},
}
