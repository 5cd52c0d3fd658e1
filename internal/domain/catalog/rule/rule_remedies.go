package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleRemedies: remedies cannot be told.
var ruleRemedies = Rule{
	Key: "remedies", Basis: "行政复议法 第二十四条、第二十七条；行政诉讼法 第四十六条", Level: Warn, From: "2024-01-01",
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Agency == nil || it.ItemType == "20" || it.ItemType == "21" {
			return nil
		}
		a, ok := f.Agency(it.Agency)
		return when(ok && (!a.Review || !a.Court && first(it, "court") == ""), "court")
	},
}
