package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialLater: what the law demands cannot follow later.
var ruleMaterialLater = Rule{
	Key: "material_later", Basis: "行政许可法 第三十二条；地方容缺受理规定", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.LegalDemand && m.Required == item.RequiredLater {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
