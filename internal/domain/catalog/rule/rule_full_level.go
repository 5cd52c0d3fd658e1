package rule

import "tongban/internal/domain/catalog/item"

// ruleFullLevel: identity level too low for fully online.
var ruleFullLevel = Rule{
	Key: "full_level", Basis: "国务院令第716号 第九条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		full := it.Online == item.OnlineFull
		return append(when(full && it.Level < 2, "level"), put(when(full && it.Levels.Apply == 1, "level"), "/levels/apply")...)
	},
}
