package rule

import (
	"regexp"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialKey: key of a material wrong.
var ruleMaterialKey = Rule{
	Key: "material_key", Basis: "Tongban 材料标识", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		seen := make(map[string]bool, len(it.Materials))
		for i := range it.Materials {
			m := &it.Materials[i]
			if !itemKey.MatchString(m.Key) || seen[m.Key] {
				out = append(out, at("materials", i, errs.P{"key": m.Key}))
			}
			seen[m.Key] = true
		}
		return out
	},
}

var itemKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
