package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// ruleVisitsPlanned: fewer trips than it takes.
var ruleVisitsPlanned = Rule{
	Key: "visits_planned", Basis: "国办发〔2018〕45号 最多跑一次", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		if it.Visits == nil { // what nobody has said cannot be too little
			return nil
		}
		n, why := item.Trips(it)
		if n > *it.Visits {
			return one("visits", errs.P{"n": n, "visits": *it.Visits, "why": i18n.In(i18n.Chinese, why), "why_en": i18n.In(i18n.English, why)})
		}
		return nil
	},
}
