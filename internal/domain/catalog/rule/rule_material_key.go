package rule

import (
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
			if !isKey(m.Key) || seen[m.Key] {
				out = append(out, at("materials", i, errs.P{"key": m.Key}))
			}
			seen[m.Key] = true
		}
		return out
	},
}

// isKey reports whether a text is a key: small letters and digits, with single hyphens between them.
func isKey(s string) bool {
	last := byte('-')
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || last == '-') {
			return false
		}
		last = c
	}
	return last != '-'
}
