package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleCodeRetired: a code that its dictionary has ended. What was stored with it stays as it is; whoever edits or imports it anew takes another.
var ruleCodeRetired = Rule{
	Key: "code_retired", Basis: "GB/T 39554.1 代码表", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Ended == nil {
			return nil
		}
		return f.coded(it, func(list, code string) errs.P {
			if ended := f.Ended(list, code); ended != "" {
				return errs.P{"date": ended}
			}
			return nil
		})
	},
}
