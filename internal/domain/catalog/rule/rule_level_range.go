package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleLevelRange: identity level out of range.
var ruleLevelRange = Rule{
	Key: "level_range", Basis: "GB/T 36633 身份核验等级", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		out := when(it.Level < 0 || it.Level > 4, "level")
		for _, l := range []struct {
			name string
			n    int
		}{{"apply", it.Levels.Apply}, {"sign", it.Levels.Sign}, {"collect", it.Levels.Collect}, {"view", it.Levels.View}} {
			if l.n < 0 || l.n > 4 {
				out = append(out, put(when(true, "level"), "/levels/"+l.name)...)
			}
		}
		return out
	},
}
