package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// rulePlannedDates: cancelled before it takes effect.
var rulePlannedDates = Rule{
	Key: "planned_dates", Basis: "GB/T 39554.1 计划生效/取消日期", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		from, to := first(it, "effective"), first(it, "cancel")
		if from != "" && to != "" && to <= from {
			return one("cancel", errs.P{"from": from, "to": to})
		}
		return nil
	},
}

// first is the first value of an element, "" for none.
func first(it *item.Item, key string) string {
	e := elementAt()[key]
	if vs := e.Get(it); len(vs) > 0 {
		return vs[0]
	}
	return ""
}
