package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleResultSample: a result without a sample.
var ruleResultSample = Rule{
	Key: "result_sample", Basis: "GB/T 39554.1 结果样本", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Result.Kind != "none" && it.Result.Name != "" && it.Result.Sample == "" && it.Imported == nil, "result_sample")
	},
}
