package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialBasis: a material without a basis.
var ruleMaterialBasis = Rule{
	Key: "material_basis", Basis: "行政许可法 第三十一条", Level: Advice,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source == item.FromApplicant && strings.TrimSpace(m.Basis) == "" {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
