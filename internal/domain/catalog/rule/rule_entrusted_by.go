package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleEntrustedBy: entrusted, and nobody says by whom.
var ruleEntrustedBy = Rule{
	Key: "entrusted_by", Basis: "行政许可法 第二十四条", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		entrusted := first(it, "power_source") == "5" || first(it, "power_source") == "6" || first(it, "agency_nature") == "3"
		if !entrusted && f.Agency != nil {
			a, ok := f.Agency(it.Agency)
			entrusted = ok && a.Nature == "3"
		}
		return when(entrusted && first(it, "entrusted_by") == "", "entrusted_by")
	},
}
