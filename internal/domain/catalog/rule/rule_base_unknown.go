package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleBaseUnknown: not in the directory.
var ruleBaseUnknown = Rule{
	Key: "base_unknown", Basis: "国办发〔2015〕29号；事项目录管理", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Base == nil || it.BaseCode == "" {
			return nil
		}
		_, ok := f.Base(it.BaseCode)
		if !ok && it.BaseVersion > 0 {
			return one("base_code", errs.P{"code": it.BaseCode})
		}
		return nil
	},
}
