package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialAccept: a material without a standard.
var ruleMaterialAccept = Rule{
	Key: "material_accept", Basis: "行政许可法 第三十条 受理标准", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if strings.TrimSpace(m.Accept) == "" && it.Imported == nil {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
