package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
)

// ruleCertificateDays: licence issued later than ten days.
var ruleCertificateDays = Rule{
	Key: "certificate_days", Basis: "行政许可法 第四十四条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		c := it.Limits.Certificate
		if licensing(it) && c != nil && c.Unit == clock.Workday && c.N > 10 {
			return put(one("limits", errs.P{"n": c.N}), "/limits/certificate")
		}
		return nil
	},
}
