package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
)

// ruleLicenceTwenty: licence limit above twenty days.
var ruleLicenceTwenty = Rule{
	Key: "licence_twenty", Basis: "行政许可法 第四十二条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		l := it.Limits.Legal
		own := l.Basis != "" && !strings.Contains(l.Basis, "行政许可法")
		if it.ItemType == "01" && l.Unit == clock.Workday && l.N > 20 && !own {
			return one("legal", errs.P{"n": l.N})
		}
		return nil
	},
}
