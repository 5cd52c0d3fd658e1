package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleAcceptanceLicence: a licence not accepted by the Licensing Law.
var ruleAcceptanceLicence = Rule{
	Key: "acceptance_licence", Basis: "行政许可法 第三十二条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		r := it.Limits.AcceptanceRule
		return when(it.ItemType == "01" && r != item.AcceptLicensing && (r != "" || it.Imported == nil), "acceptance_rule")
	},
}
