package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialFiles: uploaded, but how.
var ruleMaterialFiles = Rule{
	Key: "material_files", Basis: "Tongban 材料", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source == item.FromApplicant && m.Medium != "paper" && it.Imported == nil && (len(m.Formats) == 0 || m.MaxMB < 1 || m.MaxMB > 300 || m.MaxFiles < 1 || m.MaxFiles > 50) {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
