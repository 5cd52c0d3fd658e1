package rule

import (
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleLimitRange: limit or unit wrong.
var ruleLimitRange = Rule{
	Key: "limit_range", Basis: "GB/T 39554.1 时限", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for _, l := range limits(it) {
			needed := l.element == "special" || l.element == "limits"
			wrongUnit := !slices.Contains(item.Lists["unit"], string(l.Unit)) && (l.N != 0 || l.Unit != "")
			if wrongUnit || l.N < 0 || needed && l.N == 0 || l.N > 0 && !wrongUnit && l.Period().Check() != nil {
				x := at(l.element, -1, item.Named(errs.P{"n": l.N}, "unit", "unit", string(l.Unit)))
				x.Pointer = l.pointer
				out = append(out, x)
			}
		}
		return out
	},
}

type limit struct {
	item.Limit
	element, pointer string
}

// limits are all periods of an item that are given.
func limits(it *item.Item) []limit {
	l := it.Limits
	out := []limit{{l.Legal, "legal", "/limits/legal"}, {l.Promised, "promised", "/limits/promised"}}
	for _, x := range []struct {
		l             *item.Limit
		element, name string
	}{{l.Extension, "special", "extension"}, {l.Correction, "limits", "correction"}, {l.Certificate, "limits", "certificate"}} {
		if x.l != nil {
			out = append(out, limit{*x.l, x.element, "/limits/" + x.name})
		}
	}
	return out
}
