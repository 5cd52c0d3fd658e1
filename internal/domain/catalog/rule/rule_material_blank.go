package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialBlank: a form nobody can download.
var ruleMaterialBlank = Rule{
	Key: "material_blank", Basis: "GB/T 39554.1 空表、样表", Level: Advice,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source == item.FromApplicant && m.Empty == "" && (strings.HasSuffix(m.Name, "申请表") || strings.HasSuffix(m.Name, "申请书") || strings.HasSuffix(m.Name, "登记表")) {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}
