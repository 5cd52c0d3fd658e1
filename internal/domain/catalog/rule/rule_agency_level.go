package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleAgencyLevel: level of exercise is not the agency's.
var ruleAgencyLevel = Rule{
	Key: "agency_level", Basis: "GB/T 39554.1 行使层级", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Agency == nil || it.UseLevel == "" || it.UseLevel == "7" {
			return nil
		}
		a, ok := f.Agency(it.Agency)
		if ok && a.Level != "" && a.Level != it.UseLevel {
			return one("use_level", item.Named(item.Named(errs.P{}, "level", "use_level", it.UseLevel), "agency", "use_level", a.Level))
		}
		return nil
	},
}
