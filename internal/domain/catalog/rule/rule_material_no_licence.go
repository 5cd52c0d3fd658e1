package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialNoLicence: asked for although the government holds it.
var ruleMaterialNoLicence = Rule{
	Key: "material_no_licence", Basis: "国务院令第716号 第十一条", Level: Block, From: "2019-04-26",
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source != item.FromLicence && m.LicenceType != "" {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
