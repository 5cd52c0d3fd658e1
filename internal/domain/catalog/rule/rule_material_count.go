package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialCount: number of copies wrong.
var ruleMaterialCount = Rule{
	Key: "material_count", Basis: "GB/T 39554.1 材料份数", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Original < 0 || m.Copies < 0 || m.Original > 99 || m.Copies > 99 {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
