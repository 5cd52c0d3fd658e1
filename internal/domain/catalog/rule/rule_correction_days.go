package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
)

// ruleCorrectionDays: correction told later than five days.
var ruleCorrectionDays = Rule{
	Key: "correction_days", Basis: "行政许可法 第三十二条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		c := it.Limits.Correction
		if licensing(it) && c != nil && c.Unit == clock.Workday && c.N > 5 {
			return put(one("limits", errs.P{"n": c.N}), "/limits/correction")
		}
		return nil
	},
}

func licensing(it *item.Item) bool { return it.Limits.AcceptanceRule == item.AcceptLicensing }
