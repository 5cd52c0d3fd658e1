package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBaseOutdated: an old version of the directory.
var ruleBaseOutdated = Rule{
	Key: "base_outdated", Basis: "国办函〔2016〕108号 动态调整", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		b, ok := base(f, it)
		if !ok {
			return nil
		}
		if it.BaseVersion > 0 && it.BaseVersion < b.Version {
			return one("base_version", errs.P{"have": it.BaseVersion, "now": b.Version})
		}
		return nil
	},
}
