package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialTwice: a material asked for twice.
var ruleMaterialTwice = Rule{
	Key: "material_twice", Basis: "行政许可法 第三十一条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			for _, n := range it.Materials[:i] {
				if strings.TrimSpace(m.Name) == strings.TrimSpace(n.Name) && m.Name != "" && m.When.String() == n.When.String() {
					out = append(out, at("materials", i, errs.P{"name": m.Name}))
					break
				}
			}
		}
		return out
	},
}
