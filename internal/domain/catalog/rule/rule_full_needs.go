package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleFullNeeds: fully online without what it needs.
var ruleFullNeeds = Rule{
	Key: "full_needs", Basis: "GB/T 39554.1 网上办理", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		if it.Online == item.OnlineFull {
			for _, x := range []struct {
				missing  bool
				zh, name string
			}{{it.Form == "", "表单", "form"}, {it.Flow == "", "流程", "flow"}, {it.Result.Name == "", "结果", "result"}} {
				if x.missing {
					out = append(out, at("online", -1, errs.P{"name": x.zh, "en": x.name}))
				}
			}
		}
		return out
	},
}
