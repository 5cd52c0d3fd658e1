package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
)

// rulePromiseBeyondLaw: the promise goes beyond the law.
var rulePromiseBeyondLaw = Rule{
	Key: "promise_beyond_law", Basis: "行政许可法 第四十二条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		p, l := it.Limits.Promised, it.Limits.Legal
		comparable := p.Unit == l.Unit || p.Unit == clock.Workday && l.Unit == clock.NaturalDay // n working days are never fewer natural ones
		if l.N > 0 && comparable && p.N > l.N {
			return one("promised", errs.P{"promised": p.N, "legal": l.N})
		}
		return nil
	},
}
