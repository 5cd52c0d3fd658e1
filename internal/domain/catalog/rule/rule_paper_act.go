package rule

import (
	"maps"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// rulePaperAct: no such paper.
var rulePaperAct = Rule{
	Key: "paper_act", Basis: "Tongban 文书", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for _, act := range slices.Sorted(maps.Keys(it.Papers)) {
			if !slices.Contains(item.PaperActs, act) {
				x := at("papers", -1, item.Named(errs.P{"value": act}, "list", "paper_act", item.PaperActs...))
				x.Pointer = "/papers/" + act
				out = append(out, x)
			}
		}
		return out
	},
}
