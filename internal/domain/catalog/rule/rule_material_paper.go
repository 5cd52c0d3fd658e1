package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialPaper: paper, but how many.
var ruleMaterialPaper = Rule{
	Key: "material_paper", Basis: "GB/T 39554.1 材料份数", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source == item.FromApplicant && m.Medium == "paper" && m.Original+m.Copies == 0 {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
