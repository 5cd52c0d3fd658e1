package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialUpload: not uploaded, yet with formats.
var ruleMaterialUpload = Rule{
	Key: "material_upload", Basis: "Tongban 材料", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source != item.FromApplicant && (len(m.Formats) > 0 || m.MaxMB > 0 || m.MaxFiles > 0) {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
