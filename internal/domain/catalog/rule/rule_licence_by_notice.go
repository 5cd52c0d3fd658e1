package rule

import (
	"slices"
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleLicenceByNotice: a licence set by a mere notice.
var ruleLicenceByNotice = Rule{
	Key: "licence_by_notice", Basis: "行政许可法 第十七条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		notice := func(b item.Basis) bool {
			return slices.ContainsFunc([]string{"通知", "意见", "方案", "纪要", "细则（试行）"}, func(end string) bool { return strings.HasSuffix(strings.TrimSuffix(b.Law, "》"), end) })
		}
		return when(it.ItemType == "01" && len(it.Basis) > 0 && !slices.ContainsFunc(it.Basis, func(b item.Basis) bool { return !notice(b) }), "bases")
	},
}
