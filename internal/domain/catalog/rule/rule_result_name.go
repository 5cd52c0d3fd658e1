package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleResultName: a result without a name.
var ruleResultName = Rule{
	Key: "result_name", Basis: "GB/T 39554.1 审批结果", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Result.Kind != "none" && strings.TrimSpace(it.Result.Name) == "", "result_name")
	},
}
