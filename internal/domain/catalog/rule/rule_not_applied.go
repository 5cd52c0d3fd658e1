package rule

import (
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleNotApplied: a type nobody applies for.
var ruleNotApplied = Rule{
	Key: "not_applied", Basis: "国办函〔2016〕108号 事项类型", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		known := slices.Contains(item.Lists["type"], it.ItemType)
		if known && !slices.Contains(item.Applied, it.ItemType) {
			return one("item_type", item.Named(errs.P{}, "code", "type", it.ItemType))
		}
		return nil
	},
}
