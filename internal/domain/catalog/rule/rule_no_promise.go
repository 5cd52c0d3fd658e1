package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleNoPromise: no promised limit.
var ruleNoPromise = Rule{
	Key: "no_promise", Basis: "国办函〔2016〕108号 承诺办结时限", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(!it.Limits.OnTheSpot && it.Limits.Promised.N == 0, "promised")
	},
}
